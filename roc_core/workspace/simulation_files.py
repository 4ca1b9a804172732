"""A simulation as files: JSON, Markdown, and one HTML page that needs nothing from a network."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

from roc_core.datasets.base import replacing
from roc_core.workspace.report_files import check_folder
from roc_core.workspace.simulation import Simulation

NAMES = ("simulation.json", "simulation.md", "simulation.html")


def write_simulation(folder: Path, found: Simulation) -> tuple[Path, ...]:
    """Write the three files; each appears whole or not at all. Raises ValueRejected."""
    check_folder(folder)
    texts = (json.dumps(found.as_dict(), indent=1) + "\n", markdown(found), _page(found))
    for name, text in zip(NAMES, texts, strict=True):
        with replacing(folder / name) as file:
            file.write(text.encode("utf-8"))
    return tuple(folder / name for name in NAMES)


def command(found: Simulation) -> str:
    """The command that makes the same."""
    plan = found.plan
    changes = "".join(f" --set {change}" for change in plan.settings)
    return (
        f"python -m roc_core simulate {plan.format} <data> --out <folder> "
        f"--base-share {plan.base_share:g} --steps {','.join(map(str, plan.steps))} "
        f"--orders {','.join(plan.orders)} --with {','.join(plan.ways)} "
        f"--guard {','.join(plan.guards)} --split {plan.split} --mode {plan.mode} "
        f"--preset {Path(plan.preset).name}{changes} --catalogue {Path(plan.catalogue).name} "
        f"--seed {plan.seed}{' --full' if plan.full else ''}"
    )


def head(found: Simulation) -> list[str]:
    """What was done, as sentences."""
    plan = found.plan
    said = [
        f"A base version of {found.base_labels} labelled pairs, then labels out of {found.pool} "
        f"further ones; micro F1 (None excluded) on {found.pairs} pairs of {plan.split}; seed "
        f"{plan.seed}, one run each. Sentences alone are read.",
        "A fifth of the sentences is held out as guard and never trained on, with the guard off as "
        "well. With the guard on, only a version that passed it is put to use.",
    ]
    if found.full is not None:
        said.append(f"A version trained on all labels: F1 {found.full:.3f}.")
    return said


def table(found: Simulation) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Head and rows: a curve each, F1 by number of labels."""
    rows = [(name, *(f"{f1:.3f}" for _, f1 in points)) for name, points in found.curves().items()]
    return ("way, order", "0", *map(str, found.plan.steps)), rows


def verdicts(found: Simulation) -> list[str]:
    """What the guard did, a sentence for each run that trained."""
    said = []
    for order in found.plan.orders:
        for guard in found.plan.guards:
            own = [p for p in found.points if (p.order, p.guard) == (order, guard)]
            if own:
                passed = sum(p.passed for p in own)
                said.append(f"{order}, guard {guard}: {passed} of {len(own)} versions passed.")
    return said


def markdown(found: Simulation) -> str:
    """The simulation as Markdown."""
    names, rows = table(found)
    lines = ["# What labels are worth", "", f"`{command(found)}`", ""]
    lines += [f"{one}\n" for one in head(found)]
    lines += ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([*lines, "", *(f"- {one}" for one in verdicts(found))]) + "\n"


def _page(found: Simulation) -> str:
    from roc_core.figures.simulation import learning_curves

    names, rows = table(found)
    figure = learning_curves(found.curves(), found.base, found.full, found.pool)
    cells = ["".join(f"<td>{escape(c)}</td>" for c in row) for row in rows]
    body = [
        "<h1>What labels are worth</h1>",
        f"<p><code>{escape(command(found))}</code></p>",
        *(f"<p>{escape(one)}</p>" for one in head(found)),
        figure.to_html(full_html=False, include_plotlyjs=True),
        "<table><tr>" + "".join(f"<th>{escape(n)}</th>" for n in names) + "</tr>",
        *(f"<tr>{row}</tr>" for row in cells),
        "</table>",
        *(f"<p>{escape(one)}</p>" for one in verdicts(found)),
    ]
    style = "body{font:16px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto}"
    style += "td,th{padding:.2rem .7rem;border-bottom:1px solid #ccc;text-align:left}"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>What labels are worth'
        f"</title><style>{style}</style></head>\n<body>\n" + "\n".join(body) + "\n</body></html>\n"
    )
