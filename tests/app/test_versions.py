"""The Versions page: list, train, judge, promote, roll back, bring in and out."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import state
from roc_core.jobs.process import kill
from roc_core.schema import GuardFigures, GuardPart, GuardReport, GuardRule, Job, LearnRequest
from roc_core.store import Store
from roc_core.workspace import Workspace
from roc_core.workspace.mapping import map_job
from roc_core.workspace.pair_vectors import vectors_job
from tests.app.conftest import MAIN
from tests.app.steps import button, texts
from tests.training.made import LIVES
from tests.workspace.learnt import PARENT, correct, learn, taught_workspace, trainable


@pytest.fixture
def taught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace of its own with a tiny version; what still runs at the end is ended."""
    folder = tmp_path / "ws"
    shutil.copytree(taught_workspace(), folder)
    monkeypatch.setenv("ROC_WORKSPACE", str(folder))
    yield state.workspace()
    for held in Store.open(folder).jobs.held():
        kill(held.pid, held.process)


@pytest.fixture
def page(taught: Workspace) -> Callable[..., AppTest]:
    """Opens the page as a new browser session, on one of its tabs."""

    def run(tab: str = "Versions", part: str = "Before and after", chosen: str = "") -> AppTest:
        at = AppTest.from_file(str(MAIN), default_timeout=120)
        at.session_state["annotator"] = "tester"
        at.run()
        at.session_state["versions:tab"] = tab
        at.session_state["versions:part"] = part
        if chosen:
            at.session_state["versions:chosen"] = chosen
        at.switch_page("../pages/versions.py").run()
        assert not at.exception
        return at

    return run


def plain(at: AppTest) -> str:
    """All text of the page without the signs that keep Markdown from reading it."""
    return texts(at).replace("\\", "")


def silent(done: int, total: int, stage: str) -> None:
    """Progress nobody follows."""


def taught_version(ws: Workspace, many: int = 12) -> str:
    """A version learnt from corrections of look-alikes; its name."""
    correct(ws, trainable(ws)[:many], LIVES, "backward")
    return learn(ws).name


def failed_version(ws: Workspace) -> str:
    """A version that the guard refused; its name."""
    rows = Store.open(ws.path).versions
    name = rows.begin(LearnRequest(parent=PARENT), (), "python -m roc_core learn")
    shutil.copytree(ws.path / "models" / PARENT, ws.path / "models" / name)
    figures = GuardFigures(0.75, 0.9, 1.0, 30), GuardFigures(0.5, 0.8, 1.0, 20)
    reason = "F1 on made dev (40 pairs) fell from 0.750 to 0.500."
    guard = GuardReport(GuardRule(), (GuardPart("made dev", 40, *figures),), False, (reason,))
    rows.finish(name, {}, guard, 1000)
    return name


def test_the_list_says_what_each_version_is(
    page: Callable[..., AppTest], taught: Workspace
) -> None:
    name = taught_version(taught)
    at = page()
    table = at.dataframe[0].value
    row = table[table["version"] == name].iloc[0]
    assert (row["state"], row["parent"], row["in use"]) == ("passed the guard", PARENT, "")
    assert set(table["version"]) == {"base", "mini", PARENT, name}
    assert row["size"].endswith("MB")
    assert at.selectbox(key="versions:chosen").value == name, "the newest learnt one"
    assert "12 corrections" in texts(at)


def test_what_was_measured_on_a_packaged_version_is_said(page: Callable[..., AppTest]) -> None:
    said = plain(page(chosen="mini"))
    assert "Measured on mnre val, 1,624 pairs, protocol honest, pictures none: F1 0." in said


def test_the_guard_is_shown_before_and_after(
    page: Callable[..., AppTest], taught: Workspace
) -> None:
    info = taught.learning.version(taught_version(taught))
    assert info.guard is not None
    table = page().dataframe[1].value
    first = info.guard.parts[0]
    assert table.iloc[0]["F1 before"] == first.before.f1
    assert table.iloc[0]["right after"] == first.after.right


