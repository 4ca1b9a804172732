"""Vectors and map of a whole workspace, with a tiny model version, in this process and in jobs."""

from __future__ import annotations

import json
import os
import signal
import struct
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from roc_core.config import ModelSettings
from roc_core.encoders.named import text_encoder
from roc_core.errors import ModelVersionInvalid, ProjectionMissing, ValueRejected
from roc_core.jobs import JobCancelled
from roc_core.jobs.process import kill
from roc_core.model.network import RetrievalNetwork
from roc_core.model.version import Lines, ModelVersion, save_version
from roc_core.schema import (
    NONE,
    Example,
    Job,
    Label,
    MapView,
    Mention,
    Provenance,
    Record,
    Span,
)
from roc_core.store import Store
from roc_core.workspace import Workspace, mapping, pair_vectors
from tests.tiny import WORDS, make_checkpoint

PEER = "/per/per/peer"


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("tiny"))


def add_version(folder: Path, checkpoint: Path, seed: int = 0) -> None:
    """A version whose trained tensors are random, on the tiny encoder."""
    import torch

    text = text_encoder(str(checkpoint))
    settings = ModelSettings(str(checkpoint), "none", shared_layers=1, pair_width=16, lora_rank=4)
    torch.manual_seed(seed)
    network = RetrievalNetwork(text.model.encoder, text.width, settings).eval()
    lines = Lines(-0.1, ((PEER, 0.0),))
    version = ModelVersion(folder.name, settings, network, None, lines, {}, {})
    save_version(folder, version, text.identity, "none")


def record(number: int, label: Label | None = None) -> Record:
    words = [WORDS[(number * k + k * k + number // len(WORDS)) % len(WORDS)] for k in range(3, 9)]
    sentence = " ".join(words)
    first, second = Span(0, len(words[0])), Span(len(sentence) - len(words[-1]), len(sentence))
    example = Example(sentence, (Mention(first, "person"), Mention(second, "person")))
    return Record(example, label, Provenance("made", line=number))


@pytest.fixture
def workspace(tmp_path: Path, checkpoint: Path) -> Workspace:
    """60 items and the tiny version."""
    folder = tmp_path / "ws"
    Workspace.create(folder, starter=False)
    add_version(folder / "models" / "tiny", checkpoint)
    Store.open(folder).add_records((record(n), None) for n in range(60))
    found = Workspace.open(folder)
    found.use_model("tiny")
    return found


def silent(done: int, total: int, stage: str) -> None:
    return


def draw(workspace: Workspace, **parameters: object) -> dict[str, object]:
    return dict(mapping.map_job(workspace.path, parameters, silent))


def test_vectors_and_answers_are_those_of_the_model(workspace: Workspace) -> None:
    told: list[tuple[int, int, str]] = []
    done = pair_vectors.vectors_job(workspace.path, {}, lambda *t: told.append(t))
    assert done == {"computed": 60, "renewed": 0, "refused": 0, "reasons": []}
    assert told[-1] == (60, 60, "Reading pairs")
    found = workspace.vectors_of()
    items = workspace.items(limit=100).items
    assert found.items.tolist() == [i.id.encode() for i in items]
    wanted = workspace.retriever_of("tiny").vectors([i.example for i in items])
    assert np.abs(found.vectors.astype(np.float32) - wanted).max() < 1e-3
    predictions = list(workspace.predict_many([i.example for i in items]))
    for row, p in enumerate(predictions):
        best, second = p.ranked[:2]
        assert (found.relations[row], found.directions[row]) == (best.relation, best.direction)
        assert found.scores[row] == pytest.approx(best.score, abs=1e-5)
        assert found.margins[row] == pytest.approx(best.score - best.line, abs=1e-5)
        assert found.runners_up[row] == second.relation
        lead = best.score - best.line - (second.score - second.line)
        assert found.leads[row] == pytest.approx(lead, abs=1e-5)
        assert mapping.prediction(found, row) == p.label.relation
    assert {mapping.prediction(found, r) for r in range(60)} > {NONE}


def test_only_missing_vectors_are_computed(workspace: Workspace) -> None:
    def stop(done: int, total: int, stage: str) -> None:
        if done == 32:
            raise JobCancelled

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pair_vectors, "BATCH", 16)
        with pytest.raises(JobCancelled):
            pair_vectors.vectors_job(workspace.path, {}, stop)
    assert len(workspace.vectors_of()) == 32
    assert pair_vectors.vectors_job(workspace.path, {}, silent)["computed"] == 28
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workspace, "retriever_of", None)  # nothing to do: no model is loaded
        assert pair_vectors.vectors_job(workspace.path, {}, silent)["computed"] == 0


def test_an_item_that_cannot_be_read_is_left_out(
    workspace: Workspace, checkpoint: Path, tmp_path: Path
) -> None:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "red.png")
    example = replace(record(99).example, picture=tmp_path / "red.png")
    item = workspace.save_item(example)
    assert item.example.picture is not None
    item.example.picture.unlink()
    done = pair_vectors.vectors_job(workspace.path, {}, silent)
    assert (done["computed"], done["refused"]) == (60, 1)
    (reason,) = done["reasons"]
    assert reason.startswith(f"item {item.id}: Expected the picture file ")


