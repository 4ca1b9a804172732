"""Asking a language model over real HTTP: what goes out, what comes back, what goes wrong."""

from __future__ import annotations

import gzip
import json
import logging
import time
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any

import pytest

from roc_core.errors import RocError, ValueRejected, WritingFailed
from roc_core.relations.writing import Chat, Question, key_for, what_is_missing
from roc_core.relations.writing_http import LARGEST
from roc_core.schema import Endpoint
from tests.llm_server import Asked, Reply, Script, completion, failure, in_turn, serving

SECRET = "sk-very-secret-0123456789"
ASK = Question(
    [{"role": "user", "content": "Write."}], {"type": "object"}, {"type": "object", "x": 1}, 99
)


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("OPENAI_API_KEY", "ROC_LLM_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID"):
        monkeypatch.delenv(name, raising=False)
    return


def ask(script: Script, key: str = "", timeout: float = 5.0, attempts: int = 4) -> Any:
    """The answer, the server's requests, and the seconds that were waited."""
    waited: list[float] = []
    with serving(script) as server:
        chat = Chat(Endpoint(server.url, "made", timeout=timeout), key, waited.append, attempts)
        try:
            found: Any = chat.ask(ASK)
        except WritingFailed as error:
            found = error
    return found, server.asked, waited


def test_an_answer() -> None:
    answer, asked, waited = ask(lambda _: completion("hello", (7, 3)), SECRET)
    assert (answer.text, answer.refusal, answer.cut) == ("hello", "", False)
    assert (answer.model, answer.prompt_tokens, answer.completion_tokens) == ("made-model", 7, 3)
    assert waited == []
    assert asked[0].path == "/v1/chat/completions"
    assert asked[0].headers["authorization"] == f"Bearer {SECRET}"
    body = asked[0].body
    assert body["model"] == "made"
    assert body["messages"] == [{"role": "user", "content": "Write."}]
    assert body["max_tokens"] == 99
    assert body["response_format"]["json_schema"]["schema"] == {"type": "object"}


def test_without_a_key_no_key_of_the_environment_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    _, asked, _ = ask(lambda _: completion("hello"))
    sent = json.dumps(asked[0].headers)
    assert SECRET not in sent
    assert "org-mine" not in sent


def test_content_in_parts_a_refusal_and_a_cut_answer() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert ask(lambda _: completion(parts))[0].text == "ab"  # type: ignore[arg-type]
    said = ask(lambda _: completion("", refusal="I will not."))[0]
    assert (said.text, said.refusal) == ("", "I will not.")
    data = json.loads(completion("half").body)
    data["choices"][0]["finish_reason"] = "length"
    assert ask(lambda _: Reply(json.dumps(data).encode()))[0].cut


@pytest.mark.parametrize("usage", [{"prompt_tokens": -5}, {"prompt_tokens": "x"}, [], None, 3])
def test_counts_that_are_none_count_nothing(usage: object) -> None:
    data = json.loads(completion("x").body) | {"usage": usage}
    answer = ask(lambda _: Reply(json.dumps(data).encode()))[0]
    assert (answer.prompt_tokens, answer.completion_tokens) == (0, 0)


# --- what an endpoint may not understand -------------------------------------------------------


def test_schemas_are_left_out_one_by_one_and_stay_out() -> None:
    def script(asked: Asked) -> Reply:
        form = asked.body.get("response_format")
        return failure(422, f"unknown {form['type']}") if form else completion("plain")

    with serving(script) as server:
        chat = Chat(Endpoint(server.url, "made"))
        assert chat.ask(ASK).text == "plain"
        assert chat.ask(ASK).text == "plain"
    forms = [(a.body.get("response_format") or {}).get("type") for a in server.asked]
    assert forms == ["json_schema", "json_object", None, None]
    assert server.asked[1].body["response_format"]["schema"] == {"type": "object", "x": 1}


def test_a_server_that_breaks_on_an_unknown_format() -> None:
    def script(asked: Asked) -> Reply:
        form = asked.body.get("response_format") or {}
        if form.get("type") == "json_schema":  # as llama-cpp-python 0.3 does
            return failure(500, "1 validation error: ('body', 'response_format', 'type')")
        return completion("plain")

    answer, asked, waited = ask(script)
    assert (answer.text, len(asked), waited) == ("plain", 2, [])


