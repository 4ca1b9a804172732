"""What follows when relations are edited or retired: answers, memory, vectors, map, figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from roc_core.errors import ProjectionMissing
from roc_core.relations import build_relation
from roc_core.schema import Item, ItemFilter, Label, Reading, Relation
from roc_core.schema.analysis import OUTSIDE
from roc_core.store import Store
from roc_core.workspace import Workspace, confusion, headline, mapping, pair_vectors, relation_table
from roc_core.workspace.analysis_report import report_on, write_analysis
from tests.tiny import make_checkpoint
from tests.workspace.made_workspace import make_workspace

MEMBER, PEER = "/per/org/member_of", "/per/per/peer"
TINY = Reading("tiny")
NEW = "a wholly new wording of it"
"""A text no catalogue has."""


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def ws(tmp_path: Path, checkpoint: Path) -> Workspace:
    return make_workspace(tmp_path / "ws", checkpoint)


def quiet(done: int, total: int, stage: str = "") -> None:
    pass


def compute(ws: Workspace) -> pair_vectors.Computed:
    store = Store.open(ws.path)
    return pair_vectors.compute(store, ws.vector_key(), lambda: ws.retriever_of("tiny"), quiet)


def worded(ws: Workspace, id: str = MEMBER, text: str = NEW) -> Relation:
    old = ws.relation(id)
    row = next(n for n, d in enumerate(old.descriptions) if d.facet == "wording")
    changed = replace(old.descriptions[row], text=text)
    rest = old.descriptions[row + 1 :]
    return replace(old, descriptions=(*old.descriptions[:row], changed, *rest))


def asked(ws: Workspace) -> Item:
    return ws.items(ItemFilter(relation=MEMBER)).items[0]


def texts_of(ws: Workspace) -> set[str]:
    return {r.text for r in ws._retriever().readings.all}


def encoded(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts the text encoder of the loaded version is given as descriptions, from now on."""
    text, found = ws._retriever().reader.text, []
    real = type(text).encode

    def watch(self: object, texts: Sequence[str], *more: object) -> np.ndarray:
        found.extend(texts)
        return real(self, texts, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(type(text), "encode", watch)
    return found


def test_the_next_answer_is_of_the_edited_relations(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = asked(ws).example
    before = ws.predict(example)
    loaded = ws._retriever()
    read = encoded(ws, monkeypatch)
    first = ws.relations.save(worded(ws), "ann")
    after = ws.predict(example)
    assert ws._retriever() is loaded, "the model is not loaded again"
    assert [t for t in read if t in texts_of(ws)] == [NEW], "nothing else is encoded"
    texts = [d.description.text for r in after.ranked for d in r.descriptions]
    assert NEW in texts

    def score(relation: str, found: object) -> float:
        return next(r.score for r in found.ranked if r.relation == relation)  # type: ignore[attr-defined]

    assert score(MEMBER, after) != score(MEMBER, before)
    assert score(PEER, after) == score(PEER, before)
    read.clear()
    ws.relations.revert(ws.relations.history(MEMBER)[-1].id, "ann")
    assert ws.predict(example) == before
    ws.relations.revert(first.id, "ann")
    assert ws.predict(example) == after
    assert read == [], "no text is encoded twice"


def test_another_process_answers_with_the_change(ws: Workspace) -> None:
    example = asked(ws).example
    other = Workspace.open(ws.path)
    before = other.predict(example)
    ws.relations.retire(MEMBER, "ann")
    found = other.predict(example)
    assert len(found.ranked) == len(before.ranked) - 1
    assert MEMBER not in [r.relation for r in found.ranked]
    assert other.explain(example, found.ranked[0].relation, found.ranked[0].direction).shares


def test_an_added_relation_is_ranked(ws: Workspace) -> None:
    coach = build_relation(
        "/per/per/coach", "coach of", "trains", "person", "person", False,
        {"definition": ["{head} trains {tail}."]},
    )  # fmt: skip
    ws.relations.save(coach, "ann")
    found = ws.predict(asked(ws).example)
    assert "/per/per/coach" in [r.relation for r in found.ranked]


def test_corrections_vote_for_what_is_ranked(ws: Workspace) -> None:
    ws.memory.set(floor=0.0, weight=0.5, neighbours=50)
    items = ws.items(ItemFilter(), limit=12).items
    members = [i.id for i in items if i.label == Label(MEMBER, "forward")]
    peers = [i.id for i in items if i.label is not None and i.label.relation == PEER]
    for id in (*members, *peers):
        label = ws.item(id).label
        assert label is not None
        ws.correct(id, label, "ann")
    example = asked(ws).example
    assert {v.item for v in ws.predict(example).votes} >= {members[0], peers[0]}
    ws.relations.retire(MEMBER, "ann")
    assert {v.item for v in ws.predict(example).votes} & set(members) == set()
    assert {v.item for v in ws.predict(example).votes} & set(peers)
    ws.relations.restore(MEMBER, "ann")
    assert {v.item for v in ws.predict(example).votes} >= {members[0]}


def test_stored_answers_are_renewed_from_the_vectors_there_are(ws: Workspace) -> None:
    assert compute(ws).computed == 60
    before = ws.vectors_of()
    ws.relations.save(worded(ws), "ann")
    assert len(ws.vectors_of()) == 0, "none of them is of these relations"
    assert ws.reading_state(TINY).answered == 0
    done = compute(ws)
    assert (done.computed, done.renewed) == (0, 60)
    after = ws.vectors_of()
    assert np.array_equal(after.vectors, before.vectors)
    assert after.scores.tolist() != before.scores.tolist()
    direct = ws.predict(ws.items(limit=1).items[0].example).ranked[0]
    assert after.relations[0] == direct.relation
    assert after.scores[0] == pytest.approx(direct.score, abs=2e-3)  # float16 vectors
    ws.relations.revert(ws.relations.history(MEMBER)[-1].id, "ann")
    compute(ws)
    assert ws.vectors_of().scores.tolist() == pytest.approx(before.scores.tolist(), abs=2e-3)


def test_a_map_is_drawn_again_with_the_new_landmark(ws: Workspace) -> None:
    store = Store.open(ws.path)

    def draw() -> None:
        compute(ws)
        mapping.update(
            store, ws.vector_key(), lambda: ws.retriever_of("tiny"), quiet, store.maps.total()
        )

    draw()
    places = ws.map_of().xs.tolist()
    assert NEW not in {mark.text for mark in ws.map_of().landmarks}
    ws.relations.save(worded(ws), "ann")
    with pytest.raises(ProjectionMissing, match="before the catalogue of relations was changed"):
        ws.map_of()
    draw()
    assert NEW in {mark.text for mark in ws.map_of().landmarks}
    assert ws.map_of().xs.tolist() == places, "the points stay where they were"
    ws.relations.retire(MEMBER, "ann")
    draw()
    assert MEMBER not in {mark.relation for mark in ws.map_of().landmarks}


def test_labels_of_a_retired_relation_count_as_gold_that_cannot_be_answered(ws: Workspace) -> None:
    labelled = ws.items(ItemFilter(relation=MEMBER), limit=60).total
    ws.relations.retire(MEMBER, "ann")
    compute(ws)
    found = ws.analysis(TINY)
    gold = np.array([found.gold.of(row) for row in range(len(found.items))])
    assert (gold == MEMBER).sum() == labelled > 20
    assert set(found.ranks[gold == MEMBER].tolist()) == {OUTSIDE}
    assert MEMBER not in {found.best.of(row) for row in range(len(found.items))}
    assert headline(found).pairs == len(gold)
    row = next(r for r in relation_table(found) if r.name == MEMBER)
    assert (row.pairs, row.prf.recall, row.prf.f1) == (labelled, 0.0, 0.0)
    assert confusion(found).counts[confusion(found).names.index(MEMBER)].sum() == labelled


def test_a_report_names_a_retired_relation(ws: Workspace, tmp_path: Path) -> None:
    ws.relations.retire(MEMBER, "ann")
    compute(ws)
    write_analysis(ws, report_on(ws, TINY), tmp_path / "report")
    assert "member of (retired)" in (tmp_path / "report/analysis.html").read_text("utf-8")


def test_a_retired_relations_labels_are_left_out_of_learning(ws: Workspace) -> None:
    from roc_core.schema import LearnRequest
    from roc_core.workspace import feedback, lessons

    some = [ws.items(ItemFilter(relation=r), limit=5).items for r in (MEMBER, PEER)]
    for item in (*some[0], *some[1]):
        assert item.label is not None
        ws.correct(item.id, item.label, "ann")
    ws.relations.retire(MEMBER, "ann")
    plan = lessons.plan(ws._store, ws.catalogue, LearnRequest(parent="tiny"), feedback.RULE)
    assert plan.left_out[lessons.UNKNOWN] == 5
    chosen = (*plan.learn, *plan.replay, *plan.guard)
    assert MEMBER not in {c.label.relation for c in chosen if c.label is not None}


def test_files_of_items_keep_a_retired_relations_labels(ws: Workspace, tmp_path: Path) -> None:
    before, after = tmp_path / "before.jsonl", tmp_path / "after.jsonl"
    ws.export("jsonl", before)
    ws.relations.retire(MEMBER, "ann")
    ws.relations.retire(PEER, "ann")
    ws.export("jsonl", after)
    assert before.read_bytes() == after.read_bytes()
    ws.export("label-studio", tmp_path / "tasks.json")
    assert MEMBER in (tmp_path / "tasks.json").read_text("utf-8")
    fresh = Workspace.create(tmp_path / "fresh", starter=False)
    fresh.relations.retire(MEMBER, "ann")
    assert not fresh.import_data("jsonl", after).refused
    assert fresh.items(ItemFilter(relation=MEMBER)).total > 0