def test_a_changed_catalogue_renews_answers_alone(workspace: Workspace, tmp_path: Path) -> None:
    draw(workspace)
    before = workspace.vectors_of()
    packaged = files("roc_core.relations") / "catalogues" / "mnre.toml"
    head, *relations = packaged.read_text("utf-8").split("[[relations]]")
    (tmp_path / "two.toml").write_text("[[relations]]".join([head, *relations[:2]]), "utf-8")
    Store.open(workspace.path).set_setting("catalogue", str(tmp_path / "two.toml"))
    assert len(workspace.vectors_of()) == 0
    with pytest.raises(ProjectionMissing, match="drawn before the catalogue of relations was ch"):
        workspace.map_of()
    done = draw(workspace)
    assert (done["computed"], done["renewed"], done["fitted"]) == (0, 60, False)
    after = workspace.vectors_of()
    assert np.abs(after.vectors - before.vectors).max() < 2e-3
    two = {r.id for r in workspace.catalogue}
    assert len(two) == 2
    assert set(after.relations) <= two
    assert {x.relation for x in workspace.map_of().landmarks} == two


def test_a_version_trained_again_is_another_one(workspace: Workspace, checkpoint: Path) -> None:
    draw(workspace)
    add_version(workspace.path / "models" / "tiny", checkpoint, seed=1)
    assert len(workspace.vectors_of()) == 0
    with pytest.raises(ProjectionMissing, match="one drawn before that version was trained again"):
        workspace.map_of()
    done = draw(workspace)
    assert (done["computed"], done["fitted"]) == (60, True)


def test_no_map_yet(workspace: Workspace) -> None:
    with pytest.raises(ProjectionMissing) as caught:
        workspace.map_of()
    assert str(caught.value) == (
        "Expected a map of model version 'tiny'. Found none. Start the job 'map'."
    )
    with pytest.raises(ValueRejected, match="Expected a model version, one of"):
        workspace.map_of("nonesuch")
    (workspace.path / "models" / "tiny" / "trained.safetensors").unlink()
    with pytest.raises(ModelVersionInvalid, match=r"trained\.safetensors: No such file"):
        workspace.vectors_of()


