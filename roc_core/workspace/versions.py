"""Model versions of a workspace: list, compare, promote, roll back, bring in and out."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from roc_core.errors import ModelVersionInvalid, PromotionRefused, ValueRejected
from roc_core.evaluation.item_by_item import compare
from roc_core.schema import (
    NONE,
    Analysis,
    GuardReport,
    ItemDiff,
    Label,
    LearnPreview,
    LearnRow,
    Moves,
    Promotion,
    Reading,
    VersionComparison,
    VersionInfo,
    VersionState,
)
from roc_core.schema.analysis import DIRECTIONS
from roc_core.schema.versions import in_order, outcome
from roc_core.store import Store
from roc_core.store.versions import VersionRow
from roc_core.workspace import feedback, models, version_files, version_views
from roc_core.workspace.cards import noted

if TYPE_CHECKING:
    from roc_core.workspace.workspace import Workspace

FILES = ("config.json", "card.json", "trained.safetensors", "descriptions.safetensors")
LOGS = ("train.log", "train.csv")
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


class Versioned:
    """The part of ``Workspace`` that leads to its model versions."""

    _store: Store

    @property
    def learning(self) -> Learning:
        """Learning from corrections, and all model versions."""
        return Learning(cast("Workspace", self), self._store)


class Learning:
    """Learning from corrections and the model versions of a workspace (``Workspace.learning``)."""

    def __init__(self, workspace: Workspace, store: Store) -> None:
        self._workspace, self._store = workspace, store

    def settled(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of job "learn", see ``feedback.settled``."""
        return feedback.settled(self._workspace, self._store, given)

    def preview(self, given: Mapping[str, Any]) -> LearnPreview:
        """What job "learn" would read with these parameters, see ``version_views.preview``."""
        return version_views.preview(self._workspace, self._store, given)

    # --- what there is -----------------------------------------------------------------------

    def versions(self) -> tuple[VersionInfo, ...]:
        """Every model version: those that come with the program by name, then the workspace's in
        the order they were made, unfinished ones among them."""
        rows = {r.name: r for r in self._store.versions.rows()}
        used = self._workspace.model_version
        found = [
            _info(f, rows.pop(f.name, None), used, f.parent.parent == models.ASSETS)
            for f in models.version_folders(self._workspace.path)
        ]
        own = self._workspace.path / "models"
        found += [_info(own / r.name, r, used) for r in rows.values() if r.state == "unfinished"]
        # The file times of packaged ones are those of the installation.
        found.sort(key=lambda v: ("" if v.state == "packaged" else v.created, v.name))
        return tuple(found)

    def version(self, name: str) -> VersionInfo:
        """One version. Raises ValueRejected for an unknown one."""
        found = {v.name: v for v in self.versions()}
        if name not in found:
            known = ", ".join(found) or "none"
            raise ValueRejected(f"a model version, one of {known}", name, "Choose one of them.")
        return found[name]

    def curve(self, name: str) -> tuple[LearnRow, ...]:
        """Loss and F1 of each epoch so far, also while the training runs; empty when there is no
        table."""
        here = self._workspace.path / "models" / f"{name}.training"
        made = [f for f in models.version_folders(self._workspace.path) if f.name == name]
        for folder in (here, *made):
            try:
                with (folder / "train.csv").open(encoding="utf-8", newline="") as handle:
                    return tuple(
                        LearnRow(int(r["epoch"]), float(r["loss"]), float(r["dev_f1"]))
                        for r in csv.DictReader(handle)
                    )
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return ()

    def discard(self, name: str) -> None:
        """Give an unfinished training up; its state goes. Raises ValueRejected when there is none
        of that name, or it is queued or running."""
        if not feedback.drop_unfinished(self._store, lambda row: row.name == name):
            raise ValueRejected("an unfinished training", name, "Choose one from the list.")

    # --- the version in use ------------------------------------------------------------------

    def promote(self, name: str, by: str) -> Promotion:
        """Put a version to use. Raises ValueRejected for an unknown one, PromotionRefused for one
        that failed the guard, is unfinished or in use already."""
        info, rule = self.version(name), ""
        if info.in_use:
            raise PromotionRefused("another version than the one in use", name, "Choose another.")
        if info.state == "kept" and info.guard is not None:
            raise PromotionRefused(
                "a version that passed the guard",
                f"{name}, which did not: {' '.join(info.guard.reasons)}",
                "Look at what became worse, and learn again with more replay or other corrections.",
            )
        if info.state == "unfinished":
            raise PromotionRefused(
                "a finished version", f"{name}, whose training is not", "Finish it first."
            )
        self._require_by(by)
        done = self._store.versions.promote(name, self._workspace.model_version, by, rule)
        self._workspace.use_model(name)
        return done

    def roll_back(self, by: str) -> Promotion:
        """Put the version back to use that the present one replaced. Raises PromotionRefused when
        the present one was not promoted, ValueRejected when the earlier one is gone."""
        self._require_by(by)
        used = self._workspace.model_version
        last = next((p for p in reversed(self.promotions()) if p.version == used), None)
        if last is not None and last.action == "promote":
            models.version_named(last.before, self._workspace.path)
        done = self._store.versions.roll_back(used, by)
        self._workspace.use_model(done.version)
        return done

    def promotions(self) -> tuple[Promotion, ...]:
        """The log of promotions and roll-backs, oldest first."""
        return self._store.versions.promotions()

    @staticmethod
    def _require_by(by: str) -> None:
        if not by.strip():
            raise PromotionRefused("the name of who decides", "none", "Give your name.")

    # --- comparing ---------------------------------------------------------------------------

    def comparison(self, name: str, other: str = "") -> VersionComparison:
        """A version beside its parent, or another one, on all labelled items both have answered.

        Only answers that job "vectors" has kept are compared. Raises ValueRejected for an unknown
        version, or one without a parent when no other is named.
        """
        info = self.version(name)
        other = other or info.parent
        if not other:
            raise ValueRejected(
                "another version to compare with", f"none: {name} has no parent", "Name one."
            )
        new = self._workspace.analysis(Reading(name))
        old = self._workspace.analysis(Reading(other))
        both = compare(new, old)
        items = _diffs(new, old, both.rows, both.other_rows)
        guard = info.guard if other == info.parent else None
        unread = max(new.unread, old.unread)
        return VersionComparison(
            name, other, guard, items, len(both), unread, len(both.won), len(both.lost),
            both.mcnemar,
        )  # fmt: skip

    def moved(self, name: str, other: str, items: Sequence[str]) -> Moves:
        """Where a version puts items on the map of another one, see ``version_views.moved``."""
        return version_views.moved(self._workspace, self._store, name, other, items)

    # --- in and out --------------------------------------------------------------------------

    def export_version(self, name: str, folder: str | Path) -> Path:
        """Copy a version into ``folder`` as a folder of its name, whole or not at all.

        Raises ValueRejected for an unknown version, when something of that name is there, or when
        the place cannot be written.
        """
        source = models.version_named(name, self._workspace.path)
        target = Path(folder) / name
        if target.exists():
            raise ValueRejected(f"nothing at {target}", "something", "Choose another place.")
        _copy(source, target)
        return target

    def export_zip(self, name: str) -> bytes:
        """A version as a zip file of its folder. Raises ValueRejected for an unknown version."""
        folder = models.version_named(name, self._workspace.path)
        return version_files.packed(folder, (*LOGS, *FILES))

    def import_zip(self, data: bytes) -> str:
        """Bring in a version from a zip file of its folder; its name. Raises ModelVersionInvalid
        for a file that is none, and what ``import_version`` raises."""
        with tempfile.TemporaryDirectory() as folder:
            files = version_files.unpacked(data, Path(folder), (*LOGS, *FILES))
            return self.import_version(files)

    def import_version(self, folder: str | Path) -> str:
        """Bring a version's folder into this workspace; its name. The same version again stays.

        It is loaded on its encoders first. Raises ModelVersionInvalid for a folder that is none, is
        incomplete or damaged or names itself oddly, EncoderMissing and EncoderMismatch for other
        encoders, ValueRejected when its relations are not in this workspace's catalogue or another
        version has its name.
        """
        source = Path(folder)
        name, card = self._checked(source)
        target = self._workspace.path / "models" / name
        if target.name in {f.name for f in models.version_folders(self._workspace.path)}:
            self._require_same(source, name)
            return name
        models.load_retriever(source, self._workspace.catalogue)
        _copy(source, target)
        self._store.versions.add_imported(
            name, str(card.get("parent") or ""), str(card.get("command") or ""), _size(target)
        )
        return name

    def _checked(self, source: Path) -> tuple[str, dict[str, Any]]:
        """Name and card of a folder that looks like a version for this workspace."""
        from roc_core.model.version import read_config

        config = read_config(source)
        missing = [f for f in FILES if not (source / f).is_file()]
        name, card = config.get("id"), _card(source)
        if missing or not isinstance(name, str) or not NAME.fullmatch(name):
            raise ModelVersionInvalid(
                f"a complete model version in {source}, its id a plain name",
                f"no {', '.join(missing)}" if missing else f"id {name!r}",
                "Export it again.",
            )
        self._require_relations(config, card)
        return name, card

    def _require_relations(self, config: Mapping[str, Any], card: Mapping[str, Any]) -> None:
        catalogue, about = self._workspace.catalogue, card.get("catalogue")
        named = about.get("relations") if isinstance(about, dict) else None
        lines = config.get("lines")
        own = lines.get("own") if isinstance(lines, dict) else None
        wanted = named if isinstance(named, list) else list(own or ())
        unknown = [str(r) for r in wanted if r not in catalogue]
        if unknown:
            raise ValueRejected(
                f"a version for relations of catalogue '{catalogue.id}'",
                f"one for {', '.join(unknown[:5])}" + (" and more" if len(unknown) > 5 else ""),
                "Import it into a workspace with its own catalogue.",
            )

    def _require_same(self, source: Path, name: str) -> None:
        here = models.version_named(name, self._workspace.path)
        weights = "trained.safetensors"
        if (here / weights).read_bytes() != (source / weights).read_bytes():
            raise ValueRejected(
                f"a version that is not called {name}, as another one here is",
                f"{name} with other weights",
                "Change id in its config.json and the folder's name.",
            )


