"""The rules every file keeps: sizes, places, imports and the one list of dependencies."""

from __future__ import annotations

import ast
import os
import re
import socket
import statistics
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("roc_core", "app", "pages")
REQUIRED = {
    ".ci", ".gitignore", ".streamlit", "Makefile", "README.md", "app", "assets", "constraints.txt",
    "pages", "pyproject.toml", "requirements-dev.txt", "requirements.txt", "roc_core", "tests",
}  # fmt: skip
ALLOWED = REQUIRED | {
    "LICENSE", "benchmarks", "docs", "requirements-base.txt", "requirements-llm.txt",
}  # fmt: skip
MAX_FILE, MAX_FUNCTION, TYPICAL_FUNCTION, MEDIAN_FUNCTION = 400, 80, 40, 15
FRONT_DOOR = {"workspace", "schema", "errors", "figures"}
HEAVY = ("torch", "torchvision", "transformers", "timm", "open_clip", "peft", "umap", "sklearn")
LIGHT_ROOMS = ("errors", "schema", "config", "relations", "store", "workspace", "cli")


@lru_cache(maxsize=1)
def project_files() -> tuple[Path, ...]:
    """Files that are in git or could be added to it, relative to the root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        out = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("skipped: the list of files needs git and a checkout")
    return tuple(Path(f) for f in sorted(set(out.split("\0"))) if f and (ROOT / f).is_file())


def python_files(*tops: str) -> list[Path]:
    """Python files of the project, of the given top-level folders only if any are given."""
    files = [f for f in project_files() if f.suffix == ".py"]
    return [f for f in files if not tops or f.parts[0] in tops]


def tree(file: Path) -> ast.Module:
    return ast.parse((ROOT / file).read_text(encoding="utf-8"), str(file))


def functions(*tops: str) -> Iterator[tuple[str, int]]:
    """(place and name, number of lines) of every function."""
    for file in python_files(*tops):
        for node in ast.walk(tree(file)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                yield f"{file}:{node.lineno} {node.name}", lines


def imports(file: Path) -> Iterator[str]:
    """Dotted names a file imports, those inside functions included."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms() -> set[str]:
    """Names of the rooms of roc_core, modules and packages alike."""
    found = {f.parts[1].removesuffix(".py") for f in python_files("roc_core")}
    return found - {"__init__", "__main__"}


def requirements(*names: str) -> dict[str, Requirement]:
    """Requirements of the given files by canonical name; options such as ``-e .`` are left out."""
    lines = [line for name in names for line in (ROOT / name).read_text("utf-8").splitlines()]
    bare = [line.partition("#")[0].strip() for line in lines]
    found = [Requirement(line) for line in bare if line and not line.startswith("-")]
    return {canonicalize_name(r.name): r for r in found}


