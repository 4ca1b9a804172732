"""The commands that look after catalogues of relations."""

from __future__ import annotations

from pathlib import Path

import pytest

from roc_core.workspace import Workspace
from tests.cli.running import Run

MEMBER = "/per/org/member_of"


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "ws", starter=False)


def test_catalogues_and_relations_are_listed(run: Run, ws: Workspace) -> None:
    done = run("catalogue", "list", "--workspace", ws.path, "--limit", 2)
    assert done.code == 0
    assert "mnre: MNRE v2: relations in social media posts; 22 relations, in use" in done.out
    assert "  … and 20 more" in done.out
    found = run("catalogue", "list", "member", "--workspace", ws.path)
    assert f"  {MEMBER}: member of, person / organization, " in found.out


def test_a_catalogue_is_edited_by_a_file_and_reverted(
    run: Run, ws: Workspace, tmp_path: Path
) -> None:
    assert "Nothing was changed yet." in run("catalogue", "history", "--workspace", ws.path).out
    file = tmp_path / "mnre.csv"
    assert run("catalogue", "export", file, "--workspace", ws.path).code == 0
    text = file.read_text("utf-8")
    file.write_text(text.replace("is a member of", "belongs to"), "utf-8")
    done = run("catalogue", "import", file, "--workspace", ws.path, "--by", "ann")
    assert "mnre: 0 relations added, 1 changed, 21 as they were." in done.out
    assert ws.catalogue.get(MEMBER).phrase == "belongs to"
    told = run("catalogue", "history", MEMBER, "--workspace", ws.path)
    assert f"edit {MEMBER} by ann: mnre.csv" in told.out
    assert "    phrase: [-is a member of-]{+belongs to+}" in told.out
    first = ws.relations.history(MEMBER)[-1].id
    back = run("catalogue", "revert", first, "--workspace", ws.path, "--by", "bo", "--reason", "no")
    assert f"revert to change {first} {MEMBER} by bo: no" in back.out
    assert ws.catalogue.get(MEMBER).phrase == "is a member of"


def test_a_relation_is_retired_and_restored(run: Run, ws: Workspace) -> None:
    assert run("catalogue", "retire", MEMBER, "--workspace", ws.path, "--by", "ann").code == 0
    assert MEMBER not in ws.catalogue
    listed = run("catalogue", "list", "member", "--retired", "--workspace", ws.path)
    assert "21 relations, 1 retired, in use" in listed.out
    assert f"{MEMBER}: member of (retired)" in listed.out
    again = run("catalogue", "retire", MEMBER, "--workspace", ws.path)
    assert again.code == 1
    assert again.err.startswith("Error: Expected a relation that is ranked")
    assert run("catalogue", "restore", MEMBER, "--workspace", ws.path).code == 0
    assert MEMBER in ws.catalogue


def test_another_catalogue_is_taken_in_and_used(run: Run, ws: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "news.toml"
    run("catalogue", "export", file, "--id", "more", "--workspace", ws.path)
    file.write_text(file.read_text("utf-8").replace('id = "more"', 'id = "news"'), "utf-8")
    done = run("catalogue", "import", file, "--workspace", ws.path)
    assert "news: 20 relations added" in done.out
    assert "To use it: python -m roc_core catalogue use news" in done.out
    used = run("catalogue", "use", "news", "--workspace", ws.path)
    assert "news is in use now, with 20 relations." in used.out
    assert ws.catalogue.id == "news"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("import", "no.csv"), "Error: Expected a catalogue at no.csv."),
        (("export", "a.json"), "Error: Expected a format, one of toml, csv. Found 'json'."),
        (("export", "no/folder/a.csv"), "Error: Expected to write no/folder/a.csv."),
        (("use", "mnrr"), "Error: Expected a catalogue of this workspace, one of mnre, more."),
        (("revert", "5"), "Error: Expected the number of a change in catalogue 'mnre'. Found 5."),
    ],
)
def test_errors_are_one_sentence(
    run: Run, ws: Workspace, arguments: tuple[str, ...], message: str
) -> None:
    done = run("catalogue", *arguments, "--workspace", ws.path)
    assert done.code == 1
    assert done.err.startswith(message)
    assert "Traceback" not in done.err
