"""The command that trains."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from roc_core.cli import show
from roc_core.cli.options import Format, Protocols

if TYPE_CHECKING:
    from collections.abc import Callable

    from roc_core.training.log import Step


def train(
    format: Format,
    data: Path,
    out: Annotated[Path, typer.Option(help="Folder of the new model version.")],
    preset: Annotated[str, typer.Option(help="Settings: a name, or a .toml file.")] = "mini",
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Change a setting: key=value. Repeatable.")
    ] = None,
    seed: int = 0,
    catalogue: Annotated[str, typer.Option(help="Relation catalogue.")] = "mnre",
    protocol: Annotated[
        Protocols, typer.Option(help="What the model may know.")
    ] = Protocols.honest,  # type: ignore[attr-defined]
    teacher: Annotated[
        list[Path] | None,
        typer.Option(help="Learn from this model version's scores as well. Repeatable."),
    ] = None,
    start: Annotated[
        Path | None, typer.Option(help="Go on from the weights of this model version.")
    ] = None,
) -> None:
    """Train a model version; epoch and lines are chosen on dev. Rerun to go on after a kill."""
    from roc_core.workspace.learning import TrainPlan, is_first_process
    from roc_core.workspace.learning import train as run

    plan = TrainPlan(
        format.value,
        data,
        out,
        preset,
        seed,
        catalogue,
        protocol.value,
        tuple(set_ or ()),
        tuple(teacher or ()),
        start,
    )
    if not is_first_process():
        run(plan, lambda step: None)
        return
    with show.progress_bar("training") as update:
        done = run(plan, _Drawn(update))
    show.report_table(done.dev, f"{out.name} on dev, seed {seed}")


class _Drawn:
    """Draws the steps of a training and keeps the last figure of dev in sight."""

    def __init__(self, update: Callable[..., None]) -> None:
        self.update, self.dev = update, ""

    def __call__(self, step: Step) -> None:
        if step.dev_f1 is not None:
            self.dev = f", dev F1 {step.dev_f1:.4f}"
            show.errors.print(f"epoch {step.epoch}: loss {step.loss:.3f}{self.dev}")
        note = step.stage
        if step.loss:
            note = f"epoch {step.epoch}, loss {step.loss:.3f}{self.dev}"
            note += f", {step.examples_per_second:.0f} examples/s"
        self.update(step.done, step.total, note)
