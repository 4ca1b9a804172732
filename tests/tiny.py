"""A tiny BERT made on the spot and loaded through the real library: fast, and never in the app."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

from roc_core.encoders.text import TransformerTextEncoder, local_encoder

WORDS = [
    "a",
    "at",
    "band",
    "born",
    "city",
    "in",
    "is",
    "joins",
    "lives",
    "member",
    "of",
    "on",
    "part",
    "played",
    "team",
    "the",
    "tour",
    "with",
]


@lru_cache(maxsize=1)
def tiny_text_encoder(width: int = 32, layers: int = 2) -> TransformerTextEncoder:
    """A seeded BERT of ``layers`` layers whose vocabulary is letters, word pieces and WORDS."""
    return local_encoder(make_checkpoint(Path(mkdtemp(prefix="roc-tiny-")), width, layers), "tiny")


def make_checkpoint(folder: Path, width: int = 32, layers: int = 2, seed: int = 0) -> Path:
    """Write a randomly initialised checkpoint in Hugging Face form."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    letters = [chr(c) for c in range(33, 127) if not chr(c).isupper()]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *letters]
    vocabulary += [f"##{x}" for x in letters]
    vocabulary = list(dict.fromkeys(vocabulary))
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", "utf-8")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=4,
        intermediate_size=2 * width,
        max_position_embeddings=128,
    )
    BertModel(config).eval().save_pretrained(folder, safe_serialization=True)
    return folder