# --- pieces ------------------------------------------------------------------------------


def _info(folder: Path, row: VersionRow | None, used: str, packaged: bool = False) -> VersionInfo:
    card = _card(folder)
    state, guard = _judged(row, card, packaged)
    dev = card.get("dev")
    scores = dev if isinstance(dev, dict) else {}
    there = folder.is_dir()
    return VersionInfo(
        folder.name,
        state,
        row.parent if row else str(card.get("parent") or ""),
        row.created if row else _changed(folder),
        folder.name == used,
        _size(folder) if there else 0,
        str(card.get("data") or ""),
        str(card.get("command") or (row.command if row else "")),
        folder,
        {k: v for k in ("f1", "hit3", "none_kept") if isinstance(v := scores.get(k), float)},
        row.request if row else None,
        guard,
        noted(card),
    )


def _judged(
    row: VersionRow | None, card: Mapping[str, Any], packaged: bool
) -> tuple[VersionState, GuardReport | None]:
    """A version's state and what a guard said of it.

    Its card bears that, too: a version that failed stays one that failed where the database does
    not know it, after a restore or in another workspace.
    """
    if packaged:
        return "packaged", None
    if row is not None and row.state != "imported":
        return cast("VersionState", row.state), row.guard
    found = _card_guard(card)
    if found is not None and not found.passed:
        return "kept", found
    return "made" if row is None else "imported", found