def test_promote_and_roll_back_with_a_confirm(
    page: Callable[..., AppTest], taught: Workspace
) -> None:
    name = taught_version(taught)
    at = page()
    at.button(key="versions:promote").click().run()
    assert not at.exception
    assert f"{name} is in use now, in the place of {PARENT}." in texts(at)
    assert taught.model_version == name
    assert taught.learning.promotions()[-1].by == "tester"
    at.button(key="versions:back").click().run()
    assert f"{PARENT} is in use again, in the place of {name}." in texts(at)
    assert taught.model_version == PARENT
    assert "versions:back" not in {b.key for b in at.button}, "nothing is left to take back"
    history = texts(page("History"))
    assert f"promoted {name}, in the place of {PARENT}, by tester." in history
    assert f"rolled back to {PARENT}, in the place of {name}, by tester." in history


def test_a_version_that_failed_the_guard_says_so_and_has_no_promote(
    page: Callable[..., AppTest], taught: Workspace
) -> None:
    name = failed_version(taught)
    at = page(chosen=name)
    said = texts(at)
    assert "failed the guard and cannot be promoted" in said
    assert "F1 on made dev (40 pairs) fell from 0.750 to 0.500." in said
    assert "versions:promote" not in {b.key for b in at.button}
    assert button(at, "Export").disabled is False


def test_without_corrections_it_says_what_is_missing(
    page: Callable[..., AppTest], taught: Workspace
) -> None:
    at = page("Train from corrections")
    assert "These choices give nothing to learn from." in texts(at)
    assert "Expected corrections by anybody" in texts(at)
    assert "learn:start" not in {b.key for b in at.button}


def test_choices_change_what_is_learnt_from(
    page: Callable[..., AppTest], taught: Workspace
) -> None:
    some = trainable(taught)
    correct(taught, some[:5], LIVES, "backward", "ann")
    correct(taught, some[5:7], LIVES, "backward", "ben")
    at = page("Train from corrections")
    assert "7 corrections to learn from, 100 replayed" in texts(at)
    at.multiselect(key="learn:who").set_value(["ben"]).run()
    assert "2 corrections to learn from, 100 replayed" in texts(at)
    at.number_input(key="learn:replay").set_value(0.0).run()
    assert "2 corrections to learn from, 0 replayed" in texts(at)
    assert "Measured with mini" in texts(at), "no training was timed here yet"


def test_a_training_runs_to_an_offered_version(
    page: Callable[..., AppTest], taught: Workspace
) -> None:
    correct(taught, trainable(taught)[:12], LIVES, "backward")
    at = page("Train from corrections")
    at.button(key="learn:start").click().run()
    assert not at.exception
    (job,) = [j for j in taught.jobs() if j.kind == "learn"]
    assert "Learning tiny" in plain(at)
    ended = until_over(taught, job.id)
    assert ended.state == "done", ended.error
    at = page()
    assert "passed the guard. Look at what changed" in texts(at)
    at = page(part="Training curve")
    assert len(at.get("plotly_chart")) == 1
    later = page("Train from corrections")
    assert "by earlier trainings here" in texts(later)


def until_over(ws: Workspace, id: int) -> Job:
    end = time.monotonic() + 240
    while not (job := ws.job(id)).over:
        assert time.monotonic() < end, job
        time.sleep(0.1)
    return job


@pytest.mark.soak
def test_a_cancelled_training_is_resumed(page: Callable[..., AppTest], taught: Workspace) -> None:
    correct(taught, trainable(taught)[:12], LIVES, "backward")
    at = page("Train from corrections")
    at.button(key="learn:start").click().run()
    (job,) = [j for j in taught.jobs() if j.kind == "learn"]
    at.button(key=f"jobs:cancel:versions:{job.id}").click().run()
    assert until_over(taught, job.id).state == "cancelled"
    at = page()
    assert "was cancelled; what it had done is kept" in texts(at)
    at.button(key="versions:resume:last").click().run()
    assert not at.exception
    again = next(j for j in taught.jobs() if j.kind == "learn")
    assert again.id != job.id
    assert again.parameters["name"] == job.parameters["name"]
    assert until_over(taught, again.id).state == "done"


