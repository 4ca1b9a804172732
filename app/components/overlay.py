"""Pictures as they are shown: small, upright, with what moved the answer drawn on top."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from PIL import Image, ImageDraw, ImageOps

from app.components.boxes import COLOURS, Fit
from roc_core.schema import Box, Explanation, Mention, SeenConcept

FOR, AGAINST = (27, 120, 55), (123, 50, 148)
"""Ends of the diverging scale (green speaks for, purple against), as in the span marker."""
CONCEPT = (20, 20, 20)


@st.cache_data(max_entries=64, show_spinner=False)
def upright(path: str, width: int, height: int) -> Image.Image:
    """The picture with its EXIF orientation applied, at the given size."""
    with Image.open(Path(path)) as raw:
        return ImageOps.exif_transpose(raw).convert("RGB").resize((width, height))


@st.cache_data(max_entries=256, show_spinner=False)
def thumbnail(path: str, size: int = 160) -> Image.Image:
    """A square crop of the picture's middle."""
    with Image.open(Path(path)) as raw:
        return ImageOps.fit(ImageOps.exif_transpose(raw).convert("RGB"), (size, size))


def explained(
    picture: Image.Image,
    fit: Fit,
    explanation: Explanation,
    concepts: Sequence[SeenConcept],
    mentions: Sequence[Mention],
) -> Image.Image:
    """The picture with cells coloured by share, the concept words' places and mention boxes."""
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    scale = picture.width / fit.width
    cells = [s for s in explanation.shares if s.kind == "cell" and isinstance(s.place, Box)]
    most = max((abs(s.share) for s in cells), default=0.0)
    for share in cells:
        strength = abs(share.share) / most if most else 0.0
        colour = FOR if share.share >= 0 else AGAINST
        draw.rectangle(_corners(share.place, scale), fill=(*colour, round(170 * strength)))
    for concept in concepts:
        for box in concept.boxes[:1]:
            _tag(draw, _corners(box, scale), concept.word, CONCEPT, 1)
    for slot, mention in enumerate(mentions):
        if isinstance(mention.place, Box):
            colour = tuple(int(COLOURS[slot][i : i + 2], 16) for i in (1, 3, 5))
            _tag(draw, _corners(mention.place, scale), str(slot + 1), colour, 3)
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def _corners(box: Box, scale: float) -> tuple[float, float, float, float]:
    return (box.left * scale, box.top * scale, box.right * scale, box.bottom * scale)


def _tag(
    draw: ImageDraw.ImageDraw,
    corners: tuple[float, float, float, float],
    text: str,
    colour: tuple[int, ...],
    width: int,
) -> None:
    """An outlined rectangle with a white-on-colour tag in its upper left corner."""
    draw.rectangle(corners, outline=(255, 255, 255, 230), width=width + 2)
    draw.rectangle(corners, outline=(*colour, 255), width=width)
    where = (corners[0] + 3, corners[1] + 2)
    left, top, right, bottom = draw.textbbox(where, text)
    draw.rectangle((left - 3, top - 2, right + 3, bottom + 2), fill=(*colour, 255))
    draw.text(where, text, fill=(255, 255, 255, 255))
