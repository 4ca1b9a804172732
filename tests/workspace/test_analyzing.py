"""Analyses of a whole workspace by a tiny version: against what the model itself answers."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from roc_core.errors import DoubtsMissing, ModelVersionInvalid, ValueRejected
from roc_core.evaluation.protocols import AS_PUBLISHED as FILE_ORDER
from roc_core.evaluation.protocols import prepare
from roc_core.model.reader import Hidden
from roc_core.schema import (
    AS_PUBLISHED,
    NONE,
    ORACLE_TYPES,
    VARIANTS,
    WITHOUT_PICTURES,
    Box,
    Example,
    Item,
    ItemFilter,
    Label,
    Mention,
    Reading,
    ReadingState,
    Span,
)
from roc_core.schema.analysis import FEATURES, OUTSIDE
from roc_core.store import Store
from roc_core.workspace import Workspace, headline
from roc_core.workspace.doubting import doubts_job
from roc_core.workspace.pair_vectors import answered, read_items, vectors_job
from tests.tiny import make_checkpoint
from tests.workspace.made_workspace import add_version, make_workspace, record

TINY = Reading("tiny")
MEMBER = "/per/org/member_of"
TURNED = {"forward": "backward", "backward": "forward", "both": "both"}


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def workspace(tmp_path: Path, checkpoint: Path) -> Workspace:
    return make_workspace(tmp_path / "ws", checkpoint)


def silent(done: int, total: int, stage: str) -> None:
    return


def read(workspace: Workspace, variant: str = "") -> dict[str, object]:
    return dict(vectors_job(workspace.path, {"version": "tiny", "variant": variant}, silent))


def labelled(workspace: Workspace) -> list[Item]:
    return [i for i in workspace.items(limit=500).items if i.label]


def test_an_analysis_is_what_the_model_answers(workspace: Workspace) -> None:
    before = workspace.analysis(TINY)
    assert (len(before), before.unlabelled, before.unread) == (0, 5, 55)
    assert read(workspace)["computed"] == 60
    a, items = workspace.analysis(TINY), labelled(workspace)
    assert a.ids() == tuple(i.id for i in items)
    assert (a.unlabelled, a.unread, a.seen) == (5, 0, "")
    for row, (item, p) in enumerate(
        zip(items, workspace.predict_many([i.example for i in items]), strict=True)
    ):
        best, label = p.ranked[0], item.label
        assert label is not None
        assert a.gold.of(row) == label.relation
        assert a.gold_direction.of(row) == ("" if label.relation == NONE else label.direction)
        assert (a.best.of(row), a.direction.of(row)) == (best.relation, best.direction)
        assert a.predicted().of(row) == p.label.relation
        assert a.scores[row] == pytest.approx(best.score, abs=1e-5)
        assert a.margins[row] == pytest.approx(best.score - best.line, abs=1e-5)
        order = [r.relation for r in p.ranked]
        wanted = 0 if label.relation == NONE else order.index(label.relation) + 1
        assert a.ranks[row] == wanted
        assert a.types.of(row) == "? – ?", "this version has no tagger, and no types were given"
    assert workspace.ambiguous(TINY, 3) == a.ids(np.argsort(a.leads, kind="stable")[:3])
    assert workspace.ambiguous(TINY, 0) == ()


def test_features_and_scope(workspace: Workspace) -> None:
    read(workspace)
    first = labelled(workspace)[0]
    workspace.correct(first.id, Label(NONE), "ann")
    a = workspace.analysis(TINY)
    assert tuple(a.features) == FEATURES
    assert all(len(c.values) == len(a) for c in a.features.values())
    row = [f"{name}: {codes.of(0)}" for name, codes in a.features.items()]
    assert row == [
        "picture: picture text only", "distance: 3 to 6 words", "length: 1 to 10 words",
        "direction: no relation", "annotator: ann", "emoji: with emoji", "source: made",
        "split: val",
    ]  # fmt: skip
    assert a.features["picture"].of(1) == "no picture"
    assert a.features["direction"].of(2) == "forward"
    assert a.features["annotator"].of(1) == "nobody here"
    val = workspace.analysis(TINY, ItemFilter(split="val"))
    assert (len(val), val.features["split"].names) == (6, ("val",))
    only = workspace.analysis(TINY, only=[a.ids()[1], a.ids()[3], "f" * 16])
    assert only.ids() == (a.ids()[1], a.ids()[3])
    both = workspace.analysis(TINY, ItemFilter(split="val", only=a.ids()[:20]), a.ids()[5:])
    assert both.ids() == tuple(i for i in val.ids() if i in a.ids()[5:20])
    assert len(workspace.analysis(TINY, only=[])) == 0


def test_without_pictures(workspace: Workspace, tmp_path: Path) -> None:
    read(workspace)
    assert read(workspace, WITHOUT_PICTURES)["computed"] == 60
    plain, bare = workspace.analysis(TINY), workspace.analysis(Reading("tiny", WITHOUT_PICTURES))
    assert bare.reading.key == "tiny@without-pictures"
    items = labelled(workspace)
    hidden = [replace(i.example, picture=None, picture_text="") for i in items]
    for row, p in enumerate(workspace.predict_many(hidden)):
        assert bare.margins[row] == pytest.approx(p.ranked[0].score - p.ranked[0].line, abs=1e-5)
    moved = np.abs(plain.margins - bare.margins) > 1e-6
    texts = np.array([bool(i.example.picture_text) for i in items])
    assert not moved[~texts].any()
    assert moved[texts].all()


def test_a_picture_that_is_gone_is_not_needed_without_pictures(
    workspace: Workspace, tmp_path: Path
) -> None:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "red.png")
    spans = (Mention(Span(0, 1)), Mention(Span(2, 3)))
    two = (Mention(Span(0, 1)), Mention(Box(0, 0, 4, 4)))
    words = workspace.save_item(Example("a b c", spans, tmp_path / "red.png"))
    boxed = workspace.save_item(Example("a b d", two, tmp_path / "red.png"))
    assert read(workspace, WITHOUT_PICTURES)["refused"] == 0
    (wanted,) = workspace.retriever_of("tiny").vectors(
        [boxed.example], [Hidden(picture=True, picture_text=True)]
    )
    key = workspace.reading_key(Reading("tiny", WITHOUT_PICTURES))
    found = Store.open(workspace.path).vectors.read(key)
    row = found.items.tolist().index(boxed.id.encode())
    assert np.abs(found.vectors[row].astype(np.float32) - wanted).max() < 1e-3
    assert words.example.picture is not None
    words.example.picture.unlink()
    add_version(workspace.path / "models" / "tiny", Path(_checkpoint(workspace)), seed=3)
    assert read(workspace, WITHOUT_PICTURES)["refused"] == 1, "a box still needs its picture"


def _checkpoint(workspace: Workspace) -> str:
    return workspace.retriever_of("tiny").version.settings.text_encoder


def test_oracle_types_are_those_of_the_label(workspace: Workspace) -> None:
    done = read(workspace, ORACLE_TYPES)
    assert done["computed"] == 55, "an item without a label cannot be read"
    oracle = Reading("tiny", ORACLE_TYPES)
    a, items = workspace.analysis(oracle), labelled(workspace)
    wanted = {
        ("/per/per/peer", "both"): ("person", "person"),
        (MEMBER, "forward"): ("person", "organization"),
        (MEMBER, "backward"): ("organization", "person"),
    }
    examples = []
    for row, item in enumerate(items):
        assert item.label is not None
        types = wanted.get((item.label.relation, item.label.direction), (None, None))
        examples.append(item.example.with_types(*types))  # type: ignore[arg-type]
        assert a.types.of(row) == " – ".join(t or "?" for t in types)
    for row, p in enumerate(workspace.predict_many(examples)):
        assert a.margins[row] == pytest.approx(p.ranked[0].score - p.ranked[0].line, abs=1e-5)


def test_a_changed_label_asks_an_oracle_again(workspace: Workspace) -> None:
    oracle = Reading("tiny", ORACLE_TYPES)
    read(workspace)
    read(workspace, ORACLE_TYPES)
    item = labelled(workspace)[2]
    made = workspace.correct(item.id, Label(MEMBER, "backward"), "ann")
    assert workspace.analysis(TINY).unread == 0
    a = workspace.analysis(oracle)
    assert (len(a), a.unread) == (54, 1)
    assert workspace.reading_state(oracle) == ReadingState(oracle, 54, 55)
    assert read(workspace, ORACLE_TYPES)["computed"] == 1
    row = workspace.analysis(oracle).ids().index(item.id)
    assert workspace.analysis(oracle).types.of(row) == "organization – person"
    workspace.undo(made.id, "ann")
    assert workspace.analysis(oracle).unread == 1
    unlabelled = next(i for i in workspace.items(limit=500).items if not i.label)
    workspace.correct(unlabelled.id, Label(NONE), "ann")
    assert read(workspace, ORACLE_TYPES)["computed"] == 2


def test_as_published_is_read_in_the_order_of_the_file(workspace: Workspace) -> None:
    read(workspace)
    read(workspace, AS_PUBLISHED)
    a, items = workspace.analysis(Reading("tiny", AS_PUBLISHED)), labelled(workspace)
    written = prepare([i.record for i in items], workspace.catalogue, FILE_ORDER)
    turned = [i.record.provenance.order == "backward" for i in items]
    assert any(turned)
    for row, p in enumerate(workspace.predict_many([r.example for r in written])):
        best = p.ranked[0]
        assert a.margins[row] == pytest.approx(best.score - best.line, abs=1e-5)
        direction = TURNED[best.direction] if turned[row] else best.direction
        assert (a.best.of(row), a.direction.of(row)) == (best.relation, direction)
    same = workspace.analysis(TINY).margins == a.margins
    assert not same[turned].any()


def test_answers_are_renewed_in_canonical_order(workspace: Workspace, tmp_path: Path) -> None:
    read(workspace, AS_PUBLISHED)
    packaged = files("roc_core.relations") / "catalogues" / "mnre.toml"
    (tmp_path / "same.toml").write_text(
        packaged.read_text("utf-8").replace('title = "', 'title = "Other ', 1), "utf-8"
    )
    reading = Reading("tiny", AS_PUBLISHED)
    before = workspace.analysis(reading)
    Store.open(workspace.path).set_setting("catalogue", str(tmp_path / "same.toml"))
    assert len(workspace.analysis(reading)) == 0
    assert read(workspace, AS_PUBLISHED) == {
        "computed": 0, "renewed": 60, "refused": 0, "reasons": [],
    }  # fmt: skip
    after = workspace.analysis(reading)
    assert np.abs(before.margins - after.margins).max() < 2e-3
    kept = Store.open(workspace.path).vectors.read(workspace.reading_key(reading))
    wide = kept.vectors.astype(np.float32)
    wide /= np.linalg.norm(wide, axis=1, keepdims=True)
    ids = [i.decode() for i in kept.items.tolist()]
    fresh = answered(workspace.retriever_of("tiny"), ids, torch.from_numpy(wide))
    turned = [
        TURNED[d] if told == "backward" else d
        for d, told in zip(fresh.directions, kept.told, strict=True)
    ]
    assert kept.directions == tuple(turned) != fresh.directions
    assert (kept.relations, kept.ranks) == (fresh.relations, fresh.ranks)
    assert (before.types.values == after.types.values).all()


def test_readings_say_how_far_they_are(workspace: Workspace) -> None:
    states = {s.reading.key: s for s in workspace.readings()}
    assert {"mini", "base", "tiny"} <= set(states)
    assert states["tiny"] == ReadingState(TINY, 0, 60)
    assert not any(v in k for k in states for v in VARIANTS[1:])
    read(workspace, ORACLE_TYPES)
    states = {s.reading.key: s for s in workspace.readings()}
    assert states["tiny@oracle-types"] == ReadingState(Reading("tiny", ORACLE_TYPES), 55, 55)
    assert states["tiny@oracle-types"].complete
    assert "tiny@without-pictures" not in states
    (workspace.path / "models" / "tiny" / "trained.safetensors").unlink()
    assert not any(s.reading.version == "tiny" for s in workspace.readings())
    with pytest.raises(ModelVersionInvalid, match=r"trained\.safetensors"):
        workspace.analysis(TINY)
    with pytest.raises(ValueRejected, match="Expected a model version, one of"):
        workspace.analysis(Reading("nonesuch"))


def test_answers_of_an_earlier_program_are_computed_again(workspace: Workspace) -> None:
    read(workspace)
    with sqlite3.connect(workspace.path / "workspace.db") as db:
        db.execute("UPDATE pair_vectors SET types = '', ranks = x'', told = ''")
    assert len(workspace.vectors_of()) == 60, "the map can still use them"
    assert workspace.analysis(TINY).unread == 55
    assert workspace.reading_state(TINY).answered == 0
    assert read(workspace)["computed"] == 60
    assert workspace.analysis(TINY).unread == 0


def test_a_label_outside_the_catalogue_is_never_found(workspace: Workspace) -> None:
    read(workspace)
    item = labelled(workspace)[0]
    Store.open(workspace.path).add_correction(item.id, Label("elsewhere", "forward"), "ann")
    a = workspace.analysis(TINY)
    assert (a.gold.of(0), a.ranks[0]) == ("elsewhere", OUTSIDE)
    assert a.best.of(0) in workspace.catalogue.ids
    assert headline(a, rows=np.array([0])).hit3 == 0.0


def test_a_version_that_was_trained_on_the_items_says_so(tmp_path: Path, checkpoint: Path) -> None:
    data = "made, split train without dev: 40 pairs; dev: 4 pairs"
    workspace = make_workspace(tmp_path / "seen", checkpoint, data=data)
    read(workspace)
    assert workspace.analysis(TINY).seen == (
        f"Version tiny was trained on {data}; 49 of these 55 items are of that split. On what it "
        "has learnt it answers better than on new items."
    )
    assert workspace.analysis(TINY, ItemFilter(split="val")).seen == ""
    (workspace.path / "models" / "tiny" / "card.json").write_text("[", "utf-8")
    with pytest.raises(ModelVersionInvalid, match=r"card\.json: "):
        workspace.analysis(TINY)


# --- doubts --------------------------------------------------------------------------------


def test_doubts_are_kept_and_follow_the_labels(workspace: Workspace) -> None:
    with pytest.raises(DoubtsMissing) as caught:
        workspace.label_errors(TINY)
    assert str(caught.value) == (
        "Expected doubts about labels by 'tiny'. Found none. Start the job 'doubts'."
    )
    told: list[tuple[int, int, str]] = []
    done = doubts_job(workspace.path, {"version": "tiny"}, lambda *t: told.append(t))
    assert told[-1] == (5, 5, "Judging labels")
    assert (60, 60, "Reading pairs") in told
    found = workspace.label_errors(TINY)
    assert (len(found), found.few, found.changed) == (55, 0, 0)
    assert done == {"judged": 55, "likely": int(found.likely.sum()), "few": 0}
    assert (np.diff(found.quality) >= 0).all()
    assert found.gold.names == found.suggested.names
    present = {i.id: i.label.relation for i in labelled(workspace) if i.label}
    ids = [i.decode() for i in found.items.tolist()]
    assert [found.gold.of(r) for r in range(55)] == [present[i] for i in ids]
    other = next(x for x in (NONE, MEMBER) if x != present[ids[0]])
    workspace.correct(ids[0], Label(other, "both" if other == NONE else "forward"), "ann")
    after = workspace.label_errors(TINY)
    assert (len(after), after.changed) == (54, 1)
    assert ids[0].encode() not in after.items.tolist()
    assert doubts_job(workspace.path, {"version": "tiny"}, silent)["judged"] == 55
    assert workspace.label_errors(TINY).changed == 0
    add_version(workspace.path / "models" / "tiny", Path(_checkpoint(workspace)), seed=1)
    with pytest.raises(DoubtsMissing):
        workspace.label_errors(TINY)


def test_a_job_knows_its_way_of_reading(workspace: Workspace) -> None:
    with pytest.raises(ValueRejected, match="Expected a way of reading, one of"):
        workspace.start_job("vectors", variant="sideways")
    with pytest.raises(ValueRejected, match="parameters of job 'map': version, refit"):
        workspace.start_job("map", variant=ORACLE_TYPES)
    assert workspace.jobs() == ()
    first = workspace.start_job("doubts", variant=ORACLE_TYPES)
    end = time.monotonic() + 240
    while not (job := workspace.job(first)).over:
        assert time.monotonic() < end, job
        time.sleep(0.1)
    assert (job.state, dict(job.parameters)) == (
        "done", {"variant": ORACLE_TYPES, "version": "tiny"},
    ), job.error  # fmt: skip
    found = workspace.label_errors(Reading("tiny", ORACLE_TYPES))
    assert (len(found), job.result["judged"]) == (55, 55)
    assert found.seen == (
        "The types each label implies were told to it (oracle), so it doubts labels too little."
    )


def test_very_many_items_are_analysed_within_a_second(tmp_path: Path, checkpoint: Path) -> None:
    workspace = make_workspace(tmp_path / "many", checkpoint, items=20)
    store = Store.open(workspace.path)
    store.add_records((record(n), None) for n in range(20, 14_000))
    read_all(workspace, store)
    workspace.analysis(TINY)
    began = time.process_time()
    a = workspace.analysis(TINY)
    assert time.process_time() - began < 1.0
    assert len(a) == 13_995


def read_all(workspace: Workspace, store: Store) -> None:
    """Answers for all items as those of the first ones, without reading any."""
    read_key = workspace.reading_key(TINY)
    items = store.labelled.columns(ItemFilter()).items
    part = next(store.vectors.iter_missing(read_key, 20))
    found, _ = read_items(workspace.retriever_of("tiny"), part)
    rows = np.arange(len(items)) % len(found)
    store.vectors.put(
        read_key,
        replace(
            found,
            items=items,
            vectors=found.vectors[rows],
            scores=found.scores[rows],
            margins=found.margins[rows],
            leads=found.leads[rows],
            **{
                name: tuple(getattr(found, name)[r] for r in rows.tolist())
                for name in ("relations", "directions", "runners_up", "types", "ranks", "told")
            },
        ),
    )
