"""The trained parts: the upper layers with LoRA, the fusion inputs, and both heads.

Letters of the shape comments: B batch, T sentence tokens, E evidence tokens, D encoder width,
W width of the shared space, N relation-directions, K descriptions of one of them.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from roc_core.config import ModelSettings
from roc_core.encoders.text import PositionBias, run_layers
from roc_core.model.inputs import MAX_DISTANCE, PATCH, PairBatch
from roc_core.model.sight import Geometry, PatchReader
from roc_core.schema import ENTITY_TYPES, Direction

DIRECTIONS: tuple[Direction, ...] = ("forward", "backward", "both")
LORA_TARGETS = {"query", "key", "value", "dense", "q", "k", "v", "o"}
"""Names of the linear layers of BERT-like and MPNet-like encoders."""
FAR = 512
"""Where picture evidence lies on the line of positions: beyond every word."""


def upper_layers(encoder: Any, settings: ModelSettings) -> nn.ModuleList:
    """A copy of the layers above the shared ones, wrapped with LoRA (peft), base weights frozen.

    LoRA: Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models".
    """
    from peft import LoraConfig, inject_adapter_in_model

    layers = copy.deepcopy(nn.ModuleList(list(encoder.layer)[settings.shared_layers :]))
    for module in layers.modules():
        if isinstance(module, nn.Dropout):
            module.p = settings.dropout
    config = LoraConfig(
        r=settings.lora_rank,
        lora_alpha=2 * settings.lora_rank,
        lora_dropout=0.0,
        target_modules=sorted(
            {n.rsplit(".", 1)[-1] for n, m in layers.named_modules() if isinstance(m, nn.Linear)}
            & LORA_TARGETS
        ),
    )
    wrapped: Any = inject_adapter_in_model(config, layers)
    return wrapped


class PairEncoder(nn.Module):
    """Marked pair → one unit vector of width W.

    Levitated markers: each mention adds one token behind the sentence, made of the mean state of
    its words (or of the concept words in its box), its role, its type and its place; the words of
    a mention carry its role as well. With inserted markers (see ``markers``) only a box has such a
    token, and a mention's type goes with its words. Concept words, picture text and patches stand
    behind them as further tokens with their 2-D places. The upper layers read all of it together.
    """

    def __init__(self, encoder: nn.Module, width: int, settings: ModelSettings) -> None:
        super().__init__()
        self.layers = upper_layers(encoder, settings)
        self.position_bias = PositionBias(encoder)
        self.inserted = settings.markers == "inserted"
        self.role = nn.Parameter(torch.randn(2, width) * 0.2)
        self.marker = nn.Parameter(torch.randn(2, width) * 0.2)
        self.entity_type = nn.Parameter(torch.zeros(len(ENTITY_TYPES), width))
        self.token_distance = nn.Embedding(MAX_DISTANCE + 1, width)
        nn.init.normal_(self.token_distance.weight, std=0.02)
        # Zero, so that places and kinds that training never showed change nothing.
        self.place = nn.Linear(5, width, bias=False)
        self.box = nn.Linear(5, width, bias=False)
        nn.init.zeros_(self.place.weight)
        nn.init.zeros_(self.box.weight)
        self.kind = nn.Parameter(torch.zeros(3, width))
        self.sight = PatchReader(settings.patch_width, width) if settings.patch_width else None
        self.geometry = Geometry(width) if settings.box_geometry else None
        self.head = nn.Sequential(
            nn.Linear(4 * width, 2 * width),
            nn.GELU(),
            nn.Dropout(settings.dropout),
            nn.Linear(2 * width, settings.pair_width),
        )

    def forward(self, batch: PairBatch) -> torch.Tensor:
        """Unit pair vectors, (B, W)."""
        t = batch.states.shape[1]
        markers = (
            batch.mentions + self.marker + batch.types @ self.entity_type + self.box(batch.boxes)
        )
        apart = self.token_distance(batch.distance.clamp(min=0)) * (batch.distance >= 0)[:, None]
        markers = markers + torch.stack([apart, torch.zeros_like(apart)], dim=1)  # B,2,D
        signs = self.role + batch.types @ self.entity_type if self.inserted else self.role
        words = batch.states + batch.marks.transpose(1, 2) @ signs  # B,T,D
        shown = batch.evidence + self.kind[batch.kinds] + self.place(batch.places)  # B,E,D
        if self.geometry is not None:
            markers = markers + self.geometry.relate(batch.boxes)
            shown = shown + self.geometry(batch.places)
        patches = self._patches(batch)  # B,P,D
        if self.sight is not None:
            markers = markers + self.sight(batch.box_patches)
        x = torch.cat([words, markers, shown, patches], dim=1)  # B,T+2+E+P,D
        # Inserted markers are among the words; a box has none there and keeps its own token.
        always = batch.marks.sum(2) == 0 if self.inserted else batch.marks.sum(2) >= 0  # B,2
        seen = torch.cat([batch.seen, always, batch.evidence_seen, batch.patches_seen], dim=1)
        x = run_layers(self.layers, x, seen, self.position_bias(positions(batch, x.shape[1])))
        weights = batch.marks / batch.marks.sum(2, keepdim=True).clamp(min=1.0)  # B,2,T
        mentions = weights @ x[:, :t] + x[:, t : t + 2] * always[:, :, None]  # B,2,D
        # Apart, because a picture has more patches than a sentence has words.
        first = x.shape[1] - patches.shape[1]
        sentence = _mean(x[:, :first], seen[:, :first]) + _mean(x[:, first:], seen[:, first:])
        return F.normalize(
            self.head(torch.cat([mentions[:, 0], mentions[:, 1], x[:, 0], sentence], dim=1)), dim=1
        )

    def _patches(self, batch: PairBatch) -> torch.Tensor:
        """Patch tokens with their places, (B, P, D); P is 0 for a model without patches."""
        if self.sight is None:
            return batch.states.new_zeros(len(batch.states), 0, batch.states.shape[2])
        found: torch.Tensor = self.sight(batch.patches) + self.kind[PATCH]
        found = found + self.place(batch.patch_places)
        return found if self.geometry is None else found + self.geometry(batch.patch_places)


def positions(batch: PairBatch, length: int) -> torch.Tensor:
    """Where each of ``length`` tokens stands for a position bias, (B, length): words as they are, a
    marker at the middle of its mention (a box beyond all words), the picture beyond all words."""
    b, t, _ = batch.states.shape
    words = torch.arange(t, device=batch.states.device)
    weight = batch.marks.sum(2)  # B,2
    middle = (batch.marks @ words.float() / weight.clamp(min=1.0)).round().long()
    middle = torch.where(weight > 0, middle, FAR)
    beyond = FAR + torch.arange(length - t - 2, device=words.device)
    return torch.cat([words.expand(b, t), middle, beyond.expand(b, len(beyond))], dim=1)


def _mean(states: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
    """Mean of the seen states, (B, N, D) and (B, N) → (B, D); zeros where nothing is seen."""
    return (seen[:, :, None] * states).sum(1) / seen.sum(1, keepdim=True).clamp(min=1)


class RelationEncoder(nn.Module):
    """Sentence vector of a description and its direction → unit vector of width W."""

    def __init__(self, width: int, settings: ModelSettings) -> None:
        super().__init__()
        self.linear = nn.Linear(width, settings.pair_width)
        self.hidden = nn.Sequential(
            nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, settings.pair_width)
        )
        self.direction = nn.Embedding(len(DIRECTIONS), settings.pair_width)
        nn.init.normal_(self.direction.weight, std=0.02)
        self.turn = nn.Parameter(torch.zeros(len(DIRECTIONS), settings.pair_width))

    def forward(self, vectors: torch.Tensor, directions: torch.Tensor) -> torch.Tensor:
        """(M, D) description vectors and (M,) numbers into DIRECTIONS → (M, W) unit vectors."""
        x = self.linear(vectors) + self.hidden(vectors)
        x = x * (1 + self.turn[directions]) + self.direction(directions)
        return F.normalize(x, dim=1)


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Cosines of pairs with every description (B, M), with every relation-direction (B, N), and
    with "none of these" (B,)."""

    descriptions: torch.Tensor
    relations: torch.Tensor
    none: torch.Tensor

    def rows(self, which: torch.Tensor) -> Scores:
        """The scores of the pairs that ``which`` (B,) names or is true for."""
        return Scores(self.descriptions[which], self.relations[which], self.none[which])


