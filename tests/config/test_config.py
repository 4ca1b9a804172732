"""Presets load and are validated; settings outside their range and unknown ones are named."""

from __future__ import annotations

import dataclasses
import json

import pytest

from roc_core.config import (
    ModelSettings,
    Preset,
    TrainSettings,
    load_preset,
    preset_names,
    settings_from,
)
from roc_core.errors import ValueRejected


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_loads_whole(name: str) -> None:
    preset = load_preset(name)
    assert preset.name == name
    assert preset.title
    again = settings_from(ModelSettings, preset.as_dict()["model"], "a copy")
    assert again == preset.model
    assert settings_from(TrainSettings, preset.as_dict()["train"], "a copy") == preset.train
    model = json.loads(json.dumps(preset.as_dict()))["model"]
    assert model["text_encoder"] == preset.model.text_encoder
    # Concept words have no patches, every other encoder of a preset gives nothing else.
    assert (model["patch_width"] > 0) == (model["vision_encoder"] != "concept-words")


def test_the_presets_come_with_the_library() -> None:
    assert {"mini", "base", "mini-patches", "clip-vit-b-32"} <= set(preset_names())
    assert load_preset("mini").model.patch_width == 0
    assert load_preset("base").model.text_encoder == "mpnet"
    assert load_preset("mini-patches").model.vision_encoder == "grid-patches"
    assert load_preset("clip-vit-b-32").model.text_encoder.startswith("hf:")


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(ValueRejected) as caught:
        load_preset("../mini")
    known = ", ".join(preset_names())
    assert str(caught.value) == f"Expected a preset, one of {known}. Found ../mini. Choose one."


def test_an_unknown_setting_is_named() -> None:
    with pytest.raises(ValueRejected) as caught:
        settings_from(TrainSettings, {"epochs": 2, "epoch": 1, "beta": 3}, "[train] of my.toml")
    text = str(caught.value)
    assert text.startswith("Expected settings of [train] of my.toml: batch, checkpoint_minutes, ")
    assert text.endswith(". Found beta, epoch. Remove or rename the unknown setting.")


@pytest.mark.parametrize(
    ("cls", "name", "value", "low", "high"),
    [
        (ModelSettings, "shared_layers", -1, 0, 48),
        (ModelSettings, "pair_width", 4, 8, 4096),
        (ModelSettings, "lora_rank", 0, 1, 512),
        (ModelSettings, "none_vectors", 0, 1, 64),
        (ModelSettings, "concepts", 65, 0, 64),
        (ModelSettings, "picture_text_window", 513, 0, 512),
        (ModelSettings, "description_sharpness", -0.1, 0.0, 200.0),
        (ModelSettings, "dropout", 0.95, 0.0, 0.9),
        (ModelSettings, "patch_width", -1, 0, 8192),
        (TrainSettings, "epochs", 0, 1, 1000),
        (TrainSettings, "batch", 1, 2, 4096),
        (TrainSettings, "encoder_rate", 1.5, 0.0, 1.0),
        (TrainSettings, "head_rate", float("nan"), 0.0, 1.0),
        (TrainSettings, "weight_decay", -1.0, 0.0, 1.0),
        (TrainSettings, "warmup", 1.0, 0.0, 0.9),
        (TrainSettings, "picture_dropout", 1.1, 0.0, 1.0),
        (TrainSettings, "type_dropout", -0.5, 0.0, 1.0),
        (TrainSettings, "description_loss", 11.0, 0.0, 10.0),
        (TrainSettings, "contrast_loss", -1.0, 0.0, 10.0),
        (TrainSettings, "label_smoothing", 0.6, 0.0, 0.5),
    ],
)
def test_a_setting_outside_its_range_is_refused(
    cls: type, name: str, value: float, low: float, high: float
) -> None:
    with pytest.raises(ValueRejected) as caught:
        cls(**{name: value})
    assert str(caught.value) == (
        f"Expected setting {name} between {low} and {high}. Found {value!r}. Change the setting."
    )
    assert getattr(cls(**{name: high}), name) == high
    assert getattr(cls(**{name: low}), name) == low


def test_settings_are_frozen() -> None:
    for value, field in ((ModelSettings(), "dropout"), (Preset("a", "A"), "name")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, field, 1)
