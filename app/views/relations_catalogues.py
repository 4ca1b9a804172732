"""Catalogues: which there are and which one is in use, new ones, files in and out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

import streamlit as st

from app import state
from app.views.relations_steps import CHOSEN, attempt
from app.views.relations_words import numbered
from app.views.words import escaped, whole
from roc_core.errors import RocError
from roc_core.schema import ENTITY_TYPES, CatalogueInfo, EntityType, Facet, Relation
from roc_core.workspace import Workspace, check_relation, relation_id_from

FORMATS = {"toml": "TOML (to be read by hand)", "csv": "CSV (one row a description)"}


def show_catalogues(ws: Workspace) -> None:
    """The list, and what can be done with it."""
    found = ws.relations.catalogues()
    _table(found)
    use, files, new = st.columns(3, gap="medium")
    with use:
        _use(ws, found)
    with files:
        _import(ws)
        _export(ws, found)
    with new:
        _create(ws)


def _table(found: Sequence[CatalogueInfo]) -> None:
    st.dataframe(
        {
            "catalogue": [c.title for c in found],
            "id": [c.id for c in found],
            "in use": ["in use" if c.in_use else "" for c in found],
            "relations": [c.relations for c in found],
            "retired": [c.retired for c in found],
            "from": ["the program" if c.packaged else "this workspace" for c in found],
        },
        hide_index=True,
        key="relations:catalogues",
        alt="Catalogues",
    )


def _use(ws: Workspace, found: Sequence[CatalogueInfo]) -> None:
    st.markdown("**Use another one**")
    st.caption(
        "The next answer takes its relations. Answers that are kept for the map and the figures "
        "are renewed when items are read again; labels stay as they are."
    )
    titles = {c.id: c.title for c in found if c.relations and not c.in_use}
    if not titles:
        st.caption("There is no other one yet.")
        return
    id = st.selectbox(
        "Catalogue", tuple(titles), format_func=lambda id: titles[id], key="relations:other"
    )
    st.button(
        "Use it",
        icon=":material/swap_horiz:",
        key="relations:use",
        on_click=_switch,
        args=(ws, str(id)),
    )


def _switch(ws: Workspace, id: str) -> None:
    def step() -> str:
        ws.relations.use(id)
        st.session_state[CHOSEN] = ""
        return f"{escaped(ws.catalogue.title)} is in use now."

    attempt(step)


def _create(ws: Workspace) -> None:
    st.markdown("**Begin a new one**")
    st.caption("With its first relation; it is in use at once.")
    with st.form("relations:create", border=False):
        title = st.text_input("Title", placeholder="Relations of our field")
        id = st.text_input("Id", placeholder="our-field", help="Short, as a file name.")
        name = st.text_input("First relation", placeholder="sponsor of")
        head, tail = st.columns(2)
        types = (
            head.selectbox("Head is a", ENTITY_TYPES, key="relations:create:head"),
            tail.selectbox("Tail is a", ENTITY_TYPES, key="relations:create:tail"),
        )
        text = st.text_input("What it means", placeholder="{head} pays for {tail}.")
        made = st.form_submit_button("Make it", icon=":material/add:")
    if made:
        attempt(
            lambda: _created(ws, (id.strip(), title.strip()), name.strip(), types, text.strip())
        )
        st.rerun()


def _created(
    ws: Workspace,
    catalogue: tuple[str, str],
    name: str,
    types: tuple[EntityType, EntityType],
    text: str,
) -> str:
    """Make a catalogue (id, title) with one relation and use it; nothing when the relation cannot
    be."""
    id = relation_id_from(name)
    facet: Facet = "definition" if "{head}" in text and "{tail}" in text else "wording"
    relation = Relation(id, name, name, *types, False, numbered(id, [(facet, text)]))
    check_relation("this form", relation)
    made = ws.relations.create(*catalogue)
    ws.relations.within(made.id).save(relation, state.annotator(), "the first relation")
    ws.relations.use(made.id)
    st.session_state[CHOSEN] = ""
    return f"Catalogue {escaped(made.title)} is made and in use."


def _import(ws: Workspace) -> None:
    st.markdown("**Bring a file in**")
    st.caption(
        "TOML or CSV, as they are exported. Relations it has are added or edited, those it lacks "
        "stay. Every one is a change that can be taken back."
    )
    file = st.file_uploader("Catalogue file", type=("toml", "csv"), key="relations:file")
    if file is None:
        return
    st.button(
        f"Bring in {escaped(file.name)}",
        type="primary",
        icon=":material/download_done:",
        key="relations:import",
        on_click=_bring,
        args=(ws, file.getvalue(), file.name),
    )


def _bring(ws: Workspace, data: bytes, name: str) -> None:
    def step() -> str:
        done = ws.relations.import_file(data, name, state.annotator())
        return (
            f"{escaped(done.info.title)}: {whole(done.added)} relations added, "
            f"{whole(done.edited)} edited, {whole(done.same)} the same."
        )

    attempt(step)


def _export(ws: Workspace, found: Sequence[CatalogueInfo]) -> None:
    st.markdown("**Take a file out**")
    titles = {c.id: c.title for c in found if c.relations}
    used = next((c.id for c in found if c.in_use), "")
    ids = tuple(titles)
    id = st.selectbox(
        "Of catalogue",
        ids,
        index=ids.index(used) if used in ids else 0,
        format_func=lambda id: titles[id],
        key="relations:export:id",
    )
    kind = st.selectbox("As", tuple(FORMATS), format_func=FORMATS.__getitem__, key="relations:as")
    format_ = cast(Literal["toml", "csv"], kind)
    st.button(
        "Make the file",
        icon=":material/download:",
        key="relations:export",
        on_click=_make,
        args=(ws, str(id), format_),
    )
    made = st.session_state.get("relations:made")
    if made and made[:2] == (id, format_):
        st.download_button(
            f"Download {made[2]}", made[3], file_name=made[2], type="primary", on_click="ignore"
        )


def _make(ws: Workspace, id: str, format_: Literal["toml", "csv"]) -> None:
    st.session_state.pop("relations:made", None)
    try:
        content = ws.relations.export(id, format_)
    except RocError as error:
        st.session_state["relations:error"] = error
        return
    st.session_state["relations:made"] = (id, format_, f"{id}.{format_}", content)
