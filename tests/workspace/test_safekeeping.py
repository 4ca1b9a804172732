"""Backups and erasure through the workspace, and what an import makes of erased things."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from roc_core.errors import ItemMissing, PictureRejected, StoreUnavailable, WorkspaceBusy
from roc_core.schema import Example, ItemFilter, Label, Mention, Span
from roc_core.workspace import Workspace

VIEWS = (
    "items_readable",
    "labels_readable",
    "corrections_readable",
    "answers_readable",
    "agreement_readable",
    "marks_readable",
)


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "ws", starter=False)


def pair(sentence: str = "Mira joins Ulm", picture: Path | None = None) -> Example:
    return Example(sentence, (Mention(Span(0, 4)), Mention(Span(11, 14))), picture)


def png(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "PNG")
    return out.getvalue()


def test_a_restore_through_the_workspace(ws: Workspace) -> None:
    item = ws.save_item(pair())
    ws.backup("by hand")
    ws.correct(item.id, Label("None"), "ann")
    done = ws.backups.restore("latest")
    assert ws.item(item.id).label is None
    assert [b.reason for b in ws.backups.all()] == ["before restore", "by hand"]
    assert done.before == ws.backups.all()[0]
    ws.backups.keep(3)
    assert ws.backups.kept == 3


def test_nothing_is_restored_or_erased_while_a_job_waits(ws: Workspace) -> None:
    item = ws.save_item(pair())
    ws.correct(item.id, Label("None"), "ann")
    ws.backup()
    # Another process of this machine holds the heavy job, so that the second one waits.
    table = ws._store.jobs
    table.add("vectors", "Pair vectors of all items", {}, True)
    table.claim(1, _started(1))
    for refused in (
        lambda: ws.backups.restore(),
        lambda: ws.privacy.erase_item(item.id, "chief"),
        lambda: ws.privacy.erase_annotator("ann", "chief"),
        lambda: ws.privacy.erase_picture("0" * 64, "chief"),
    ):
        with pytest.raises(WorkspaceBusy, match=r"'Pair vectors of all items', running"):
            refused()
    assert ws.item(item.id).label == Label("None")
    assert ws.privacy.all() == ()


def _started(pid: int) -> str:
    from roc_core.jobs.process import started

    return started(pid)


def test_a_whole_sentence_goes_with_all_its_pairs(ws: Workspace) -> None:
    first = ws.save_item(pair())
    other = Example("Mira joins Ulm", (Mention(Span(0, 4)), Mention(Span(5, 10))))
    second, third = ws.save_item(other), ws.save_item(pair("Tara loves Bob"))
    assert ws.privacy.same_sentence(first.id) == (second.id,)
    found = ws.privacy.erase_item(first.id, "chief", "asked", whole_sentence=True)
    assert [e.subject for e in found] == [first.id, second.id]
    assert all(e.cleaned for e in found)
    assert [i.id for i in ws.items().items] == [third.id]
    assert sum(c.items for c in ws.counts()) == 1
    assert ws.privacy.counts().items == 2
    assert ws.privacy.is_erased(first.id)
    assert not ws.privacy.is_erased(third.id)


def test_what_was_erased_is_not_imported_again(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png())
    lines = [
        {"sentence": "Mira joins Ulm", "mentions": [{"span": [0, 4]}, {"span": [11, 14]}]},
        {"sentence": "Tara loves Bob", "mentions": [{"span": [0, 4]}, {"span": [11, 14]}],
         "picture": "a.png", "picture_text": "red"},
        {"sentence": "Tara boxes", "mentions": [{"span": [0, 4]}, {"box": [1, 1, 9, 9]}],
         "picture": "a.png"},
    ]  # fmt: skip
    file = tmp_path / "posts.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    assert ws.import_data("jsonl", file).added == 3
    mira, tara, box = ws.items().items
    ws.privacy.erase_item(mira.id, "chief")
    (picture,) = ws.pictures()
    assert ws.privacy.with_picture(picture.sha256) == (tara.id, box.id)
    whole, gone = ws.privacy.erase_picture(picture.sha256, "chief")
    assert (whole.changed, gone.subject) == (1, box.id)
    for dry_run in (True, False):
        report = ws.import_data("jsonl", file, dry_run=dry_run)
        assert (report.added, report.known, report.erased) == (0, 0, 3)
    assert [i.id for i in ws.items().items] == [tara.id]
    assert ws.pictures() == ()
    assert not list((ws.path / "pictures").rglob("*.png"))
    with pytest.raises(PictureRejected, match="erased for good"):
        ws.add_picture(png(), "a.png")
    new = tmp_path / "new.jsonl"
    new.write_text(json.dumps(lines[1] | {"sentence": "Tara hates Bob"}), "utf-8")
    assert ws.import_data("jsonl", new).added == 1
    found = ws.items(ItemFilter(text="hates")).items[0].example
    assert (found.picture, found.picture_text) == (None, "")


def test_an_interrupted_erasure_is_finished_later(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from roc_core.store import erasures

    item = ws.save_item(pair())
    ws.backup()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(erasures, "clean_copy", fail)
        with pytest.raises(StoreUnavailable, match=r"the erasure itself is done.*erase finish"):
            ws.privacy.erase_item(item.id, "chief")
    with pytest.raises(ItemMissing):
        ws.item(item.id)
    assert ws.privacy.counts().open == 1
    assert ws.privacy.finish() == 0
    assert ws.privacy.counts().open == 0


def test_a_new_backup_finishes_what_was_left(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = ws.save_item(pair())
    ws.backup()
    ws.privacy.set_backup_days(30)
    ws.privacy.erase_item(item.id, "chief")
    assert ws.privacy.counts().open == 1
    ws.privacy.set_backup_days(0)
    ws.backup()
    assert ws.privacy.counts().open == 0


def test_exports_hold_what_the_filter_says(ws: Workspace, tmp_path: Path) -> None:
    items = [ws.save_item(pair(f"Mira joins Ulm {n}")) for n in range(4)]
    for item, who in zip(items, ("ann", "bob", "ann"), strict=False):
        ws.correct(item.id, Label("None"), who)
    for format in ("jsonl", "csv", "parquet", "label-studio"):
        file = tmp_path / f"out.{format}"
        assert ws.export(format, file, ItemFilter(annotator="ann")) == 2
        again = Workspace.create(tmp_path / format, starter=False)
        assert again.import_data(format, file).added == 2
        assert [i.example.sentence for i in again.items().items] == [
            "Mira joins Ulm 0",
            "Mira joins Ulm 2",
        ]
        assert {i.label for i in again.items().items} == {Label("None")}
        assert ws.export(format, file, ItemFilter(since="2000-01-01", until="2001-01-01")) == 0


def test_the_database_is_readable_with_sqlite_alone(ws: Workspace) -> None:
    first, second = ws.save_item(pair()), ws.save_item(pair("Tara loves Bob"))
    for who, relation in (("ann", "/per/org/member_of"), ("bob", "None")):
        direction = "both" if relation == "None" else "forward"
        ws.correct(first.id, Label(relation, direction), who)  # type: ignore[arg-type]
        ws.correct(second.id, Label("None"), who)
    file = (ws.path / "workspace.db").as_uri()
    with closing(sqlite3.connect(f"{file}?mode=ro", uri=True)) as conn:
        conn.row_factory = sqlite3.Row
        there = {r[0] for r in conn.execute("SELECT name FROM sqlite_master WHERE type = 'view'")}
        assert set(VIEWS) <= there
        for view in there:
            conn.execute(f"SELECT * FROM {view}").fetchall()
        labels = [dict(r) for r in conn.execute("SELECT * FROM labels_readable ORDER BY sentence")]
        assert [(r["first_mention"], r["second_mention"]) for r in labels] == [
            ("Mira", "Ulm"), ("Tara", "Bob"),
        ]  # fmt: skip
        assert [(r["relation"], r["annotator"], r["state"]) for r in labels] == [
            ("None", "bob", "corrected"), ("None", "bob", "corrected"),
        ]  # fmt: skip
        agreement = [
            dict(r) for r in conn.execute("SELECT * FROM agreement_readable ORDER BY sentence")
        ]
        assert [(r["annotators"], r["labels"], r["agreed"]) for r in agreement] == [
            (2, 2, 0), (2, 1, 1),
        ]  # fmt: skip
        assert agreement[0]["said"].split("; ") == [
            "ann: /per/org/member_of forward", "bob: None both",
        ]  # fmt: skip


def test_answers_are_readable(ws: Workspace) -> None:
    item = ws.save_item(pair())
    ws.correct(item.id, Label("/per/org/member_of", "forward"), "ann")
    with closing(sqlite3.connect(ws.path / "workspace.db")) as conn:
        for version, margin in (("a", 0.25), ("b", -0.1)):
            conn.execute(
                "INSERT INTO pair_vectors (version, item, model, vector, catalogue, relation, "
                "direction, score, margin, runner_up, lead) VALUES (?, ?, 'm', x'', 'c', "
                "'/per/org/member_of', 'forward', 0.75, ?, 'x', 0.1)",
                (version, item.id, margin),
            )
        rows = conn.execute(
            'SELECT version, answer, answer_direction, closest, score, margin, label, "right" '
            "FROM answers_readable ORDER BY version"
        ).fetchall()
    said = "/per/org/member_of"
    assert rows == [
        ("a", said, "forward", said, 0.75, 0.25, said, 1),
        ("b", "None", "both", said, 0.75, -0.1, said, 0),
    ]
