"""Training through the real libraries: a tiny BERT of transformers, a tiny tower of open_clip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from roc_core.config import Preset
from roc_core.encoders import named
from roc_core.encoders.named import text_encoder, vision_encoder, vision_identity
from roc_core.evaluation.report import score_records
from roc_core.model.reader import PairReader
from roc_core.model.version import load_version, save_version
from roc_core.retrieval import RelationRetriever
from roc_core.schema import Box, Mention, Record
from roc_core.training.trainer import train_version
from tests.encoders.test_vision_contract import tiny_checkpoint
from tests.tiny import make_checkpoint
from tests.training.made import catalogue, preset, records


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Preset]:
    """The shape of preset clip-vit-b-32 on two checkpoints that lie on this machine."""
    found = preset(epochs=3)
    model = replace(
        found.model,
        text_encoder=str(make_checkpoint(tmp_path)),
        vision_encoder=f"open_clip:roc-tiny:{tiny_checkpoint(tmp_path)}",
        patch_width=32,
        box_geometry=True,
    )
    yield replace(found, model=model)
    named._text_encoder.cache_clear()
    named._vision_encoder.cache_clear()


def pictured(folder: Path) -> list[Record]:
    """Pairs with a picture each, every third with a box for its second mention."""
    found = []
    for number, record in enumerate(records()):
        picture = folder / f"{number % 4}.png"
        if not picture.is_file():
            Image.new("RGB", (60, 40), (60 * (number % 4), 90, 200)).save(picture)
        example = replace(record.example, picture=picture)
        if number % 3 == 0:
            both = (example.first, Mention(Box(5, 5, 30, 35)))
            example = replace(example, mentions=both)
        found.append(replace(record, example=example))
    return found


@pytest.mark.encoders
def test_patches_and_boxes_are_trained_saved_and_loaded(made: Preset, tmp_path: Path) -> None:
    found = pictured(tmp_path)
    text, vision = text_encoder(made.model.text_encoder), vision_encoder(made.model.vision_encoder)
    assert vision is not None
    learnt, dev = found[:-12], found[-12:]
    done = train_version(learnt, dev, text, catalogue(), made, name="clip", vision=vision)
    losses = [row[1] for row in done.log]
    assert losses[-1] < losses[0]
    moved = done.version.network.trained_state()
    assert float(moved["pair.place.weight"].abs().sum()) > 0, "2-D places are trained"
    save_version(tmp_path / "clip", done.version, text.identity, vision_identity(vision))
    again = load_version(tmp_path / "clip", text, vision_identity(vision))
    scores = [
        score_records(
            RelationRetriever(PairReader(text, vision, made.model), version, catalogue()), dev
        ).relations
        for version in (done.version, again)
    ]
    assert np.allclose(scores[0], scores[1], atol=1e-6)
