"""Catalogues too large to rank whole, to encode at every start, or to compare with each of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from roc_core.relations import Catalogue
from roc_core.relations.plausible import plausible_catalogue, plausible_relations
from roc_core.retrieval import (
    KeptReadings,
    Memory,
    Reading,
    RelationRetriever,
    ranking,
    readings,
    retriever,
)
from roc_core.schema import Label, MemorySettings
from tests.model.small import (
    SENTENCE,
    marked,
    small_catalogue,
    small_reader,
    small_tagger,
    small_version,
)

EXAMPLES = [marked("Ana", "band"), marked("band", "city"), marked("Ana", "team", SENTENCE)]
WIDTH = 16


def made(count: int) -> Catalogue:
    """The small catalogue's relations among ``count`` made ones."""
    return Catalogue("large", "Large", (*plausible_relations(count), *small_catalogue()))


def large(count: int, kept: KeptReadings | None = None) -> RelationRetriever:
    return RelationRetriever(small_reader(), small_version(small_tagger()), made(count), kept)


@pytest.fixture(scope="module")
def whole() -> RelationRetriever:
    return large(300)


# --- ranked ----------------------------------------------------------------------------------


def test_a_large_catalogue_ranks_the_first_fifty(whole: RelationRetriever) -> None:
    pairs = whole.encode(whole.reader.read(EXAMPLES))
    scores = whole.score(pairs)
    for row, answer in enumerate(whole.predict(EXAMPLES)):
        assert len(answer.ranked) == ranking.RANKED
        margins = np.maximum.reduceat(
            scores.relations[row] - scores.none[row],
            np.flatnonzero(np.diff(whole.relation_of, prepend=-1)),
        )
        best = np.argsort(-margins, kind="stable")[: ranking.RANKED]
        assert [r.relation for r in answer.ranked] == [whole.catalogue.ids[b] for b in best]
        assert [r.margin for r in answer.ranked] == pytest.approx(margins[best], abs=1e-5)
        for entry in answer.ranked:
            assert isinstance(entry.decided_by.score, float)
            column = whole.column_of(entry.relation, entry.direction)
            assert entry.score == pytest.approx(float(scores.relations[row, column]), abs=1e-6)
            assert sum(d.weight for d in entry.descriptions) == pytest.approx(1.0)


def test_a_catalogue_of_two_hundred_is_ranked_whole() -> None:
    found = RelationRetriever(
        small_reader(), small_version(small_tagger()), plausible_catalogue(ranking.COMPLETE)
    )
    assert len(found.predict(EXAMPLES[:1])[0].ranked) == ranking.COMPLETE


def test_columns_of_a_large_catalogue_are_found(whole: RelationRetriever) -> None:
    for number, (relation, direction) in list(enumerate(whole.readings.pairs))[::37]:
        assert whole.column_of(relation.id, direction) == number


# --- kept ------------------------------------------------------------------------------------


class Encoder:
    """The retriever's own encoder, counting what it is given."""

    def __init__(self, of: RelationRetriever) -> None:
        self._of, self.encoded = of, 0

    def __call__(self, some: Sequence[Reading]) -> np.ndarray:
        self.encoded += len(some)
        return self._of.describe(some)


def test_what_is_kept_is_not_encoded_again(whole: RelationRetriever, tmp_path: Path) -> None:
    every = whole.readings.all
    first, again = Encoder(whole), Encoder(whole)
    kept = KeptReadings(tmp_path, WIDTH)
    texts = {(r.direction, r.text) for r in every}
    assert kept.missing(every) == len(texts)
    found = kept.vectors(every, first)
    assert first.encoded == len(texts) == len(kept)
    assert found == pytest.approx(whole.description_vectors, abs=1e-6)
    later = KeptReadings(tmp_path, WIDTH)
    assert later.missing(every) == 0
    assert later.vectors(every, again) == pytest.approx(found, abs=1e-6)
    assert again.encoded == 0


def test_a_changed_catalogue_encodes_what_is_new_and_forgets_when_folded(
    whole: RelationRetriever, tmp_path: Path
) -> None:
    kept, encode = KeptReadings(tmp_path, WIDTH), Encoder(whole)
    kept.vectors(whole.readings.all, encode)
    before = encode.encoded
    fewer = readings(Catalogue("b", "B", (*plausible_relations(301)[-150:], *small_catalogue())))
    found = kept.vectors(fewer.all, encode)
    assert encode.encoded - before == 10  # one new relation: five texts in two directions
    assert found == pytest.approx(whole.describe(fewer.all), abs=1e-6)
    queries = whole.vectors(EXAMPLES)
    rows = [set(r.tolist()) for r in kept.nearest(queries, 20)]
    kept.fold(fewer.all)
    assert len(kept) == len({(r.direction, r.text) for r in fewer.all})
    kept.vectors(fewer.all, encode)
    assert [set(r.tolist()) for r in kept.nearest(queries, 20)] == rows
    kept.save()
    assert KeptReadings(tmp_path, WIDTH).missing(fewer.all) == 0


