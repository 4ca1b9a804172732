"""A real HTTP server on this machine that speaks OpenAI's chat protocol, well or badly."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FACET_WORDS = {
    "definition": "{head} and {tail} are tied by {relation} in sense number {n}",
    "wording": "Posts say {relation} with plain words of kind {n}",
    "picture": "The picture tends to show {relation} in scene number {n}",
    "forward": "{head} has to do with {tail} through {relation} in way {n}",
    "backward": "{tail} has to do with {head} through {relation} in way {n}",
    "contrast": "Not to be confused with another relation like {relation} of kind {n}",
}


@dataclass
class Reply:
    """What the server sends; ``drip`` seconds between its bytes, ``before`` until it begins."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    before: float = 0.0
    drip: float = 0.0


@dataclass
class Asked:
    """A request as it came; names of headers in lower case."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


Script = Callable[[Asked], Reply]


def completion(text: str, usage: tuple[int, int] | None = (100, 50), **message: Any) -> Reply:
    """A chat completion with this content."""
    data: dict[str, Any] = {
        "id": "made",
        "object": "chat.completion",
        "created": 0,
        "model": "made-model",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": text, **message},
            }
        ],
    }
    if usage is not None:
        data["usage"] = {
            "prompt_tokens": usage[0],
            "completion_tokens": usage[1],
            "total_tokens": sum(usage),
        }
    return Reply(json.dumps(data).encode())


def failure(status: int, message: str, **headers: str) -> Reply:
    """An error as the protocol has it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(json.dumps({"error": {"message": message}}).encode(), status, named)


def drafts(asked: Asked) -> Reply:
    """A well-behaved model: so many texts for each facet as the schema or the prompt asks for."""
    prompt = asked.body["messages"][-1]["content"]
    told = json.loads(prompt.partition("The relation:\n")[2].partition("\n\n")[0])
    wanted = re.findall(r"^- (\w+) \((\d+)\): ", prompt, re.MULTILINE)
    answer = {
        facet: [
            FACET_WORDS[facet].replace("{relation}", told["relation"]).replace("{n}", str(n)) + "."
            for n in range(int(count))
        ]
        for facet, count in wanted
    }
    return completion(json.dumps(answer))


class Server(ThreadingHTTPServer):
    """``script`` answers each request; ``asked`` are those that came."""

    daemon_threads = True

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = script
        self.asked: list[Asked] = []

    @property
    def url(self) -> str:
        """The base address of the protocol."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.path, headers, json.loads(data))
        self.server.asked.append(asked)
        reply = self.server.script(asked)
        time.sleep(reply.before)
        self.send_response(reply.status)
        headers = {"Content-Type": "application/json", **reply.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        step = 1 if reply.drip else max(1, len(reply.body))
        for start in range(0, len(reply.body), step):
            self.wfile.write(reply.body[start : start + step])
            self.wfile.flush()
            time.sleep(reply.drip)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the terminal."""


@contextmanager
def serving(script: Script = drafts) -> Iterator[Server]:
    """A server for the time of a test."""
    server = Server(script)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def in_turn(*replies: Reply | Script) -> Script:
    """One reply after the other, the last one again and again."""
    left = list(replies)

    def script(asked: Asked) -> Reply:
        reply = left.pop(0) if len(left) > 1 else left[0]
        return reply(asked) if callable(reply) else reply

    return script
