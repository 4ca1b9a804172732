"""A small real model for tests: tiny BERT, fake vision encoder, seeded weights, four relations."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from PIL import Image

from roc_core.config import ModelSettings
from roc_core.encoders.vision import VisionEncoder
from roc_core.model.network import RetrievalNetwork
from roc_core.model.reader import PairReader
from roc_core.model.tagger import TypeTagger
from roc_core.model.version import Lines, ModelVersion
from roc_core.relations import Catalogue, build_relation
from roc_core.retrieval import RelationRetriever
from roc_core.schema import Example, Mention, Span
from tests.fakes_vision import FakeConceptEncoder
from tests.tiny import tiny_text_encoder

SETTINGS = ModelSettings(shared_layers=1, pair_width=16, lora_rank=4, concepts=3)
SENTENCE = "Ana joins the band in a city with the team on tour"


def marked(one: str, two: str, sentence: str = SENTENCE, **more: object) -> Example:
    """An example that marks the first occurrences of two texts, in the order given."""
    spans = [Span(sentence.index(m), sentence.index(m) + len(m)) for m in (one, two)]
    return Example(sentence, (Mention(spans[0]), Mention(spans[1])), **more)  # type: ignore[arg-type]


def small_catalogue() -> Catalogue:
    """Two directed relations of several descriptions and one symmetric one."""
    return Catalogue(
        "small",
        "Small",
        (
            build_relation(
                "/per/org/member",
                "member",
                "is a member of",
                "person",
                "organization",
                False,
                {
                    "definition": ["{head} is a member of {tail}."],
                    "wording": ["joins the band"],
                    "picture": ["a team with a band"],
                    "contrast": ["Not part of a tour."],
                },
            ),
            build_relation(
                "/per/per/peer",
                "peer",
                "is with",
                "person",
                "person",
                True,
                {"definition": ["{head} played with {tail}."]},
            ),
            build_relation(
                "/org/loc/in",
                "in",
                "is in",
                "organization",
                "location",
                False,
                {"definition": ["{head} is in {tail}."], "forward": ["{head} lives in {tail}."]},
            ),
        ),
    )


def small_network(seed: int = 0, settings: ModelSettings = SETTINGS) -> RetrievalNetwork:
    """A network whose trained tensors are all random, so that every input matters."""
    import torch

    text = tiny_text_encoder()
    torch.manual_seed(seed)
    network = RetrievalNetwork(text.model.encoder, text.width, settings).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    return network


def small_tagger(seed: int = 0) -> TypeTagger:
    """Seeded weights."""
    import torch

    make = torch.Generator().manual_seed(seed)
    width = tiny_text_encoder().width
    return TypeTagger(torch.randn(4, 2 * width, generator=make), torch.zeros(4))


def small_version(tagger: TypeTagger | None = None, lines: Lines | None = None) -> ModelVersion:
    """A version of the small network; the description cache starts empty."""
    return ModelVersion(
        "small-1", SETTINGS, small_network(), tagger, lines or Lines(), {"seed": 0}, {}
    )


def small_reader(vision: bool = True, tagger: TypeTagger | None = None) -> PairReader:
    """A reader with the fake concept encoder, or text only."""
    eyes: VisionEncoder | None = FakeConceptEncoder() if vision else None
    return PairReader(tiny_text_encoder(), eyes, SETTINGS, tagger)


def small_retriever(
    tagger: TypeTagger | None = None, lines: Lines | None = None
) -> RelationRetriever:
    """The small version on its encoders with the small catalogue."""
    return RelationRetriever(small_reader(), small_version(tagger, lines), small_catalogue())


@lru_cache(maxsize=1)
def shared_retriever() -> RelationRetriever:
    """One retriever for tests that change nothing in it."""
    return small_retriever(small_tagger())


def two_colours(folder: Path, left: str = "red", right: str = "blue") -> Path:
    """A picture of 60 × 40 pixels, its halves in two colours."""
    picture = Image.new("RGB", (60, 40), left)
    picture.paste(right, (30, 0, 60, 40))
    path = folder / f"{left}-{right}.png"
    picture.save(path)
    return path


def turned(example: Example) -> Example:
    """The same example marked in the other order."""
    return replace(example, mentions=(example.second, example.first))
