"""What was erased is gone: from the tables, from the bytes of every file, and for good."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roc_core.errors import (
    ItemMissing,
    PictureMissing,
    PictureRejected,
    StoreUnavailable,
    ValueRejected,
)
from roc_core.schema import (
    Box,
    Draft,
    Example,
    GraphDraft,
    ItemFilter,
    Label,
    Mention,
    Picture,
    Provenance,
    Record,
    Span,
)
from roc_core.store import AFTER_DAYS, Store, erasing
from roc_core.store.remarks import Step
from roc_core.store.schema_version import migrations

SECRET = "Zubrowka Quizzical meets the ombudsman of Ulm"
OTHER = "Mira sings with the band of Oslo"

AddPicture = Callable[[bytes], Picture]


def save(
    store: Store, sentence: str = SECRET, line: int = 1, picture: Picture | None = None
) -> str:
    mentions = (Mention(Span(0, 4)), Mention(Span(5, 9)))
    example = Example(sentence, mentions, picture.path if picture else None, "a caption")
    record = Record(example, None, Provenance("test", line=line))
    return store.save_item(record, picture.sha256 if picture else None).id


def label(store: Store, item: str, who: str, relation: str = "x", comment: str = "") -> int:
    return store.add_correction(item, Label(relation), who, comment=comment).id


def rows(store: Store, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(store.folder / "workspace.db")) as conn:
        return conn.execute(sql).fetchall()


def files_with(store: Store, needle: str) -> list[str]:
    """Every file of the workspace that has the bytes of a text."""
    spelt = {needle.encode(), json.dumps(needle)[1:-1].encode()}
    return [
        f.name
        for f in sorted(store.folder.rglob("*"))
        if f.is_file() and any(s in f.read_bytes() for s in spelt)
    ]


def objects(store: Store) -> list[tuple[object, ...]]:
    return rows(store, "SELECT type, name, sql FROM sqlite_master ORDER BY type, name")


def everywhere(store: Store, who: str = "Ann Quux") -> str:
    """An item that has left traces in every table and file."""
    item = save(store)
    label(store, item, who, comment=f"as {who} said of {SECRET}")
    label(store, item, "bob", "y", comment=f"{who} is right, Ann Quuxley is not")
    store.save_draft(Draft("d", who, SECRET, item=item))
    store.graphs.save(GraphDraft("g", who, SECRET))
    store.annotation.marks.add(Step(item, who, "comment", text=f"{SECRET}: {who}"))
    store.annotation.assignments.add([(item, who)])
    store.selections.keep([item], name="mine", annotator=who)
    store.selections.keep(None, ItemFilter(annotator=who), annotator=who)
    job = store.jobs.add("learn", "Learning", {"annotators": json.dumps([who])}, True)
    store.jobs.claim(1, "p")
    result = {"regressions": [SECRET], "by": who, "version": who}
    store.jobs.finish(job.id, 1, "done", f"met {SECRET}", result)
    (store.folder / "jobs").mkdir()
    (store.folder / "jobs" / "1.log").write_text(SECRET)
    store.backup("with everything")
    return item


def test_an_item_is_gone_from_tables_and_from_the_bytes_of_every_file(store: Store) -> None:
    item, kept = everywhere(store), save(store, OTHER)
    label(store, kept, "Ann Quux")
    assert files_with(store, SECRET) != []
    before = objects(store)
    (tombstone,) = store.erasures.items([item], "chief", "asked for")
    assert store.erasures.clean() == 0
    assert (tombstone.kind, tombstone.subject, tombstone.corrections) == ("item", item, 2)
    assert files_with(store, SECRET) == []
    with pytest.raises(ItemMissing):
        store.item(item)
    assert store.items().total == 1
    assert store.draft("d") is None
    assert rows(store, "SELECT item FROM corrections") == [(kept,)]
    assert rows(store, "SELECT result FROM jobs")[0][0] == (
        '{"regressions":["(erased)"],"by":"Ann Quux","version":"Ann Quux"}'
    )
    assert objects(store) == before, "all triggers are back"
    (kept_row,) = store.erasures.all()
    assert (kept_row.author, kept_row.reason) == ("chief", "asked for")
    assert kept_row.cleaned
    assert store.erasures.counts().items == 1
    assert store.erasures.counts().corrections == 2
    assert store.selections.named()[0].gone == 1
    store.check()


def test_an_annotator_becomes_a_tombstone_and_labels_and_counts_stay(store: Store) -> None:
    item = everywhere(store)
    before, labels = objects(store), store.item(item).label
    counts = store.counts()
    found = store.erasures.annotator("Ann Quux", "Ann Quux", "Ann Quux asked")
    store.erasures.clean()
    assert (found.subject, found.author, found.reason) == ("erased-1", "erased-1", "Ann Quux asked")
    assert store.item(item).label == labels
    assert store.counts() == counts
    assert rows(store, "SELECT annotator, count(*) FROM corrections GROUP BY 1 ORDER BY 1") == [
        ("bob", 1),
        ("erased-1", 1),
    ]
    assert store.annotators() == ("bob", "erased-1")
    assert store.erasures.names() == ("bob",)
    comments = [str(c) for (c,) in rows(store, "SELECT comment FROM corrections ORDER BY id")]
    assert comments == [f"as erased-1 said of {SECRET}", "erased-1 is right, Ann Quuxley is not"]
    (result,) = rows(store, "SELECT result FROM jobs")[0]
    assert json.loads(str(result))["by"] == "erased-1"
    assert json.loads(str(result))["version"] == "Ann Quux", "a name only where names are"
    assert json.loads(str(rows(store, "SELECT parameters FROM jobs")[0][0])) == {
        "annotators": '["erased-1"]'
    }
    assert store.selections.keep(None, ItemFilter(annotator="erased-1")).items == ()
    assert objects(store) == before
    again = store.erasures.annotator("bob", "chief", "")
    assert again.subject == "erased-2"
    store.check()


def test_no_file_has_the_name_any_more(store: Store) -> None:
    item = save(store)
    label(store, item, "Xaver Ünlü", comment="said Xaver Ünlü")
    store.backup("old")
    store.save_draft(Draft("d", "Xaver Ünlü", OTHER))
    assert len(files_with(store, "Xaver Ünlü")) >= 2
    store.erasures.annotator("Xaver Ünlü", "chief", "")
    assert store.erasures.clean() == 0
    assert files_with(store, "Xaver Ünlü") == []
    assert rows(store, "SELECT mark FROM erasures") == [("",)]


def test_a_picture_takes_its_boxes_along_and_leaves_the_others(
    store: Store, add_picture: AddPicture
) -> None:
    picture, other = add_picture(b"one"), add_picture(b"two")
    spans, kept = save(store, SECRET, 1, picture), save(store, SECRET, 2, other)
    boxed = Example(OTHER, (Mention(Span(0, 4)), Mention(Box(1, 1, 9, 9))), picture.path)
    box = store.save_item(Record(boxed, None, Provenance("test")), picture.sha256).id
    label(store, box, "ann")
    store.save_draft(Draft("d", "ann", OTHER, boxed.mentions, picture.sha256, "a caption"))
    store.save_draft(Draft("e", "ann", "Else", (None, None), picture.sha256, "a caption"))
    whole, gone = store.erasures.picture(picture.sha256, "chief", "")
    assert (whole.kind, whole.changed) == ("picture", 1)
    assert (gone.kind, gone.subject, gone.because, gone.corrections) == ("item", box, whole.id, 1)
    store.erasures.clean()
    assert not picture.path.exists()
    assert store.item(spans).example.picture is None
    assert store.item(spans).example.picture_text == ""
    assert store.item(kept).example.picture == other.path
    assert store.draft("d") is None
    left = store.draft("e")
    assert left is not None
    assert (left.picture, left.picture_text) == ("", "")
    assert files_with(store, OTHER) == []
    with pytest.raises(PictureRejected, match="erased for good on 20"):
        add_picture(b"one")
    assert not picture.path.exists()
    with pytest.raises(PictureMissing):
        store.erasures.picture(picture.sha256, "chief", "")
    store.check()


def test_what_was_erased_does_not_come_back(store: Store) -> None:
    item = save(store)
    store.erasures.items([item], "chief", "")
    with pytest.raises(ValueRejected, match="this item was erased for good"):
        save(store)
    with pytest.raises(ItemMissing, match="it was erased for good"):
        store.save_draft(Draft("d", "ann", SECRET, item=item))
    assert store.items().total == 0


def test_another_pair_keeps_its_sentence(store: Store) -> None:
    item, pair = save(store), save(store, line=2)
    label(store, pair, "ann", comment=f"about {SECRET}")
    store.erasures.items([item], "chief", "")
    store.erasures.clean()
    assert store.item(pair).example.sentence == SECRET
    assert store.history(pair)[0].comment == f"about {SECRET}"


def test_what_is_not_there_is_named_and_nothing_changes(store: Store) -> None:
    item = save(store)
    label(store, item, "ann")
    before = rows(store, "SELECT * FROM items"), objects(store)
    with pytest.raises(ItemMissing):
        store.erasures.items([item, "0" * 16], "chief", "")
    with pytest.raises(ValueRejected, match=r"a name in this workspace \(ann\). Found 'nobody'"):
        store.erasures.annotator("nobody", "chief", "")
    store.erasures.annotator("ann", "chief", "")
    with pytest.raises(ValueRejected, match=r"Found 'erased-1'"):
        store.erasures.annotator("erased-1", "chief", "")
    assert (rows(store, "SELECT * FROM items"), objects(store)) == before


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM corrections",
        "UPDATE corrections SET annotator = 'x'",
        "DELETE FROM marks",
        "UPDATE marks SET text = 'x'",
        "DELETE FROM erasures",
        "UPDATE erasures SET subject = 'x'",
        "UPDATE erasures SET reason = 'x'",
        "UPDATE erasures SET cleaned = NULL",
        "UPDATE erasures SET mark = 'x'",
    ],
)
def test_the_logs_stay_append_only_before_and_after(store: Store, sql: str) -> None:
    first, second = save(store), save(store, OTHER)
    for item in (first, second):
        label(store, item, "ann")
        store.annotation.marks.add(Step(item, "ann", "comment", text="hm"))
    for _ in range(2):
        with closing(sqlite3.connect(store.folder / "workspace.db")) as conn:
            if "erasures" in sql and not store.erasures.all():
                store.erasures.annotator("ann", "chief", "")
                store.erasures.clean()
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                conn.execute(sql)
        if store.items().total == 2:
            store.erasures.items([first], "chief", "")


def test_a_failure_inside_leaves_everything_as_it_was(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = everywhere(store)
    before = objects(store), rows(store, "SELECT * FROM corrections"), store.item(item)

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(erasing, "_forget_sentence", fail)
    with pytest.raises(StoreUnavailable, match="disk error"):
        store.erasures.items([item], "chief", "")
    after = objects(store), rows(store, "SELECT * FROM corrections"), store.item(item)
    assert after == before
    assert store.erasures.all() == ()


def test_a_file_in_use_is_cleaned_later(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "ws", busy_seconds=0.2)
    item = save(store)
    reader = sqlite3.connect(store.folder / "workspace.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM items").fetchone()
    store.erasures.items([item], "chief", "")
    with pytest.raises(StoreUnavailable):
        store.erasures.clean()
    assert store.erasures.counts().open == 1
    reader.close()
    assert store.erasures.clean() == 0
    assert store.erasures.counts().open == 0
    assert files_with(store, SECRET) == []


def test_younger_backups_are_left_until_they_are_old(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = save(store)
    label(store, item, "Ann Quux")
    store.backup("young")
    old = store.backup("old")
    old.rename(old.with_name("20200101T000000000000Z-old.db"))
    store.set_setting(AFTER_DAYS, "30")
    store.erasures.items([item], "chief", "")
    store.erasures.annotator(save_other(store), "chief", "")
    assert store.erasures.clean() == 2
    assert store.erasures.counts().open == 2
    (left,) = files_with(store, SECRET)
    assert left.endswith("-young.db")
    again = store.backup("after")
    assert SECRET.encode() not in again.read_bytes()
    store.set_setting(AFTER_DAYS, "0")
    assert store.erasures.clean() == 0
    assert files_with(store, SECRET) == []


def save_other(store: Store) -> str:
    label(store, save(store, OTHER), "cleo")
    return "cleo"


def test_an_older_backup_is_cleaned_and_a_damaged_one_goes(tmp_path: Path) -> None:
    old = Store.create(tmp_path / "ws", steps=migrations()[:2])
    mentions = (Mention(Span(0, 4)), Mention(Span(5, 9)))
    record = Record(Example(SECRET, mentions), None, Provenance("test"))
    with old._at.read() as db:
        from roc_core.store import items

        items.stage(db, [(record, None)], 1, None)
        items.move_staged(db)
    store = Store.open(tmp_path / "ws")
    (item,) = [i.id for i in store.iter_items()]
    label(store, item, "ann")
    (before,) = (store.folder / "backups").glob("*before-version*.db")
    broken = before.with_name("20200101T000000000000Z-broken.db")
    broken.write_bytes(SECRET.encode() * 100)
    store.erasures.items([item], "chief", "")
    store.erasures.annotator(save_other(store), "chief", "")
    assert store.erasures.clean() == 0
    assert files_with(store, SECRET) == []
    assert before.exists()
    assert not broken.exists()
    with closing(sqlite3.connect(before)) as conn:
        assert conn.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert conn.execute("PRAGMA user_version").fetchone() == (2,)


NAMES = st.sampled_from(["ann", "bob", "cleo"])
STEPS = st.lists(
    st.tuples(st.sampled_from(["label", "undo", "item", "annotator"]), NAMES, st.integers(0, 3)),
    max_size=12,
)


@settings(deadline=None, max_examples=10)
@given(steps=STEPS)
def test_any_erasures_leave_the_other_labels_as_a_simple_model_has_them(
    steps: list[tuple[str, str, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store.create(Path(folder))
        ids = [save(store, f"{OTHER} {n}", n + 1) for n in range(4)]
        log: list[list[object]] = []  # item, who, relation, undone
        called: dict[str, str] = {}
        gone: set[str] = set()
        for n, (what, who, which) in enumerate(steps):
            item = ids[which]
            if what == "item" and item not in gone:
                store.erasures.items([item], "chief", "")
                gone.add(item)
                log = [row for row in log if row[0] != item]
            elif what == "annotator" and any(row[1] == who for row in log):
                new = store.erasures.annotator(who, "chief", "").subject
                assert new not in called.values()
                called[who] = new
                log = [[r[0], new if r[1] == who else r[1], *r[2:]] for r in log]
            elif what == "label" and item not in gone:
                id = label(store, item, who, f"r{n}")
                log.append([item, who, f"r{n}", False, id])
            elif what == "undo" and item not in gone:
                live = [row for row in log if row[0] == item and not row[3]]
                if live:
                    store.undo(int(str(live[-1][4])), "dora")
                    live[-1][3] = True
        store.check()
        for item in ids:
            live = [row for row in log if row[0] == item and not row[3]]
            if item not in gone:
                found = store.item(item).label
                assert (found and found.relation) == (live[-1][2] if live else None)
                said = [(c.annotator, c.label.relation) for c in store.history(item) if c.label]
                assert said == [(row[1], row[2]) for row in log if row[0] == item]
        assert store.items().total == 4 - len(gone) == 4 - store.erasures.counts().items
