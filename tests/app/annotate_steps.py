"""What a browser reports on the Annotate page and gets back, for tests that have none."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from roc_core.schema import Label
from roc_core.store import Store
from roc_core.workspace import Workspace
from tests.tiny import make_checkpoint
from tests.workspace.made_workspace import make_workspace

MAIN = Path(__file__).resolve().parents[2] / "app" / "main.py"
PEER = ["/per/per/peer", "both"]
MEMBER = ["/per/org/member_of", "forward"]
COUNT = itertools.count(1)


def make(folder: Path) -> Path:
    """A workspace of 24 items, 19 of them labelled, with version tiny."""
    Workspace.create(folder / "ws", starter=False)
    Store.open(folder / "ws").set_setting("starter", "1")  # the app would add the starter set
    return make_workspace(folder / "ws", make_checkpoint(folder), items=24).path


def open_page(annotator: str = "", kind: str = "everything") -> AppTest:
    """The page as a browser session, of an annotator nobody has been before unless named."""
    at = AppTest.from_file(str(MAIN), default_timeout=90)
    at.session_state["annotator"] = annotator or f"annotator {next(COUNT)}"
    at.session_state["annotate:kind"] = kind
    at.run()
    return at.switch_page("../pages/annotate.py").run()


def answer(at: AppTest) -> dict[str, Any]:
    """What the page sent to its browser part."""
    assert not at.exception, at.exception

    def find(node: Any) -> Any:
        for child in getattr(node, "children", {}).values():
            own = child.proto if getattr(child, "type", "") == "bidi_component" else None
            if own is not None and own.component_name == "roc_annotate":
                return child
            if (found := find(child)) is not None:
                return found
        return None

    data: dict[str, Any] = json.loads(find(at._tree).proto.json)
    return data


def tell(app: AppTest, /, *steps: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Report as the browser does; the answer."""
    name = app.session_state["annotator"]
    known = answer(app)
    report = {"seq": next(COUNT), "queue": known["queue"], "at": known["at"], **fields}
    report["steps"] = [{"token": f"token{next(COUNT):08}", "annotator": name, **s} for s in steps]
    app.session_state["annotate:keys"] = {"report": report}
    return answer(app.run())


def tell_until_ready(at: AppTest) -> dict[str, Any]:
    """Report nothing new until the item on screen has its suggestions."""
    for _ in range(100):
        data = tell(at)
        if any(i["id"] == data["at"] and i.get("ready") for i in data["items"]):
            return data
        time.sleep(0.05)
    raise AssertionError("no suggestions came")


def outcome(data: dict[str, Any]) -> dict[str, Any]:
    (found,) = data["outcomes"]
    return dict(found)


def own(ws: Workspace, item: str, annotator: str) -> Label | None:
    (status,) = ws.annotation.status([item], annotator)
    return status.own
