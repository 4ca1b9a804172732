"""The commands that keep copies, restore, and erase."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image

from roc_core.schema import Example, Label, Mention, Span
from roc_core.workspace import Workspace
from tests.cli.running import Run


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "ws", starter=False)


def save(ws: Workspace, sentence: str = "Mira joins Ulm", picture: Path | None = None) -> str:
    mentions = (Mention(Span(0, 4)), Mention(Span(5, 10)))
    return ws.save_item(Example(sentence, mentions, picture)).id


def test_backups_are_listed_kept_and_restored(run: Run, ws: Workspace) -> None:
    item = save(ws)
    run("backup", "--workspace", ws.path)
    ws.correct(item, Label("None"), "ann")
    listed = run("backups", "--workspace", ws.path, "--keep", 5, "--erase-after", 7)
    assert "by hand" in listed.out
    assert "The newest 5 are kept. Backups lose what is erased once they are 7 days old." in (
        listed.out
    )
    assert run("restore", "latest", "--workspace", ws.path, stdin=b"n\n").code == 1
    assert ws.item(item).label == Label("None")
    done = run("restore", "latest", "--workspace", ws.path, "--yes")
    assert done.code == 0
    assert ws.item(item).label is None
    undo = done.out.split("To undo it: restore ")[1].split()[0]
    assert run("restore", undo, "--workspace", ws.path, "--yes").code == 0
    assert ws.item(item).label == Label("None")
    missing = run("restore", "yesterday", "--workspace", ws.path, "--yes")
    assert missing.code == 1
    assert missing.err.startswith("Error: Expected the name of a backup, or latest. Found 'yester")


def test_an_item_is_erased_after_a_yes(run: Run, ws: Workspace) -> None:
    item = save(ws)
    ws.correct(item, Label("None"), "ann")
    refused = run("erase", "item", item, "--workspace", ws.path, stdin=b"\n")
    assert refused.code == 1
    assert "Erase 1 item for good?" in refused.err
    assert ws.item(item).id == item
    done = run("erase", "item", item, "--by", "chief", "--workspace", ws.path, stdin=b"y\n")
    assert done.code == 0
    assert "Erased: 1 items with 1 corrections, 0 pictures; 0 items lost" in done.out
    assert ws.items().total == 0
    listed = run("erase", "list", "--workspace", ws.path)
    assert "chief" in listed.out
    again = run("erase", "item", item, "--yes", "--workspace", ws.path)
    assert again.code == 1
    assert again.err.startswith(f"Error: Expected an item '{item}'")
    finished = run("erase", "finish", "--workspace", ws.path)
    assert finished.out == "Nothing that was erased is left in any file.\n"


def test_pictures_and_names_are_erased(run: Run, ws: Workspace, tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "PNG")
    picture = ws.add_picture(out.getvalue(), "a.png")
    item = save(ws, picture=picture.path)
    ws.correct(item, Label("None"), "Ann Quux")
    (tmp_path / "same.png").write_bytes(out.getvalue())
    done = run("erase", "picture", tmp_path / "same.png", "--yes", "--workspace", ws.path)
    assert "0 items with 0 corrections, 1 pictures; 1 items lost their picture" in done.out
    assert ws.item(item).example.picture is None
    named = run("erase", "annotator", "Ann Quux", "--yes", "--workspace", ws.path)
    assert named.out == "The name is erased-1 now, in 1 rows.\n"
    assert ws.history(item)[0].annotator == "erased-1"
    gone = run("erase", "picture", "none.png", "--yes", "--workspace", ws.path)
    assert gone.err.startswith("Error: Expected a picture's SHA-256 or its file. Found 'none.png'")


def test_export_is_filtered(run: Run, ws: Workspace, tmp_path: Path) -> None:
    for n, who in enumerate(("ann", "bob", "ann")):
        ws.correct(save(ws, f"Mira joins Ulm {n}"), Label("None"), who)
    save(ws, "Mira joins nobody")
    file = tmp_path / "out.json"

    def count(*flags: str) -> str:
        return run("export", "label-studio", file, "--workspace", ws.path, *flags).out.split()[0]

    assert count("--annotator", "ann") == "2"
    assert [len(t["annotations"]) for t in json.loads(file.read_text("utf-8"))] == [1, 1]
    assert count("--state", "unlabelled") == "1"
    assert count("--relation", "None", "--annotator", "bob") == "1"
    assert count("--until", "2001-01-01") == "0"
    assert count() == "4"
    wrong = run("export", "csv", file, "--workspace", ws.path, "--since", "soon")
    assert wrong.err.startswith("Error: Expected a date such as 2026-03-01 as 'since'")
    again = run("import", "label-studio", file, "--workspace", ws.path)
    assert "4 lines read, 0 added, 4 already there" in again.out
