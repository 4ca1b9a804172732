"""A whole training with a tiny real encoder: it learns, repeats itself and can be kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from roc_core import metrics
from roc_core.errors import RelationUnknown, ValueRejected
from roc_core.evaluation.report import score_records
from roc_core.model.reader import PairReader
from roc_core.model.version import load_version, save_version
from roc_core.retrieval import PairScores, RelationRetriever
from roc_core.schema import Label, Record
from roc_core.training.log import Step
from roc_core.training.loop import Objective
from roc_core.training.trainer import Trained, train_version
from tests.tiny import tiny_text_encoder
from tests.training.made import LIVES, MEMBER, PEER, catalogue, parts, preset


def retriever(version: Any) -> RelationRetriever:
    reader = PairReader(tiny_text_encoder(), None, preset().model)
    return RelationRetriever(reader, version, catalogue())


def scored(version: Any, records: list[Record]) -> PairScores:
    return score_records(retriever(version), records)


def short(train: list[Record], seed: int = 0, **settings: float | str) -> Trained:
    """One epoch on few pairs."""
    few = preset(epochs=1, **settings)
    return train_version(train, parts()[1][:8], tiny_text_encoder(), catalogue(), few,
                         name="short", seed=seed)  # fmt: skip


def test_the_loss_falls_and_dev_f1_beats_the_best_constant_answer(trained: Trained) -> None:
    losses = [loss for _, loss, _, _ in trained.log]
    assert losses[-1] < 0.7 * losses[0]
    gold = [r.label.relation for r in parts()[1] if r.label]
    constant = max(metrics.micro(gold, [n] * len(gold)).f1 for n in (MEMBER, LIVES, PEER))
    assert trained.dev.f1 > constant + 0.2
    assert trained.dev.pairs == len(gold)


def test_progress_is_told_from_reading_to_the_last_epoch(
    trained: Trained, steps: list[Step]
) -> None:
    assert [s.stage for s in steps[:2]] == ["reading sentences", "reading sentences"]
    training = [s for s in steps if s.stage == "training"]
    assert [s.done for s in training] == list(range(1, training[-1].total + 1))
    assert training[-1].seconds_left == pytest.approx(0, abs=1e-9)
    checked = [(s.epoch, s.loss, s.dev_f1) for s in steps if s.stage == "checked on dev"]
    assert checked == [(e, loss, f1) for e, loss, f1, _ in trained.log]


def test_a_saved_version_loads_to_the_very_same_tensors_and_scores(
    trained: Trained, tmp_path: Path
) -> None:
    folder = save_version(
        tmp_path / "made", trained.version, tiny_text_encoder().identity, "no-vision:0"
    )
    loaded = load_version(folder, tiny_text_encoder(), "no-vision:0")
    before, after = (scored(v, parts()[1]) for v in (trained.version, loaded))
    for name in ("descriptions", "relations", "none"):
        # Equal weights; sums may round differently where tensors lie differently in memory.
        np.testing.assert_allclose(getattr(after, name), getattr(before, name), atol=1e-6)
    state = loaded.network.trained_state()
    for name, value in trained.version.network.trained_state().items():
        assert torch.equal(value, state[name]), name
    assert loaded.lines == trained.version.lines
    assert json.loads((folder / "card.json").read_text("utf-8")) == {"data": "made"}


def test_the_same_seed_gives_the_same_tensors_and_another_seed_others() -> None:
    train = parts()[0][:24]
    one, again, other = (short(train, seed).version.network for seed in (3, 3, 4))
    assert one.trained_state().keys() == again.trained_state().keys()
    for name, value in one.trained_state().items():
        assert torch.equal(value, again.trained_state()[name]), name
    differ = [n for n, v in one.trained_state().items() if not v.equal(other.trained_state()[n])]
    assert len(differ) > len(one.trained_state()) / 2


def test_contrast_hard_negatives_and_class_balance_train_together() -> None:
    train, dev = parts()
    ways = {"contrast_loss": 0.2, "hard_negatives": 2.0, "class_balance": 0.5}
    done = train_version(train, dev, tiny_text_encoder(), catalogue(), preset(**ways), name="all")
    losses = [loss for _, loss, _, _ in done.log]
    assert losses[-1] < 0.7 * losses[0]
    constant = max(
        metrics.micro(gold, [n] * len(gold)).f1
        for gold in [[r.label.relation for r in dev if r.label]]
        for n in (MEMBER, LIVES, PEER)
    )
    assert done.dev.f1 > constant + 0.2


@pytest.mark.parametrize("way", [{"contrast_loss": 0.2}, {"class_balance": 0.5}])
def test_each_of_them_changes_what_is_learnt(way: dict[str, float]) -> None:
    # Hard negatives need two relations of one type pair; test_alignment has those.
    few = parts()[0][:24]
    plain, changed = (short(few, **settings).version for settings in ({}, way))
    assert not torch.equal(plain.network.none, changed.network.none)


def test_training_leaves_the_text_encoder_as_it_was(trained: Trained) -> None:
    text = tiny_text_encoder()
    before = {k: v.clone() for k, v in text.model.state_dict().items()}
    short(parts()[0][:16])
    assert all(torch.equal(v, text.model.state_dict()[k]) for k, v in before.items())


def test_half_precision_trains_to_finite_weights_and_a_full_precision_tagger() -> None:
    done = short(parts()[0][:24], precision="bfloat16")
    assert all(bool(t.isfinite().all()) for t in done.version.network.trained_state().values())
    assert done.version.tagger is not None
    assert done.version.tagger.weight.dtype == torch.float32


@pytest.mark.parametrize(
    ("train", "dev"),
    [(slice(0), slice(4)), (slice(3, 4), slice(4)), (slice(8), slice(0))],
    ids=["no pairs", "only None", "no dev"],
)
def test_nothing_to_learn_is_said(train: slice, dev: slice) -> None:
    some, held = parts()[0][train], parts()[1][dev]
    with pytest.raises(ValueRejected) as raised:
        train_version(some, held, tiny_text_encoder(), catalogue(), preset(), name="none")
    assert str(raised.value) == (
        "Expected labelled training pairs with relations of the catalogue, and dev pairs. "
        f"Found {len(some)} training and {len(held)} dev pairs. "
        "Import more labelled items, or choose the catalogue they were labelled with."
    )


def labelled(label: Label) -> list[Record]:
    first, *rest = parts()[0][:12]
    return [replace(first, label=label), *rest]


def test_a_label_of_another_catalogue_is_named() -> None:
    with pytest.raises(RelationUnknown, match=r"catalogue 'made'\. Found '/per/org/owns'\."):
        short(labelled(Label("/per/org/owns", "forward")))


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (Label(PEER, "forward"), f"Expected direction both for {PEER}. Found forward at '"),
        (
            Label(MEMBER, "both"),
            f"Expected direction forward or backward for {MEMBER}. Found both at '",
        ),
    ],
)
def test_a_direction_a_relation_cannot_have_is_named(label: Label, expected: str) -> None:
    with pytest.raises(ValueRejected) as raised:
        short(labelled(label))
    assert str(raised.value).startswith(expected)
    assert str(raised.value).endswith("Correct that label.")


def test_too_few_sentences_to_learn_types_from_are_said() -> None:
    with pytest.raises(ValueRejected, match="in several sentences, to learn entity types from"):
        short(parts()[0][:1])


def test_one_entity_type_and_a_single_step_are_enough() -> None:
    peers = [r for r in parts()[0] if r.label and r.label.relation == PEER]
    done = short(peers, batch=64)
    assert len(done.log) == 1
    found = retriever(done.version).suggest_types(peers[0].example)
    assert [t and t[0] for t in found] == ["person", "person"]


def test_a_training_stops_when_dev_gets_no_better(tmp_path: Path) -> None:
    # Rates of 0 change nothing, so every epoch is as good as the first.
    still: Any = {"encoder_rate": 0.0, "head_rate": 0.0, "epochs": 6, "patience": 2}
    train, dev = parts()[0][:16], parts()[1][:8]
    for patience, epochs in ((2, 3), (0, 6)):
        made = preset(**(still | {"patience": patience}))
        folder = tmp_path / str(patience)
        done = train_version(train, dev, tiny_text_encoder(), catalogue(), made, name="still",
                             folder=folder)  # fmt: skip
        assert len(done.log) == epochs
        said = "stopped: no better on dev for 2 epochs" in (folder / "train.log").read_text("utf-8")
        assert said == (patience > 0)


def test_a_loss_that_is_no_number_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Objective, "forward", lambda *_: torch.tensor(torch.nan).requires_grad_())
    with pytest.raises(ValueRejected) as raised:
        short(parts()[0][:16])
    assert str(raised.value) == (
        "Expected a loss that is a number. Found nan at step 1. Lower encoder_rate and head_rate."
    )
