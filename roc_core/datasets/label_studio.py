"""Label Studio's JSON export: one array of tasks, read and (``label_studio_out``) written.

::

    [{"id": 7, "data": {"text": "Mira joins Ulm", "image": "/data/local-files/?d=a/1.jpg"},
      "annotations": [{"result": [
        {"id": "a", "type": "labels", "from_name": "label", "to_name": "text",
         "value": {"start": 0, "end": 4, "text": "Mira", "labels": ["person"]}},
        {"id": "b", "type": "rectanglelabels", "from_name": "box", "to_name": "image",
         "original_width": 640, "original_height": 480,
         "value": {"x": 5.0, "y": 10, "width": 20, "height": 30, "rectanglelabels": ["thing"]}},
        {"type": "relation", "from_id": "a", "to_id": "b", "direction": "right", "labels": ["x"]}
      ]}]}]

Every relation of a task is a record: ``right`` makes its first region the head, ``left`` its
second, ``bi`` both; a relation without a label is a pair without one. A task with no relation has
to have exactly two regions and is a pair without a label. Results of other kinds (choices, text
areas) are left out. A region's label is an entity type, or ``mention`` for none.

Of several annotations those that were cancelled do not count; the one marked as ground truth is
taken, else the one changed last. Predictions give the regions of a task that nobody has annotated,
never a label.

Offsets: Label Studio has counted code points since version 1.4 (``charsToCodePoints`` in its
``utils/selection-tools.js``) and UTF-16 units before, so an emoji moved every later mark by one
(its issues 1008 and 1347). A region also carries its text; where that fits UTF-16 only, the task
is read so, and where it fits neither, refused. Boxes are per cent of the picture; pixels are
rounded to a millionth.

``data.text`` is the sentence. ``data.image`` names a picture beside the file: a relative path, the
path in ``/data/local-files/?d=``, or the last part of any other address, in the file's folder or
its folder ``images``. ``picture_text`` and ``provenance`` are as in JSONL; without the latter,
source is the file's name, line the task's number and key its id.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from roc_core.datasets import fields, jsonl
from roc_core.datasets.base import Where, is_file, opened, shown
from roc_core.datasets.label_studio_regions import dict_of, regions_of
from roc_core.errors import DataSetInvalid, RecordRejected
from roc_core.schema import NONE, Label, Mention, Provenance, Record

LIMIT = 200_000_000
"""Bytes a file may have; an array is read whole."""

LOCAL_FILES = "/data/local-files/"
_ARROWS = {"right": "forward", "left": "backward", "bi": "both"}
_PLAIN = json.JSONDecoder()


def read(
    path: Path, folder: Path, symmetric: frozenset[str] | None = None
) -> Iterator[Record | RecordRejected]:
    """The records of all tasks, and an error for each task or relation that is none.

    ``symmetric`` are relations whose arrow says nothing. Raises DataSetMissing; DataSetInvalid for
    what is no array of tasks.
    """
    for where, task in _tasks(path):
        if isinstance(task, RecordRejected):
            yield task
            continue
        try:
            yield from _records(where, task, folder, symmetric or frozenset())
        except RecordRejected as error:
            yield error


def parse(where: Where, task: str, folder: Path) -> tuple[Record, ...]:
    """The records of one task. Raises RecordRejected for the first that is none."""
    found = tuple(_records(where, fields.load_json(task), folder, frozenset()))
    for one in found:
        if isinstance(one, RecordRejected):
            raise one
    return tuple(one for one in found if isinstance(one, Record))


def _tasks(path: Path) -> Iterator[tuple[Where, Any]]:
    """Every task with its number; a task that is not sound JSON as an error. Where the array
    itself breaks off, the last one says so."""
    text = _text(path)
    at, number = _past(text, 1 + text.find("[")), 0
    while text[at : at + 1] != "]":
        number += 1
        where = Where(path.name, number, "task")
        try:
            _, end = _PLAIN.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            reason = str(error).partition(": line")[0] or type(error).__name__
            yield where, where.refuse("task", "a JSON object, then the rest of the array", reason)
            return
        try:
            yield where, fields.load_json(text[at:end])
        except ValueError as error:
            yield where, where.refuse("task", "one JSON object", str(error))
        at = _past(text, end)
        if text[at : at + 1] not in (",", "]"):
            found = shown(text[at : at + 20]) if at < len(text) else "the end of the file"
            yield where, where.refuse("task", "a comma or ] after it", found)
            return
        at = _past(text, at + 1) if text[at] == "," else at


def _past(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _text(path: Path) -> str:
    with opened(path) as file:
        data = file.read(LIMIT + 1)
    expected, todo = "an array of Label Studio tasks", "Export as JSON (not JSON-MIN) again."
    if len(data) > LIMIT:
        raise DataSetInvalid(f"at most {LIMIT:,} bytes", f"more in {path.name}", "Split the file.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataSetInvalid(expected, f"byte {error.start} is no UTF-8", todo) from None
    if not text.lstrip().startswith("["):
        raise DataSetInvalid(expected, shown(text.lstrip()[:40]), todo)
    return text


def _records(
    where: Where, task: object, folder: Path, symmetric: frozenset[str]
) -> Iterator[Record | RecordRejected]:
    data = dict_of(where, "data", dict_of(where, "task", task).get("data"))
    sentence = fields.text(where, "data.text", data.get("text"))
    results, labelled = _results(where, task)
    picture = _picture(where, data["image"], folder) if data.get("image") else None
    regions = regions_of(where, results, sentence, picture)
    links = [r for r in results if r.get("type") == "relation"] if labelled else []
    if not links and len(regions) != 2:
        raise where.refuse("result", "a relation, or exactly two regions", f"{len(regions)}")
    for link in links or [dict(zip(("from_id", "to_id"), regions, strict=True))]:
        try:
            head, tail = (_end(where, link, field, regions) for field in ("from_id", "to_id"))
            example = fields.example(
                where,
                sentence,
                (head, tail),
                picture,
                fields.text(where, "data.picture_text", data.get("picture_text", "")),
            )
            turned = head.order > tail.order
            label = _label(where, link, turned, symmetric)
            yield Record(example, label, _provenance(where, task, data, turned))
        except RecordRejected as error:
            yield error


def _results(where: Where, task: Any) -> tuple[list[dict[str, Any]], bool]:
    """The results that count, and whether a person made them."""
    for field in ("annotations", "predictions"):
        given = task.get(field) or []
        if not isinstance(given, list) or not all(isinstance(a, dict) for a in given):
            raise where.refuse(field, "a list of objects", shown(given))
        done = [a for a in given if not a.get("was_cancelled")]
        if done:
            chosen = max(done, key=lambda a: (bool(a.get("ground_truth")), _changed(a)))
            results = chosen.get("result")
            if not isinstance(results, list) or not all(isinstance(r, dict) for r in results):
                raise where.refuse(f"{field}.result", "a list of objects", shown(results))
            return results, field == "annotations"
    raise where.refuse("annotations", "an annotation or a prediction", "none")


def _changed(annotation: dict[str, Any]) -> str:
    return str(annotation.get("updated_at") or annotation.get("created_at") or "")


def _end(where: Where, link: dict[str, Any], field: str, regions: dict[str, Mention]) -> Mention:
    id = link.get(field)
    if not isinstance(id, str) or id not in regions:
        expected = "the id of a region of type labels or rectanglelabels"
        raise where.refuse(f"relation.{field}", expected, shown(id))
    return regions[id]


def _label(
    where: Where, link: dict[str, Any], turned: bool, symmetric: frozenset[str]
) -> Label | None:
    names = link.get("labels") or []
    if not isinstance(names, list) or len(names) > 1:
        raise where.refuse("relation.labels", "a list of one label, or none", shown(names))
    if not names:
        return None
    arrow = link.get("direction") or "right"
    if not isinstance(arrow, str) or arrow not in _ARROWS:
        raise where.refuse("relation.direction", f"one of {', '.join(_ARROWS)}", shown(arrow))
    name = fields.text(where, "relation.labels", names[0])
    direction = "both" if name == NONE or name in symmetric else _ARROWS[arrow]
    return fields.label(where, name, direction, turned)


def _provenance(where: Where, task: Any, data: dict[str, Any], turned: bool) -> Provenance:
    order: fields.Order = "backward" if turned else "forward"
    if "provenance" in data:
        return jsonl.provenance_of(where, data["provenance"], order)
    key = fields.text(where, "id", str(task.get("id", "")))
    return Provenance(Path(where.file).stem, line=where.line, key=key, order=order)


def _picture(where: Where, value: object, folder: Path) -> Path:
    address = urlsplit(fields.text(where, "data.image", value))
    if address.path == LOCAL_FILES:
        name = parse_qs(address.query).get("d", [""])[0]
    elif address.scheme or address.path.startswith("/"):
        name = unquote(address.path).rpartition("/")[2]
    else:
        return fields.picture_path(where, value, folder)
    beside = fields.picture_path(where, name, folder)
    inside = folder / "images" / beside.name
    return inside if not is_file(beside) and is_file(inside) else beside
