"""A backup takes the place of the database: whole, undoable, while others have it open."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from roc_core.errors import BackupMissing, ItemMissing, StoreInvalid, StoreUnavailable
from roc_core.schema import Label, Record
from roc_core.store import AFTER_DAYS, BACKUPS_KEPT, Store
from roc_core.store.schema_version import Migration, migrations

Make = Callable[..., Record]


def test_a_restore_brings_back_what_was_and_can_be_undone(store: Store, make: Make) -> None:
    item = store.save_item(make(), None)
    store.add_correction(item.id, Label("then"), "ann")
    store.backup("by hand")
    later = store.save_item(make("Later it was another sentence"), None)
    now = store.add_correction(item.id, Label("now"), "ann")
    done = store.restore("latest")
    assert (done.backup.reason, done.before.reason) == ("by hand", "before restore")
    assert store.item(item.id).label == Label("then")
    with pytest.raises(ItemMissing):
        store.item(later.id)
    assert store.add_correction(item.id, Label("new"), "ann").id > now.id, "no number means two"
    store.check()
    back = store.restore(done.before.name)
    assert back.backup == done.before
    assert store.item(item.id).label == Label("now")
    assert store.item(later.id) == later
    assert [p.name for p in store.folder.glob(".restoring*")] == []


def test_open_connections_see_the_restored_state(store: Store, make: Make) -> None:
    item = store.save_item(make(), None)
    store.backup("empty log")
    path = store.folder / "workspace.db"
    with closing(sqlite3.connect(path)) as other:
        count = "SELECT count(*) FROM corrections"
        assert other.execute(count).fetchone() == (0,)
        store.add_correction(item.id, Label("x"), "ann")
        assert other.execute(count).fetchone() == (1,)
        store.restore("latest")
        assert other.execute(count).fetchone() == (0,)
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert other.execute("PRAGMA application_id").fetchone() == (0x524F4357,)
    store.add_correction(item.id, Label("y"), "ann")
    store.check()


def test_a_reader_in_the_way_changes_nothing(tmp_path: Path, make: Make) -> None:
    store = Store.create(tmp_path / "ws", busy_seconds=0.3)
    item = store.save_item(make(), None)
    store.backup("before")
    store.add_correction(item.id, Label("x"), "ann")
    writer = sqlite3.connect(store.folder / "workspace.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="a lock held by another program"):
        store.restore(next(b.name for b in store.backups() if b.reason == "before"))
    writer.close()
    assert store.item(item.id).label == Label("x")
    assert list(store.folder.glob(".restoring*")) == []
    store.check()


def test_jobs_of_then_do_not_go_on(store: Store) -> None:
    store.jobs.add("vectors", "Vectors", {}, True)
    store.jobs.claim(1, "p")
    store.jobs.add("map", "Map", {}, True)
    store.backup("with jobs")
    done = store.restore("latest")
    assert [(j.state, j.error[:8]) for j in store.jobs.newest()] == [("cancelled", "Stopped:")] * 2
    assert store.jobs.held() == ()
    assert done.erased == 0


def test_an_older_backup_is_brought_up_to_date(tmp_path: Path, make: Make) -> None:
    Store.create(tmp_path / "ws", steps=migrations()[:4])
    store = Store.open(tmp_path / "ws")
    (old,) = store.backups()
    assert old.reason == f"before version {len(migrations())}"
    item = store.save_item(make(), None)
    store.restore(old.name)
    assert store.items().total == 0
    store.check()
    assert store.save_item(make(), None).id == item.id


def test_what_was_erased_since_stays_erased(store: Store, make: Make) -> None:
    item, kept = store.save_item(make(), None), store.save_item(make("A b stays here"), None)
    for one in (item, kept):
        store.add_correction(one.id, Label("x"), "Ann Quux")
    young = store.backup("young")
    store.set_setting(AFTER_DAYS, "30")
    store.erasures.items([item.id], "chief", "")
    name = store.erasures.annotator("Ann Quux", "chief", "").subject
    assert store.erasures.clean() == 2
    assert b"Ann Quux" in young.read_bytes()
    done = store.restore(young.name)
    assert done.erased == 2
    with pytest.raises(ItemMissing):
        store.item(item.id)
    assert [c.annotator for c in store.history(kept.id)] == [name]
    assert [e.subject for e in store.erasures.all()] == [item.id, name]
    store.set_setting(AFTER_DAYS, "0")
    assert store.erasures.clean() == 0
    assert b"Ann Quux" not in young.read_bytes()


def test_the_restored_backup_is_not_pushed_out(store: Store, make: Make) -> None:
    store.set_setting(BACKUPS_KEPT, "1")
    store.backup("only one")
    done = store.restore("latest")
    assert {b.reason for b in store.backups()} == {"only one", "before restore"}
    assert done.backup.path.is_file()


def test_what_cannot_be_restored_is_named_and_changes_nothing(store: Store, make: Make) -> None:
    with pytest.raises(BackupMissing, match=r"'latest' among 0 backups"):
        store.restore("latest")
    item = store.save_item(make(), None)
    good = store.backup("good")
    with pytest.raises(BackupMissing, match=r"'../workspace.db' among 1 backups"):
        store.restore("../workspace.db")
    text = good.with_name("20990101T000000000000Z-text.db")
    text.write_text("no database at all, only text " * 50)
    with pytest.raises(StoreInvalid, match="no SQLite database"):
        store.restore(text.name)
    newer = Migration(len(migrations()) + 1, "later", "CREATE TABLE later (x);")
    Store.open(store.folder, steps=(*migrations(), newer)).backup("newer")
    with pytest.raises(StoreInvalid, match="Open it with the newer program"):
        store.restore(next(b.name for b in store.backups() if b.reason == "newer"))
    damaged = bytearray(good.read_bytes())
    damaged[4096 * 3 : 4096 * 4] = b"\xa5" * 4096
    good.write_bytes(damaged)
    with pytest.raises((StoreUnavailable, StoreInvalid)):
        store.restore(good.name)
    assert list(store.folder.glob(".restoring*")) == []
    with closing(sqlite3.connect(store.folder / "workspace.db")) as conn:
        assert conn.execute("SELECT id FROM items").fetchall() == [(item.id,)]


def test_other_files_are_no_backups(store: Store) -> None:
    made = store.backup("one")
    (made.parent / "2-notes.db").write_text("x")
    (made.parent / "notes.txt").write_text("x")
    (found,) = store.backups()
    assert (found.name, found.path, found.reason) == (made.name, made, "one")
    assert found.created.endswith("+00:00")
    assert found.bytes == made.stat().st_size
