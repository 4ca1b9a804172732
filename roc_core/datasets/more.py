"""MORE (NJUNLP/MORE): a text entity and an object of the picture.

::

    more/txt/train.txt, valid.txt, test.txt
    more/ent_train_dict.pth, …       {img_id: {"[OBJ0]": (centre x, centre y, width, height)}}
    more/img_org/<split>/<img_id>

One Python dict a line, as in MNRE: ``token``, ``h`` the text entity with ``pos`` in words,
``t`` the object, ``img_id``, ``relation``. Of ``t`` only ``name`` is used, which must be one of
the picture's objects in the ``.pth`` file; further fields of ``h`` and ``t`` and of the line are
allowed and not kept. ``h['name']`` may be missing; if it is there it must be the words at ``pos``
but for case and white space. The label ``none`` becomes ``None``.

The first type slot of a label is the object's, though the file writes the text entity as ``h``:
the object is the relation's head. A box needs its picture, so a line whose picture is missing is
refused. Boxes are shares of the picture after its EXIF orientation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from roc_core.datasets import fields
from roc_core.datasets.base import Where, is_file, lines, shown
from roc_core.datasets.boxes import Boxes, pixel_box, read_boxes
from roc_core.datasets.literals import (
    LITERAL_LIMIT,
    code_points,
    file_name,
    literal,
    need,
    word_range,
    words,
)
from roc_core.datasets.mnre_files import TextFile, find_picture, picture_folders
from roc_core.datasets.pictures import upright_size
from roc_core.errors import DataSetMissing, RecordRejected, ValueRejected
from roc_core.schema import NONE, Box, Label, Mention, Provenance, Record, direction_of

SPLITS = ("train", "valid", "test")
SYMMETRIC: frozenset[str] = frozenset(
    {
        "/per/per/opponent",
        "/per/per/partner",
        "/per/per/relatives",
        "/per/per/alternate_names",
        "/org/org/alternate_names",
    }
)
"""MORE's symmetric relations."""

_NAME = re.compile(r"(?:more_)?(train|valid|test)\.txt")


@dataclass(frozen=True, slots=True)
class Split:
    """What the lines of one split refer to; ``picture`` finds a picture by its name, in
    ``places``."""

    name: str
    boxes: Boxes
    picture: Callable[[str], Path | None]
    places: str
    symmetric: frozenset[str]


def text_files(path: Path) -> tuple[TextFile, ...]:
    """The text files at a set's folder, its ``txt`` folder or a single file, in order of split.

    Raises DataSetMissing.
    """
    if is_file(path):
        folder, candidates = path.parent, [path]
    else:
        folder = path / "txt" if (path / "txt").is_dir() else path
        candidates = [folder / f"{split}.txt" for split in SPLITS]
    root = folder.parent if folder.name == "txt" else folder
    named = ((p, _NAME.fullmatch(p.name)) for p in candidates)
    found = [TextFile(p, match[1], root) for p, match in named if match and is_file(p)]
    if not found:
        raise DataSetMissing(
            "a MORE folder with txt/train.txt, valid.txt or test.txt",
            f"no such file at {path}",
            "Give the folder that holds txt/, or one of these text files by its published name.",
        )
    return tuple(found)


def read(
    path: Path, symmetric: frozenset[str] = SYMMETRIC, pictures: Path | None = None
) -> Iterator[Record | RecordRejected]:
    """The records of all splits found, and an error for each line that is none.

    ``pictures`` replaces the folder ``img_org``. Raises DataSetMissing, DataSetInvalid.
    """
    for source in text_files(path):
        folders = picture_folders(pictures or source.root / "img_org", source.split)
        split = Split(
            source.split,
            read_boxes(source.root / f"ent_{source.split}_dict.pth"),
            partial(find_picture, folders),
            " or ".join(f.name for f in folders),
            symmetric,
        )
        for line in lines(source.path, LITERAL_LIMIT):
            try:
                yield parse(line.where, line.text(), split)
            except RecordRejected as error:
                yield error


def size(path: Path) -> int:
    """How many lines ``read`` will go through."""
    return sum(1 for file in text_files(path) for _ in lines(file.path, LITERAL_LIMIT))


def parse(where: Where, line: str, split: Split) -> Record:
    """The record of one line. Raises RecordRejected."""
    given = literal(where, line)
    tokens = words(where, need(where, given, "token"))
    entity = _entity(where, given, tokens)
    key = file_name(where, "img_id", need(where, given, "img_id"))
    picture = split.picture(key)
    if picture is None:
        found = f"no file {key} in {split.places}"
        raise where.refuse("img_id", "the picture that the box lies in", found)
    name = fields.text(where, "t.name", need(where, given, "t.name"))
    thing = Mention(_box(where, split.boxes, key, name, picture))
    example = fields.example(where, " ".join(tokens), (entity, thing), picture)
    relation = fields.text(where, "relation", need(where, given, "relation"))
    provenance = Provenance(
        "more",
        split.name,
        where.line,
        key,
        direction_of(entity, thing),
        fields.extra(where, "t", {"object": name}),
    )
    return Record(example, _label(where, relation, entity, thing, split.symmetric), provenance)


def _entity(where: Where, given: dict[str, Any], tokens: list[str]) -> Mention:
    start, end = word_range(where, "h.pos", need(where, given, "h.pos"), len(tokens))
    said = " ".join(tokens[start:end])
    name = given["h"].get("name", said)
    if _bare(fields.text(where, "h.name", name)) != _bare(said):
        raise where.refuse("h.name", f"the words at h.pos, {shown(said)}", shown(name))
    return Mention(code_points(tokens, start, end))


def _bare(text: str) -> str:
    return "".join(text.split()).casefold()


def _box(where: Where, boxes: Boxes, key: str, name: str, picture: Path) -> Box:
    objects = boxes.get(key, {})
    if name not in objects:
        known = ", ".join(map(str, objects)) or "none"
        raise where.refuse("t.name", f"an object of {key} (known: {known[:200]})", shown(name))
    try:
        return pixel_box(objects[name], *_size(where, picture))
    except ValueRejected:
        expected, found = "a box inside the picture", shown(objects[name])
    except ValueError as error:
        expected, found = f"{error} for {name}", shown(objects[name])
    raise where.refuse("t.name", expected, found)


def _label(
    where: Where, relation: str, entity: Mention, thing: Mention, symmetric: frozenset[str]
) -> Label:
    if not relation:
        raise where.refuse("relation", "a label or none", "empty text")
    if relation in ("none", NONE):
        return Label(NONE)
    both = relation in symmetric
    return Label(relation, "both" if both else direction_of(head=thing, tail=entity))


def _size(where: Where, picture: Path) -> tuple[int, int]:
    try:
        return upright_size(picture)
    except Exception as error:  # Pillow raises nearly anything for damaged headers
        found = f"{picture.name}: {str(error)[:100]}"
        raise where.refuse("img_id", "a picture that can be opened", found) from None
