"""The correction memory of a workspace: kept in step with the log, asked at every prediction."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from roc_core.errors import ItemMissing, StoreUnavailable, ValueRejected
from roc_core.relations import Catalogue
from roc_core.schema import Example, Label, MemorySettings, MemoryState, Prediction
from roc_core.store import Store
from roc_core.store.remembered import SETTING, Look
from roc_core.store.vectors import Key
from roc_core.workspace import pair_vectors

if TYPE_CHECKING:
    from roc_core.retrieval import Memory, RelationRetriever

AT_ONCE = 200
"""Corrected pairs that are read before a prediction at most, about 1.5 seconds' work; of more than
that those without a vector wait for job "vectors"."""

LOOK_AGAIN = 2.0
"""Seconds between looks for vectors of waiting pairs."""


@dataclass(slots=True)
class _Held:
    """The memory of one loaded version and its relations. ``waiting`` have no vector yet."""

    retriever: RelationRetriever
    catalogue: Catalogue
    key: Key
    memory: Memory
    look: Look = field(default_factory=Look)
    waiting: dict[str, Label] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    looked: float = float("-inf")


class Remembering:
    """Corrections that vote at once (``Workspace.memory``): settings, state, and answers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: _Held | None = None

    # --- settings --------------------------------------------------------------------------

    @property
    def settings(self) -> MemorySettings:
        """How corrections vote in this workspace. Raises ValueRejected when what is stored is no
        setting of this program."""
        return _settings_of(self._store.setting(SETTING))

    def set(
        self,
        on: bool | None = None,
        weight: float | None = None,
        neighbours: int | None = None,
        floor: float | None = None,
    ) -> MemorySettings:
        """Change what is given and keep the rest; the settings from now on, for everyone in this
        workspace. Raises ValueRejected for values out of range."""
        given = {"on": on, "weight": weight, "neighbours": neighbours, "floor": floor}
        changed = {name: value for name, value in given.items() if value is not None}
        settings = replace(self.settings, **changed)  # type: ignore[arg-type]
        self._store.set_setting(SETTING, json.dumps(asdict(settings)))
        return settings

    def mark(self) -> str:
        """A text that changes whenever predictions may change through memory."""
        look = self._store.remembered.look()
        return f"{look.last}:{look.newest}:{look.erased}:{look.settings}"

    def state(self) -> MemoryState:
        """How many corrected pairs voted, waited or could not be read at the last prediction."""
        held = self._held
        if held is None:
            return MemoryState(0, 0, 0)
        return MemoryState(len(held.memory), len(held.waiting), len(held.unreadable))

    # --- answers ---------------------------------------------------------------------------

    def answer(
        self,
        retriever: RelationRetriever,
        folder: Path,
        examples: Sequence[Example],
        without: Collection[str] = (),
    ) -> list[Prediction]:
        """Predictions of a version, loaded from ``folder``, with the votes of corrections.

        To be called by one thread at a time, as the model is.
        """
        look = self._store.remembered.look(self._held.look.last if self._held else 0)
        settings = _settings_of(look.settings)
        if not settings.on or not look.last:
            return retriever.predict(examples)
        held = self._present(retriever, folder)
        if held.look.last and not look.follows(held.look):
            held = self._held = self._fresh(retriever, held.key)
        self._follow(held, look)
        found = retriever.predict(examples, held.memory, settings, without)
        return [_noted(p, len(held.waiting)) for p in found] if held.waiting else found

    def _present(self, retriever: RelationRetriever, folder: Path) -> _Held:
        held = self._held
        if (
            held is None
            or held.retriever is not retriever
            or held.catalogue is not retriever.catalogue
        ):
            key = pair_vectors.key_of(folder, retriever.catalogue)
            held = self._held = self._fresh(retriever, key)
        return held

    def _fresh(self, retriever: RelationRetriever, key: Key) -> _Held:
        from roc_core.retrieval import Memory

        return _Held(retriever, retriever.catalogue, key, Memory(retriever.readings.pairs))

    def _follow(self, held: _Held, look: Look) -> None:
        """Take over what the log says since the last look, and vectors that have come."""
        table = self._store.remembered
        if look.last != held.look.last:
            changed = table.changed(held.look.last) if held.look.last else table.corrected()
            for item, label in changed.items():
                held.waiting.pop(item, None)
                held.unreadable.discard(item)
                if label is None:
                    held.memory.drop(item)
                elif not held.memory.relabel(item, label):
                    held.waiting[item] = label
            held.look, held.looked = look, float("-inf")
        if held.waiting and time.monotonic() - held.looked >= LOOK_AGAIN:
            self._fetch(held)

    def _fetch(self, held: _Held) -> None:
        """Vectors of waiting pairs: those that are kept, and the others if they are few."""
        held.looked = time.monotonic()
        kept = self._store.remembered.vectors(held.key, tuple(held.waiting))
        for item, vector in kept.items():
            held.memory.put(item, vector, held.waiting.pop(item))
        if 0 < len(held.waiting) <= AT_ONCE:
            self._read(held)

    def _read(self, held: _Held) -> None:
        """Read the waiting pairs now; those that cannot be read are set aside."""
        items = []
        for item in held.waiting:
            try:
                items.append(self._store.item(item))
            except ItemMissing:
                continue  # erased between two looks
        found, _ = pair_vectors.read_items(held.retriever, items)
        for item, vector in zip(found.items.tolist(), found.vectors, strict=True):
            name = item.decode("ascii")
            held.memory.put(name, vector, held.waiting.pop(name))
        held.unreadable.update(held.waiting)
        held.waiting.clear()
        try:
            if len(found):
                self._store.vectors.put(held.key, found)
        except StoreUnavailable:
            pass  # the votes count all the same; the next start reads these pairs again


def _settings_of(text: str) -> MemorySettings:
    if not text:
        return MemorySettings()
    try:
        return MemorySettings(**json.loads(text))
    except (ValueError, TypeError) as problem:
        found = problem.found if isinstance(problem, ValueRejected) else text
        raise ValueRejected(
            "settings of the correction memory that this program knows",
            found,
            f"Delete the setting '{SETTING}' of this workspace, or correct it.",
        ) from problem


def _noted(prediction: Prediction, waiting: int) -> Prediction:
    """The prediction with a note on corrections that could not vote."""
    pairs = "1 corrected pair does" if waiting == 1 else f"{waiting:,} corrected pairs do"
    note = (
        f"{pairs} not vote yet: this model version has not read them. "
        "Bring the map up to date, which reads every pair."
    )
    return replace(prediction, notes=(*prediction.notes, note))
