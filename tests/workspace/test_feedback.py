"""Learning from corrections end to end, with a tiny version that was really trained."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from roc_core.errors import PromotionRefused, ValueRejected
from roc_core.jobs import JobCancelled
from roc_core.jobs.process import kill
from roc_core.schema import Item, ItemFilter, Job
from roc_core.store import Store
from roc_core.training.checkpoint import STATE
from roc_core.workspace import Workspace, feedback
from tests.training.made import LIVES, MEMBER, PEER
from tests.workspace.learnt import PARENT, correct, learn, taught_workspace, trainable

WEIGHTS = "trained.safetensors"


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Callable[[str], Workspace]]:
    """Makes copies of it; jobs that are still running at the end are ended."""
    made: list[Path] = []

    def make(name: str = "ws") -> Workspace:
        made.append(tmp_path / name)
        shutil.copytree(taught_workspace(), made[-1])
        return Workspace.open(made[-1])

    yield make
    for folder in made:
        for held in Store.open(folder).jobs.held():
            kill(held.pid, held.process)


def until(workspace: Workspace, id: int, good: Callable[[Job], bool], seconds: int = 240) -> Job:
    end = time.monotonic() + seconds
    while not good(job := workspace.job(id)):
        assert time.monotonic() < end, f"{job}\n{job.log.read_text('utf-8')}"
        time.sleep(0.05)
    return job


def over(job: Job) -> bool:
    return job.over


def labels(workspace: Workspace, items: list[Item]) -> list[str]:
    return [str(p.label) for p in workspace.predict_many([i.example for i in items])]


# --- what becomes of answers -----------------------------------------------------------------


@pytest.mark.parametrize("mode", ["fast", "full"])
def test_twelve_corrections_change_the_answer_to_look_alikes(
    copy: Callable[..., Workspace], mode: str
) -> None:
    workspace = copy()
    some = trainable(workspace)
    correct(workspace, some[:12], LIVES, "backward")
    others, wanted = some[12:40], f"Label(relation='{LIVES}', direction='backward')"
    assert labels(workspace, others).count(wanted) == 0
    info = learn(workspace, mode=mode)
    assert (info.name, info.state, info.parent, info.in_use) == ("tiny-1", "offered", PARENT, False)
    assert labels(workspace, others).count(wanted) == 0, "not in use before it is promoted"
    done = workspace.learning.promote(info.name, "ann")
    assert (done.version, done.before, done.by, done.rule) == ("tiny-1", PARENT, "ann", "")
    assert labels(workspace, others).count(wanted) >= 14
    known = list(workspace.items(ItemFilter(source="made"), 0, 100).items)
    right = sum(a == str(i.label) for a, i in zip(labels(workspace, known), known, strict=True))
    assert right >= 95, "nothing was forgotten"


def test_fast_holds_the_layers_and_full_does_not(copy: Callable[..., Workspace]) -> None:
    from safetensors.torch import load_file

    workspace = copy()
    correct(workspace, trainable(workspace)[:3], LIVES, "backward")
    old = load_file(workspace.path / "models" / PARENT / WEIGHTS)
    for mode, moved in (("fast", False), ("full", True)):
        new = load_file(learn(workspace, mode=mode).folder / WEIGHTS)
        assert new.keys() == old.keys()
        lora = [k for k in old if "lora" in k]
        assert lora
        assert any(not new[k].equal(old[k]) for k in lora) is moved
        assert not new["network.pair.head.0.weight"].equal(old["network.pair.head.0.weight"])
        assert not new["network.pair.role"].equal(old["network.pair.role"])
        assert new["tagger.weight"].equal(old["tagger.weight"])


def test_roll_back_restores_every_answer(copy: Callable[..., Workspace]) -> None:
    workspace = copy()
    some = trainable(workspace)
    before = workspace.predict(some[0].example)
    correct(workspace, some[:12], LIVES, "backward")
    assert workspace.history(some[0].id)[0].model_version == PARENT
    info = learn(workspace, promote=True, by="lead")
    assert info.in_use
    (row,) = workspace.learning.promotions()
    assert (row.action, row.by) == ("promote", "lead")
    assert row.rule.startswith("F1 on the whole guard set is not lower")
    after = workspace.predict(some[0].example)
    assert (before.model_version, after.model_version) == (PARENT, "tiny-1")
    assert after.ranked != before.ranked
    kept = workspace.correct(some[20].id, after.label, "ann", after)
    assert kept.model_version == "tiny-1"
    assert workspace.learning.roll_back("bo").version == PARENT
    assert workspace.predict(some[0].example) == before
    with pytest.raises(PromotionRefused, match="Found tiny, which was not"):
        workspace.learning.roll_back("bo")
    assert [p.action for p in workspace.learning.promotions()] == ["promote", "roll-back"]


def test_another_process_sees_the_promotion_at_once(copy: Callable[..., Workspace]) -> None:
    workspace = copy()
    app = Workspace.open(workspace.path)
    example = trainable(workspace)[0].example
    assert app.predict(example).model_version == PARENT
    correct(workspace, trainable(workspace)[:12], LIVES, "backward")
    workspace.learning.promote(learn(workspace).name, "ann")
    assert app.predict(example).model_version == "tiny-1"


def test_wrong_corrections_do_not_pass_the_guard(copy: Callable[..., Workspace]) -> None:
    workspace = copy()
    every = workspace.items(ItemFilter(source="made"), 0, 80).items
    for relation, wrong in ((MEMBER, PEER), (PEER, LIVES), (LIVES, PEER)):
        some = [i for i in every if i.label is not None and i.label.relation == relation]
        correct(workspace, some, wrong, "both" if wrong == PEER else "backward")
    info = learn(workspace, replay=0, promote=True)
    assert (info.state, info.in_use) == ("kept", False)
    assert info.guard is not None
    assert not info.guard.passed
    assert any("F1 on made dev" in r for r in info.guard.reasons)
    assert info.guard.changes[0].outcome == "lost"
    assert (info.folder / "config.json").is_file(), "kept all the same"
    with pytest.raises(PromotionRefused) as refused:
        workspace.learning.promote(info.name, "ann")
    assert str(refused.value).startswith(
        f"Expected a version that passed the guard. Found {info.name}, which did not: "
    )
    assert workspace.model_version == PARENT
    assert workspace.learning.promotions() == ()


def test_the_card_says_parent_data_rule_and_verdict(copy: Callable[..., Workspace]) -> None:
    workspace = copy()
    correct(workspace, trainable(workspace)[:4], LIVES, "backward", "secret name")
    info = learn(workspace, annotators=["secret name"])
    card = json.loads((info.folder / "card.json").read_text("utf-8"))
    assert card["parent"] == PARENT
    assert card["data"].startswith("made, split train; then 4 corrections, 100 replayed")
    assert card["guard"]["rule"] == {
        "tolerance": 0.01,
        "enough": 20,
        "held_out": 5,
        "sure": 0.9,
    }
    assert card["guard"]["passed"] is (info.state == "offered")
    assert card["lines"].startswith("its parent's: fewer than 200 dev pairs")
    assert "secret name" not in json.dumps(card), "a card may go elsewhere"
    assert info.request is not None
    assert info.request.annotators == ("secret name",)
    parent = json.loads((workspace.path / "models" / PARENT / "config.json").read_text("utf-8"))
    own = json.loads((info.folder / "config.json").read_text("utf-8"))
    assert (own["lines"], own["id"]) == (parent["lines"], info.name)
    assert len(workspace.learning.curve(info.name)) == len(card["log"])


# --- the job ---------------------------------------------------------------------------------


@pytest.mark.soak
def test_a_killed_job_goes_on_to_the_very_same_version(copy: Callable[..., Workspace]) -> None:
    whole, workspace = copy("whole"), copy("killed")
    for one in (whole, workspace):
        correct(one, trainable(one)[:12], LIVES, "backward")
    expected = learn(whole)
    first = workspace.start_job("learn")
    state = workspace.path / "models" / "tiny-1.training" / STATE
    until(workspace, first, lambda j: state.exists() or j.over)
    for held in Store.open(workspace.path).jobs.held():
        assert kill(held.pid, held.process)
    assert until(workspace, first, over).state == "lost"
    assert workspace.learning.version("tiny-1").state == "unfinished"
    assert [p.parent.name for p in (workspace.path / "models").glob("*/config.json")] == [PARENT]
    with pytest.raises(PromotionRefused, match="Expected a finished version"):
        workspace.learning.promote("tiny-1", "ann")
    # What is saved meanwhile waits for the next version.
    correct(workspace, trainable(workspace)[30:33], MEMBER, "forward")
    second = workspace.start_job("learn")
    assert second != first
    done = until(workspace, second, over)
    assert (done.state, done.error) == ("done", "")
    assert (done.result["version"], done.result["learn"]) == ("tiny-1", 12)
    info = workspace.learning.version("tiny-1")
    assert (info.folder / WEIGHTS).read_bytes() == (expected.folder / WEIGHTS).read_bytes()
    assert info.guard == expected.guard
    assert not state.parent.exists()
    log = (info.folder / "train.log").read_text("utf-8")
    assert "taken up in epoch" in log


def test_a_cancelled_training_can_be_discarded(copy: Callable[..., Workspace]) -> None:
    workspace = copy()
    correct(workspace, trainable(workspace)[:3], LIVES, "backward")
    parameters = workspace.learning.settled({})

    def stop(done: int, total: int, stage: str) -> None:
        if stage.startswith("Epoch 2"):
            raise JobCancelled

    with pytest.raises(JobCancelled):
        feedback.learn_job(workspace.path, parameters, stop)
    assert len(workspace.learning.curve("tiny-1")) == 1, "the figures so far can be seen"
    assert workspace.learning.settled({})["name"] == "tiny-1", "the same goes on"
    assert workspace.learning.settled({"seed": 1})["name"] == "tiny-2"
    workspace.learning.discard("tiny-1")
    assert not (workspace.path / "models" / "tiny-1.training").exists()
    assert [v.name for v in workspace.learning.versions() if v.state == "unfinished"] == ["tiny-2"]
    with pytest.raises(ValueRejected, match=r"Expected an unfinished training\. Found tiny-1"):
        workspace.learning.discard("tiny-1")


def test_there_is_a_backup_before_learning(copy: Callable[..., Workspace]) -> None:
    workspace = copy()
    correct(workspace, trainable(workspace)[:2], LIVES, "backward")
    learn(workspace)
    assert list((workspace.path / "backups").glob("*-before-learning.db"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Expected corrections by anybody. Found none. Correct some items first"),
        ({"annotators": ["bo"]}, "Expected corrections by bo. Found none."),
        ({"mode": "slow"}, "Expected a way of training, one of fast, full. Found 'slow'."),
        ({"since": "lately"}, "Expected a date or time such as 2026-03-01"),
        ({"replay": -1}, "Expected 0 to 50 replayed items for each correction. Found -1.0."),
        ({"seed": "x"}, "Expected a number as replay and a whole number as seed."),
        ({"parent": "nobody"}, "Expected a model version, one of "),
        ({"colour": "red"}, "Expected parameters of job 'learn': annotators, since"),
    ],
)
def test_a_request_that_cannot_be_kept_is_refused_before_it_waits(
    copy: Callable[..., Workspace], given: dict[str, Any], said: str
) -> None:
    workspace = copy()
    with pytest.raises(ValueRejected) as refused:
        workspace.start_job("learn", **given)
    assert str(refused.value).startswith(said)
    assert workspace.jobs() == ()
    assert [v for v in workspace.learning.versions() if v.state == "unfinished"] == []
