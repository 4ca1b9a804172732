"""Encoders by name: what is known, what is loaded once, and what every missing one says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from roc_core.config import load_preset
from roc_core.encoders import named
from roc_core.encoders.named import (
    concept_names,
    open_clip_parts,
    text_encoder,
    vision_encoder,
    vision_identity,
)
from roc_core.errors import EncoderMissing
from tests.encoders.test_vision_contract import TINY, tiny_checkpoint
from tests.tiny import make_checkpoint


@pytest.fixture
def forgetting() -> Iterator[None]:
    """Encoders of one test are not kept for the next."""
    yield
    named._text_encoder.cache_clear()
    named._vision_encoder.cache_clear()


def cached_repository(cache: Path, name: str) -> Path:
    """The folder in which a hub cache would keep a repository's files."""
    repository = cache / f"models--{name.replace('/', '--')}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs/main").write_text("0" * 40)
    folder = repository / "snapshots" / ("0" * 40)
    folder.mkdir(parents=True)
    return folder


def problem(kind: str, name: str) -> str:
    with pytest.raises(EncoderMissing) as caught:
        (text_encoder if kind == "text" else vision_encoder)(name)
    return str(caught.value)


# --- text ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("forgetting")
def test_a_folder_is_loaded_once(tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path)
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(text_encoder, [str(folder)] * 2)
    assert one is two
    assert one.identity.startswith(f"{folder.name}:")
    assert (one.width, one.depth) == (32, 2)


@pytest.mark.usefixtures("forgetting")
def test_mpnet_comes_from_its_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    from roc_core.encoders import mpnet

    monkeypatch.setattr(mpnet, "packaged_mpnet", lambda: "mpnet itself")
    assert text_encoder("mpnet") == "mpnet itself"  # type: ignore[comparison-overlap]


@pytest.mark.usefixtures("forgetting")
def test_a_hub_model_is_read_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_checkpoint(cached_repository(tmp_path, "someone/tiny-bert"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    found = text_encoder("hf:someone/tiny-bert")
    assert found.identity.startswith("someone/tiny-bert:")
    assert found.encode(["the band"]).shape == (1, 32)


def test_a_hub_model_that_is_not_here_says_how_to_fetch_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    text = problem("text", "hf:someone/absent")
    assert text.startswith(
        "Expected the text encoder someone/absent, in the cache or on the Hugging Face hub. "
        "Found LocalEntryNotFoundError: "
    )
    assert text.endswith(
        " Fetch it once where there is a network: hf download someone/absent, or start with "
        "HF_HUB_OFFLINE=0 TRANSFORMERS_OFFLINE=0."
    )
    assert "HFValidationError" in problem("text", "hf:no such/name at/all")


@pytest.mark.parametrize("name", ["", "minilm2", "no/such/folder"])
def test_an_unknown_text_encoder_is_refused(name: str) -> None:
    assert problem("text", name) == (
        "Expected a text encoder: minilm, mpnet, a local folder or hf:organization/name. "
        f"Found {name!r}. Check the name, or the folder's path."
    )


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    assert problem("text", str(tmp_path)).startswith(
        f"Expected a text encoder with the file {tmp_path / 'model.safetensors'}. Found no such"
    )


# --- vision ----------------------------------------------------------------------------------


def test_no_vision_is_a_choice() -> None:
    assert vision_encoder("none") is None
    assert (vision_identity(None), concept_names(None)) == ("none", ())


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("open_clip:ViT-B-32:openai", ("ViT-B-32", "openai")),
        ("open_clip:ViT-B-32", ("ViT-B-32", None)),
        ("open_clip:ViT-B-32:", ("ViT-B-32", None)),
        ("open_clip:roc-tiny:/some where/a:b.pt", ("roc-tiny", "/some where/a:b.pt")),
        ("open_clip:local-dir:/some where/a:b", ("local-dir:/some where/a:b", None)),
        ("open_clip:hf-hub:laion/CLIP", ("hf-hub:laion/CLIP", None)),
    ],
)
def test_an_open_clip_name_has_two_parts(name: str, parts: tuple[str, str | None]) -> None:
    assert open_clip_parts(name) == parts


@pytest.mark.parametrize("name", ["", "open_clip:", "concept words", "minilm"])
def test_an_unknown_vision_encoder_is_refused(name: str) -> None:
    assert problem("vision", name) == (
        "Expected a vision encoder: concept-words, grid-patches, open_clip:MODEL:PRETRAINED or "
        f"none. Found {name!r}. Check the name."
    )


@pytest.mark.encoders
@pytest.mark.usefixtures("forgetting")
def test_open_clip_by_file_and_by_folder(tmp_path: Path) -> None:
    path = tiny_checkpoint(tmp_path)
    one = vision_encoder(f"open_clip:roc-tiny:{path}")
    assert one is not None
    assert vision_encoder(f"open_clip:roc-tiny:{path}") is one
    assert (one.kind, one.width, concept_names(one)) == ("patches", 32, ())
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": TINY}))
    path.rename(folder / "open_clip_pytorch_model.bin")
    two = vision_encoder(f"open_clip:local-dir:{folder}")
    assert two is not None
    assert vision_identity(one).split(":")[-1] == vision_identity(two).split(":")[-1]


@pytest.mark.encoders
def test_open_clip_without_weights_is_refused() -> None:
    assert problem("vision", "open_clip:ViT-B-32").startswith(
        "Expected weights for ViT-B-32. Found none were named."
    )


@pytest.mark.encoders
@pytest.mark.usefixtures("forgetting")
def test_packaged_pictures_encoders_by_name() -> None:
    words, grid = vision_encoder("concept-words"), vision_encoder("grid-patches")
    assert words is not None
    assert grid is not None
    assert (words.kind, len(concept_names(words))) == ("concepts", 1000)
    assert grid.see(Image.new("RGB", (90, 90))).grid == (7, 7)
    assert grid.width == load_preset("mini-patches").model.patch_width


@pytest.mark.encoders
def test_the_clip_preset_names_what_open_clip_has() -> None:
    import open_clip

    settings = load_preset("clip-vit-b-32").model
    model, pretrained = open_clip_parts(settings.vision_encoder)
    known = open_clip.get_model_config(model)
    assert known["vision_cfg"]["width"] == settings.patch_width
    assert known["quick_gelu"]
    assert pretrained in open_clip.list_pretrained_tags_by_model(model)
