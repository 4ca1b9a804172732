"""Locked, read-only, full: a named error, what to do, and nothing that was saved is lost."""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import signal
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from roc_core.errors import RocError, StoreUnavailable
from roc_core.schema import Draft, ItemFilter, Label, Record
from roc_core.store import Store

MakeRecord = Callable[..., Record]


def _in_child(work: Callable[[], object], prepare: Callable[[], object]) -> str:
    """Run ``work`` in a forked child after ``prepare``: the error it raised, or "fine"."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:  # pragma: no cover
        try:
            prepare()
            work()
            answer = "fine"
        except RocError as error:
            answer = f"{type(error).__name__}: {error}"
        except BaseException as error:
            answer = f"unexpected {error!r}"
        os.write(write, answer.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        answer = pipe.read()
    os.waitpid(pid, 0)
    return answer


def _drop_privileges() -> None:
    if os.getuid() == 0:  # root may write everything
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that users other than the owner can reach, too."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)
    shutil.rmtree(folder)


def test_locked_by_another_writer(store: Store, make: MakeRecord) -> None:
    item = store.save_item(make(), None)
    hasty = Store.open(store.folder, busy_seconds=0.3)
    conn = sqlite3.connect(store.folder / "workspace.db", isolation_level=None)
    conn.execute("BEGIN IMMEDIATE")
    start = time.monotonic()
    with pytest.raises(
        StoreUnavailable, match=r"held by another program \(database is locked\)\. Wait until"
    ):
        hasty.add_correction(item.id, Label("x"), "ann")
    assert 0.25 < time.monotonic() - start < 5
    with pytest.raises(StoreUnavailable, match="save again"):
        hasty.add_records([(make(line=2), None)])
    with pytest.raises(StoreUnavailable, match="save again"):
        hasty.save_draft(Draft("d"))
    assert hasty.item(item.id).corrections == 0  # reading goes on
    conn.execute("ROLLBACK")
    conn.close()
    hasty.add_correction(item.id, Label("x"), "ann")  # control: the lock is gone
    assert len(hasty.history(item.id)) == 1


@pytest.mark.skipif(os.name != "posix", reason="file modes are tested on POSIX only")
def test_read_only_file(open_folder: Path, make: MakeRecord) -> None:
    store = Store.create(open_folder / "ws")
    item = store.save_item(make(), None)
    (open_folder / "ws" / "workspace.db").chmod(0o444)
    (open_folder / "ws").chmod(0o777)
    answer = _in_child(lambda: store.add_correction(item.id, Label("x"), "a"), _drop_privileges)
    assert answer.startswith("StoreUnavailable: ")
    assert "a database that may only be read" in answer
    assert "Make the workspace folder and its files writable" in answer
    for path in (open_folder / "ws").iterdir():  # also the -wal and -shm beside it
        path.chmod(0o666)
    assert _in_child(lambda: store.save_draft(Draft("d")), _drop_privileges) == "fine"
    assert store.history(item.id) == ()


@pytest.mark.skipif(os.name != "posix", reason="file modes are tested on POSIX only")
def test_read_only_folder(open_folder: Path) -> None:
    store = Store.create(open_folder / "ws")
    (open_folder / "ws" / "workspace.db").chmod(0o444)
    (open_folder / "ws").chmod(0o555)
    for work in (
        lambda: store.save_draft(Draft("d")),
        lambda: store.backup("x"),
        lambda: store.put_picture(hashlib.sha256(b"x").hexdigest(), b"x", ".png", 1, 1),
        lambda: Store.create(open_folder / "ws" / "sub"),
    ):
        assert _in_child(work, _drop_privileges).startswith("StoreUnavailable: ")


def test_full_database(store: Store, make: MakeRecord) -> None:
    first = store.save_item(make(), None)
    pages = sqlite3.connect(store.folder / "workspace.db").execute("PRAGMA page_count").fetchone()
    tight = Store.open(store.folder, max_pages=pages[0] + 2)
    with pytest.raises(StoreUnavailable, match=r"no space left .*Free some disk space"):
        tight.add_records((make(line=n, text="x" * 500), None) for n in range(2, 500))
    assert [item.id for item in store.iter_items()] == [first.id]

    def fill() -> None:
        for _ in range(500):
            tight.add_correction(first.id, Label("x"), "ann", comment="y" * 500)

    with pytest.raises(StoreUnavailable, match="no space left"):
        fill()
    store.check()
    kept = store.history(first.id)
    assert store.item(first.id).corrections == len(kept) > 0
    store.add_correction(first.id, Label("z"), "ann")  # control: with room it goes on
    assert store.items(ItemFilter(relation="z")).total == 1


def test_full_disk_for_a_picture(store: Store) -> None:
    data = b"x" * 200_000
    sha = hashlib.sha256(data).hexdigest()

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    answer = _in_child(lambda: store.put_picture(sha, data, ".png", 1, 1), limit)
    assert answer.startswith("StoreUnavailable: Expected to write ")
    assert "Free some disk space" in answer
    assert store.pictures() == ()
    assert [path for path in (store.folder / "pictures").rglob("*") if path.is_file()] == []


def test_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "ws").touch()
    with pytest.raises(StoreUnavailable, match=r"to make the workspace folder .*File exists"):
        Store.create(tmp_path / "ws")


def test_database_removed_while_in_use(store: Store) -> None:
    (store.folder / "workspace.db").unlink()
    with pytest.raises(StoreUnavailable, match=r"a file that cannot be opened .*Check that the"):
        store.items()
