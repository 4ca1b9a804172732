"""The train command end to end with a tiny encoder: files in, a version with its logs out."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from safetensors.torch import load_file

from roc_core import cli
from roc_core.config import load_preset
from roc_core.datasets import write
from roc_core.encoders.text import local_encoder
from roc_core.errors import EncoderMismatch, ValueRejected
from roc_core.evaluation.report import score_records
from roc_core.model.version import load_version
from roc_core.relations import load_catalogue
from roc_core.schema import Provenance, Record
from roc_core.training.checkpoint import STATE, training_folder
from roc_core.workspace.evaluating import read_split, shown
from roc_core.workspace.learning import TrainPlan, train
from roc_core.workspace.models import load_retriever
from tests.tiny import make_checkpoint
from tests.training.made import records

ROOT = Path(__file__).resolve().parents[2]
PRESET = """
title = "Tiny"
[model]
text_encoder = '{folder}'
vision_encoder = "none"
shared_layers = 1
pair_width = 32
lora_rank = 4
none_vectors = 2
picture_text_window = 8
[train]
epochs = 4
batch = 8
encoder_rate = 5e-3
head_rate = 5e-3
checkpoint_minutes = 1e-9
"""


class Made(NamedTuple):
    """A made data set and a preset for it."""

    data: Path
    preset: Path
    encoder: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("made")
    (folder / "encoder").mkdir()
    encoder = make_checkpoint(folder / "encoder")
    (folder / "tiny.toml").write_text(PRESET.format(folder=encoder), "utf-8")
    labelled = [Record(r.example, r.label, Provenance("made", split="train")) for r in records()]
    data = folder / "made.jsonl"
    write("jsonl", labelled, data)
    return Made(data, folder / "tiny.toml", encoder)


def command(made: Made, out: Path, *more: object) -> list[str]:
    given = ("train", "jsonl", made.data, "--out", out, "--preset", made.preset, *more)
    return [str(x) for x in given]


def run(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> int:
    """The real entry point in this process; its exit status."""
    monkeypatch.setattr(sys, "argv", ["roc_core", *arguments])
    try:
        cli.main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def result(version: Path) -> dict[str, Any]:
    """All that must be the same in two trainings that are one: tensors, lines, figures."""
    card = json.loads((version / "card.json").read_text("utf-8"))
    log = [(r["epoch"], r["loss"], r["dev_f1"]) for r in card["log"]]
    config = json.loads((version / "config.json").read_text("utf-8"))
    tensors = (version / "trained.safetensors").read_bytes()
    return {"log": log, "dev": card["dev"], "lines": config["lines"], "tensors": tensors}


@pytest.fixture(scope="module")
def whole(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A version that the command trained in one go."""
    out = tmp_path_factory.mktemp("whole") / "tiny"
    patch = pytest.MonkeyPatch()
    try:
        assert run(patch, command(made, out)) == 0
    finally:
        patch.undo()
    return out


def test_the_loss_falls_and_the_logs_lie_in_the_version(whole: Path) -> None:
    with io.StringIO((whole / "train.csv").read_text("utf-8")) as table:
        rows = list(csv.DictReader(table))
    losses = [float(r["loss"]) for r in rows]
    assert losses[-1] < 0.8 * losses[0]
    lines = (whole / "train.log").read_text("utf-8").splitlines()
    assert [x for x in lines if "epoch 4 of 4" in x]
    assert not training_folder(whole).exists()
    card = json.loads((whole / "card.json").read_text("utf-8"))
    assert (card["protocol"], card["seed"], card["title"]) == ("honest", 0, "Tiny")


def test_a_saved_version_scores_as_it_was_measured(whole: Path, made: Made) -> None:
    dev = [shown(r, None, "") for r in read_split("jsonl", made.data, "dev")]
    one, two = (load_retriever(whole, load_catalogue("mnre")) for _ in range(2))
    first, second = score_records(one, dev), score_records(two, dev)
    assert (first.relations == second.relations).all()
    from roc_core.evaluation.report import report

    card = json.loads((whole / "card.json").read_text("utf-8"))
    assert report(one, dev, first).f1 == card["dev"]["f1"]


