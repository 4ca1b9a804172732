"""Other words for a relation, tried in a workspace and compared with what it answers once kept."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from roc_core.errors import AnswersMissing, CatalogueInvalid, RelationUnknown, ValueRejected
from roc_core.relations import build_relation
from roc_core.schema import NONE, ItemFilter, Label, Reading, Relation, WhatIfReport
from roc_core.store import Store
from roc_core.workspace import Workspace, headline, relation_table
from roc_core.workspace.pair_vectors import vectors_job
from tests.tiny import make_checkpoint
from tests.workspace.made_workspace import add_version, make_workspace

TINY = Reading("tiny")
MEMBER, PEER = "/per/org/member_of", "/per/per/peer"
MINE = "/per/per/band_mate"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def workspace(tmp_path: Path, checkpoint: Path) -> Workspace:
    found = make_workspace(tmp_path / "ws", checkpoint)
    read(found)
    return found


def read(workspace: Workspace) -> None:
    vectors_job(workspace.path, {"version": "tiny"}, lambda *_: None)


def reworded(relation: Relation, *texts: str) -> Relation:
    """The relation with other definitions and nothing else."""
    r = relation
    return build_relation(
        r.id, r.name, r.phrase, r.head, r.tail, r.symmetric, {"definition": texts}
    )


def answers(workspace: Workspace) -> dict[str, Label]:
    """The label each item is given now, by its vector."""
    found = workspace.vectors_of()
    return {
        item.decode(): Label(relation, direction) if margin >= 0 else Label(NONE)
        for item, relation, direction, margin in zip(
            found.items.tolist(), found.relations, found.directions, found.margins, strict=True
        )
    }


def figures(workspace: Workspace, relation: str) -> tuple[float | None, ...]:
    """F1, hit@3, and the relation's precision and recall, as the Errors page has them."""
    a = workspace.analysis(TINY)
    own = next((r.prf for r in relation_table(a) if r.name == relation), None)
    head = headline(a)
    return (
        head.prf.f1, head.hit3,
        own.precision if own else 0.0, own.recall if own else 0.0,
    )  # fmt: skip


def side(report: WhatIfReport, which: str) -> tuple[float, ...]:
    parts = (report.f1, report.hit3, report.precision, report.recall)
    return tuple(getattr(p, which) for p in parts)


def test_what_is_said_before_is_what_happens_once_kept(workspace: Workspace) -> None:
    was, labels = answers(workspace), Store.open(workspace.path).annotation.queues.labels()
    other = reworded(workspace.catalogue.get(PEER), "{head} played with {tail} in a band on tour.")
    report = workspace.what_if(PEER).try_(other)
    assert side(report, "before") == pytest.approx(figures(workspace, PEER))
    assert (report.relation, report.items, report.labelled) == (PEER, 60, 55)
    workspace.relations.save(other, "ann", "shorter")
    read(workspace)
    now = answers(workspace)
    assert side(report, "after") == pytest.approx(figures(workspace, PEER))
    changed = {i for i in now if now[i] != was[i]}
    assert report.changed == len(changed) > 0
    for flip in report.flips:
        assert (flip.label, flip.before) == (labels[flip.item], was[flip.item])
        assert flip.after == now[flip.item]
        assert (flip.after.relation == flip.label.relation) is flip.won
        assert (flip.before.relation == flip.label.relation) is not flip.won
    right = [
        {i for i, label in labels.items() if which[i].relation == label.relation}
        for which in (was, now)
    ]
    assert {f.item for f in report.flips if f.won} == right[1] - right[0] != set()
    assert {f.item for f in report.flips if not f.won} == right[0] - right[1]
    assert (report.won, report.lost) == (len(right[1] - right[0]), len(right[0] - right[1]))
    assert [f.won for f in report.flips] == sorted((f.won for f in report.flips), reverse=True)
    same = workspace.what_if(PEER).try_(other)
    assert (same.changed, same.f1.by) == (0, 0.0), "it follows the catalogue"
    assert side(same, "before") == pytest.approx(side(report, "after"))


