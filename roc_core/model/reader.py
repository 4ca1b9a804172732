"""From examples to what the pair encoder reads.

The sentence is read by the shared lower layers once, whatever is marked in it; concept words and
picture text are read by the same layers, so the picture speaks the text encoder's language.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from roc_core.config import ModelSettings
from roc_core.datasets.pictures import open_picture
from roc_core.encoders.text import Tokens, TransformerTextEncoder
from roc_core.errors import PictureMissing
from roc_core.model.inputs import CONCEPT, PICTURE_TEXT, UNTOLD, PairInput
from roc_core.model.markers import ROOM, SIGNS, insert_markers
from roc_core.model.places import (
    box_geometry,
    box_patch,
    check_patches,
    concept_place,
    visible_patches,
    without_place,
)
from roc_core.model.tagger import TypeTagger
from roc_core.model.window import overlapping, pieces_of, window
from roc_core.schema import ENTITY_TYPES, Example, Mention, Span

if TYPE_CHECKING:
    import torch

    from roc_core.encoders.vision import PictureEvidence, VisionEncoder

Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hidden:
    """What of an example the model must not see, for explanations and for the switchboard.

    ``mentions`` hides the words of a mention (they are masked, the mark stays); ``types`` leaves
    an entity type unknown, ``positions`` how far apart the mentions are and where boxes and picture
    parts lie. ``cells`` are (row, column) of the picture grid.
    """

    words: tuple[Span, ...] = ()
    mentions: tuple[bool, bool] = (False, False)
    types: tuple[bool, bool] = (False, False)
    cells: frozenset[Cell] = frozenset()
    concepts: frozenset[str] = frozenset()
    picture: bool = False
    picture_text: bool = False
    positions: bool = False


NOTHING = Hidden()


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which pieces of a sentence are read: ids, hidden pieces, pieces of each mention."""

    ids: tuple[int, ...]
    hidden: tuple[int, ...]
    pieces: tuple[tuple[int, ...], tuple[int, ...]]
    note: str


class StateCache:
    """Least recently used lower-layer states, bounded by ``size`` entries."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[object, ...], torch.Tensor] = OrderedDict()

    def get(self, key: tuple[object, ...]) -> torch.Tensor | None:
        """The states kept under a key, or None."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        return None

    def put(self, key: tuple[object, ...], states: torch.Tensor) -> None:
        """Keep states; the oldest go."""
        self._kept[key] = states
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)


