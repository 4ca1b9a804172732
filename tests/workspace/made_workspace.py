"""A workspace of labelled items, some with a picture text, and a tiny version to read them."""

from __future__ import annotations

from pathlib import Path

from roc_core.config import ModelSettings
from roc_core.encoders.named import text_encoder
from roc_core.model.network import RetrievalNetwork
from roc_core.model.version import Lines, ModelVersion, save_version
from roc_core.schema import NONE, Example, Label, Mention, Provenance, Record, Span
from roc_core.store import Store
from roc_core.workspace import Workspace
from tests.tiny import WORDS

LABELS = (
    Label(NONE),
    Label("/per/per/peer"),
    Label("/per/org/member_of", "forward"),
    Label("/per/org/member_of", "backward"),
)


def add_version(folder: Path, checkpoint: Path, seed: int = 0, data: str = "") -> None:
    """A version whose trained tensors are random, on a tiny encoder; it reads picture texts."""
    import torch

    text = text_encoder(str(checkpoint))
    settings = ModelSettings(str(checkpoint), "none", shared_layers=1, pair_width=16, lora_rank=4)
    torch.manual_seed(seed)
    network = RetrievalNetwork(text.model.encoder, text.width, settings).eval()
    card = {"data": data} if data else {}
    version = ModelVersion(folder.name, settings, network, None, Lines(-0.1, ()), card, {})
    save_version(folder, version, text.identity, "none")


def record(number: int, labelled: bool = True) -> Record:
    """Every third has a picture text, every fourth was written by the file the other way round,
    every tenth lies in split val."""
    words = [WORDS[(number * k + k * k + number // len(WORDS)) % len(WORDS)] for k in range(3, 9)]
    sentence = " ".join(words) + (" 🎸" if number % 5 == 0 else "")
    end = len(" ".join(words))
    mentions = (Mention(Span(0, len(words[0]))), Mention(Span(end - len(words[-1]), end)))
    example = Example(sentence, mentions, None, "a stage" if number % 3 == 0 else "")
    label = LABELS[number % 4] if labelled else None
    origin = Provenance(
        "made",
        "val" if number % 10 == 0 else "train",
        number,
        order="backward" if number % 4 == 3 else "forward",
    )
    return Record(example, label, origin)


def make_workspace(folder: Path, checkpoint: Path, items: int = 60, data: str = "") -> Workspace:
    """``items`` items of which the last 5 have no label, and version "tiny" in use."""
    Workspace.create(folder, starter=False)
    add_version(folder / "models" / "tiny", checkpoint, data=data)
    Store.open(folder).add_records((record(n, n < items - 5), None) for n in range(items))
    found = Workspace.open(folder)
    found.use_model("tiny")
    return found
