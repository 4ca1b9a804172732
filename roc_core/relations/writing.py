"""One question to a language model, through any endpoint that speaks OpenAI's chat protocol.

What goes over the line is in ``writing_http``.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from roc_core.errors import ValueRejected
from roc_core.relations.drafts_check import excerpt
from roc_core.relations.prompting import Message
from roc_core.relations.writing_http import (
    KEY,
    OPENAI_HOST,
    OPENAI_KEY,
    OPENAI_URL,
    OTHER,
    Trouble,
    post,
    without,
)
from roc_core.schema import Endpoint

ATTEMPTS = 4
"""How often a question is put when the endpoint is busy, slow or not there."""

PATIENCE = 60.0
"""Seconds an endpoint may ask to wait; one that asks for more is left alone."""

_FORMATS = ("json_schema", "json_object", "")
_LIMITS = ("max_tokens", "max_completion_tokens", "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said. ``refusal`` is its own word that it will not; ``cut`` that the answer
    ends where the limit of tokens was. Tokens are 0 where the endpoint did not count."""

    text: str
    refusal: str
    cut: bool
    model: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the conversation, JSON schemas of the answer (``strict`` for structured
    output, ``bounded`` for servers that make a grammar of it), and most tokens of the answer."""

    messages: Sequence[Message]
    strict: Mapping[str, Any]
    bounded: Mapping[str, Any]
    tokens: int


def key_for(endpoint: Endpoint, given: str = "") -> str:
    """The key to send to an endpoint, "" for none: the one given, else ROC_LLM_KEY, else
    OPENAI_API_KEY, which goes to OpenAI or to OPENAI_BASE_URL and to nobody else.

    Raises ValueRejected for what can be no key.
    """
    key = given or os.environ.get(KEY, "")
    elsewhere = os.environ.get(OPENAI_URL, "").rstrip("/")
    if not key and (
        endpoint.host == OPENAI_HOST or (elsewhere and endpoint.base_url.rstrip("/") == elsewhere)
    ):
        key = os.environ.get(OPENAI_KEY, "")
    if not all("!" <= c <= "~" for c in key):
        raise ValueRejected(
            "a key of printable ASCII characters without spaces",
            "another one (it is not shown)",
            f"Correct {KEY}.",
        )
    return key


def what_is_missing(endpoint: Endpoint | None, key: str = "") -> str:
    """Why nothing can be asked yet, "" when it can. Nothing is sent."""
    from importlib.util import find_spec

    if endpoint is None:
        return (
            "No endpoint is set. Give the address and the model of any server that speaks OpenAI's "
            "chat protocol, such as http://127.0.0.1:11434/v1 for Ollama; see docs/llm.md."
        )
    if find_spec("openai") is None:
        return "The package openai is not installed. Run: pip install openai"
    if endpoint.host == OPENAI_HOST and not key_for(endpoint, key):
        return f"The endpoint needs a key. Set {OPENAI_KEY} or {KEY} before the app is started."
    return ""


@dataclass(slots=True)
class Chat:
    """A line to one endpoint. ``wait`` is called with seconds to wait between two attempts.

    What the endpoint does not understand of a request (JSON schemas, the name of the limit) is
    left out, and stays out for the next question.
    """

    endpoint: Endpoint
    key: str = field(default="", repr=False)
    wait: Callable[[float], None] = time.sleep
    attempts: int = ATTEMPTS
    _format: int = 0
    _limit: int = 0

    def ask(self, question: Question) -> Answer:
        """Put a question. Raises WritingFailed when no answer of the protocol comes: nobody there,
        too slow, too large, refused by the endpoint, or of another form."""
        began, attempt = time.monotonic(), 0
        while True:
            try:
                data = post(self.endpoint, self.key, self._body(question))
                return _read(data, self.key, time.monotonic() - began)
            except Trouble as trouble:
                if _not_understood(trouble) and self._simplify(trouble.found):
                    continue
                attempt += 1
                pause = 2.0 ** (attempt - 1) if trouble.pause is None else trouble.pause
                if not trouble.again or attempt >= self.attempts or pause > PATIENCE:
                    raise trouble.told(self.endpoint, attempt) from None
            self.wait(pause)

    def _body(self, question: Question) -> dict[str, Any]:
        body: dict[str, Any] = {"model": self.endpoint.model, "messages": list(question.messages)}
        if limit := _LIMITS[self._limit]:
            body[limit] = question.tokens
        form = _FORMATS[self._format]
        if form == "json_schema":
            schema = {"name": "descriptions", "strict": True, "schema": dict(question.strict)}
            body["response_format"] = {"type": form, "json_schema": schema}
        elif form:
            body["response_format"] = {"type": form, "schema": dict(question.bounded)}
        return body

    def _simplify(self, said: str) -> bool:
        """Leave out what the endpoint did not understand; whether anything was left to leave."""
        limits, formats = self._limit + 1 < len(_LIMITS), self._format + 1 < len(_FORMATS)
        if limits and ("max_tokens" in said or "max_completion_tokens" in said or not formats):
            self._limit += 1
        elif formats:
            self._format += 1
        return limits or formats


def _read(data: bytes, key: str, seconds: float) -> Answer:
    """The first choice of a chat completion. Raises Trouble for anything else."""
    try:
        found = json.loads(data.decode("utf-8"))
        choice = found["choices"][0]
        message = choice["message"]
        text, refusal = _content(message.get("content")), message.get("refusal")
        usage = found.get("usage")
        cut, model = choice.get("finish_reason") == "length", found.get("model")
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        found = excerpt(without(data[:400].decode("utf-8", "replace"), key))
        said = f"something that is no chat completion ({found or 'an empty answer'})"
        raise Trouble(said, OTHER) from None
    return Answer(
        without(text, key),
        without(refusal, key) if isinstance(refusal, str) else "",
        cut,
        excerpt(without(model, key), 120) if isinstance(model, str) else "",
        _count(usage, "prompt_tokens"),
        _count(usage, "completion_tokens"),
        round(seconds, 3),
    )


def _content(value: object) -> str:
    """The text of a message, which may come in parts."""
    if isinstance(value, list):
        texts = [p.get("text") for p in value if isinstance(p, dict)]
        return "".join(t for t in texts if isinstance(t, str))
    return value if isinstance(value, str) else ""


def _count(usage: object, name: str) -> int:
    value = usage.get(name) if isinstance(usage, dict) else 0
    return value if isinstance(value, int) and 0 <= value < 1 << 40 else 0


def _not_understood(trouble: Trouble) -> bool:
    """Whether a part of the request was unknown; llama-cpp-python says so with status 500."""
    named = "response_format" in trouble.found or "json_schema" in trouble.found
    return trouble.status in (400, 422) or (trouble.status == 500 and named)
