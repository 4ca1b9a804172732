"""The state of an unfinished training on disk, and whether it belongs to this training."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch

from roc_core.errors import ModelVersionInvalid, ValueRejected
from roc_core.schema import Record
from roc_core.training.log import LOG, TABLE, not_writable

STATE = "state.pt"
FORMAT = 1


def training_folder(out: Path) -> Path:
    """Where the training of a version keeps its state: beside the version's folder."""
    return out.with_name(f"{out.name}.training")


def digest(records: Iterable[Record]) -> str:
    """SHA-256 of what a training reads of its records: sentences, mentions, pictures' names and
    texts, labels, in their order."""
    found = hashlib.sha256()
    for r in records:
        e, picture = r.example, r.example.picture.name if r.example.picture else ""
        found.update(repr((e.sentence, e.mentions, picture, e.picture_text, r.label)).encode())
    return found.hexdigest()


class Checkpoints:
    """Saves and finds the whole state of one training in ``folder``; without a folder, nothing.

    ``identity`` says in plain values what makes the training the one it is; a state is only taken
    up by a training of the same identity.
    """

    def __init__(self, folder: Path | None, identity: Mapping[str, Any]) -> None:
        self.folder, self.identity = folder, flat(identity)

    def make_folder(self) -> None:
        """Make the folder. Raises ValueRejected when that is not possible."""
        if self.folder is not None:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise not_writable(self.folder, error) from error

    def load(self) -> dict[str, Any] | None:
        """The saved state, tensors on the CPU, or None.

        Raises ValueRejected when it is of another training, ModelVersionInvalid when it cannot be
        read.
        """
        if self.folder is None or not (self.folder / STATE).exists():
            return None
        try:
            kept = torch.load(self.folder / STATE, map_location="cpu", weights_only=True)
            if kept["format"] != FORMAT:
                raise ValueError(f"format {kept['format']}")
            identity = json.loads(kept["identity"])
        # A cut or foreign file makes torch raise almost anything.
        except Exception as problem:
            raise ModelVersionInvalid(
                f"the state of an unfinished training in {self.folder / STATE}",
                str(problem).splitlines()[0] if str(problem) else type(problem).__name__,
                f"Delete {self.folder} to start anew.",
            ) from problem
        self._check(identity)
        state: dict[str, Any] = kept["state"]
        return state

    def _check(self, kept: dict[str, Any]) -> None:
        wanted = json.loads(json.dumps(self.identity))
        differing = [k for k in sorted(kept.keys() | wanted) if kept.get(k) != wanted.get(k)]
        if differing:
            raise ValueRejected(
                "the settings of the unfinished training in "
                f"{self.folder}: {', '.join(f'{k} {kept.get(k)}' for k in differing)}",
                ", ".join(f"{k} {wanted.get(k)}" for k in differing),
                "Finish it with the same settings, or delete that folder.",
            )

    def save(self, state: dict[str, Any]) -> None:
        """Save the state; the file is the old one or the new one whole, whatever happens."""
        if self.folder is None:
            return
        draft = self.folder / f"{STATE}.new"
        kept = {"format": FORMAT, "identity": json.dumps(self.identity), "state": state}
        try:
            with draft.open("wb") as handle:
                torch.save(kept, handle)
                handle.flush()
                os.fsync(handle.fileno())
            os.replace(draft, self.folder / STATE)
        except OSError as error:
            raise not_writable(self.folder / STATE, error) from error


def move_logs(folder: Path, version: Path) -> None:
    """Move the logs of a finished training into its saved version and remove its folder."""
    for name in (LOG, TABLE):
        if (folder / name).exists():
            os.replace(folder / name, version / name)
    shutil.rmtree(folder, ignore_errors=True)


def flat(values: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Nested plain values as one level with dotted names, so that a difference can be named."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        name = f"{above}{key}"
        found |= flat(value, f"{name}.") if isinstance(value, Mapping) else {name: value}
    return found
