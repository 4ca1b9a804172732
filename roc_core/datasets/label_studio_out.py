"""Writing Label Studio tasks, one a line of the array.

A labelled record becomes an annotation, one without a label a prediction: its two regions are then
there to be linked. A labeling configuration that shows them names its controls so::

    <View>
      <Relations><Relation value="/per/org/member_of"/></Relations>
      <Labels name="label" toName="text"><Label value="person"/><Label value="mention"/></Labels>
      <Text name="text" value="$text"/>
      <RectangleLabels name="box" toName="image"><Label value="thing"/></RectangleLabels>
      <Image name="image" value="$image"/>
    </View>

Pictures are named ``/data/local-files/?d=<path relative to the file>``: Label Studio shows them
when its local storage has the file's folder as its root.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import quote

from roc_core.datasets import jsonl
from roc_core.datasets.label_studio import LOCAL_FILES
from roc_core.datasets.label_studio_regions import UNTYPED
from roc_core.datasets.picture_names import Namer
from roc_core.datasets.pictures import upright_size
from roc_core.errors import PictureMissing
from roc_core.schema import Box, Direction, Example, Mention, Record

_IDS = ("first", "second")
ARROWS: Mapping[Direction, str] = {"forward": "right", "backward": "left", "both": "bi"}
"""How the link from the first to the second mention is drawn, so that it points from the head."""


def compose(record: Record, number: int, name: Namer) -> str:
    """The task of a record; ``number`` is its id in the file, ``name`` names its picture.

    Raises PictureMissing when a box's picture cannot be measured, ValueRejected for a picture that
    cannot be named or an ``extra`` that is not JSON.
    """
    example = record.example
    data: dict[str, object] = {"text": example.sentence}
    if example.picture is not None:
        data["image"] = f"{LOCAL_FILES}?d={quote(name(example.picture))}"
    if example.picture_text:
        data["picture_text"] = example.picture_text
    data["provenance"] = jsonl.provenance_object(record.provenance)
    results = [_region(example, m, id) for id, m in zip(_IDS, example.mentions, strict=True)]
    if record.label is None:
        made: dict[str, object] = {"predictions": [{"result": results}]}
    else:
        ends = dict(zip(("from_id", "to_id"), _IDS, strict=True))
        arrow = {"direction": ARROWS[record.label.direction], "labels": [record.label.relation]}
        link = {"type": "relation", **ends, **arrow}
        made = {"annotations": [{"result": [*results, link]}]}
    return json.dumps({"id": number, "data": data, **made}, ensure_ascii=False)


def _region(example: Example, mention: Mention, id: str) -> dict[str, object]:
    p, label = mention.place, mention.type or UNTYPED
    if not isinstance(p, Box):
        text = {"start": p.start, "end": p.end, "text": p.of(example.sentence), "labels": [label]}
        return {"id": id, "type": "labels", "from_name": "label", "to_name": "text", "value": text}
    width, height = _measured(example)
    value = {
        "x": 100 * p.left / width,
        "y": 100 * p.top / height,
        "width": 100 * (p.right - p.left) / width,
        "height": 100 * (p.bottom - p.top) / height,
        "rotation": 0,
        "rectanglelabels": [label],
    }
    names = {"type": "rectanglelabels", "from_name": "box", "to_name": "image"}
    size = {"original_width": width, "original_height": height}
    return {"id": id, **names, **size, "value": value}


def _measured(example: Example) -> tuple[int, int]:
    assert example.picture is not None
    try:
        return upright_size(example.picture)
    except Exception as error:  # Pillow raises nearly anything for damaged headers
        raise PictureMissing(
            f"the picture {example.picture}, whose size a box in per cent needs",
            str(error)[:200],
            "Put it back or leave this record out.",
        ) from None
