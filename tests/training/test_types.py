"""Entity types are fitted fold by fold: never on the sentence they are applied to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch

from roc_core.evaluation.protocols import implied_types
from roc_core.model.inputs import PairInput
from roc_core.model.reader import PairReader
from roc_core.model.tagger import TypeTagger, fit_tagger, fold_of
from roc_core.schema import Label
from roc_core.training import types
from roc_core.training.types import FOLDS, CrossFit, cross_fit
from tests.tiny import tiny_text_encoder
from tests.training.made import LIVES, MEMBER, PEER, catalogue, preset, record, records


@pytest.fixture(scope="module")
def inputs() -> list[PairInput]:
    reader = PairReader(tiny_text_encoder(), None, preset().model)
    return reader.read([r.example for r in records()])


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (Label(MEMBER, "forward"), ("person", "organization")),
        (Label(MEMBER, "backward"), ("organization", "person")),
        (Label(LIVES, "forward"), ("person", "location")),
        (Label(PEER, "both"), ("person", "person")),
        (Label("None", "both"), None),
        (Label("/of/another/catalogue", "forward"), None),
    ],
)
def test_a_label_implies_types_in_canonical_order(label: Label, expected: object) -> None:
    given = record("mia tom", "mia", "tom", label.relation, label.direction)
    assert implied_types(given, catalogue()) == expected


def test_no_tagger_is_applied_to_a_sentence_it_was_fitted_on(
    inputs: list[PairInput], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A mention's row of features says which sentence it came from.
    owner = {
        np.concatenate([m.numpy(), p.states.mean(0).numpy()]).tobytes(): r.example.sentence
        for r, p in zip(records(), inputs, strict=True)
        for m in p.mentions
    }
    fits: list[set[str]] = []

    class Spy(TypeTagger):
        def probabilities(self, mention: torch.Tensor, sentence: torch.Tensor) -> torch.Tensor:
            where = owner[torch.cat([mention, sentence]).numpy().tobytes()]
            assert where not in fits[-1], "applied to a sentence it was fitted on"
            applied.append(where)
            return super().probabilities(mention, sentence)

    def spied(features: np.ndarray, names: Sequence[str], **rest: Any) -> TypeTagger:
        fits.append({owner[row.tobytes()] for row in features})
        tagger = fit_tagger(features, names, **rest)
        return Spy(tagger.weight, tagger.bias)

    applied: list[str] = []
    monkeypatch.setattr(types, "fit_tagger", spied)
    cross_fit(records(), inputs, catalogue())
    assert len(fits) == FOLDS + 1, "one a fold and one on everything"
    assert sorted(applied) == sorted(2 * [r.example.sentence for r in records()])
    positives = {r.example.sentence for r in records() if r.label != Label("None")}
    for number, seen in enumerate(fits[:-1]):
        assert seen == {s for s in positives if fold_of(s, FOLDS) != number}
    assert fits[-1] == positives


def test_every_pair_gets_probabilities_none_pairs_too(inputs: list[PairInput]) -> None:
    found: CrossFit = cross_fit(records(), inputs, catalogue())
    assert found.types.shape == (len(records()), 2, 4)
    torch.testing.assert_close(found.types.sum(-1), torch.ones(len(records()), 2))
    assert float(found.types[..., 3].max()) < 1e-6, "no relation here implies a thing"
