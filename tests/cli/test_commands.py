"""The commands as a person types them: results, exit status and one clear line for an error."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from roc_core.schema import Label
from roc_core.workspace import Workspace
from tests.cli.running import Run

ROOT = Path(__file__).resolve().parents[2]
GOOD = '{"sentence": "Mira joins Ulm", "mentions": [{"span": [0, 4]}, {"span": [11, 14]}]}'
MIXED = f"{GOOD}\n{{nonsense\n\n{GOOD}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Workspace.create(tmp_path / "ws", starter=False).path


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    (tmp_path / "posts.jsonl").write_text(MIXED, "utf-8")
    return tmp_path / "posts.jsonl"


def mnre_folder(tmp_path: Path, pairs: int) -> Path:
    """A made MNRE folder: train and val, every third pair a ``None``."""
    (tmp_path / "mnre" / "txt").mkdir(parents=True)
    for split in ("train", "val"):
        lines = []
        for n in range(pairs):
            member = n % 3 > 0
            words = ["Mira", "joins" if member else "sees", "the", "band", f"Ulm{n}", split]
            h, t = {"name": "Mira", "pos": [0, 1]}, {"name": f"Ulm{n}", "pos": [4, 5]}
            relation = "/per/org/member_of" if member else "None"
            given = {"token": words, "h": h, "t": t, "img_id": "a.jpg", "relation": relation}
            lines.append(repr(given))
        (tmp_path / "mnre" / "txt" / f"ours_{split}.txt").write_text("\n".join(lines), "utf-8")
    return tmp_path / "mnre"


def test_init_makes_a_workspace_and_says_what_is_in_it(run: Run, tmp_path: Path) -> None:
    first, second = (run("init", tmp_path / "new") for _ in range(2))
    assert first.code == second.code == 0
    assert first.out == second.out
    assert first.out.startswith(f"Workspace {tmp_path / 'new'}: 551 items, model version mini")
    bare = run("init", tmp_path / "bare", "--no-starter")
    assert bare.out.startswith(f"Workspace {tmp_path / 'bare'}: 0 items")


def test_an_unknown_model_version_is_one_line(run: Run, tmp_path: Path) -> None:
    done = run("init", tmp_path / "new", "--no-starter", "--preset", "nonesuch")
    assert done.code == 1
    assert done.err.startswith("Error: Expected a model version, one of base, mini")
    assert done.err.count("\n") == 1


def test_import_export_info_and_backup(run: Run, folder: Path, posts: Path, tmp_path: Path) -> None:
    done = run("import", "jsonl", posts, "--workspace", folder)
    assert done.code == 0
    assert "3 lines read, 2 added, 0 already there, 1 refused; 0 pictures, 0 missing" in done.out
    out = run("export", "csv", tmp_path / "out.csv", "--workspace", folder)
    assert out.out == f"2 items written to {tmp_path / 'out.csv'}.\n"
    assert run("import", "csv", tmp_path / "out.csv", "--workspace", folder).code == 0
    none = run("export", "csv", tmp_path / "no.csv", "--workspace", folder, "--state", "disputed")
    assert none.out.startswith("0 items written")
    (item,) = Workspace.open(folder).items(limit=1).items
    Workspace.open(folder).annotation.save(item.id, Label("None"), "ann")
    labels = tmp_path / "labels.csv"
    assert run("own-labels", labels, "--workspace", folder).out == f"Labels written to {labels}.\n"
    assert labels.read_text("utf-8-sig").splitlines()[1].startswith(f"{item.id},")
    info = run("info", "--workspace", folder)
    assert f"ws in {folder}, model version " in info.out
    assert "1 posts  unlabelled, without picture" in info.out
    assert "1 posts  corrected, without picture" in info.out
    kept = run("backup", "--workspace", folder).out.removeprefix("Copied to ").rstrip(".\n")
    assert Path(kept).is_file()


def test_a_dry_run_adds_nothing(run: Run, folder: Path, posts: Path) -> None:
    done = run("import", "jsonl", posts, "--workspace", folder, "--dry-run")
    assert "2 would be added" in done.out
    assert Workspace.open(folder).counts() == ()


def test_text_in_brackets_is_printed_as_it_is(run: Run, folder: Path, tmp_path: Path) -> None:
    hostile = tmp_path / "[red]a[b].jsonl"
    hostile.write_text('{"sentence": "x", "mentions": "[/red][bold]"}\n', "utf-8")
    done = run("import", "jsonl", hostile, "--workspace", folder)
    assert done.code == 0
    assert "[/red]" in done.out
    missing = run("import", "jsonl", tmp_path / "[/bold]", "--workspace", folder)
    assert missing.code == 1
    assert "[/bold]" in missing.err


@pytest.mark.parametrize(
    "command",
    [
        ("import", "jsonl", "MISSING", "--workspace", "WS"),
        ("predict", "MISSING", "--workspace", "WS"),
        ("evaluate", "mnre", "MISSING"),
        ("train", "mnre", "MISSING", "--out", "MISSING"),
        ("info", "--workspace", "MISSING"),
        ("backup", "--workspace", "MISSING"),
        ("export", "jsonl", "x.jsonl", "--workspace", "MISSING"),
    ],
    ids=lambda c: c[0],
)
def test_what_is_missing_is_named_in_one_line(
    command: tuple[str, ...], run: Run, folder: Path, tmp_path: Path
) -> None:
    names = {"MISSING": tmp_path / "a rather long name of a file that is not there", "WS": folder}
    done = run(*[names.get(c, c) for c in command])
    assert done.code == 1
    (error,) = [x for x in done.err.splitlines() if x.startswith("Error: ")]
    assert str(names["MISSING"]) in error
    assert "Traceback" not in done.err


def test_wrong_usage_is_status_two(run: Run, posts: Path) -> None:
    done = run("import", "xml", posts)
    assert done.code == 2
    assert "'xml' is not one of" in done.err


@pytest.mark.encoders
@pytest.mark.parametrize("source", ["file", "stdin"])
def test_predict_answers_each_line_and_says_which_it_could_not(
    source: str, run: Run, folder: Path, posts: Path
) -> None:
    given: tuple[object, ...] = (posts,) if source == "file" else ("-",)
    done = run("predict", *given, "--workspace", folder, "--top", 2, stdin=MIXED.encode())
    assert done.code == 2
    lines = [json.loads(x) for x in done.out.splitlines()]
    assert [x["line"] for x in lines] == [1, 2, 4]
    assert [sorted(x) == ["error", "line"] for x in lines] == [False, True, False]
    assert len(lines[0]["relations"]) == 2
    # The first prediction of a process loads the encoders, which may show a bar before this.
    assert done.err.splitlines()[-1] == "1 lines could not be answered; each says why."


@pytest.mark.encoders
def test_reasons_are_added_and_a_file_written(run: Run, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    done = run("predict", "--workspace", folder, "--reasons", "--out", out, stdin=GOOD.encode())
    assert (done.code, done.out) == (0, "")
    (line,) = [json.loads(x) for x in out.read_text("utf-8").splitlines()]
    assert line["reasons"]["method"] == "leave-one-out"
    assert {"mention", "word"} <= {s["kind"] for s in line["reasons"]["shares"]}


def test_a_place_that_cannot_be_written_is_named(run: Run, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "no folder" / "out.jsonl"
    done = run("predict", "--workspace", folder, "--out", out, stdin=GOOD.encode())
    assert done.code == 1
    assert done.err.startswith(f"Error: Expected to write {out}. Found No such file or directory.")


@pytest.mark.encoders
def test_evaluate_prints_and_writes_the_figures(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "reports"
    done = run("evaluate", "mnre", mnre_folder(tmp_path, 12), "--split", "val", "--out", out)
    assert done.code == 0
    assert "12 pairs, protocol honest" in done.out
    (version,) = json.loads((out / "report.json").read_text("utf-8"))["versions"]
    figures = version["report"]
    assert figures["pairs"] == 12
    assert f"{figures['f1']:.4f}" in done.out


@pytest.mark.encoders
def test_train_writes_a_version_that_evaluate_can_use(run: Run, tmp_path: Path) -> None:
    data, out = mnre_folder(tmp_path, 60), tmp_path / "models" / "made"
    done = run("train", "mnre", data, "--out", out)
    assert done.code == 0, done.err
    assert "made on dev, seed 0" in done.out
    card = json.loads((out / "card.json").read_text("utf-8"))
    assert str(tmp_path) not in json.dumps(card)
    assert run("evaluate", "mnre", data, "--model", out).code == 0


@pytest.mark.parametrize("command", ["init", "import", "export", "predict", "evaluate", "backup"])
def test_every_command_has_help(command: str, run: Run) -> None:
    done = run(command, "--help")
    assert done.code == 0
    assert f"roc_core {command}" in done.out


def test_the_module_runs_as_a_program(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "roc_core", "info", "--workspace", tmp_path / "none"],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("Error: Expected ")
    assert "Traceback" not in done.stderr
