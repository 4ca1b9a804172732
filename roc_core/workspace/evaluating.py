"""Labelled records of a split, and what of their pictures is shown."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from roc_core import datasets
from roc_core.datasets import mnre_files, more
from roc_core.errors import ValueRejected
from roc_core.evaluation.ablations import PictureUse
from roc_core.schema import Box, Example, Record

if TYPE_CHECKING:
    from roc_core.model.reader import Hidden

SPLITS = ("train", "dev", "val", "test")


def read_split(format: str, path: Path, split: str) -> list[Record]:
    """Labelled records of one split; ``dev`` and ``train`` are the two parts of the file's train.

    Text files of other splits are not opened. Raises ValueRejected when the data set has none.
    """
    from roc_core.evaluation.protocols import split_dev

    if split not in SPLITS:
        raise ValueRejected(f"a split, one of {', '.join(SPLITS)}", split, "Choose one.")
    named = "train" if split in ("train", "dev") else split
    named = "valid" if (format, named) == ("more", "val") else named
    found = [
        r
        for file in _files(format, path, named)
        for r in datasets.read(format, file)
        if isinstance(r, Record) and r.label is not None and r.provenance.split == named
    ]
    if named == "train":
        parts = split_dev(found)
        found = list(parts.train if split == "train" else parts.dev)
    if not found:
        raise ValueRejected(
            f"labelled records of split {split} in {path}", "none", "Check path, format and split."
        )
    return found


def _files(format: str, path: Path, split: str) -> tuple[Path, ...]:
    """The files that may hold a split: for MNRE and MORE only the one that is named after it."""
    if format not in ("mnre", "more"):
        return (path,)
    found = mnre_files.text_files(path) if format == "mnre" else more.text_files(path)
    return tuple(f.path for f in found if f.split == split)


def with_pictures(records: Sequence[Record], use: PictureUse, seed: int = 0) -> list[Record]:
    """Records with the picture evidence of ``PICTURE_USES``; a shuffle is fixed by its seed.

    A record with a box keeps a picture, which its box needs: ``none`` leaves it its own (scoring
    hides it, see ``hidden_by``), a shuffle too where it would be left without one.
    """
    if use == "given":
        return list(records)
    if use == "none":
        return [shown(r, _needed(r, None), "") for r in records]
    others = [r.example for r in records]
    if use != "captions":
        random.Random(seed).shuffle(others)
    own = use in ("captions", "shuffled-captions")
    return [
        shown(r, _needed(r, None if own else o.picture), o.picture_text)
        for r, o in zip(records, others, strict=True)
    ]


def _needed(record: Record, picture: Path | None) -> Path | None:
    boxed = any(isinstance(m.place, Box) for m in record.example.mentions)
    return record.example.picture if boxed and picture is None else picture


def hidden_by(use: PictureUse, hide_types: bool = False, hide_positions: bool = False) -> Hidden:
    """What scoring hides of every example under a use of pictures: for ``none`` all of them, the
    inside of a box included; for captions, which stand alone, the picture files."""
    from roc_core.model.reader import Hidden

    return Hidden(
        types=(hide_types, hide_types),
        picture=use in ("none", "captions", "shuffled-captions"),
        picture_text=use == "none",
        positions=hide_positions,
    )


def shown(record: Record, picture: Path | None, text: str) -> Record:
    """The record with another picture and picture text."""
    example: Example = replace(record.example, picture=picture, picture_text=text)
    return replace(record, example=example)
