"""The Relations page on a small real workspace, for tests of its tabs."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from roc_core.schema import Reading
from roc_core.store import Store
from roc_core.workspace import Workspace
from roc_core.workspace.pair_vectors import vectors_job
from tests.tiny import make_checkpoint
from tests.workspace.made_workspace import make_workspace

MAIN = Path(__file__).resolve().parents[2] / "app" / "main.py"
TINY = Reading("tiny")
TAB = "relations:tab"


def silent(done: int, total: int, stage: str) -> None:
    return


def make(folder: Path, read: bool = True) -> Path:
    """A workspace of 60 items, of which 55 are labelled; ``read`` by version tiny if wanted."""
    Workspace.create(folder / "ws", starter=False)
    Store.open(folder / "ws").set_setting("starter", "1")  # the app would add the starter set
    made = make_workspace(folder / "ws", make_checkpoint(folder))
    if read:
        vectors_job(made.path, {}, silent)
    return made.path


def open_tab(tab: str, annotator: str = "tester") -> AppTest:
    """The page with this tab open, in a session of its own."""
    at = AppTest.from_file(str(MAIN), default_timeout=90)
    at.session_state["annotator"] = annotator
    at.run()
    at.session_state[TAB] = tab
    at.switch_page("../pages/relations.py").run()
    assert not at.exception
    return at
