"""A new relation from one sentence: found in a workspace's items, and kept with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from roc_core.errors import AnswersMissing, ItemMissing, ValueRejected
from roc_core.relations import build_relation
from roc_core.schema import Direction, Found, Label, Relation
from roc_core.workspace import Workspace, pair_vectors
from tests.tiny import make_checkpoint
from tests.workspace.made_workspace import add_version, make_workspace, record

NEW = build_relation(
    "/per/org/plays_for", "plays for", "plays for", "person", "organization", False,
    {"definition": ("{head} played on the tour of {tail}",)},
)  # fmt: skip


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def workspace(tmp_path: Path, checkpoint: Path) -> Workspace:
    """60 items of which 5 have no label; every pair vector is there."""
    found = make_workspace(tmp_path / "ws", checkpoint)
    read_all(found)
    return found


def read_all(workspace: Workspace) -> None:
    pair_vectors.vectors_job(workspace.path, {}, lambda done, total, stage: None)


def answers(found: tuple[Found, ...]) -> list[tuple[str, Direction]]:
    return [(f.item, f.direction) for f in found]


def test_the_corpus_is_ranked_by_one_sentence_and_nothing_is_kept(workspace: Workspace) -> None:
    digest = workspace.catalogue.digest
    found = workspace.discover(NEW, limit=60)
    assert len(found) == 60
    margins = [f.margin for f in found]
    assert margins == sorted(margins, reverse=True)
    labels = {i.id: i.label for i in workspace.items(limit=100).items}
    assert {f.item: f.label for f in found} == labels
    assert all(f.fits for f in found), "no types were read, so all fit"
    assert {f.direction for f in found} <= {"forward", "backward"}
    assert workspace.discover(NEW, limit=3) == found[:3]
    assert workspace.catalogue.digest == digest
    assert len(workspace.discover(NEW)) == 20


def test_scores_and_ranks_are_those_the_relation_has_in_the_catalogue(
    workspace: Workspace,
) -> None:
    found = workspace.discover(NEW, limit=60)
    workspace.accept_relation(NEW, [], [], "Ann")
    workspace.memory.set(on=False)
    for place in found[::10]:
        prediction = workspace.predict(workspace.item(place.item).example)
        own = prediction.find(NEW.id)
        assert own is not None
        assert own.score == pytest.approx(place.score, abs=2e-3), "vectors are kept as float16"
        assert own.margin == pytest.approx(place.margin, abs=2e-3)
        rank = [r.relation for r in prediction.ranked].index(NEW.id) + 1
        assert abs(rank - place.rank) <= 1, "two relations may be nearer than rounding"


def test_answered_items_are_left_out_and_move_their_likes(workspace: Workspace) -> None:
    workspace.memory.set(weight=0.5, floor=0.5)
    plain = workspace.discover(NEW, limit=60)
    yes, no = plain[0], plain[1]
    after = workspace.discover(NEW, [(yes.item, yes.direction)], [no.item], limit=60)
    assert len(after) == 58
    assert not {yes.item, no.item} & {f.item for f in after}
    before = {f.item: f.margin for f in plain}
    assert any(abs(f.margin - before[f.item]) > 1e-4 for f in after)
    assert workspace.discover(NEW, [("0" * 16, "forward")], ["f" * 16], limit=60) == plain


def test_a_relation_is_kept_with_its_items_and_is_like_the_others(workspace: Workspace) -> None:
    first = workspace.discover(NEW)
    accepted = answers(first)[:5]
    kept = workspace.accept_relation(NEW, accepted, [first[5].item], "Ann")
    assert kept.change is not None
    assert (kept.change.action, kept.change.author) == ("add", "Ann")
    assert kept.change.reason == "A new relation from one sentence: 5 accepted, 1 rejected."
    assert [(c.item, c.label) for c in kept.corrections] == [
        (item, Label(NEW.id, direction)) for item, direction in accepted
    ]
    assert workspace.catalogue.get(NEW.id) == NEW
    for item, direction in accepted:
        assert workspace.item(item).label == Label(NEW.id, direction)
        assert workspace.history(item)[-1].annotator == "Ann"
    assert workspace.item(first[5].item).label == first[5].label
    # The items are not asked for again; the next ones come, before and after answers are renewed.
    again = workspace.discover(NEW, limit=60)
    assert not {i for i, _ in accepted} & {f.item for f in again}
    assert len(again) == 55
    read_all(workspace)
    renewed = workspace.discover(NEW, limit=60)
    assert {f.item for f in renewed} == {f.item for f in again}
    example = workspace.item(accepted[0][0]).example
    assert workspace.predict(example, without=()).find(NEW.id) is not None


def test_sent_twice_with_one_token_it_is_kept_once(workspace: Workspace) -> None:
    accepted = answers(workspace.discover(NEW))[:3]
    one = workspace.accept_relation(NEW, accepted, [], "Ann", token="t1")
    two = workspace.accept_relation(NEW, accepted, [], "Ann", token="t1")
    assert one.corrections == two.corrections
    assert one.change == two.change
    assert all(len(workspace.history(item)) == 1 for item, _ in accepted)
    assert len(workspace.relations.history(NEW.id)) == 1


def test_what_stopped_half_way_is_completed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted = answers(workspace.discover(NEW))[:3]
    real, calls = workspace.correct, []

    def failing(*given: object, **named: object) -> object:
        calls.append(given)
        if len(calls) == 2:
            raise OSError("the power went off")
        return real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(workspace, "correct", failing)
    with pytest.raises(OSError, match="the power went off"):
        workspace.accept_relation(NEW, accepted, [], "Ann", token="t1")
    monkeypatch.undo()
    workspace.accept_relation(NEW, accepted, [], "Ann", token="t1")
    assert [len(workspace.history(item)) for item, _ in accepted] == [1, 1, 1]
    assert workspace.item(accepted[2][0]).label == Label(NEW.id, accepted[2][1])


def nothing_kept(workspace: Workspace) -> bool:
    return NEW.id not in workspace.catalogue and not any(
        workspace.history(i.id) for i in workspace.items(limit=100).items
    )


def test_what_cannot_be_kept_is_refused_before_anything_is(workspace: Workspace) -> None:
    good = answers(workspace.discover(NEW))[0]
    with pytest.raises(ItemMissing) as gone:
        workspace.accept_relation(NEW, [good, ("0" * 16, "forward")], [], "Ann")
    assert str(gone.value) == (
        "Expected an item '0000000000000000' in this workspace. Found none. "
        "Leave it out; it may have been erased."
    )
    with pytest.raises(ValueRejected) as turned:
        workspace.accept_relation(NEW, [(good[0], "both")], [], "Ann")
    assert str(turned.value) == (
        "Expected a direction of relation '/per/org/plays_for', one of forward, backward. Found "
        f"'both' for item {good[0]}. Accept the item again."
    )
    with pytest.raises(ValueRejected, match="an annotator's name"):
        workspace.accept_relation(NEW, [good], [], " ")
    assert nothing_kept(workspace)
    taken: Relation = build_relation(
        "/per/per/peer", "plays for", "plays for", "person", "person", True,
        {"definition": ("{head} plays with {tail}",)},
    )  # fmt: skip
    with pytest.raises(ValueRejected) as raised:
        workspace.accept_relation(taken, [], [], "Ann")
    assert str(raised.value) == (
        "Expected an id that no relation of the catalogue has. Found '/per/per/peer', which is "
        "another relation's. Choose another name, or edit that relation."
    )


def test_without_vectors_it_says_which_job_makes_them(tmp_path: Path, checkpoint: Path) -> None:
    workspace = make_workspace(tmp_path / "ws", checkpoint, items=8)
    with pytest.raises(AnswersMissing) as raised:
        workspace.discover(NEW)
    assert str(raised.value) == (
        "Expected pair vectors of model version 'tiny'. Found none. "
        "Start the job 'vectors', which reads every item once."
    )


def test_the_vectors_held_follow_the_items_and_the_version(
    workspace: Workspace, checkpoint: Path
) -> None:
    assert len(workspace.discover(NEW, limit=100)) == 60
    workspace.save_item(record(77, labelled=False).example)
    assert len(workspace.discover(NEW, limit=100)) == 60, "what is not read is not ranked"
    read_all(workspace)
    assert len(workspace.discover(NEW, limit=100)) == 61
    add_version(workspace.path / "models" / "other", checkpoint, seed=1)
    workspace.use_model("other")
    with pytest.raises(AnswersMissing, match="pair vectors of model version 'other'"):
        workspace.discover(NEW)
