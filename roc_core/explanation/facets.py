"""Every description's score of a relation, gathered by facet."""

from __future__ import annotations

from roc_core.schema import FACETS, FacetScore, RankedRelation


def by_facet(entry: RankedRelation) -> tuple[FacetScore, ...]:
    """The descriptions of a ranked relation by facet, the facet of largest weight first.

    Within a facet the best score comes first. Facets without a scored description are left out,
    among them always "not to be confused with", which is never scored.
    """
    found = []
    for facet in FACETS:
        own = [d for d in entry.descriptions if d.description.facet == facet]
        if own:
            own.sort(key=lambda d: -d.score)
            found.append(FacetScore(facet, own[0].score, sum(d.weight for d in own), tuple(own)))
    return tuple(sorted(found, key=lambda f: -f.weight))
