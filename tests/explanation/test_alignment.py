"""Links between the words of a sentence and of the description that decided."""

from __future__ import annotations

import numpy as np
import pytest

from roc_core.encoders.named import text_encoder
from roc_core.errors import ValueRejected
from roc_core.explanation import align
from roc_core.explanation.alignment import LINKS, PLAIN
from roc_core.model.network import RetrievalNetwork
from roc_core.model.reader import PairReader
from roc_core.model.version import Lines, ModelVersion
from roc_core.retrieval import RelationRetriever
from roc_core.schema import Example
from tests.model.small import SENTENCE, SETTINGS, marked, shared_retriever, small_catalogue

MEMBER = "/per/org/member"


def test_the_matrix_has_every_word_of_both_texts() -> None:
    retriever, example = shared_retriever(), marked("Ana", "band")
    found = align(retriever, example, MEMBER, "backward")
    assert found.words == tuple(SENTENCE.split())
    assert found.described == tuple(found.description.rstrip(".").split())
    cosines = np.array(found.cosines)
    assert cosines.shape == (len(found.words), len(found.described))
    assert (abs(cosines) <= 1).all()
    entry = retriever.predict([example])[0].find(MEMBER)
    assert entry is not None
    backward = align(retriever, example, MEMBER, entry.direction)
    decided = (entry.decided_by.description, entry.direction)
    every = retriever.readings.all
    texts = [r.text for r in every if (r.description, r.direction) == decided]
    assert [backward.description] == texts


def test_links_are_the_closest_words_and_never_plain_ones() -> None:
    found = align(shared_retriever(), marked("Ana", "band"), MEMBER, "backward")
    cosines = np.array(found.cosines)
    assert 0 < len(found.links) <= LINKS
    assert [w.score for w in found.links] == sorted((w.score for w in found.links), reverse=True)
    for link in found.links:
        assert link.place.of(SENTENCE) == link.word
        assert not {link.word.lower(), link.described.lower()} & PLAIN
        row = cosines[found.words.index(link.word)]
        open_ = [c for c, w in enumerate(found.described) if w.lower() not in PLAIN]
        assert link.score == pytest.approx(max(row[c] for c in open_))


def test_a_sentence_without_words_has_no_links() -> None:
    example = marked("!", "?", "! ?")
    found = align(shared_retriever(), example, MEMBER, "forward")
    assert (found.words, found.cosines, found.links) == ((), (), ())


def test_long_sentences_are_read_around_the_mentions() -> None:
    example: Example = marked("Ana", "band", "Ana band " + "city " * 400)
    found = align(shared_retriever(), example, MEMBER, "forward")
    assert found.words[:2] == ("Ana", "band")
    assert 50 < len(found.words) < 400


def test_only_directions_that_exist() -> None:
    with pytest.raises(ValueRejected, match=r"one of forward, backward\. Found 'both'"):
        align(shared_retriever(), marked("Ana", "band"), MEMBER, "both")


@pytest.mark.encoders
def test_words_alike_in_meaning_are_linked() -> None:
    text = text_encoder("minilm")
    network = RetrievalNetwork(text.model.encoder, text.width, SETTINGS).eval()
    version = ModelVersion("v", SETTINGS, network, None, Lines(), {}, {})
    retriever = RelationRetriever(PairReader(text, None, SETTINGS), version, small_catalogue())
    sentence = "Liam bowled cricket at the small club called Rovers"
    found = align(retriever, marked("Liam", "Rovers", sentence), "/per/per/peer", "both")
    assert "played" in found.described
    at = found.described.index("played")
    column = {w: row[at] for w, row in zip(found.words, found.cosines, strict=True)}
    assert column["bowled"] > column["small"]
