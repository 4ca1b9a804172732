"""``analyze`` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.running import Run
from tests.tiny import make_checkpoint
from tests.workspace.made_workspace import make_workspace


def test_from_nothing_to_a_report(run: Run, tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws", make_checkpoint(tmp_path))
    code, said, errors = run("analyze", workspace.path)
    assert (code, said) == (1, "")
    assert "Found 55 labelled items without answers, 5 without labels." in errors
    assert "give --compute on the command line." in errors
    code, said, errors = run(
        "analyze", workspace.path, "--reading", "tiny", "--compare", "tiny@oracle-types",
        "--compute", "--doubts", "--out", tmp_path / "out",
    )  # fmt: skip
    assert code == 0, errors
    plain = json.loads((tmp_path / "out" / "analysis.json").read_text("utf-8"))
    assert "Analysis of tiny, as used" in said
    assert "entity types were read off the label (oracle)" in said
    assert f"{plain['headline']['prf']['f1']:.4f}" in said
    assert f"{plain['doubts']['likely']} of 55 labels are likely wrong." in said
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "analysis.html", "analysis.json", "analysis.md",
    ]  # fmt: skip
    code, said, errors = run("analyze", workspace.path, "--split", "val")
    assert code == 0, errors
    assert "oracle" not in said


def test_what_cannot_be_is_one_line(run: Run, tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws", make_checkpoint(tmp_path))
    code, said, errors = run("analyze", workspace.path, "--reading", "nonesuch")
    assert (code, said) == (1, "")
    assert errors.startswith("Error: Expected a model version, one of ")
    code, _, errors = run("analyze", workspace.path, "--reading", "@oracle-types")
    assert code == 1
    assert "a model version's name that does not end in @ and a way of reading" in errors
    (tmp_path / "file").write_text("", "utf-8")
    code, _, errors = run("analyze", workspace.path, "--out", tmp_path / "file")
    assert code == 1
    assert "Expected a folder for the reports at" in errors
    code, _, errors = run("analyze", tmp_path / "nowhere")
    assert code == 1
    assert "Expected a workspace in" in errors