class PairReader:
    """Turns (example, hidden) into PairInputs with a frozen text and a frozen vision encoder.

    Raises ValueRejected for a patch encoder whose width is not the settings' ``patch_width``.
    """

    def __init__(
        self,
        text: TransformerTextEncoder,
        vision: VisionEncoder | None,
        settings: ModelSettings,
        tagger: TypeTagger | None = None,
        cache: int = 2048,
    ) -> None:
        check_patches(vision, settings)
        self.text, self.vision, self.settings, self.tagger = text, vision, settings, tagger
        self._states = StateCache(cache)
        self._tokens: OrderedDict[str, Tokens] = OrderedDict()
        self._seen: OrderedDict[tuple[str, int, int], PictureEvidence] = OrderedDict()

    # --- sentences -----------------------------------------------------------------------

    def _tokenize(self, texts: Sequence[str]) -> list[Tokens]:
        missing = [t for t in dict.fromkeys(texts) if t not in self._tokens]
        fresh = dict(zip(missing, self.text.tokenize(missing), strict=True))
        out = [fresh.get(t) or self._tokens[t] for t in texts]
        self._tokens.update(fresh)
        while len(self._tokens) > 4096:
            self._tokens.popitem(last=False)
        return out

    def _plan(self, example: Example, tokens: Tokens, hide: Hidden) -> _Plan:
        marked = [
            pieces_of(tokens.offsets, m.place) if isinstance(m.place, Span) else []
            for m in example.mentions
        ]
        room = self.text.window - 2 - (ROOM if self._signs else 0)
        kept = window(len(tokens.ids), [m for m in marked if m], room)
        at = {piece: i for i, piece in enumerate(kept)}
        pieces = [tuple(at[p] for p in m if p in at) for m in marked]
        ids = [tokens.ids[p] for p in kept]
        for masked, own in zip(hide.mentions, pieces, strict=True):
            for i in own if masked else ():
                ids[i] = self.text.mask_id
        gone = sorted(
            {at[p] for w in hide.words for p in overlapping(tokens.offsets, w) if p in at}
        )
        note = ""
        if len(kept) < len(tokens.ids):
            note = (
                f"The sentence is longer than the model reads at once: {len(kept)} of its "
                f"{len(tokens.ids)} word pieces were read, those around the two mentions."
            )
        if self._signs:
            marked_ids = insert_markers(ids, pieces, self._signs)
            gone = [marked_ids.at[g] for g in gone]
            return _Plan(marked_ids.ids, tuple(gone), marked_ids.pieces, note)
        return _Plan(tuple(ids), tuple(gone), (pieces[0], pieces[1]), note)

    def _read(
        self, wanted: Sequence[tuple[tuple[int, ...], tuple[int, ...]]]
    ) -> list[torch.Tensor]:
        """Lower-layer states of (ids, hidden pieces), each distinct one read once."""
        found = {key: self._states.get(key) for key in dict.fromkeys(wanted)}
        missing = sorted((k for k, v in found.items() if v is None), key=lambda k: len(k[0]))
        for start in range(0, len(missing), 64):
            part = missing[start : start + 64]
            states = self.text.read(
                [k[0] for k in part], self.settings.shared_layers, [k[1] for k in part]
            )
            for key, value in zip(part, states, strict=True):
                found[key] = value
                self._states.put(key, value)
        return [v for v in (found[key] for key in wanted) if v is not None]

    @cached_property
    def _signs(self) -> tuple[int, int] | None:
        """Piece ids of inserted markers; None for levitated ones."""
        if self.settings.markers != "inserted":
            return None
        first, second = (t.ids[0] for t in self.text.tokenize(SIGNS))
        return first, second

    # --- pictures ------------------------------------------------------------------------

    def look(self, picture: Path) -> PictureEvidence | None:
        """What the vision encoder sees in a picture file; None for a text-only model."""
        if self.vision is None:
            return None
        try:
            info = picture.stat()
        except OSError as error:
            raise PictureMissing(
                f"the picture file {picture}",
                error.strerror or str(error),
                "Check the path, or leave the picture out.",
            ) from error
        key = (str(picture), info.st_mtime_ns, info.st_size)
        if key not in self._seen:
            self._seen[key] = self.vision.see(open_picture(picture))
            while len(self._seen) > 256:
                self._seen.popitem(last=False)
        return self._seen[key]

    def picture_evidence(self, example: Example, hide: Hidden = NOTHING) -> PictureEvidence | None:
        """Evidence of an example's picture with cells hidden as asked; None without a picture."""
        if example.picture is None or hide.picture:
            return None
        seen = self.look(example.picture)
        return seen.without(hide.cells) if seen is not None and hide.cells else seen

    def words_of(self, words: Sequence[str]) -> torch.Tensor:
        """Mean lower-layer state of each concept word, (N, D)."""
        import torch

        ids = [t.ids for t in self._tokenize(words)]
        states = self._read([(i, ()) for i in ids])
        return torch.stack([s[1:-1].mean(0) for s in states])

    # --- pairs ---------------------------------------------------------------------------

    def read(self, examples: Sequence[Example], hide: Sequence[Hidden] = ()) -> list[PairInput]:
        """A PairInput for each example; ``hide`` has one entry an example or is empty."""
        import torch

        hides = list(hide) or [NOTHING] * len(examples)
        tokens = self._tokenize([e.sentence for e in examples])
        plans = [self._plan(e, t, h) for e, t, h in zip(examples, tokens, hides, strict=True)]
        states = self._read([(p.ids, p.hidden) for p in plans])
        texts = [
            "" if h.picture_text else e.picture_text.strip()
            for e, h in zip(examples, hides, strict=True)
        ]
        captions = self._captions(texts)
        # Reading may run in half precision; what is made of the states may not.
        with torch.autocast("cpu", enabled=False):
            return [
                self._pair(e, h, p, s.float(), c)
                for e, h, p, s, c in zip(examples, hides, plans, states, captions, strict=True)
            ]

    def _captions(self, texts: Sequence[str]) -> list[torch.Tensor | None]:
        """Lower-layer states of picture texts without special tokens, cut to the window."""
        room = self.settings.picture_text_window
        some = [t for t in texts if t] if room else []
        ids = [t.ids[:room] for t in self._tokenize(some)]
        states = iter(self._read([(i, ()) for i in ids]))
        return [next(states)[1:-1] if t and room else None for t in texts]

    def _pair(
        self,
        example: Example,
        hide: Hidden,
        plan: _Plan,
        states: torch.Tensor,
        caption: torch.Tensor | None,
    ) -> PairInput:
        import torch

        seen = self.picture_evidence(example, hide)
        evidence, places, kinds = self._evidence(seen, hide, caption)
        hidden = torch.zeros(len(states), dtype=torch.bool)
        hidden[[h + 1 for h in plan.hidden]] = True
        marks = torch.zeros(2, len(states))
        for row, pieces in enumerate(plan.pieces):
            marks[row, [p + 1 for p in pieces]] = 1.0
        mentions = torch.stack(
            [
                self._mention(m, hide, masked, row, states, seen)
                for m, masked, row in zip(example.mentions, hide.mentions, marks, strict=True)
            ]
        )
        patches, patch_places = visible_patches(seen, self.settings.patch_width)
        box_patches = [
            box_patch(m, None if masked else seen, self.settings.patch_width)
            for m, masked in zip(example.mentions, hide.mentions, strict=True)
        ]
        centres = [sum(p) / len(p) if p else 0.0 for p in plan.pieces]
        boxes = torch.tensor([box_geometry(m, seen) for m in example.mentions])
        if hide.positions:
            boxes = torch.zeros_like(boxes)
            places, patch_places = without_place(places), without_place(patch_places)
        return PairInput(
            states,
            hidden,
            marks,
            mentions,
            boxes,
            self._types(example, hide, mentions, states),
            evidence,
            places,
            kinds,
            patches,
            patch_places,
            torch.stack(box_patches),
            UNTOLD if hide.positions else round(abs(centres[1] - centres[0])),
            (plan.note,) if plan.note else (),
        )

    def _mention(
        self,
        mention: Mention,
        hide: Hidden,
        masked: bool,
        marks: torch.Tensor,
        states: torch.Tensor,
        seen: PictureEvidence | None,
    ) -> torch.Tensor:
        """Mean state of a span's pieces, or of the concept words within a box (zeros if hidden).

        What the patches of a box show is a value of its own, see ``places.box_patch``.
        """
        import torch

        if isinstance(mention.place, Span):
            total = marks.sum()
            return marks @ states / total if total > 0 else torch.zeros(states.shape[1])
        found = seen.within(mention.place).concepts if seen is not None and not masked else ()
        inside = [c for c in found if c.word not in hide.concepts]
        if not inside:
            return torch.zeros(states.shape[1])
        weights = torch.tensor([c.weight for c in inside])
        return weights @ self.words_of([c.word for c in inside]) / weights.sum().clamp(min=1e-6)

    def _types(
        self, example: Example, hide: Hidden, mentions: torch.Tensor, states: torch.Tensor
    ) -> torch.Tensor:
        """(2, 4): one-hot where given, the tagger's probabilities for other spans, else zeros."""
        import torch

        types = torch.zeros(2, len(ENTITY_TYPES))
        for i, mention in enumerate(example.mentions):
            if hide.types[i]:
                continue
            if mention.type is not None:
                types[i, ENTITY_TYPES.index(mention.type)] = 1.0
            elif self.tagger is not None and isinstance(mention.place, Span):
                types[i] = self.tagger.probabilities(mentions[i], states.mean(0))
        return types

    def _evidence(
        self, seen: PictureEvidence | None, hide: Hidden, caption: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        import torch

        concepts = [c for c in seen.concepts if c.word not in hide.concepts] if seen else []
        concepts = concepts[: self.settings.concepts]
        parts, places = [self._no_states], []
        if concepts and seen is not None:
            parts.append(self.words_of([c.word for c in concepts]))
            places += [(*concept_place(seen, c.cells), c.weight) for c in concepts]
        if caption is not None:
            parts.append(caption)
            places += [(0.0, 0.0, 0.0, 0.0, 1.0)] * len(caption)
        kinds = [CONCEPT] * len(concepts) + [PICTURE_TEXT] * (len(places) - len(concepts))
        return (
            torch.cat(parts),
            torch.tensor(places).reshape(-1, 5),
            torch.tensor(kinds, dtype=torch.long),
        )

    @cached_property
    def _no_states(self) -> torch.Tensor:
        import torch

        return torch.zeros(0, self.text.width)
