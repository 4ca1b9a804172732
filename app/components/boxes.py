"""Drawing boxes on a picture: the one place that knows ``streamlit-drawable-canvas``.

The canvas has exactly the picture's shape, so source pixels = canvas pixels * picture width /
canvas width, without margins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image

from roc_core.schema import Box

COLOURS = ("#0b63b6", "#b45309")
Boxes = tuple[Box | None, Box | None]
SMALLEST = 4.0
"""Canvas pixels; a smaller drag is a click that slipped."""
STROKE = 3


@dataclass(frozen=True, slots=True)
class Fit:
    """How a picture of ``width`` x ``height`` source pixels is shown."""

    width: int
    height: int
    shown_width: int
    shown_height: int

    @property
    def scale(self) -> float:
        """Canvas pixels per source pixel."""
        return self.shown_width / self.width

    def to_source(self, raw: Mapping[str, float]) -> Box | None:
        """A canvas rectangle as a box inside the picture; None when nothing is left of it."""
        x, y = self.width / self.shown_width, self.height / self.shown_height
        left, top = max(raw["left"], 0.0), max(raw["top"], 0.0)
        right = min(raw["left"] + raw["width"], float(self.shown_width))
        bottom = min(raw["top"] + raw["height"], float(self.shown_height))
        if right - left < SMALLEST or bottom - top < SMALLEST:
            return None
        return Box(*(round(v, 1) for v in (left * x, top * y, right * x, bottom * y)))

    def to_canvas(self, box: Box, label: str) -> dict[str, object]:
        """A box as the canvas draws it."""
        x, y = self.shown_width / self.width, self.shown_height / self.height
        return {
            "label": label,
            "left": box.left * x,
            "top": box.top * y,
            "width": (box.right - box.left) * x,
            "height": (box.bottom - box.top) * y,
        }


def fit(width: int, height: int, most_width: int, most_height: int) -> Fit:
    """The largest size within the limits that keeps the picture's shape."""
    scale = min(most_width / width, most_height / height)
    return Fit(width, height, max(round(width * scale), 1), max(round(height * scale), 1))


def drawing_of(boxes: Sequence[Box | None], fit: Fit) -> dict[str, object]:
    """The canvas drawing that shows the boxes of both mentions, numbered and coloured."""
    # Imported late: the canvas registers itself and needs a running Streamlit for it.
    from streamlit_drawable_canvas import boxes_to_drawing

    objects: list[object] = []
    for slot, box in enumerate(boxes):
        if box is not None:
            raw = fit.to_canvas(box, str(slot + 1))
            drawing = boxes_to_drawing([raw], stroke_color=COLOURS[slot], stroke_width=STROKE)
            objects += drawing["objects"]
    return {"objects": objects}


def canvas(
    picture: Image.Image, fit: Fit, boxes: Sequence[Box | None], active: int, key: str
) -> tuple[Boxes, bool]:
    """Draw the picture with both boxes; return the boxes after the last drag.

    A new box counts for mention ``active`` and takes the place of that mention's old one. The
    second value says whether the canvas shows rectangles that do not count (replaced, too small)
    and should be drawn anew.
    """
    from streamlit_drawable_canvas import st_canvas

    result = st_canvas(
        fill_color="rgba(0, 0, 0, 0)",
        stroke_width=STROKE,
        stroke_color=COLOURS[active],
        background_image=picture,
        background_image_fit="contain",
        drawing_mode="labeled_rect",
        initial_drawing=drawing_of(boxes, fit),
        width=fit.shown_width,
        height=fit.shown_height,
        font_size=14,
        label=str(active + 1),
        key=key,
    )
    found: list[Box | None] = [None, None]
    for raw in result.boxes:
        box = fit.to_source(raw)
        if box is not None and raw["label"] in ("1", "2"):
            found[int(raw["label"]) - 1] = box
    extra = len(result.boxes) > sum(box is not None for box in found)
    return (found[0], found[1]), extra


def close(a: Box | None, b: Box | None, fit: Fit) -> bool:
    """Whether two boxes are the same one, give or take a pixel on screen."""
    if a is None or b is None:
        return a is b
    pairs = ((a.left, b.left), (a.top, b.top), (a.right, b.right), (a.bottom, b.bottom))
    return all(abs(p - q) <= 1.5 / fit.scale for p, q in pairs)
