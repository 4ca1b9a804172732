"""One real training with the tiny encoder, shared by all tests of this folder."""

from __future__ import annotations

import pytest

from roc_core.training.log import Step
from roc_core.training.trainer import Trained, train_version
from tests.tiny import tiny_text_encoder
from tests.training.made import catalogue, parts, preset

CONCEPTS = ("band", "team", "tour", "city")


@pytest.fixture(scope="session")
def steps() -> list[Step]:
    """What the shared training reported, in order; filled by ``trained``."""
    return []


@pytest.fixture(scope="session")
def trained(steps: list[Step]) -> Trained:
    train, dev = parts()
    return train_version(
        train, dev, tiny_text_encoder(), catalogue(), preset(epochs=5),
        name="made", concept_names=CONCEPTS, card={"data": "made"}, watch=steps.append,
    )  # fmt: skip
