"""The command that judges the descriptions of a workspace's catalogue."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from roc_core.cli import show
from roc_core.cli.options import written
from roc_core.schema import QualityReport
from roc_core.workspace import Workspace

SHOWN = 10

Tables = Iterator[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]


def quality(
    workspace: Annotated[Path, typer.Argument(help="The workspace's folder.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the whole report as JSON, no tables.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Write the whole report here as JSON.")] = None,
) -> None:
    """How good are the descriptions: wording, rivals, hubs, gaps, style?"""
    target = Workspace.open(workspace)
    with show.progress_bar("starting") as progress:
        found = target.quality(progress)
    text = json.dumps(found.as_dict(), indent=1, ensure_ascii=False)
    if out:
        with written(out) as handle:
            handle.write(text + "\n")
    if as_json:
        typer.echo(text)
        return
    show.say(f"Catalogue {found.catalogue} read by {found.version}, {found.items} items.")
    for title, head, rows in tables(found):
        _print(title, head, rows)
    show.say(
        "Rank spread: standard deviation of the rank over single descriptions. Between: items "
        "answered as one of the two with the other as runner-up."
    )


def tables(found: QualityReport) -> Tables:
    """Title, head and rows of each part that has any, the worst rows first."""
    yield (
        "Wording",
        ("relation", "labelled", "mean rank", "rank spread"),
        [
            (r.relation, str(r.items), f"{r.mean_rank:.2f}", f"{r.rank_sd:.2f}")
            for r in found.robustness
        ],
    )
    yield (
        "Rivals",
        ("first", "second", "how close", "between", "advice"),
        [
            (r.first, r.second, f"{r.similarity:.3f}", str(r.between), r.advice)
            for r in found.rivals
        ],
    )
    yield (
        "Descriptions that win too often",
        ("description", "wins", "wrong"),
        [(h.description, str(h.wins), str(h.wrong)) for h in found.hubs],
    )
    yield (
        "Items far from every description of their relation",
        ("item", "relation", "nearest"),
        [(g.item, g.relation, f"{g.score:.3f}") for g in found.gaps],
    )
    yield (
        "Style",
        ("description", "problem"),
        [(s.description, s.problem) for s in found.style],
    )


def _print(title: str, head: Sequence[str], rows: Sequence[tuple[str, ...]]) -> None:
    if not rows:
        show.say(f"{title}: nothing found.")
        return
    table = Table(title=title)
    for name in head:
        table.add_column(name, overflow="fold")
    for row in rows[:SHOWN]:
        table.add_row(*map(escape, row))
    show.console.print(table)
    if len(rows) > SHOWN:
        show.say(f"… and {len(rows) - SHOWN} more; --json lists all.")
