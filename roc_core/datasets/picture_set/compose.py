"""From a seed to the set on disk: pictures, JSONL, catalogue and a note on how it was made."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from roc_core.datasets import formats
from roc_core.datasets.base import replacing
from roc_core.datasets.picture_set import photographs, scenes
from roc_core.datasets.picture_set.patterns import CLOTHS, PARAMETERS, VIEWS, Drawn
from roc_core.datasets.picture_set.scenes import Photographs, Scene
from roc_core.datasets.picture_set.sentences import Said, sentences
from roc_core.errors import ValueRejected
from roc_core.schema import Example, Label, Mention, Provenance, Record

COUNTS: dict[str, dict[tuple[str, str], int]] = {
    "train": {
        ("cloth", "text"): 160,
        ("view", "text"): 160,
        ("cloth", "box"): 140,
        ("view", "box"): 140,
    },
    "test": {
        ("cloth", "text"): 26,
        ("view", "text"): 26,
        ("cloth", "box"): 24,
        ("view", "box"): 24,
    },
}
"""Sentences by split, family and form; each gives four items: 2,400 to train on, 400 to test."""
FILES = {split: f"{split}.jsonl" for split in COUNTS}
CATALOGUE, NOTE = "catalogue.toml", "README.md"
QUALITY = 92
RELATIONS = {"cloth": "/per/misc/chose_in_", "view": "/per/loc/saw_through_"}
KINDS: dict[str, tuple[str, ...]] = {"cloth": tuple(CLOTHS), "view": tuple(VIEWS)}

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Group:
    """A sentence and its four items' place in the set; ``number`` counts within family and form."""

    split: str
    family: str
    form: str
    number: int
    said: Said
    seed: int

    @property
    def key(self) -> str:
        """The group's name, the stem of its pictures."""
        return f"{self.split}-{self.family}-{self.form}-{self.number:03d}"


def compose(
    folder: Path,
    seed: int = 0,
    counts: Mapping[str, Mapping[tuple[str, str], int]] = COUNTS,
    progress: Progress = lambda done, total: None,
) -> dict[str, int]:
    """Write the set into ``folder`` and return the number of items by split.

    The same seed gives the same bytes with the same versions of numpy and Pillow. The folder gets
    ``train.jsonl``, ``test.jsonl``, ``pictures/``, ``catalogue.toml`` (the eight relations) and
    ``README.md`` (how it was made). ``dev`` is cut from ``train.jsonl`` by sentence as in every
    data set.

    Raises ValueRejected when the folder holds something or cannot be written to, PictureMissing
    when a package that brings photographs is not installed.
    """
    folder = Path(folder)
    _check_empty(folder)
    at_hand = {split: photographs.load(split) for split in counts}
    total, done, written = sum(sum(c.values()) for c in counts.values()), 0, {}
    for split, wanted in counts.items():
        records: list[Record] = []
        for group in _groups(split, wanted, seed):
            records += _records(group, folder, at_hand[split])
            done += 1
            progress(done, total)
        random.Random(f"{seed} {split} order").shuffle(records)
        numbered = [
            replace(r, provenance=replace(r.provenance, line=n)) for n, r in enumerate(records, 1)
        ]
        written[split] = formats.write("jsonl", numbered, folder / FILES[split])
    _write(folder / CATALOGUE, catalogue_text())
    _write(folder / NOTE, _note(seed, written))
    return written


def catalogue_text() -> str:
    """The TOML text of the set's catalogue."""
    return (resources.files(__package__) / CATALOGUE).read_text("utf-8")


def _check_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValueRejected(
            "a new or empty folder for the picture-dependent set",
            f"{folder}, which holds something",
            "Choose another folder.",
        )


def _groups(split: str, counts: Mapping[tuple[str, str], int], seed: int) -> Iterator[Group]:
    for (family, form), count in counts.items():
        rng = random.Random(f"{seed} {split} {family} {form}")
        for number, said in enumerate(sentences(split, family, form, count, rng)):
            yield Group(split, family, form, number, said, seed)


def _records(group: Group, folder: Path, at_hand: Photographs) -> list[Record]:
    """The four items of a sentence, their pictures written."""
    kinds, family = KINDS[group.family], group.family
    if group.form == "box":
        # Turned by one from sentence to sentence: each kind is in each corner equally often.
        turned = [kinds[(i + group.number) % len(kinds)] for i in range(len(kinds))]
        scene = scenes.four(group.split, family, turned, at_hand, f"{group.seed} {group.key}")
        path = _save(scene, folder, group.split, group.key)
        return [_record(group, kind, path, scene, at) for at, kind in enumerate(turned)]
    found = []
    for kind in kinds:
        name = f"{group.key}-{kind}"
        scene = scenes.whole(group.split, family, kind, at_hand, f"{group.seed} {name}")
        found.append(_record(group, kind, _save(scene, folder, group.split, name), scene))
    return found


def _record(
    group: Group, kind: str, picture: Path, scene: Scene, part: int | None = None
) -> Record:
    first, *rest = group.said.mentions
    second = Mention(scene.boxes[part]) if part is not None else rest[0]
    label = Label(RELATIONS[group.family] + kind, group.said.direction)
    made: dict[str, Any] = {
        "family": group.family,
        "form": group.form,
        "kind": kind,
        "photographs": scene.photographs,
        "drawn": [_drawn(d) for d in scene.drawn],
    }
    extra = tuple(sorted((name, json.dumps(value)) for name, value in made.items()))
    origin = Provenance("picture-set", group.split, key=group.key, extra=extra)
    return Record(Example(group.said.text, (first, second), picture), label, origin)


def _drawn(drawn: Drawn) -> dict[str, Any]:
    return {
        "hues": drawn.hues,
        "period": drawn.period,
        "angle": drawn.angle,
        "rays": drawn.rays,
    }


def _save(scene: Scene, folder: Path, split: str, name: str) -> Path:
    path = folder / "pictures" / split / f"{name}.jpg"
    data = BytesIO()
    Image.fromarray(scene.pixels).save(data, "JPEG", quality=QUALITY, subsampling=0)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.getvalue())
    except OSError as error:
        raise ValueRejected(
            f"to write {path}", error.strerror or str(error), "Choose another place or make room."
        ) from error
    return path


def _write(path: Path, text: str) -> None:
    with replacing(path) as file:
        file.write(text.encode())


def _note(seed: int, written: Mapping[str, int]) -> str:
    """How the set was made, for whoever finds the folder."""
    counts = ", ".join(f"{split} {n}" for split, n in written.items())
    lines = [
        "# Picture-dependent set",
        "",
        f"Composed with seed {seed}; items: {counts}. Each sentence appears four times, once with "
        "each of the four relations of its family, and only the picture (or the box in it) tells "
        "which one holds. Relations: `catalogue.toml`.",
        "",
        "The four kinds of each family were chosen so that the vision encoders can tell them "
        "apart; the set measures whether a model uses what its vision encoder sees.",
        "",
    ]
    for split in written:
        lines += [f"## {split}", "", f"Patterns are drawn from: {PARAMETERS[split]}.", ""]
        lines += [*_sources(photographs.PHOTOGRAPHS[split]), ""]
    lines += ["The photographs come with these packages and keep the licences they have there."]
    return "\n".join(lines) + "\n"


def _sources(used: Sequence[photographs.Photograph]) -> list[str]:
    rows = [f"| {p.name} | {p.package} | {p.path} | {photographs.digest(p)} |" for p in used]
    return ["| photograph | package | file | SHA-256 |", "|---|---|---|---|", *rows]
