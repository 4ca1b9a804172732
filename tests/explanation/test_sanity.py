"""The check of the explainers: on a small model, by its own arithmetic, and as a command."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from roc_core import cli
from roc_core.encoders.text import local_encoder
from roc_core.explanation.sanity import GRADIENTS, LEAVE_ONE_OUT, check_explainers, reinitialised
from roc_core.model.network import RetrievalNetwork
from roc_core.model.version import ModelVersion, save_version
from roc_core.schema import SanityRow
from tests.evaluation.made_mnre import write_mnre
from tests.model.small import SETTINGS, marked, shared_retriever, small_version
from tests.tiny import make_checkpoint

EXAMPLES = [
    marked("Ana", "band"),
    marked("team", "city", picture_text="a band on tour"),
    marked("Ana", "tour").with_types("person", "thing"),
]


def test_the_check_repeats_itself_and_finds_gradients_complete() -> None:
    seen: list[tuple[int, int]] = []
    found = check_explainers(
        shared_retriever(), EXAMPLES, 3, lambda done, total: seen.append((done, total))
    )
    assert found == check_explainers(shared_retriever(), EXAMPLES, 3)
    assert seen == [(1, 3), (2, 3), (3, 3)]
    rows = {r.explainer: r for r in found.rows}
    assert list(rows) == ["leave-one-out", "integrated gradients", "why A and not B"]
    assert rows[GRADIENTS].worst_gap <= 0.02
    assert rows[LEAVE_ONE_OUT].worst_gap > 0.02
    assert rows[LEAVE_ONE_OUT].top > rows[LEAVE_ONE_OUT].drawn
    assert rows[LEAVE_ONE_OUT].drawn == rows[GRADIENTS].drawn
    assert all(-1 <= r.correlation <= 1 for r in found.rows)


def test_an_explainer_that_ignores_training_would_be_caught() -> None:
    """Against itself a model's explanation correlates fully, so the figure can fail."""
    from roc_core.explanation import sanity

    retriever = shared_retriever()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sanity, "reinitialised", lambda same, seed: same)
        rows = check_explainers(retriever, EXAMPLES).rows
    assert [r.correlation for r in rows] == pytest.approx([1.0] * 3)


def test_only_what_training_changed_is_drawn_anew() -> None:
    retriever = shared_retriever()
    here = {n: t.clone() for n, t in retriever.version.network.state_dict().items()}
    before = torch.random.get_rng_state()
    new, again = reinitialised(retriever, 1), reinitialised(retriever, 1)
    assert torch.equal(torch.random.get_rng_state(), before)
    there = new.version.network.state_dict()
    frozen = {n for n, p in new.version.network.named_parameters() if not p.requires_grad}
    assert frozen
    for name, tensor in there.items():
        assert torch.equal(tensor, again.version.network.state_dict()[name])
        assert torch.equal(retriever.version.network.state_dict()[name], here[name])
    assert not torch.equal(there["none"], here["none"])
    assert retriever.reader.tagger is retriever.version.tagger
    assert new.reader.tagger is not retriever.reader.tagger
    assert new.reader.text is retriever.reader.text


def test_a_ratio_without_losses_is_infinite() -> None:
    row = SanityRow("x", 0.2, 0.1, 0, 0, 0, 0)
    assert row.ratio == 2.0
    assert math.isinf(replace(row, drawn=0.0).ratio)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["roc_core", "sanity", *map(str, arguments)])
    try:
        cli.main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_the_command_prints_and_writes_the_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data, encoder = write_mnre(tmp_path / "set"), tmp_path / "encoder"
    encoder.mkdir()
    text = local_encoder(make_checkpoint(encoder))
    settings = replace(SETTINGS, text_encoder=str(encoder), vision_encoder="none")
    torch.manual_seed(0)
    network = RetrievalNetwork(text.model.encoder, text.width, settings).eval()
    version: ModelVersion = replace(small_version(), settings=settings, network=network)
    folder = save_version(tmp_path / "version", version, text.identity, "none")
    report = tmp_path / "sanity.json"
    given = ("mnre", data, "--pairs", 3, "--model", folder, "--report", report)
    assert run(monkeypatch, *given) == 0
    said = capsys.readouterr().out
    assert "Model version small-1, 3 pairs, seed 0" in said
    assert "new weights (below 0.3)" in said
    found = json.loads(report.read_text("utf-8"))
    assert found["pairs"] == 3
    for row in found["rows"]:
        assert row["explainer"].split()[0] in said
        assert f"{row['top']:.4f}" in said
    assert run(monkeypatch, "mnre", data, "--model", tmp_path / "no") == 1
    assert "Expected a model version folder at" in capsys.readouterr().err