def test_the_same_words_change_nothing(workspace: Workspace) -> None:
    for relation in workspace.catalogue:
        report = workspace.what_if(relation.id).try_(relation)
        assert (report.changed, report.won, report.lost, report.flips) == (0, 0, 0, ())
        assert side(report, "before") == side(report, "after")
        assert report.line.before == -0.1, "the made version's one line"


def test_a_new_relation_and_one_without_descriptions(workspace: Workspace) -> None:
    new = build_relation(
        MINE, "band mate of", "is a band mate of", "person", "person", True,
        {"definition": ["{head} and {tail} played in the team of the city."]},
    )  # fmt: skip
    items = workspace.items(ItemFilter(state="unlabelled")).items
    Store.open(workspace.path).add_correction(items[0].id, Label(MINE, "both"), "ann")
    report = workspace.what_if(MINE).try_(new)
    assert (report.labelled, report.recall.before, report.precision.before) == (56, 0.0, 0.0)
    workspace.relations.save(new, "ann")
    read(workspace)
    assert side(report, "after") == pytest.approx(figures(workspace, MINE))
    gone = workspace.what_if(MINE).try_(replace(new, descriptions=()))
    assert side(gone, "before") == pytest.approx(side(report, "after"))
    assert side(gone, "after") == pytest.approx(side(report, "before"))
    assert gone.line.after == gone.line.before
    workspace.relations.retire(MINE, "ann")
    read(workspace)
    back = workspace.what_if(MINE).try_(new)
    assert side(back, "after") == pytest.approx(side(report, "after")), "its label is still gold"


def test_before_any_vector_and_after_words_were_kept(tmp_path: Path, checkpoint: Path) -> None:
    workspace = make_workspace(tmp_path / "ws", checkpoint)
    with pytest.raises(AnswersMissing) as caught:
        workspace.what_if(PEER)
    assert str(caught.value) == (
        "Expected pair vectors of model version 'tiny'. Found none. Start the job 'vectors', which "
        "reads every item once."
    )
    read(workspace)
    other = reworded(workspace.catalogue.get(PEER), "{head} is at {tail}, in a band on the tour.")
    report = workspace.what_if(PEER).try_(other)
    workspace.relations.save(other, "ann")
    after = workspace.what_if(PEER).try_(other)
    assert side(after, "before") == pytest.approx(side(report, "after")), "no job was needed"


def test_what_cannot_be_tried(workspace: Workspace) -> None:
    tried, peer = workspace.what_if(PEER), workspace.catalogue.get(PEER)
    with pytest.raises(ValueRejected) as caught:
        tried.try_(workspace.catalogue.get(MEMBER))
    assert str(caught.value) == (
        f"Expected other words for relation '{PEER}'. Found relation '{MEMBER}'. Ask for the "
        "what-if of that relation."
    )
    with pytest.raises(CatalogueInvalid, match=r"Expected both \{head\} and \{tail\} in a def"):
        tried.try_(reworded(peer, "They played with {head} in the band."))
    with pytest.raises(RelationUnknown):
        tried.items_between(PEER, "nonesuch")