def test_a_killed_command_goes_on_when_it_is_given_again(
    whole: Path, made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "tiny"
    process = subprocess.Popen(
        [sys.executable, "-m", "roc_core", *command(made, out)],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ.copy(),
    )  # fmt: skip
    state = training_folder(out) / STATE
    end = time.monotonic() + 200
    while not state.exists() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "the training ended before it could be killed"
    assert state.exists()
    assert not out.exists()
    assert run(monkeypatch, command(made, out, "--seed", 1)) == 1, "another seed is refused"
    assert run(monkeypatch, command(made, out)) == 0
    assert result(out) == result(whole)
    assert "taken up in epoch" in (out / "train.log").read_text("utf-8")
    assert not training_folder(out).exists()


def test_another_encoder_is_refused_by_name(whole: Path, made: Made, tmp_path: Path) -> None:
    other = local_encoder(make_checkpoint(tmp_path, seed=1), "other")
    with pytest.raises(EncoderMismatch) as raised:
        load_version(whole, other)
    own = local_encoder(made.encoder)
    assert f"the text encoder {own.identity}, on which this model version" in str(raised.value)
    assert f"Found {other.identity}." in str(raised.value)


@pytest.mark.parametrize("protocol", ["as-published", "oracle-types"])
def test_protocols_that_are_not_honest_train_without_a_tagger(
    protocol: str, made: Made, tmp_path: Path
) -> None:
    plan = TrainPlan("jsonl", made.data, tmp_path / "p", str(made.preset), protocol=protocol,
                     settings=("epochs=1", "checkpoint_minutes=0"))  # fmt: skip
    done = train(plan, lambda step: None)
    assert done.version.tagger is None
    card = json.loads((tmp_path / "p/card.json").read_text("utf-8"))
    assert (card["protocol"], card["dev"]["protocol"]) == (protocol, protocol)
    assert card["preset"]["train"]["epochs"] == 1
    assert "--set epochs=1" in card["command"]


def test_a_place_that_holds_something_else_is_not_overwritten(made: Made, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/mine.txt").write_text("keep", "utf-8")
    for out, found in ((tmp_path / "notes", "something else"), (Path(), "no name of a folder")):
        with pytest.raises(ValueRejected) as raised:
            train(TrainPlan("jsonl", made.data, out, str(made.preset)), lambda step: None)
        assert str(raised.value) == (
            f"Expected a new folder, or an older model version to replace, at {out}. "
            f"Found {found}. Choose another place."
        )
    assert (tmp_path / "notes/mine.txt").read_text("utf-8") == "keep"


def test_settings_are_checked_before_anything_is_read(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, command(made, tmp_path / "x", "--set", "epochs=many")) == 1
    assert "Error: Expected setting epochs of type int. Found 'many'." in capsys.readouterr().err
    assert load_preset(str(made.preset)).train.epochs == 4


def test_the_mean_of_several_teachers_is_learned(
    made: Made, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROC_CACHE", str(tmp_path / "cache"))
    once, twice, alone = (tmp_path / n / "tiny" for n in ("once", "twice", "alone"))
    short = ("--set", "epochs=1")
    assert run(monkeypatch, command(made, alone, *short)) == 0
    assert run(monkeypatch, command(made, once, *short, "--teacher", whole)) == 0
    two = ("--teacher", whole, "--teacher", alone)
    assert run(monkeypatch, command(made, twice, *short, *two)) == 0
    cards = [json.loads((v / "card.json").read_text("utf-8")) for v in (alone, once, twice)]
    assert [c["teacher"] for c in cards] == [None, "tiny", "tiny, tiny"]
    assert len({result(v)["tensors"] for v in (alone, once, twice)}) == 3
    assert len(list((tmp_path / "cache" / "taught").iterdir())) == 2


def test_a_training_goes_on_from_the_weights_of_another_version(
    made: Made, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    still = ("--set", "epochs=1", "--set", "encoder_rate=0.0", "--set", "head_rate=0.0")
    held, moved = tmp_path / "held", tmp_path / "moved"
    assert run(monkeypatch, command(made, held, *still, "--start", whole)) == 0
    before, after = (load_file(v / "trained.safetensors") for v in (whole, held))
    assert [k for k, v in before.items() if not torch.equal(v, after[k])] == []
    assert run(monkeypatch, command(made, moved, "--set", "epochs=1", "--start", whole)) == 0
    assert result(moved)["tensors"] != result(whole)["tensors"]
    card = json.loads((moved / "card.json").read_text("utf-8"))
    assert card["start"] == "tiny"
    assert "--start <folder>/tiny" in card["command"]


def test_a_start_of_another_shape_is_refused(made: Made, whole: Path, tmp_path: Path) -> None:
    plan = TrainPlan(
        "jsonl", made.data, tmp_path / "x", str(made.preset),
        settings=("none_vectors=3",), start=whole,
    )  # fmt: skip
    with pytest.raises(ValueRejected) as raised:
        train(plan, lambda step: None)
    assert "Expected a version to start from with the model settings" in str(raised.value)
    assert ", not 3. Start from another version, or change the settings" in str(raised.value)


def test_a_half_precision_teacher_answers_copies_with_other_names(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROC_CACHE", str(tmp_path / "cache"))
    teacher, plain, more = (tmp_path / n for n in ("teacher", "plain", "more"))
    short = ("--set", "epochs=1")
    half = ("--set", "precision=bfloat16")
    assert run(monkeypatch, command(made, teacher, *short, *half)) == 0
    assert run(monkeypatch, command(made, plain, *short, "--teacher", teacher)) == 0
    swapped = ("--set", "swapped=0.5")
    assert run(monkeypatch, command(made, more, *short, *swapped, "--teacher", teacher)) == 0
    assert result(plain)["tensors"] != result(more)["tensors"]
    card = json.loads((more / "card.json").read_text("utf-8"))
    assert card["data"] == json.loads((plain / "card.json").read_text("utf-8"))["data"]
    assert card["preset"]["train"]["swapped"] == 0.5


def test_copies_need_a_teacher(made: Made, tmp_path: Path) -> None:
    plan = TrainPlan(
        "jsonl", made.data, tmp_path / "x", str(made.preset), settings=("swapped=0.5",)
    )
    with pytest.raises(ValueRejected) as raised:
        train(plan, lambda step: None)
    assert str(raised.value) == (
        "Expected a teacher to answer pairs whose names were exchanged. Found swapped = 0.5 and "
        "no teacher. Name one with --teacher, or set swapped to 0."
    )
