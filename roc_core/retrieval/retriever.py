"""Ranked relations for marked pairs: the closest descriptions, directions and "none of these"."""

from __future__ import annotations

import copy
import math
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from roc_core.encoders.named import text_encoder, vision_encoder, vision_identity
from roc_core.errors import ModelVersionInvalid, ValueRejected
from roc_core.index import ExactIndex
from roc_core.model.inputs import PairInput, collate
from roc_core.model.network import DIRECTIONS
from roc_core.model.reader import NOTHING, Hidden, PairReader
from roc_core.model.version import (
    ModelVersion,
    describe,
    load_version,
    read_config,
    save_version,
)
from roc_core.relations import Catalogue, catalogue_names, load_catalogue
from roc_core.retrieval.folders import version_folder
from roc_core.retrieval.kept import KeptReadings
from roc_core.retrieval.memory import Memory, Recalled
from roc_core.retrieval.ranking import COMPARED, COMPLETE, KEPT, PairScores, leading, near_scores
from roc_core.retrieval.readings import Reading, readings
from roc_core.schema import (
    Box,
    DescriptionScore,
    Direction,
    EntityType,
    Example,
    MemorySettings,
    Prediction,
    RankedRelation,
)

if TYPE_CHECKING:
    import torch

    from roc_core.encoders.vision import PictureEvidence

MEMORY = MemorySettings()