def test_the_map_shows_every_item(workspace: Workspace) -> None:
    items = workspace.items(limit=100).items
    store = Store.open(workspace.path)
    done = draw(workspace)
    assert (done["points"], done["fitted"], done["items"]) == (60, True, 60)
    found = workspace.vectors_of()
    right = next(r for r in range(60) if found.margins[r] >= 0)
    label = Label(found.relations[right], found.directions[right])
    store.add_correction(items[right].id, label, "ann")
    turned = {"forward": "backward", "backward": "forward", "both": "forward"}
    other = Label(label.relation, turned[label.direction])  # type: ignore[arg-type]
    wrong = [r for r in range(60) if r != right][:2]
    store.add_correction(items[wrong[0]].id, Label("elsewhere"), "ben")
    view = workspace.map_of()
    assert len(view) == 60
    assert view.notes == ()
    point = view.point(right)
    assert (point.item, point.label, point.annotator) == (items[right].id, label.relation, "ann")
    assert (point.outcome, point.prediction, point.types) == (
        "right", label.relation, "person – person",
    )  # fmt: skip
    assert point.margin == pytest.approx(found.margins[right], abs=1e-3)
    assert view.point(wrong[0]).outcome == "wrong"
    assert view.point(wrong[1]).outcome == "no label"
    store.add_correction(items[right].id, other, "ann")
    assert workspace.map_of().point(right).outcome == "wrong way round"
    assert len(view.landmarks) == len(workspace.retriever_of("tiny").readings.all)
    assert all("{" not in x.text for x in view.landmarks)
    assert view.density.max() == 255
    assert sum(r.points for r in view.regions) <= 60
    assert not view.placed.any()


def test_of_very_many_relations_the_most_answered_are_landmarks(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapping, "LANDMARKED", 2)
    draw(workspace)
    answered = Counter(workspace.vectors_of().relations).most_common()
    shown = {mark.relation for mark in workspace.map_of().landmarks}
    least = answered[1][1]
    assert len(shown) == 2
    assert answered[0][0] in shown
    assert {dict(answered)[relation] for relation in shown} == {answered[0][1], least}


def test_nothing_changed_nothing_drawn(workspace: Workspace) -> None:
    draw(workspace)
    before = workspace.map_of()
    assert workspace.map_of() is before, "held until something changes"
    assert draw(workspace)["fitted"] is False
    assert workspace.map_of().created == before.created
    assert draw(workspace, refit=True)["fitted"] is True
    again = workspace.map_of()
    assert again.created > before.created
    assert (again.xs == before.xs).all(), "seeded"


def test_new_items_are_placed_until_they_are_many(workspace: Workspace) -> None:
    store = Store.open(workspace.path)
    draw(workspace)
    before = workspace.map_of()
    twin = replace(record(0), provenance=Provenance("again"))
    store.add_records([(twin, None), *((record(n), None) for n in range(60, 65))])
    assert workspace.map_of().notes == ("6 newer items are not on the map; update it to see them.",)
    done = draw(workspace)
    assert (done["computed"], done["points"], done["fitted"]) == (6, 66, False)
    view = workspace.map_of()
    assert view.notes == ()
    assert (view.xs[:60] == before.xs).all()
    assert view.placed.tolist() == [False] * 60 + [True] * 6
    assert abs(int(view.xs[60]) - int(view.xs[0])) <= 2, "the same pair lies in the same place"
    store.add_records((record(n), None) for n in range(65, 80))
    assert draw(workspace)["fitted"] is True
    assert not workspace.map_of().placed.any()


def test_of_very_many_items_a_sample_is_drawn_that_says_so(workspace: Workspace) -> None:
    store, key = Store.open(workspace.path), workspace.vector_key()
    load = lru_cache(lambda: workspace.retriever_of("tiny"))

    def update() -> tuple[int, bool]:
        pair_vectors.compute(store, key, load, silent)
        return mapping.update(store, key, load, silent, store.maps.total(), limit=30)

    assert update() == (30, True)
    assert workspace.map_of().notes == (
        "30 of 60 items are shown: a sample that keeps the share of every predicted relation.",
    )
    store.add_records([(record(61), None)])
    assert update() == (31, False), "what is new is placed; what was left out stays left out"
    assert workspace.map_of().placed.sum() == 1


