"""The contrastive alignment of pairs with the descriptions of their relation."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from roc_core.model.network import Scores


def alignment_loss(
    scores: Scores,
    gold: torch.Tensor,
    owners: torch.Tensor,
    scale: torch.Tensor,
    description_weight: float,
    smoothing: float = 0.0,
) -> torch.Tensor:
    """Loss of a batch, a scalar.

    ``gold`` (B,) numbers the relation-direction of each pair, N for ``None``; ``owners`` (M,)
    numbers the relation-direction of each description. Two parts, both softmax cross-entropies
    over cosines times ``scale``: over relation-directions and "none of these" (what retrieval
    ranks by), and over single descriptions with all descriptions of the gold relation as
    positives (multi-positive InfoNCE: the mean over positives of Khosla et al. 2020, L_out).
    """
    logits = torch.cat([scores.relations, scores.none[:, None]], dim=1) * scale  # B,N+1
    loss = F.cross_entropy(logits, gold, label_smoothing=smoothing)
    positive = owners[None, :] == gold[:, None]  # B,M
    has = positive.any(1)
    if description_weight and bool(has.any()):
        every = torch.cat([scores.descriptions, scores.none[:, None]], dim=1) * scale
        log_p = every.log_softmax(dim=1)[:, :-1]  # B,M
        per_pair = (log_p * positive).sum(1)[has] / positive.sum(1)[has]
        loss = loss - description_weight * per_pair.mean()
    return loss


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
