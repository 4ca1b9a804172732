"""Training pairs that have a real picture: it is read, mixed with text, and learnt from."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from roc_core.encoders.vision import VisionEncoder
from roc_core.errors import PictureMissing
from roc_core.evaluation.report import answer, gold_of, score_records
from roc_core.model.inputs import CONCEPT, PICTURE_TEXT
from roc_core.model.reader import Hidden, PairReader
from roc_core.retrieval import RelationRetriever, readings
from roc_core.schema import ENTITY_TYPES, Box, Mention, Record
from roc_core.training.batches import TrainingPair, drawn
from roc_core.training.prepare import prepare
from roc_core.training.trainer import train_version
from tests.fakes_vision import FakeConceptEncoder, FakePatchEncoder
from tests.tiny import tiny_text_encoder
from tests.training.made import LIVES, MEMBER, NAMES, catalogue, preset, record, records

RED, BLUE = (230, 20, 20), (20, 20, 230)


@pytest.fixture(scope="module")
def colours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A red and a blue picture, and one that is half of each."""
    folder = tmp_path_factory.mktemp("colours")
    both = Image.new("RGB", (60, 40), RED)
    both.paste(BLUE, (30, 0, 60, 40))
    made = {"red": Image.new("RGB", (60, 40), RED), "both": both}
    made["blue"] = Image.new("RGB", (60, 40), BLUE)
    for name, picture in made.items():
        picture.save(folder / f"{name}.png")
    return {name: folder / f"{name}.png" for name in made}


def with_picture(found: Record, picture: Path | None, text: str = "") -> Record:
    return replace(found, example=replace(found.example, picture=picture, picture_text=text))


def boxed(found: Record, picture: Path, box: Box) -> Record:
    """The same pair with a box for its second mention."""
    mentions = (found.example.first, Mention(box))
    return replace(found, example=replace(found.example, mentions=mentions, picture=picture))


def prepared(found: list[Record], vision: VisionEncoder | None) -> list[TrainingPair]:
    settings = (
        replace(preset().model, patch_width=3) if vision and vision.kind == "patches" else None
    )
    model = settings or preset().model
    reader = PairReader(tiny_text_encoder(), vision, model)
    every = readings(catalogue())
    names = ("band", "tour", "red")
    return prepare(found, reader, every, catalogue(), model, names, lambda *_: None, False)[0]


def kinds(item: TrainingPair, draws: int = 400, **settings: float) -> Counter[tuple[int, ...]]:
    rng = random.Random(0)
    seen = (drawn(item, preset(**settings).train, rng) for _ in range(draws))
    return Counter(tuple(sorted(set(p.kinds.tolist()))) for p in seen)


def test_a_real_picture_takes_the_place_of_simulated_words(colours: dict[str, Path]) -> None:
    found = [with_picture(records()[0], p, "a tour") for p in (colours["red"], None)]
    real, simulated = prepared(found, FakeConceptEncoder())
    assert real.seen is not None
    assert simulated.seen is None
    reader = PairReader(tiny_text_encoder(), None, preset().model)
    assert torch.equal(real.seen.evidence[0], reader.words_of(["red"])[0])
    assert real.pair.kinds.tolist() == simulated.pair.kinds.tolist()
    assert set(real.pair.kinds.tolist()) == {PICTURE_TEXT}
    shares = kinds(real, picture_dropout=0.0)
    assert set(shares) == {(PICTURE_TEXT,), (CONCEPT,), (CONCEPT, PICTURE_TEXT)}
    assert shares[PICTURE_TEXT,] == pytest.approx(200, abs=40)


def test_a_picture_without_text_is_drawn_whenever_it_is_not_left_out(
    colours: dict[str, Path],
) -> None:
    (item,) = prepared([with_picture(records()[0], colours["red"])], FakeConceptEncoder())
    assert set(kinds(item, picture_dropout=0.0)) == {(CONCEPT,)}
    assert set(kinds(item, picture_dropout=1.0)) == {()}
    assert kinds(item, picture_dropout=0.3)[()] == pytest.approx(120, abs=35)


