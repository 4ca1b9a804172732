"""Writing MORE: a folder with text, boxes and pictures by split, as ``more`` reads it."""

from __future__ import annotations

import filecmp
import io
import shutil
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from roc_core.datasets import fields, mnre, more
from roc_core.datasets.base import Where, in_record, is_file, replacing
from roc_core.datasets.boxes import pixel_box
from roc_core.datasets.pictures import upright_size
from roc_core.errors import PictureMissing, RecordRejected, ValueRejected
from roc_core.schema import NONE, Box, Mention, Record, Span, direction_of

SPLITS = {"train": "train", "valid": "valid", "val": "valid", "validation": "valid",
          "dev": "valid", "test": "test", "": "train"}  # fmt: skip
"""The split a record is written to, by its own; what has none is for training."""

INSTEAD = "Leave the record out, or write JSONL or CSV instead."
CLOSE = 1e-3
"""Pixels by which a box may come back otherwise: shares of the picture are what is written."""


def write(records: Iterable[Record], path: Path, symmetric: frozenset[str] = more.SYMMETRIC) -> int:
    """Write to the folder ``path``: txt/<split>.txt, ent_<split>_dict.pth and the pictures in
    img_org/<split>/. Returns the number of lines.

    Each file is written whole or not at all, and none when a record cannot be held. Raises
    ValueRejected naming that record, PictureMissing for a picture that is gone.
    """
    splits: dict[str, _Written] = {}
    count = 0
    for count, record in enumerate(records, start=1):
        try:
            name = _split_of(record)
            splits.setdefault(name, _Written(name, symmetric)).add(record)
        except (ValueRejected, RecordRejected) as error:
            todo = error.todo if isinstance(error, ValueRejected) else INSTEAD
            raise in_record(error, count, record, todo) from None
    if not splits:
        splits["train"] = _Written("train", symmetric)
    with ExitStack() as stack:
        for written in splits.values():
            written.put(path, stack)
    return count


def _split_of(record: Record) -> str:
    found = SPLITS.get(record.provenance.split.lower())
    if found is None:
        raise ValueRejected(
            f"one of the splits {', '.join(more.SPLITS)}",
            repr(record.provenance.split),
            "Leave its records out with a filter.",
        )
    return found


class _Written:
    """What goes into one split."""

    def __init__(self, name: str, symmetric: frozenset[str]) -> None:
        self.name, self.symmetric = name, symmetric
        self.lines: list[str] = []
        self.boxes: dict[str, dict[str, tuple[float, ...]]] = {}
        self.pictures: dict[str, Path] = {}

    def add(self, record: Record) -> None:
        """One more line. Raises ValueRejected when MORE cannot hold the record."""
        entity, thing = _parts(record)
        key, picture = self._picture(record)
        name = self._object(record, key, picture, thing)
        line = {
            "token": record.example.sentence.split(" "),
            "h": mnre.words_of(record.example, entity),
            "t": {"name": name, "pos": list(self.boxes[key][name])},
            "img_id": key,
            "relation": self._relation(record, entity, thing),
        }
        text = repr(line)
        self._check(record, text, picture, key)
        self.lines.append(text)

    def _picture(self, record: Record) -> tuple[str, Path]:
        picture = record.example.picture
        if picture is None or not is_file(picture):
            raise PictureMissing(
                "the picture that a box lies in", str(picture), "Restore it, or leave the item out."
            )
        own = record.provenance
        key = own.key if own.source == "more" and own.key else picture.name
        known = self.pictures.setdefault(key, picture)
        if known != picture and not filecmp.cmp(known, picture, shallow=False):
            raise ValueRejected(
                "one picture of each name in a split", f"two called {key}", "Rename one of them."
            )
        return key, picture

    def _object(self, record: Record, key: str, picture: Path, thing: Mention) -> str:
        """The name of the record's box among those of its picture, a new one where it has none."""
        box = thing.place
        assert isinstance(box, Box)
        width, height = upright_size(picture)
        shares = (
            (box.left + box.right) / 2 / width, (box.top + box.bottom) / 2 / height,
            (box.right - box.left) / width, (box.bottom - box.top) / height,
        )  # fmt: skip
        objects = self.boxes.setdefault(key, {})
        for name, other in objects.items():
            if _same_box(pixel_box(other, width, height), box):
                return name
        own = fields.extra_object(record.provenance).get("object")
        free = (f"[OBJ{n}]" for n in range(len(objects), 2 * len(objects) + 2))
        names = [n for n in (own, *free) if isinstance(n, str) and n and n not in objects]
        objects[names[0]] = shares
        return names[0]

    def _relation(self, record: Record, entity: Mention, thing: Mention) -> str:
        label = record.label
        if label is None:
            raise ValueRejected("a label", "an unlabelled record", f"Label it. {INSTEAD}")
        both = label.relation == NONE or label.relation in self.symmetric
        wanted = "both" if both else direction_of(head=thing, tail=entity)
        if label.direction != wanted:
            raise ValueRejected(
                f"{label.relation} {'without a direction' if both else 'of the object'} in MORE",
                f"direction {label.direction}, which makes the text entity the head"
                if not both else f"direction {label.direction}",
                INSTEAD,
            )  # fmt: skip
        return "none" if label.relation == NONE else label.relation

    def _check(self, record: Record, line: str, picture: Path, key: str) -> None:
        """Whatever cannot be read back must not be written."""
        split = more.Split(self.name, self.boxes, lambda name: picture, "", self.symmetric)
        found = more.parse(Where("the written line", len(self.lines) + 1), line, split)
        both = (found.example, record.example)
        same = [
            (e.sentence, tuple(m.place for m in e.mentions if isinstance(m.place, Span)))
            for e in both
        ]
        boxes = [next(m.place for m in e.mentions if isinstance(m.place, Box)) for e in both]
        if same[0] != same[1] or not _same_box(*boxes) or found.label != record.label:
            raise ValueRejected(
                "a record that MORE can hold", "one that would come back otherwise", INSTEAD
            )

    def put(self, folder: Path, stack: ExitStack) -> None:
        """Write the files; they appear when the stack ends."""
        import torch

        text = "".join(f"{line}\n" for line in self.lines)
        file = stack.enter_context(replacing(folder / "txt" / f"{self.name}.txt"))
        file.write(text.encode())
        packed = io.BytesIO()
        torch.save(self.boxes, packed)
        stack.enter_context(replacing(folder / f"ent_{self.name}_dict.pth")).write(
            packed.getvalue()
        )
        for key, picture in self.pictures.items():
            target = folder / "img_org" / self.name / key
            with picture.open("rb") as source:
                shutil.copyfileobj(source, stack.enter_context(replacing(target)))


def _parts(record: Record) -> tuple[Mention, Mention]:
    """The mention that is words, and the one that is a box."""
    words = [m for m in record.example.mentions if isinstance(m.place, Span)]
    boxes = [m for m in record.example.mentions if isinstance(m.place, Box)]
    if len(words) != 1:
        raise ValueRejected(
            "one mention in the sentence and one in the picture",
            "two boxes" if boxes else "two mentions in the sentence",
            INSTEAD,
        )
    return words[0], boxes[0]


def _same_box(one: Box, other: Box) -> bool:
    sides = ("left", "top", "right", "bottom")
    return all(abs(getattr(one, s) - getattr(other, s)) <= CLOSE for s in sides)
