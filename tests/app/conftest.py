"""One workspace for all app tests; every test gets its own browser session on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import state
from roc_core.workspace import Workspace

MAIN = Path(__file__).resolve().parents[2] / "app" / "main.py"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("app") / "workspace"


@pytest.fixture
def ws(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The very workspace object the app uses."""
    monkeypatch.setenv("ROC_WORKSPACE", str(folder))
    return state.workspace()


@pytest.fixture
def open_app(ws: Workspace) -> Iterator[Callable[..., AppTest]]:
    """Opens the app as a new browser session, with address parameters."""

    def run(annotator: str = "tester", **parameters: str) -> AppTest:
        at = AppTest.from_file(str(MAIN), default_timeout=90)
        at.session_state["annotator"] = annotator
        for name, value in parameters.items():
            at.query_params[name] = value
        return at.run()

    return run
