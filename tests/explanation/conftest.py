"""The small model, and an example with all that can be explained."""

from __future__ import annotations

import pytest

from roc_core.retrieval import RelationRetriever
from roc_core.schema import Example
from tests.model.small import marked, shared_retriever, two_colours


@pytest.fixture(scope="module")
def retriever() -> RelationRetriever:
    return shared_retriever()


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Example:
    """Everything an example can have."""
    picture = two_colours(tmp_path_factory.mktemp("pictures"))
    example = marked("Ana", "band", picture=picture, picture_text="a team on tour")
    return example.with_types("person", None)
