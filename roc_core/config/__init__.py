"""Frozen, validated settings. Presets are data files beside this module, not branches."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass, field, fields
from importlib import resources
from typing import Any

from roc_core.errors import ValueRejected

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def _check(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ValueRejected(
            f"setting {name} between {low} and {high}", repr(value), "Change the setting."
        )


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Shape of a pair encoder. ``shared_layers`` of the text encoder are frozen and read once a
    sentence; the rest, with LoRA of rank ``lora_rank``, read the marked pair."""

    text_encoder: str = "minilm"
    vision_encoder: str = "concept-words"
    shared_layers: int = 3
    pair_width: int = 256
    lora_rank: int = 32
    none_vectors: int = 4
    concepts: int = 8
    picture_text_window: int = 40
    description_sharpness: float = 10.0
    dropout: float = 0.1

    def __post_init__(self) -> None:
        _check("shared_layers", self.shared_layers, 0, 48)
        _check("pair_width", self.pair_width, 8, 4096)
        _check("lora_rank", self.lora_rank, 1, 512)
        _check("none_vectors", self.none_vectors, 1, 64)
        _check("concepts", self.concepts, 0, 64)
        _check("picture_text_window", self.picture_text_window, 0, 512)
        _check("description_sharpness", self.description_sharpness, 0.0, 200.0)
        _check("dropout", self.dropout, 0.0, 0.9)


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """How a pair encoder is trained. Rates are AdamW's; ``warmup`` is a share of all steps."""

    epochs: int = 8
    batch: int = 32
    encoder_rate: float = 1e-3
    head_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: float = 0.06
    picture_dropout: float = 0.5
    type_dropout: float = 0.3
    description_loss: float = 0.3
    contrast_loss: float = 0.0
    label_smoothing: float = 0.05

    def __post_init__(self) -> None:
        _check("epochs", self.epochs, 1, 1000)
        _check("batch", self.batch, 2, 4096)
        _check("encoder_rate", self.encoder_rate, 0.0, 1.0)
        _check("head_rate", self.head_rate, 0.0, 1.0)
        _check("weight_decay", self.weight_decay, 0.0, 1.0)
        _check("warmup", self.warmup, 0.0, 0.9)
        _check("picture_dropout", self.picture_dropout, 0.0, 1.0)
        _check("type_dropout", self.type_dropout, 0.0, 1.0)
        _check("description_loss", self.description_loss, 0.0, 10.0)
        _check("contrast_loss", self.contrast_loss, 0.0, 10.0)
        _check("label_smoothing", self.label_smoothing, 0.0, 0.5)


@dataclass(frozen=True, slots=True)
class Preset:
    """A named pair of model and training settings."""

    name: str
    title: str
    model: ModelSettings = field(default_factory=ModelSettings)
    train: TrainSettings = field(default_factory=TrainSettings)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a version's config file."""
        return asdict(self)


def settings_from(cls: type[Any], values: dict[str, Any], where: str) -> Any:
    """A settings object from plain values; an unknown key raises ValueRejected naming it."""
    known = {f.name for f in fields(cls)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise ValueRejected(
            f"settings of {where}: {', '.join(sorted(known))}",
            ", ".join(unknown),
            "Remove or rename the unknown setting.",
        )
    return cls(**values)


def preset_names() -> tuple[str, ...]:
    """Names of the presets that come with the library."""
    folder = resources.files(__name__) / "presets"
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml")))


def load_preset(name: str) -> Preset:
    """A preset by name. Raises ValueRejected for an unknown one."""
    if name not in preset_names():
        raise ValueRejected(f"a preset, one of {', '.join(preset_names())}", name, "Choose one.")
    text = (resources.files(__name__) / "presets" / f"{name}.toml").read_text("utf-8")
    values = tomllib.loads(text)
    return Preset(
        name,
        values["title"],
        settings_from(ModelSettings, values.get("model", {}), f"[model] of preset {name}"),
        settings_from(TrainSettings, values.get("train", {}), f"[train] of preset {name}"),
    )
