"""MORE's object boxes: ``ent_<split>_dict.pth``, read so that nothing in the file can run."""

from __future__ import annotations

import math
import pickle
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from roc_core.datasets.base import is_file, opened
from roc_core.errors import DataSetInvalid, DataSetMissing
from roc_core.schema import Box

SIZE_LIMIT = 500_000_000
"""Bytes a box file may have."""

Boxes = Mapping[str, Mapping[str, Any]]
"""Picture name → object name → (centre x, centre y, width, height), each 0..1 of the picture."""

_ALLOWED: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("builtins", "dict"): dict,
    ("builtins", "list"): list,
    ("builtins", "tuple"): tuple,
}
_TODO = "Get the file again from its publisher; do not open it with other tools."


class _PlainUnpickler(pickle.Unpickler):
    """Builds dicts, lists, tuples, text and numbers; refuses everything else by name."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return _ALLOWED[module, name]

    def persistent_load(self, pid: Any) -> Any:
        raise pickle.UnpicklingError("it refers to data outside the file")


def read_boxes(path: Path) -> Boxes:
    """The boxes by picture and object.

    Files of ``torch.save`` are read by torch's restricted loader (``weights_only=True``), plain
    pickles by an unpickler that knows dict, list, tuple, OrderedDict, text and numbers only.
    Raises DataSetMissing without a file, DataSetInvalid for one that is unsafe, damaged, larger
    than 500 MB or of another form.
    """
    if not is_file(path):
        raise DataSetMissing(
            f"the boxes of MORE's objects in {path.name}",
            f"no such file in {path.parent}",
            "Put it beside the folder txt, as MORE is published.",
        )
    if path.stat().st_size > SIZE_LIMIT:
        raise _invalid(path, f"a file over {SIZE_LIMIT:,} bytes")
    with opened(path) as file:
        loaded = _load(path, file)
    if not isinstance(loaded, Mapping) or not all(
        isinstance(name, str) and isinstance(objects, Mapping) for name, objects in loaded.items()
    ):
        raise _invalid(path, "values of another form")
    return loaded


def _load(path: Path, file: IO[bytes]) -> Any:
    head = file.read(64)
    file.seek(0)
    # torch.save writes a zip; before torch 1.6 a pickle that starts with this number.
    from_torch = head.startswith(b"PK") or b"\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19" in head
    load: Callable[[IO[bytes]], Any] = _load_torch if from_torch else _load_plain
    try:
        return load(file)
    except Exception as error:  # damaged pickles raise nearly anything
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise _invalid(path, f"a file that was not loaded: {reason[0][:200]}") from None


def _load_torch(file: IO[bytes]) -> Any:
    import torch

    return torch.load(file, map_location="cpu", weights_only=True)


def _load_plain(file: IO[bytes]) -> Any:
    return _PlainUnpickler(file).load()


def _invalid(path: Path, found: str) -> DataSetInvalid:
    expected = "a dict of pictures, objects and boxes of four numbers, without any code"
    return DataSetInvalid(f"{expected} in {path.name}", found, _TODO)


def pixel_box(value: object, width: int, height: int) -> Box:
    """(centre x, centre y, width, height) as shares of the picture → a box in its pixels.

    Parts outside the picture are cut off: rounding puts edges a hair over the border. Raises
    ValueError when these are not four finite numbers; ValueRejected when nothing is left.
    """
    try:
        cx, cy, w, h = (float(v) for v in value)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        raise ValueError("four numbers") from None
    if not all(math.isfinite(v) for v in (cx, cy, w, h)):
        raise ValueError("four finite numbers")
    return Box(
        max(0.0, (cx - w / 2) * width),
        max(0.0, (cy - h / 2) * height),
        min(float(width), (cx + w / 2) * width),
        min(float(height), (cy + h / 2) * height),
    )
