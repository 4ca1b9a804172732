"""Picture files of every kind and every kind of damage, through the real decoder."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from roc_core.datasets import pictures
from roc_core.datasets.pictures import check_picture, open_picture
from roc_core.errors import PictureMissing, PictureRejected

FORMATS = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp", "GIF": ".gif"}


def _saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def _striped(width: int = 6, height: int = 4) -> Image.Image:
    """Left half red, right half blue: orientation shows."""
    picture = Image.new("RGB", (width, height), "blue")
    picture.paste("red", (0, 0, width // 2, height))
    return picture


def _png_header(width: int, height: int) -> bytes:
    """A PNG that declares a size and holds no pixels worth the name."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + chunk(b"IDAT", zlib.compress(b"\0" * 64))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_is_known_by_its_content_not_its_name(kind: str) -> None:
    data = _saved(_striped(), kind)
    checked = check_picture(data, "holiday.txt")
    assert (checked.suffix, checked.width, checked.height) == (FORMATS[kind], 6, 4)
    assert checked.sha256 == hashlib.sha256(data).hexdigest()
    assert checked.data == data
    assert open_picture(data).mode == "RGB"


def _animated() -> bytes:
    frames = [Image.new("RGB", (5, 5), colour) for colour in ("red", "lime", "blue")]
    return _saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50)


def _animated_webp() -> bytes:
    frames = [Image.new("RGB", (5, 5), colour) for colour in ("red", "lime")]
    return _saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)


@pytest.mark.parametrize("data", [_animated(), _animated_webp()], ids=["gif", "webp"])
def test_the_first_frame_of_an_animation_is_taken(data: bytes) -> None:
    assert open_picture(data).getpixel((2, 2)) == (255, 0, 0)


