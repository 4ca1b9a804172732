"""What a training pair shows in one draw, and the order of an epoch."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest
import torch

from roc_core.model.inputs import CONCEPT, PICTURE_TEXT
from roc_core.model.reader import PairReader
from roc_core.training.batches import UNKNOWN, TrainingPair, drawn, epoch, epoch_size
from tests.tiny import tiny_text_encoder
from tests.training.made import preset, records

WITH_TEXT = 2
NONE = 6
"""No pair of the fixture has this gold number."""


@pytest.fixture(scope="module")
def pairs() -> list[TrainingPair]:
    """Twelve pairs, some with picture text, all with two simulated concepts."""
    reader = PairReader(tiny_text_encoder(), None, preset().model)
    states = reader.words_of(["band", "tour"])
    weights = torch.tensor([0.75, 0.25])
    every = reader.read([r.example for r in records()[:12]])
    for pair in every:
        pair.types[:] = 0.25
    return [TrainingPair(p, states, weights, i % 6) for i, p in enumerate(every)]


def kinds(item: TrainingPair, draws: int = 400, **settings: float) -> Counter[tuple[int, ...]]:
    rng = random.Random(0)
    seen = (drawn(item, preset(**settings).train, rng) for _ in range(draws))
    return Counter(tuple(sorted(set(p.kinds.tolist()))) for p in seen)


def test_full_picture_dropout_leaves_no_evidence(pairs: list[TrainingPair]) -> None:
    rng = random.Random(0)
    for item in pairs:
        pair = drawn(item, preset(picture_dropout=1.0).train, rng)
        assert (len(pair.evidence), len(pair.places), len(pair.kinds)) == (0, 0, 0)
        assert torch.equal(pair.states, item.pair.states)


def test_without_dropout_half_show_the_text_a_quarter_the_words_a_quarter_both(
    pairs: list[TrainingPair],
) -> None:
    assert len(pairs[WITH_TEXT].pair.evidence) > 0
    found = kinds(pairs[WITH_TEXT], picture_dropout=0.0)
    assert set(found) == {(PICTURE_TEXT,), (CONCEPT,), (CONCEPT, PICTURE_TEXT)}
    assert found[PICTURE_TEXT,] == pytest.approx(200, abs=40)
    assert found[CONCEPT,] == pytest.approx(100, abs=35)


def test_picture_dropout_is_the_share_of_draws_without_evidence(
    pairs: list[TrainingPair],
) -> None:
    assert kinds(pairs[WITH_TEXT], picture_dropout=0.3)[()] == pytest.approx(120, abs=35)


def test_concept_words_carry_their_weights_and_come_first(pairs: list[TrainingPair]) -> None:
    rng = random.Random(0)
    settings = preset(picture_dropout=0.0).train
    draws = [drawn(pairs[WITH_TEXT], settings, rng) for _ in range(40)]
    both = max(draws, key=lambda p: len(p.kinds))
    assert len(both.kinds) == 2 + len(pairs[WITH_TEXT].pair.kinds)
    assert both.kinds.tolist() == [CONCEPT] * 2 + [PICTURE_TEXT] * (len(both.kinds) - 2)
    assert both.places[:2, 4].tolist() == [0.75, 0.25]
    assert torch.equal(both.evidence[:2], pairs[WITH_TEXT].concepts)


def test_a_pair_without_concepts_shows_its_text_instead(pairs: list[TrainingPair]) -> None:
    bare = TrainingPair(pairs[WITH_TEXT].pair, torch.zeros(0, 32), torch.zeros(0), 0)
    assert set(kinds(bare, picture_dropout=0.0)) == {(PICTURE_TEXT,)}


def test_full_type_dropout_makes_types_unknown_and_none_keeps_them(
    pairs: list[TrainingPair],
) -> None:
    rng = random.Random(0)
    gone = drawn(pairs[WITH_TEXT], preset(type_dropout=1.0).train, rng)
    kept = drawn(pairs[WITH_TEXT], preset(type_dropout=0.0).train, rng)
    assert gone.types.abs().sum() == 0
    assert torch.equal(kept.types, pairs[WITH_TEXT].pair.types)
    assert pairs[WITH_TEXT].pair.types.sum() == 2, (
        "a draw must not change the pair it is drawn from"
    )


def test_an_epoch_shows_every_pair_once_with_its_gold(pairs: list[TrainingPair]) -> None:
    settings = preset(batch=5, picture_dropout=1.0).train
    batches = list(epoch(pairs, settings, random.Random(1), NONE))
    assert sorted(map(len, batches)) == [2, 5, 5]
    states = {id(item.pair.states): item.gold for item in pairs}
    seen = [(id(p.states), g) for b in batches for p, g in zip(b.inputs, b.gold, strict=True)]
    assert sorted(seen) == sorted(states.items())


def test_an_epochs_order_depends_on_the_seed_alone(pairs: list[TrainingPair]) -> None:
    def order(seed: int) -> list[int]:
        settings = preset(batch=3).train
        batches = epoch(pairs, settings, random.Random(seed), NONE)
        return [id(p.states) for b in batches for p in b.inputs]

    assert order(1) == order(1)
    assert order(1) != order(2)


def test_an_epoch_reads_every_relation_and_a_fresh_share_of_none(pairs: list[TrainingPair]) -> None:
    settings = preset(batch=3, none_share=0.5).train
    none = 0  # gold numbers are 0 to 5, twice each: two pairs count as None
    assert epoch_size(pairs, settings, none) == 11
    shown = set()
    for seed in range(20):
        batches = list(epoch(pairs, settings, random.Random(seed), none))
        gold = [g for b in batches for g in b.gold]
        assert sorted(gold) == [0, *sorted([1, 2, 3, 4, 5] * 2)]
        shown |= {
            id(p.states)
            for b in batches
            for p, g in zip(b.inputs, b.gold, strict=True)
            if g == none
        }
    assert len(shown) == 2


def test_a_teachers_logits_go_with_their_pairs(pairs: list[TrainingPair]) -> None:
    taught = [replace(p, taught=torch.tensor([float(i), p.gold])) for i, p in enumerate(pairs)]
    for batch in epoch(taught, preset(batch=5).train, random.Random(0), NONE):
        assert batch.taught is not None
        assert batch.taught[:, 1].tolist() == batch.gold
    bare = next(iter(epoch(pairs, preset(batch=5).train, random.Random(0), NONE)))
    assert bare.taught is None


def test_a_teacher_may_be_silent_where_something_of_the_picture_is_read(
    pairs: list[TrainingPair],
) -> None:
    taught = [replace(p, taught=torch.zeros(2)) for p in pairs]
    copy = replace(taught[WITH_TEXT], gold=UNKNOWN)
    settings = preset(batch=3, picture_dropout=0.0, taught_with_evidence=False).train
    spoken = []
    for batch in epoch([*taught, copy], settings, random.Random(0), NONE):
        assert batch.taught is not None
        for pair, gold, row in zip(batch.inputs, batch.gold, batch.taught, strict=True):
            spoken.append(bool(row.isfinite().all()))
            assert spoken[-1] == (not len(pair.evidence) or gold == UNKNOWN)
    assert {True, False} == set(spoken)


def test_masked_mentions_take_the_place_of_names_and_not_of_boxes(
    pairs: list[TrainingPair],
) -> None:
    pair = pairs[WITH_TEXT].pair
    hidden = replace(pair, states=pair.states + 1, mentions=pair.mentions + 1)
    boxes = torch.tensor([[0.5, 0.5, 0.2, 0.2, 1.0], [0.0] * 5])
    item = replace(pairs[WITH_TEXT], pair=replace(pair, boxes=boxes), masked=hidden)
    always = drawn(item, preset(mention_dropout=1.0).train, random.Random(0))
    assert torch.equal(always.states, hidden.states)
    assert torch.equal(always.mentions, torch.stack([pair.mentions[0], hidden.mentions[1]]))
    never = drawn(item, preset(mention_dropout=0.0).train, random.Random(0))
    assert torch.equal(never.states, pair.states)
