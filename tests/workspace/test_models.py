"""Model versions by name: the one that comes with the program, and presets without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from roc_core.config import load_preset
from roc_core.errors import ValueRejected
from roc_core.model.version import read_config
from roc_core.relations import load_catalogue
from roc_core.schema import Example, Mention, Span
from roc_core.workspace import Workspace
from roc_core.workspace.models import (
    default_model,
    load_retriever,
    text_encoder,
    version_folders,
    version_named,
)

NO_VERSION = "clip-vit-b-32"


def version_at(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    return folder


def test_versions_of_the_workspace_come_after_the_programs(tmp_path: Path) -> None:
    mine = version_at(tmp_path / "models" / "mine")
    version_at(tmp_path / "models" / ".mine.123")
    assert version_folders(tmp_path) == (*version_folders(), mine)
    assert version_named("mine", tmp_path) == mine
    assert version_named("mini", tmp_path) == default_model()


def test_an_unknown_version_is_refused(tmp_path: Path) -> None:
    known = ", ".join(f.name for f in version_folders())
    with pytest.raises(ValueRejected) as caught:
        version_named("nonesuch", tmp_path)
    assert str(caught.value) == (
        f"Expected a model version, one of {known}. Found nonesuch. "
        "Choose one of them or train one: python -m roc_core train --help"
    )


def test_a_preset_without_a_version_says_how_to_train_one(tmp_path: Path) -> None:
    with pytest.raises(ValueRejected) as caught:
        Workspace.create(tmp_path / "ws", starter=False, model=NO_VERSION)
    assert str(caught.value).endswith(
        f"Found {NO_VERSION}. '{NO_VERSION}' is a preset, and no version trained with it is here. "
        f"Train one: python -m roc_core train mnre path/to/mnre --preset {NO_VERSION} "
        f"--out {tmp_path / 'ws' / 'models' / NO_VERSION}"
    )
    assert Workspace.open(tmp_path / "ws").model_version == "mini"


def test_the_default_version_was_made_of_its_preset() -> None:
    settings = read_config(default_model())["model"]
    preset = load_preset("mini").model
    assert settings["text_encoder"] == preset.text_encoder
    assert settings.get("patch_width", 0) == preset.patch_width == 0


@pytest.mark.encoders
def test_the_default_version_loads_and_answers() -> None:
    retriever = load_retriever(default_model(), load_catalogue("mnre"))
    assert retriever.reader.text is text_encoder("minilm")
    example = Example("Mira Solano joins The Foxes", (Mention(Span(0, 11)), Mention(Span(18, 27))))
    (answer,) = retriever.predict([example])
    assert len(answer.ranked) == len(load_catalogue("mnre"))
    assert answer.model_version == "mini"
