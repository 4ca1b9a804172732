"""The command that has descriptions drafted, against a real HTTP server on this machine."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.main import get_command

from roc_core.cli.main import app
from roc_core.relations import load_catalogue
from roc_core.workspace import Workspace
from tests.cli.running import Run
from tests.llm_server import completion, drafts, failure, in_turn, serving

PEER = "/per/per/peer"


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "ROC_LLM_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def test_all_mnre_descriptions_are_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROC_LLM_KEY", "sk-secret-of-mine")
    out = tmp_path / "mnre-written.toml"
    place = ("--workspace", tmp_path / "ws", "--all", "--count", 2, "--out", out)
    with serving() as server:
        where = ("--base-url", server.url, "--model", "made-model")
        prices = ("--price-in", 1, "--price-out", 4)
        done = run("write", *place, *where, *prices)
        again = run("write", *place, *where, *prices)
    assert done.code == 0, done.err
    assert len(server.asked) == 22
    assert {a.headers["authorization"] for a in server.asked} == {"Bearer sk-secret-of-mine"}
    assert "sk-secret-of-mine" not in done.out + done.err
    assert "drafts for 22 of 22 relations, 0 refused; 2200 tokens sent, 1100 written" in done.out
    assert "cost 0.0066; 0 from the cache." in done.out
    assert f"22 relations written to {out}." in done.out
    made, own = load_catalogue(out), load_catalogue("mnre")
    assert made.id == "mnre-written"
    assert [(r.id, r.head, r.tail, r.symmetric) for r in made] == [
        (r.id, r.head, r.tail, r.symmetric) for r in own
    ]
    for relation in made:
        assert len(relation.descriptions) == (10 if relation.symmetric else 12)
        facets = {d.facet for d in relation.descriptions}
        assert facets >= {"definition", "wording", "picture", "forward", "contrast"}
    assert again.code == 0
    assert "0 tokens sent, 0 written, cost 0.0000; 22 from the cache." in again.out


def test_one_relation_as_json_with_the_endpoint_of_the_workspace(run: Run, tmp_path: Path) -> None:
    with serving() as server:
        given = ("--workspace", tmp_path / "ws", "--count", 1)
        kept = run("write", PEER, *given, "--base-url", server.url, "--model", "m", "--keep")
        done = run("write", PEER, *given, "--json")
    assert kept.code == 0, kept.err
    endpoint = Workspace.open(tmp_path / "ws").writing.endpoint()
    assert endpoint is not None
    assert endpoint.base_url == server.url
    found = json.loads(done.out)
    assert found["summary"]["cached"] == 1
    assert [r["relation"] for r in found["reports"]] == [PEER]


def test_without_an_endpoint(run: Run, tmp_path: Path) -> None:
    done = run("write", "--all", "--workspace", tmp_path / "ws")
    assert done.code == 1
    assert "Error: Expected an endpoint that writes descriptions. Found none in use." in done.err
    assert "docs/llm.md" in done.err


@pytest.mark.parametrize("words", [(), (PEER, "--all")])
def test_relations_or_all(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    done = run("write", *words, "--workspace", tmp_path / "ws")
    assert done.code == 1
    assert "Expected ids of relations, or --all." in done.err


def test_an_unknown_relation(run: Run, tmp_path: Path) -> None:
    where = ("--base-url", "http://127.0.0.1:9/v1", "--model", "m")
    done = run("write", "/per/per/pear", *where, "--workspace", tmp_path / "ws")
    assert done.code == 1
    assert "Did you mean /per/per/peer" in done.err


def test_what_was_not_taken_is_told(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "w.toml"
    with serving(lambda _: completion('{"poem": ["roses are red [link](x)"]}')) as server:
        where = ("--base-url", server.url, "--model", "m", "--workspace", tmp_path / "ws")
        done = run("write", PEER, *where, "--out", out)
    assert done.code == 1
    assert f"Not taken: {PEER}: poem: 'poem' is no facet of it: roses are red" in done.err
    assert f"Expected drafts to write to {out}. Found none for any relation." in done.err
    assert not out.exists()


def test_an_endpoint_that_goes_away(run: Run, tmp_path: Path) -> None:
    with serving(in_turn(drafts, failure(404, "gone"))) as server:
        where = ("--base-url", server.url, "--model", "m", "--workspace", tmp_path / "ws")
        done = run("write", "--all", *where)
    assert done.code == 1
    assert "relations were done before; run it again to go on." in done.err
    assert "Error: Expected an answer of model 'm' at http://127.0.0.1:" in done.err


def test_the_commands_of_the_manual_exist() -> None:
    manual = (Path(__file__).resolve().parents[2] / "docs/llm.md").read_text("utf-8")
    command = get_command(app).commands["write"]  # type: ignore[attr-defined]
    known = {o for p in command.params for o in (*p.opts, *p.secondary_opts)}
    lines = re.findall(r"^python -m roc_core (\w+)(.*)$", manual, re.MULTILINE)
    assert {name for name, _ in lines} == {"write"}
    named = {o for _, rest in lines for o in re.findall(r"--[a-z-]+", rest)}
    named |= set(re.findall(r"`(--[a-z-]+)", manual))
    assert {"--all", "--base-url", "--examples", "--timeout"} <= named
    assert named - known == set()
