"""Readings of a catalogue and ranked answers of a small real model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from roc_core.encoders.vision import VisionEncoder
from roc_core.errors import IndexEmpty, RelationUnknown, ValueRejected
from roc_core.model.reader import NOTHING, Hidden, PairReader
from roc_core.model.version import Lines, ModelVersion
from roc_core.relations import Catalogue, build_relation, load_catalogue
from roc_core.retrieval import RelationRetriever, argument_names, readings
from roc_core.schema import NONE, Box, Example, Mention, Relation, Span
from tests.fakes_vision import FakePatchEncoder
from tests.model.small import (
    SENTENCE,
    SETTINGS,
    marked,
    shared_retriever,
    small_catalogue,
    small_network,
    small_retriever,
    small_tagger,
    small_version,
    turned,
    two_colours,
)
from tests.tiny import tiny_text_encoder

EXAMPLE = marked("Ana", "band")
MEMBER, PEER, PLACE = "/per/org/member", "/per/per/peer", "/org/loc/in"


@pytest.fixture(scope="module")
def retriever() -> RelationRetriever:
    return shared_retriever()


def lived_in() -> Relation:
    texts = {"definition": ["{head} lives in {tail}."]}
    return build_relation("/new", "new", "lives in", "person", "location", False, texts)  # type: ignore[arg-type]


# --- readings --------------------------------------------------------------------------------


def test_every_scored_description_is_read_in_every_direction() -> None:
    found = readings(small_catalogue())
    assert [(r.id, d) for r, d in found.pairs] == [
        (MEMBER, "forward"),
        (MEMBER, "backward"),
        (PEER, "both"),
        (PLACE, "forward"),
        (PLACE, "backward"),
    ]
    assert found.owners.tolist() == [0, 0, 0, 1, 1, 1, 2, 3, 3, 4, 4]
    assert found.groups.tolist() == [
        [0, 1, 2],
        [3, 4, 5],
        [6, -1, -1],
        [7, 8, -1],
        [9, 10, -1],
    ]
    assert not any(r.description.facet == "contrast" for r in found.all)
    assert found.all[0].text == "the first person is a member of the second organization."
    assert found.all[3].text == "the second person is a member of the first organization."
    assert found.all[6].text == "one person played with the other person."


@pytest.mark.parametrize("name", ["mnre", "more"])
def test_readings_of_the_packaged_catalogues_are_complete(name: str) -> None:
    catalogue = load_catalogue(name)
    found = readings(catalogue)
    per = {r.id: sum(d.facet != "contrast" for d in r.descriptions) for r in catalogue}
    assert len(found.all) == sum(per[r.id] for r, _ in found.pairs)
    assert not any("{" in r.text for r in found.all)
    for number, (relation, direction) in enumerate(found.pairs):
        rows = [r for r in found.groups[number] if r >= 0]
        assert len(rows) == per[relation.id]
        assert {found.all[r].description.relation for r in rows} == {relation.id}
        assert {found.all[r].direction for r in rows} == {direction}


@pytest.mark.parametrize(
    ("direction", "names"),
    [
        ("forward", ("the first person", "the second location")),
        ("backward", ("the second person", "the first location")),
        ("both", ("one person", "the other location")),
    ],
)
def test_arguments_are_named_by_type_and_place(direction: str, names: tuple[str, str]) -> None:
    assert argument_names(lived_in(), direction) == names  # type: ignore[arg-type]


def test_a_catalogue_without_scored_descriptions_is_refused() -> None:
    with pytest.raises(IndexEmpty) as caught:
        readings(())  # type: ignore[arg-type]
    assert str(caught.value) == (
        "Expected a catalogue with descriptions. Found none to score. "
        "Add a description to a relation."
    )


# --- answers ---------------------------------------------------------------------------------


def test_every_relation_is_ranked_once_by_its_margin(retriever: RelationRetriever) -> None:
    (answer,) = retriever.predict([EXAMPLE])
    assert {r.relation for r in answer.ranked} == {MEMBER, PEER, PLACE}
    margins = [r.score - r.line for r in answer.ranked]
    assert margins == sorted(margins, reverse=True)
    assert answer.model_version == "small-1"
    for entry in answer.ranked:
        assert -1 <= entry.score <= 1
        assert -1 <= entry.line <= 1
        assert entry.passes == (entry.score >= entry.line)
        assert entry.direction in retriever.catalogue.get(entry.relation).directions


def test_what_decided_has_the_largest_weight(retriever: RelationRetriever) -> None:
    for entry in retriever.predict([EXAMPLE])[0].ranked:
        weights = [d.weight for d in entry.descriptions]
        assert sum(weights) == pytest.approx(1.0, abs=1e-5)
        assert weights == sorted(weights, reverse=True)
        assert entry.decided_by.weight == max(weights)
        assert entry.decided_by.score == max(d.score for d in entry.descriptions)
        mean = sum(d.weight * d.score for d in entry.descriptions)
        assert entry.score == pytest.approx(mean, abs=1e-5)
        scored = [d for d in retriever.catalogue.descriptions() if d.relation == entry.relation]
        assert {d.description for d in entry.descriptions} == set(scored)


def test_the_other_direction_scores_less(retriever: RelationRetriever) -> None:
    for entry in retriever.predict([EXAMPLE])[0].ranked:
        if entry.direction == "both":
            assert entry.other is None
            continue
        turn = "backward" if entry.direction == "forward" else "forward"
        (own,) = retriever.scores_of(EXAMPLE, [NOTHING], entry.relation, turn)  # type: ignore[arg-type]
        assert entry.other == pytest.approx(float(own), abs=1e-5)
        assert entry.other <= entry.score


def test_scores_are_cosines_of_the_vectors(retriever: RelationRetriever) -> None:
    pairs = retriever.vectors([EXAMPLE])
    assert np.allclose(np.linalg.norm(pairs, axis=1), 1.0, atol=1e-5)
    cosines = (pairs @ retriever.description_vectors.T)[0]
    by_id = {
        (r.description.id, r.direction): c
        for r, c in zip(retriever.readings.all, cosines, strict=True)
    }
    for entry in retriever.predict([EXAMPLE])[0].ranked:
        for found in entry.descriptions:
            expected = by_id[found.description.id, entry.direction]
            assert found.score == pytest.approx(float(expected), abs=1e-5)


def test_lines_move_by_what_the_version_says(retriever: RelationRetriever) -> None:
    lined = small_retriever(small_tagger(), Lines(0.05, ((PEER, -0.1),))).predict([EXAMPLE])[0]
    for before in retriever.predict([EXAMPLE])[0].ranked:
        after = lined.find(before.relation)
        assert after is not None
        gap = -0.1 if before.relation == PEER else 0.05
        assert after.line == pytest.approx(before.line + gap, abs=1e-5)
        assert after.score == pytest.approx(before.score, abs=1e-6)


def test_nothing_passes_a_high_line_and_everything_a_low_one() -> None:
    (high,) = small_retriever(None, Lines(5.0)).predict([EXAMPLE])
    assert (high.label.relation, high.label.direction) == (NONE, "both")
    assert [r.line for r in high.ranked] == [1.0] * 3
    (low,) = small_retriever(None, Lines(-5.0)).predict([EXAMPLE])
    assert low.label.relation == low.ranked[0].relation
    assert all(r.passes for r in low.ranked)


def test_the_order_of_clicks_changes_nothing(retriever: RelationRetriever) -> None:
    typed = EXAMPLE.with_types("person", "organization")
    for example in (EXAMPLE, typed):
        assert retriever.predict([turned(example)]) == retriever.predict([example])


def test_together_or_apart_scores_are_the_same(retriever: RelationRetriever) -> None:
    examples = [EXAMPLE, marked("a", "tour", "a tour"), marked("band", "team", picture_text="city")]
    together = retriever.predict(examples)
    assert together == list(retriever.predict_many(examples, batch=3))
    for answer, example in zip(together, examples, strict=True):
        (apart,) = retriever.predict([example])
        for entry in answer.ranked:
            other = apart.find(entry.relation)
            assert other is not None
            assert entry.score == pytest.approx(other.score, abs=1e-5)


def test_a_relation_added_by_one_description_is_ranked_at_once() -> None:
    retriever = small_retriever()
    before = {r.relation: r.score for r in retriever.predict([EXAMPLE])[0].ranked}
    weights = {k: v.clone() for k, v in retriever.version.network.state_dict().items()}
    wider = Catalogue("wider", "Wider", (*small_catalogue(), lived_in()))
    retriever.set_catalogue(wider)
    (answer,) = retriever.predict([EXAMPLE])
    after = {r.relation: r.score for r in answer.ranked}
    assert set(after) == {*before, "/new"}
    assert all(after[r] == pytest.approx(s, abs=1e-5) for r, s in before.items())
    new = answer.find("/new")
    assert new is not None
    assert [d.weight for d in new.descriptions] == [1.0]
    assert all(
        np.array_equal(v, weights[k]) for k, v in retriever.version.network.state_dict().items()
    )
    retriever.set_catalogue(small_catalogue())
    assert {r.relation for r in retriever.predict([EXAMPLE])[0].ranked} == set(before)


def test_scores_of_are_those_of_the_answer(retriever: RelationRetriever) -> None:
    at = SENTENCE.index("city")
    hides = [NOTHING, Hidden(words=(Span(at, at + 4),)), NOTHING]
    best = retriever.predict([EXAMPLE])[0].ranked[0]
    found = retriever.scores_of(EXAMPLE, hides, best.relation, best.direction)
    assert found.shape == (3,)
    assert found[0] == pytest.approx(best.score, abs=1e-5)
    assert found[2] == pytest.approx(found[0], abs=1e-5)
    assert abs(found[1] - found[0]) > 1e-5


def test_scores_of_asks_for_what_exists(retriever: RelationRetriever) -> None:
    with pytest.raises(RelationUnknown, match=r"Found '/per/org/membr'\. Did you mean"):
        retriever.scores_of(EXAMPLE, [NOTHING], "/per/org/membr", "forward")
    with pytest.raises(ValueRejected) as caught:
        retriever.scores_of(EXAMPLE, [NOTHING], PEER, "forward")
    assert str(caught.value) == (
        "Expected a direction of relation '/per/per/peer', one of both. Found 'forward'. "
        "Ask for one of these."
    )


# --- types, pictures, notes ------------------------------------------------------------------


def test_types_used_are_given_or_suggested(retriever: RelationRetriever) -> None:
    suggested = retriever.suggest_types(EXAMPLE)
    assert all(s is not None and 0.25 <= s[1] <= 1 for s in suggested)
    used = retriever.predict([EXAMPLE])[0].types
    assert used == tuple(s[0] for s in suggested if s)
    typed = EXAMPLE.with_types("thing", None)
    assert retriever.predict([typed])[0].types == ("thing", used[1])
    assert retriever.suggest_types(typed) == suggested
    assert small_retriever().predict([EXAMPLE])[0].types == (None, None)
    assert small_retriever().suggest_types(EXAMPLE) == (None, None)


def test_a_picture_is_answered_with_what_was_seen(
    retriever: RelationRetriever, tmp_path: Path
) -> None:
    picture = two_colours(tmp_path)
    (answer,) = retriever.predict([marked("Ana", "band", picture=picture)])
    assert {c.word for c in answer.concepts[:2]} == {"red", "blue"}
    assert answer.notes == ()
    assert retriever.predict([EXAMPLE])[0].concepts == ()
    boxed = Example(SENTENCE, (Mention(Box(0, 0, 9, 9)), Mention(Span(0, 3))), picture)
    assert retriever.predict([boxed])[0].notes == (
        "A box is read through the concept words seen inside it; this model version was not "
        "trained on boxes, so take its answer as a hint.",
    )
    assert retriever.suggest_types(boxed)[1] is None


def test_no_examples_no_answers(retriever: RelationRetriever) -> None:
    assert list(retriever.predict_many([])) == []


def seen_by(vision: VisionEncoder | None, **card: bool) -> RelationRetriever:
    """A retriever with these eyes, whose version's card says so."""
    settings = replace(SETTINGS, patch_width=3) if vision else SETTINGS
    version = ModelVersion("v", settings, small_network(settings=settings), None, Lines(), card, {})
    reader = PairReader(tiny_text_encoder(), vision, settings)
    return RelationRetriever(reader, version, small_catalogue())