def test_an_unfinished_training_is_discarded(
    page: Callable[..., AppTest], taught: Workspace
) -> None:
    name = Store.open(taught.path).versions.begin(LearnRequest(parent=PARENT), (), "command")
    at = page(chosen=name)
    at.button(key="versions:discard").click().run()
    assert f"The unfinished training of {name} is gone." in texts(at)
    assert name not in {v.name for v in taught.learning.versions()}


def test_changed_items_are_listed_and_become_the_selection(
    page: Callable[..., AppTest], taught: Workspace
) -> None:
    name = taught_version(taught)
    guard = taught.learning.version(name).guard
    assert guard is not None
    assert guard.changes
    at = page(part="Items that changed")
    at.button(key="versions:select").click().run()
    assert not at.exception
    assert at.session_state["selection"] == tuple(c.item for c in guard.changes)
    assert (
        f"Versions: the guard set of {name} against {PARENT}"
        in at.session_state["selection:origin"]
    )
    assert "before: " in plain(at)
    assert "There is no map of tiny to draw them on." in plain(at)


def test_all_labelled_items_need_answers_of_both(
    page: Callable[..., AppTest], taught: Workspace
) -> None:
    name = taught_version(taught)
    at = page(part="Items that changed")
    way = at.segmented_control(key=f"versions:on:{name}:{PARENT}")
    way.set_value("all labelled items").run()
    assert texts(at).count("have no answer yet") == 2
    for version in (PARENT, name):
        vectors_job(taught.path, {"version": version}, silent)
    at.run()
    assert not at.exception
    found = taught.learning.comparison(name)
    assert f"{found.compared:,} items with a label compared: {found.won:,} won" in texts(at)


def test_arrows_lead_from_the_old_map_to_the_new_places(
    page: Callable[..., AppTest], taught: Workspace
) -> None:
    name = taught_version(taught)
    map_job(taught.path, {"version": PARENT}, silent)
    at = page(part="Items that changed")
    assert "have no answer yet" in texts(at), "the new version has read nothing"
    vectors_job(taught.path, {"version": name}, silent)
    at.run()
    assert not at.exception
    assert "A ring is where" in texts(at)
    guard = taught.learning.version(name).guard
    assert guard is not None
    key = at.session_state["versions:moves:key"]
    event = {"points": [{"customdata": [0]}], "point_indices": [], "box": [], "lasso": []}
    at.session_state[key] = {"selection": event}
    at.run()
    assert at.session_state["selection:primary"] == guard.changes[0].item


def test_a_version_goes_out_as_a_zip_and_comes_back(
    page: Callable[..., AppTest], taught: Workspace, tmp_path: Path
) -> None:
    name = taught_version(taught)
    at = page()
    button(at, "Export").click().run()
    data = at.session_state["versions:packed"][1]
    (made,) = at.get("download_button")
    assert made.proto.label == f"Download {name}.zip"
    shutil.copytree(taught_workspace(), tmp_path / "other")
    other = Workspace.open(tmp_path / "other")
    assert other.learning.import_zip(data) == name
    files = other.learning.version(name).folder
    for file in taught.learning.version(name).folder.iterdir():
        assert (files / file.name).read_bytes() == file.read_bytes()


def test_a_folder_is_imported_and_a_wrong_one_named(
    page: Callable[..., AppTest], taught: Workspace, tmp_path: Path
) -> None:
    at = page("Import")
    at.segmented_control(key="versions:way").set_value("Folder on this machine").run()
    at.text_input(key="versions:folder").set_value(str(tmp_path / "nothing")).run()
    at.button(key="versions:import:folder").click().run()
    assert not at.exception
    assert "This was not done." in texts(at)
    assert "nothing" in texts(at)
    name = taught_version(taught)
    shutil.copytree(taught.learning.version(name).folder, tmp_path / "copy")
    at.text_input(key="versions:folder").set_value(str(tmp_path / "copy")).run()
    at.button(key="versions:import:folder").click().run()
    assert f"Version {name} is here. {PARENT} stays in use" in texts(at)
