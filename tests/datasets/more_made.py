"""A made set in MORE's published form: drawn pictures, their boxes, and short news sentences.

Every picture shows two or three drawn things side by side; a line names one of them as its object
and words of its sentence as its text entity. Which relation holds follows from the kind of the
object and from the sentence, so that a model can learn it.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

WIDTH, HEIGHT, CELLS = 240, 120, 3
SIZES = {"train": 60, "valid": 20, "test": 20}

MEMBER, PARTNER = "/per/org/member_of", "/per/per/partner"
LIVES, PRESENT = "/per/loc/place_of_residence", "/per/misc/present_in"
LOCATED, PART, NONE = "/org/loc/locate_at", "/org/org/subsidiary", "none"
RELATIONS = (MEMBER, PARTNER, LIVES, PRESENT, LOCATED, PART)
"""Of the 20 relations of the catalogue ``more``, those that the set holds."""

Pixels = tuple[int, int, int, int]
Pen = Any  # Pillow's drawing context has no public type
Line = dict[str, Any]

FIRST = ("Mira", "Tomas", "Ada", "Bo", "Kim", "Lou", "Eva", "Jan", "Ike", "Una")
LAST = ("Solano", "Weiler", "Okafor", "Lind", "Marek", "Duarte")
GROUPS = ("Ulm Rovers", "Vega Union", "Oslo Harriers", "Rio Mariners", "Delta Works")
PLACES = ("Ulm", "Rio", "Oslo", "Porto", "Delft")
EVENTS = ("Harbour Cup", "Spring Gala", "Lantern Night", "River Games")


def _person(pen: Pen, box: Pixels) -> None:
    left, top, right, bottom = box
    middle, third = (left + right) // 2, (bottom - top) // 3
    pen.rectangle((left, top + third, right, bottom), fill=(200, 60, 40))
    pen.ellipse((middle - third // 2, top, middle + third // 2, top + third), fill=(230, 190, 160))


def _badge(pen: Pen, box: Pixels) -> None:
    left, top, right, bottom = box
    pen.rectangle(box, fill=(250, 250, 250), outline=(20, 60, 160), width=5)
    pen.polygon([(left, top), (right, top), ((left + right) // 2, bottom)], fill=(20, 60, 160))


def _building(pen: Pen, box: Pixels) -> None:
    left, top, right, bottom = box
    pen.rectangle(box, fill=(120, 120, 130))
    for x in range(left + 6, right - 6, 14):
        for y in range(top + 6, bottom - 6, 14):
            pen.rectangle((x, y, x + 6, y + 6), fill=(250, 230, 120))


@dataclass(frozen=True, slots=True)
class _Thing:
    """A drawn thing: how it is drawn, and width and height of its place in pixels."""

    draw: Callable[[Pen, Pixels], None]
    width: int
    height: int


_THINGS = {
    "person": _Thing(_person, 44, 96),
    "badge": _Thing(_badge, 60, 60),
    "building": _Thing(_building, 66, 104),
}
_SHOWN = {
    MEMBER: "person", PARTNER: "person", LIVES: "person", PRESENT: "person",
    LOCATED: "building", PART: "badge",
}  # fmt: skip
_SAID = {
    MEMBER: (GROUPS, "Fans of {} cheer as the new striker signs"),
    PARTNER: ((), "{} smiles with a teammate after the match"),
    LIVES: (PLACES, "At home in {} the painter opens the door"),
    PRESENT: (EVENTS, "The singer walks on stage at the {} tonight"),
    LOCATED: (PLACES, "The bank opened its new office in {} today"),
    PART: (GROUPS, "The brand now belongs to {} after the deal"),
    NONE: (PLACES, "Rain is expected over {} until Sunday"),
}


def write_more(folder: Path, seed: int = 0, sizes: dict[str, int] | None = None) -> Path:
    """Write ``txt/``, ``ent_*_dict.pth`` and ``img_org/`` into ``folder``; the same for a seed.

    A fourth of the lines are ``none`` pairs; sentences and pictures of a split appear in no other.
    """
    import torch

    days = iter(range(1, 10_000))
    (folder / "txt").mkdir(parents=True)
    for split, size in (sizes or SIZES).items():
        rng = random.Random(f"{seed}/{split}")
        pictures = folder / "img_org" / split
        pictures.mkdir(parents=True)
        boxes: dict[str, dict[str, tuple[float, ...]]] = {}
        lines = [_line(rng, pictures, boxes, n, next(days)) for n in range(size)]
        (folder / "txt" / f"{split}.txt").write_text("\n".join(map(repr, lines)) + "\n", "utf-8")
        torch.save(boxes, folder / f"ent_{split}_dict.pth")
    return folder


def _line(rng: random.Random, pictures: Path, boxes: dict[str, Any], number: int, day: int) -> Line:
    relation = NONE if number % 4 == 3 else RELATIONS[(number - number // 4) % len(RELATIONS)]
    wanted = _SHOWN.get(relation) or rng.choice(sorted(_THINGS))
    others = sorted(set(_THINGS) - {wanted})
    shown = [wanted, *rng.sample(others, rng.randint(1, len(others)))]
    rng.shuffle(shown)
    picture = f"{uuid.UUID(int=rng.getrandbits(128), version=4)}.jpg"
    boxes[picture] = dict(_draw(pictures / picture, shown, rng))
    name = f"[OBJ{shown.index(wanted)}]"
    names, said = _SAID[relation]
    entity = rng.choice(names) if names else f"{rng.choice(FIRST)} {rng.choice(LAST)}"
    words = f"{said.format(entity)} , day {day}".split()
    start = words.index(entity.split()[0])
    h = {"name": entity, "pos": [start, start + len(entity.split())]}
    t = {"name": name, "pos": list(boxes[picture][name])}
    return {"token": words, "h": h, "t": t, "img_id": picture, "relation": relation}


def _draw(
    path: Path, shown: list[str], rng: random.Random
) -> Iterator[tuple[str, tuple[float, ...]]]:
    """Draw the things from left to right; yields each one's name and its box as the file has it."""
    image = Image.new("RGB", (WIDTH, HEIGHT), (rng.randint(150, 200), 210, 180))
    pen, cell = ImageDraw.Draw(image), WIDTH // CELLS
    for number, kind in enumerate(shown):
        thing = _THINGS[kind]
        left = number * cell + rng.randint(2, cell - thing.width - 2)
        top = rng.randint(2, HEIGHT - thing.height - 2)
        thing.draw(pen, (left, top, left + thing.width, top + thing.height))
        centre = ((left + thing.width / 2) / WIDTH, (top + thing.height / 2) / HEIGHT)
        yield f"[OBJ{number}]", (*centre, thing.width / WIDTH, thing.height / HEIGHT)
    image.save(path, quality=92)
