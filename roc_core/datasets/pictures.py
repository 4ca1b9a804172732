"""Picture files: checked by content before they are kept, opened as plain RGB.

Nothing here trusts a file's name, and nothing is decoded before the header's size was checked.
Pillow's format classes are called directly instead of ``Image.open``: they do not consult
Pillow's process-wide pixel limit, so this module neither needs nor changes global state.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from roc_core.errors import PictureMissing, PictureRejected

MAX_BYTES = 20 * 1024 * 1024
"""Largest file, in bytes (20 MB)."""
MAX_PIXELS = 60_000_000
"""Largest width times height; 60 million pixels need 240 MB when decoded with transparency."""

_ALLOWED = "a PNG, JPEG, WebP or GIF picture"
_CONVERT = "Open it in a picture program and save it as PNG or JPEG."

_OTHER_KINDS: tuple[tuple[bytes, int, str], ...] = (
    (b"BM", 0, "a BMP picture"),
    (b"II*\x00", 0, "a TIFF picture"),
    (b"MM\x00*", 0, "a TIFF picture"),
    (b"ftypheic", 4, "a HEIC picture"),
    (b"ftypheix", 4, "a HEIC picture"),
    (b"ftypmif1", 4, "a HEIF picture"),
    (b"ftypavif", 4, "an AVIF picture"),
    (b"ftyp", 4, "a video"),
    (b"%PDF", 0, "a PDF document"),
    (b"PK\x03\x04", 0, "a ZIP archive or office document"),
    (b"8BPS", 0, "a Photoshop file"),
)

# EXIF 2.32, tag 0x0112: how the stored rows and columns must be turned to stand upright.
_ORIENTATION_TAG = 0x0112
_TURN: dict[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class CheckedPicture:
    """A picture file that can be kept: its bytes as they came, and what they hold.

    ``sha256`` is the hex digest of ``data``; ``suffix`` follows the content (".png", ".jpg",
    ".webp", ".gif"); ``width`` and ``height`` are pixels after EXIF orientation.
    """

    sha256: str
    suffix: str
    width: int
    height: int
    data: bytes = field(repr=False)


def check_picture(data: bytes, name: str) -> CheckedPicture:
    """Check a picture file by decoding its first frame completely.

    ``name`` is only used in messages. Raises PictureRejected for a file that is empty, larger
    than MAX_BYTES, of another kind, larger than MAX_PIXELS or damaged.
    """
    suffix, picture = _decode(data, name)
    digest = hashlib.sha256(data).hexdigest()
    return CheckedPicture(digest, suffix, picture.width, picture.height, bytes(data))


def open_picture(source: Path | str | bytes) -> Image.Image:
    """The first frame of a picture file as RGB, EXIF orientation applied, transparency on white.

    ``source`` is a file path or the bytes of a file. Raises PictureMissing when there is no such
    file, PictureRejected as ``check_picture`` does.
    """
    if isinstance(source, bytes):
        return _decode(source, "the picture")[1]
    path = Path(source)
    return _decode(_read(path), path.name)[1]


@lru_cache(maxsize=4096)
def upright_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels after EXIF orientation, from the header alone.

    Raises OSError when there is no file, and nearly anything for a damaged header.
    """
    with Image.open(path) as stored:
        width, height = stored.size
        # Orientations 5 to 8 lie on their side.
        return (height, width) if _orientation(stored) in (5, 6, 7, 8) else (width, height)


def _read(path: Path) -> bytes:
    """At most MAX_BYTES + 1 bytes, so that an oversized file is refused without being read."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise PictureMissing(
            f"a picture file at {path}", "no such file", "Put the file back or choose another one."
        ) from error
    except OSError as error:
        raise PictureRejected(
            f"a readable picture file at {path}",
            error.strerror or type(error).__name__,
            "Check that it is a file and that this program may read it.",
        ) from error


def _decode(data: bytes, name: str) -> tuple[str, Image.Image]:
    """Suffix and upright RGB picture of a file's bytes."""
    label = _quoted(name)
    _check_length(data, label)
    suffix, opener = _kind(data, label)
    # Arbitrary bytes make Pillow raise almost any exception type (struct.error, KeyError,
    # SyntaxError, …), so everything below means "this file is damaged".
    try:
        stored = opener(io.BytesIO(data))
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(label, "a frame beyond any sensible size") from error
    except Exception as error:
        raise _damaged(label, "one whose header cannot be read") from error
    _check_pixels(stored, label)
    try:
        stored.load()
        turn = _TURN.get(_orientation(stored))
        upright = _on_white(stored)
    except Exception as error:
        raise _damaged(label, "one that ends early or is damaged inside") from error
    return suffix, upright if turn is None else upright.transpose(turn)


