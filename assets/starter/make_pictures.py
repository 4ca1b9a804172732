"""Make the pictures of the starter set: ``python assets/starter/make_pictures.py``.

Photographs are taken from the installed packages scikit-image, scikit-learn and matplotlib (see
README.md for who took them); everything else is painted by the scenes beside this file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import scenes_people as people
import scenes_things as things
from drawing import WIDTH
from PIL import Image, ImageOps

PICTURES = Path(__file__).resolve().parent / "pictures"
QUALITY = 80

PHOTOGRAPHS: dict[str, tuple[str, str]] = {
    "astronaut": ("skimage", "data/astronaut.png"),
    "cameraman": ("skimage", "data/camera.png"),
    "coffee": ("skimage", "data/coffee.png"),
    "cat": ("skimage", "data/chelsea.png"),
    "rocket": ("skimage", "data/rocket.jpg"),
    "deep_field": ("skimage", "data/hubble_deep_field.jpg"),
    "coins": ("skimage", "data/coins.png"),
    "tower": ("sklearn", "datasets/images/china.jpg"),
    "dahlia": ("sklearn", "datasets/images/flower.jpg"),
    "hopper": ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
}

SCENES: dict[str, Callable[[], Image.Image]] = {
    scene.__name__: scene
    for scene in (
        people.band_stage,
        people.singer,
        people.podium,
        people.family,
        people.twins,
        people.graduation,
        people.pitch,
        people.tactics,
        people.wedding,
        things.province_map,
        things.logo_board,
        things.trophy,
        things.newspaper,
        things.welcome_sign,
        things.houses,
        things.rings,
        things.temple,
        things.headquarters,
        things.film_poster,
        things.summit,
        things.jersey,
        things.rebrand,
        things.album,
        things.harbour,
    )
}


def photograph(package: str, inside: str) -> Image.Image:
    """A photograph from an installed package, ``WIDTH`` pixels wide, grey ones as RGB."""
    from importlib.util import find_spec

    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"Expected the package {package}. Found none. Install it and start again.")
    with Image.open(Path(spec.origin).parent / inside) as opened:
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    height = round(picture.height * WIDTH / picture.width)
    return picture.resize((WIDTH, height), Image.Resampling.LANCZOS)


def make(folder: Path = PICTURES) -> list[Path]:
    """Write every picture into ``folder`` and return their paths, sorted."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {name: photograph(*place) for name, place in PHOTOGRAPHS.items()}
    made |= {name: scene() for name, scene in SCENES.items()}
    for name, picture in made.items():
        picture.save(folder / f"{name}.jpg", quality=QUALITY, optimize=True)
    return sorted(folder / f"{name}.jpg" for name in made)


if __name__ == "__main__":
    for path in make():
        print(path.name, path.stat().st_size)
