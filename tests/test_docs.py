"""README says only what is so: its commands, options, files, settings and code are tried."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from roc_core.cli.main import app

ROOT = Path(__file__).resolve().parents[1]
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
TOPS = "app|pages|roc_core|assets|tests|benchmarks|\\.streamlit|\\.ci"


@lru_cache(maxsize=1)
def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def fences(language: str) -> list[str]:
    """Contents of README's fenced blocks in one language."""
    return [body for name, body in FENCE.findall(readme()) if name == language]


def code_lines() -> list[str]:
    """Every line of a fenced block and every inline code span; prose is left out."""
    blocks = [line for _, body in FENCE.findall(readme()) for line in body.splitlines()]
    spans = re.findall(r"`([^`\n]+)`", FENCE.sub("", readme()))
    return [line.partition(" #")[0].strip() for line in blocks + spans]


def found(pattern: str) -> set[str]:
    """All matches of a pattern in README's code."""
    return {m for line in code_lines() for m in re.findall(pattern, line)}


@lru_cache(maxsize=64)
def help_of(command: tuple[str, ...]) -> str:
    """What ``roc_core <command> --help`` prints; the command has to exist."""
    done = CliRunner(env={"COLUMNS": "240", "NO_COLOR": "1", "TERM": "dumb"}).invoke(
        app, [*command, "--help"], terminal_width=240
    )
    assert done.exit_code == 0, f"roc_core {' '.join(command)}: {done.output}"
    return done.output


def commands() -> list[str]:
    """The argument parts of README's ``python -m roc_core …`` lines."""
    pattern = re.compile(r"python3? -m roc_core ?([^|>&;]*)")
    return [m.group(1).strip() for line in code_lines() for m in pattern.finditer(line)]


def targets() -> set[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][\w-]*):", text, re.MULTILINE))


def test_make_targets_exist() -> None:
    named = found(r"\bmake ([a-z][\w-]*)")
    assert {"run", "test"} <= named
    assert named - targets() == set()


def test_make_help_lists_every_target() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    listed = set(re.findall(r"^make ([a-z]+)", done.stdout, re.MULTILINE))
    assert listed == targets()


def test_make_variables_exist() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^(?:export )?([A-Z_]+) \?=", text, re.MULTILINE))
    lines = [line for line in code_lines() if re.search(r"\bmake\b", line)]
    named = {name for line in lines for name in re.findall(r"\b([A-Z_]{3,})=", line)}
    assert named - known - set(re.findall(r"\bROC_\w+", text)) == set()


def test_commands_exist() -> None:
    listed = help_of(())
    names = {c.split()[0] for c in commands() if c and not c.startswith("-")}
    assert {"init", "import", "predict"} <= names
    for name in sorted(names):
        assert re.search(rf"^\W*{re.escape(name)}\s", listed, re.MULTILINE), name
        assert help_of((name,))


def test_command_options_exist() -> None:
    for command in commands():
        words = command.split()
        options = {w.partition("=")[0] for w in words if re.match(r"--[a-z]", w)}
        if options - {"--help"}:
            group = "Commands" in help_of((words[0],))
            listed = help_of(tuple(words[: 2 if group else 1]))
            missing = {o for o in options if not re.search(rf"{o}(?![\w-])", listed)}
            assert missing == set(), f"roc_core {command}"


def test_every_command_is_in_the_readme() -> None:
    rows = help_of(()).partition("Commands")[2]
    listed = set(re.findall(r"^(?:│ |  )([a-z][\w-]*) {2,}", rows, re.MULTILINE))
    assert len(listed) >= 3, help_of(())
    assert listed - {c.split()[0] for c in commands() if c} == set()


def test_named_files_exist() -> None:
    named = found(rf"(?<![\w./-])((?:{TOPS})/[\w./-]*[\w/])")
    assert "app/main.py" in named
    missing = {f for f in named if not (ROOT / f).exists()}
    assert missing == set()


def test_every_page_is_named() -> None:
    pages = {p.stem for p in (ROOT / "pages").glob("*.py") if p.stem != "__init__"}
    assert pages, "no pages"
    assert {p for p in pages if not re.search(rf"\b{p}\b", readme(), re.IGNORECASE)} == set()


def test_links_lead_somewhere() -> None:
    local = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", readme())
    assert {link for link in local if not (ROOT / link).exists()} == set()


def test_named_settings_exist() -> None:
    named = found(r"\b(ROC_[A-Z_]+)\b")
    files = [ROOT / "Makefile", ROOT / ".ci/run"]
    files += [f for top in ("roc_core", "app", "tests") for f in (ROOT / top).rglob("*.py")]
    files.remove(Path(__file__).resolve())
    text = "\n".join(f.read_text(encoding="utf-8") for f in files)
    assert {"ROC_WORKSPACE", "ROC_REQUIRE_BROWSER"} <= named
    assert {name for name in named if name not in text} == set()


@pytest.mark.encoders
def test_the_notebook_block_runs(tmp_path: Path) -> None:
    block = fences("python")[0]
    assert "Workspace" in block
    done = subprocess.run(
        [sys.executable, "-c", block],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