def test_stated_types_are_trained_on_as_they_are(colours: dict[str, Path]) -> None:
    every = records()
    first, second = every[0].example.mentions
    stated = replace(every[0].example, mentions=(replace(first, type="organization"), second))
    model = preset().model
    found, tagger = prepare(
        [replace(every[0], example=stated), *every[1:]],
        PairReader(tiny_text_encoder(), None, model), readings(catalogue()), catalogue(), model,
        (), lambda *_: None,
    )  # fmt: skip
    assert tagger is not None
    given, read = found[0].pair.types
    assert given.tolist() == [float(t == "organization") for t in ENTITY_TYPES]
    assert 0 < float(read.max()) < 1, "cross-fitted"
    assert all(float(p.pair.types.max()) < 1 for p in found[1:])


def test_without_a_vision_encoder_pictures_are_not_opened(tmp_path: Path) -> None:
    (item,) = prepared([with_picture(records()[0], tmp_path / "gone.png", "a tour")], None)
    assert item.seen is None
    assert len(item.concepts) == 3


def test_a_picture_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(PictureMissing, match=r"gone\.png"):
        prepared([with_picture(records()[0], tmp_path / "gone.png")], FakeConceptEncoder())


@pytest.mark.parametrize("vision", [FakeConceptEncoder(), FakePatchEncoder()], ids=lambda v: v.kind)
def test_a_left_out_picture_takes_its_box_and_patches_along(
    vision: VisionEncoder, colours: dict[str, Path]
) -> None:
    (item,) = prepared([boxed(records()[0], colours["both"], Box(0, 0, 30, 40))], vision)
    gone = drawn(item, preset(picture_dropout=1.0).train, random.Random(0))
    kept = drawn(item, preset(picture_dropout=0.0).train, random.Random(0))
    for part in ("mentions", "box_patches", "boxes"):
        assert getattr(gone, part)[1].abs().sum() == 0, part
    assert kept.boxes[1].tolist() == pytest.approx([0.25, 0.5, 0.5, 1.0, 1.0])
    assert len(gone.evidence) + len(gone.patches) == 0
    assert len(kept.evidence) + len(kept.patches) > 0
    inside = kept.mentions[1] if vision.kind == "concepts" else kept.box_patches[1]
    assert inside.abs().sum() > 0


def test_unknown_types_are_unknown_with_the_picture_too(colours: dict[str, Path]) -> None:
    (item,) = prepared([with_picture(records()[0], colours["red"])], FakeConceptEncoder())
    item.pair.types[:] = 0.25
    kept = drawn(item, preset(type_dropout=0.0).train, random.Random(0))
    gone = drawn(item, preset(type_dropout=1.0).train, random.Random(0))
    assert kept.types.tolist() == item.pair.types.tolist()
    assert gone.types.abs().sum() == 0
    assert len(kept.kinds) == len(gone.kinds) > 0


def decided_by_box(picture: Path) -> list[Record]:
    """Each sentence twice with one picture: member where the box is on the picture's red half,
    lives in where it is on the blue one."""
    halves = ((MEMBER, Box(0, 0, 30, 40)), (LIVES, Box(30, 0, 60, 40)))
    found = []
    for number, name in enumerate(NAMES * 2):
        said = f"{name} is with zz on a tour {'a ' * (number // len(NAMES))}"
        for relation, half in halves:
            found.append(boxed(record(said, name, "zz", relation, "forward"), picture, half))
    return found


@pytest.mark.parametrize("vision", [FakeConceptEncoder(), FakePatchEncoder()], ids=lambda v: v.kind)
def test_what_only_the_box_tells_is_learnt(vision: VisionEncoder, colours: dict[str, Path]) -> None:
    found = decided_by_box(colours["both"])
    rates = {"patience": 8, "encoder_rate": 2e-2, "head_rate": 1e-2, "picture_dropout": 0.1}
    made = preset(epochs=40, **rates)
    change = {"patch_width": 3} if vision.kind == "patches" else {"concepts": 1}
    made = replace(made, model=replace(made.model, **change))
    done = train_version(
        found[:32], found[32:], tiny_text_encoder(), catalogue(), made, name="x", vision=vision
    )
    reader = PairReader(tiny_text_encoder(), vision, made.model, done.version.tagger)
    retriever = RelationRetriever(reader, done.version, catalogue())
    gold = gold_of(found[32:])
    shares = []
    for hide in (Hidden(), Hidden(picture=True)):
        best = answer(retriever, score_records(retriever, found[32:], hide=hide), gold).best
        shares.append(sum(b == g for b, g in zip(best, gold, strict=True)) / len(gold))
    assert shares[0] == 1.0
    assert shares[1] <= 0.5
