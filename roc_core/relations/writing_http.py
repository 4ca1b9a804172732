"""One request over HTTP to a language model's endpoint, and what can go wrong with it.

The endpoint is taken for hostile: what it sends is read up to a limit of size and time, redirects
are not followed, and the key is cut out of whatever comes back.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, cast

from roc_core.errors import WritingFailed
from roc_core.relations.drafts_check import excerpt
from roc_core.schema import Endpoint

if TYPE_CHECKING:
    import httpx2
    import openai

KEY, OPENAI_KEY, OPENAI_URL = "ROC_LLM_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL"
"""Environment variables that hold keys, and the one that says where OpenAI's key may go besides."""

OPENAI_HOST = "api.openai.com"

LARGEST = 1_000_000
"""Bytes of an HTTP answer that are read."""

_AGAIN = (408, 409, 425, 429, 500, 502, 503, 504, 529)


class Trouble(Exception):
    """Why one attempt failed; ``again`` when another may help, ``pause`` seconds asked for."""

    def __init__(
        self, found: str, todo: str, status: int = 0, again: bool = False,
        pause: float | None = None,
    ) -> None:  # fmt: skip
        super().__init__(found)
        self.found, self.todo, self.status = found, todo, status
        self.again, self.pause = again, pause

    def told(self, endpoint: Endpoint, attempts: int) -> WritingFailed:
        times = f", {attempts} times" if attempts > 1 else ""
        asked = f"; it asks to wait {self.pause:.0f} seconds" if self.pause else ""
        where = f"an answer of model '{endpoint.model}' at {endpoint.base_url}"
        return WritingFailed(where, f"{self.found}{times}{asked}", self.todo)


_LATER = "Try again later; what was written so far is kept."
OTHER = "Check the address; it usually ends in /v1."


def post(endpoint: Endpoint, key: str, body: Mapping[str, Any]) -> bytes:
    """The body of the endpoint's answer. Raises Trouble."""
    import httpx2
    import openai

    # Its debug lines hold the headers of answers, in which an endpoint may send the key back.
    logging.getLogger("httpcore2").setLevel(logging.INFO)
    seconds = endpoint.timeout
    end = time.monotonic() + seconds

    def bounded(response: httpx2.Response) -> None:
        data = _limited(response, end)
        if response.status_code >= 300:
            raise _refused(response.status_code, response.headers, data, key)
        response.stream = httpx2.ByteStream(data)

    http = openai.DefaultHttpxClient(
        timeout=httpx2.Timeout(seconds, connect=min(10.0, seconds)),
        follow_redirects=False,
        event_hooks={"response": [bounded]},
    )
    try:
        with http:
            found = _client(endpoint, key, http).chat.completions.with_raw_response.create(**body)
            return bytes(found.content)
    except (openai.APITimeoutError, httpx2.TimeoutException):
        raise _slow(seconds) from None
    except (openai.APIConnectionError, httpx2.RequestError) as error:
        reason = excerpt(without(str(error.__cause__ or error), key), 120)
        todo = "Start the server, or correct the address."
        raise Trouble(f"no connection ({reason})", todo, again=True) from None
    except openai.OpenAIError as error:
        raise Trouble(excerpt(without(str(error), key), 160), OTHER) from None


def _client(endpoint: Endpoint, key: str, http: httpx2.Client) -> openai.OpenAI:
    import openai

    client = openai.OpenAI(
        # The client insists on one; a server on this machine asks for none.
        api_key=key or "none",
        base_url=endpoint.base_url,
        max_retries=0,
        http_client=http,
        # A small body that unfolds into a large one would slip through the limit.
        default_headers={"Accept-Encoding": "identity"},
    )
    if endpoint.host != OPENAI_HOST:
        client.organization = client.project = None  # of the environment, and nobody else's matter
    return client


def _limited(response: httpx2.Response, end: float) -> bytes:
    """The body, as long as it is not too large and does not come too slowly."""
    coding = response.headers.get("content-encoding", "identity")
    if coding != "identity":
        raise Trouble(f"a body in encoding {excerpt(coding, 20)}, which was not asked for", OTHER)
    parts: list[bytes] = []
    size, stream = 0, cast("httpx2.SyncByteStream", response.stream)
    try:
        for part in stream:
            parts.append(part)
            size += len(part)
            if size > LARGEST:
                raise Trouble(f"more than {LARGEST:,} bytes", "Choose another model or endpoint.")
            if time.monotonic() > end:
                raise _slow(None)
    finally:
        stream.close()
    return b"".join(parts)


def _slow(seconds: float | None) -> Trouble:
    within = f"none within {seconds:.0f} seconds" if seconds else "one that came too slowly"
    todo = "Try again, ask for fewer drafts, or set a longer timeout for the endpoint."
    return Trouble(within, todo)


def _refused(status: int, headers: httpx2.Headers, data: bytes, key: str) -> Trouble:
    """What an HTTP status other than success means, with the endpoint's own words."""
    said = _said(data, key)
    words = f"HTTP status {status}" + (f": {said}" if said else "")
    if status < 400:
        place = excerpt(without(headers.get("location", ""), key), 80)
        return Trouble(f"a redirect to {place!r}, which is not followed", OTHER, status)
    if status in (401, 403):
        todo = (
            f"Check the key in {KEY}; {OPENAI_KEY} is sent to {OPENAI_HOST} only. See docs/llm.md."
        )
        return Trouble(words, todo, status)
    if status == 404:
        return Trouble(words, f"Check the model's name. {OTHER}", status)
    if status in _AGAIN and "insufficient_quota" not in words:
        return Trouble(words, _LATER, status, True, _retry_after(headers.get("retry-after", "")))
    return Trouble(words, "Check model, address and account of the endpoint.", status)


def _retry_after(text: str) -> float | None:
    """Seconds to wait, from seconds or a date (RFC 9110, section 10.2.3); None when it says
    nothing that can be read."""
    try:
        if text.strip().isascii() and text.strip().isdigit():
            return min(float(text), 1e6)
        return min(1e6, max(0.0, parsedate_to_datetime(text).timestamp() - time.time()))
    except (TypeError, ValueError, OverflowError):
        return None


def _said(data: bytes, key: str) -> str:
    """An error's own message, short and without the key."""
    text = data[:4000].decode("utf-8", "replace")
    try:
        found = json.loads(text)
        error = found.get("error", found) if isinstance(found, dict) else text
        text = str(error.get("message", error) if isinstance(error, dict) else error)
    except (ValueError, RecursionError):
        pass
    return excerpt(without(text, key), 160)


def without(text: str, key: str) -> str:
    """A text of the endpoint's without the key it was sent."""
    return text.replace(key, "(key)") if key else text
