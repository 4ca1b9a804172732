"""Drawing any number of boxes on a picture, each with the number of its mention."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from app.components.boxes import STROKE, Fit, close
from roc_core.schema import Box

COLOUR = "#5b6b7a"


def canvas(
    picture: Image.Image, fit: Fit, boxes: Sequence[tuple[int, Box]], number: int, key: str
) -> tuple[Box, ...]:
    """Draw the picture with numbered boxes; return the boxes after the last drag.

    A new box is labelled ``number``. The first drawing of a ``key`` stays the same.
    """
    from streamlit_drawable_canvas import boxes_to_drawing, st_canvas

    objects: list[object] = []
    for own, box in boxes:
        raw = fit.to_canvas(box, str(own))
        objects += boxes_to_drawing([raw], stroke_color=COLOUR, stroke_width=STROKE)["objects"]
    result = st_canvas(
        fill_color="rgba(0, 0, 0, 0)",
        stroke_width=STROKE,
        stroke_color=COLOUR,
        background_image=picture,
        background_image_fit="contain",
        drawing_mode="labeled_rect",
        initial_drawing={"objects": objects},
        width=fit.shown_width,
        height=fit.shown_height,
        font_size=14,
        label=str(number),
        key=key,
    )
    found = (fit.to_source(raw) for raw in result.boxes)
    return tuple(box for box in found if box is not None)


def matched(drawn: Sequence[Box], known: Sequence[Box], fit: Fit) -> tuple[Box, ...]:
    """The drawn boxes; one that lies where a known one does, give or take a pixel on screen, is
    that one."""
    return tuple(next((k for k in known if close(k, box, fit)), box) for box in drawn)
