"""Which items are learnt from, replayed, held out: nothing that judges is trained on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roc_core.errors import ValueRejected
from roc_core.evaluation.guard import held_out
from roc_core.evaluation.protocols import is_dev
from roc_core.relations import load_catalogue
from roc_core.schema import GuardRule, Label, LearnRequest, Provenance, Record
from roc_core.store import Store
from roc_core.training.feedback import LINES_FROM
from roc_core.workspace import lessons
from tests.training.made import LIVES, MEMBER, record

RULE, MNRE = GuardRule(), load_catalogue("mnre")
REQUEST = LearnRequest(parent="mini")


def made(number: int, source: str, split: str, label: Label | None) -> Record:
    # Nine of ten sentences of the val split stand in no other one.
    own = split if split == "val" and number % 10 else ""
    said = record(f"mia lives in the city ulm {number} {own}{source}", "mia", "ulm")
    return Record(said.example, label, Provenance(source, split, number))


@pytest.fixture
def filled(tmp_path: Path) -> Store:
    """Labelled items of every kind, 60 each, and 100 posts without labels."""
    store = Store.create(tmp_path / "ws")
    gold = Label(LIVES, "forward")
    kinds = [("starter", ""), ("mnre", "train"), ("mnre", "val"), ("own", "dev")]
    every = [made(n, *kind, gold) for kind in kinds for n in range(1, 61)]
    every += [made(n, "posts", "", None) for n in range(1, 101)]
    store.add_records((r, None) for r in every)
    return store


def ids(store: Store, source: str, split: str = "") -> list[str]:
    return [
        i.id for i in store.iter_items()
        if (i.record.provenance.source, i.record.provenance.split) == (source, split)
    ]  # fmt: skip


def sentences(store: Store, chosen: tuple[lessons.Chosen, ...]) -> set[str]:
    return {store.item(c.item).example.sentence for c in chosen}


def test_what_judges_is_never_trained_on(filled: Store) -> None:
    for source, split in (("posts", ""), ("mnre", "val"), ("mnre", "train")):
        for item in ids(filled, source, split)[:40]:
            filled.add_correction(item, Label(MEMBER, "forward"), "ann")
    plan = lessons.plan(filled, MNRE, LearnRequest(parent="mini", replay=50), RULE)
    trained = sentences(filled, (*plan.learn, *plan.replay, *plan.unlabelled))
    assert not trained & sentences(filled, (*plan.guard, *plan.lines))
    assert not [s for s in trained if held_out(s, RULE)]
    splits = {
        (i.record.provenance.source, i.record.provenance.split)
        for i in filled.iter_items()
        if i.example.sentence in trained
    }
    assert splits == {("starter", ""), ("mnre", "train"), ("posts", "")}
    assert not [s for s in trained if s.endswith("mnre") and is_dev(s)]
    parts = Counter(name for c in plan.guard for name in c.parts)
    assert set(parts) == {"corrections", "starter", "mnre dev", "own dev"}
    assert parts["own dev"] == 60, "too few to choose lines on, so all of them judge"
    assert plan.lines == ()


def test_half_of_many_held_out_corrections_choose_the_lines_where_dev_is_too_small(
    tmp_path: Path,
) -> None:
    store = Store.create(tmp_path / "ws")
    store.add_records((made(n, "posts", "", None), None) for n in range(1, 2501))
    for item in ids(store, "posts"):
        store.add_correction(item, Label(MEMBER, "forward"), "ann")
    plan = lessons.plan(store, MNRE, LearnRequest(parent="mini"), RULE)
    assert LINES_FROM <= len(plan.lines) < 300
    assert {c.parts for c in (*plan.lines, *plan.guard)} == {("corrections",)}
    assert not sentences(store, plan.lines) & sentences(store, plan.guard)
    held = sum(held_out(_said(store, i), RULE) for i in ids(store, "posts"))
    assert len(plan.lines) + len(plan.guard) == held
    store.add_records((made(n, "own", "dev", Label(MEMBER, "forward")), None) for n in range(500))
    again = lessons.plan(store, MNRE, LearnRequest(parent="mini"), RULE)
    assert {c.parts for c in again.lines} == {("own dev",)}, "dev alone, where it is enough"
    assert sum("corrections" in c.parts for c in again.guard) == held


def test_of_unlabelled_items_there_are_never_too_many(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "ws")
    store.add_records((made(n, "posts", "", None), None) for n in range(1, 1501))
    for item in ids(store, "posts")[:800]:
        store.add_correction(item, Label(MEMBER, "forward"), "ann")
    plan = lessons.plan(store, MNRE, LearnRequest(parent="mini"), RULE)
    assert len(plan.learn) > len(plan.unlabelled) == lessons.MOST_UNLABELLED


def test_chosen_by_annotator_time_and_agreement(filled: Store) -> None:
    free = [i for i in ids(filled, "posts") if not held_out(_said(filled, i), RULE)][:4]
    for item in free:
        filled.add_correction(item, Label(MEMBER, "forward"), "ann")
    for item in free[2:]:
        later = filled.add_correction(item, Label(LIVES, "forward"), "bo")

    def learnt(**given: object) -> Counter[str]:
        plan = lessons.plan(filled, MNRE, LearnRequest(parent="mini", **given), RULE)  # type: ignore[arg-type]
        return Counter(c.label.relation for c in plan.learn if c.label)

    assert learnt() == {MEMBER: 4, LIVES: 2}
    assert learnt(agreed=True) == {MEMBER: 2}
    assert learnt(annotators=("bo",)) == {LIVES: 2}
    plan = lessons.plan(filled, MNRE, LearnRequest(("bo",), parent="mini"), RULE)
    assert plan.left_out == {"correction not chosen": 2}
    assert learnt(since=later.created) == {MEMBER: 1, LIVES: 1}, "an item whose last label is new"
    with pytest.raises(ValueRejected, match="Expected corrections by ann since 2999-01-01"):
        lessons.require_corrections(filled, LearnRequest(("ann",), "2999-01-01"))


def _said(store: Store, item: str) -> str:
    return store.item(item).example.sentence


def test_an_undone_correction_is_not_learnt(filled: Store) -> None:
    free = [i for i in ids(filled, "posts") if not held_out(_said(filled, i), RULE)]
    kept = filled.add_correction(free[0], Label(MEMBER, "forward"), "ann")
    gone = filled.add_correction(free[1], Label(MEMBER, "forward"), "ann")
    filled.undo(gone.id, "ann")
    plan = lessons.plan(filled, MNRE, REQUEST, RULE)
    assert [c.item for c in plan.learn] == [kept.item]
    filled.undo(kept.id, "ann")
    with pytest.raises(ValueRejected, match="Expected corrections by anybody"):
        lessons.require_corrections(filled, REQUEST)


def test_only_held_out_or_unknown_corrections_are_too_few(filled: Store) -> None:
    posts = ids(filled, "posts")
    held = next(i for i in posts if held_out(_said(filled, i), RULE))
    free = next(i for i in posts if not held_out(_said(filled, i), RULE))
    filled.add_correction(held, Label(MEMBER, "forward"), "ann")
    filled.add_correction(free, Label("/of/another/catalogue", "forward"), "ann")
    with pytest.raises(ValueRejected) as refused:
        lessons.plan(filled, MNRE, REQUEST, RULE)
    assert refused.value.found == ("none (1 label not in the catalogue; held out for the guard: 1)")


def test_a_picture_that_is_gone_leaves_its_correction_out(tmp_path: Path) -> None:
    import hashlib

    store = Store.create(tmp_path / "ws")
    data, said = b"no real picture", made(1, "posts", "", None)
    sha = hashlib.sha256(data).hexdigest()
    picture = store.put_picture(sha, data, ".png", 4, 4)
    item = store.save_item(said, sha)
    store.add_correction(item.id, Label(MEMBER, "forward"), "ann")
    picture.path.unlink()
    with pytest.raises(ValueRejected, match="1 picture gone"):
        lessons.plan(store, MNRE, REQUEST, RULE)


def test_a_plan_is_kept_and_read_back(filled: Store, tmp_path: Path) -> None:
    for item in ids(filled, "posts")[:9]:
        filled.add_correction(item, Label(MEMBER, "forward"), "ann")
    plan = lessons.plan(filled, MNRE, REQUEST, RULE)
    assert lessons.kept_plan(tmp_path / "t", lambda: plan) == plan

    def never() -> lessons.LessonPlan:
        raise AssertionError("the kept one is taken")

    again = lessons.kept_plan(tmp_path / "t", never)
    assert (again, lessons.digest_of(again)) == (plan, lessons.digest_of(plan))
    (tmp_path / "t" / lessons.FILE).write_text("{cut", "utf-8")
    assert lessons.kept_plan(tmp_path / "t", lambda: plan) == plan
    lesson, cases = lessons.lesson_of(filled, plan)
    assert len(lesson.corrections) == len(plan.learn)
    assert len(cases) == len(plan.guard) == len(lesson.watched)
    assert {r.label for r in lesson.unlabelled} == {None}


@settings(max_examples=30)
@given(st.text(max_size=30))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    try:
        at = lessons.moment(text)
    except ValueRejected as error:
        at = error.expected
        text = ""
    assert at == "a date or time such as 2026-03-01 or 2026-03-01T08:00" or (
        lessons.moment(at) == at and (at == "") == (not text.strip())
    )


def test_times_of_a_zone_are_counted_in_utc() -> None:
    assert lessons.moment("2026-03-01T02:00+02:00") == "2026-03-01T00:00:00.000000+00:00"
    assert lessons.moment("2026-03-01") == lessons.moment("2026-03-01T00:00Z")
