"""What several drafts together come to: progress while they are written, sums, a catalogue."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from roc_core.errors import WritingFailed
from roc_core.jobs import Progress
from roc_core.relations import Catalogue
from roc_core.relations.catalogue import with_texts
from roc_core.schema import Facet, WritingReport


class Waiting:
    """Waits between two attempts, and says so, so that a job can be cancelled meanwhile."""

    def __init__(self, report: Progress, total: int) -> None:
        self._report, self._total = report, total
        self._done, self._stage = 0, ""

    def at(self, done: int, name: str) -> None:
        """Say that ``done`` relations are done and which one is next."""
        self._done, self._stage = done, name
        self._report(done, self._total, name)

    def __call__(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._report(self._done, self._total, f"{self._stage}: waiting for the endpoint")
            time.sleep(min(0.5, left))


def written_catalogue(catalogue: Catalogue, reports: Sequence[WritingReport]) -> Catalogue | None:
    """The relations of a catalogue with nothing but what was written for them; those for which
    there is no scored description are left out. None when no relation is left."""
    by_id = {r.relation: r for r in reports}
    made = []
    for relation in catalogue:
        texts: dict[Facet, list[str]] = {}
        for draft in by_id[relation.id].drafts if relation.id in by_id else ():
            texts.setdefault(draft.facet, []).append(draft.text)
        if any(facet != "contrast" for facet in texts):
            made.append(with_texts(relation, texts))
    if not made:
        return None
    models = ", ".join(sorted({r.model for r in reports if r.drafts}))
    title = f"{catalogue.title}, descriptions by {models}"
    return Catalogue(f"{catalogue.id}-written", title[:400].strip(), tuple(made))


def summary(found: Sequence[WritingReport | WritingFailed]) -> dict[str, Any]:
    """Plain figures of several reports; ``cost`` is None when one that was spent is unknown."""
    reports = [f for f in found if isinstance(f, WritingReport)]
    fresh = [r for r in reports if not r.cached]
    costs = [r.cost for r in fresh]
    return {
        "relations": len(found),
        "written": sum(bool(r.drafts) for r in reports),
        "drafts": sum(len(r.drafts) for r in reports),
        "refused": sum(len(r.refused) for r in reports),
        "cached": len(reports) - len(fresh),
        "prompt_tokens": sum(r.prompt_tokens for r in fresh),
        "completion_tokens": sum(r.completion_tokens for r in fresh),
        "cost": None if None in costs else sum(c for c in costs if c is not None),
        "failed": [f.found for f in found if isinstance(f, WritingFailed)],
        "empty": [r.relation for r in reports if not r.drafts],
    }
