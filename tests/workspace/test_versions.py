"""The list of versions, comparing two, and bringing versions in and out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from roc_core.errors import (
    EncoderMismatch,
    ModelVersionInvalid,
    PromotionRefused,
    RocError,
    ValueRejected,
)
from roc_core.schema import LearnRequest
from roc_core.store import Store
from roc_core.workspace import Workspace
from roc_core.workspace.pair_vectors import vectors_job
from tests.tiny import make_checkpoint
from tests.training.made import LIVES
from tests.workspace.learnt import PARENT, correct, learn, taught_workspace, trainable


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    shutil.copytree(taught_workspace(), tmp_path / "ws")
    return Workspace.open(tmp_path / "ws")


def test_the_list_has_packaged_made_unfinished_and_learnt_versions(workspace: Workspace) -> None:
    correct(workspace, trainable(workspace)[:3], LIVES, "backward")
    learnt = learn(workspace)
    Store.open(workspace.path).versions.begin(LearnRequest(parent=PARENT, seed=9), (), "command")
    found = {v.name: v for v in workspace.learning.versions()}
    states = {n: v.state for n, v in found.items()}
    assert states == {"base": "packaged", "mini": "packaged", PARENT: "made",
                      learnt.name: learnt.state, "tiny-2": "unfinished"}  # fmt: skip
    assert [v.name for v in found.values() if v.in_use] == [PARENT]
    assert found["mini"].scores["f1"] == pytest.approx(0.541, abs=0.01)
    assert found[learnt.name].bytes > 10_000
    assert found[learnt.name].command.startswith("python -m roc_core learn --workspace")
    assert found[PARENT].data == "made, split train"
    assert found["tiny-2"].bytes == 0
    assert workspace.learning.curve("mini")
    assert workspace.learning.curve("tiny-2") == ()
    with pytest.raises(ValueRejected, match="Expected a model version, one of base, mini, "):
        workspace.learning.version("nobody")


def test_a_comparison_lists_what_both_have_answered(workspace: Workspace) -> None:
    some = trainable(workspace)[:12]
    correct(workspace, some, LIVES, "backward")
    learnt = learn(workspace)
    found = workspace.learning.comparison(learnt.name)
    assert (found.compared, found.unread, found.items) == (0, 372, ())
    for version in (PARENT, learnt.name):
        vectors_job(workspace.path, {"version": version}, lambda done, total, stage: None)
    found = workspace.learning.comparison(learnt.name)
    assert (found.other, found.compared, found.unread) == (PARENT, 372, 0)
    assert found.guard == learnt.guard
    won = [d for d in found.items if d.outcome == "won"]
    assert {i.id for i in some} <= {d.item for d in won}
    assert all(d.gold == d.after != d.before for d in won)
    outcomes = [d.outcome for d in found.items]
    assert outcomes == sorted(outcomes, key=["lost", "won", "still wrong", "still right"].index)
    assert found.won >= 12
    back = workspace.learning.comparison(PARENT, learnt.name)
    assert (back.won, back.lost, back.guard) == (found.lost, found.won, None)
    with pytest.raises(ValueRejected, match="tiny has no parent"):
        workspace.learning.comparison(PARENT)


@pytest.mark.parametrize(
    ("name", "by", "said"),
    [
        (PARENT, "ann", "Expected another version than the one in use. Found tiny."),
        ("mini", "  ", "Expected the name of who decides. Found none."),
    ],
)
def test_what_cannot_be_promoted(workspace: Workspace, name: str, by: str, said: str) -> None:
    with pytest.raises(PromotionRefused) as refused:
        workspace.learning.promote(name, by)
    assert str(refused.value).startswith(said)
    assert workspace.learning.promotions() == ()


def test_roll_back_to_a_version_that_is_gone_changes_nothing(workspace: Workspace) -> None:
    shutil.copytree(workspace.path / "models" / PARENT, workspace.path / "models" / "other")
    workspace.learning.promote("other", "ann")
    shutil.rmtree(workspace.path / "models" / PARENT)
    with pytest.raises(ValueRejected, match=r"Expected a model version, one of .*\. Found tiny"):
        workspace.learning.roll_back("ann")
    assert workspace.model_version == "other"


def test_what_failed_a_guard_is_refused_where_the_database_does_not_know_it(
    workspace: Workspace, tmp_path: Path
) -> None:
    correct(workspace, trainable(workspace)[:3], LIVES, "backward")
    backup = workspace.backup("before")
    learnt = learn(workspace)
    card = json.loads((learnt.folder / "card.json").read_text("utf-8"))
    card["guard"] |= {"passed": False, "reasons": ["F1 on made dev fell."]}
    (learnt.folder / "card.json").write_text(json.dumps(card), "utf-8")
    place = workspace.learning.export_version(learnt.name, tmp_path / "out")
    other = Workspace.create(tmp_path / "other", starter=False)
    other.learning.import_version(place)
    workspace.backups.restore(backup.name)  # its row goes, its folder stays
    for some in (workspace, other):
        info = some.learning.version(learnt.name)
        assert (info.state, info.guard and info.guard.reasons) == (
            "kept",
            ("F1 on made dev fell.",),
        )
        with pytest.raises(PromotionRefused, match="passed the guard"):
            some.learning.promote(learnt.name, "ann")


# --- in and out ------------------------------------------------------------------------------


def test_a_version_goes_from_one_workspace_to_another(workspace: Workspace, tmp_path: Path) -> None:
    correct(workspace, trainable(workspace)[:3], LIVES, "backward")
    learnt = learn(workspace)
    place = workspace.learning.export_version(learnt.name, tmp_path / "out")
    assert place == tmp_path / "out" / learnt.name
    assert {p.name for p in place.iterdir()} == {p.name for p in learnt.folder.iterdir()}
    with pytest.raises(ValueRejected, match="Expected nothing at"):
        workspace.learning.export_version(learnt.name, tmp_path / "out")
    other = Workspace.create(tmp_path / "other", starter=False)
    assert other.learning.import_version(place) == learnt.name
    info = other.learning.version(learnt.name)
    assert (info.state, info.parent, info.data) == ("imported", PARENT, learnt.data)
    assert other.learning.import_version(place) == learnt.name, "the same again stays"
    other.learning.promote(learnt.name, "ann")
    example = trainable(workspace)[0].example
    assert other.predict(example) == next(
        workspace.retriever_of(learnt.name).predict_many([example])
    )
    assert not list((other.path / "models").glob(".*"))


def changed(workspace: Workspace, tmp_path: Path, change: Callable[[Path], None]) -> Path:
    """The parent's folder, changed."""
    shutil.copytree(workspace.path / "models" / PARENT, tmp_path / "given")
    change(tmp_path / "given")
    return tmp_path / "given"