def test_the_nearest_are_rows_of_the_readings_in_use(
    whole: RelationRetriever, tmp_path: Path
) -> None:
    kept = KeptReadings(tmp_path, WIDTH)
    kept.vectors(whole.readings.all, whole.describe)
    some = whole.readings.all[100:400]
    described = kept.vectors(some, whole.describe)
    queries = whole.vectors(EXAMPLES)
    for query, rows in zip(queries, kept.nearest(queries, 15), strict=True):
        cosines = described @ query
        assert len(rows) >= 15
        assert sorted(cosines[rows])[-15:] == pytest.approx(sorted(cosines)[-15:], abs=1e-5)


def test_what_another_process_folded_is_taken_over(
    whole: RelationRetriever, tmp_path: Path
) -> None:
    ours = KeptReadings(tmp_path, WIDTH)
    ours.vectors(whole.readings.all[:50], whole.describe)
    theirs, encode = KeptReadings(tmp_path, WIDTH), Encoder(whole)
    theirs.vectors(whole.readings.all, whole.describe)
    theirs.fold(whole.readings.all)
    theirs.save()
    ours.vectors(whole.readings.all, encode)
    assert encode.encoded == 0


@pytest.mark.parametrize("damage", ["index.json", ".keys.npy", ".since.npy"])
def test_a_damaged_folder_is_built_again(
    whole: RelationRetriever, tmp_path: Path, damage: str
) -> None:
    KeptReadings(tmp_path, WIDTH).vectors(whole.readings.all[:50], whole.describe)
    (file,) = [f for f in tmp_path.iterdir() if f.name.endswith(damage)]
    file.write_bytes(file.read_bytes()[:20])
    kept = KeptReadings(tmp_path, WIDTH)
    assert len(kept) == 0
    kept.vectors(whole.readings.all[:50], whole.describe)
    assert KeptReadings(tmp_path, WIDTH).missing(whole.readings.all[:50]) == 0


def test_vectors_of_another_width_are_not_taken(whole: RelationRetriever, tmp_path: Path) -> None:
    KeptReadings(tmp_path, WIDTH).vectors(whole.readings.all[:5], whole.describe)
    assert len(KeptReadings(tmp_path, WIDTH + 1)) == 0


# --- near ------------------------------------------------------------------------------------


@pytest.fixture
def near(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RelationRetriever:
    """The large catalogue with an index asked first, as one of tens of thousands readings has."""
    monkeypatch.setattr(retriever, "KEPT", 100)
    monkeypatch.setattr(retriever, "COMPARED", 1_000)
    return large(300, KeptReadings(tmp_path, WIDTH))


def test_the_answer_is_that_of_comparing_with_each(
    whole: RelationRetriever, near: RelationRetriever
) -> None:
    exact, found = whole.predict(EXAMPLES), near.predict(EXAMPLES)
    for one, other in zip(exact, found, strict=True):
        assert other.label == one.label
        assert [r.relation for r in other.ranked[:10]] == [r.relation for r in one.ranked[:10]]
        for a, b in zip(one.ranked[:10], other.ranked[:10], strict=True):
            assert b.score == pytest.approx(a.score, abs=1e-4)
            assert b.line == pytest.approx(a.line, abs=1e-4)
            assert b.other == pytest.approx(a.other, abs=1e-4)
            assert b.decided_by.description == a.decided_by.description


def test_only_near_relations_are_scored(
    near: RelationRetriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "NEAREST", 8)
    pairs = near.encode(near.reader.read(EXAMPLES))
    scores = ranking.near_scores(near, pairs, [None] * len(EXAMPLES))
    finite = np.isfinite(scores.relations)
    assert (finite.sum(axis=1) <= 16).all()
    assert scores.relations[finite] == pytest.approx(near.score(pairs).relations[finite], abs=1e-4)
    (answer, *_) = near.predict(EXAMPLES)
    assert 1 <= len(answer.ranked) <= 8


def test_memory_brings_in_a_relation_that_is_not_near(
    near: RelationRetriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "NEAREST", 8)
    shown = {r.relation for r in near.predict(EXAMPLES[:1])[0].ranked}
    far = next(r for r in near.catalogue if r.id not in shown)
    memory = Memory(near.readings.pairs)
    memory.put("item", near.vectors(EXAMPLES[:1])[0], Label(far.id, far.directions[0]))
    (answer,) = near.predict(EXAMPLES[:1], memory, MemorySettings(weight=1.0))
    assert answer.ranked[0].relation == far.id
    assert answer.ranked[0].memory == pytest.approx(1.0, abs=1e-3)


def test_a_small_catalogue_is_not_kept(tmp_path: Path) -> None:
    large(20, KeptReadings(tmp_path / "index", WIDTH))
    assert not (tmp_path / "index").exists()
