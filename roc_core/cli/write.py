"""The command that has a language model draft descriptions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from roc_core.cli import show
from roc_core.cli.options import WORKSPACE, WorkspaceOption, written
from roc_core.errors import ValueRejected, WritingFailed
from roc_core.relations import dump_catalogue
from roc_core.schema import Endpoint, WritingReport
from roc_core.workspace import Workspace
from roc_core.workspace.writing import Writing
from roc_core.workspace.writing_reports import summary, written_catalogue


def write(
    relation: Annotated[
        list[str] | None, typer.Argument(help="Ids of relations, or --all.")
    ] = None,
    workspace: WorkspaceOption = WORKSPACE,
    all_: Annotated[bool, typer.Option("--all", help="All relations of the catalogue.")] = False,
    count: Annotated[int, typer.Option(help="Drafts a facet to ask for.", min=1, max=10)] = 2,
    base_url: Annotated[
        str, typer.Option(help="Address of the endpoint, usually ending in /v1.")
    ] = "",
    model: Annotated[str, typer.Option(help="Model to ask.")] = "",
    price_in: Annotated[
        float | None, typer.Option(help="Price of a million tokens sent.", min=0)
    ] = None,
    price_out: Annotated[
        float | None, typer.Option(help="Price of a million tokens written.", min=0)
    ] = None,
    examples: Annotated[
        int, typer.Option(help="Labelled sentences of each relation to send.", min=0, max=20)
    ] = 5,
    timeout: Annotated[float, typer.Option(help="Seconds for one answer.", min=1)] = 120.0,
    keep: Annotated[
        bool, typer.Option(help="Keep these choices as the workspace's endpoint.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Write the drafts here as a catalogue (TOML).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the drafts as JSON.")] = False,
) -> None:
    """Have a language model draft descriptions; its key is ROC_LLM_KEY or OPENAI_API_KEY."""
    wanted = _wanted(relation or [], all_)
    target = Workspace.create(workspace, starter=False)
    given = (base_url, model, price_in, price_out, examples, timeout)
    endpoint = _endpoint(target.writing, given, keep)
    found: list[WritingReport | WritingFailed] = []
    try:
        with show.progress_bar("writing") as progress:
            each = target.writing.each(count, wanted, report=progress, endpoint=endpoint)
            found += each
    except WritingFailed as error:
        if found:
            show.say(
                f"{len(found)} relations were done before; run it again to go on.", show.errors
            )
        raise error
    _show(found, as_json)
    if out is not None:
        _save(target, found, out)
    if any(isinstance(f, WritingFailed) or not f.drafts for f in found):
        raise typer.Exit(2)


def _wanted(relations: list[str], every: bool) -> list[str]:
    if bool(relations) == every:
        raise ValueRejected(
            "ids of relations, or --all",
            "both" if every else "neither",
            "Name the relations to write for, or give --all.",
        )
    return relations


def _endpoint(writing: Writing, given: tuple[Any, ...], keep: bool) -> Endpoint | None:
    """The endpoint of the options, or None for the workspace's own."""
    base_url, model, *rest = given
    if not base_url and not model and not keep:
        return None
    own = writing.endpoint()
    base_url = base_url or (own.base_url if own else "")
    model = model or (own.model if own else "")
    if keep:
        return writing.set_endpoint(base_url, model, *rest)
    return Endpoint(base_url.rstrip("/"), model, *rest)


def _show(found: Sequence[WritingReport | WritingFailed], as_json: bool) -> None:
    said = summary(found)
    if as_json:
        reports = [asdict(f) for f in found if isinstance(f, WritingReport)]
        show.say(json.dumps({"summary": said, "reports": reports}, ensure_ascii=False, indent=2))
        return
    table = Table("relation", "facet", "gain in F1", "draft")
    for report in found:
        for draft in report.drafts if isinstance(report, WritingReport) else ():
            gain = "" if draft.gain is None else f"{draft.gain:+.4f}"
            table.add_row(*map(escape, (draft.relation, draft.facet, gain, draft.text)))
    show.console.print(table)
    for report in found:
        for reason in report.refused if isinstance(report, WritingReport) else (report.found,):
            name = f"{report.relation}: " if isinstance(report, WritingReport) else ""
            show.say(f"Not taken: {name}{reason}", show.errors)
    cost = "unknown" if said["cost"] is None else f"{said['cost']:.4f}"
    show.say(
        f"{said['drafts']} drafts for {said['written']} of {said['relations']} relations, "
        f"{said['refused']} refused; {said['prompt_tokens']} tokens sent, "
        f"{said['completion_tokens']} written, cost {cost}; {said['cached']} from the cache."
    )


def _save(target: Workspace, found: Sequence[WritingReport | WritingFailed], out: Path) -> None:
    reports = [f for f in found if isinstance(f, WritingReport)]
    made = written_catalogue(target.catalogue, reports)
    if made is None:
        raise WritingFailed(
            f"drafts to write to {out}", "none for any relation", "See above why they were refused."
        )
    with written(out) as handle:
        handle.write(dump_catalogue(made, complete=False))
    show.say(f"{len(made)} relations written to {out}.")