def test_a_gif_may_be_cut_after_its_first_frame_but_not_inside_it() -> None:
    data = _saved(Image.effect_noise((64, 64), 80).convert("P"), "GIF")
    with pytest.raises(PictureRejected, match="ends early or is damaged inside"):
        check_picture(data[: len(data) // 2], "cut.gif")


@pytest.mark.parametrize(
    ("orientation", "size", "top_left", "bottom_right"),
    [
        (1, (6, 4), "red", "blue"),
        (2, (6, 4), "blue", "red"),
        (3, (6, 4), "blue", "red"),
        (4, (6, 4), "red", "blue"),
        (5, (4, 6), "red", "blue"),
        (6, (4, 6), "red", "blue"),
        (7, (4, 6), "blue", "red"),
        (8, (4, 6), "blue", "red"),
    ],
)
def test_exif_orientation_is_applied(
    orientation: int, size: tuple[int, int], top_left: str, bottom_right: str
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = _saved(_striped(), "PNG", exif=exif.tobytes())
    picture = open_picture(data)
    checked = check_picture(data, "turned.png")
    colours = {"red": (255, 0, 0), "blue": (0, 0, 255)}
    assert picture.size == size == (checked.width, checked.height)
    assert picture.getpixel((0, 0)) == colours[top_left]
    assert picture.getpixel((size[0] - 1, size[1] - 1)) == colours[bottom_right]


def test_orientation_agrees_with_pillow_on_every_pixel() -> None:
    from PIL import ImageOps

    noise = Image.effect_noise((5, 3), 90).convert("RGB")
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        data = _saved(noise, "PNG", exif=exif.tobytes())
        expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
        assert open_picture(data).tobytes() == expected.tobytes()


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_broken_exif_does_not_cost_the_picture() -> None:
    data = _saved(_striped(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xffgarbage")
    assert open_picture(data).size == (6, 4)


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_transparent_pixels_become_white(mode: str) -> None:
    assert open_picture(_saved(Image.new(mode, (2, 2), 0))).getpixel((1, 1)) == (255, 255, 255)


def test_a_transparent_palette_entry_becomes_white_and_the_others_stay() -> None:
    picture = Image.new("P", (2, 1))
    picture.putpalette([10, 20, 30, 200, 100, 50] + [0] * 750)
    picture.putpixel((1, 0), 1)
    for kind in ("PNG", "GIF"):
        opened = open_picture(_saved(picture, kind, transparency=0))
        assert opened.getpixel((0, 0)) == (255, 255, 255)
        assert opened.getpixel((1, 0)) == (200, 100, 50)


def test_sixteen_bit_grey_is_scaled_not_clipped() -> None:
    grey = np.array([[0, 32768, 65535]], dtype=np.uint16)
    opened = open_picture(_saved(Image.fromarray(grey)))
    assert [opened.getpixel((x, 0)) for x in range(3)] == [(0,) * 3, (128,) * 3, (255,) * 3]


def test_cmyk_becomes_rgb() -> None:
    opened = open_picture(_saved(Image.new("CMYK", (8, 8), (0, 0, 0, 0)), "JPEG"))
    assert opened.mode == "RGB"
    assert min(opened.getpixel((4, 4))) > 245  # no ink is white  # type: ignore[type-var]


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_one_pixel_is_a_picture(mode: str) -> None:
    checked = check_picture(_saved(Image.new(mode, (1, 1))), "dot.png")
    assert (checked.width, checked.height) == (1, 1)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "'x.png' is empty (0 bytes)"),
        (b"hello, I am not a picture", "'x.png' is a text file"),
        ("прив".encode() * 1100, "'x.png' is a text file"),
        (b"<?xml version='1.0'?><svg></svg>", "'x.png' is an SVG drawing"),
        (b"%PDF-1.7 \x00", "'x.png' is a PDF document"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "'x.png' is a HEIC picture"),
        (b"\x00\x01\x02\x03" * 9, "'x.png' is a file of another kind"),
        (_saved(_striped(), "BMP"), "'x.png' is a BMP picture"),
        (_saved(_striped(), "TIFF"), "'x.png' is a TIFF picture"),
        (b"\x89PNG\r\n\x1a\n", "'x.png' is one whose header cannot be read"),
        (_saved(_striped(40, 40))[:-40], "'x.png' is one that ends early or is damaged inside"),
    ],
)
def test_each_wrong_file_gets_its_own_message(data: bytes, words: str) -> None:
    with pytest.raises(PictureRejected) as caught:
        check_picture(data, "x.png")
    assert caught.value.found.startswith(words)
    assert caught.value.expected
    assert caught.value.todo.endswith(".")


@pytest.mark.parametrize("kind", FORMATS)
def test_a_truncated_file_is_called_damaged(kind: str) -> None:
    data = _saved(Image.effect_noise((80, 80), 90).convert("RGB"), kind)
    with pytest.raises(PictureRejected, match=r"undamaged picture file\. Found 'cut\.bin'"):
        check_picture(data[: len(data) * 2 // 3], "cut.bin")


def test_a_bomb_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_: object) -> None:
        raise AssertionError("the picture was decoded")

    monkeypatch.setattr(pictures.PngImageFile, "load", explode)
    with pytest.raises(PictureRejected) as caught:
        check_picture(_png_header(60_000, 60_000), "bomb.png")
    assert caught.value.found == "'bomb.png' declares 60000 × 60000 pixels"
    assert caught.value.expected == "a picture of at most 60 million pixels"


def test_a_gif_frame_larger_than_its_screen_is_a_bomb_too() -> None:
    data = bytearray(_saved(_striped(), "GIF"))
    at = data.index(b"\x2c")  # image descriptor: left, top, width, height follow
    data[at + 5 : at + 9] = struct.pack("<HH", 65_535, 65_535)
    with pytest.raises(PictureRejected, match="at most 60 million pixels"):
        check_picture(bytes(data), "bomb.gif")


def test_pillows_own_limit_is_neither_changed_nor_needed() -> None:
    before = Image.MAX_IMAGE_PIXELS
    with pytest.raises(PictureRejected):
        check_picture(_png_header(30_000, 30_000), "bomb.png")
    assert before == Image.MAX_IMAGE_PIXELS


def test_twenty_megabytes_are_the_limit(tmp_path: Path) -> None:
    data = _saved(_striped())
    fits = data + b"\0" * (pictures.MAX_BYTES - len(data))
    assert check_picture(fits, "fits.png").width == 6
    (tmp_path / "large.png").write_bytes(fits + b"\0")
    for source in (lambda: check_picture(fits + b"\0", "large.png"), _opener(tmp_path)):
        with pytest.raises(PictureRejected, match=r"at most 20 MB\. Found 'large\.png' is larger"):
            source()


def _opener(folder: Path) -> Callable[[], Image.Image]:
    return lambda: open_picture(folder / "large.png")


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(PictureMissing, match=r"gone\.png\. Found no such file\."):
        open_picture(tmp_path / "gone.png")
    with pytest.raises(PictureRejected, match="Expected a readable picture file"):
        open_picture(tmp_path)


def test_a_name_cannot_break_the_message() -> None:
    with pytest.raises(PictureRejected) as caught:
        check_picture(b"", "a\nb\x1b[31m" + "c" * 200)
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 220


@given(
    kind=st.sampled_from(sorted(FORMATS)),
    width=st.integers(1, 40),
    height=st.integers(1, 40),
    mode=st.sampled_from(["1", "L", "P", "RGB"]),
)
def test_any_picture_keeps_its_size(kind: str, width: int, height: int, mode: str) -> None:
    picture = Image.effect_noise((width, height), 70).convert(mode)
    data = _saved(picture.convert("RGB") if kind in ("JPEG", "WEBP") else picture, kind)
    checked = check_picture(data, "x")
    assert (checked.width, checked.height) == (width, height)
    assert open_picture(data).size == (width, height)


@given(
    kind=st.sampled_from(sorted(FORMATS)),
    edits=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    keep=st.floats(0, 1),
)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_damage_gives_a_picture_or_a_named_error(
    kind: str, edits: list[tuple[float, int]], keep: float
) -> None:
    data = bytearray(_saved(_striped(24, 16), kind))
    for where, value in edits:
        data[int(where * len(data))] = value
    _picture_or_refusal(bytes(data[: round(keep * len(data))]))


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff"]),
)
def test_any_bytes_give_a_picture_or_a_named_error(body: bytes, head: bytes) -> None:
    _picture_or_refusal(head + body)


def _picture_or_refusal(data: bytes) -> None:
    """Any other exception than PictureRejected fails the test."""
    with suppress(PictureRejected):
        checked = check_picture(data, "x")
        assert open_picture(data).size == (checked.width, checked.height)