def weigh(cosines: torch.Tensor, sharpness: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Softmax-weighted mean over the last axis and the weights; the mean stays in -1..1."""
    weights = torch.softmax(cosines * sharpness, dim=-1)
    return (weights * cosines).sum(-1), weights


class RetrievalNetwork(nn.Module):
    """Pair encoder, relation encoder, the vectors of "none of these" and the temperature."""

    def __init__(self, encoder: nn.Module, width: int, settings: ModelSettings) -> None:
        super().__init__()
        self.settings = settings
        self.pair = PairEncoder(encoder, width, settings)
        self.relation = RelationEncoder(width, settings)
        self.classes = (
            nn.Linear(settings.pair_width, settings.classes + 1) if settings.classes else None
        )
        self.none = nn.Parameter(torch.randn(settings.none_vectors, settings.pair_width))
        self.log_scale = nn.Parameter(torch.tensor(2.66))  # 1 / 0.07, as CLIP starts
        # Told apart here once: a training may hold some of the trained tensors still.
        self._backbone = {n for n, p in self.named_parameters() if not p.requires_grad}
        self._unmerged: dict[str, torch.Tensor] | None = None

    @property
    def scale(self) -> torch.Tensor:
        """1 / temperature, at most 50 so that one pair cannot dominate a batch."""
        return self.log_scale.exp().clamp(max=50.0)

    def score(self, pairs: torch.Tensor, described: torch.Tensor, groups: torch.Tensor) -> Scores:
        """Scores of unit pair vectors (B, W) against unit description vectors (M, W).

        ``groups`` (N, K) numbers the descriptions of each relation-direction; -1 pads.
        """
        return self.combine(pairs @ described.T, pairs, groups)

    def combine(self, cosines: torch.Tensor, pairs: torch.Tensor, groups: torch.Tensor) -> Scores:
        """Scores from the cosines (B, M) of pairs (B, W) with every description.

        With a classification head they are its logits by ``scale`` instead, one a
        relation-direction and one for ``None``; descriptions then decide nothing.
        """
        if self.classes is not None:
            # Times the root of the width: a unit vector is too short for a linear layer.
            found = self.classes(pairs * pairs.shape[1] ** 0.5) / self.scale
            return Scores(cosines, found[:, :-1], found[:, -1])
        picked = cosines[:, groups.clamp(min=0)]  # B,N,K
        # Masked after sharpening: at a sharpness of 0 padding would be given weight otherwise.
        sharp = (picked * self.settings.description_sharpness).masked_fill(groups < 0, -1e4)
        relations = (torch.softmax(sharp, dim=-1) * picked).sum(-1)  # B,N
        none, _ = weigh(
            pairs @ F.normalize(self.none, dim=1).T, self.settings.description_sharpness
        )
        return Scores(cosines, relations, none)

    def merge(self) -> None:
        """Fold LoRA into the layers' weights, for faster reading. For good: what is merged is not
        trained again; ``trained_state`` still gives what was trained."""
        from peft.tuners.tuners_utils import BaseTunerLayer

        self._unmerged = self.trained_state()
        for parent in list(self.pair.layers.modules()):
            for name, module in list(parent.named_children()):
                if isinstance(module, BaseTunerLayer):
                    module.merge()
                    setattr(parent, name, module.get_base_layer())

    def trained_state(self) -> dict[str, torch.Tensor]:
        """The tensors training changes: everything but the frozen weights of the backbone."""
        if self._unmerged is not None:
            return dict(self._unmerged)
        return {n: t for n, t in self.state_dict().items() if n not in self._backbone}

    def load_trained(self, state: dict[str, torch.Tensor]) -> None:
        """Put trained tensors back; a missing or unknown one raises KeyError naming it, merged
        layers raise ValueError."""
        if self._unmerged is not None:
            raise ValueError("merged layers cannot take adapters; load the version again")
        wanted = set(self.trained_state())
        if wanted != set(state):
            raise KeyError(", ".join(sorted(wanted ^ set(state))[:5]))
        self.load_state_dict(state, strict=False)
