"""The Team tab: who gets which items, how far annotators agree, disputes, each one's confusions."""

from __future__ import annotations

import streamlit as st

from app import selected, state
from app.views.annotate_disputes import show_disputes
from app.views.words import escaped, items_said, percent, relation_names
from roc_core.errors import RocError
from roc_core.figures import confusion_cells
from roc_core.schema import Agreement, AnnotatorConfusion
from roc_core.workspace import ConfusionTable, Workspace

MOST = 100_000


def show_team(ws: Workspace) -> None:
    """Draw the tab."""
    _notice()
    with st.expander("Assign items", icon=":material/assignment_ind:", expanded=False):
        _assign(ws)
    show_disputes(ws)
    _agreement(ws, ws.annotation.agreement())
    _confusion(ws)


def _notice() -> None:
    said = st.session_state.pop("team:said", None)
    if isinstance(said, RocError):
        state.show_error(said, "Nothing was assigned.")
    elif said:
        st.success(escaped(said), icon=":material/check:")


# --- assignment --------------------------------------------------------------------------


def _assign(ws: Workspace) -> None:
    names = ws.annotation.annotators()
    saved = dict(ws.slice_names())
    held = selected.selected()
    options = {"unlabelled": "Items without a label", "everything": "All items"}
    options |= {"selected": f"Selected now ({items_said(len(held))})"} if held else {}
    options |= {id: f"Slice: {name}" for id, name in saved.items()}
    with st.form("team:form", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox(
                "Which items", tuple(options), format_func=options.__getitem__, key="team:which"
            )
            st.number_input("How many at most", 1, MOST, 100, key="team:most", width=150)
            st.number_input("Seed", 0, 9999, 0, key="team:seed", width=110)
        st.multiselect(
            "Annotators",
            sorted({*names, state.annotator()}),
            key="team:who",
            accept_new_options=True,
            placeholder="Choose or type names",
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.slider(
                "Share of items for several annotators, in per cent",
                0, 100, 20, key="team:overlap",
                help="Agreement is measured on these.",
            )  # fmt: skip
            st.number_input("Annotators for each of these", 2, 10, 2, key="team:times", width=220)
        st.checkbox("Leave out what is assigned already", value=True, key="team:fresh")
        st.form_submit_button(
            "Assign", type="primary", key="team:go", on_click=_assigned, args=(ws,)
        )
    _assignments(ws)


def _assigned(ws: Workspace) -> None:
    get = st.session_state.get
    try:
        found = _items(ws, str(get("team:which")))
        taken = _taken(ws) if get("team:fresh") else frozenset()
        items = [item for item in found if item not in taken][: int(get("team:most", 100))]
        ws.annotation.assign(
            items,
            tuple(get("team:who", ())),
            int(get("team:overlap", 0)) / 100,
            int(get("team:seed", 0)),
            int(get("team:times", 2)),
        )
        st.session_state["team:said"] = f"{items_said(len(items))} assigned."
    except RocError as error:
        st.session_state["team:said"] = error


def _items(ws: Workspace, which: str) -> tuple[str, ...]:
    """The items to choose among."""
    if which == "selected":
        return selected.selected()
    if which in ("unlabelled", "everything"):
        kind = "unlabelled" if which == "unlabelled" else "everything"
        return ws.annotation.queue(kind, state.annotator(), seed=0).items  # type: ignore[arg-type]
    return ws.selection(which).items


def _taken(ws: Workspace) -> frozenset[str]:
    """Items that were assigned to anybody."""
    queues = (ws.annotation.queue("assigned", a.annotator) for a in ws.annotation.assignments())
    return frozenset(item for queue in queues for item in queue.items)


def _assignments(ws: Workspace) -> None:
    found = ws.annotation.assignments()
    if not found:
        st.caption("Nothing is assigned yet.")
        return
    st.dataframe(
        [{"annotator": a.annotator, "items": a.items, "shared": a.shared} for a in found],
        hide_index=True,
    )

    def take_off() -> None:
        who = st.session_state["team:off"]
        try:
            number = ws.annotation.unassign(who)
            said = f"{items_said(number)} taken off {who}. Labels stay."
            st.session_state["team:said"] = said
        except RocError as error:
            st.session_state["team:said"] = error

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Take everything off", [a.annotator for a in found], key="team:off", width=220)
        st.button("Take off", key="team:take-off", on_click=take_off)


# --- agreement ---------------------------------------------------------------------------


def _agreement(ws: Workspace, found: Agreement) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Agreement**", width="content")
        st.space("stretch")
        st.download_button(
            "Everybody's labels (CSV)",
            ws.annotation.labels_csv,
            file_name="own-labels.csv",
            icon=":material/download:",
            key="team:labels",
            on_click="ignore",
            help="One row for each annotator's label in force, with what was decided and the "
            "present label, for measures of agreement elsewhere.",
        )
    if not found.items:
        st.info(
            "No item was labelled by two annotators yet. Assign some with an overlap.",
            icon=":material/groups:",
        )
        return
    st.write(
        f"{items_said(found.items)} labelled by at least two of {len(found.annotators)} "
        f"annotators. Krippendorff's alpha: **{_value(found.alpha)}** (1 is full agreement, 0 is "
        "chance; relation and direction both count)."
    )
    st.dataframe(
        [
            {
                "first": pair.first,
                "second": pair.second,
                "items": pair.items,
                "agreed": percent(pair.agreed),
                "Cohen's kappa": _value(pair.kappa),
            }
            for pair in found.pairs
        ],
        hide_index=True,
    )
    st.caption(
        "For each relation: whether it holds, directions aside. – where it is not defined: too few "
        "items, or one answer throughout."
    )
    names = relation_names(ws)
    st.dataframe(
        [
            {
                "relation": names.get(row.relation, row.relation),
                "items": row.items,
                "Krippendorff's alpha": _value(row.alpha),
            }
            | {
                f"kappa {pair.first} – {pair.second}": _value(kappa)
                for pair, kappa in zip(found.pairs, row.kappas, strict=True)
            }
            for row in found.relations
        ],
        hide_index=True,
    )


def _value(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


# --- confusion ---------------------------------------------------------------------------


def _confusion(ws: Workspace) -> None:
    names = ws.annotation.annotators()
    if not names:
        return
    st.markdown("**An annotator's labels against the present ones**")
    who = st.selectbox("Annotator", names, key="team:confusion", width=260)
    found = ws.annotation.confusion(str(who))
    if not found.items:
        st.caption(f"Nobody else has labelled an item that {escaped(str(who))} labelled.")
        return
    right = int(found.counts.trace()) - found.turned
    st.write(
        f"{items_said(found.items)} compared: {percent(right / found.items)} as the present label, "
        f"{found.turned} with the relation the other way round. {items_said(found.alone)} labelled "
        "by nobody else are left out."
    )
    _matrix(found, relation_names(ws))


def _matrix(found: AnnotatorConfusion, names: dict[str, str]) -> None:
    table = ConfusionTable(found.names, found.counts)
    figure = confusion_cells(table, names, st.context.theme.type == "dark")
    figure.update_layout(
        title_text=f"What {found.annotator} said for which present label (number of items)"
    )
    figure.update_xaxes(title_text=f"said by {found.annotator}")
    figure.update_yaxes(title_text="present label")
    st.plotly_chart(figure, key="team:matrix", config={"displaylogo": False})
    wrong = [
        {
            "present label": names.get(present, present),
            f"said by {found.annotator}": names.get(said, said),
            "items": found.of(present, said),
        }
        for present in found.names
        for said in found.names
        if present != said and found.of(present, said)
    ]
    if wrong:
        st.dataframe(sorted(wrong, key=lambda row: -int(row["items"])), hide_index=True)  # type: ignore[call-overload]
