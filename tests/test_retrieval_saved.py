"""Retrievers saved and loaded: on tiny checkpoints through the real libraries, and from a hub."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from roc_core.config import ModelSettings
from roc_core.encoders import named
from roc_core.encoders.named import text_encoder, vision_encoder
from roc_core.errors import EncoderMismatch, ModelVersionInvalid, ValueRejected
from roc_core.model.network import RetrievalNetwork
from roc_core.model.reader import PairReader
from roc_core.model.version import Lines, ModelVersion
from roc_core.retrieval import RelationRetriever
from roc_core.schema import Box, Example, Mention
from tests.encoders.test_named import cached_repository
from tests.encoders.test_vision_contract import tiny_checkpoint
from tests.model.small import SENTENCE, marked, small_catalogue, two_colours
from tests.tiny import make_checkpoint

EXAMPLE = marked("Ana", "band")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelationRetriever]:
    """A version on a tiny BERT and a tiny open_clip tower, both from local checkpoints."""
    folder = tmp_path_factory.mktemp("encoders")
    settings = ModelSettings(
        text_encoder=str(make_checkpoint(folder)),
        vision_encoder=f"open_clip:roc-tiny:{tiny_checkpoint(folder)}",
        shared_layers=1,
        pair_width=16,
        lora_rank=4,
        patch_width=32,
        box_geometry=True,
    )
    text, vision = text_encoder(settings.text_encoder), vision_encoder(settings.vision_encoder)
    network = RetrievalNetwork(text.model.encoder, text.width, settings).eval()
    network.load_trained({k: v.half().float() for k, v in network.trained_state().items()})
    version = ModelVersion("tiny", settings, network, None, Lines(0.1), {"boxes": True}, {})
    yield RelationRetriever(PairReader(text, vision, settings), version, small_catalogue())
    named._text_encoder.cache_clear()
    named._vision_encoder.cache_clear()


@pytest.fixture(scope="module")
def saved(made: RelationRetriever, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.save_pretrained(tmp_path_factory.mktemp("models") / "tiny")


def scores(retriever: RelationRetriever, picture: Path) -> np.ndarray:
    boxes = (Mention(Box(0, 0, 20, 20)), Mention(Box(30, 0, 60, 40)))
    examples = [
        EXAMPLE,
        marked("Ana", "band", picture=picture),
        Example(SENTENCE, boxes, picture, "a band on tour"),
    ]
    return np.stack([[r.score for r in p.ranked] for p in retriever.predict(examples)])


@pytest.mark.encoders
def test_a_saved_retriever_comes_back(made: RelationRetriever, saved: Path, tmp_path: Path) -> None:
    picture = two_colours(tmp_path)
    again = RelationRetriever.from_pretrained(saved, small_catalogue())
    assert np.allclose(scores(again, picture), scores(made, picture), atol=1e-5)
    assert (again.version.id, again.version.card) == ("tiny", {"boxes": True})
    twice = again.save_pretrained(str(tmp_path / "twice"))
    assert {f.name: f.read_bytes() for f in twice.iterdir()} == {
        f.name: f.read_bytes() for f in saved.iterdir()
    }
    third = RelationRetriever.from_pretrained(str(twice), small_catalogue())
    assert np.array_equal(scores(third, picture), scores(again, picture))


@pytest.mark.encoders
def test_a_version_is_read_from_the_hubs_cache(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = cached_repository(tmp_path, "someone/roc-tiny")
    for file in saved.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ValueRejected, match="it was trained with none of the packaged ones"):
        RelationRetriever.from_pretrained("someone/roc-tiny")
    (folder / "card.json").write_text('{"catalogue": {"name": "more"}}', "utf-8")
    found = RelationRetriever.from_pretrained("someone/roc-tiny")
    assert found.version.id == "tiny"
    assert found.catalogue.id == "more"


@pytest.mark.encoders
def test_changed_encoders_are_refused(saved: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    config = json.loads((saved / "config.json").read_text("utf-8"))
    config["model"]["text_encoder"] = str(make_checkpoint(other, seed=1))
    for file in saved.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    with pytest.raises(EncoderMismatch, match=r"the text encoder encoders\S*, on which"):
        RelationRetriever.from_pretrained(tmp_path)


def test_a_version_on_the_hub_cannot_be_had_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelVersionInvalid) as caught:
        RelationRetriever.from_pretrained("someone/roc-mini")
    text = str(caught.value)
    assert text.startswith(
        "Expected the model version someone/roc-mini, here or on the Hugging Face hub. Found no "
        "folder of that name here, and from the hub LocalEntryNotFoundError: "
    )
    assert "Fetch it once where there is a network: hf download someone/roc-mini" in text


@pytest.mark.parametrize("name", ["none", "models/of/mine", "bad name/x", Path("some/where")])
def test_no_folder_and_no_repository_is_refused(name: str | Path) -> None:
    with pytest.raises(ModelVersionInvalid) as caught:
        RelationRetriever.from_pretrained(name)
    assert str(caught.value) == (
        "Expected the folder of a model version, or a hub repository as organization/name. "
        f"Found no folder {name}. Check the path."
    )


def test_a_folder_that_is_no_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelVersionInvalid, match=r"a model version folder with config\.json at "):
        RelationRetriever.from_pretrained(tmp_path)
    (tmp_path / "config.json").write_text('{"format": 1, "model": {}}')
    with pytest.raises(ModelVersionInvalid) as caught:
        RelationRetriever.from_pretrained(tmp_path)
    assert str(caught.value) == (
        f"Expected a complete model version in {tmp_path}. "
        "Found a config.json that names no encoders. Restore or retrain it."
    )
