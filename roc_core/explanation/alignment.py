"""Which words of the sentence are close to which words of the description that decided.

Cosines of contextual word states in the frozen text encoder, as BERTScore compares two texts
(Zhang et al. 2020). They say what is alike in meaning, not what moved the score.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional as F

from roc_core.model.window import overlapping, pieces_of, window
from roc_core.retrieval import Reading, RelationRetriever
from roc_core.schema import Alignment, Direction, Example, Span, WordLink

WORD = re.compile(r"\w+(?:['’.\-]\w+)*")
LINKS = 6
"""Most links named."""
PLAIN = frozenset(
    {"a", "an", "and", "are", "as", "at", "be", "been", "by", "for", "from", "has", "have", "he"}
    | {"her", "his", "i", "in", "is", "it", "its", "of", "on", "one", "or", "other", "she", "that"}
    | {"the", "their", "them", "they", "this", "to", "was", "we", "were", "who", "with", "you"}
)
"""Words too common to be linked, though the matrix has them."""


def align(
    retriever: RelationRetriever, example: Example, relation: str, direction: Direction
) -> Alignment:
    """The sentence's words against those of the relation's closest description.

    Of a sentence longer than the encoder reads, only the words around the mentions. Raises
    RelationUnknown, and ValueRejected for a direction the relation cannot hold in.
    """
    decided = _decided(retriever, example, relation, direction)
    mentions = [m.place for m in example.mentions if isinstance(m.place, Span)]
    words, states = _word_states(retriever, example.sentence, mentions)
    described, other = _word_states(retriever, decided.text, [])
    cosines = (states @ other.T).clamp(-1.0, 1.0).numpy()
    names = tuple(w.of(decided.text) for w in described)
    return Alignment(
        decided.text,
        tuple(w.of(example.sentence) for w in words),
        names,
        tuple(tuple(map(float, row)) for row in cosines),
        _links(example.sentence, words, names, cosines),
    )


def _decided(
    retriever: RelationRetriever, example: Example, relation: str, direction: Direction
) -> Reading:
    """The reading of a relation-direction that is closest to the pair: it has most weight."""
    column = retriever.column_of(relation, direction)
    (vector,) = retriever.vectors([example])
    own = np.flatnonzero(retriever.readings.owners == column)
    cosines = retriever.description_vectors[own] @ vector
    return retriever.readings.all[int(own[int(cosines.argmax())])]


def _word_states(
    retriever: RelationRetriever, text: str, mentions: Sequence[Span]
) -> tuple[list[Span], torch.Tensor]:
    """Words of a text that are read, and their unit states (words, D)."""
    encoder = retriever.reader.text
    (tokens,) = encoder.tokenize([text])
    marked = [pieces_of(tokens.offsets, m) for m in mentions]
    kept = window(len(tokens.ids), [m for m in marked if m], encoder.window - 2)
    (states,) = encoder.read([[tokens.ids[p] for p in kept]], encoder.depth)
    at = {piece: i + 1 for i, piece in enumerate(kept)}
    words, rows = [], []
    for found in WORD.finditer(text):
        span = Span(found.start(), found.end())
        own = [at[p] for p in overlapping(tokens.offsets, span) if p in at]
        if own:
            words.append(span)
            rows.append(states[own].mean(0))
    if not rows:
        return [], torch.zeros(0, encoder.width)
    return words, F.normalize(torch.stack(rows), dim=1)


def _links(
    sentence: str, words: Sequence[Span], described: Sequence[str], cosines: np.ndarray
) -> tuple[WordLink, ...]:
    """The closest word of the description for each word of the sentence, best first."""
    columns = [i for i, w in enumerate(described) if w.lower() not in PLAIN]
    found = []
    for row, word in enumerate(words):
        if columns and word.of(sentence).lower() not in PLAIN:
            best = max(columns, key=lambda c: cosines[row, c])
            score = float(cosines[row, best])
            found.append(WordLink(word.of(sentence), word, described[best], score))
    return tuple(sorted(found, key=lambda w: -w.score)[:LINKS])
