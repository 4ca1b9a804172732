"""Versions scored side by side, ablations and zero-shot folds, on a tiny model trained here."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.errors import ModelVersionInvalid, ValueRejected
from roc_core.evaluation.ablations import CONDITIONS
from roc_core.evaluation.comparison import Comparison
from roc_core.workspace import comparing
from roc_core.workspace.cards import note_scores, noted
from roc_core.workspace.comparing import EvaluatePlan, compare
from roc_core.workspace.learning import TrainPlan, train
from roc_core.workspace.report_files import NAMES, write_reports
from roc_core.workspace.zero_shot import ZeroShotPlan, zero_shot
from tests.evaluation.made_mnre import tiny_preset, write_mnre
from tests.tiny import make_checkpoint


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mnre(tmp_path_factory.mktemp("mnre") / "set")


@pytest.fixture(scope="module")
def preset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    return tiny_preset(folder / "tiny.toml", make_checkpoint(folder))


@pytest.fixture(scope="module")
def models(data: Path, preset: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two seeds of one recipe."""
    out = tmp_path_factory.mktemp("models")
    plans = [
        TrainPlan("mnre", data, out / f"tiny-seed{n}", str(preset), n, settings=("epochs=1",))
        for n in range(2)
    ]
    for plan in plans:
        train(plan, lambda step: None)
    return [plan.out for plan in plans]


@pytest.fixture(scope="module")
def plan(data: Path) -> EvaluatePlan:
    return EvaluatePlan("mnre", data)


@pytest.fixture(scope="module")
def whole(plan: EvaluatePlan, models: list[Path]) -> Comparison:
    return compare(plan, models, suite=True)


def test_versions_are_rows_and_seeds_a_group(whole: Comparison) -> None:
    assert [v.row for v in whole.versions] == ["tiny-seed0", "tiny-seed1"]
    (group,) = whole.seeds
    assert (group.row, group.seeds) == ("tiny", (0, 1))
    assert whole.versions[0].report.pairs == 40
    assert all(v.calibration and v.tagger for v in whole.versions)
    assert whole.setting["protocol"] == "honest"


def test_a_suite_has_a_row_for_every_condition(whole: Comparison) -> None:
    others = ["trained otherwise: tiny-seed1"]
    assert [a.name for a in whole.ablations] == [*(c.name for c in CONDITIONS), *others]
    assert whole.ablations[-1].report == whole.versions[1].report
    rows = {a.name: a.report for a in whole.ablations}
    assert rows["as trained"] == rows["without picture"] == whole.versions[0].report
    assert rows["label names instead of descriptions"].mrr != rows["as trained"].mrr
    # No pictures in this set, only captions: both ways of giving them are one.
    assert rows["supplied captions"] == rows["pictures and captions as given"]


def test_captions_are_read_only_where_they_are_asked_for(
    plan: EvaluatePlan, models: list[Path]
) -> None:
    margins = {
        use: compare(replace(plan, pictures=use), models[:1]).versions[0].margins  # type: ignore[arg-type]
        for use in ("none", "captions", "given", "shuffled-captions")
    }
    assert margins["captions"] == margins["given"]
    assert len({margins[u] for u in ("none", "captions", "shuffled-captions")}) == 3


def test_rows_without_their_evidence_are_left_out(
    plan: EvaluatePlan, models: list[Path], data: Path, tmp_path: Path
) -> None:
    (tmp_path / "txt").mkdir()
    for name in ("ours_train.txt", "ours_val.txt"):
        (tmp_path / "txt" / name).write_bytes((data / "txt" / name).read_bytes())
    found = compare(replace(plan, data=tmp_path), models[:1], suite=True)
    assert [a.name for a in found.ablations] == [c.name for c in CONDITIONS[:6]]


