"""The tab "Writing" against a real server of the protocol: connect, draft, try, add; keys stay out
of sight."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import state
from app.views.relations_drafts import gain_words, spent_words
from roc_core.schema import Job, WritingReport
from roc_core.workspace import Workspace
from tests.app.relations_steps import make, open_tab
from tests.app.steps import button, texts
from tests.llm_server import Server, completion, failure, serving

TAB = "Writing"
SECRET = "sk-made-0123456789"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("relations-writing"))


@pytest.fixture
def ws(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """The very workspace object the app uses, without an endpoint and without a key."""
    for name in ("ROC_LLM_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ROC_WORKSPACE", str(folder))
    found = state.workspace()
    yield found
    found.writing.forget_endpoint()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


def connect(ws: Workspace, server: Server, **given: float) -> None:
    ws.writing.set_endpoint(server.url, "made-model", **given)


def open_on(ws: Workspace, number: int) -> tuple[AppTest, str]:
    """The tab with the relation of that number chosen, and its id. A test's own: answers are
    kept."""
    id = ws.catalogue.ids[number]
    at = open_tab(TAB)
    at.selectbox(key="writing:relation").set_value(id).run()
    assert not at.exception
    return at, id


def sent_key(server: Server) -> str:
    """What the first request was allowed with."""
    headers = {name.lower(): value for name, value in server.asked[0].headers.items()}
    return headers.get("authorization", "")


def everything(at: AppTest) -> str:
    return "\n".join(str(block.proto) for block in at.main if hasattr(block, "proto"))


# --- connecting --------------------------------------------------------------------------


def test_without_an_endpoint_the_page_says_how_to_connect_one(ws) -> None:
    at = open_tab(TAB)
    assert "No language model is connected. Descriptions written by hand need none" in texts(at)
    for name in ("Ollama", "llama.cpp", "vLLM", "ROC\\_LLM\\_KEY"):
        assert name.replace("\\", "") in texts(at).replace("\\", "")
    assert not [b for b in at.button if b.key == "writing:go"]


def test_an_endpoint_is_set_with_its_prices_and_taken_back(ws, server) -> None:
    at = open_tab(TAB)
    button(at, "Ollama").click().run()
    assert at.text_input(key="writing:url").value == "http://127.0.0.1:11434/v1"
    at.text_input(key="writing:url").set_value(server.url)
    at.text_input(key="writing:model").set_value("made-model")
    at.number_input(key="writing:in").set_value(0.5)
    at.number_input(key="writing:out").set_value(1.5)
    at.number_input(key="writing:examples").set_value(0)
    at.button(key="writing:connect").click().run()
    assert not at.exception
    found = ws.writing.endpoint()
    assert found is not None
    assert (found.base_url, found.model, found.price_in, found.price_out, found.examples) == (
        server.url, "made-model", 0.5, 1.5, 0,
    )  # fmt: skip
    assert button(at, "Write drafts")
    assert not server.asked, "nothing is sent before it is asked for"
    button(at, "Disconnect").click().run()
    assert ws.writing.endpoint() is None
    assert "No language model is connected" in texts(at)


def test_an_address_that_cannot_be_is_refused(ws) -> None:
    at = open_tab(TAB)
    at.text_input(key="writing:url").set_value("ftp://somewhere")
    at.text_input(key="writing:model").set_value("m")
    at.button(key="writing:connect").click().run()
    assert "Expected an address such as http://127.0.0.1:11434/v1." in texts(at)
    assert at.text_input(key="writing:url").value == "ftp://somewhere"
    assert ws.writing.endpoint() is None


def test_a_hosted_endpoint_says_that_it_needs_a_key(ws) -> None:
    ws.writing.set_endpoint("https://api.openai.com/v1", "some-model")
    at = open_tab(TAB)
    assert "The endpoint needs a key." in texts(at).replace("\\", "")
    assert not [b for b in at.button if b.key == "writing:go"]


def test_the_key_reaches_the_server_and_nothing_else(ws, server, monkeypatch) -> None:
    monkeypatch.setenv("ROC_LLM_KEY", SECRET)
    connect(ws, server)
    at, _ = open_on(ws, 4)
    button(at, "Write drafts").click().run()
    assert sent_key(server) == f"Bearer {SECRET}"
    assert SECRET not in everything(at)
    assert SECRET not in repr(at.session_state)
    files = [f for f in ws.path.rglob("*") if f.is_file()]
    assert not [f for f in files if SECRET.encode() in f.read_bytes()]


# --- one relation ------------------------------------------------------------------------


def test_drafts_are_scored_chosen_tried_together_and_added(ws, server) -> None:
    connect(ws, server, price_in=10.0, price_out=10.0)
    at, id = open_on(ws, 0)
    at.number_input(key="writing:count").set_value(1).run()
    button(at, "Write drafts").click().run()
    assert not at.exception
    said = texts(at).replace("\\", "")
    assert "100 tokens asked and 50 answered, cost 0.0015" in said
    report = ws.writing.kept(id)
    assert [b.label.replace("\\", "") for b in at.checkbox] == [d.text for d in report.drafts]
    assert "F1 " in said
    assert "not tried: it is not scored" in said, "a contrast is never scored"
    before = ws.catalogue.get(id)
    at.checkbox[0].check().run()
    at.checkbox[1].check().run()
    assert "With these 2 drafts" in texts(at)
    html = "\n".join(str(e.proto.body) for e in at.get("html"))
    assert "hit@3" in html
    try:
        button(at, "Add these 2 drafts").click().run()
        assert not at.exception
        after = ws.catalogue.get(id)
        new = {d.text for d in after.descriptions} - {d.text for d in before.descriptions}
        assert new == {d.text for d in report.drafts[:2]}
        change = ws.relations.history(id)[0]
        assert (change.author, change.reason) == ("tester", "2 drafts by made-model")
        assert at.checkbox[0].disabled
        assert "added" in texts(at)
    finally:
        first = next(c for c in reversed(ws.relations.history(id)) if c.after == before)
        ws.relations.revert(first.id, "tester")


def test_what_was_written_before_is_there_and_asked_anew_on_demand(ws, server) -> None:
    connect(ws, server)
    ws.writing.draft(ws.catalogue.ids[1])
    at, _ = open_on(ws, 1)
    assert "so nothing was spent now" in texts(at)
    assert at.checkbox
    assert len(server.asked) == 1
    button(at, "Write other drafts").click().run()
    assert len(server.asked) == 2


def test_a_server_that_fails_is_an_error_in_words(ws, server) -> None:
    server.script = lambda asked: failure(401, "no such key")
    connect(ws, server)
    at, _ = open_on(ws, 2)
    button(at, "Write drafts").click().run()
    assert not at.exception
    assert "No drafts were written." in texts(at)
    assert "made-model" in texts(at).replace("\\", "")


def test_hostile_drafts_are_refused_and_shown_as_text(ws, server) -> None:
    answer = {"wording": ["<script>alert(1)</script> says it with these words here"]}
    server.script = lambda asked: completion(json.dumps(answer))
    connect(ws, server)
    at, _ = open_on(ws, 3)
    button(at, "Write drafts").click().run()
    assert not at.exception
    assert not at.checkbox
    assert "Nothing that was written can be used." in texts(at)
    shown = "".join(str(e.proto.body) for e in at.get("html"))
    assert "<script>" not in shown


def test_a_relation_is_found_by_words_where_there_are_many(ws, server, monkeypatch) -> None:
    monkeypatch.setattr("app.views.relations_drafts.MOST_LISTED", 5)
    connect(ws, server)
    at = open_tab(TAB)
    wanted = ws.catalogue.relations[-1]
    at.text_input(key="writing:query").set_value(wanted.name).run()
    assert wanted.id in {s.relation.id for s in ws.relations.states(wanted.name)[0]}
    assert any(wanted.name in option for option in at.selectbox(key="writing:relation").options)


# --- all relations -----------------------------------------------------------------------


def test_all_relations_are_written_for_by_a_job(ws, server, monkeypatch) -> None:
    started: list[tuple[int, str]] = []

    def start(self, count=2, relations=(), key=""):
        started.append((count, key))
        return 1

    monkeypatch.setattr("roc_core.workspace.writing.Writing.start", start)
    connect(ws, server)
    at = open_tab(TAB)
    at.session_state["writing:for"] = "All relations"
    at.run()
    button(at, f"Write for all {len(ws.catalogue)} relations").click().run()
    assert not at.exception
    assert started == [(4, "")]


def test_what_a_job_wrote_is_told(ws, server, monkeypatch) -> None:
    result = {"relations": 22, "written": 21, "drafts": 80, "failed": ["peer: no answer"]}
    job = Job(3, "write", "Writing", "done", {"count": 4}, result=result)
    monkeypatch.setattr(Workspace, "jobs", lambda self, limit=50: (job,))
    connect(ws, server)
    at = open_tab(TAB)
    at.session_state["writing:for"] = "All relations"
    at.run()
    assert "80 drafts for 21 of 22 relations" in texts(at)
    assert "peer: no answer" in texts(at)


def test_secrets_of_streamlit_are_a_key(ws, server) -> None:
    connect(ws, server)
    at, _ = open_on(ws, 5)
    at.secrets["ROC_LLM_KEY"] = SECRET
    button(at, "Write drafts").click().run()
    assert sent_key(server) == f"Bearer {SECRET}"


# --- words -------------------------------------------------------------------------------


def test_gain_and_costs_are_said_in_words() -> None:
    assert gain_words(0.0123) == "F1 +1.23 points"
    assert gain_words(-0.00101) == "F1 −0.10 points"
    assert gain_words(0.00001) == "F1 stays"
    report = WritingReport("r", (), (), "gemma3", 1200, 30, 0.25, 1, 130.0)
    assert spent_words(report).replace("\\", "") == (
        "gemma3, 1,200 tokens asked and 30 answered, cost 0.2500, 2 min, answered before, so "
        "nothing was spent now."
    )
    assert spent_words(WritingReport("r", (), (), "", 0, 0, None, 0, 0.0)) == ""
