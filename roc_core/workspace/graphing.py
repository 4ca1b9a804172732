"""All pairs of a sentence's mentions answered at once, and the answers as plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roc_core.relations import Catalogue
from roc_core.schema import (
    Edge,
    Example,
    Item,
    ItemFilter,
    Mention,
    Prediction,
    SentenceGraph,
    Span,
    graph_mentions,
    pair_places,
)
from roc_core.store import Store
from roc_core.store.graphs import GraphTable
from roc_core.workspace.answers import answer_dict

ITEMS = 500


class Graphing:
    """The part of ``Workspace`` that answers all pairs of a sentence."""

    _store: Store

    if TYPE_CHECKING:
        # The other parts of ``Workspace`` that are used here.
        @property
        def catalogue(self) -> Catalogue: ...

        def predict_many(
            self,
            examples: Sequence[Example],
            progress: Callable[[int, int], None] | None = None,
            batch: int = 256,
        ) -> Iterator[Prediction]: ...

    def graph(
        self,
        sentence: str,
        mentions: Iterable[Mention],
        picture: Path | None = None,
        picture_text: str = "",
    ) -> SentenceGraph:
        """Every pair of 2 to 12 mentions answered; pairs share the sentence's reading.

        Raises ValueRejected for other numbers, two mentions at one place or a span outside the
        sentence; PictureMissing for a box without a picture or a picture file that is not there.
        """
        found = graph_mentions(sentence, mentions, picture is not None)
        places = pair_places(len(found))
        examples = [
            Example(sentence, (found[a], found[b]), picture, picture_text) for a, b in places
        ]
        answers = zip(places, self.predict_many(examples), strict=True)
        edges = tuple(Edge(a, b, prediction) for (a, b), prediction in answers)
        return SentenceGraph(sentence, found, edges, picture, picture_text)

    def graph_values(self, graph: SentenceGraph, top: int = 3) -> dict[str, Any]:
        """A graph as plain values for a JSON file, see ``graph_dict``."""
        return graph_dict(graph, self.catalogue, top)

    @property
    def graphs(self) -> GraphTable:
        """Drafts of the Graph page: save, get, latest."""
        return self._store.graphs

    def items_of_sentence(self, sentence: str, picture: Path | None = None) -> tuple[Item, ...]:
        """Items with this very sentence and picture, in order of arrival.

        Of the items that hold the sentence the first 500 are looked at.
        """
        found = self._store.items(ItemFilter(text=sentence), limit=ITEMS).items
        return tuple(
            i for i in found if i.example.sentence == sentence and i.example.picture == picture
        )


def graph_dict(graph: SentenceGraph, catalogue: Catalogue, top: int = 3) -> dict[str, Any]:
    """A graph as plain values: mentions with names, places and types; pairs by margin, each with
    its ``top`` relations. ``first``, ``second``, ``head`` and ``tail`` count mentions from 1;
    head and tail are null where the closest relation does not pass its line."""
    names, types = graph.names(), graph.types()
    return {
        "sentence": graph.sentence,
        "picture": graph.picture.name if graph.picture else None,
        "picture_text": graph.picture_text,
        "mentions": [
            {"number": n + 1, "name": names[n], "type": types[n], **_place(mention)}
            for n, mention in enumerate(graph.mentions)
        ],
        "pairs": [_pair(graph, edge, catalogue, top) for edge in graph.by_margin],
    }


def _place(mention: Mention) -> dict[str, list[float]]:
    place = mention.place
    if isinstance(place, Span):
        return {"span": [place.start, place.end]}
    return {"box": [place.left, place.top, place.right, place.bottom]}


def _pair(graph: SentenceGraph, edge: Edge, catalogue: Catalogue, top: int) -> dict[str, Any]:
    head, tail = (n + 1 for n in edge.ends) if edge.passes else (None, None)
    return {
        "first": edge.first + 1,
        "second": edge.second + 1,
        "head": head,
        "tail": tail,
        "margin": round(edge.margin, 4),
        **answer_dict(graph.example(edge), edge.prediction, catalogue, top),
    }
