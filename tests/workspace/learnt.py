"""A small workspace with a tiny version that was really trained, to learn on from."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from roc_core.config import Preset
from roc_core.encoders.named import text_encoder
from roc_core.evaluation.guard import held_out
from roc_core.model.version import save_version
from roc_core.relations import load_catalogue
from roc_core.schema import (
    Direction,
    GuardRule,
    Item,
    ItemFilter,
    Label,
    Provenance,
    Record,
    VersionInfo,
)
from roc_core.store import Store
from roc_core.training.trainer import train_version
from roc_core.workspace import Workspace, feedback
from tests.tiny import make_checkpoint
from tests.training.made import (
    GROUPS,
    LIVES,
    MEMBER,
    NAMES,
    PEER,
    PLACES,
    preset,
    record,
)

PARENT = "tiny"
SOURCE = "made"


def many() -> list[Record]:
    """360 records of distinct sentences, three relations and None in turn."""
    groups, places = itertools.cycle(GROUPS), itertools.cycle(PLACES)
    found: list[Record] = []
    for number, (a, b) in enumerate(itertools.permutations(NAMES, 2)):
        g, p = next(groups), next(places)
        tail = "the tour" if number % 2 else "a tour"
        found.append(record(f"{a} {b} joins the band {g} on {tail}", b, g, MEMBER, "forward"))
        found.append(record(f"{a} {b} lives in the city {p} at {tail}", b, p, LIVES, "forward"))
        found.append(record(f"{a} played with {b} on {tail}", a, b, PEER, "both"))
        found.append(record(f"at {tail} {a} is born , {b} is part", a, b))
    return [
        Record(r.example, r.label, Provenance(SOURCE, "train", n)) for n, r in enumerate(found, 1)
    ]


def look_alikes() -> list[Record]:
    """90 unlabelled sentences of one kind that the version has not met."""
    return [
        Record(
            record(f"{a} of the city is at the team of {b}", a, b).example,
            None,
            Provenance("posts", "", n),
        )
        for n, (a, b) in enumerate(itertools.permutations(NAMES, 2), 1)
    ]


@lru_cache(maxsize=1)
def taught_workspace() -> Path:
    """Folder of a workspace made once for all tests, which work on copies: its version answers
    nearly all of its labelled items right."""
    folder = Path(mkdtemp(prefix="roc-taught-"))
    (folder / "encoder").mkdir()
    make_workspace(folder / "ws", folder / "encoder")
    return folder / "ws"


def trainable(workspace: Workspace) -> list[Item]:
    """Look-alikes that may be trained on."""
    return [i for i in posts(workspace) if not held_out(i.example.sentence, GuardRule())]


def learn(workspace: Workspace, **given: Any) -> VersionInfo:
    """The work of job "learn" in this process."""
    parameters = workspace.learning.settled(given)
    result = feedback.learn_job(workspace.path, parameters, lambda done, total, stage: None)
    assert json.loads(json.dumps(result)) == result
    return workspace.learning.version(str(result["version"]))


def make_workspace(folder: Path, encoder: Path) -> Workspace:
    """The workspace with all these records and the version in use."""
    make_checkpoint(encoder)
    workspace = Workspace.create(folder, starter=False)
    store = Store.open(folder)
    every = many()
    store.add_records((r, None) for r in [*every, *look_alikes()])
    add_parent(folder / "models" / PARENT, encoder, every)
    workspace.use_model(PARENT)
    workspace.memory.set(on=False)  # what the version itself answers
    return workspace


def add_parent(out: Path, encoder: Path, every: list[Record]) -> None:
    """A version trained on most of the records."""
    from roc_core.evaluation.protocols import split_dev

    parts, text = split_dev(every), text_encoder(str(encoder))
    settings = preset(epochs=5)
    settings = Preset("tiny", "Tiny", replace(settings.model, text_encoder=str(encoder)),
                      settings.train)  # fmt: skip
    card = {"data": f"{SOURCE}, split train", "protocol": "honest", "preset": settings.as_dict()}
    done = train_version(
        parts.train, parts.dev, text, load_catalogue("mnre"), settings, name=out.name, card=card
    )
    save_version(out, done.version, text.identity, "none")


def posts(workspace: Workspace) -> list[Item]:
    """The unlabelled look-alikes in order of arrival."""
    return list(workspace.items(ItemFilter(source="posts"), 0, 200).items)


def correct(
    workspace: Workspace,
    items: list[Item],
    relation: str,
    direction: Direction = "both",
    annotator: str = "ann",
) -> None:
    """One annotator gives all of them the same label."""
    label = Label(relation, direction)
    for item, said in zip(items, workspace.predict_many([i.example for i in items]), strict=True):
        workspace.correct(item.id, label, annotator, said)
