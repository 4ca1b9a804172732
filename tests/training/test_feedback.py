"""What a training on corrections optimises, and with which settings."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from roc_core.alignment import distillation_loss
from roc_core.errors import ValueRejected
from roc_core.model.inputs import collate
from roc_core.model.version import Lines, describe
from roc_core.retrieval import RelationRetriever
from roc_core.training.batches import TrainingPair
from roc_core.training.feedback import (
    EPOCHS,
    SETTINGS,
    UNKNOWN,
    FeedbackObjective,
    Lesson,
    _Asked,
    _beside_mistakes,
    learn_version,
    settings_for,
)
from tests.tiny import tiny_text_encoder
from tests.training.made import PEER, records, untrained


def objective(retriever: RelationRetriever, lines: float = 0.0) -> FeedbackObjective:
    every = retriever.readings
    vectors = describe(tiny_text_encoder(), [r.text for r in every.all], {})
    own = torch.full((len(every.pairs),), lines)
    return FeedbackObjective(
        retriever.version.network, every, torch.from_numpy(vectors), SETTINGS, own
    )


def test_each_pair_counts_with_its_own_parts() -> None:
    retriever = untrained(tiny_text_encoder())
    made = objective(retriever)
    batch = collate(retriever.reader.read([r.example for r in records()[:4]]))
    none = len(retriever.readings.pairs)
    nothing = torch.full((4, none + 1), math.nan)
    unknown = torch.full((4,), UNKNOWN)
    assert made(batch, unknown, nothing).item() == 0.0
    gold = torch.tensor([0, 1, 2, none])
    _, scores = made.scored(batch)
    assert made(batch, gold, nothing).item() == pytest.approx(made.aligned(scores, gold).item())
    taught = torch.randn(4, none + 1)
    whole = distillation_loss(scores, taught, made.network.scale, SETTINGS.distillation_temperature)
    assert made(batch, unknown, taught).item() == pytest.approx(whole.item(), rel=1e-5)
    half = torch.cat([gold[:2], unknown[2:]])
    mixed = torch.cat([nothing[:2], taught[2:]])
    first = made(collate(retriever.reader.read([r.example for r in records()[:2]])), gold[:2],
                 nothing[:2])  # fmt: skip
    second = made(collate(retriever.reader.read([r.example for r in records()[2:4]])),
                  unknown[2:], taught[2:])  # fmt: skip
    together = made(batch, half, mixed).item()
    assert together == pytest.approx((first.item() + second.item()) / 2, rel=1e-4)


def test_a_line_to_be_reached_makes_a_relation_dearer_and_none_cheaper() -> None:
    retriever = untrained(tiny_text_encoder())
    batch = collate(retriever.reader.read([r.example for r in records()[:4]]))
    none = len(retriever.readings.pairs)
    taught = torch.full((4, none + 1), math.nan)
    plain, high = objective(retriever), objective(retriever, 0.3)
    positive, empty = torch.zeros(4, dtype=torch.long), torch.full((4,), none)
    assert high(batch, positive, taught) > plain(batch, positive, taught)
    assert high(batch, empty, taught) < plain(batch, empty, taught)


def test_rates_are_half_the_parents_and_precision_is_its_own() -> None:
    given = {"encoder_rate": 0.01, "head_rate": 0.02, "precision": "bfloat16"}
    settings = settings_for({"preset": {"train": given}}, 1000)
    assert settings.precision == "bfloat16"
    assert settings_for({}, 10).precision == "float32"
    assert (settings.encoder_rate, settings.head_rate) == (0.005, 0.01)
    assert settings_for({}, 10).encoder_rate == 5e-4
    assert settings_for({}, 2000).encoder_rate == 1e-3
    assert settings_for({}, 10).epochs == EPOCHS[1]
    assert settings_for({}, 100_000).epochs == EPOCHS[0]


def test_what_lies_beside_a_corrected_mistake_is_not_kept() -> None:
    vectors = torch.eye(3)[[0, 1, 2, 0, 1, 2]]
    logits = torch.zeros(6, 3)
    logits[:, 1] = 1.0
    pair = TrainingPair(None, torch.zeros(0), torch.zeros(0), 1)  # type: ignore[arg-type]
    pairs = [replace(pair, gold=0), pair, replace(pair, gold=0), pair, pair, pair]
    # Corrections: a mistake, a confirmed answer. Replay: a mistake that nobody corrected.
    assert _beside_mistakes(_Asked(vectors, logits), pairs, 2, 3) == [True, False, False]


def test_no_correction_is_no_lesson() -> None:
    retriever = untrained(tiny_text_encoder(), Lines(0.0, ((PEER, 0.1),)))
    with pytest.raises(ValueRejected, match=r"Expected corrections to learn from\. Found none\."):
        learn_version(retriever, Lesson((), (), (), ()), "fast", name="x", seed=0, card={},
                      identity={})  # fmt: skip
