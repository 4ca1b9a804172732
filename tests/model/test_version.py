"""Versions on disk: they come back bit for bit, whole or not at all, and say what is wrong."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from roc_core.encoders.text import local_encoder
from roc_core.errors import EncoderMismatch, ModelVersionInvalid, RocError
from roc_core.model.version import (
    Lines,
    ModelVersion,
    describe,
    load_version,
    read_config,
    save_version,
    text_key,
)
from roc_core.retrieval import RelationRetriever
from tests.model.small import (
    marked,
    small_catalogue,
    small_reader,
    small_tagger,
    small_version,
)
from tests.tiny import make_checkpoint, tiny_text_encoder

EYES = "fake-concepts:0"
LINES = Lines(0.1, (("/per/org/member", -0.2),))
EXAMPLES = [marked("Ana", "band"), marked("band", "city", picture_text="a tour")]


def rounded() -> ModelVersion:
    """A version whose trained tensors are exact in half precision."""
    version = small_version(small_tagger(), LINES)
    half = {k: v.half().float() for k, v in version.network.trained_state().items()}
    version.network.load_trained(half)
    tagger = small_tagger()
    tagger = replace(tagger, weight=tagger.weight.half().float())
    return replace(version, tagger=tagger)


@pytest.fixture(scope="module")
def version() -> ModelVersion:
    made = rounded()
    RelationRetriever(small_reader(), made, small_catalogue())  # fills the description cache
    return made


@pytest.fixture(scope="module")
def saved(version: ModelVersion, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "small-1"
    return save_version(folder, version, tiny_text_encoder().identity, EYES)


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "small-1"))


def scores(version: ModelVersion) -> list[np.ndarray]:
    retriever = RelationRetriever(small_reader(), version, small_catalogue())
    found = retriever.score(retriever.encode(retriever.reader.read(EXAMPLES)))
    return [found.descriptions, found.relations, found.none]


def problem(kind: type[RocError], folder: Path, eyes: str | None = EYES) -> str:
    with pytest.raises(kind) as caught:
        load_version(folder, tiny_text_encoder(), eyes)
    return str(caught.value)


def test_a_version_comes_back_bit_for_bit(version: ModelVersion, saved: Path) -> None:
    again = load_version(saved, tiny_text_encoder(), EYES)
    for before, after in zip(scores(version), scores(again), strict=True):
        assert np.array_equal(before, after)
    assert (again.id, again.settings, again.lines, again.card) == (
        version.id,
        version.settings,
        version.lines,
        version.card,
    )
    assert again.described.keys() == version.described.keys()
    assert all(np.array_equal(again.described[k], v) for k, v in version.described.items())
    assert not again.network.training


def test_only_what_was_trained_is_stored(version: ModelVersion, saved: Path) -> None:
    names = {f.name for f in saved.iterdir()}
    assert names == {"config.json", "card.json", "trained.safetensors", "descriptions.safetensors"}
    size = sum(v.numel() for v in version.network.trained_state().values())
    assert (saved / "trained.safetensors").stat().st_size < 2 * size + 20_000
    assert [p.name for p in saved.parent.iterdir()] == [saved.name]


def test_a_version_without_a_tagger_has_none(tmp_path: Path) -> None:
    made = small_version()
    save_version(tmp_path / "v", made, tiny_text_encoder().identity, EYES)
    assert load_version(tmp_path / "v", tiny_text_encoder()).tagger is None


def test_saving_again_replaces(copy: Path, version: ModelVersion) -> None:
    (copy / "left over").touch()
    changed = replace(version, lines=Lines(0.3))
    save_version(copy, changed, tiny_text_encoder().identity, EYES)
    assert load_version(copy, tiny_text_encoder()).lines == Lines(0.3)
    assert not (copy / "left over").exists()
    assert [p.name for p in copy.parent.iterdir()] == [copy.name]


@pytest.mark.parametrize("place", ["safetensors.torch.save_file", "json.dumps", "os.replace"])
def test_a_failure_in_the_middle_leaves_the_old_version_whole(
    copy: Path, version: ModelVersion, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    before = {f.name: f.read_bytes() for f in copy.iterdir()}

    def full(*args: Any, **named: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(place, full)
    with pytest.raises(OSError, match="No space left"):
        save_version(copy, replace(version, lines=Lines(0.9)), "other", EYES)
    monkeypatch.undo()
    assert {f.name: f.read_bytes() for f in copy.iterdir()} == before
    assert [p.name for p in copy.parent.iterdir()] == [copy.name]


def test_a_draft_is_no_version_before_its_last_file(
    tmp_path: Path, version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[bool] = []
    monkeypatch.setattr(
        "safetensors.torch.save_file",
        lambda tensors, path: written.append((path.parent / "config.json").exists()),
    )
    save_version(tmp_path / "v", version, "t", EYES)
    assert written == [False, False]


def test_no_folder_is_named(tmp_path: Path) -> None:
    text = problem(ModelVersionInvalid, tmp_path / "none")
    assert text.startswith(
        f"Expected a model version folder with config.json at {tmp_path / 'none'}. Found [Errno 2]"
    )
    assert text.endswith("Choose another version or train one.")


@pytest.mark.parametrize("content", ["", "{", "\x00", '{"format": 1'])
def test_a_config_that_is_no_json_is_refused(copy: Path, content: str) -> None:
    (copy / "config.json").write_text(content, "utf-8")
    text = problem(ModelVersionInvalid, copy)
    assert text.startswith("Expected a model version folder with config.json at ")
    assert text.endswith(" Choose another version or train one.")


@pytest.mark.parametrize(
    ("content", "found"),
    [('{"format": 2}', "format 2"), ("{}", "format None"), ("[1]", "format unknown")],
)
def test_another_format_is_refused(copy: Path, content: str, found: str) -> None:
    (copy / "config.json").write_text(content, "utf-8")
    expected = (
        f"Expected a model version of format 1. Found {found}. "
        "Train it again with this program, or update the program."
    )
    assert problem(ModelVersionInvalid, copy) == expected
    with pytest.raises(ModelVersionInvalid) as caught:
        read_config(copy)
    assert str(caught.value) == expected


def without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def cut(name: str, size: int) -> Callable[[Path], None]:
    return lambda folder: os.truncate(folder / name, size)


def config(**changes: Any) -> Callable[[Path], None]:
    """Set keys of config.json; ``...`` takes one out."""

    def change(folder: Path) -> None:
        values = {**read_config(folder), **changes}
        kept = {k: v for k, v in values.items() if v is not ...}
        (folder / "config.json").write_text(json.dumps(kept), "utf-8")

    return change


def retensor(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "trained.safetensors")
    del tensors["network.none"]
    save_file(tensors, folder / "trained.safetensors")


def reshape(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "trained.safetensors")
    tensors["network.none"] = torch.zeros(1, 2)
    save_file(tensors, folder / "trained.safetensors")


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (without("trained.safetensors"), "trained.safetensors"),
        (without("descriptions.safetensors"), "descriptions.safetensors"),
        (without("card.json"), "card.json"),
        (cut("trained.safetensors", 0), "header"),
        (cut("trained.safetensors", 5000), ""),
        (cut("card.json", 3), "Expecting property name"),
        (retensor, "'none'"),
        (reshape, "size mismatch for none"),
        (config(text_encoder=...), "'text_encoder'"),
        (config(model=...), "'model'"),
        (config(lines=...), "'lines'"),
        (config(lines=[]), "list indices"),
        (config(tagger=...), "'tagger'"),
    ],
)
def test_a_damaged_version_is_refused(
    copy: Path, damage: Callable[[Path], None], found: str
) -> None:
    damage(copy)
    text = problem(ModelVersionInvalid, copy)
    assert text.startswith(f"Expected a complete model version in {copy}. Found ")
    assert found in text
    assert text.endswith(". Restore or retrain it.")


def test_settings_of_another_program_are_named(copy: Path) -> None:
    for model, found in (({"heads": 3}, "heads"), (None, "None"), ({"dropout": 4}, "4")):
        config(model=model)(copy)
        assert problem(ModelVersionInvalid, copy) == (
            f"Expected a complete model version in {copy}, of settings this program knows. "
            f"Found {found}. Restore or retrain it, or update the program."
        )


def test_another_text_encoder_is_refused(saved: Path, tmp_path: Path) -> None:
    other = local_encoder(make_checkpoint(tmp_path, seed=1), "tiny")
    with pytest.raises(EncoderMismatch) as caught:
        load_version(saved, other)
    assert str(caught.value) == (
        f"Expected the text encoder {tiny_text_encoder().identity}, on which this model version "
        f"was trained. Found {other.identity}. "
        "Load the text encoder named first, or choose another model version."
    )


def test_another_vision_encoder_is_refused(saved: Path) -> None:
    assert problem(EncoderMismatch, saved, "patches:1") == (
        f"Expected the vision encoder {EYES}, on which this model version was trained. "
        "Found patches:1. Load the vision encoder named first, or choose another model version."
    )
    assert load_version(saved, tiny_text_encoder()).id == "small-1"


def test_a_line_is_the_relations_own_or_that_of_all() -> None:
    assert LINES.of("/per/org/member") == -0.2
    assert LINES.of("/per/per/peer") == 0.1
    assert Lines().of("x") == 0.0


def test_described_texts_are_encoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    text = tiny_text_encoder()
    asked: list[list[str]] = []
    encode = text.encode
    monkeypatch.setattr(text, "encode", lambda t: asked.append(list(t)) or encode(t))
    known: dict[str, np.ndarray] = {}
    found = describe(text, ["a band", "a city", "a band"], known)
    again = describe(text, ["a tour", "a city"], known)
    assert asked == [["a band", "a city"], ["a tour"]]
    assert np.array_equal(found[0], found[2])
    assert np.array_equal(found[1], again[1])
    assert set(known) == {text_key(t) for t in ("a band", "a city", "a tour")}
    assert np.allclose(again[0], encode(["a tour"])[0], atol=1e-5)
