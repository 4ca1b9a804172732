"""Versions, promotions and the labels in force, on a real database."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.errors import PromotionRefused
from roc_core.schema import GuardReport, GuardRule, Label, LearnRequest
from roc_core.store import Store
from tests.training.made import record

PASSED = GuardReport(GuardRule(), (), True, ())
FAILED = GuardReport(GuardRule(), (), False, ("Worse.",))


def test_a_request_keeps_its_name_until_it_is_finished(store: Store) -> None:
    table, request = store.versions, LearnRequest(("ann", "bo"), mode="full", parent="mini")
    assert table.begin(request, {"mini", "mini-1"}, "learn") == "mini-2"
    assert table.begin(request, (), "learn") == "mini-2"
    assert table.begin(LearnRequest(parent="mini"), (), "learn") == "mini-1"
    table.finish("mini-2", {"learn": 3}, PASSED, 10)
    assert table.begin(request, {"mini-1"}, "learn") == "mini-3"
    row = table.row("mini-2")
    assert row is not None
    assert (row.state, row.request, row.guard, row.bytes) == ("offered", request, PASSED, 10)
    assert row.data == {"learn": 3}
    table.finish("mini-3", {}, FAILED, 1)
    assert [(r.name, r.state) for r in table.rows()] == [
        ("mini-2", "offered"), ("mini-1", "unfinished"), ("mini-3", "kept"),
    ]  # fmt: skip
    assert not table.forget("mini-2")
    assert table.forget("mini-1")
    assert table.row("mini-1") is None


def test_a_learnt_version_as_parent_counts_on(store: Store) -> None:
    assert store.versions.begin(LearnRequest(parent="mini-1"), {"mini-1"}, "") == "mini-2"
    assert store.versions.begin(LearnRequest(parent="my-model"), (), "") == "my-model-1"


def test_roll_back_goes_one_promotion_back_each_time(store: Store) -> None:
    table = store.versions
    table.promote("b", "a", "ann")
    table.promote("c", "b", "ann", "rule")
    assert store.setting("model") == "c"
    assert (table.roll_back("c", "bo").version, store.setting("model")) == ("b", "b")
    assert (table.roll_back("b", "bo").version, store.setting("model")) == ("a", "a")
    with pytest.raises(PromotionRefused, match="Found a, which was not"):
        table.roll_back("a", "bo")
    log = [(p.action, p.version, p.before, p.by, p.undoes) for p in table.promotions()]
    assert log == [
        ("promote", "b", "a", "ann", None), ("promote", "c", "b", "ann", None),
        ("roll-back", "b", "c", "bo", 2), ("roll-back", "a", "b", "bo", 1),
    ]  # fmt: skip


def test_a_version_chosen_by_hand_is_not_rolled_back(store: Store) -> None:
    store.versions.promote("b", "a", "ann")
    store.set_setting("model", "c")
    with pytest.raises(PromotionRefused, match="Expected a version in use that was promoted"):
        store.versions.roll_back("c", "ann")
    assert store.setting("model") == "c"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE promotions SET by = 'x'",
        "DELETE FROM promotions",
        "INSERT OR REPLACE INTO promotions (id, created, action, version, before, by) "
        "VALUES (1, '', 'promote', 'x', 'y', 'z')",
    ],
)
def test_the_log_of_promotions_is_append_only(store: Store, statement: str) -> None:
    store.versions.promote("b", "a", "ann")
    conn = sqlite3.connect(store.folder / "workspace.db")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        conn.execute(statement)
    conn.close()


STEPS = st.lists(
    st.tuples(st.sampled_from(["ann", "bo"]), st.sampled_from(["p", "q", "undo"])), max_size=12
)


@given(STEPS)
def test_labels_in_force_are_each_ones_last_that_stands(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[str, str]],
) -> None:
    store = Store.create(tmp_path_factory.mktemp("ws"))
    item = store.save_item(record("mia lives in ulm", "mia", "ulm"), None).id
    model: dict[str, list[tuple[int, str]]] = {"ann": [], "bo": []}
    for who, what in steps:
        if what != "undo":
            model[who].append((store.add_correction(item, Label(what), who).id, what))
        elif model[who]:
            store.undo(model[who].pop()[0], who)
    found = [
        (x.correction, x.annotator, x.label.relation) for x in store.versions.labels_in_force()
    ]
    expected = [(*said[-1][:1], who, said[-1][1]) for who, said in model.items() if said]
    assert found == sorted(expected)
