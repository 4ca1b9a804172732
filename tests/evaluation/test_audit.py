"""The audit names the feature that gives labels away, and no other."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roc_core import metrics
from roc_core.datasets import read
from roc_core.errors import ValueRejected
from roc_core.evaluation.audit import Audit, Given, audit, parts_of, split_of
from roc_core.evaluation.audit_columns import (
    Column,
    as_values,
    beside,
    design,
    label_types,
    record_columns,
    text_design,
)
from roc_core.evaluation.audit_fit import answers, constant, gain
from roc_core.relations import load_catalogue
from roc_core.schema import (
    NONE,
    Example,
    Label,
    Mention,
    Provenance,
    Record,
    Span,
)

MEMBER, PEER = "/per/org/member_of", "/per/per/peer"
LABELS = (NONE, NONE, NONE, MEMBER, PEER)
WORDS = (
    *("rain", "tea", "blue", "road", "lamp", "fish", "door", "hill"),
    *("song", "boat", "wind", "cup", "tree", "moon", "bell"),
)


def made(count: int = 500, splits: Sequence[str] = ("train", "train", "val")) -> list[Record]:
    """Records whose sentence says the label in a third of the cases and nothing else does."""
    rng = random.Random(3)
    found = []
    for number in range(count):
        relation = rng.choice(LABELS)
        hint = {MEMBER: "joins", PEER: "meets", NONE: "sees"}[relation]
        middle = hint if rng.random() < 0.33 else rng.choice(WORDS)
        sentence = " ".join(["Ana", rng.choice(WORDS), middle, "Bo", *rng.choices(WORDS, k=4)])
        at = sentence.index("Bo")
        example = Example(sentence, (Mention(Span(0, 3)), Mention(Span(at, at + 2))))
        direction: Any = rng.choice(["forward", "backward"]) if relation == MEMBER else "both"
        origin = Provenance("made", splits[number % len(splits)], number + 1)
        found.append(Record(example, Label(relation, direction), origin))
    return found


def audited(records: Sequence[Record], *sides: Column, **more: Any) -> Audit:
    items = tuple(f"{r.provenance.split} {n}" for n, r in enumerate(records, 1))
    return audit(Given(tuple(records), items, sides, more.pop("catalogue", None)), **more)


def with_order(records: Sequence[Record]) -> list[Record]:
    """Most relations are written tail first and no ``None`` pair is."""
    rng = random.Random(1)
    turned = [r.label.relation != NONE and rng.random() < 0.8 for r in records if r.label]
    return [
        replace(r, provenance=replace(r.provenance, order="backward" if t else "forward"))
        for r, t in zip(records, turned, strict=True)
    ]


def test_a_clean_data_set_has_nothing_to_name() -> None:
    found = audited(made())
    assert found.split == "val"
    assert found.row("sentence only").f1 > found.constant + 0.1  # type: ignore[operator]
    assert found.row("mention order").note == "the same for every pair"
    assert found.row("type pair").note == "the data set gives no types"
    assert found.row("picture text only").note == "there is none"
    assert found.row("type pair read off the label").note == "no catalogue knows these labels"
    assert found.verdict[0].startswith("No side feature gives the label away: none alone reaches")
    assert found.verdict[-1] == "All F1 are micro F1 in percent on val, None excluded."


def test_order_that_only_relations_have_is_named_with_its_figures() -> None:
    found = audited(with_order(made(1200)))
    row = found.row("mention order")
    assert row.f1 is not None
    assert row.lift is not None
    assert row.f1 > 1.25 * found.constant
    assert row.lift > 0.02
    said = found.verdict[0]
    assert said.startswith(f"Mention order alone gives {100 * row.f1:.1f} F1 (best constant answer")
    assert f"to {100 * row.with_sentence:.1f} F1: it gives the label away." in said  # type: ignore[operator]
    assert said.endswith("Train and score with canonical order (protocol honest).")


def test_types_that_only_relations_have_are_named() -> None:
    pair = {MEMBER: ("person", "organization"), PEER: ("person", "person"), NONE: (None, None)}
    records = [
        replace(r, example=r.example.with_types(*pair[r.label.relation]))  # type: ignore[arg-type]
        for r in made()
        if r.label
    ]
    found = audited(records)
    assert found.row("type pair").f1 == 1.0
    assert found.verdict[0].startswith("Type pair alone gives 100.0 F1")


def test_a_side_column_that_counts_the_label_is_named_and_noise_is_not() -> None:
    records, rng = made(), random.Random(5)
    crops = tuple(3.0 if r.label and r.label.relation != NONE else 2.0 for r in records)
    noise = tuple(rng.choice(["a", "b", None]) for _ in records)
    found = audited(records, Column("crops", "side", crops), Column("noise", "side", noise))
    named = [v for v in found.verdict if "gives the label away" in v]
    assert len(named) == 1
    assert named[0].startswith("Crops alone gives")
    assert named[0].endswith("Keep this column out of every model.")


def test_words_of_an_extra_field_are_read_when_it_is_long_text() -> None:
    rng = random.Random(7)

    def phrase(record: Record, number: int) -> str:
        kind = record.label.relation.split("/")[-1] if record.label else ""
        return f"photo {number} {rng.choice(WORDS)} {'' if kind == NONE else kind}"

    records = [
        replace(r, provenance=replace(r.provenance, extra=(("phrase", json.dumps(phrase(r, n))),)))
        for n, r in enumerate(made())
    ]
    found = audited(records)
    assert found.row("phrase").f1 > 0.95  # type: ignore[operator]
    assert any(v.startswith("Phrase alone gives") for v in found.verdict)


def test_lists_in_extra_fields_are_counted_and_a_kept_line_is_left_out() -> None:
    record = made(1)[0]
    extra = (("as_written", '"/per/per/peer"'), ("boxes", "[1, 2, 3]"), ("size", "4"))
    found = record_columns([replace(record, provenance=replace(record.provenance, extra=extra))])
    values = {c.name: c.values for c in found if c.kind == "extra"}
    assert values == {"boxes": ("[1, 2, 3]",), "number of boxes": (3.0,), "size": (4.0,)}


def test_label_types_follow_head_and_tail_and_warn_when_a_catalogue_knows_the_labels() -> None:
    records, catalogue = made(), load_catalogue("mnre")
    column = label_types(records, catalogue)
    of = dict(zip([r.label.relation for r in records if r.label], column.values, strict=True))
    assert of == {NONE: None, MEMBER: "person, organization", PEER: "person, person"}
    found = audited(records, catalogue=catalogue)
    assert found.row("type pair read off the label").f1 == 1.0
    assert any("read off the labels would alone give 100.0 F1" in v for v in found.verdict)
    assert not any(v.startswith("Type pair read off") for v in found.verdict)


def test_a_model_is_compared_with_the_best_side_feature() -> None:
    records = with_order(made())
    parts = parts_of(records)
    right = [records[i].label.relation for i in parts.score]  # type: ignore[union-attr]
    found = audited(records, models={"Good": right, "Bad": [NONE] * len(right)}, parts=parts)
    assert found.row("Good").f1 == 1.0
    order = 100 * found.row("mention order").f1  # type: ignore[operator]
    tail = f"{order:.1f} of the best side feature alone (mention order)."
    assert f"Good reaches 100.0 F1, against {tail}" in found.verdict
    assert f"Bad reaches 0.0 F1, less than {tail}" in found.verdict


def test_sentences_that_are_in_two_splits_are_counted_by_item() -> None:
    records = made(400)
    early = next(i for i, r in enumerate(records) if split_of(r) == "train")
    late = [i for i, r in enumerate(records) if split_of(r) == "val"][:20]
    said = records[early].example
    for i in late:
        records[i] = replace(records[i], example=said)
    found = audited(records)
    (overlap,) = [o for o in found.overlaps if (o.earlier, o.later) == ("train", "val")]
    assert overlap.same == 1
    assert overlap.pairs >= 20
    assert (overlap.examples[0].earlier, overlap.examples[0].cosine) == (f"train {early + 1}", 1.0)
    said_so = [v for v in found.verdict if "have a near duplicate in train" in v]
    share = overlap.sentences / overlap.of_sentences
    assert bool(said_so) == (share >= 0.01)


@pytest.mark.parametrize(
    ("splits", "scored"),
    [(("train", "test", "val"), "val"), (("train", "test"), "test"), (("",), "dev")],
)
def test_parts_share_no_sentence(splits: tuple[str, ...], scored: str) -> None:
    records = made(400, splits)
    parts = parts_of(records)
    assert parts.name == scored
    rows = (parts.fit, parts.tune, parts.score)
    said = [{records[i].example.sentence for i in part} for part in rows]
    assert all(len(s) > 10 for s in said)
    if scored == "dev":
        assert not (said[0] | said[1]) & said[2]
        assert not said[0] & said[1]
    assert all(records[i].provenance.split in ("train", "") for i in parts.fit)


def test_too_little_data_is_refused_in_words() -> None:
    with pytest.raises(ValueRejected) as caught:
        audited(made(50, ("val",)))
    assert str(caught.value) == (
        "Expected labelled pairs of split train (or of no split) with two labels or more, and "
        "pairs with a relation to score on. Found 0 pairs to fit on, 0 to choose a line on, 50 of "
        "val to score. Give a larger data set, or name its splits train, val and test."
    )


def test_the_figures_are_plain_json() -> None:
    found = audited(made(300))
    back = json.loads(json.dumps(found.as_dict()))
    assert back["scored"] == found.scored == 100
    assert [r["name"] for r in back["rows"]] == [r.name for r in found.rows]
    with pytest.raises(KeyError):
        found.row("nothing of that name")


# --- columns and fits --------------------------------------------------------------------


@given(st.lists(st.none() | st.floats(-1e6, 1e6) | st.text(max_size=5), min_size=4, max_size=60))
def test_any_column_becomes_a_matrix_with_a_row_an_example(values: list[Any]) -> None:
    column = Column("any", "side", as_values(values))
    features = design(column, np.arange(len(values) // 2))
    assert features.shape[0] == len(values)
    assert np.isfinite(features.toarray()).all()


def test_numbers_beyond_twenty_are_cut_into_parts_and_new_values_fit_in() -> None:
    column = Column("length", "shape", tuple(float(i) for i in range(100)))
    features = design(column, np.arange(50))
    assert features.shape == (100, 10)
    assert features.toarray()[99].argmax() == features.toarray()[49].argmax()


def test_texts_without_a_word_are_all_the_same() -> None:
    features = text_design(["", "!!", "?"], np.arange(2)).toarray()
    assert (features == features[0]).all()


def test_columns_side_by_side_keep_their_rows() -> None:
    left, right = (
        design(Column(n, "side", v), np.arange(3))
        for n, v in (("a", ("x", "y", "x")), ("b", (1.0, 2.0, None)))
    )
    both = beside(left, right).toarray()
    assert (both == np.hstack([left.toarray(), right.toarray()])).all()
    assert both.sum() == 6


@settings(max_examples=15)
@given(st.lists(st.tuples(*[st.sampled_from([NONE, MEMBER, PEER])] * 2), min_size=1, max_size=40))
def test_gain_is_the_difference_of_both_f1(pairs: list[tuple[str, str]]) -> None:
    gold, found = map(list, zip(*pairs, strict=True))
    value, (low, high) = gain(gold, [NONE] * len(gold), found)
    assert value == pytest.approx(metrics.micro(gold, found).f1)
    assert 0 <= low <= high <= 1
    assert gain(gold, found, found) == (0.0, (0.0, 0.0))


def test_published_worth_of_order_and_label_types_on_mnre_is_found(shared_data: Path) -> None:
    # 85.3 on val: the majority relation for the types of the label, no text read.
    records = [r for r in read("mnre", shared_data / "mnre" / "txt") if isinstance(r, Record)]
    parts = parts_of(records)
    gold = [r.label.relation for r in records if r.label]
    truth = [gold[i] for i in parts.score]
    types = label_types(records, load_catalogue("mnre"))
    f1 = metrics.micro(truth, answers(design(types, parts.fit), gold, parts)).f1
    assert f1 == pytest.approx(0.853, abs=0.002)
    order = next(c for c in record_columns(records) if c.name == "mention order")
    told = answers(design(order, parts.fit), gold, parts)
    assert gain(truth, constant(gold, parts), told)[1][0] > 0