def _card_guard(card: Mapping[str, Any]) -> GuardReport | None:
    guard = card.get("guard")
    try:
        return GuardReport.from_dict({**guard, "changes": []}) if guard else None
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _card(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / "card.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _changed(folder: Path) -> str:
    at = (folder / "config.json").stat().st_mtime
    return datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="microseconds")


def _size(folder: Path) -> int:
    return sum(f.stat().st_size for f in folder.iterdir() if f.is_file())


def _copy(source: Path, target: Path) -> None:
    """The files of a version; the folder appears whole or not at all."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(parents=True)
        for name in (*LOGS, *FILES):
            if (source / name).is_file():
                shutil.copyfile(source / name, draft / name)
        os.replace(draft, target)
    except OSError as error:
        raise ValueRejected(
            f"to write {target}", error.strerror or str(error), "Choose another place."
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _diffs(
    new: Analysis, old: Analysis, rows: np.ndarray, others: np.ndarray
) -> tuple[ItemDiff, ...]:
    """What changed on the items both have answered, regressions first; directions count."""
    ids, sources = new.ids(rows), new.features["source"]
    found = []
    for item, row, other in zip(ids, rows.tolist(), others.tolist(), strict=True):
        gold = _label(new.names[new.gold.values[row]], new.gold_direction.of(row))
        before, after = _answer(old, other), _answer(new, row)
        ranks = int(old.ranks[other]), int(new.ranks[row])
        if before != after or ranks[0] != ranks[1]:
            became = outcome(gold, before, after)
            found.append(ItemDiff(item, sources.of(row), gold, before, after, *ranks, became))
    return in_order(found)


def _answer(analysis: Analysis, row: int) -> Label:
    if analysis.margins[row] < 0:
        return Label(NONE)
    return _label(analysis.best.of(row), analysis.direction.of(row))


def _label(relation: str, direction: str) -> Label:
    if relation == NONE or direction not in DIRECTIONS[1:]:
        return Label(NONE)
    return Label(relation, direction)  # type: ignore[arg-type]
