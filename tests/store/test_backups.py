from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from roc_core.errors import StoreUnavailable, ValueRejected
from roc_core.schema import Label, Record
from roc_core.store import BACKUPS_KEPT, Store


def test_a_backup_opens_as_a_workspace(
    store: Store, make: Callable[..., Record], tmp_path: Path
) -> None:
    item = store.save_item(make(), None)
    store.add_correction(item.id, Label("x"), "ann")
    copy = store.backup("Before the “big” import/../!")
    assert copy.parent == store.folder / "backups"
    assert copy.name.endswith("Z-before-the-big-import.db")
    store.add_correction(item.id, Label("y"), "ann")
    (tmp_path / "restored").mkdir()
    copy.rename(tmp_path / "restored" / "workspace.db")
    restored = Store.open(tmp_path / "restored")
    restored.check()
    assert restored.item(item.id).label == Label("x")
    assert list((store.folder / "backups").iterdir()) == []


def test_a_backup_does_not_wait_for_a_writer(store: Store, make: Callable[..., Record]) -> None:
    store.save_item(make(), None)
    conn = sqlite3.connect(store.folder / "workspace.db", isolation_level=None)
    conn.execute("BEGIN IMMEDIATE")
    conn.execute("DELETE FROM items")
    copy = store.backup("while busy")
    conn.execute("ROLLBACK")
    conn.close()
    check = sqlite3.connect(copy)
    assert check.execute("SELECT count(*) FROM items").fetchone() == (1,)
    check.close()


def test_only_the_newest_stay(store: Store) -> None:
    made = [store.backup(f"n{n}") for n in range(11)]
    assert sorted((store.folder / "backups").iterdir()) == made[1:]
    store.set_setting(BACKUPS_KEPT, "2")
    last = store.backup("last")
    assert sorted((store.folder / "backups").iterdir()) == [made[-1], last]


@pytest.mark.parametrize("value", ["0", "-1", "many", "", "²"])
def test_how_many_stay_must_be_a_number(store: Store, value: str) -> None:
    with pytest.raises(ValueRejected, match="a whole number of backups from 1"):
        store.set_setting(BACKUPS_KEPT, value)


def test_check_finds_a_label_that_is_not_the_logs(
    store: Store, make: Callable[..., Record]
) -> None:
    store.save_item(make(label=Label("x")), None)
    store.check()
    conn = sqlite3.connect(store.folder / "workspace.db")
    conn.execute("UPDATE items SET relation = 'y'")
    conn.commit()
    conn.close()
    with pytest.raises(StoreUnavailable, match="1 items whose label differs from the log"):
        store.check()


def test_check_finds_a_reference_to_nothing(store: Store, make: Callable[..., Record]) -> None:
    item = store.save_item(make(), None)
    store.add_correction(item.id, Label("x"), "ann")
    conn = sqlite3.connect(store.folder / "workspace.db")  # foreign keys off: SQLite's default
    conn.execute("DELETE FROM items")
    conn.commit()
    conn.close()
    with pytest.raises(StoreUnavailable, match="a row of corrections refers to a missing row of"):
        store.check()


def test_check_finds_damage(store: Store, make: Callable[..., Record]) -> None:
    store.add_records([(make(line=n, text="x" * 200), None) for n in range(300)])
    path = store.folder / "workspace.db"
    data = bytearray(path.read_bytes())
    for page in range(6, len(data) // 4096):
        data[page * 4096 : page * 4096 + 100] = b"\xa5" * 100
    path.write_bytes(data)
    with pytest.raises(StoreUnavailable, match="newest file of the folder 'backups'"):
        store.check()
