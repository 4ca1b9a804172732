"""All pairs of the sentence: the graph, the table, and both as files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence

import streamlit as st

from app.components import memory
from app.views import graph_desk
from app.views.words import NONE_WORDS, label_words, relation_names, sentence_of
from roc_core.figures import sentence_graph_plot
from roc_core.schema import Edge, Example, Item, Relation, SentenceGraph
from roc_core.workspace import Workspace

HEIGHT = 360
COLUMNS = (
    "first", "second", "answer", "closest", "in words", "score", "line", "margin", "saved as",
)  # fmt: skip
FORMATS = ("PNG", "SVG")


def item_of(items: Sequence[Item], example: Example) -> Item | None:
    """The item of a pair: the very one, else the first with its two mentions whatever their
    types."""
    same = [i for i in items if i.example == example]
    places = [m.place for m in example.mentions]
    alike = [
        i
        for i in items
        if [m.place for m in i.example.mentions] == places
        and i.example.picture_text == example.picture_text
    ]
    return next(iter([*same, *alike]), None)


def table_rows(
    graph: SentenceGraph, relations: Mapping[str, Relation], items: Sequence[Item]
) -> list[dict[str, str | float]]:
    """One row a pair under ``COLUMNS``, the largest margin first."""
    called = [f"{n + 1} {name}" for n, name in enumerate(graph.names())]
    rows: list[dict[str, str | float]] = []
    for edge in graph.by_margin:
        example, best = graph.example(edge), edge.best
        relation = relations[best.relation]
        pair = (graph.names()[edge.first], graph.names()[edge.second])
        item = item_of(items, example)
        label = item.label if item else None
        known = relations.get(label.relation) if label else None
        values = (
            called[edge.first],
            called[edge.second],
            relation.name if edge.passes else NONE_WORDS,
            relation.name,
            sentence_of(relation, best.direction, pair),
            round(best.score, 4),
            round(best.line, 4),
            round(edge.margin, 4),
            label_words(label, known, example) if label else "",
        )
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    return rows


def show_chart(ws: Workspace, graph: SentenceGraph, pair: tuple[int, int] | None) -> None:
    """The graph; a click on an arrow chooses its pair."""
    below = bool(st.session_state.get("graph:below", False))
    dark = st.context.theme.type == "dark"
    names = relation_names(ws)
    figure = sentence_graph_plot(
        graph, names, pair, below, dark, round(1.2 * memory.picture_width()), HEIGHT
    )
    key = "graph:chart"

    def clicked() -> None:
        found = _pair_of(st.session_state[key]["selection"]["points"])
        if found is not None and found[1] < len(graph.mentions):
            graph_desk.choose(graph.mentions, found)
            # The table shows its first selection only when it is drawn anew.
            st.session_state["graph:turn"] = st.session_state.get("graph:turn", 0) + 1

    passing = sum(edge.passes for edge in graph.edges)
    st.plotly_chart(
        figure,
        key=key,
        on_select=clicked,
        selection_mode="points",
        alt=f"{len(graph.mentions)} mentions with {passing} relations; the table tells the same",
        config={
            "displaylogo": False,
            "displayModeBar": True,
            # Nothing is left but the camera.
            "modeBarButtons": [["toImage"]],
            "toImageButtonOptions": {
                "filename": "sentence-graph",
                "format": str(st.session_state.get("graph:format") or FORMATS[0]).lower(),
                "scale": 2,
            },
        },
    )


def _pair_of(points: Sequence[Mapping[str, object]]) -> tuple[int, int] | None:
    """The pair of the first clicked point that belongs to one."""
    for point in points:
        value = point.get("customdata")
        if isinstance(value, Mapping):
            value = [value.get("0"), value.get("1")]
        if isinstance(value, list | tuple) and len(value) == 2:
            a, b = value
            if isinstance(a, int | float) and isinstance(b, int | float) and 0 <= a < b:
                return int(a), int(b)
    return None


def show_controls(
    ws: Workspace, graph: SentenceGraph, rows: Sequence[Mapping[str, object]]
) -> None:
    """What the graph shows, and graph and table as files."""
    under = sum(not edge.passes for edge in graph.edges)
    with st.container(horizontal=True, vertical_alignment="center"):
        said = "1 pair is" if under == 1 else f"{under} pairs are"
        st.toggle(
            "Dashed: below the line",
            key="graph:below",
            persist_state="session",
            disabled=not under,
            help=f"{said} too far from every relation: the closest one is drawn dashed.",
        )
        st.space("stretch")
        with st.popover("Download", icon=":material/download:", key="graph:downloads"):
            st.download_button(
                "Table as CSV",
                lambda: as_csv(rows),
                file_name="sentence-graph.csv",
                key="graph:csv",
                on_click="ignore",
            )
            st.download_button(
                "Graph as JSON",
                lambda: as_json(ws, graph),
                file_name="sentence-graph.json",
                key="graph:json",
                on_click="ignore",
            )
            st.segmented_control(
                "The camera at the graph's top right saves it as",
                FORMATS,
                default=FORMATS[0],
                key="graph:format",
                persist_state="session",
            )


def as_csv(rows: Sequence[Mapping[str, object]]) -> bytes:
    """The table as CSV with a line of names, UTF-8 with a byte order mark for spreadsheets."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def as_json(ws: Workspace, graph: SentenceGraph) -> bytes:
    """Mentions and pairs with their three closest relations as JSON."""
    values = ws.graph_values(graph)
    return (json.dumps(values, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def show_table(
    graph: SentenceGraph, rows: Sequence[Mapping[str, object]], pair: tuple[int, int] | None
) -> None:
    """The table of all pairs; a selected row chooses its pair."""
    edges = graph.by_margin
    at = next((n for n, e in enumerate(edges) if (e.first, e.second) == pair), None)
    turn = st.session_state.get("graph:turn", 0)
    key = f"graph:table:{hash(graph.mentions)}:{graph.sentence}:{turn}"

    def selected() -> None:
        found = st.session_state[key]["selection"]["rows"]
        edge: Edge | None = edges[found[0]] if found and found[0] < len(edges) else None
        graph_desk.choose(graph.mentions, (edge.first, edge.second) if edge else None)

    st.dataframe(
        [{name: row[name] for name in _shown(rows)} for row in rows],
        key=key,
        height=min(35 * (len(rows) + 1) + 3, 318),
        hide_index=True,
        on_select=selected,
        selection_mode="single-row",
        selection_default={"selection": {"rows": [] if at is None else [at]}},
        column_config={
            "first": st.column_config.TextColumn(width=105),
            "second": st.column_config.TextColumn(width=105),
            "answer": st.column_config.TextColumn(width=120),
            "score": st.column_config.NumberColumn(format="%.2f", width=60),
            "margin": st.column_config.NumberColumn(
                format="%+.2f", width=66, help="How far above (+) or below (−) its line"
            ),
            "in words": st.column_config.TextColumn(
                width=300, help="The closest relation, also where it is too far to be the answer"
            ),
        },
        alt="All pairs, the closest relation of each, its score and margin",
    )


def _shown(rows: Sequence[Mapping[str, object]]) -> tuple[str, ...]:
    """Columns on screen; the one for labels only where there is one."""
    shown = ("first", "second", "answer", "score", "margin", "in words")
    return (*shown, "saved as") if any(row["saved as"] for row in rows) else shown


def relations_of(ws: Workspace) -> dict[str, Relation]:
    """The relations a label may name, by id."""
    return dict(ws.known_relations())