def run_python(code: str) -> str:
    """Standard output of a fresh interpreter started in the root."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_top_level_is_as_agreed() -> None:
    found = {f.parts[0] for f in project_files()}
    assert found - ALLOWED == set(), "not agreed at the top level"
    assert REQUIRED - found == set(), "missing at the top level"


def test_no_file_is_too_long() -> None:
    lengths = {f: len((ROOT / f).read_text("utf-8").splitlines()) for f in python_files()}
    assert {str(f): n for f, n in lengths.items() if n > MAX_FILE} == {}


def test_no_function_is_too_long() -> None:
    assert [(name, n) for name, n in functions() if n > MAX_FUNCTION] == []


def test_functions_are_short_as_a_rule() -> None:
    lines = [n for _, n in functions(*PRODUCT)]
    assert len(lines) >= 100, "the product's functions were not found"
    assert statistics.median(lines) <= MEDIAN_FUNCTION
    assert statistics.quantiles(lines, n=10)[-1] <= TYPICAL_FUNCTION


def test_every_room_has_tests() -> None:
    tests = [f for f in python_files("tests") if f.name.startswith("test_")]
    served = {f.parts[1] if len(f.parts) > 2 else f.stem.removeprefix("test_") for f in tests}
    assert rooms() - served == set(), "rooms without tests/<room>/test_*.py or tests/test_<room>.py"


def test_no_machine_is_named() -> None:
    tops = "|".join(("home", "root", "Users", "work", "opt/[a-z]+"))
    pattern = re.compile(rf"""(?:^|[\s"'`(=:])(?:/(?:{tops})/[\w.]|[A-Z]:\\\\?Users)""")
    found = []
    for file in project_files():
        if file.suffix in {".py", ".md", ".toml", ".txt", ".sql", ".js", ".css", ""}:
            text = (ROOT / file).read_text(encoding="utf-8", errors="replace")
            found += [f"{file}: {line}" for line in text.splitlines() if pattern.search(line)]
    assert found == []


def test_only_the_cli_prints() -> None:
    found = []
    for file in python_files(*PRODUCT):
        if file.parts[:2] in {("roc_core", "cli"), ("roc_core", "cli.py")}:
            continue
        calls = [n.func for n in ast.walk(tree(file)) if isinstance(n, ast.Call)]
        found += [str(file) for f in calls if isinstance(f, ast.Name) and f.id == "print"]
    assert found == []


def test_the_front_of_the_core_is_small() -> None:
    names = ast.literal_eval(run_python("import roc_core; print(sorted(roc_core.__all__))"))
    assert 5 <= len(names) <= 20
    assert {"Workspace", "Example", "Mention", "Span", "Box"} <= set(names)
    missing = run_python(
        f"import roc_core; print([n for n in {names} if not hasattr(roc_core, n)])"
    )
    assert missing.strip() == "[]"


@pytest.mark.parametrize("module", ["roc_core", *(f"roc_core.{room}" for room in LIGHT_ROOMS)])
def test_importing_is_light(module: str) -> None:
    code = f"import sys, {module}; print([m for m in {HEAVY} if m in sys.modules])"
    assert run_python(code).strip() == "[]", f"import {module} loads heavy libraries"


def test_app_names_hide_no_library() -> None:
    # streamlit run app/main.py puts app/ itself first on the path.
    taken = set(sys.stdlib_module_names) | set(packages_distributions()) - {"app", "pages"}
    own = {f.parts[1].removesuffix(".py") for f in python_files("app", "pages")}
    assert {"main"} <= own
    assert (own - {"__init__"}) & taken == set()


def test_app_uses_the_front_door() -> None:
    found = []
    for file in python_files("app", "pages"):
        used = [name.split(".") for name in imports(file) if name.split(".")[0] == "roc_core"]
        found += [f"{file}: {'.'.join(u)}" for u in used if len(u) < 2 or u[1] not in FRONT_DOOR]
    assert found == [], "from roc_core.workspace, schema, errors or figures only"


def test_every_third_party_import_is_listed() -> None:
    listed = set(requirements("requirements.txt"))
    owners = packages_distributions()
    unlisted = set()
    for file in python_files(*PRODUCT):
        for top in {name.split(".")[0] for name in imports(file)}:
            if top in sys.stdlib_module_names or top in PRODUCT or top == "tomli":
                continue
            names = {canonicalize_name(d) for d in owners.get(top, ())}
            if not names & listed:
                unlisted.add(f"{file}: {top}")
    assert unlisted == set(), "not in requirements.txt"


def test_one_list_of_runtime_dependencies() -> None:
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    assert lines[-1] == "-e ."
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert not re.search(r"^(dependencies|dynamic)\s*=", text, re.MULTILINE)
    both = set(requirements("requirements.txt")) & set(requirements("requirements-dev.txt"))
    assert both == set(), "a package belongs to one list"


def test_constraints_hold_every_requirement() -> None:
    pins = requirements("constraints.txt")
    for name, wanted in requirements("requirements.txt", "requirements-dev.txt").items():
        if wanted.marker is None:
            (pin,) = pins[name].specifier
            assert pin.operator == "==", str(pins[name])
            assert wanted.specifier.contains(pin.version), f"{pins[name]} against {wanted}"


def test_constraints_fit_any_machine() -> None:
    text = (ROOT / "constraints.txt").read_text("utf-8")
    assert "://" not in text
    assert [n for n in requirements("constraints.txt") if n.startswith(("nvidia", "cuda"))] == []
    assert [r for r in requirements("constraints.txt").values() if "+" in str(r.specifier)] == []


def test_ci_script_can_be_started() -> None:
    script = ROOT / ".ci/run"
    text = script.read_text("utf-8")
    assert os.access(script, os.X_OK)
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "set -euo pipefail" in text
    assert "ROC_REQUIRE_BROWSER=1" in text
    checked = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def test_tests_run_offline() -> None:
    # 192.0.2.1 is an address for documentation (RFC 5737): nobody answers there.
    with (
        socket.socket() as connection,
        pytest.raises(ConnectionRefusedError, match="Tests run offline"),
    ):
        connection.connect(("192.0.2.1", 80))
