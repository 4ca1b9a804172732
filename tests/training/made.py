"""A small catalogue and made sentences that say its relations in the tiny encoder's words."""

from __future__ import annotations

import itertools
from functools import lru_cache

from roc_core.config import ModelSettings, Preset, TrainSettings
from roc_core.encoders.text import TransformerTextEncoder
from roc_core.model.network import RetrievalNetwork
from roc_core.model.reader import PairReader
from roc_core.model.version import Lines, ModelVersion
from roc_core.relations import Catalogue, build_relation
from roc_core.retrieval import RelationRetriever
from roc_core.schema import NONE, Direction, Example, Label, Mention, Provenance, Record, Span

MEMBER, LIVES, PEER = "/per/org/member_of", "/per/loc/place_of_residence", "/per/per/peer"
NAMES = ("mia", "tom", "ada", "bo", "kim", "lou", "eva", "jan", "ike", "una")
GROUPS = ("zz", "oxo", "vega", "pk")
PLACES = ("ulm", "rio", "oslo")


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """Two directed relations and a symmetric one."""
    member = build_relation(
        MEMBER, "member", "is a member of", "person", "organization", False,
        {"definition": ("{head} is a member of {tail}",), "wording": ("joins the band",),
         "contrast": ("on tour with",)},
    )  # fmt: skip
    lives = build_relation(
        LIVES, "lives in", "lives in", "person", "location", False,
        {"definition": ("{head} lives in the city {tail}",), "wording": ("in the city",)},
    )  # fmt: skip
    peer = build_relation(
        PEER, "peer", "played with", "person", "person", True,
        {"definition": ("{head} played with {tail}",), "wording": ("at a tour with",)},
    )  # fmt: skip
    return Catalogue("made", "Made", (member, lives, peer))


def record(
    sentence: str,
    first: str,
    second: str,
    relation: str = NONE,
    direction: Direction = "both",
    text: str = "",
) -> Record:
    """A labelled record whose mentions are two different words of the sentence."""
    at = [sentence.index(first), sentence.index(second)]
    spans = [Span(a, a + len(w)) for a, w in zip(at, (first, second), strict=True)]
    example = Example(sentence, (Mention(spans[0]), Mention(spans[1])), None, text)
    return Record(example, Label(relation, direction), Provenance("made"))


@lru_cache(maxsize=1)
def records() -> tuple[Record, ...]:
    """120 records of distinct sentences, the relations in turn."""
    found: list[Record] = []
    groups, places = itertools.cycle(GROUPS), itertools.cycle(PLACES)
    for number, (a, b) in enumerate(itertools.permutations(NAMES, 2)):
        if number == 30:
            break
        g, p = next(groups), next(places)
        tail = "the tour" if number % 2 else "a tour"
        if number % 3:
            said = f"{a} {b} joins the band {g} on {tail}"
            found.append(record(said, b, g, MEMBER, "forward", "the band on a tour"))
        else:
            said = f"the band {g} with {a} {b} , a member of {g}"
            found.append(record(said, g, b, MEMBER, "backward"))
        found.append(record(f"{a} {b} lives in the city {p} at {tail}", b, p, LIVES, "forward"))
        found.append(record(f"{a} played with {b} on {tail}", a, b, PEER, "both", "a team"))
        found.append(record(f"at {tail} {a} is born , {b} is part", a, b))
    return tuple(found)


def parts() -> tuple[list[Record], list[Record]]:
    """Training records and every fifth sentence group for dev."""
    every = records()
    held = {i for i in range(len(every)) if (i // 4) % 5 == 0}
    return [r for i, r in enumerate(every) if i not in held], [every[i] for i in sorted(held)]


def preset(dropout: float = 0.0, **train: float | str) -> Preset:
    """Settings small enough for the tiny encoder."""
    model = ModelSettings(
        "tiny", "none", shared_layers=1, pair_width=32, lora_rank=4, none_vectors=2, concepts=3,
        picture_text_window=8, dropout=dropout,
    )  # fmt: skip
    settings: dict[str, float | str] = {
        "epochs": 4,
        "batch": 8,
        "encoder_rate": 5e-3,
        "head_rate": 5e-3,
    }
    return Preset("made", "Made", model, TrainSettings(**(settings | train)))  # type: ignore[arg-type]


def untrained(text: TransformerTextEncoder, lines: Lines | None = None) -> RelationRetriever:
    """A retriever whose weights are as initialised."""
    import torch

    settings = preset().model
    torch.manual_seed(0)
    network = RetrievalNetwork(text.model.encoder, text.width, settings).eval()
    version = ModelVersion("untrained", settings, network, None, lines or Lines(), {}, {})
    return RelationRetriever(PairReader(text, None, settings), version, catalogue())
