"""Where a model version lies: in a folder here, or in a hub repository."""

from __future__ import annotations

import re
from pathlib import Path

from roc_core.encoders.named import hub_folder
from roc_core.errors import EncoderMissing, ModelVersionInvalid

VERSION_FILES = ("config.json", "card.json", "*.safetensors")


def version_folder(path_or_hub_id: str | Path) -> Path:
    """A local folder as it is; otherwise the version that a hub repository holds, fetched into
    the hub's cache. Raises ModelVersionInvalid when it is neither or cannot be fetched."""
    if Path(path_or_hub_id).is_dir():
        return Path(path_or_hub_id)
    name = str(path_or_hub_id).removeprefix("hf:")
    if isinstance(path_or_hub_id, Path) or not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise ModelVersionInvalid(
            "the folder of a model version, or a hub repository as organization/name",
            f"no folder {path_or_hub_id}",
            "Check the path.",
        )
    try:
        return hub_folder(name, VERSION_FILES, f"the model version {name}, here or")
    except EncoderMissing as error:
        found = f"no folder of that name here, and from the hub {error.found}"
        raise ModelVersionInvalid(error.expected, found, error.todo) from error
