"""A model version on disk: a folder with what was trained, how, and on what.

``config.json`` settings, encoder identities, lines; ``trained.safetensors`` adapters, heads and
tagger; ``descriptions.safetensors`` sentence vectors of the catalogue's descriptions (a cache, by
text hash); ``card.json`` data, protocol, seed, command, scores, limits, parent.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from roc_core.config import ModelSettings, settings_from
from roc_core.encoders.text import TransformerTextEncoder
from roc_core.errors import EncoderMismatch, ModelVersionInvalid, RocError, ValueRejected
from roc_core.model.network import RetrievalNetwork
from roc_core.model.tagger import TypeTagger

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Lines:
    """How far above "none of these" a relation must score: ``all`` for every relation, ``own`` for
    relations that have one of their own. Cosine points, added to the none score of the pair."""

    all: float = 0.0
    own: tuple[tuple[str, float], ...] = ()

    def of(self, relation: str) -> float:
        """The line of one relation."""
        return dict(self.own).get(relation, self.all)

    def each(self, relations: Iterable[str]) -> np.ndarray:
        """The lines of relations, (N,) float64."""
        own = dict(self.own)
        return np.array([own.get(relation, self.all) for relation in relations])


@dataclass(frozen=True, slots=True, eq=False)
class ModelVersion:
    """A loaded version. ``described`` maps text hashes to description vectors (D,)."""

    id: str
    settings: ModelSettings
    network: RetrievalNetwork
    tagger: TypeTagger | None
    lines: Lines
    card: dict[str, Any]
    described: dict[str, np.ndarray]


def text_key(text: str) -> str:
    """Key of a description text in a version's vector cache."""
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def save_version(
    folder: Path,
    version: ModelVersion,
    text_encoder: str,
    vision_encoder: str,
) -> Path:
    """Write a version; the folder appears whole or not at all. An existing one is replaced."""
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        _write(draft, version, text_encoder, vision_encoder)
        _swap(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def _write(draft: Path, version: ModelVersion, text_encoder: str, vision_encoder: str) -> None:
    from safetensors.torch import save_file

    tensors = {f"network.{k}": v for k, v in version.network.trained_state().items()}
    if version.tagger is not None:
        tensors |= {"tagger.weight": version.tagger.weight, "tagger.bias": version.tagger.bias}
    small = {k: v.detach().to(torch.float16).contiguous() for k, v in tensors.items()}
    save_file(small, draft / "trained.safetensors")
    vectors = {k: torch.from_numpy(v.astype(np.float32)) for k, v in version.described.items()}
    save_file(vectors, draft / "descriptions.safetensors")
    _write_json(draft / "card.json", version.card)
    # Last, because a folder is taken for a model version by its config.json.
    config = {
        "format": FORMAT,
        "id": version.id,
        "model": asdict(version.settings),
        "text_encoder": text_encoder,
        "vision_encoder": vision_encoder,
        "tagger": version.tagger is not None,
        "lines": {"all": version.lines.all, "own": dict(version.lines.own)},
    }
    _write_json(draft / "config.json", config)


def _swap(draft: Path, folder: Path) -> None:
    """Put ``draft`` in the place of ``folder`` by renaming, so that no half-deleted one is seen."""
    old = draft.with_name(f"{draft.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        os.replace(folder, old)
    os.replace(draft, folder)
    shutil.rmtree(old, ignore_errors=True)


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", "utf-8")


def read_config(folder: Path) -> dict[str, Any]:
    """The config of a version folder. Raises ModelVersionInvalid when it is not one."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError) as problem:
        raise ModelVersionInvalid(
            f"a model version folder with config.json at {folder}",
            str(problem),
            "Choose another version or train one.",
        ) from problem
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        raise ModelVersionInvalid(
            f"a model version of format {FORMAT}",
            f"format {config.get('format') if isinstance(config, dict) else 'unknown'}",
            "Train it again with this program, or update the program.",
        )
    return config


def load_version(
    folder: Path, text: TransformerTextEncoder, vision_identity: str | None = None
) -> ModelVersion:
    """Load a version onto its encoders.

    Raises ModelVersionInvalid for a damaged folder and EncoderMismatch when the text encoder, or
    the vision encoder if given, is not the one the version was trained on.
    """
    from safetensors import SafetensorError

    try:
        return _load(folder, text, vision_identity)
    except ValueRejected as problem:
        raise ModelVersionInvalid(
            f"a complete model version in {folder}, of settings this program knows",
            problem.found,
            "Restore or retrain it, or update the program.",
        ) from problem
    except RocError:
        raise
    # What reading a cut, emptied or hand-edited file raises, one place for all of them.
    except (
        *(OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError),
        SafetensorError,
    ) as problem:
        raise ModelVersionInvalid(
            f"a complete model version in {folder}", str(problem), "Restore or retrain it."
        ) from problem


def _load(folder: Path, text: TransformerTextEncoder, vision_identity: str | None) -> ModelVersion:
    from safetensors.torch import load_file

    config = read_config(folder)
    _same("text encoder", config["text_encoder"], text.identity)
    if vision_identity is not None:
        _same("vision encoder", config["vision_encoder"], vision_identity)
    settings = settings_from(ModelSettings, config["model"], "config.json")
    lines = Lines(config["lines"]["all"], tuple(sorted(config["lines"]["own"].items())))
    card = json.loads((folder / "card.json").read_text("utf-8"))
    tensors = {k: v.float() for k, v in load_file(folder / "trained.safetensors").items()}
    described = load_file(folder / "descriptions.safetensors")
    network = RetrievalNetwork(text.model.encoder, text.width, settings)
    network.load_trained(
        {k.removeprefix("network."): v for k, v in tensors.items() if k.startswith("network.")}
    )
    tagger = None
    if config["tagger"]:
        tagger = TypeTagger(tensors["tagger.weight"], tensors["tagger.bias"])
    vectors = {k: v.numpy() for k, v in described.items()}
    return ModelVersion(config["id"], settings, network.eval(), tagger, lines, card, vectors)


def _same(what: str, wanted: str, found: str) -> None:
    if wanted != found:
        raise EncoderMismatch(
            f"the {what} {wanted}, on which this model version was trained",
            found,
            f"Load the {what} named first, or choose another model version.",
        )


def describe(
    text: TransformerTextEncoder, texts: Sequence[str], known: dict[str, np.ndarray]
) -> np.ndarray:
    """Sentence vectors (M, D) of texts; unknown ones are encoded and kept in ``known``."""
    missing = [t for t in dict.fromkeys(texts) if text_key(t) not in known]
    for t, vector in zip(missing, text.encode(missing), strict=True):
        known[text_key(t)] = vector
    return np.stack([known[text_key(t)] for t in texts])