def test_notes_say_what_the_version_can_do(tmp_path: Path) -> None:
    picture = two_colours(tmp_path)
    shown = marked("Ana", "band", picture=picture)
    boxed = Example(SENTENCE, (Mention(Box(0, 0, 9, 9)), Mention(Span(0, 3))), picture)
    patches = seen_by(FakePatchEncoder())
    assert patches.predict([shown, EXAMPLE])[0].notes == ()
    assert patches.predict([boxed])[0].notes == (
        "A box is read through the picture parts seen inside it; this model version was not "
        "trained on boxes, so take its answer as a hint.",
    )
    assert seen_by(FakePatchEncoder(), boxes=True).predict([boxed])[0].notes == ()
    blind = seen_by(None)
    assert blind.predict([EXAMPLE])[0].notes == ()
    assert blind.predict([shown])[0].notes == ("This model version does not look at pictures.",)
    assert blind.predict([boxed])[0].notes == (
        "This model version does not look at pictures, so nothing of a box reached it.",
    )


def test_a_version_trained_on_boxes_reads_them_without_a_warning(tmp_path: Path) -> None:
    picture = two_colours(tmp_path)
    boxed = Example(SENTENCE, (Mention(Box(0, 0, 9, 9)), Mention(Span(0, 3))), picture)
    trained = replace(small_version(), card={"boxes": True})
    reader = shared_retriever().reader
    found = RelationRetriever(reader, trained, small_catalogue()).predict([boxed])[0]
    assert found.notes == ()
