"""Presets from files and single changed settings: what is wrong is named, never a stack trace."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.config import Preset, TrainSettings, load_preset, with_settings
from roc_core.errors import RocError, ValueRejected

PRESET = Preset("a", "A")


def test_single_settings_of_both_parts_are_changed() -> None:
    changed = with_settings(PRESET, ["epochs=2", "dropout = 0.3", "text_encoder=some/folder"])
    assert (changed.train.epochs, changed.model.dropout) == (2, 0.3)
    assert changed.model.text_encoder == "some/folder"
    assert with_settings(PRESET, ["head_rate=1"]).train.head_rate == 1
    assert with_settings(PRESET, []) == PRESET


@pytest.mark.parametrize(
    ("change", "expected", "found"),
    [
        ("epochs=0", "setting epochs between 1 and 1000", "0"),
        ("epochs=2.5", "setting epochs of type int", "2.5"),
        ("epochs=true", "setting epochs of type int", "True"),
        ("text_encoder=3", "setting text_encoder of type str", "3"),
        ("patience=-1", "setting patience between 0 and 1000", "-1"),
        ("checkpoint_minutes=inf", "setting checkpoint_minutes between 0.0 and 1440.0", "inf"),
    ],
)
def test_a_wrong_value_is_named(change: str, expected: str, found: str) -> None:
    with pytest.raises(ValueRejected) as raised:
        with_settings(PRESET, [change])
    assert str(raised.value) == f"Expected {expected}. Found {found}. Change the setting."


@pytest.mark.parametrize("change", ["epoch=3", "epochs", "=3", ""])
def test_an_unknown_key_is_named(change: str) -> None:
    with pytest.raises(ValueRejected) as raised:
        with_settings(PRESET, [change])
    assert "Expected a setting as key=value, with one of the keys batch, " in str(raised.value)
    assert f"Found {change!r}." in str(raised.value)


@given(st.text() | st.text().map(lambda t: f"epochs={t}") | st.text().map(lambda t: f"dropout={t}"))
def test_any_change_is_made_or_refused(change: str) -> None:
    try:
        found = with_settings(PRESET, [change])
    except ValueRejected:
        return
    assert isinstance(found.train.epochs, int)
    assert 0 <= found.model.dropout <= 0.9


def test_a_preset_file_is_read_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('title = "Mine"\n[model]\nlora_rank = 4\n[train]\nepochs = 2\n', "utf-8")
    preset = load_preset(str(file))
    assert (preset.name, preset.title, preset.model.lora_rank) == ("mine", "Mine", 4)
    assert preset.train == TrainSettings(epochs=2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = ", "Expected a preset as a TOML file at "),
        ("titel = 'x'", "Expected a title, [model] and [train] in preset mine. Found titel."),
        ("title = 3", "Expected a title, [model] and [train] in preset mine. Found 3."),
        ("model = 3", "Expected a table of settings as [model] of preset mine. Found 3."),
        ("[train]\nepochs = 'x'", "Expected setting epochs of type int. Found 'x'."),
    ],
)
def test_a_wrong_file_is_named(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    with pytest.raises(ValueRejected) as raised:
        load_preset(str(tmp_path / "mine.toml"))
    assert str(raised.value).startswith(said)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueRejected, match=r"Expected a preset as a TOML file at .*none\.toml"):
        load_preset(str(tmp_path / "none.toml"))


@given(st.binary(max_size=60))
def test_any_bytes_are_a_preset_or_refused(tmp_path_factory: Any, content: bytes) -> None:
    file = tmp_path_factory.mktemp("any") / "mine.toml"
    file.write_bytes(content)
    with contextlib.suppress(RocError):
        assert load_preset(str(file)).name == "mine"
