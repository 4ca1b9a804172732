"""The open workspaces of this process, one a folder: what the launcher warms is what pages use."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from roc_core.errors import RocError
from roc_core.workspace import Workspace

_LOCK = threading.Lock()

DRAWING = ("plotly.graph_objects", "plotly.io", "pandas", "pyarrow")
"""Modules that the first figure and the first table would wait for."""


CLEANED_EVERY = 6 * 3600.0
"""Seconds between two looks for backups in which something is still to be erased."""


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
    found = Workspace.create(path)
    threading.Thread(target=_erase_in_backups, args=(path,), daemon=True).start()
    return found


def _erase_in_backups(path: str) -> None:
    """Erase in backups that have grown old enough, as long as there is the workspace: nobody may
    make another backup for months, and nobody has to think of it."""
    while (Path(path) / "workspace.db").is_file():
        with suppress(RocError):  # said on the Data page as what is left to finish
            Workspace.open(path).privacy.finish()
        time.sleep(CLEANED_EVERY)
