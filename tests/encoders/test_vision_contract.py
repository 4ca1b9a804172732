"""One contract for every vision encoder: packaged, open_clip, and the fakes."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from roc_core.encoders.vision import PictureEvidence, VisionEncoder
from roc_core.errors import ValueRejected
from roc_core.schema import Box
from tests.fakes_vision import FakeConceptEncoder, FakePatchEncoder

IMPLEMENTATIONS = [
    pytest.param("fake concepts"),
    pytest.param("fake patches"),
    pytest.param("concept words", marks=pytest.mark.encoders),
    pytest.param("grid patches", marks=pytest.mark.encoders),
    pytest.param("open_clip patches", marks=pytest.mark.encoders),
]
TINY = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 32, "head_width": 16, "patch_size": 8},
    "text_cfg": {"context_length": 8, "vocab_size": 64, "width": 16, "heads": 2, "layers": 1},
}


def tiny_checkpoint(folder: Path, seed: int = 0) -> Path:
    """A seeded checkpoint of a tiny model, saved the way open_clip saves its own."""
    import open_clip
    import torch

    (folder / "roc-tiny.json").write_text(json.dumps(TINY))
    open_clip.add_model_config(folder / "roc-tiny.json")
    torch.manual_seed(seed)
    torch.save(open_clip.create_model("roc-tiny").state_dict(), folder / "tiny.pt")
    return folder / "tiny.pt"


def _make(name: str, folder: Path) -> VisionEncoder:
    from roc_core.encoders.concepts import ConceptWordEncoder
    from roc_core.encoders.patches import GridPatchEncoder, OpenClipPatchEncoder

    if name == "fake concepts":
        return FakeConceptEncoder()
    if name == "fake patches":
        return FakePatchEncoder()
    if name == "concept words":
        return ConceptWordEncoder()
    if name == "grid patches":
        return GridPatchEncoder()
    return OpenClipPatchEncoder("roc-tiny", tiny_checkpoint(folder))


@pytest.fixture(scope="module", params=IMPLEMENTATIONS)
def encoder(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> VisionEncoder:
    return _make(request.param, tmp_path_factory.mktemp("vision"))


def _photo(width: int = 120, height: int = 80) -> Image.Image:
    """Left red, right a blue-green ramp with noise: every cell differs."""
    rng = np.random.default_rng(7)
    pixels = rng.integers(0, 60, (height, width, 3), dtype=np.uint8)
    pixels[:, : width // 2, 0] = 250
    pixels[:, width // 2 :, 2] = np.linspace(90, 255, height, dtype=np.uint8)[:, None]
    return Image.fromarray(pixels)


PICTURES = {
    "photo": _photo(),
    "one pixel": Image.new("RGB", (1, 1), "red"),
    "very wide": _photo(900, 3),
    "very tall": _photo(3, 900),
    "line": Image.new("RGB", (20_000, 1), "blue"),
    "grey": _photo().convert("L"),
    "palette": _photo().convert("P"),
}


def _well_formed(evidence: PictureEvidence, encoder: VisionEncoder, picture: Image.Image) -> None:
    rows, cols = evidence.grid
    assert evidence.size == picture.size
    assert evidence.shown.shape == (rows * cols,)
    assert ((evidence.shown >= 0) & (evidence.shown <= 1)).all()
    if encoder.kind == "patches":
        assert evidence.patches is not None
        assert evidence.patches.shape == (rows * cols, encoder.width)
        assert evidence.patches.dtype == np.float32
        assert np.isfinite(evidence.patches).all()
        assert evidence.concepts == ()
        return
    assert evidence.patches is None
    weights = [c.weight for c in evidence.concepts]
    assert weights == sorted(weights, reverse=True)
    assert all(0 <= w <= 1 for w in weights)
    assert sum(weights) <= 1 + 1e-5
    assert len({c.word for c in evidence.concepts}) == len(weights)
    for concept in evidence.concepts:
        strengths = [w for _, _, w in concept.cells]
        assert strengths == sorted(strengths, reverse=True)
        assert all(0 < w <= 1 for w in strengths)
        assert all(0 <= r < rows and 0 <= c < cols for r, c, _ in concept.cells)


@pytest.mark.parametrize("name", PICTURES)
def test_any_picture_gives_well_formed_evidence(encoder: VisionEncoder, name: str) -> None:
    evidence = encoder.see(PICTURES[name])
    _well_formed(evidence, encoder, PICTURES[name])
    assert bool(evidence.concepts) == (encoder.kind == "concepts")


@pytest.mark.parametrize("name", PICTURES)
def test_cell_boxes_tile_the_picture(encoder: VisionEncoder, name: str) -> None:
    evidence = encoder.see(PICTURES[name])
    (width, height), (rows, cols) = evidence.size, evidence.grid
    boxes = [[evidence.cell_box(r, c) for c in range(cols)] for r in range(rows)]
    assert boxes[0][0].left == boxes[0][0].top == 0
    assert (boxes[-1][-1].right, boxes[-1][-1].bottom) == (width, height)
    for r in range(rows):
        for c in range(cols):
            if c + 1 < cols:
                assert boxes[r][c].right == boxes[r][c + 1].left
            if r + 1 < rows:
                assert boxes[r][c].bottom == boxes[r + 1][c].top
    assert sum(b.area for row in boxes for b in row) == pytest.approx(width * height)


def _same(first: PictureEvidence, second: PictureEvidence) -> bool:
    if first.patches is not None and second.patches is not None:
        return first.patches.tobytes() == second.patches.tobytes()
    return first.concepts == second.concepts


def test_the_same_picture_gives_the_same_evidence(encoder: VisionEncoder) -> None:
    assert _same(encoder.see(_photo()), encoder.see(_photo()))
    assert not _same(encoder.see(_photo()), encoder.see(Image.new("RGB", (120, 80), "green")))


def test_four_threads_see_what_one_sees(encoder: VisionEncoder) -> None:
    alone = [encoder.see(PICTURES[n]) for n in ("photo", "grey", "very wide", "photo")]
    with ThreadPoolExecutor(4) as pool:
        together = pool.map(
            encoder.see, (PICTURES[n] for n in ("photo", "grey", "very wide", "photo"))
        )
    for one, other in zip(alone, together, strict=True):
        assert _close(one, other)


def _close(first: PictureEvidence, second: PictureEvidence) -> bool:
    if first.patches is not None and second.patches is not None:
        return np.allclose(first.patches, second.patches, atol=1e-4)
    return [c.word for c in first.concepts] == [c.word for c in second.concepts]


def _all_cells(evidence: PictureEvidence) -> list[tuple[int, int]]:
    return [(r, c) for r in range(evidence.grid[0]) for c in range(evidence.grid[1])]


def test_hiding_every_cell_leaves_nothing(encoder: VisionEncoder) -> None:
    evidence = encoder.see(_photo())
    hidden = evidence.without(_all_cells(evidence))
    _well_formed(hidden, encoder, _photo())
    assert hidden.concepts == ()
    assert hidden.seen() == ()
    assert not hidden.shown.any()
    assert hidden.patches is None or not hidden.patches.any()


def test_hiding_no_cell_changes_nothing(encoder: VisionEncoder) -> None:
    evidence = encoder.see(_photo())
    assert _same(evidence, evidence.without([]))


def test_hiding_cells_in_two_steps_is_hiding_them_at_once(encoder: VisionEncoder) -> None:
    evidence = encoder.see(_photo())
    cells = _all_cells(evidence)[: max(2, len(_all_cells(evidence)) // 2)]
    stepwise = evidence.without(cells[:1]).without(cells[1:])
    assert _same(stepwise, evidence.without(cells))
    assert not _same(stepwise, evidence)
    for concept in stepwise.concepts:
        assert not {(r, c) for r, c, _ in concept.cells} & set(cells)


def test_a_box_restricts_what_is_seen(encoder: VisionEncoder) -> None:
    evidence = encoder.see(_photo())
    half = evidence.within(Box(0, 0, 60, 80))
    _well_formed(half, encoder, _photo())
    rows, cols = evidence.grid
    shown = half.shown.reshape(rows, cols)
    for r, c in _all_cells(evidence):
        box = evidence.cell_box(r, c)
        part = max(0.0, min(box.right, 60) - box.left) / (box.right - box.left)
        assert shown[r, c] == pytest.approx(part, abs=1e-5)
        assert part > 0 or all((r, c) not in {cell[:2] for cell in x.cells} for x in half.concepts)


def test_a_box_around_everything_changes_nothing_and_a_tiny_one_shows_its_cell(
    encoder: VisionEncoder,
) -> None:
    evidence = encoder.see(_photo())
    assert _same(evidence, evidence.within(Box(0, 0, 500, 500)))
    cell = evidence.cell_box(0, 0)
    inner = Box(cell.right / 4, cell.bottom / 4, cell.right / 2, cell.bottom / 2)
    tiny = evidence.within(inner)
    assert tiny.shown[0] == pytest.approx(1.0)
    assert not tiny.shown[1:].any()


def test_box_then_hidden_cell_is_hidden_cell_then_box(encoder: VisionEncoder) -> None:
    evidence = encoder.see(_photo())
    box = Box(10, 10, 110, 70)
    one, other = evidence.within(box).without([(0, 0)]), evidence.without([(0, 0)]).within(box)
    assert np.allclose(one.shown, other.shown)
    assert _close(one, other)


def test_places_outside_are_refused(encoder: VisionEncoder) -> None:
    evidence = encoder.see(_photo())
    rows, cols = evidence.grid
    grid = f"a cell of the grid of {rows} rows and {cols} columns, counted from 0"
    for act in (lambda: evidence.cell_box(rows, 0), lambda: evidence.without([(0, -1)])):
        with pytest.raises(ValueRejected) as caught:
            act()
        assert caught.value.expected == grid
    with pytest.raises(ValueRejected, match="a box that touches the picture of 120 × 80 pixels"):
        evidence.within(Box(200, 10, 300, 20))


def test_evidence_cannot_be_written_to(encoder: VisionEncoder) -> None:
    evidence = encoder.see(_photo())
    for array in (evidence.shown, evidence.patches):
        if array is not None:
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0


def test_seen_concepts_carry_their_cells_as_boxes(encoder: VisionEncoder) -> None:
    evidence = encoder.see(_photo())
    for concept, seen in zip(evidence.concepts, evidence.seen(), strict=True):
        assert (seen.word, seen.weight) == (concept.word, concept.weight)
        assert seen.boxes == tuple(evidence.cell_box(r, c) for r, c, _ in concept.cells)


def test_an_encoder_says_who_it_is(encoder: VisionEncoder) -> None:
    name, _, digest = encoder.identity.rpartition(":")
    assert name
    assert digest
    assert encoder.width > 0
