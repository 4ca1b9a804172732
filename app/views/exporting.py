"""Export: choose format and filter, then download."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import streamlit as st

from app import state
from app.views.listing import filters
from app.views.words import items_said
from roc_core.errors import RocError
from roc_core.schema import Count, ItemFilter
from roc_core.workspace import Workspace

SUFFIXES = {"mnre": "txt", "label-studio": "json"}
FORMATS = {
    "jsonl": "JSONL (everything, one record a line)",
    "csv": "CSV (one record a row)",
    "parquet": "Parquet (the fields of JSONL as columns)",
    "label-studio": "Label Studio (JSON: spans, boxes, relations)",
    "mnre": "MNRE (labelled text pairs)",
    "more": "MORE (labelled pairs of words and a box)",
}


def show_export(ws: Workspace, counts: Sequence[Count]) -> None:
    """Write the chosen items to a file the browser downloads."""
    st.write("Choose a format and, if you want, a filter. Labels are the present ones.")
    format_ = st.selectbox("Format", tuple(FORMATS), format_func=FORMATS.__getitem__)
    wanted = filters(ws, counts, "export")
    try:
        wanted = _labelled(ws, wanted)
        total = ws.items(wanted, limit=1).total
    except RocError as error:
        state.show_error(error, "The items cannot be counted.")
        return
    st.button(
        f"Make a file of {items_said(total)}",
        icon=":material/download:",
        disabled=not total,
        key="export:make",
        on_click=_make,
        args=(ws, str(format_), wanted),
    )
    made = st.session_state.get("export:made")
    error = st.session_state.get("export:error")
    if isinstance(error, RocError):
        state.show_error(error, "No file was made.")
    elif made and made[:2] == (format_, wanted):
        name, content, written = made[2:]
        st.success(f"The file holds {items_said(written)}.", icon=":material/check_circle:")
        st.download_button(
            f"Download {name}", content, file_name=name, type="primary", on_click="ignore"
        )


def _labelled(ws: Workspace, wanted: ItemFilter) -> ItemFilter:
    """The filter, also by who gave the present label and when."""
    who, since, until, _ = st.columns([2, 1.5, 1.5, 4])
    with who:
        annotator = st.selectbox(
            "Labelled by",
            ("", *ws.privacy.annotators()),
            format_func=lambda name: name or "any",
            key="export:annotator",
        )
    with since:
        first = st.date_input("From", None, key="export:since", help="Day of the label, in UTC")
    with until:
        last = st.date_input("Until", None, key="export:until", help="That day is included")
    days = [day.isoformat() if isinstance(day, date) else "" for day in (first, last)]
    return replace(wanted, annotator=annotator or "", since=days[0], until=days[1])


def _make(ws: Workspace, format_: str, wanted: ItemFilter) -> None:
    st.session_state.pop("export:error", None)
    st.session_state.pop("export:made", None)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"items.{SUFFIXES.get(format_, format_)}"
        try:
            written = ws.export(format_, path, wanted)
        except RocError as error:
            st.session_state["export:error"] = error
            return
        name, content = _packed(Path(folder), path)
    st.session_state["export:made"] = (format_, wanted, name, content, written)


def _packed(folder: Path, path: Path) -> tuple[str, bytes]:
    """The one file that was written, or all of them in a zip."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    if len(files) == 1:
        return files[0].name, files[0].read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.relative_to(folder))
    return f"{path.stem}.zip", packed.getvalue()
