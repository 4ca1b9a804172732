"""Patch features: from the packaged EfficientNet-Lite0, or from any open_clip model."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from roc_core.encoders.concepts import SHORT_SIDE, EfficientNetLite
from roc_core.encoders.vision import PictureEvidence, patch_evidence
from roc_core.errors import EncoderMismatch, EncoderMissing

if TYPE_CHECKING:
    import torch
    from PIL import Image

_WITH_WEIGHTS = ("local-dir:", "hf-hub:")
"""open_clip names that bring their own weights, so no checkpoint is named beside them."""


class GridPatchEncoder:
    """The last feature map of EfficientNet-Lite0, one vector of width 1280 a cell."""

    kind: Literal["concepts", "patches"] = "patches"
    width = EfficientNetLite.width

    def __init__(
        self, network: EfficientNetLite | None = None, short_side: int = SHORT_SIDE
    ) -> None:
        self._network = network or EfficientNetLite()
        self._short_side = short_side
        self.identity = f"efficientnet-lite0-grid-{short_side}:{self._network.digest[:16]}"

    def see(self, picture: Image.Image) -> PictureEvidence:
        """One patch a cell, aspect kept; the grid depends on the picture's shape."""
        grid, features = self._network.features(picture, self._short_side)
        return patch_evidence(picture.size, grid, features)


class OpenClipPatchEncoder:
    """Patch states of an open_clip image tower, after its final norm, before the projection.

    ``model_name`` is any name open_clip knows ("ViT-B-32", "hf-hub:…", "local-dir:…");
    ``pretrained`` a checkpoint file or one of open_clip's tags (a tag may be downloaded). The
    picture is squeezed to the tower's square, so that the patches tile all of it.

    Raises EncoderMissing for an unknown name, checkpoint or tag and when no weights are named
    (random weights are never used); EncoderMismatch when the checkpoint is of another model.
    """

    kind: Literal["concepts", "patches"] = "patches"

    def __init__(self, model_name: str, pretrained: str | Path | None = None) -> None:
        _check_request(model_name, pretrained)
        self._tower: Any = _load(model_name, None if pretrained is None else str(pretrained))
        settings = self._tower.preprocess_cfg
        side = self._tower.image_size
        height, width = side if isinstance(side, (tuple, list)) else (side, side)
        self._input = (int(width), int(height))
        self._interpolation = str(settings.get("interpolation", "bicubic")).upper()
        self._mean = np.asarray(settings["mean"], np.float32)
        self._std = np.asarray(settings["std"], np.float32)
        self.identity = f"open_clip:{model_name}:{_digest(self._tower.state_dict())[:16]}"
        self.width: int = self._patches(np.zeros((height, width, 3), np.float32)).shape[0]

    def see(self, picture: Image.Image) -> PictureEvidence:
        """One state a patch; the grid is the tower's, whatever the picture's shape."""
        from PIL import Image as Pillow

        how = Pillow.Resampling[self._interpolation]
        rgb = picture.convert("RGB").resize(self._input, how, reducing_gap=2.0)
        pixels = (np.asarray(rgb, np.float32) / 255.0 - self._mean) / self._std
        states = self._patches(pixels)  # D,rows,cols
        rows, cols = states.shape[1:]
        return patch_evidence(picture.size, (rows, cols), states.reshape(len(states), -1).T)

    def _patches(self, pixels: np.ndarray) -> np.ndarray:
        """States of the tower's last layer, (D, rows, columns), of (H, W, 3) prepared pixels."""
        import torch

        batch = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))[None]
        with torch.inference_mode():
            found = self._tower.forward_intermediates(
                batch,
                indices=1,
                intermediates_only=True,
                normalize_intermediates=True,
                output_fmt="NCHW",
            )
        return found["image_intermediates"][-1][0].float().numpy()


def _check_request(model_name: str, pretrained: str | Path | None) -> None:
    """Refuse what open_clip would answer with random weights or a bare RuntimeError."""
    if importlib.util.find_spec("open_clip") is None:
        raise EncoderMissing(
            "the pip package open_clip_torch",
            "it is not installed",
            "Run: pip install open_clip_torch",
        )
    if model_name.startswith(_WITH_WEIGHTS):
        return
    import open_clip

    # open_clip itself looks names up with "/" replaced.
    if open_clip.get_model_config(model_name.replace("/", "-")) is None:
        raise EncoderMissing(
            "a model name open_clip knows",
            repr(model_name),
            "See open_clip.list_models(), or register its configuration first.",
        )
    tags = open_clip.list_pretrained_tags_by_model(model_name.replace("/", "-"))
    hint = f"Name a checkpoint file or one of open_clip's tags for it: {', '.join(tags) or 'none'}."
    if not pretrained:
        raise EncoderMissing(f"weights for {model_name}", "none were named", hint)
    if not Path(pretrained).is_file() and str(pretrained) not in tags:
        raise EncoderMissing(f"weights for {model_name}", f"no file or tag {pretrained!s}", hint)


def _load(model_name: str, pretrained: str | None) -> Any:
    """The image tower with its weights, frozen."""
    import open_clip

    # Whatever goes wrong inside open_clip (download, unpickling, shapes) ends in one of two
    # answers: the weights are not there, or they are not this model's.
    try:
        model = open_clip.create_model(
            model_name, pretrained=pretrained, require_pretrained=True, pretrained_text=False
        )
    except Exception as error:
        raise _load_error(model_name, pretrained, error) from error
    return model.visual.eval().requires_grad_(False)


def _load_error(
    model_name: str, pretrained: str | None, error: Exception
) -> EncoderMissing | EncoderMismatch:
    found = f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}"
    if pretrained is not None and Path(pretrained).is_file():
        return EncoderMismatch(
            f"a checkpoint of {model_name} in {Path(pretrained).name}",
            found,
            "Name the model the checkpoint was saved from, or another file.",
        )
    return EncoderMissing(
        f"weights for {model_name}", found, "Connect to fetch them once, or name a checkpoint file."
    )


def _digest(weights: Mapping[str, torch.Tensor]) -> str:
    """SHA-256 over names and values, the same for every container the weights came in."""
    import torch

    digest = hashlib.sha256()
    for name in sorted(weights):
        tensor = weights[name].detach().cpu().contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
