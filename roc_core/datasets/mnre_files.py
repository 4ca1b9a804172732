"""Where MNRE keeps its files: text by split, pictures and captions beside it.

::

    mnre/txt/ours_train.txt, ours_val.txt, ours_test.txt   (or mnre_*.txt, or without txt/)
    mnre/img_org/<split>/<img_id>
    mnre/captions/<split>.jsonl

Public copies name the validation file ``mnre_val .txt``, with a space; that is read too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from roc_core.datasets import mnre
from roc_core.datasets.base import Where, in_record, is_file, lines, replacing
from roc_core.datasets.captions import CAPTIONERS, read_captions
from roc_core.datasets.literals import LITERAL_LIMIT
from roc_core.errors import DataSetInvalid, DataSetMissing, RecordRejected, ValueRejected
from roc_core.schema import Record

SPLITS = ("train", "val", "test")
_NAME = re.compile(r"(?:ours|mnre)_(train|val|test) ?\.txt")


@dataclass(frozen=True, slots=True)
class TextFile:
    """One text file: its split ("" if the name tells none) and the folder that holds the set."""

    path: Path
    split: str
    root: Path


def text_files(path: Path) -> tuple[TextFile, ...]:
    """The text files at a set's folder, its ``txt`` folder or a single file, in order of split.

    Raises DataSetMissing when there is none, DataSetInvalid when a split has two.
    """
    if is_file(path):
        return (_text_file(path, path.parent),)
    found = [_text_file(p, f) for f in (path / "txt", path) for p in _matching(f)]
    if not found:
        raise DataSetMissing(
            "an MNRE folder with txt/ours_train.txt, ours_val.txt or ours_test.txt (or mnre_…)",
            f"no such file in {path}" if path.is_dir() else f"nothing at {path}",
            "Give the folder that holds txt/, or one of the text files.",
        )
    for split in SPLITS:
        same = [f.path.name for f in found if f.split == split]
        if len(same) > 1:
            raise DataSetInvalid(
                f"one text file for split {split}",
                " and ".join(same),
                "Give the path of the one file you mean.",
            )
    return tuple(sorted(found, key=lambda f: SPLITS.index(f.split)))


def _matching(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if _NAME.fullmatch(p.name) and p.is_file())


def _text_file(path: Path, folder: Path) -> TextFile:
    match = _NAME.fullmatch(path.name)
    root = folder.parent if folder.name == "txt" else folder
    return TextFile(path, match[1] if match else "", root)


def read(
    path: Path,
    symmetric: frozenset[str] = mnre.SYMMETRIC,
    pictures: Path | None = None,
    captioners: tuple[str, ...] = CAPTIONERS,
) -> Iterator[Record | RecordRejected]:
    """The records of all splits found, and an error for each line that is none.

    ``pictures`` replaces the folder ``img_org``; a picture that is not there leaves the example
    without one. Raises DataSetMissing, DataSetInvalid.
    """
    for source in text_files(path):
        captions, refused = read_captions(
            source.root / "captions" / f"{source.split}.jsonl", captioners
        )
        yield from refused
        folders = picture_folders(pictures or source.root / "img_org", source.split)
        for line in lines(source.path, LITERAL_LIMIT):
            try:
                record = mnre.parse(line.where, line.text(), source.split, symmetric)
            except RecordRejected as error:
                yield error
            else:
                yield _with_picture(record, folders, captions)


def picture_folders(root: Path, split: str) -> tuple[Path, ...]:
    """Where a split's pictures may lie, best first."""
    return (root / split, root) if split else (root,)


def find_picture(folders: tuple[Path, ...], name: str) -> Path | None:
    """The picture's file in the first folder that has it."""
    return next((f / name for f in folders if is_file(f / name)), None)


def _with_picture(record: Record, folders: tuple[Path, ...], captions: dict[str, str]) -> Record:
    key = record.provenance.key
    picture, text = find_picture(folders, key), captions.get(key, "")
    if picture is None and not text:
        return record
    return replace(record, example=replace(record.example, picture=picture, picture_text=text))


def size(path: Path) -> int:
    """How many lines ``read`` will go through."""
    return sum(1 for file in text_files(path) for _ in lines(file.path, LITERAL_LIMIT))


def write(records: Iterable[Record], path: Path, symmetric: frozenset[str] = mnre.SYMMETRIC) -> int:
    """Write to one file when ``path`` ends in ``.txt``, else to the folder
    ``path``/txt/ours_<split>.txt by ``provenance.split``. Returns the number of lines.

    Each file is written whole or not at all. Raises ValueRejected naming the record that MNRE
    cannot hold.
    """
    one_file = path.suffix == ".txt"
    count = 0
    with ExitStack() as stack:
        files: dict[str, IO[bytes]] = {}
        for count, record in enumerate(records, start=1):
            split = "" if one_file else record.provenance.split
            line = _checked(record, count, split, one_file, symmetric)
            if split not in files:
                target = path if one_file else path / "txt" / f"ours_{split}.txt"
                files[split] = stack.enter_context(replacing(target))
            files[split].write(line)
        if one_file and not files:
            stack.enter_context(replacing(path))
    return count


def _checked(
    record: Record, number: int, split: str, one_file: bool, symmetric: frozenset[str]
) -> bytes:
    try:
        if not one_file and split not in SPLITS:
            raise ValueRejected(
                f"one of the splits {', '.join(SPLITS)}", repr(split), "Write one .txt file."
            )
        line = mnre.compose(record, symmetric)
        # Whatever cannot be read back must not be written.
        mnre.parse(Where("the written line", number), line, split, symmetric)
    except (ValueRejected, RecordRejected) as error:
        todo = "Mend the record, or write JSONL or CSV instead."
        todo = error.todo if isinstance(error, ValueRejected) else todo
        raise in_record(error, number, record, todo) from None
    return line.encode() + b"\n"
