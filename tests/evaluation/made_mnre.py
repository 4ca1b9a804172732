"""A made MNRE folder: a few relations, some written tail first, with captions for train and val."""

from __future__ import annotations

import json
from pathlib import Path

# Relation, the word between both names, and whether the file writes the second name as head.
KINDS = (
    ("/per/per/peer", "with", False),
    ("/per/org/member_of", "joins", False),
    ("/per/org/member_of", "band", True),
    ("/per/loc/place_of_residence", "lives", False),
    ("/org/loc/locate_at", "in", False),
    ("/loc/loc/contain", "city", True),
    ("/per/misc/awarded", "played", False),
    ("/per/per/parent", "born", False),
    ("None", "on", False),
    ("None", "the", False),
)
NAMES = ("mia", "tom", "ada", "bo", "kim", "lou", "eva", "jan")


def line(number: int, split: str) -> dict[str, object]:
    """One line's dict; lines of a split go through KINDS in turn."""
    relation, said, turned = KINDS[number % len(KINDS)]
    one, other = NAMES[number % 8], NAMES[(number // 8 + number + 1) % 8]
    words = [one, said, other, "tour", str(number), split]
    places = [{"name": one, "pos": [0, 1]}, {"name": other, "pos": [2, 3]}]
    h, t = reversed(places) if turned else places
    return {"token": words, "h": h, "t": t, "img_id": f"{number}.jpg", "relation": relation}


def write_mnre(folder: Path, train: int = 160, val: int = 40) -> Path:
    """Write txt and captions of train and val; returns the folder."""
    for part in ("txt", "captions"):
        (folder / part).mkdir(parents=True)
    for split, count in (("train", train), ("val", val)):
        lines = [line(n, split) for n in range(count)]
        text = "\n".join(map(repr, lines)) + "\n"
        (folder / "txt" / f"ours_{split}.txt").write_text(text, "utf-8")
        captions = [
            json.dumps({"img_id": x["img_id"], "llavanext": f"a {KINDS[n % len(KINDS)][1]}"})
            for n, x in enumerate(lines)
        ]
        (folder / "captions" / f"{split}.jsonl").write_text("\n".join(captions) + "\n", "utf-8")
    return folder


def tiny_preset(path: Path, encoder: Path) -> Path:
    """A preset file for a tiny local text encoder and no vision encoder."""
    path.write_text(
        f'title = "Tiny"\n[model]\ntext_encoder = "{encoder}"\nvision_encoder = "none"\n'
        "shared_layers = 1\npair_width = 32\nlora_rank = 4\nnone_vectors = 2\n"
        "picture_text_window = 8\ndropout = 0.0\n"
        "[train]\nepochs = 2\nbatch = 16\nencoder_rate = 5e-3\nhead_rate = 5e-3\n",
        "utf-8",
    )
    return path
