"""Import: a dry run first, then what it showed, with progress and time left."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app import state
from app.components import cards
from app.views.words import NONE_WORDS, escaped, items_said, whole
from roc_core.errors import RocError
from roc_core.schema import NONE, ImportReport
from roc_core.workspace import Workspace

UPLOADS = {"jsonl": "jsonl", "csv": "csv", "parquet": "parquet", "json": "label-studio"}
"""Formats of files that can be uploaded, by the end of their names."""

SAID = {
    "jsonl": "JSONL (one record a line)",
    "csv": "CSV (one record a row)",
    "parquet": "Parquet (one record a row)",
    "label-studio": "Label Studio (JSON export)",
    "mnre": "MNRE (folder as published)",
    "more": "MORE (folder as published)",
}
REFUSALS_SHOWN = 200


def show_import(ws: Workspace) -> None:
    """Choose what to import, check it, bring it in."""
    st.write("First the file is checked and nothing is written. Then you decide.")
    way = st.segmented_control(
        "Where the data is",
        ("Upload a file", "Path on this machine"),
        default="Upload a file",
        required=True,
        key="import:way",
    )
    given = _upload() if way == "Upload a file" else _path(ws)
    if given is None:
        return
    format_, path = given
    st.button(
        "Check it (dry run)",
        icon=":material/fact_check:",
        key="import:check",
        on_click=_ask,
        args=("check", format_, str(path)),
    )
    _work(ws, format_, str(path))
    report: ImportReport | None = st.session_state.get("import:report")
    if report and st.session_state.get("import:checked") == (format_, str(path)):
        _show(report)
        if report.dry_run and report.added:
            st.button(
                f"Import {items_said(report.added)}",
                type="primary",
                icon=":material/download_done:",
                key="import:go",
                on_click=_ask,
                args=("import", format_, str(path)),
            )


def _ask(what: str, format_: str, path: str) -> None:
    st.session_state["import:asked"] = (what, format_, path)


def _upload() -> tuple[str, Path] | None:
    file = st.file_uploader(
        "JSONL, CSV, Parquet or Label Studio JSON file, up to 20 MB",
        type=tuple(UPLOADS),
        key="import:file",
    )
    if file is None:
        return None
    # One folder an upload, so a report names the file as the user does.
    folder = Path(tempfile.gettempdir()) / f"roc-upload-{state.nonce()}" / file.file_id
    path = folder / Path(file.name).name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.getvalue())
    return UPLOADS[path.suffix.lower().lstrip(".")], path


def _path(ws: Workspace) -> tuple[str, Path] | None:
    columns = st.columns([1, 3])
    with columns[0]:
        format_ = st.selectbox("Format", ws.formats, format_func=lambda f: SAID.get(f, f))
    with columns[1]:
        path = st.text_input("File or folder", key="import:path", placeholder="data/mnre")
    if not path or not path.strip():
        return None
    return str(format_), Path(path.strip()).expanduser()


def _work(ws: Workspace, format_: str, path: str) -> None:
    asked = st.session_state.pop("import:asked", None)
    if asked is None or asked[1:] != (format_, path):
        return
    what = "Checking" if asked[0] == "check" else "Importing"
    bar = st.progress(0.0, text=what)
    try:
        report = ws.import_data(
            format_, path, dry_run=asked[0] == "check", progress=_progress(bar.progress, what)
        )
    except RocError as error:
        st.session_state.pop("import:report", None)
        state.show_error(error, "Nothing was imported.")
        return
    finally:
        bar.empty()
    st.session_state["import:report"] = report
    st.session_state["import:checked"] = (format_, path)
    state.forget_kept()


def _progress(draw: Callable[..., object], what: str) -> Callable[[int, int], None]:
    began = time.monotonic()
    drawn = 0.0

    def tick(done: int, total: int) -> None:
        nonlocal drawn
        now = time.monotonic()
        if now - drawn < 0.2 or not total:
            return
        drawn = now
        share = min(done / total, 1.0)
        left = (now - began) * (1 - share) / share if share else 0.0
        draw(share, text=f"{what} {whole(done)} of {whole(total)}, about {left:.0f} s left")

    return tick


def _show(report: ImportReport) -> None:
    added, known, refused = (
        whole(number) for number in (report.added, report.known, len(report.refused))
    )
    if report.dry_run:
        said = f"Will come in: {added}. Known already: {known}. Will be refused: {refused}."
        st.info(said, icon=":material/fact_check:")
    else:
        said = f"Came in: {added}. Known already: {known}. Refused: {refused}."
        st.success(said, icon=":material/check_circle:")
    if report.pictures or report.pictures_missing:
        st.write(
            f"Pictures: {whole(report.pictures)} found, {whole(report.pictures_missing)} missing."
        )
    if report.erased:
        st.write(f"Erased for good before, so they stay out: {whole(report.erased)}.")
    _refused(report)
    if report.dry_run:
        _incoming(report)


def _refused(report: ImportReport) -> None:
    if not report.refused:
        return
    st.write("**Refused, and why**")
    st.dataframe(
        [
            {
                "file": Path(r.file).name,
                "line": r.line,
                "field": r.field,
                "expected": r.expected,
                "found": r.found,
            }
            for r in report.refused[:REFUSALS_SHOWN]
        ],
        hide_index=True,
    )
    if len(report.refused) > REFUSALS_SHOWN:
        st.caption(f"The first {REFUSALS_SHOWN} of {whole(len(report.refused))} are shown.")


def _incoming(report: ImportReport) -> None:
    if report.samples:
        st.write("**What comes in, the first ones**")
    for record in report.samples[:5]:
        st.html(cards.sentence(record.example.sentence, record.example.mentions))
        label = record.label.relation if record.label else "no label"
        st.caption(escaped(NONE_WORDS if label == NONE else label))
    if report.labels:
        with st.expander("Labels in it", type="compact"):
            rows = [{"label": name or "no label", "items": count} for name, count in report.labels]
            st.dataframe(rows, hide_index=True)