def _quoted(name: str) -> str:
    """A file name fit for a one-line message."""
    clean = "".join(c if c.isprintable() else "?" for c in name)
    return f"'{clean if len(clean) <= 80 else clean[:79] + '…'}'"


def _check_length(data: bytes, label: str) -> None:
    if not data:
        raise PictureRejected(
            _ALLOWED, f"{label} is empty (0 bytes)", "Save or download the picture again."
        )
    if len(data) > MAX_BYTES:
        raise PictureRejected(
            f"a picture file of at most {MAX_BYTES // 1024**2} MB",
            f"{label} is larger",
            "Save it smaller, for example as JPEG or at half its width.",
        )


def _kind(data: bytes, label: str) -> tuple[str, Callable[[io.BytesIO], ImageFile.ImageFile]]:
    """Suffix and reader for the content's signature."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png", PngImageFile
    if data.startswith(b"\xff\xd8\xff"):
        return ".jpg", JpegImageFile
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return ".gif", GifImageFile
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return ".webp", WebPImageFile
    raise PictureRejected(_ALLOWED, f"{label} is {_other_kind(data)}", _CONVERT)


def _other_kind(data: bytes) -> str:
    """What a file is that is none of the allowed pictures."""
    for signature, offset, kind in _OTHER_KINDS:
        if data[offset:].startswith(signature):
            return kind
    head = data[:4096]
    if b"\x00" not in head:
        # A cut code point at the end of the window must not hide that it is text.
        text = head.decode("utf-8", errors="ignore")
        if len(text.encode()) >= len(head) - 3:
            return "an SVG drawing" if "<svg" in text.lower() else "a text file"
    return "a file of another kind, whatever its name says"


def _check_pixels(stored: Image.Image, label: str) -> None:
    if stored.width < 1 or stored.height < 1:
        raise _damaged(label, f"one of {stored.width} × {stored.height} pixels")
    if stored.width * stored.height > MAX_PIXELS:
        raise _too_many_pixels(label, f"{stored.width} × {stored.height} pixels")


def _too_many_pixels(label: str, found: str) -> PictureRejected:
    return PictureRejected(
        f"a picture of at most {MAX_PIXELS // 1_000_000} million pixels",
        f"{label} declares {found}",
        "Scale it down and save it again.",
    )


def _damaged(label: str, found: str) -> PictureRejected:
    return PictureRejected(
        "a complete, undamaged picture file",
        f"{label} is {found}",
        "Save or download the picture again.",
    )


def _orientation(stored: Image.Image) -> int:
    """EXIF orientation 1..8; broken EXIF counts as none, because the pixels are still good."""
    try:
        return int(stored.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:
        return 1


def _on_white(stored: Image.Image) -> Image.Image:
    """Any mode of the four formats as RGB; what is transparent becomes white."""
    if stored.mode.startswith("I"):
        return _from_16_bit(stored)
    transparent = stored.mode in ("LA", "PA", "La", "RGBA", "RGBa")
    if transparent or "transparency" in stored.info:
        layer = stored.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(ground, layer).convert("RGB")
    return stored.convert("RGB")


def _from_16_bit(stored: Image.Image) -> Image.Image:
    """16-bit grey, 0..65535, scaled to 0..255 (Pillow's own conversion would clip at 255)."""
    grey = np.asarray(stored).astype(np.float32) * (255.0 / 65535.0)
    return Image.fromarray(np.rint(grey).clip(0, 255).astype(np.uint8)).convert("RGB")
