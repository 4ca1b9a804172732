"""Encoders by the names that presets and model versions give them, each loaded once a process.

Text: ``minilm``, ``mpnet``, a local folder in Hugging Face form, ``hf:organization/name``.
Vision: ``concept-words``, ``grid-patches``, ``open_clip:MODEL[:PRETRAINED]``, ``none``.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from roc_core.errors import EncoderMissing

if TYPE_CHECKING:
    from roc_core.encoders.text import TransformerTextEncoder
    from roc_core.encoders.vision import VisionEncoder

HUB = "hf:"
OPEN_CLIP = "open_clip:"
NO_VISION = "none"
GRID_SIDE = 224
"""Pixels of the shorter side for ``grid-patches``: a square picture gives a grid of 7 × 7."""
TEXT_FILES = ("config.json", "model.safetensors", "tokenizer*", "vocab*", "special_tokens_map.json")
_WITH_WEIGHTS = ("local-dir:", "hf-hub:")

_LOADING = threading.Lock()
"""Two threads that want an encoder at once must not both load it."""


def text_encoder(name: str) -> TransformerTextEncoder:
    """The frozen text encoder of that name.

    Raises EncoderMissing for an unknown name, a package, folder or hub model that is not there,
    EncoderMismatch when packaged weights differ from those expected.
    """
    with _LOADING:
        return _text_encoder(name)


@lru_cache(maxsize=2)
def _text_encoder(name: str) -> TransformerTextEncoder:
    from roc_core.encoders.text import local_encoder, packaged_minilm

    if name == "minilm":
        return packaged_minilm()
    if name == "mpnet":
        from roc_core.encoders.mpnet import packaged_mpnet

        return packaged_mpnet()
    if name.startswith(HUB):
        repository = name.removeprefix(HUB)
        found = hub_folder(
            repository, TEXT_FILES, f"the text encoder {repository}, in the cache or"
        )
        return local_encoder(found, repository)
    if name and Path(name).is_dir():
        return local_encoder(Path(name))
    raise EncoderMissing(
        f"a text encoder: minilm, mpnet, a local folder or {HUB}organization/name",
        repr(name),
        "Check the name, or the folder's path.",
    )


def vision_encoder(name: str) -> VisionEncoder | None:
    """The frozen vision encoder of that name; None for "none", a model of the sentence alone.

    Raises EncoderMissing for an unknown name or weights that are not there, EncoderMismatch for
    weights of another model.
    """
    with _LOADING:
        return _vision_encoder(name)


@lru_cache(maxsize=2)
def _vision_encoder(name: str) -> VisionEncoder | None:
    if name == NO_VISION:
        return None
    if name == "concept-words":
        from roc_core.encoders.concepts import ConceptWordEncoder

        return ConceptWordEncoder()
    if name == "grid-patches":
        from roc_core.encoders.patches import GridPatchEncoder

        return GridPatchEncoder(short_side=GRID_SIDE)
    if name.startswith(OPEN_CLIP) and name != OPEN_CLIP:
        from roc_core.encoders.patches import OpenClipPatchEncoder

        return OpenClipPatchEncoder(*open_clip_parts(name))
    raise EncoderMissing(
        f"a vision encoder: concept-words, grid-patches, {OPEN_CLIP}MODEL:PRETRAINED or none",
        repr(name),
        "Check the name.",
    )


def open_clip_parts(name: str) -> tuple[str, str | None]:
    """Model and pretrained tag or file of an ``open_clip:`` name; None where the model's own
    name ("local-dir:…", "hf-hub:…") already says where its weights are."""
    rest = name.removeprefix(OPEN_CLIP)
    if rest.startswith(_WITH_WEIGHTS):
        return rest, None
    model, _, pretrained = rest.partition(":")
    return model, pretrained or None


def vision_identity(vision: VisionEncoder | None) -> str:
    """What a model version names its vision encoder by."""
    return NO_VISION if vision is None else vision.identity


def concept_names(vision: VisionEncoder | None) -> tuple[str, ...]:
    """The words a vision encoder can see; none for patches and for a model without pictures."""
    from roc_core.encoders.concepts import ConceptWordEncoder

    return vision.concept_names() if isinstance(vision, ConceptWordEncoder) else ()


def hub_folder(repository: str, files: Sequence[str], what: str) -> Path:
    """Files of a Hugging Face hub repository: from the local cache, else fetched unless the hub is
    switched off. Raises EncoderMissing saying how to fetch them."""
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(repository, allow_patterns=list(files)))
    # A name the hub refuses, no network, no such repository, no right to read it: each has its
    # own exceptions, some of the HTTP client underneath. All mean that it is not here.
    except Exception as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
        raise EncoderMissing(
            f"{what} on the Hugging Face hub",
            f"{type(error).__name__}: {reason}",
            f"Fetch it once where there is a network: hf download {repository}, or start with "
            "HF_HUB_OFFLINE=0 TRANSFORMERS_OFFLINE=0.",
        ) from error