def test_another_name_of_the_limit() -> None:
    def script(asked: Asked) -> Reply:
        if "max_tokens" in asked.body:
            return failure(400, "Unsupported parameter: 'max_tokens'.")
        return completion("ok")

    _, asked, _ = ask(script)
    assert [("max_tokens" in a.body, "max_completion_tokens" in a.body) for a in asked] == [
        (True, False),
        (False, True),
    ]
    assert asked[1].body["response_format"]["type"] == "json_schema"


def test_a_bad_request_that_stays_one() -> None:
    error, asked, waited = ask(lambda _: failure(400, "context too long"))
    assert "HTTP status 400: context too long. Check model, address and account" in str(error)
    assert len(asked) == 5
    assert waited == []


# --- slow, busy, not there ---------------------------------------------------------------------


def test_a_timeout() -> None:
    began = time.monotonic()
    error, asked, _ = ask(lambda _: Reply(b"{}", before=3.0), timeout=1.0)
    assert "Found none within 1 seconds. Try again, ask for fewer drafts" in str(error)
    assert time.monotonic() - began < 2.9 + 3.0
    assert len(asked) == 1


def test_an_answer_that_drips_for_ever() -> None:
    body = completion("x" * 400).body
    error, _, _ = ask(lambda _: Reply(body, drip=0.05), timeout=1.0)
    assert "Found one that came too slowly." in str(error)


def test_a_rate_limit_that_passes() -> None:
    script = in_turn(failure(429, "slow down", Retry_After="7"), lambda _: completion("later"))
    answer, asked, waited = ask(script)
    assert answer.text == "later"
    assert waited == [7.0]
    assert len(asked) == 2


def test_a_rate_limit_with_a_date() -> None:
    script = in_turn(
        failure(429, "slow", Retry_After=formatdate(time.time() + 20, usegmt=True)),
        failure(503, "busy", Retry_After="nonsense"),
        completion("later"),
    )
    answer, _, waited = ask(script)
    assert answer.text == "later"
    assert 15 < waited[0] <= 20
    assert waited[1] == 2.0


def test_a_rate_limit_that_stays() -> None:
    error, asked, waited = ask(lambda _: failure(429, "slow down"))
    assert len(asked) == 4
    assert waited == [1.0, 2.0, 4.0]
    assert "HTTP status 429: slow down, 4 times. Try again later; what was written" in str(error)


def test_a_rate_limit_for_an_hour_is_not_waited_for() -> None:
    error, asked, waited = ask(lambda _: failure(429, "quota", Retry_After="3600"))
    assert (len(asked), waited) == (1, [])
    assert "it asks to wait 3600 seconds. Try again later" in str(error)


def test_no_money_left_is_not_tried_again() -> None:
    error, asked, _ = ask(lambda _: failure(429, "insufficient_quota"))
    assert len(asked) == 1
    assert "account of the endpoint" in str(error)


def test_nobody_there() -> None:
    with serving() as server:
        url = server.url
    waited: list[float] = []
    with pytest.raises(WritingFailed, match=r"no connection .*4 times. Start the server, or"):
        Chat(Endpoint(url, "made"), wait=waited.append).ask(ASK)
    assert waited == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(("status", "words"), [(401, "Check the key"), (404, "the model's name")])
def test_a_wrong_key_and_a_wrong_model(status: int, words: str) -> None:
    error, asked, _ = ask(lambda _: failure(status, "no"), SECRET)
    assert len(asked) == 1
    assert f"HTTP status {status}: no. " in str(error)
    assert words in str(error)


# --- malformed and hostile ---------------------------------------------------------------------

NOT_COMPLETIONS = [
    b"",
    b"<html><body>Welcome</body></html>",
    b"null",
    b"[]",
    b'{"choices": []}',
    b'{"choices": [{}]}',
    b'{"choices": [{"message": null}]}',
    b'{"choices": {"0": 1}}',
    b"\xff\xfe\x00",
    b"[" * 20_000,
    b'{"choices": [{"message": {"content": "x"}}',
]


@pytest.mark.parametrize("body", NOT_COMPLETIONS, ids=lambda b: repr(b[:24]))
def test_what_is_no_completion(body: bytes) -> None:
    error, asked, _ = ask(lambda _: Reply(body))
    assert isinstance(error, WritingFailed)
    assert "Found something that is no chat completion (" in str(error)
    assert len(str(error)) < 400
    assert len(asked) == 1


