"""The tab "New relation": one sentence, the pairs it is close to, yes or no, a relation."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import selected, state
from app.views import relations_answering as answering
from app.views.relations_keeping import KEY, ROUND, drop
from app.views.relations_making import Making, Typed, relation_of
from app.views.words import escaped, items_said, shorten
from roc_core.errors import RocError
from roc_core.schema import ENTITY_TYPES, EntityType
from roc_core.workspace import Workspace, check_relation, relation_id_from


def field_key(field: str) -> str:
    """Key of the widget of a field."""
    return f"relnew:{field}:{st.session_state.get(ROUND, 0)}"


def new_relation(ws: Workspace) -> None:
    """Draw the tab."""
    st.write(
        "Say in one sentence when the relation holds. The pairs it is closest to come up; accept "
        "or reject some, and the order follows your answers. Nothing is kept until you save."
    )
    with state.place():
        _told(ws)
    _form(ws)
    if isinstance(st.session_state.get(KEY), Making):
        answering.show(ws)


def _told(ws: Workspace) -> None:
    """What became of the last relation that was saved here."""
    said = st.session_state.get("relnew:said")
    if isinstance(said, RocError):
        state.show_error(said, "Nothing was found for this relation.")
    elif isinstance(said, str):
        st.warning(escaped(said), icon=":material/edit:")
    kept = st.session_state.get("relnew:kept")
    if kept is None:
        return
    name, items = kept
    with st.container(horizontal=True, vertical_alignment="center"):
        st.success(
            f"“{escaped(name)}” is a relation like the others now; {items_said(len(items))} "
            f"{'carries' if len(items) == 1 else 'carry'} its label.",
            icon=":material/check:",
        )
        if items:
            st.button(
                "Select them",
                icon=":material/select_all:",
                key="relnew:select-kept",
                on_click=selected.select,
                args=(ws, items, f"Relations: {name}"),
                help="They are then selected on every page.",
            )


# --- the form ----------------------------------------------------------------------------


def _form(ws: Workspace) -> None:
    making: Making | None = st.session_state.get(KEY)
    with _place(making), st.form("relnew:form", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(
                "Name", key=field_key("name"), persist_state="session", max_chars=200, width=260,
                placeholder="sponsor of",
            )  # fmt: skip
            _type("First entity", "head")
            _type("Second entity", "tail")
            st.checkbox(
                "The same both ways",
                key=field_key("symmetric"),
                persist_state="session",
                help="As with “spouse”: who comes first does not matter.",
            )
        st.text_input(
            "When does it hold?",
            key=field_key("text"),
            persist_state="session",
            max_chars=500,
            placeholder="{head} pays for {tail} and is named as its sponsor.",
            help="One sentence, as you would explain it to a colleague. Write {head} and {tail} "
            "for the two entities where it matters who does what.",
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.form_submit_button(
                "Find pairs again" if making else "Find pairs",
                type="secondary" if making else "primary",
                icon=":material/search:",
                key="relnew:find",
                on_click=_find,
                args=(ws,),
            )
            if making:
                st.form_submit_button(
                    "Start over",
                    icon=":material/delete:",
                    key="relnew:over",
                    on_click=start_over,
                    help="Empties the form and drops the answers given here.",
                )


def _place(making: Making | None) -> DeltaGenerator:
    """Where the form is: folded away once there are pairs to look at."""
    if making is None:
        return st.container()
    words = shorten(f"{making.relation.name}: {making.relation.descriptions[0].text}", 110)
    said = st.session_state.get("relnew:said") is not None
    return st.expander(escaped(words), icon=":material/edit:", expanded=said)


def _type(label: str, field: str) -> None:
    st.selectbox(
        label,
        ENTITY_TYPES,
        format_func=str.capitalize,
        key=field_key(field),
        persist_state="session",
        width=160,
    )


def _typed() -> Typed:
    """What is in the form, without spaces at either end."""
    get = st.session_state.get
    head, tail = (_entity(get(field_key(field))) for field in ("head", "tail"))
    name, text = (" ".join(str(get(field_key(field)) or "").split()) for field in ("name", "text"))
    return Typed(name, head, tail, bool(get(field_key("symmetric"))), text)


def _entity(value: object) -> EntityType:
    return next((t for t in ENTITY_TYPES if t == value), ENTITY_TYPES[0])


def _find(ws: Workspace) -> None:
    """Take over what was typed; answers given before stay."""
    for name in ("said", "kept", "error"):
        st.session_state.pop(f"relnew:{name}", None)
    typed = _typed()
    making: Making | None = st.session_state.get(KEY)
    try:
        problem = typed.missing or _same_name(ws, typed.name)
        if problem:
            st.session_state["relnew:said"] = problem
            return
        relation = relation_of(typed, _id_of(ws, typed))
        check_relation("the form", relation)
    except RocError as error:
        st.session_state["relnew:said"] = error
        return
    st.session_state[KEY] = making.worded(relation) if making else Making(relation, state.new_id())


def _same_name(ws: Workspace, name: str) -> str:
    """Why the name cannot be taken, "" when it can."""
    same = next((r for r in ws.catalogue if r.name.casefold() == name.casefold()), None)
    if same is None:
        return ""
    return (
        f"There is a relation “{same.name}” already ({same.head} and {same.tail}). Choose another "
        "name, or edit that one's descriptions."
    )


def _id_of(ws: Workspace, typed: Typed) -> str:
    """The id the relation will have; it follows the name until the relation is kept."""
    return relation_id_from(typed.name, typed.head, typed.tail, set(ws.known_relations()))


def start_over() -> None:
    """Forget the form and the answers."""
    for name in ("said", "error"):
        st.session_state.pop(f"relnew:{name}", None)
    drop()