def test_a_version_with_a_classification_head_is_refused(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    retriever = workspace._retriever()
    settings = replace(retriever.version.settings, classes=38)
    monkeypatch.setattr(retriever, "version", replace(retriever.version, settings=settings))
    with pytest.raises(ValueRejected) as caught:
        workspace.what_if(PEER)
    assert str(caught.value) == (
        "Expected a model version that ranks relations by their descriptions. Found 'tiny', whose "
        "classification head knows its own relations alone. Put another version to use."
    )


def test_it_follows_labels_items_and_versions(workspace: Workspace, checkpoint: Path) -> None:
    peer = workspace.catalogue.get(PEER)
    other = reworded(peer, "{head} lives with {tail} in a part of the city.")
    first = workspace.what_if(PEER).try_(other)
    item = workspace.items(ItemFilter(state="unlabelled")).items[0]
    workspace.correct(item.id, Label(PEER, "both"), "ann")
    second = workspace.what_if(PEER).try_(other)
    assert (second.items, second.labelled) == (60, first.labelled + 1)
    workspace.save_item(replace(item.example, sentence=item.example.sentence + " again"))
    assert workspace.what_if(PEER).try_(other).items == 60, "it has no vector yet"
    read(workspace)
    assert workspace.what_if(PEER).try_(other).items == 61
    add_version(workspace.path / "models" / "two", checkpoint, seed=5)
    workspace.use_model("two")
    with pytest.raises(AnswersMissing, match="pair vectors of model version 'two'"):
        workspace.what_if(PEER)
    vectors_job(workspace.path, {"version": "two"}, lambda *_: None)
    assert workspace.what_if(PEER).try_(peer).changed == 0


def test_only_new_texts_are_encoded(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = workspace._retriever().reader.text
    asked: list[str] = []
    real = encoder.encode

    def encode(texts: list[str], *more: object) -> object:
        asked.extend(texts)
        return real(texts)

    tried, member = workspace.what_if(MEMBER), workspace.catalogue.get(MEMBER)
    monkeypatch.setattr(encoder, "encode", encode)
    tried.try_(member)
    assert asked == []
    first, *rest = member.descriptions
    edited = replace(member, descriptions=(replace(first, text="{head} joins {tail}."), *rest))
    once = tried.try_(edited)
    assert sorted(asked) == [
        "the first person joins the second organization.",
        "the second person joins the first organization.",
    ]
    again = workspace.what_if(MEMBER).try_(edited)
    assert len(asked) == 2, "columns are shared by all that ask"
    assert replace(again, seconds=0) == replace(once, seconds=0)


def test_old_columns_make_room(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roc_core.workspace.what_if.CACHED", 0)
    tried, peer = workspace.what_if(PEER), workspace.catalogue.get(PEER)
    text = "{head} played with {tail} on tour."
    first = tried.try_(reworded(peer, text))
    for n in range(70):
        tried.try_(reworded(peer, f"{text} Part {n}."))
    words = tried._scored.words
    assert len(words._columns) == 64
    assert replace(tried.try_(reworded(peer, text)), seconds=0) == replace(first, seconds=0)


def test_several_threads_may_try_at_once(workspace: Workspace) -> None:
    peer = workspace.catalogue.get(PEER)
    texts = [f"{{head}} played with {{tail}} on tour, part {n}." for n in range(6)]
    alone = [workspace.what_if(PEER).try_(reworded(peer, t)) for t in texts]
    fresh, found = Workspace.open(workspace.path), dict[int, WhatIfReport]()

    def work(n: int) -> None:
        found[n] = fresh.what_if(PEER).try_(reworded(peer, texts[n]))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [replace(found[n], seconds=0) for n in range(6)] == [
        replace(r, seconds=0) for r in alone
    ]


def test_items_between_two_relations(workspace: Workspace) -> None:
    found = workspace.vectors_of()
    rows = [
        (lead, item.decode())
        for item, best, second, lead, margin in zip(
            found.items.tolist(), found.relations, found.runners_up, found.leads, found.margins,
            strict=True,
        )
        if margin >= 0 and {best, second} == {*_most(found.relations, found.runners_up)}
    ]  # fmt: skip
    first, second = _most(found.relations, found.runners_up)
    tried = workspace.what_if(first)
    assert tried.items_between(first, second) == tuple(i for _, i in sorted(rows)) != ()
    assert tried.items_between(second, first, 1) == (sorted(rows)[0][1],)
    assert tried.items_between(first, second, 0) == ()


def _most(best: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, str]:
    pairs = [tuple(sorted(p)) for p in zip(best, second, strict=True)]
    a, b = max(set(pairs), key=lambda p: (pairs.count(p), p))
    return a, b
