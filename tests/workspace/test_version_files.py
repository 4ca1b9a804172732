"""A version as a zip file: whole, or refused by name."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roc_core.errors import ModelVersionInvalid
from roc_core.workspace.version_files import packed, unpacked

NAMES = ("config.json", "trained.safetensors")


def zip_of(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/"), data)
    return made.getvalue()


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_what_is_packed_comes_back(config: bytes, weights: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "mini-1"
        folder.mkdir()
        (folder / "config.json").write_bytes(config)
        (folder / "trained.safetensors").write_bytes(weights)
        (folder / "secret.txt").write_bytes(b"stays")
        data = packed(folder, NAMES)
        assert zipfile.ZipFile(io.BytesIO(data)).namelist() == [f"mini-1/{n}" for n in NAMES]
        found = unpacked(data, Path(place) / "in", NAMES)
        assert {p.name: p.read_bytes() for p in found.iterdir()} == {
            "config.json": config, "trained.safetensors": weights,
        }  # fmt: skip


def test_only_known_files_beside_the_configuration_are_written(tmp_path: Path) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a/config.json", b"{}")
        archive.writestr("../../trained.safetensors", b"out")
        archive.writestr("a/run.py", b"code")
        archive.writestr("a/deep/trained.safetensors", b"other")
    found = unpacked(data.getvalue(), tmp_path / "in", NAMES)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["config.json"]
    assert found == tmp_path / "in" / "version"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "one that cannot be read: File is not a zip file"),
        (b"PK\x03\x04 and then nothing", "one that cannot be read"),
        (zip_of(readme=b"x"), "Found no config.json"),
        (
            zip_of(**{"a__config.json": b"{}", "b__config.json": b"{}"}),
            "Found 2 of them. Pack the folder of one exported version.",
        ),
    ],
)
def test_what_is_no_version_is_refused(data: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(ModelVersionInvalid) as refused:
        unpacked(data, tmp_path / "in", NAMES)
    assert said in str(refused.value)


def test_a_cut_zip_is_refused_and_a_huge_one_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = zip_of(**{"config.json": b"{}" * 500, "trained.safetensors": b"w" * 500})
    broken = bytearray(whole)
    broken[45:50] = b"\xff" * 5
    with pytest.raises(ModelVersionInvalid, match="one that cannot be read"):
        unpacked(bytes(broken), tmp_path / "cut", NAMES)
    monkeypatch.setattr("roc_core.workspace.version_files.MOST_BYTES", 1000)
    with pytest.raises(ModelVersionInvalid, match="Expected a model version of at most"):
        unpacked(whole, tmp_path / "huge", NAMES)
