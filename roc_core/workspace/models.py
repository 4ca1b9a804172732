"""Model versions on disk and the encoders they stand on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from roc_core.config import preset_names
from roc_core.encoders.named import text_encoder, vision_encoder
from roc_core.errors import ModelVersionInvalid, ValueRejected
from roc_core.relations import Catalogue

if TYPE_CHECKING:
    from roc_core.retrieval import RelationRetriever

__all__ = [
    "ASSETS", "default_model", "load_retriever", "text_encoder", "version_folders",
    "version_named", "vision_encoder",
]  # fmt: skip

ASSETS = Path(__file__).resolve().parents[2] / "assets"


def version_folders(workspace: Path | None = None) -> tuple[Path, ...]:
    """Folders of all model versions: those that come with the program, then the workspace's."""
    places = [ASSETS / "models", *([workspace / "models"] if workspace else [])]
    return tuple(f.parent for p in places for f in sorted(p.glob("[!.]*/config.json")))


def default_model() -> Path:
    """The model version that comes with the program. Raises ModelVersionInvalid without one."""
    found = version_folders()
    if not found:
        raise ModelVersionInvalid(
            f"a model version in {ASSETS / 'models'}",
            "none",
            "Take the whole repository, or train one: python -m roc_core train --help",
        )
    return next((f for f in found if f.name == "mini"), found[0])


def version_named(name: str, workspace: Path | None = None) -> Path:
    """Folder of the model version of that name.

    Raises ValueRejected for an unknown one; for a preset's name it says how to train a version.
    """
    found = {f.name: f for f in version_folders(workspace)}
    if name in found:
        return found[name]
    todo = "Choose one of them or train one: python -m roc_core train --help"
    if name in preset_names():
        out = (workspace or Path("workspace")) / "models" / name
        todo = (
            f"'{name}' is a preset, and no version trained with it is here. Train one: "
            f"python -m roc_core train mnre path/to/mnre --preset {name} --out {out}"
        )
    known = ", ".join(found) or "none"
    raise ValueRejected(f"a model version, one of {known}", name, todo)


def load_retriever(
    folder: Path, catalogue: Catalogue, kept: Path | None = None
) -> RelationRetriever:
    """A model version on its encoders, ready to rank the relations of a catalogue; ``kept`` is a
    folder for the vectors of a large one's descriptions."""
    from roc_core.retrieval import RelationRetriever

    return RelationRetriever.from_pretrained(folder, catalogue, kept)
