"""``quality`` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

from roc_core.schema import QualityReport
from tests.cli.running import Run
from tests.tiny import make_checkpoint
from tests.workspace.made_workspace import make_workspace


def test_tables_and_json(run: Run, tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws", make_checkpoint(tmp_path))
    out = tmp_path / "quality.json"
    code, said, errors = run("quality", workspace.path, "--out", out)
    assert code == 0, errors
    found = workspace.quality_report()
    assert found is not None
    assert QualityReport.from_dict(json.loads(out.read_text("utf-8"))) == found
    assert "Catalogue mnre read by tiny, 60 items." in said
    for title in ("Wording", "Rivals", "Descriptions that win too often", "Style"):
        assert title in said
    assert f"… and {len(found.rivals) - 10} more; --json lists all." in said
    code, said, errors = run("quality", workspace.path, "--json")
    assert code == 0, errors
    assert json.loads(said)["robustness"] == json.loads(out.read_text("utf-8"))["robustness"]


def test_what_cannot_be_is_one_line(run: Run, tmp_path: Path) -> None:
    code, said, errors = run("quality", tmp_path / "nowhere")
    assert (code, said) == (1, "")
    assert "Expected a workspace in" in errors
    empty = make_workspace(tmp_path / "ws", make_checkpoint(tmp_path), items=0)
    code, _, errors = run("quality", empty.path)
    assert code == 1
    assert "Expected pair vectors of model version 'tiny'. Found none." in errors