def edited(file: str, **values: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        content = json.loads((folder / file).read_text("utf-8"))
        (folder / file).write_text(json.dumps(content | values), "utf-8")

    return change


def cut(folder: Path) -> None:
    weights = folder / "trained.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])


def other_encoder(folder: Path) -> None:
    place = folder.parent / "encoder2"
    place.mkdir()
    make_checkpoint(place, seed=7)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["model"]["text_encoder"] = str(place)
    (folder / "config.json").write_text(json.dumps(config | {"id": "new"}), "utf-8")


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        (
            other_encoder,
            EncoderMismatch,
            "on which this model version was trained. Found encoder2:",
        ),
        (cut, ModelVersionInvalid, "Expected a complete model version in "),
        (
            lambda f: (f / "trained.safetensors").unlink(),
            ModelVersionInvalid,
            "Found no trained.safetensors. Export it again.",
        ),
        (lambda f: (f / "config.json").unlink(), ModelVersionInvalid, "folder with config.json at"),
        (edited("config.json", id="../up"), ModelVersionInvalid, "Found id '../up'."),
        (edited("config.json", format=99), ModelVersionInvalid, "Found format 99."),
        (
            edited("card.json", catalogue={"relations": ["/my/own", "/per/per/peer"]}),
            ValueRejected,
            "a version for relations of catalogue 'mnre'. Found one for /my/own.",
        ),
    ],
)
def test_what_is_no_version_for_here_is_refused_by_name(
    workspace: Workspace, tmp_path: Path, change: Any, kind: type[RocError], said: str
) -> None:
    def renamed(folder: Path) -> None:
        edited("config.json", id="new")(folder)
        change(folder)

    given = changed(workspace, tmp_path, renamed)
    before = sorted(p.name for p in (workspace.path / "models").iterdir())
    with pytest.raises(kind) as refused:
        workspace.learning.import_version(given)
    assert said in str(refused.value)
    assert sorted(p.name for p in (workspace.path / "models").iterdir()) == before
    assert Store.open(workspace.path).versions.rows() == ()


def test_another_version_of_the_same_name_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    given = changed(workspace, tmp_path, cut)
    with pytest.raises(ValueRejected, match="a version that is not called tiny, as another one"):
        workspace.learning.import_version(given)
