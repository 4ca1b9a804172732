"""Patches and places: what the reader gives, what the network makes of it, what hiding removes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from roc_core.encoders.vision import PictureEvidence, VisionEncoder
from roc_core.errors import ValueRejected
from roc_core.model.inputs import PairInput, collate
from roc_core.model.network import RetrievalNetwork
from roc_core.model.reader import Hidden, PairReader
from roc_core.model.sight import WAVES, Geometry, PatchReader, relations, waves
from roc_core.schema import Box, Example, Mention, Span
from tests.fakes_vision import FakeConceptEncoder, FakePatchEncoder
from tests.model.small import SENTENCE, SETTINGS, marked, small_network, small_reader, two_colours
from tests.tiny import tiny_text_encoder

SIGHTED = replace(SETTINGS, patch_width=3, box_geometry=True)
RED, BLUE = torch.tensor([1.0, 0, 0]), torch.tensor([0.0, 0, 1])
RIGHT = frozenset((r, c) for r in range(4) for c in range(3, 6))
LEFT = frozenset((r, c) for r in range(4) for c in range(3))
FIELDS = ("states", "mentions", "boxes", "evidence", "places", "patches", "patch_places")


class FakeBoth:
    """Concept words and patches of one picture."""

    kind: Literal["concepts", "patches"] = "patches"
    identity = "fake-both:0"
    width = 3

    def see(self, picture: Image.Image) -> PictureEvidence:
        """Colours as words, and as patches."""
        words, patches = FakeConceptEncoder().see(picture), FakePatchEncoder().see(picture)
        return replace(words, patches=patches.patches)


def reader_with(vision: VisionEncoder | None) -> PairReader:
    return PairReader(tiny_text_encoder(), vision, SIGHTED)


@pytest.fixture(scope="module")
def reader() -> PairReader:
    return reader_with(FakePatchEncoder())


@pytest.fixture(scope="module")
def network() -> RetrievalNetwork:
    return small_network(settings=SIGHTED)


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return two_colours(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def inputs(picture: Path) -> list[PairInput]:
    """Without a picture, with one, with words beside patches, with boxes."""
    both = reader_with(FakeBoth())
    plain = marked("Ana", "band")
    boxes = (Mention(Box(0, 0, 20, 20)), Mention(Box(35, 10, 60, 40)))
    return both.read(
        [
            plain,
            replace(plain, picture=picture),
            replace(plain, picture=picture, picture_text="the team played a part"),
            Example(SENTENCE, boxes, picture),
        ],
        [Hidden(), Hidden(cells=LEFT), Hidden(), Hidden()],
    )


def seen(reader: PairReader, example: Example, **hidden: Any) -> PairInput:
    return reader.read([example], [Hidden(**hidden)])[0]


def vectors(network: RetrievalNetwork, *pairs: PairInput) -> torch.Tensor:
    with torch.inference_mode():
        return network.pair(collate(pairs))


def boxed(picture: Path, box: Box) -> Example:
    return Example(SENTENCE, (Mention(box), Mention(Span(0, 3))), picture)


# --- what the reader gives -------------------------------------------------------------------


def test_every_cell_is_a_patch_with_its_place(reader: PairReader, picture: Path) -> None:
    pair = seen(reader, marked("Ana", "band", picture=picture))
    assert pair.patches.shape == (24, 3)
    assert torch.allclose(pair.patches[0], RED)
    assert torch.allclose(pair.patches[5], BLUE)
    assert pair.patch_places[0].tolist() == pytest.approx([1 / 12, 1 / 8, 1 / 6, 1 / 4, 1])
    assert pair.patch_places[23].tolist() == pytest.approx([11 / 12, 7 / 8, 1 / 6, 1 / 4, 1])
    assert len(pair) == len(pair.states) + 24
    assert len(pair.evidence) == 0
    assert not pair.box_patches.any()


def test_patches_of_hidden_cells_are_dropped(reader: PairReader, picture: Path) -> None:
    example = marked("Ana", "band", picture=picture)
    left = seen(reader, example, cells=RIGHT)
    assert len(left.patches) == 12
    assert (left.patch_places[:, 0] < 0.5).all()
    assert torch.allclose(left.patches, RED.expand(12, 3))
    assert len(seen(reader, example, cells=RIGHT | LEFT).patches) == 0


@pytest.mark.parametrize("vision", [None, FakeConceptEncoder(), FakePatchEncoder(), FakeBoth()])
def test_what_is_missing_is_empty(vision: VisionEncoder | None, picture: Path) -> None:
    pair = seen(reader_with(vision), boxed(picture, Box(0, 0, 30, 20)), picture=True)
    assert (pair.patches.shape, pair.patch_places.shape) == ((0, 3), (0, 5))
    assert not pair.box_patches.any()
    assert not pair.boxes.any()
    assert not seen(reader_with(None), boxed(picture, Box(0, 0, 9, 9))).box_patches.any()


def test_a_box_is_the_mean_of_its_patches_by_overlap(reader: PairReader, picture: Path) -> None:
    # Cells are 10 pixels wide: half of a red column and the whole of a blue one.
    pair = seen(reader, boxed(picture, Box(25, 0, 40, 40)))
    assert torch.allclose(pair.box_patches[1], (0.5 * RED + BLUE) / 1.5, atol=1e-6)
    assert not pair.box_patches[0].any()
    assert not pair.mentions[1].any()
    inside_one_cell = seen(reader, boxed(picture, Box(1, 1, 3, 3)))
    assert torch.allclose(inside_one_cell.box_patches[1], RED, atol=1e-6)


def test_a_hidden_box_shows_nothing(reader: PairReader, picture: Path) -> None:
    example = boxed(picture, Box(25, 0, 40, 40))
    assert not seen(reader, example, mentions=(False, True)).box_patches.any()
    assert torch.allclose(seen(reader, example, cells=RIGHT).box_patches[1], RED, atol=1e-6)
    assert not seen(reader, example, cells=RIGHT | LEFT).box_patches.any()
    assert seen(reader, example, cells=RIGHT | LEFT).boxes[1, 4] == 1


def test_a_hidden_concept_leaves_the_box_as_well(picture: Path) -> None:
    words = small_reader()
    example = boxed(picture, Box(0, 0, 30, 40))
    evidence = words.look(picture)
    assert evidence is not None
    inside = evidence.within(Box(0, 0, 30, 40)).concepts
    rest = [c for c in inside if c.word != "red"]
    assert len(rest) == len(inside) - 1
    weights = torch.tensor([c.weight for c in rest])
    mean = weights @ words.words_of([c.word for c in rest]) / weights.sum().clamp(min=1e-6)
    gone = seen(words, example, concepts=frozenset({"red"}))
    assert torch.allclose(gone.mentions[1], mean, atol=1e-6)
    assert not torch.allclose(gone.mentions[1], seen(words, example).mentions[1], atol=1e-3)
    every = frozenset(c.word for c in inside)
    assert not seen(words, example, concepts=every).mentions[1].any()


def test_words_and_patches_are_read_together(picture: Path) -> None:
    example = boxed(picture, Box(0, 0, 30, 40))
    both, words = seen(reader_with(FakeBoth()), example), seen(small_reader(), example)
    for field in ("mentions", "evidence", "places", "kinds", "boxes"):
        assert torch.equal(getattr(both, field), getattr(words, field)), field
    patches = seen(reader_with(FakePatchEncoder()), example)
    for field in ("patches", "patch_places", "box_patches"):
        assert torch.equal(getattr(both, field), getattr(patches, field)), field


def test_patches_of_another_width_are_refused() -> None:
    with pytest.raises(ValueRejected) as caught:
        PairReader(tiny_text_encoder(), FakePatchEncoder(), SETTINGS)
    assert str(caught.value) == (
        "Expected setting patch_width 3, the width of fake-patches:0. Found 0. "
        "Change the setting, or choose another vision encoder."
    )


def test_half_precision_becomes_single(inputs: list[PairInput]) -> None:
    batch = collate([replace(inputs[1], patches=inputs[1].patches.half()), inputs[0]])
    assert batch.patches.dtype == torch.float32
    assert batch.patches_seen.sum(1).tolist() == [12, 0]


# --- what the network makes of it ------------------------------------------------------------


def test_padding_changes_no_vector(network: RetrievalNetwork, inputs: list[PairInput]) -> None:
    together = vectors(network, *inputs)
    for row, pair in zip(together, inputs, strict=True):
        assert torch.allclose(row, vectors(network, pair)[0], atol=1e-5)


@pytest.mark.parametrize("field", ["patches", "patch_places", "box_patches", "boxes", "evidence"])
def test_every_part_of_a_picture_matters(
    network: RetrievalNetwork, inputs: list[PairInput], field: str
) -> None:
    pair = inputs[3]
    changed = vectors(network, replace(pair, **{field: getattr(pair, field).flip(0) + 0.3}))
    assert not torch.allclose(changed, vectors(network, pair), atol=1e-4)


def test_patches_have_places_but_no_order(
    network: RetrievalNetwork, inputs: list[PairInput]
) -> None:
    pair = inputs[2]
    turned = replace(pair, patches=pair.patches.flip(0), patch_places=pair.patch_places.flip(0))
    assert torch.allclose(vectors(network, turned), vectors(network, pair), atol=1e-5)
    moved = replace(pair, patches=pair.patches.flip(0))
    assert not torch.allclose(vectors(network, moved), vectors(network, pair), atol=1e-4)


def test_all_of_it_learns(inputs: list[PairInput]) -> None:
    learns = small_network(5, SIGHTED)
    learns.pair(collate(inputs)).sum().backward()
    own = {n: p for n, p in learns.named_parameters() if ".sight." in n or ".geometry." in n}
    assert set(own) == {
        "pair.sight.linear.weight",
        "pair.sight.linear.bias",
        "pair.sight.norm.weight",
        "pair.sight.norm.bias",
        "pair.geometry.fine.weight",
        "pair.geometry.boxes.weight",
    }
    assert all(p.grad is not None and p.grad.any() for p in own.values())


def test_a_model_of_words_has_none_of_it() -> None:
    plain = set(small_network().trained_state())
    sighted = set(small_network(settings=SIGHTED).trained_state())
    assert not any("sight" in n or "geometry" in n for n in plain)
    assert {n.split(".")[1] for n in sighted - plain} == {"sight", "geometry"}
    assert plain < sighted


def test_no_patch_is_no_token_of_noise() -> None:
    torch.manual_seed(0)
    read = PatchReader(3, 8)
    found = read(torch.tensor([[[0.0, 0, 0], [0.2, 0, 1]]]))
    assert not found[0, 0].any()
    assert found[0, 1].any()


# --- places ----------------------------------------------------------------------------------

SHARE = st.floats(0.0, 1.0, width=32)
BOXES = st.tuples(SHARE, SHARE, st.floats(0.015625, 1, width=32), st.floats(0.015625, 1, width=32))


def as_box(values: tuple[float, ...]) -> torch.Tensor:
    return torch.tensor([*values, 1.0])


@given(BOXES, BOXES)
def test_how_boxes_lie_is_bounded_and_turns_with_them(
    one: tuple[float, ...], two: tuple[float, ...]
) -> None:
    there = relations(as_box(one), as_box(two))
    back = relations(as_box(two), as_box(one))
    assert (there.abs() <= 1 + 1e-3).all()
    assert torch.allclose(there[:5], -back[:5], atol=1e-5)
    assert torch.allclose(there[5:], back[5:].flip(0), atol=1e-5)


def test_how_boxes_lie_says_left_above_larger_and_inside() -> None:
    small, large = as_box((0.2, 0.2, 0.1, 0.1)), as_box((0.6, 0.6, 0.8, 0.8))
    across, down, left, above, larger, covered, covering = relations(small, large).tolist()
    assert (across, down) == pytest.approx((-0.4, -0.4))
    assert left == above == pytest.approx(-0.9967, abs=1e-3)  # tanh(8 × -0.4)
    assert larger < -0.95
    assert (covered, covering) == (pytest.approx(0.25), pytest.approx(1 / 256))
    assert not relations(small, torch.zeros(5)).any()
    assert not relations(torch.zeros(5), large).any()


def test_fine_places_tell_neighbours_apart() -> None:
    centres = torch.tensor([[(i + 0.5) / 14, 0.5] for i in range(14)])
    found = waves(centres)
    assert found.shape == (14, 4 * WAVES)
    gaps = torch.cdist(found, found) + torch.eye(14) * 9
    assert float(gaps.min()) > 0.3


def test_a_place_of_no_size_adds_nothing() -> None:
    torch.manual_seed(0)
    geometry = Geometry(8)
    places = torch.tensor([[[0.0, 0, 0, 0, 1], [0.5, 0.5, 0.1, 0.1, 1]]])
    assert not geometry(places)[0, 0].any()
    assert geometry(places)[0, 1].any()
    assert not geometry.relate(torch.zeros(1, 2, 5)).any()
