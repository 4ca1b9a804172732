"""Frozen, validated settings. Presets are data files beside this module, not branches."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from importlib import resources
from pathlib import Path
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


def _one_of(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise ValueRejected(
            f"setting {name}, one of {', '.join(known)}", repr(value), "Change the setting."
        )


MARKERS = ("levitated", "inserted")
PRECISIONS = ("float32", "bfloat16")


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Shape of a pair encoder. ``shared_layers`` of the text encoder are frozen and read once a
    sentence; the rest, with LoRA of rank ``lora_rank``, read the marked pair. ``patch_width`` is
    the width of the vision encoder's patches, 0 for one that gives concept words only;
    ``box_geometry`` tells boxes, patches and concept words by fine places and by one another's.
    ``classes`` is for comparison only: with the number of relation-directions of a catalogue the
    answer comes from a plain classification head and not from descriptions."""

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
    markers: str = "levitated"
    classes: int = 0
    patch_width: int = 0
    box_geometry: bool = False

    def __post_init__(self) -> None:
        _one_of("markers", self.markers, MARKERS)
        _check("shared_layers", self.shared_layers, 0, 48)
        _check("pair_width", self.pair_width, 8, 4096)
        _check("lora_rank", self.lora_rank, 1, 512)
        _check("none_vectors", self.none_vectors, 1, 64)
        _check("concepts", self.concepts, 0, 64)
        _check("picture_text_window", self.picture_text_window, 0, 512)
        _check("description_sharpness", self.description_sharpness, 0.0, 200.0)
        _check("dropout", self.dropout, 0.0, 0.9)
        _check("classes", self.classes, 0, 100_000)
        _check("patch_width", self.patch_width, 0, 8192)


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """How a pair encoder is trained. Rates are AdamW's; ``warmup`` is a share of all steps.

    Training stops after ``patience`` epochs that were no better on dev (0: never), and saves its
    state every ``checkpoint_minutes`` (0: after an epoch only). An epoch reads all pairs with a
    relation and a fresh ``none_share`` of the ``None`` pairs. ``mention_dropout`` is the
    probability that the words of both mentions are masked, so that names are not learned by heart.
    ``hard_negatives`` is how often a negative of the gold relation's own type pair counts.
    ``class_balance`` lets pairs of rare relations count more, see ``alignment.class_weights``.
    ``distillation`` weighs a teacher's scores, where one is given, softened by
    ``distillation_temperature``; ``swapped`` is the share of training pairs of which the teacher
    answers a copy with other names as well, see ``training.swapped``; without
    ``taught_with_evidence`` it does not answer a labelled pair that is read with something of its
    picture, which it has not seen. ``precision`` is that of the trained layers' matrix products;
    what is stored and scored is float32 and float16."""

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
    patience: int = 3
    checkpoint_minutes: float = 5.0
    none_share: float = 1.0
    mention_dropout: float = 0.0
    hard_negatives: float = 1.0
    class_balance: float = 0.0
    distillation: float = 1.0
    distillation_temperature: float = 2.0
    swapped: float = 0.0
    taught_with_evidence: bool = True
    precision: str = "float32"

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
        _check("patience", self.patience, 0, 1000)
        _check("checkpoint_minutes", self.checkpoint_minutes, 0.0, 1440.0)
        _check("mention_dropout", self.mention_dropout, 0.0, 1.0)
        _check("none_share", self.none_share, 0.01, 1.0)
        _check("class_balance", self.class_balance, 0.0, 1.0)
        _check("hard_negatives", self.hard_negatives, 1.0, 100.0)
        _check("distillation", self.distillation, 0.0, 10.0)
        _check("distillation_temperature", self.distillation_temperature, 0.1, 20.0)
        _check("swapped", self.swapped, 0.0, 1.0)
        _one_of("precision", self.precision, PRECISIONS)


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


def trained_with(card: Mapping[str, Any]) -> Mapping[str, Any]:
    """The [train] settings in a model version's card, empty where it has none."""
    preset = card.get("preset")
    found = preset.get("train") if isinstance(preset, dict) else None
    return found if isinstance(found, dict) else {}


def settings_from(cls: type[Any], values: Any, where: str) -> Any:
    """A settings object from plain values; an unknown key or a value of another type raises
    ValueRejected naming it."""
    if not isinstance(values, dict):
        raise ValueRejected(f"a table of settings as {where}", repr(values), "Change it.")
    known = {f.name: type(f.default) for f in fields(cls)}
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise ValueRejected(
            f"settings of {where}: {', '.join(sorted(known))}",
            ", ".join(unknown),
            "Remove or rename the unknown setting.",
        )
    for name, value in values.items():
        wanted = known[name]
        if type(value) is not wanted and not (wanted is float and type(value) is int):
            raise ValueRejected(
                f"setting {name} of type {wanted.__name__}", repr(value), "Change the setting."
            )
    return cls(**values)


def preset_names() -> tuple[str, ...]:
    """Names of the presets that come with the library."""
    folder = resources.files(__name__) / "presets"
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml")))


def load_preset(name: str) -> Preset:
    """A preset by name, or from a file by its path, which ends in ``.toml``.

    Raises ValueRejected for an unknown name and for a file that is none.
    """
    if name.endswith(".toml"):
        return _preset_file(Path(name))
    if name not in preset_names():
        raise ValueRejected(f"a preset, one of {', '.join(preset_names())}", name, "Choose one.")
    text = (resources.files(__name__) / "presets" / f"{name}.toml").read_text("utf-8")
    return _preset(name, tomllib.loads(text))


def _preset_file(path: Path) -> Preset:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ValueRejected(
            f"a preset as a TOML file at {path}", str(error), "Check the path and the file."
        ) from error
    return _preset(path.stem, values)


def _preset(name: str, values: dict[str, Any]) -> Preset:
    unknown = sorted(set(values) - {"title", "model", "train"})
    title = values.get("title", name)
    if unknown or not isinstance(title, str):
        raise ValueRejected(
            f"a title, [model] and [train] in preset {name}",
            ", ".join(unknown) or repr(title),
            "Change the file.",
        )
    return Preset(
        name,
        title,
        settings_from(ModelSettings, values.get("model", {}), f"[model] of preset {name}"),
        settings_from(TrainSettings, values.get("train", {}), f"[train] of preset {name}"),
    )


def with_settings(preset: Preset, changes: Sequence[str]) -> Preset:
    """A preset with single settings changed, each ``key=value`` as in a preset file; a text needs
    no quotes. Raises ValueRejected for an unknown key, another type or a value out of range."""
    for change in changes:
        preset = _with_setting(preset, change)
    return preset


def _with_setting(preset: Preset, change: str) -> Preset:
    key, sign, text = (part.strip() for part in change.partition("="))
    for part in ("model", "train"):
        settings = getattr(preset, part)
        if sign and key in {f.name for f in fields(settings)}:
            values = asdict(settings) | {key: _value(text)}
            return replace(preset, **{part: settings_from(type(settings), values, f"[{part}]")})
    known = sorted(f.name for c in (ModelSettings, TrainSettings) for f in fields(c))
    raise ValueRejected(
        f"a setting as key=value, with one of the keys {', '.join(known)}",
        repr(change),
        "Change the setting.",
    )


def _value(text: str) -> Any:
    try:
        values = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return values["value"] if len(values) == 1 else text
