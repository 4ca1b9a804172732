"""Which records a training or an evaluation reads, and with which pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from roc_core.errors import ValueRejected
from roc_core.evaluation.protocols import is_dev
from roc_core.model.reader import Hidden
from roc_core.schema import Box, Example, Label, Mention, Provenance, Record, Span
from roc_core.workspace.evaluating import hidden_by, read_split, with_pictures


def line(number: int) -> str:
    words = ["Mira", "joins", "Ulm", str(number)]
    h, t = {"name": "Mira", "pos": [0, 1]}, {"name": "Ulm", "pos": [2, 3]}
    given = {"token": words, "h": h, "t": t, "img_id": "a.jpg", "relation": "/per/org/member_of"}
    return repr(given)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An MNRE folder whose val and test are not UTF-8, so that nothing can come from them."""
    (tmp_path / "txt").mkdir()
    text = "\n".join(line(n) for n in range(60))
    (tmp_path / "txt" / "ours_train.txt").write_text(text, "utf-8")
    for split in ("val", "test"):
        (tmp_path / "txt" / f"ours_{split}.txt").write_bytes(b"\xff\xfe" + line(1).encode())
    return tmp_path


@pytest.mark.parametrize("split", ["train", "dev"])
def test_train_and_dev_open_no_other_file(
    split: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    real = Path.open

    def spied(self: Path, *args: object, **rest: object) -> object:
        opened.append(self.name)
        return real(self, *args, **rest)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", spied)
    read_split("mnre", folder, split)
    assert "ours_train.txt" in opened
    assert not {"ours_val.txt", "ours_test.txt"} & set(opened)


def test_train_and_dev_are_the_two_parts_of_train(folder: Path) -> None:
    train, dev = (read_split("mnre", folder, s) for s in ("train", "dev"))
    assert len(train) + len(dev) == 60
    assert all(is_dev(r.example.sentence) for r in dev)
    assert not any(is_dev(r.example.sentence) for r in train)


def test_an_unknown_split_and_an_empty_one_are_said(folder: Path) -> None:
    with pytest.raises(ValueRejected) as raised:
        read_split("mnre", folder, "all")
    assert str(raised.value) == (
        "Expected a split, one of train, dev, val, test. Found all. Choose one."
    )
    with pytest.raises(ValueRejected) as raised:
        read_split("mnre", folder, "val")
    assert str(raised.value) == (
        f"Expected labelled records of split val in {folder}. Found none. "
        "Check path, format and split."
    )


def pictured(number: int) -> Record:
    mentions = (Mention(Span(0, 4)), Mention(Span(5, 8)))
    example = Example(f"Mira Ulm {number}", mentions, Path(f"{number}.png"), f"text {number}")
    return Record(example, Label("None"), Provenance("made"))


def test_pictures_are_given_left_out_or_exchanged_with_their_texts() -> None:
    every = [pictured(n) for n in range(30)]
    assert with_pictures(every, "given") == every
    bare = with_pictures(every, "none")
    assert {(r.example.picture, r.example.picture_text) for r in bare} == {(None, "")}
    mixed, again = (with_pictures(every, "shuffled", seed=3) for _ in range(2))
    assert mixed == again != with_pictures(every, "shuffled", seed=4)
    assert [r.example.sentence for r in mixed] == [r.example.sentence for r in every]
    shown = [(r.example.picture, r.example.picture_text) for r in mixed]
    assert sorted(shown, key=str) == sorted(
        ((r.example.picture, r.example.picture_text) for r in every), key=str
    )
    assert mixed != every


def test_captions_alone_leave_the_pictures_out() -> None:
    every = [pictured(n) for n in range(30)]
    plain, mixed = (with_pictures(every, u, 1) for u in ("captions", "shuffled-captions"))  # type: ignore[arg-type]
    assert {r.example.picture for r in (*plain, *mixed)} == {None}
    texts = [r.example.picture_text for r in every]
    assert [r.example.picture_text for r in plain] == texts
    moved = [r.example.picture_text for r in mixed]
    assert moved != texts
    assert sorted(moved) == sorted(texts)


def test_a_box_keeps_a_picture_that_scoring_hides() -> None:
    plain = pictured(1)
    mentions = (Mention(Span(0, 4)), Mention(Box(0, 0, 9, 9)))
    boxed = replace(plain, example=replace(plain.example, mentions=mentions))
    for use in ("none", "captions", "shuffled-captions"):
        (found,) = with_pictures([boxed], use)  # type: ignore[arg-type]
        assert found.example.picture == boxed.example.picture
        assert hidden_by(use).picture  # type: ignore[arg-type]
    assert hidden_by("none").picture_text
    assert not hidden_by("captions").picture_text
    assert hidden_by("given") == Hidden()
    assert hidden_by("given", hide_types=True) == Hidden(types=(True, True))
    assert hidden_by("given", hide_positions=True) == Hidden(positions=True)
