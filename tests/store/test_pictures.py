from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from roc_core.errors import PictureMissing, ValueRejected
from roc_core.schema import Picture, Record
from roc_core.store import Store


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_picture_is_stored_once(store: Store) -> None:
    data, sha = b"\x00picture\xff", _sha(b"\x00picture\xff")
    first = store.put_picture(sha, data, ".jpg", 640, 480)
    assert first.path == store.folder / "pictures" / sha[:2] / f"{sha}.jpg"
    assert first.path.read_bytes() == data
    assert (first.width, first.height) == (640, 480)
    assert store.put_picture(sha, data, ".jpeg", 640, 480) == first
    files = [path for path in (store.folder / "pictures").rglob("*") if path.is_file()]
    assert files == [first.path]
    assert store.pictures() == (first,)
    assert store.picture(sha) == first


@pytest.mark.parametrize("damage", [None, b"short"])
def test_a_lost_or_cut_file_is_written_again(store: Store, damage: bytes | None) -> None:
    picture = store.put_picture(_sha(b"data"), b"data", ".png", 2, 2)
    picture.path.unlink()
    with pytest.raises(PictureMissing, match=r"the picture's file .*Add the same picture again"):
        store.picture(picture.sha256)
    if damage:
        picture.path.write_bytes(damage)
    assert store.put_picture(picture.sha256, b"data", ".png", 2, 2) == picture
    assert picture.path.read_bytes() == b"data"


@pytest.mark.parametrize(
    ("sha", "suffix", "size", "message"),
    [
        (_sha(b"other"), ".png", (1, 1), "the SHA-256 of the picture's bytes"),
        (_sha(b"data").upper(), ".png", (1, 1), "in lower-case hex digits"),
        (_sha(b"data"), "/../x.png", (1, 1), "a file ending such as .jpg"),
        (_sha(b"data"), "png", (1, 1), "a file ending such as .jpg"),
        (_sha(b"data"), ".png", (0, 1), "a width and height above 0 pixels"),
    ],
)
def test_what_is_rejected(
    store: Store, sha: str, suffix: str, size: tuple[int, int], message: str
) -> None:
    with pytest.raises(ValueRejected, match=message):
        store.put_picture(sha, b"data", suffix, *size)
    assert store.pictures() == ()
    assert not (store.folder / "pictures").exists()


def test_unknown_picture(store: Store) -> None:
    with pytest.raises(PictureMissing, match=r"a stored picture abc\. Found none\. Add the"):
        store.picture("abc")
    assert store.picture_text("abc") == ""


def test_pictures_page_in_order_of_arrival(
    store: Store, add_picture: Callable[[bytes], Picture]
) -> None:
    made = [add_picture(b"%d" % n) for n in range(7)]
    assert list(store.pictures(limit=3)) == made[:3]
    assert list(store.pictures(limit=3, offset=5)) == made[5:]


def test_picture_text_is_that_of_the_first_item_that_has_one(
    store: Store, make: Callable[..., Record], add_picture: Callable[[bytes], Picture]
) -> None:
    sha = add_picture(b"x").sha256
    store.save_item(make(line=1), sha)
    assert store.picture_text(sha) == ""
    store.save_item(make(line=2, text="a hat 🎩"), sha)
    store.save_item(make(line=3, text="a cat"), sha)
    assert store.picture_text(sha) == "a hat 🎩"
