"""Model versions on disk and the encoders they stand on."""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from roc_core.errors import EncoderMissing, ModelVersionInvalid
from roc_core.relations import Catalogue

if TYPE_CHECKING:
    from roc_core.encoders.concepts import ConceptWordEncoder
    from roc_core.encoders.text import TransformerTextEncoder
    from roc_core.retrieval import RelationRetriever

ASSETS = Path(__file__).resolve().parents[2] / "assets"


_LOADING = threading.Lock()
"""Two threads that want an encoder at once must not both load it."""


def text_encoder(name: str) -> TransformerTextEncoder:
    """The frozen text encoder of a preset, loaded once a process."""
    with _LOADING:
        return _text_encoder(name)


@lru_cache(maxsize=1)
def _text_encoder(name: str) -> TransformerTextEncoder:
    from roc_core.encoders.text import packaged_minilm

    if name != "minilm":
        raise EncoderMissing(
            "the text encoder minilm", repr(name), "Choose a preset that this program knows."
        )
    return packaged_minilm()


def vision_encoder(name: str) -> ConceptWordEncoder:
    """The frozen vision encoder of a preset, loaded once a process."""
    with _LOADING:
        return _vision_encoder(name)


@lru_cache(maxsize=1)
def _vision_encoder(name: str) -> ConceptWordEncoder:
    from roc_core.encoders.concepts import ConceptWordEncoder

    if name != "concept-words":
        raise EncoderMissing(
            "the vision encoder concept-words", repr(name), "Choose a preset this program knows."
        )
    return ConceptWordEncoder()


def version_folders(workspace: Path | None = None) -> tuple[Path, ...]:
    """Folders of all model versions: those that come with the program, then the workspace's."""
    places = [ASSETS / "models", *([workspace / "models"] if workspace else [])]
    return tuple(f.parent for p in places for f in sorted(p.glob("[!.]*/config.json")))


def default_model() -> Path:
    """The model version that comes with the program. Raises ModelVersionInvalid without one."""
    found = version_folders()
    if not found:
        raise ModelVersionInvalid(
            f"a model version in {ASSETS / 'models'}",
            "none",
            "Take the whole repository, or train one: python -m roc_core train --help",
        )
    return next((f for f in found if f.name == "mini"), found[0])


def load_retriever(folder: Path, catalogue: Catalogue) -> RelationRetriever:
    """A model version on its encoders, ready to rank the relations of a catalogue."""
    from roc_core.model.reader import PairReader
    from roc_core.model.version import load_version, read_config
    from roc_core.retrieval import RelationRetriever

    settings = read_config(folder)["model"]
    text = text_encoder(settings["text_encoder"])
    vision = vision_encoder(settings["vision_encoder"])
    version = load_version(folder, text, vision.identity)
    version.network.merge()
    return RelationRetriever(PairReader(text, vision, version.settings), version, catalogue)