def test_the_payload_is_small_and_complete(workspace: Workspace) -> None:
    draw(workspace)
    view = workspace.map_of()
    header, arrays = unpacked(view.payload())
    assert header["points"] == 60
    assert arrays["items"].tobytes().hex() == view.items.tobytes().decode()
    for name in ("xs", "ys", "scores", "margins", "placed"):
        assert (arrays[name] == getattr(view, name)).all(), name
    for name in ("label", "prediction", "outcome", "types", "annotator"):
        assert (arrays[name] == getattr(view, name).values).all(), name
        assert tuple(header["names"][name]) == getattr(view, name).names
    assert len(of_size(view, 50_000).payload()) < 2_000_000


def unpacked(data: bytes) -> tuple[dict[str, object], dict[str, np.ndarray]]:
    (length,) = struct.unpack_from("<I", data)
    header, at = json.loads(data[4 : 4 + length]), 4 + length
    arrays = {}
    for name, kind, size in header["arrays"]:
        arrays[name] = np.frombuffer(data[at : at + size], kind)
        at += size
    assert at == len(data)
    return header, arrays


def of_size(view: MapView, points: int) -> MapView:
    """The view with its points repeated."""
    rows = np.arange(points) % len(view)
    plain = {
        n: getattr(view, n)[rows] for n in ("items", "xs", "ys", "scores", "margins", "placed")
    }
    coded = {
        n: replace(c, values=c.values[rows])
        for n in ("label", "prediction", "outcome", "types", "annotator")
        if (c := getattr(view, n))
    }
    return replace(view, **plain, **coded)  # type: ignore[arg-type]


# --- jobs ----------------------------------------------------------------------------------


def until(look: Callable[[], Job], good: Callable[[Job], bool], seconds: float = 240) -> Job:
    end = time.monotonic() + seconds
    while not good(job := look()):
        log = job.log.read_text("utf-8") if job.log.is_file() else ""
        assert time.monotonic() < end, f"{job}\n{log}"
        time.sleep(0.05)
    return job


@pytest.mark.soak
def test_a_killed_job_goes_on_where_it_was(workspace: Workspace) -> None:
    store = Store.open(workspace.path)
    store.add_records((record(n), None) for n in range(60, 4000))
    try:
        first = workspace.start_job("vectors")
        assert workspace.start_job("vectors", version="tiny") == first
        until(lambda: workspace.job(first), lambda j: j.done >= 128 or j.over)
        (held,) = store.jobs.held()
        os.kill(held.pid, signal.SIGKILL)
        job = until(lambda: workspace.job(first), lambda j: j.over)
        assert (job.state, dict(job.parameters)) == ("lost", {"version": "tiny"})
        kept = len(workspace.vectors_of())
        assert 128 <= kept < 4000
        assert kept % pair_vectors.BATCH == 0, "a batch is kept whole or not at all"
        second = workspace.start_job("vectors")
        job = until(lambda: workspace.job(second), lambda j: j.over)
        assert (job.state, job.result["computed"]) == ("done", 4000 - kept), job.error
        assert [j.state for j in workspace.jobs()] == ["done", "lost"]
    finally:
        for held in store.jobs.held():
            kill(held.pid, held.process)
    store.check()


def test_a_map_is_drawn_in_a_job(workspace: Workspace) -> None:
    id = workspace.start_job("map")
    job = until(lambda: workspace.job(id), lambda j: j.over)
    assert (job.state, job.result.get("points")) == ("done", 60), job.error
    assert len(workspace.map_of()) == 60


def test_a_job_that_cannot_be_is_not_queued(workspace: Workspace) -> None:
    with pytest.raises(ValueRejected, match=r"Expected a kind of job, one of vectors.* map"):
        workspace.start_job("dance")
    with pytest.raises(ValueRejected, match="Expected a model version, one of"):
        workspace.start_job("map", version="nonesuch")
    with pytest.raises(ValueRejected, match="parameters of job 'map': version, refit"):
        workspace.start_job("map", speed=2)
    assert workspace.jobs() == ()
