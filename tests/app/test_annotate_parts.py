"""Parts of the Annotate page: what a browser may report, the way through a queue, the thread that
prepares items, guidelines."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app import state
from app.components import annotate_keys
from app.components.annotate_keys import report_of
from app.views import annotate_guides
from app.views.annotate_ahead import Ahead
from app.views.annotate_sitting import NEXT, Sitting
from app.views.annotate_steps import prediction_of, step_of
from roc_core.errors import StoreUnavailable
from roc_core.schema import NONE, Label, Queue
from roc_core.workspace import Workspace
from tests.app.annotate_steps import PEER, make


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("annotate"))


@pytest.fixture
def ws(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The very workspace object the app uses, its model loaded."""
    monkeypatch.setenv("ROC_WORKSPACE", str(folder))
    found = state.workspace()
    found.warm()
    return found


# --- what a browser may say ----------------------------------------------------------------

anything = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=9),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=6), inner),
    max_leaves=12,
)
NAMES = ("token", "action", "annotator", "item", "label", "places", "offered", "predicted", "text")


@given(anything | some.dictionaries(some.sampled_from([*NAMES, "steps", "have", "seq"]), anything))
def test_no_report_of_a_browser_breaks_the_page(raw):
    report = report_of(raw)
    assert report.seq >= 0
    assert isinstance(report.steps, list)
    step = step_of(raw)
    assert step is None or step.action


@given(
    some.fixed_dictionaries({"token": some.just("12345678"), "action": some.just("label")}),
    some.dictionaries(some.sampled_from(NAMES[2:]), anything),
)
def test_a_step_is_whole_or_none_at_all(base, more):
    step = step_of({"annotator": "Ann", **more, **base})
    assert step is None or (step.token, step.action) == ("12345678", "label")


@given(some.integers(0, 5), some.booleans())
def test_the_log_gets_the_answer_that_was_on_screen(place, passed):
    offered = [[f"/r/{n}", "forward"] for n in range(6)]
    first = offered.pop(place)
    said = first if passed else [NONE, "both"]
    ranked = [first, *offered] if passed else offered
    raw = {"token": "12345678", "action": "label", "annotator": "Ann", "version": "v"}
    step = step_of({**raw, "predicted": said, "offered": ranked})
    prediction = prediction_of(step)
    assert prediction.label == Label(*said)
    assert [[r.relation, r.direction] for r in prediction.ranked] == ranked
    assert prediction.model_version == "v"


def test_the_browser_part_holds_one_module():
    css, js = annotate_keys._sources()
    assert js.count("export default") == 1
    assert ".rocm-text" in css
    assert ".roca-suggestion" in css


# --- the way through a queue ---------------------------------------------------------------


@given(some.integers(2, 60), some.data())
def test_what_comes_next_is_unfinished_and_in_order(size, data):
    items = tuple(f"{n:016x}" for n in range(size))
    finished = frozenset(data.draw(some.sets(some.sampled_from(items))))
    at = data.draw(some.sampled_from(items))
    sitting = Sitting("t", "Ann", "everything", Queue("everything", items))
    sitting.take(Queue("everything", items, finished))
    sitting.open(at)
    place = items.index(at)
    order = [i for i in (*items[place + 1 :], *items[:place]) if i not in finished]
    assert sitting.ahead() == tuple(order[:NEXT])
    assert sitting.done == len(finished)
    assert sitting.before() == items[max(place - 2, 0) : place][::-1]


def test_an_item_of_another_queue_keeps_the_place_in_this_one():
    items = tuple(f"{n:016x}" for n in range(5))
    sitting = Sitting("t", "Ann", "everything", Queue("everything", items))
    sitting.take(sitting.queue)
    sitting.open(items[2])
    sitting.open("elsewhere")
    assert sitting.ahead() == (items[3], items[4], items[0], items[1], items[2])


def test_items_are_prepared_before_they_are_asked_for(ws):
    ahead = Ahead(ws)
    ids = ws.annotation.queue("everything", "nobody").items[:3]
    ahead.want([*ids, "0000000000000000"], "mark")
    for _ in range(200):
        if not ahead.pending(4):
            break
        time.sleep(0.02)
    ready = [ahead.get(id) for id in ids]
    assert [r.item.id for r in ready if r] == list(ids)
    assert all(r and r.prediction and r.prediction.model_version == "tiny" for r in ready)
    assert "an item '0000000000000000'" in ahead.gone("0000000000000000")


def test_an_error_in_other_work_is_kept_and_the_thread_goes_on(ws):
    ahead = Ahead(ws)
    error = StoreUnavailable("a readable database", "a locked one", "Wait.")

    def fail() -> None:
        raise error

    ahead.ask("one", fail)
    ahead.ask("two", lambda: 2)
    for _ in range(200):
        if not ahead.asked("two"):
            break
        time.sleep(0.02)
    assert (ahead.result("one"), ahead.result("two")) == (error, 2)


def test_guidelines_have_descriptions_examples_and_counter_examples(ws):
    written, shown = annotate_guides.written(ws), annotate_guides.shown(ws)
    assert list(written) == list(shown) == list(ws.catalogue.ids)
    facets = {facet for facet, _, _ in written[PEER[0]]["descriptions"]}
    assert {"definition", "contrast"} <= facets
    assert [pair["label"] for pair in shown[PEER[0]]["examples"]] == [PEER] * 4
    for id, pairs in shown.items():
        assert id not in {pair["label"][0] for pair in pairs["counter"]}
