"""The contrastive alignment of pairs with the descriptions of their relation."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch.nn import functional as F

from roc_core.model.network import Scores


def hard_negatives(type_pairs: Sequence[tuple[str, str]], weight: float) -> torch.Tensor:
    """What to add to the logits of N relation-directions and "none of these", (N + 1, N + 1).

    Row g, column n: log of ``weight`` where n is another relation-direction for the same types of
    first and second mention as the gold one g, so that each of these hard negatives counts
    ``weight`` times in the softmax; 0 elsewhere and in the row and column of ``None``.
    """
    count = len(type_pairs)
    added = torch.zeros(count + 1, count + 1)
    for gold, own in enumerate(type_pairs):
        for other, types in enumerate(type_pairs):
            if other != gold and types == own:
                added[gold, other] = math.log(weight)
    return added


def class_weights(counts: torch.Tensor, balance: float) -> torch.Tensor:
    """How much a pair of each of N relation-directions and of "none of these" counts, (N + 1,).

    ``counts`` (N,) are their training pairs. A pair of a relation-direction with n of them counts
    in proportion to n to the power of minus ``balance`` (0: all pairs alike; 1: all
    relation-directions alike), with a mean of 1 over the pairs that have a relation, so that
    ``None``, which counts 1, keeps its share of the loss.
    """
    known = counts.float().clamp(min=1.0) ** -balance
    mean = (known * counts).sum() / counts.sum().clamp(min=1)
    return torch.cat([known / mean if float(mean) else torch.ones_like(known), torch.ones(1)])


def alignment_loss(
    scores: Scores,
    gold: torch.Tensor,
    owners: torch.Tensor,
    scale: torch.Tensor,
    description_weight: float,
    smoothing: float = 0.0,
    hardness: torch.Tensor | None = None,
    weights: torch.Tensor | None = None,
) -> torch.Tensor:
    """Loss of a batch, a scalar.

    ``gold`` (B,) numbers the relation-direction of each pair, N for ``None``; ``owners`` (M,)
    numbers the relation-direction of each description. Two parts, both softmax cross-entropies
    over cosines times ``scale``: over relation-directions and "none of these" (what retrieval
    ranks by), and over single descriptions with all descriptions of the gold relation as
    positives (multi-positive InfoNCE: the mean over positives of Khosla et al. 2020, L_out).
    ``hardness`` (N + 1, N + 1) comes from ``hard_negatives``, ``weights`` (N + 1,) from
    ``class_weights``; without weights all pairs count alike.
    """
    logits = torch.cat([scores.relations, scores.none[:, None]], dim=1) * scale  # B,N+1
    if hardness is not None:
        logits = logits + hardness[gold]
    own = torch.ones_like(logits[:, 0]) if weights is None else weights[gold]  # B
    each = F.cross_entropy(logits, gold, label_smoothing=smoothing, reduction="none")
    loss = (own * each).mean()
    positive = owners[None, :] == gold[:, None]  # B,M
    has = positive.any(1)
    if description_weight and bool(has.any()):
        every = torch.cat([scores.descriptions, scores.none[:, None]], dim=1) * scale
        log_p = every.log_softmax(dim=1)[:, :-1]  # B,M
        per_pair = (log_p * positive).sum(1)[has] / positive.sum(1)[has]
        loss = loss - description_weight * (own[has] * per_pair).mean()
    return loss


def distillation_loss(
    scores: Scores, taught: torch.Tensor, scale: torch.Tensor, temperature: float
) -> torch.Tensor:
    """Cross-entropy against a teacher's softened distribution, a scalar (Hinton et al. 2015).

    ``taught`` (B, N + 1) are the teacher's logits over relation-directions and "none of these".
    The square of the temperature keeps its gradients as large as those of the hard labels.
    """
    logits = torch.cat([scores.relations, scores.none[:, None]], dim=1) * scale  # B,N+1
    wanted = F.softmax(taught / temperature, dim=1)
    found = F.log_softmax(logits / temperature, dim=1)
    return temperature**2 * F.kl_div(found, wanted, reduction="batchmean")


def batch_contrast(
    pairs: torch.Tensor, gold: torch.Tensor, none: int, scale: float = 10.0
) -> torch.Tensor:
    """Supervised contrastive loss among the pairs of a batch (Khosla et al. 2020, L_out).

    Pairs of one relation-direction attract each other; ``None`` pairs (``gold == none``) are
    negatives only. 0 when no two pairs of the batch share a relation.
    """
    same = (gold[:, None] == gold[None, :]) & (gold[:, None] != none)
    same.fill_diagonal_(False)
    has = same.any(1)
    if not bool(has.any()):
        return pairs.new_zeros(())
    similarity = (pairs @ pairs.T * scale).fill_diagonal_(-1e4)
    log_p = similarity.log_softmax(dim=1)
    return -((log_p * same).sum(1)[has] / same.sum(1)[has]).mean()
