"""Which labelled sentences go along with a request for descriptions, and what names a request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from roc_core.evaluation.protocols import is_dev
from roc_core.relations.prompting import Message, chosen, slotted
from roc_core.schema import Endpoint, GuardRule, ItemFilter, Label
from roc_core.store import Store

KEPT_BACK = ("val", "test", "dev")
"""Splits whose sentences are never sent: what is measured on them was not told to the writer."""

LOOKED_AT = 4000
"""Labelled items of a relation among which sentences are chosen."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A sentence that is sent, with slots in place of its mentions, and its item."""

    text: str
    item: str


def shown_examples(store: Store, relation: str, count: int) -> tuple[Shown, ...]:
    """At most ``count`` labelled sentences of a relation, the same ones while the labels stay.

    Sentences that scores are measured on are left out: other splits than training, ``dev`` and
    what the guard of model versions holds out.
    """
    from roc_core.evaluation.guard import held_out

    if not count:
        return ()
    texts: dict[str, str] = {}
    for item in store.items(ItemFilter(relation=relation), 0, LOOKED_AT).items:
        sentence, split = item.example.sentence, item.record.provenance.split
        if split in KEPT_BACK or (split and is_dev(sentence)) or held_out(sentence, GuardRule()):
            continue
        text = slotted(item.example, item.label or Label(relation))
        texts.setdefault(text, item.id)
    return tuple(Shown(t, texts[t]) for t in chosen(texts, count))


def request_key(endpoint: Endpoint, messages: Sequence[Message]) -> str:
    """SHA-256 (hex) of what decides an answer: address, model and conversation."""
    said = json.dumps([endpoint.base_url, endpoint.model, list(messages)], sort_keys=True)
    return hashlib.sha256(said.encode("utf-8", "backslashreplace")).hexdigest()