@pytest.mark.parametrize("protocol", ["as-published", "oracle-types"])
def test_no_tagger_works_under_the_other_protocols(
    protocol: str, plan: EvaluatePlan, models: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    real = comparing._scored

    def spied(retriever, *args):  # type: ignore[no-untyped-def]
        seen.append((retriever.version.tagger, retriever.reader.tagger))
        return real(retriever, *args)

    monkeypatch.setattr(comparing, "_scored", spied)
    (found,) = compare(replace(plan, protocol=protocol), models[:1]).versions
    assert set(seen) == {(None, None)}
    assert found.tagger is None
    assert found.notes == (
        f"This version was trained under the protocol honest and scored under {protocol}.",
    )


def test_oracle_types_with_the_filter_keeps_every_none_and_misses_no_type(
    plan: EvaluatePlan, models: list[Path]
) -> None:
    oracle = replace(plan, protocol="oracle-types")
    on, off = (compare(replace(oracle, type_filter=f), models[:1]) for f in (True, False))
    assert (on.setting["type_filter"], off.setting["type_filter"]) == ("on", "off")
    with_filter = on.versions[0]
    assert with_filter.report.none_kept == 1.0
    types = {"peer": "person / person", "contain": "location / location"}
    for gold, row in with_filter.confusion.items():
        if gold != "None" and gold.split("/")[-1] in types:
            kept = {g.rsplit("/", 1)[0] for g in row if g != "None"}
            assert kept <= {gold.rsplit("/", 1)[0]}
    assert on.versions[0].report.f1 > off.versions[0].report.f1


def test_a_set_without_train_is_scored_without_calibration(
    plan: EvaluatePlan, models: list[Path], data: Path
) -> None:
    only = replace(plan, data=data / "txt" / "ours_val.txt")
    (found,) = compare(only, models[:1]).versions
    assert found.calibration is None
    assert found.notes == ("The data set has no dev part, so calibration was not measured.",)


def test_what_cannot_be_scored_is_said_before_anything_is_read(
    plan: EvaluatePlan, tmp_path: Path
) -> None:
    with pytest.raises(ModelVersionInvalid) as raised:
        compare(replace(plan, data=tmp_path / "none"), [tmp_path / "gone"])
    assert str(raised.value) == (
        f"Expected a model version folder at {tmp_path / 'gone'}. Found none. Check the path."
    )
    with pytest.raises(ValueRejected, match="Expected a protocol, one of honest"):
        compare(replace(plan, protocol="fair"), [])


def test_reports_are_json_markdown_and_a_page_of_its_own(whole: Comparison, tmp_path: Path) -> None:
    paths = write_reports(tmp_path / "new" / "reports", whole)
    assert [p.name for p in paths] == list(NAMES)
    back = json.loads(paths[0].read_text("utf-8"))
    assert back["versions"][0]["report"]["f1"] == whole.versions[0].report.f1
    assert [a["name"] for a in back["ablations"]] == [a.name for a in whole.ablations]
    assert "## Over seeds" in paths[1].read_text("utf-8")
    page = paths[2].read_text("utf-8")
    assert page.count("Plotly.newPlot(") == 1 + 4 * 2
    assert not re.search(r"<(?:script|link)[^>]*(?:src|href)=", page)


def test_a_place_for_reports_that_is_a_file_is_said(whole: Comparison, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("x")
    with pytest.raises(ValueRejected) as raised:
        write_reports(tmp_path / "taken", whole)
    assert str(raised.value) == (
        f"Expected a folder for the reports at {tmp_path / 'taken'}. Found a file. "
        "Choose another place."
    )


def test_zero_shot_trains_three_folds_once(data: Path, preset: Path, tmp_path: Path) -> None:
    plan = ZeroShotPlan("mnre", data, tmp_path, str(preset), settings=("epochs=1",))
    stages: list[str] = []
    first = zero_shot(plan, lambda done, total, what: stages.append(what))
    assert [p.name for p in sorted(tmp_path.iterdir())] == ["fold-0", "fold-1", "fold-2"]
    assert any("training" in s for s in stages)
    positives = sum(f.pairs for f in first.folds)
    assert positives == first.overall.pairs == 160 * 8 // 10
    assert first.overall.among == 22
    for number, fold in enumerate(first.folds):
        card = json.loads((tmp_path / f"fold-{number}" / "card.json").read_text("utf-8"))
        assert set(fold.per_relation) <= set(card["held_out"])
    stages.clear()
    assert zero_shot(plan, lambda done, total, what: stages.append(what)) == first
    assert not any("training" in s for s in stages)
    with pytest.raises(ModelVersionInvalid, match="trained with the seed asked for now"):
        zero_shot(replace(plan, seed=1))


def test_figures_are_noted_in_the_cards_and_a_newer_measurement_takes_their_place(
    plan: EvaluatePlan, models: list[Path], tmp_path: Path
) -> None:
    folders = [shutil.copytree(m, tmp_path / m.name) for m in models]
    before = json.loads((folders[0] / "card.json").read_text("utf-8"))
    found = compare(plan, folders)
    for _ in range(2):
        note_scores(folders, found)
    note_scores(folders, compare(replace(plan, pictures="captions"), folders))
    for folder, version in zip(folders, found.versions, strict=True):
        card = json.loads((folder / "card.json").read_text("utf-8"))
        first, second = card.pop("scores")
        assert (first["pictures"], second["pictures"]) == ("none", "captions")
        assert (first["split"], first["protocol"], first["pairs"]) == ("val", "honest", 40)
        assert (first["f1"], first["hit3"]) == (version.report.f1, version.report.hit3)
        assert card.keys() == before.keys()
    said = noted(json.loads((folders[0] / "card.json").read_text("utf-8")))
    assert said[0].startswith("mnre val, 40 pairs, protocol honest, pictures none: F1 0.")
    for broken in ("[]", '{"scores": 3}', '{"scores": ["x"]}', "{"):
        (folders[1] / "card.json").write_text(broken, "utf-8")
        with pytest.raises(ModelVersionInvalid):
            note_scores(folders, found)
        assert (folders[1] / "card.json").read_text("utf-8") == broken


@given(
    st.recursive(
        st.none() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["interval", "data", "f1", "hit3", "pairs"]), inner)
        ),
    )
)
def test_a_card_with_anything_for_scores_is_read(value: object) -> None:
    assert noted({"scores": value}) == ()
