"""The command that replays a data set as a stream of labels."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from roc_core.cli import show
from roc_core.cli.options import Format
from roc_core.errors import ValueRejected
from roc_core.schema import LEARN_MODES

Modes = Enum("Modes", {m: m for m in LEARN_MODES}, type=str)  # type: ignore[misc]


def simulate(
    format: Format,
    data: Path,
    out: Annotated[Path, typer.Option(help="Folder of the state and simulation.json, .md, .html.")],
    base_share: Annotated[float, typer.Option(help="Share labelled from the start.")] = 0.1,
    steps: Annotated[
        str, typer.Option(help="Numbers of labels at which F1 is taken.")
    ] = "200,500,1000,2000,4000",
    orders: Annotated[
        str, typer.Option(help="Of random, uncertainty, diversity.")
    ] = "random,uncertainty,diversity",
    ways: Annotated[
        str, typer.Option("--with", help="Of memory, training, both.")
    ] = "memory,training,both",
    guard: Annotated[str, typer.Option(help="Of on, off: who decides what is used.")] = "on,off",
    split: Annotated[str, typer.Option(help="F1 on val or dev.")] = "val",
    mode: Annotated[
        Modes, typer.Option(help="How corrections are learnt, as in command learn.")
    ] = Modes.full,  # type: ignore[attr-defined]
    preset: Annotated[str, typer.Option(help="Of the base: a name, or a .toml file.")] = "mini",
    catalogue: Annotated[str, typer.Option(help="Relation catalogue.")] = "mnre",
    seed: int = 0,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a setting of the preset: key=value. Repeatable."),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Train on all labels as well, to compare with.")
    ] = False,
) -> None:
    """What is a label worth: F1 by corrections, with memory and training. Rerun to go on."""
    from roc_core.workspace.simulating import simulate as run
    from roc_core.workspace.simulation import SimulationPlan
    from roc_core.workspace.simulation_files import head, table, verdicts, write_simulation

    plan = SimulationPlan(
        format.value, data, out, base_share, _numbers(steps), _names(orders), _names(ways),
        _names(guard), split, mode.value, preset, catalogue, seed, full,
        tuple(set_ or ()),
    )  # fmt: skip
    with show.progress_bar("simulating") as progress:
        found = run(plan, progress)
    for one in head(found):
        show.say(one)
    names, rows = table(found)
    drawn = Table(*names)
    for row in rows:
        drawn.add_row(*row)
    show.console.print(drawn)
    for one in verdicts(found):
        show.say(one)
    write_simulation(out, found)
    show.say(f"Simulation written to {out}.")


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(n) for n in _names(text))
    except ValueError:
        raise ValueRejected("numbers such as 200,500", text, "Correct them.") from None
