"""The audit of a data set as the command line calls it: files or a workspace in, verdict out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from roc_core import datasets
from roc_core.datasets.base import is_file
from roc_core.errors import DataSetInvalid, ModelVersionInvalid, ValueRejected
from roc_core.relations import Catalogue, catalogue_names, load_catalogue
from roc_core.schema import NONE, Box, Record, Refusal
from roc_core.workspace.models import default_model, load_retriever
from roc_core.workspace.side_files import Item, numbered, side_columns
from roc_core.workspace.workspace import Workspace

if TYPE_CHECKING:
    from roc_core.evaluation.audit import Audit
    from roc_core.evaluation.audit_columns import Column
    from roc_core.evaluation.audit_fit import Parts

Progress = Callable[[int, int, str], None]

WORKSPACE = "workspace"
"""Stands where a format does: the items of a workspace with their present labels."""


@dataclass(frozen=True, slots=True)
class AuditPlan:
    """What to audit: a data set, or with the format ``workspace`` what is in that folder.

    ``catalogue`` "" takes the packaged one that knows all labels, if any, of a workspace its own;
    ``model`` None takes the default version, of a workspace the one in use, when a catalogue knows
    all labels; ``sides`` are (name, CSV file)."""

    format: str
    data: Path
    catalogue: str = ""
    sides: tuple[tuple[str, Path], ...] = ()
    model: Path | None = None
    with_model: bool = True


@dataclass(frozen=True, slots=True)
class Audited:
    """An audit and how many lines of the data set could not be read."""

    audit: Audit
    refused: int


def audit(plan: AuditPlan, progress: Progress = lambda done, total, what: None) -> Audited:
    """Audit a data set.

    Raises ValueRejected when there is too little to fit or score, RelationUnknown for a label that
    a named catalogue does not know, and what ``datasets.read``, ``Workspace.open`` and
    ``side_columns`` raise.
    """
    if plan.model is not None and not plan.model.is_dir():
        raise ModelVersionInvalid(
            f"a model version folder at {plan.model}", "none", "Check the path."
        )
    progress(0, 1, "reading")
    if plan.format == WORKSPACE:
        workspace = Workspace.open(plan.data)
        return _run(plan, list(workspace.records()), 0, progress, workspace)
    found = list(datasets.read(plan.format, plan.data))
    records = [r for r in found if isinstance(r, Record)]
    return _run(plan, records, sum(isinstance(r, Refusal) for r in found), progress)


def _run(
    plan: AuditPlan,
    records: list[Record],
    refused: int,
    progress: Progress,
    workspace: Workspace | None = None,
) -> Audited:
    """``workspace`` is where the records come from, for its catalogue and version."""
    from roc_core.evaluation.audit import Given, parts_of
    from roc_core.evaluation.audit import audit as run

    items = numbered(records)
    sides = _sides(plan, items, refused)
    kept = [i for i, r in enumerate(records) if r.label is not None]
    labelled = tuple(records[i] for i in kept)
    own = workspace.catalogue if workspace else None
    catalogue = _catalogue(plan.catalogue, labelled, own)
    usual = workspace.model_folder() if workspace else default_model()
    parts = parts_of(labelled)
    models = _models(plan, labelled, catalogue, usual, parts, progress)
    given = Given(
        labelled,
        tuple(f"{items[i][0] or 'item'} {items[i][1]}" for i in kept),
        tuple(replace(c, values=tuple(c.values[i] for i in kept)) for c in sides),
        catalogue,
    )
    return Audited(run(given, models, parts, progress), refused)


def _sides(plan: AuditPlan, items: Sequence[Item], refused: int) -> list[Column]:
    if plan.sides and refused:
        raise DataSetInvalid(
            "a data set without malformed lines, because side columns go by item number",
            f"{refused} malformed",
            "Mend them (import --dry-run lists them), or audit without side columns.",
        )
    return [c for name, path in plan.sides for c in side_columns(name, path, items)]


def _catalogue(name: str, records: Sequence[Record], own: Catalogue | None) -> Catalogue | None:
    labels = sorted({r.label.relation for r in records if r.label} - {NONE})
    if name:
        named = load_catalogue(name)
        for label in labels:
            named.get(label)
        return named
    known = [own] if own is not None else [load_catalogue(n) for n in catalogue_names()]
    return next((c for c in known if labels and all(x in c for x in labels)), None)


# --- the full model ----------------------------------------------------------------------


def _models(
    plan: AuditPlan,
    records: Sequence[Record],
    catalogue: Catalogue | None,
    usual: Path,
    parts: Parts,
    progress: Progress,
) -> dict[str, list[str]]:
    """Answers of the model version, ``usual`` if none is named, without and with the pictures, for
    the rows to score."""
    from roc_core.evaluation.report import answer, gold_of, score_records

    if not plan.with_model:
        return {}
    if catalogue is None:
        if plan.model is None:
            return {}
        raise ValueRejected(
            "a catalogue that knows every label, to score a model version with",
            "none among the packaged ones",
            "Name yours: --catalogue my.toml",
        )
    folder = plan.model or usual
    retriever = load_retriever(folder, catalogue)
    asked = [records[i] for i in parts.score]
    uses = {"sentence only": [_bare(r) for r in asked], "with pictures": [_shown(r) for r in asked]}
    if uses["sentence only"] == uses["with pictures"]:
        del uses["with pictures"]
    found = {}
    for use, seen in uses.items():
        name = f"Model version {folder.name}, {use}"
        scores = score_records(retriever, seen, progress=_told(progress, name))
        found[name] = list(answer(retriever, scores, gold_of(seen)).relations)
    return found


def _told(progress: Progress, what: str) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        progress(done, total, what)

    return tell


def _boxed(record: Record) -> bool:
    return any(isinstance(m.place, Box) for m in record.example.mentions)


def _bare(record: Record) -> Record:
    """Without picture and picture text, but for the picture that a box lies in."""
    picture = record.example.picture if _boxed(record) else None
    return replace(record, example=replace(record.example, picture=picture, picture_text=""))


def _shown(record: Record) -> Record:
    """As given, but a picture whose file is gone is left out where no box needs it."""
    picture = record.example.picture
    if picture is None or is_file(picture) or _boxed(record):
        return record
    return replace(record, example=replace(record.example, picture=None))
