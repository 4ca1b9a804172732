"""What every page shares: the open workspace, the annotator, small per-session caches."""

from __future__ import annotations

import os
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.opened import opened, warm
from app.shared import forget_shared
from roc_core.errors import RocError
from roc_core.workspace import Workspace

ANALYZE = Path(__file__).resolve().parents[1] / "pages" / "analyze.py"
DATA = ANALYZE.with_name("data.py")
COOKIE = "roc_annotator"
DEFAULT_ANNOTATOR = "annotator"
KEPT = 32

T = TypeVar("T")


@st.cache_resource(max_entries=1, show_spinner="Opening the workspace")
def _open(path: str) -> Workspace:
    workspace = opened(path)
    if st.runtime.exists():
        threading.Thread(target=warm, args=(path,), daemon=True).start()
    return workspace


def workspace() -> Workspace:
    """The workspace in ``ROC_WORKSPACE`` (default ``./workspace``), opened once a process."""
    return _open(str(Path(os.environ.get("ROC_WORKSPACE") or "workspace").resolve()))


def model_version(ws: Workspace) -> str:
    """Id of the model version in use; "" when there is none (a prediction then says why)."""
    try:
        return ws.model_version
    except RocError:
        return ""


def answers_key(ws: Workspace) -> str:
    """What an answer depends on besides its example and the correction memory: the model version
    and the relations in use. "" when there is none (a prediction then says why)."""
    try:
        return f"{ws.model_version}:{ws.catalogue.digest[:16]}"
    except RocError:
        return ""


def login() -> bool:
    """Whether somebody has logged in, where a login is set up (``[auth]`` in the secrets)."""
    return st.user.get("is_logged_in") is True


def annotator() -> str:
    """The name corrections are kept under: that of the login, else what was typed."""
    if login():
        return str(st.user.get("name") or st.user.get("email") or st.user.get("sub"))
    name = st.session_state.get("annotator", "").strip()
    return name or remembered_annotator()


def remembered_annotator() -> str:
    """The name this browser used last time."""
    cookie = st.context.cookies.get(COOKIE, "")
    # Without a browser (a test of the script alone) there is no real cookie.
    return unquote(cookie).strip() if isinstance(cookie, str) and cookie else DEFAULT_ANNOTATOR


def new_id() -> str:
    """A short random id."""
    return uuid.uuid4().hex[:16]


def nonce() -> str:
    """An id of this browser session on this server process."""
    return str(st.session_state.setdefault("nonce", new_id()))


def kept(key: str, compute: Callable[[], T]) -> T:
    """``compute()``, or what it gave for the same key earlier in this session."""
    cache: OrderedDict[str, T] = st.session_state.setdefault("kept", OrderedDict())
    if key not in cache:
        cache[key] = compute()
        while len(cache) > KEPT:
            cache.popitem(last=False)
    cache.move_to_end(key)
    return cache[key]


def place() -> DeltaGenerator:
    """A container for what is there at times only, so that what follows keeps its place.

    Streamlit knows a fragment by its place on the page: when that moves, the press of a button that
    was under way is dropped, and fields forget what is being typed.
    """
    return st.container()


def forget_kept() -> None:
    """Drop cached answers, because what they depend on has changed."""
    st.session_state.pop("kept", None)
    forget_shared()


def clock(created: str) -> str:
    """A stored UTC time as the reader's clock shows it: "14:02", with the date unless today."""
    try:
        moment = datetime.fromisoformat(created.replace("Z", "+00:00"))
    except ValueError:
        return created
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    try:
        zone = ZoneInfo(st.context.timezone or "UTC")
    except (KeyError, ValueError):
        zone = ZoneInfo("UTC")
    local = moment.astimezone(zone)
    same_day = local.date() == datetime.now(zone).date()
    return local.strftime("%H:%M" if same_day else "%Y-%m-%d %H:%M")


def show_error(error: RocError, what: str) -> None:
    """An error as three sentences: what failed, expected and found, what to do."""
    expected, found = str(error.expected), str(error.found)
    st.error(what, icon=":material/error:")
    st.text(f"Expected {expected}.\nFound {found}.\n{error.todo}")
