"""``evaluate`` and ``zero-shot`` as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import Run
from tests.evaluation.made_mnre import tiny_preset, write_mnre
from tests.tiny import make_checkpoint


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_mnre(tmp_path / "set")


@pytest.fixture
def preset(tmp_path: Path) -> Path:
    return tiny_preset(tmp_path / "tiny.toml", make_checkpoint(tmp_path))


def test_folds_then_versions_side_by_side(
    run: Run, data: Path, preset: Path, tmp_path: Path
) -> None:
    folds, out = tmp_path / "folds", tmp_path / "reports"
    code, said, errors = run(
        "zero-shot", "mnre", data, "--out", folds, "--preset", preset, "--set", "epochs=1",
        "--report", tmp_path / "zero",
    )  # fmt: skip
    assert code == 0, errors
    zero = json.loads((tmp_path / "zero" / "zero-shot.json").read_text("utf-8"))
    macro = f"{zero['overall']['macro_hit3']:.4f}"
    assert macro in said
    assert macro in (tmp_path / "zero" / "zero-shot.md").read_text("utf-8")
    page = (tmp_path / "zero" / "zero-shot.html").read_text("utf-8")
    assert macro in page
    assert page.count("Plotly.newPlot(") == 1
    assert "ranked among 22 relations" in said
    two = [x for n in (0, 1) for x in ("--model", folds / f"fold-{n}")]
    code, said, errors = run("evaluate", "mnre", data, *two, "--suite", "--note", "--out", out)
    assert code == 0, errors
    assert "protocol honest" in said
    assert "zero-shot fold 0" in said
    assert "zero-shot fold 1" in said
    assert "label names instead of descriptions" in said
    (score,) = json.loads((folds / "fold-1" / "card.json").read_text("utf-8"))["scores"]
    assert f"{score['f1']:.4f}" in said
    assert sorted(p.name for p in out.iterdir()) == ["report.html", "report.json", "report.md"]
    found = json.loads((out / "report.json").read_text("utf-8"))
    assert f"{found['versions'][1]['report']['f1']:.4f}" in said
    single = ("--model", folds / "fold-0", "--protocol", "oracle-types", "--no-type-filter")
    code, said, errors = run("evaluate", "mnre", data, *single, "--split", "dev")
    assert code == 0, errors
    assert "Protocol oracle-types: oracle: entity types read off the label" in said
    assert "This version was trained under the protocol honest" in said


def test_a_report_folder_that_is_a_file_is_one_line(run: Run, data: Path, preset: Path) -> None:
    code, said, errors = run("evaluate", "mnre", data, "--out", preset)
    assert (code, said) == (1, "")
    assert errors == (
        f"Error: Expected a folder for the reports at {preset}. Found a file. "
        "Choose another place.\n"
    )


def test_an_unknown_protocol_is_status_two(run: Run, data: Path) -> None:
    code, _, errors = run("evaluate", "mnre", data, "--protocol", "fair")
    assert code == 2
    assert "'fair' is not one of" in errors
