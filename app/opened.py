"""The open workspaces of this process, one a folder: what the launcher warms is what pages use."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from roc_core.errors import RocError
from roc_core.workspace import Workspace

_LOCK = threading.Lock()

DRAWING = ("plotly.graph_objects", "plotly.io", "pandas", "pyarrow")
"""Modules that the first figure and the first table would wait for."""


def opened(path: str) -> Workspace:
    """The workspace in a folder, made if there is none, opened once a process."""
    with _LOCK:
        return _opened(str(Path(path).resolve()))


def warm(path: str) -> None:
    """Load the model of the workspace in a folder, ahead of the first prediction, what draws
    figures and tables, the answers that the Errors page shows first, and the map."""
    with suppress(RocError):  # the first prediction raises the same error, where a page can show it
        opened(path).warm()
    for module in DRAWING:
        import_module(module)
    with suppress(RocError):  # as above, on the Errors page
        # Imported here: a page's parts import this module.
        import_module("app.views.errors_scope").read_ahead(opened(path))
    with suppress(RocError):
        opened(path).map_of()


@lru_cache(maxsize=1)
def _opened(path: str) -> Workspace:
    return Workspace.create(path)
