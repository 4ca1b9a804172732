"""The explainers on the model version that comes with the program."""

from __future__ import annotations

import threading

import pytest

from roc_core.explanation.sanity import GRADIENTS, check_explainers
from roc_core.relations import load_catalogue
from roc_core.retrieval import RelationRetriever
from roc_core.schema import Label, SecondOpinion
from roc_core.workspace.explaining import Reasons
from roc_core.workspace.models import default_model, load_retriever
from tests.model.small import marked

pytestmark = pytest.mark.encoders

EXAMPLES = [
    marked("Nadia Ortez", "Rovers", "Nadia Ortez scored twice for Rovers in the rain last night"),
    marked("Lumen", "Oslo", "The exhibition of Lumen opens in Oslo on Friday , see you there !"),
    marked("Ida", "Per", "Ida and her husband Per at the beach", picture_text="a couple at sea"),
]


@pytest.fixture(scope="module")
def retriever() -> RelationRetriever:
    return load_retriever(default_model(), load_catalogue("mnre"))


def test_the_checks_hold(retriever: RelationRetriever) -> None:
    rows = check_explainers(retriever, EXAMPLES).rows
    for row in rows:
        assert row.ratio >= 2, row
    assert {r.explainer: r.worst_gap <= 0.02 for r in rows}[GRADIENTS]


def test_the_two_opinions_agree_on_what_matters(retriever: RelationRetriever) -> None:
    reasons = Reasons(lambda: retriever, threading.RLock())
    for example in EXAMPLES:
        first, second = retriever.predict([example])[0].ranked[:2]
        pieces = list(reasons.all(example, first, Label(second.relation, second.direction)))
        opinion = pieces[-1]
        assert isinstance(opinion, SecondOpinion)
        assert opinion.agreement is not None
        assert opinion.agreement > 0.2
