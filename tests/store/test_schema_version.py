from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from roc_core.errors import StoreInvalid, StoreUnavailable, WorkspaceMissing
from roc_core.schema import Draft, Label, Record
from roc_core.store import Store
from roc_core.store.schema_version import Migration, migrations


def _objects(path: Path) -> list[tuple[str, str, str]]:
    conn = sqlite3.connect(path)
    rows = conn.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()
    conn.close()
    return rows


def _version(path: Path) -> int:
    conn = sqlite3.connect(path)
    found = conn.execute("PRAGMA user_version").fetchone()[0]
    conn.close()
    return int(found)


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [step.number for step in migrations()] == list(range(1, len(migrations()) + 1))


def test_a_new_database(tmp_path: Path) -> None:
    Store.create(tmp_path / "a" / "b")
    conn = sqlite3.connect(tmp_path / "a" / "b" / "workspace.db")
    assert conn.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert conn.execute("PRAGMA application_id").fetchone() == (0x524F4357,)
    rows = conn.execute("SELECT number, name FROM migrations ORDER BY number").fetchall()
    assert rows == [(step.number, step.name) for step in migrations()]
    conn.close()
    assert not (tmp_path / "a" / "b" / "backups").exists()


def test_create_opens_what_is_there(store: Store, make: Callable[..., Record]) -> None:
    item = store.save_item(make(), None)
    assert Store.create(store.folder).item(item.id) == item


def test_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceMissing, match=r"no file workspace\.db\. Create a workspace"):
        Store.open(tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("last", [1, 2])
def test_an_older_database_is_backed_up_and_brought_up_to_date(
    tmp_path: Path, make: Callable[..., Record], last: int
) -> None:
    old = Store.create(tmp_path / "old", steps=migrations()[:last])
    item = old.save_item(make(), None)
    old.add_correction(item.id, Label("kept"), "ann")
    path = tmp_path / "old" / "workspace.db"
    assert _version(path) == last
    store = Store.open(tmp_path / "old")
    assert store.item(item.id).label == Label("kept")
    store.save_draft(Draft("d"))
    store.check()
    Store.create(tmp_path / "new")
    assert _objects(path) == _objects(tmp_path / "new" / "workspace.db")
    (copy,) = (tmp_path / "old" / "backups").iterdir()
    assert copy.name.endswith(f"-before-version-{len(migrations())}.db")
    assert _version(copy) == last
    Store.open(tmp_path / "old")  # nothing left to do: no second backup
    assert len(list((tmp_path / "old" / "backups").iterdir())) == 1


def test_a_newer_database_is_left_alone(store: Store) -> None:
    path = store.folder / "workspace.db"
    known = len(migrations())
    extra = Migration(known + 1, "later", "CREATE TABLE later (x);")
    Store.open(store.folder, steps=(*migrations(), extra))
    before = path.read_bytes()
    for open in (Store.open, Store.create):
        with pytest.raises(
            StoreInvalid, match=f"version {known} or older. Found version {known + 1}. Open it with"
        ):
            open(store.folder)
    assert path.read_bytes() == before


def test_a_step_that_fails_leaves_the_version_before(store: Store) -> None:
    known = len(migrations())
    broken = Migration(
        known + 1, "broken", "CREATE TABLE half (x);\nINSERT INTO nowhere VALUES (1);"
    )
    with pytest.raises(StoreUnavailable, match="no such table: nowhere"):
        Store.open(store.folder, steps=(*migrations(), broken))
    path = store.folder / "workspace.db"
    assert _version(path) == known
    assert "half" not in [name for _, name, _ in _objects(path)]
    Store.open(store.folder).check()


@pytest.mark.parametrize("finish", [False, True])
def test_an_empty_file_can_be_created_but_not_opened(tmp_path: Path, finish: bool) -> None:
    (tmp_path / "workspace.db").touch()
    with pytest.raises(StoreInvalid, match=r"Found an empty file\. Create the workspace again"):
        Store.open(tmp_path)
    if finish:
        Store.create(tmp_path).check()


@pytest.mark.parametrize("open", [Store.open, Store.create])
def test_the_database_of_another_program(tmp_path: Path, open: Callable[[Path], Store]) -> None:
    path = tmp_path / "workspace.db"
    conn = sqlite3.connect(path)
    conn.execute("CREATE TABLE theirs (x)")
    conn.commit()
    conn.close()
    before = path.read_bytes()
    with pytest.raises(StoreInvalid, match="Found a database of another program"):
        open(tmp_path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("open", [Store.open, Store.create])
def test_no_database_at_all(tmp_path: Path, open: Callable[[Path], Store]) -> None:
    path = tmp_path / "workspace.db"
    path.write_text("this is a letter to a friend, much longer than sixteen bytes\n" * 30)
    before = path.read_bytes()
    with pytest.raises(StoreInvalid, match=r"Found a file that is no SQLite database\. Choose"):
        open(tmp_path)
    assert path.read_bytes() == before


def test_statements_keep_triggers_whole() -> None:
    trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n SELECT 1;\nEND;\n"
    step = Migration(1, "x", "CREATE TABLE a (x);\n" + trigger)
    assert step.statements() == ["CREATE TABLE a (x);\n", trigger]