def test_content_that_is_no_text_is_no_text() -> None:
    assert ask(lambda _: completion({"a": 1}))[0].text == ""  # type: ignore[arg-type]


def test_more_than_a_megabyte_is_not_read() -> None:
    error, _, _ = ask(lambda _: Reply(b" " * (2 * LARGEST)))
    assert "Found more than 1,000,000 bytes." in str(error)
    error, _, _ = ask(lambda _: Reply(b" " * (2 * LARGEST), 400))
    assert "Found more than 1,000,000 bytes." in str(error)


def test_a_packed_body_is_refused() -> None:
    packed = Reply(gzip.compress(b" " * 10_000_000), headers={"Content-Encoding": "gzip"})
    error, asked, _ = ask(lambda _: packed)
    assert "a body in encoding gzip, which was not asked for" in str(error)
    assert asked[0].headers["accept-encoding"] == "identity"


def test_redirects_are_not_followed() -> None:
    with serving() as other:
        reply = Reply(b"", 307, {"Location": f"{other.url}/chat/completions"})
        error, _, _ = ask(lambda _: reply, SECRET)
    assert other.asked == []
    assert "a redirect to 'http://127.0.0.1:" in str(error)


def test_a_long_message_of_the_endpoint_is_cut_and_cleaned() -> None:
    error, _, _ = ask(lambda _: failure(500, "\x1b[31m\u202ered\n" + "x" * 100_000), attempts=1)
    assert len(str(error)) < 500
    assert str(error).isprintable()


# --- the key -----------------------------------------------------------------------------------


def echoing(status: int) -> Script:
    """A server that gives the key back in every place it can."""

    def script(asked: Asked) -> Reply:
        said = f"your key is {asked.headers.get('authorization', '')}"
        reply = completion(said, refusal=said) if status == 200 else failure(status, said)
        reply.headers["Location"] = f"http://127.0.0.1:1/{SECRET}"
        reply.status = status
        return reply

    return script


@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 500])
def test_a_key_that_comes_back_is_cut_out(
    status: int, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    found, asked, _ = ask(echoing(status), SECRET, attempts=1)
    assert SECRET in asked[0].headers["authorization"]
    shown = [repr(found), str(found), caplog.text, *capfd.readouterr()]
    if isinstance(found, RocError):
        chain = [found.__cause__, found.__context__ if not found.__suppress_context__ else None]
        assert chain == [None, None]
    assert [text for text in shown if SECRET in text] == []
    assert "(key)" in repr(found)


def test_a_key_is_not_in_a_repr() -> None:
    assert SECRET not in repr(Chat(Endpoint("http://127.0.0.1/v1", "m"), SECRET))


def test_where_keys_go(monkeypatch: pytest.MonkeyPatch) -> None:
    hosted = Endpoint("https://api.openai.com/v1", "m")
    other = Endpoint("https://llm.example/v1", "m")
    assert (key_for(hosted), key_for(other)) == ("", "")
    monkeypatch.setenv("OPENAI_API_KEY", "openai")
    assert (key_for(hosted), key_for(other)) == ("openai", "")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://llm.example/v1/")
    assert key_for(other) == "openai"
    monkeypatch.setenv("ROC_LLM_KEY", "own")
    assert (key_for(hosted), key_for(other)) == ("own", "own")
    assert key_for(hosted, "given") == "given"


@pytest.mark.parametrize("key", ["a b", "ab\nX-Evil: 1", "clé", "a\x00"])
def test_what_can_be_no_key_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ValueRejected, match=r"another one \(it is not shown\)") as caught:
        key_for(Endpoint("http://127.0.0.1/v1", "m"), key)
    assert key not in str(caught.value)


def test_what_is_missing() -> None:
    assert "No endpoint is set." in what_is_missing(None)
    assert what_is_missing(Endpoint("http://127.0.0.1:1/v1", "m")) == ""
    hosted = Endpoint("https://api.openai.com/v1", "m")
    assert what_is_missing(hosted).startswith("The endpoint needs a key. Set OPENAI_API_KEY or")
    assert what_is_missing(hosted, "given") == ""
