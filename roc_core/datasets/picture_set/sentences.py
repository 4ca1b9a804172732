"""Sentences that say everything but the one thing the picture shows.

A sentence names its family (a cloth was chosen, a place was seen), never which of the family's
four relations holds. First names and things of one split are not in the other.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

from roc_core.schema import Direction, Mention, Span

_TRAIN_NAMES = """
    Ada Alma Anton Berta Bruno Carla Clara Conrad Dora Edgar Elsa Emil Erik Flora Franz Greta
    Gustav Hanna Hugo Ida Ines Irma Jonas Julia Karl Kurt Lena Leon Lotte Ludwig Magda Max Nora
    Olga Paul Rosa
"""
_TEST_NAMES = """
    Otto Mira Tessa Viktor Wanda Yara Boris Celia Felix Helga Marek Selma
"""
NAMES: dict[str, tuple[str, ...]] = {
    "train": tuple(_TRAIN_NAMES.split()),
    "test": tuple(_TEST_NAMES.split()),
}
THINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "cloth": {
        "train": ("scarf", "curtain", "rug", "blanket", "tablecloth", "cushion", "apron", "flag"),
        "test": ("towel", "shawl", "quilt", "banner"),
    },
    "view": {
        "train": ("harbour", "garden", "station", "market", "valley", "castle", "bridge", "island"),
        "test": ("lake", "tower", "village", "beach"),
    },
}

TEMPLATES: dict[tuple[str, str], tuple[str, ...]] = {
    ("cloth", "text"): (
        "{A} chose the {B} in the photo .",
        "Of all that was on offer {A} bought this {B} .",
        "The {B} you see here was chosen by {A} .",
        "Here is the {B} that {A} brought home .",
    ),
    ("view", "text"): (
        "{A} looked at the {B} this morning .",
        "This is how {A} saw the {B} from the room .",
        "The {B} as it looked to {A} .",
        "Nobody saw the {B} the way {A} did .",
    ),
    ("cloth", "box"): (
        "{A} chose one {C} of four .",
        "Of the four {C} samples {A} bought the marked one .",
        "One {C} went to {A} and three went back .",
        "Guess which {C} {A} brought home .",
    ),
    ("view", "box"): (
        "{A} looked at the {C} in one of four ways .",
        "Of these four photos of the {C} {A} took the marked one .",
        "Only one of them shows the {C} as {A} saw it .",
        "Guess how {A} saw the {C} .",
    ),
}
"""By family and form: ``{A}`` is the person, ``{B}`` the other mention; in the form ``box`` the
other mention is a box of the picture and ``{C}`` only a word."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence with its text mentions: person and thing, or the person alone.

    ``direction`` of the relation, whose head is the person: ``backward`` when the thing stands
    before the person.
    """

    text: str
    mentions: tuple[Mention, ...]
    direction: Direction


def sentences(split: str, family: str, form: str, count: int, rng: random.Random) -> list[Said]:
    """``count`` different sentences of a family and form, templates in turn."""
    things = THINGS[family][split]
    kinds = TEMPLATES[family, form]
    ways = [list(itertools.product(NAMES[split], things)) for _ in kinds]
    for way in ways:
        rng.shuffle(way)
    return [_said(kinds[i % len(kinds)], *ways[i % len(kinds)].pop()) for i in range(count)]


def _said(template: str, name: str, thing: str) -> Said:
    text = template.format(A=name, B=thing, C=thing)
    person = Mention(_span(text, name))
    if "{B}" not in template:
        return Said(text, (person,), "forward")
    other = Mention(_span(text, thing))
    return Said(text, (person, other), "forward" if person.order < other.order else "backward")


def _span(text: str, word: str) -> Span:
    start = f" {text}".index(f" {word} ")
    return Span(start, start + len(word))