class RelationRetriever:
    """A model version, its encoders and a catalogue: examples in, ranked relations out.

    ``kept`` holds vectors of a large catalogue's descriptions; the version must not be trained on.
    """

    def __init__(
        self,
        reader: PairReader,
        version: ModelVersion,
        catalogue: Catalogue,
        kept: KeptReadings | None = None,
    ) -> None:
        # A reader of its own, with the same cache: versions that share one differ in their taggers.
        self.reader, self.version, self.catalogue = copy.copy(reader), version, catalogue
        self.reader.tagger, self.kept = version.tagger, kept
        self.set_catalogue(catalogue)

    @classmethod
    def from_pretrained(
        cls,
        path_or_hub_id: str | Path,
        catalogue: str | Path | Catalogue = "",
        kept: Path | None = None,
    ) -> RelationRetriever:
        """A model version on the encoders it names, ready to rank a catalogue's relations.

        ``path_or_hub_id`` is a version's folder, or "organization/name" of a Hugging Face hub
        repository that holds one; ``catalogue`` a packaged catalogue's name, a TOML file, or a
        Catalogue, "" the packaged one that the version was trained with; ``kept`` a folder for the
        vectors of a large one's descriptions. Raises ModelVersionInvalid when there is no usable
        version, EncoderMissing and EncoderMismatch when its encoders are not there or are others,
        ValueRejected when "" names no packaged catalogue.
        """
        folder = version_folder(path_or_hub_id)
        settings = read_config(folder).get("model")
        if not isinstance(settings, dict) or not {"text_encoder", "vision_encoder"} <= set(
            settings
        ):
            raise ModelVersionInvalid(
                f"a complete model version in {folder}",
                "a config.json that names no encoders",
                "Restore or retrain it.",
            )
        text = text_encoder(str(settings["text_encoder"]))
        vision = vision_encoder(str(settings["vision_encoder"]))
        version = load_version(folder, text, vision_identity(vision))
        version.network.merge()
        if not isinstance(catalogue, Catalogue):
            catalogue = load_catalogue(catalogue or _packaged_catalogue(version))
        reader = PairReader(text, vision, version.settings)
        shelf = KeptReadings(kept, version.settings.pair_width) if kept else None
        return cls(reader, version, catalogue, shelf)

    def save_pretrained(self, folder: str | Path) -> Path:
        """Write the version as a folder that ``from_pretrained`` reads; the folder.

        What is there is replaced. Encoders and catalogue are named in it, not copied.
        """
        eyes = vision_identity(self.reader.vision)
        return save_version(Path(folder), self.version, self.reader.text.identity, eyes)

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Use another catalogue: its descriptions are encoded, nothing is trained.

        Raises ValueRejected for a version with a classification head of another size.
        """
        import torch

        found = readings(catalogue)
        classes = self.version.settings.classes
        if classes not in (0, len(found.pairs)):
            raise ValueRejected(
                f"a catalogue of the {classes} relation-directions this classification head knows",
                f"{len(found.pairs)} in catalogue {catalogue.id}",
                "Use the catalogue it was trained with; only retrieval can take another.",
            )
        self.catalogue, self.readings = catalogue, found
        keep = self.kept if len(found.all) > KEPT else None
        every = self.describe(found.all) if keep is None else keep.vectors(found.all, self.describe)
        self.index = ExactIndex(every)
        self._near = keep is not None and len(found.all) > COMPARED and classes == 0
        self._groups = torch.from_numpy(self.readings.groups)
        self._own_lines = dict(self.version.lines.own)
        self._members = [[int(r) for r in group if r >= 0] for group in self.readings.groups]
        columns: dict[str, list[int]] = {}
        for number, (relation, _) in enumerate(self.readings.pairs):
            columns.setdefault(relation.id, []).append(number)
        self._columns = list(columns.values())
        self._lines = self.version.lines.each(r.id for r, _ in found.pairs)
        self.relation_of = found.relation_of
        self._starts = np.flatnonzero(np.diff(self.relation_of, prepend=-1))

    def describe(self, readings: Sequence[Reading]) -> np.ndarray:
        """Unit vectors of readings, (M, W) float32; texts met before are not encoded again."""
        import torch

        vectors = describe(self.reader.text, [r.text for r in readings], self.version.described)
        directions = torch.tensor([DIRECTIONS.index(r.direction) for r in readings])
        with torch.inference_mode():
            described = self.version.network.relation(torch.from_numpy(vectors), directions)
        return np.asarray(described.numpy())

    def require_descriptions(self) -> None:
        """Raises ValueRejected for a version with a classification head, which reads none."""
        if self.version.settings.classes:
            raise ValueRejected(
                "a model version that ranks relations by their descriptions",
                f"'{self.version.id}', whose classification head knows its own relations alone",
                "Put another version to use.",
            )

    @property
    def description_vectors(self) -> np.ndarray:
        """Unit vectors of all readings, (M, W) float32."""
        return self.index.vectors

    def encode(self, inputs: Sequence[PairInput], batch: int = 32) -> torch.Tensor:
        """Unit pair vectors, (B, W) float32, under autocast too; pairs of like length are read
        together."""
        import torch

        order = sorted(range(len(inputs)), key=lambda i: len(inputs[i]))
        out = torch.zeros(len(inputs), self.version.settings.pair_width)
        with torch.inference_mode():
            for start in range(0, len(order), batch):
                part = order[start : start + batch]
                out[part] = self.version.network.pair(collate([inputs[i] for i in part])).float()
        return out

    def score(self, pairs: torch.Tensor) -> PairScores:
        """Scores of unit pair vectors against every description, relation and "none of these"."""
        import torch

        # Pairs may be read in half precision; they are compared in full.
        with torch.inference_mode(), torch.autocast("cpu", enabled=False):
            cosines = torch.from_numpy(self.index.scores(pairs.numpy()))
            found = self.version.network.combine(cosines, pairs, self._groups)
        return PairScores(found.descriptions.numpy(), found.relations.numpy(), found.none.numpy())

    def vectors(self, examples: Sequence[Example], hide: Sequence[Hidden] = ()) -> np.ndarray:
        """Unit pair vectors of examples, (B, W) float32."""
        return np.asarray(self.encode(self.reader.read(examples, hide)).numpy())

    def predict(
        self,
        examples: Sequence[Example],
        memory: Memory | None = None,
        settings: MemorySettings = MEMORY,
        without: Collection[str] = (),
    ) -> list[Prediction]:
        """Ranked relations for every example, in the order given: of a catalogue of more than
        ``ranking.COMPLETE`` relations the first ``ranking.RANKED``.

        With a ``memory`` of this version and catalogue, what its corrections add counts as well;
        those of the items ``without`` do not vote.
        """
        inputs = self.reader.read(examples)
        pairs = self.encode(inputs)
        recalled: list[Recalled | None] = [None] * len(examples)
        if memory is not None:
            recalled = memory.recall(pairs.numpy(), settings, without)
        scores = near_scores(self, pairs, recalled) if self._near else self.score(pairs)
        return [
            self._prediction(e, i, scores, row, said)
            for row, (e, i, said) in enumerate(zip(examples, inputs, recalled, strict=True))
        ]

    def predict_many(self, examples: Sequence[Example], batch: int = 256) -> Iterator[Prediction]:
        """Like ``predict``, a batch at a time, for long lists."""
        for start in range(0, len(examples), batch):
            yield from self.predict(examples[start : start + batch])

    def scores_of(
        self, example: Example, hides: Sequence[Hidden], relation: str, direction: Direction
    ) -> np.ndarray:
        """Score of one relation-direction for one example with different parts hidden, (H,).

        Raises what ``column_of`` raises.
        """
        column = self.column_of(relation, direction)
        inputs = self.reader.read([example] * len(hides), hides)
        return np.asarray(self.score(self.encode(inputs)).relations[:, column])

    def column_of(self, relation: str, direction: Direction) -> int:
        """Number of a relation-direction among ``readings.pairs``.

        Raises RelationUnknown, and ValueRejected for a direction the relation cannot hold in.
        """
        wanted = self.catalogue.get(relation)
        if direction not in wanted.directions:
            raise ValueRejected(
                f"a direction of relation '{relation}', one of {', '.join(wanted.directions)}",
                repr(direction),
                "Ask for one of these.",
            )
        return self._columns[self.catalogue.ids.index(relation)][wanted.directions.index(direction)]

    # --- answers -------------------------------------------------------------------------

    def _prediction(
        self,
        example: Example,
        pair: PairInput,
        scores: PairScores,
        row: int,
        recalled: Recalled | None,
    ) -> Prediction:
        none = float(scores.none[row])
        votes = np.zeros(len(self.relation_of)) if recalled is None else recalled.added
        shown = self._shown(scores.relations[row] + votes, none)
        # Plain lists: this runs for every relation of every pair, and array access would cost
        # more than the network.
        relations, added = scores.relations[row].tolist(), votes.tolist()
        cosines: Sequence[float] | dict[int, float]
        if len(shown) == len(self._columns):
            cosines = scores.descriptions[row].tolist()
        else:
            needed = (r for columns in shown for c in columns for r in self._members[c])
            cosines = {r: float(scores.descriptions[row, r]) for r in needed}
        ranked = [self._ranked(c, relations, cosines, none, added) for c in shown]
        ranked.sort(key=lambda r: -r.margin)
        seen = self.reader.picture_evidence(example)
        concepts = seen.seen() if seen is not None else ()
        notes = (*pair.notes, *self._notes(example, seen))
        return Prediction(
            tuple(ranked),
            self.version.id,
            pair.likeliest_types(),
            concepts,
            notes,
            recalled.votes if recalled is not None else (),
        )

    def _shown(self, scores: np.ndarray, none: float) -> list[list[int]]:
        """The relation-directions of each relation that is ranked, for scores (N,) of one pair."""
        if len(self._columns) <= COMPLETE:
            return self._columns
        best = leading(scores - np.clip(none + self._lines, -1.0, 1.0), self._starts)
        return [self._columns[n] for n in best.tolist()]

    def _ranked(
        self,
        columns: Sequence[int],
        relations: Sequence[float],
        cosines: Sequence[float] | dict[int, float],
        none: float,
        added: Sequence[float],
    ) -> RankedRelation:
        """A relation in its better direction; ``columns`` are its relation-directions."""
        best = max(columns, key=lambda c: relations[c] + added[c])
        relation, direction = self.readings.pairs[best]
        others = [relations[c] for c in columns if c != best]
        line = none + self._own_lines.get(relation.id, self.version.lines.all)
        return RankedRelation(
            relation.id,
            direction,
            relations[best],
            min(1.0, max(-1.0, line)),
            self._decided(best, cosines),
            max(others) if others else None,
            added[best],
        )

    def _decided(
        self, column: int, cosines: Sequence[float] | dict[int, float]
    ) -> tuple[DescriptionScore, ...]:
        """Descriptions of a relation-direction with the weights of ``network.weigh``."""
        members = self._members[column]
        most = max(cosines[r] for r in members)
        sharpness = self.version.settings.description_sharpness
        powers = [math.exp((cosines[r] - most) * sharpness) for r in members]
        total = sum(powers)
        found = [
            DescriptionScore(self.readings.all[r].description, cosines[r], power / total)
            for r, power in zip(members, powers, strict=True)
        ]
        found.sort(key=lambda d: -d.weight)
        return tuple(found)

    def suggest_types(
        self, example: Example
    ) -> tuple[tuple[EntityType, float] | None, tuple[EntityType, float] | None]:
        """The tagger's type and its probability for each text mention; None for a box."""
        pair = self.reader.read([example.with_types(None, None)], [NOTHING])[0]
        first, second = (
            (type_, float(row.max())) if type_ else None
            for type_, row in zip(pair.likeliest_types(), pair.types, strict=True)
        )
        return first, second

    def _notes(self, example: Example, seen: PictureEvidence | None) -> tuple[str, ...]:
        """Limits of this answer that a user should know."""
        boxed = any(isinstance(m.place, Box) for m in example.mentions)
        if self.reader.vision is None and example.picture is not None:
            rest = ", so nothing of a box reached it" if boxed else ""
            return (f"This model version does not look at pictures{rest}.",)
        if boxed and not self.version.card.get("boxes", False):
            return (
                f"A box is read through the {_inside(seen)} seen inside it; this model version was "
                "not trained on boxes, so take its answer as a hint.",
            )
        if seen is not None and seen.patches is None and not seen.concepts:
            return ("Nothing the model has a word for was seen in the picture.",)
        return ()


def _inside(seen: PictureEvidence | None) -> str:
    """What stands for the inside of a box."""
    if seen is None or seen.patches is None:
        return "concept words"
    return "picture parts" if seen.scores is None else "concept words and picture parts"


def _packaged_catalogue(version: ModelVersion) -> str:
    """Name of the packaged catalogue a version was trained with."""
    about = version.card.get("catalogue")
    name = about.get("name") if isinstance(about, dict) else None
    if name in catalogue_names():
        return str(name)
    raise ValueRejected(
        f"a catalogue for version {version.id}, because it was trained with none of the packaged "
        f"ones ({', '.join(catalogue_names())})",
        f"{name or 'none'} in its card",
        "Give one: catalogue='my.toml'.",
    )
