"""A made MNRE folder replayed with a tiny encoder: figures, resuming, the guard, refusals."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from roc_core.errors import ValueRejected
from roc_core.workspace import simulating
from roc_core.workspace.simulating import simulate
from roc_core.workspace.simulation import Simulation, SimulationPlan
from roc_core.workspace.simulation_files import command, markdown, write_simulation
from tests.evaluation.made_mnre import tiny_preset, write_mnre
from tests.tiny import make_checkpoint


def quiet(done: int, total: int, stage: str) -> None:
    pass


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> SimulationPlan:
    folder = tmp_path_factory.mktemp("simulation")
    (folder / "encoder").mkdir()
    make_checkpoint(folder / "encoder")
    preset = tiny_preset(folder / "tiny.toml", folder / "encoder")
    data = write_mnre(folder / "mnre", train=400, val=60)
    return SimulationPlan(
        "mnre", data, folder / "out", 0.2, (20, 60), ("random", "diversity"), mode="fast",
        preset=str(preset),
    )  # fmt: skip


@pytest.fixture(scope="module")
def found(plan: SimulationPlan) -> Simulation:
    return simulate(plan, quiet)


def test_every_run_has_its_points(plan: SimulationPlan, found: Simulation) -> None:
    assert found.pairs == 60
    assert 0 < found.base_labels < found.pool
    runs = {(p.order, p.guard) for p in found.points}
    assert runs == {(o, g) for o in plan.orders for g in ("", "on", "off")}
    assert len(found.points) == 2 * len(runs)
    for point in found.points:
        assert 0 <= point.f1 <= 1
        assert 0 <= point.with_memory <= 1
        if not point.guard:
            assert (point.in_use, point.learnt, point.f1) == ("base", "", found.base)
        elif point.guard == "off" or point.passed:
            assert point.in_use == point.learnt
        else:
            assert point.in_use != point.learnt
    assert any(p.f1 != found.base for p in found.points), "nothing was learnt"


def test_curves_begin_with_the_base_and_say_what_they_are(found: Simulation) -> None:
    curves = found.curves()
    assert len(curves) == 2 + 2 * 2 * 2
    assert {rows[0] for rows in curves.values()} == {(0, found.base)}
    assert {tuple(n for n, _ in rows) for rows in curves.values()} == {(0, 20, 60)}
    (last,) = [p for p in found.points if (p.order, p.guard, p.labels) == ("random", "on", 60)]
    assert curves["training, random, guard on"][-1] == (60, last.f1)
    assert curves["both, random, guard on"][-1] == (60, last.with_memory)


def test_as_many_labels_as_asked_for_and_the_right_ones(
    plan: SimulationPlan, found: Simulation
) -> None:
    for name in ("random-on", "diversity-untrained", "diversity-on"):
        run = simulating._Run(plan, *name.replace("untrained", "").split("-"), quiet)
        run.prepare(Path(), (), ())
        own = run.workspace.annotation.own_labels()
        assert len(own) == 60
        assert all(o.label == run.truth[o.item] for o in own)
    assert found.points


def test_what_is_done_is_not_done_again(
    plan: SimulationPlan, found: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*given: object, **named: object) -> None:
        raise AssertionError("done again")

    for name in ("_label", "_learn", "_f1"):
        monkeypatch.setattr(simulating._Run, name, never)
    monkeypatch.setattr(simulating, "train", never)
    assert simulate(plan, quiet) == found


def test_without_a_guard_it_is_the_same_until_something_is_refused(
    plan: SimulationPlan, found: Simulation, tmp_path: Path
) -> None:
    shutil.copytree(plan.out / "models", tmp_path / "out" / "models")
    alone = replace(plan, out=tmp_path / "out", orders=("random",), ways=("both",), guards=("off",))
    both = [p for p in found.points if (p.order, p.guard) == ("random", "off")]
    assert simulate(alone, quiet).points == tuple(both)


def test_the_run_without_a_guard_goes_on_from_the_first_refusal(
    plan: SimulationPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn, learnt = simulating._Run._learn, []

    def refused(run: simulating._Run, labels: int) -> tuple[str, bool]:
        name, passed = learn(run, labels)
        learnt.append((run.guard, labels))
        if labels == 60 and run.guard == "on":
            run.workspace.use_model("base-1")
        return name, passed and labels != 60

    monkeypatch.setattr(simulating._Run, "_learn", refused)
    monkeypatch.setattr(simulating, "_until_refused", lambda points: list(points)[:1])
    shutil.copytree(plan.out / "models", tmp_path / "out" / "models")
    small = replace(plan, out=tmp_path / "out", orders=("random",), ways=("both",))
    on, off = simulate(small, quiet).points[:2], simulate(small, quiet).points[2:]
    assert learnt == [("on", 20), ("on", 60), ("off", 60)]
    assert (on[0].labels, off[0]) == (20, replace(on[0], guard="off"))
    assert (on[1].in_use, off[1].in_use) == ("base-1", "base-2")
    assert on[1].learnt == off[1].learnt == "base-2"


@pytest.mark.parametrize(
    "stage",
    [
        pytest.param("base: ", marks=pytest.mark.soak),
        "labelling",
        pytest.param("base-1: ", marks=pytest.mark.soak),
    ],
)
def test_a_run_that_was_stopped_ends_as_one_that_was_not(
    plan: SimulationPlan, tmp_path: Path, found: Simulation, stage: str
) -> None:
    out = tmp_path / "out"
    small = replace(plan, out=out, orders=("diversity",), ways=("both",), guards=("on",))

    def stopping(times: int) -> Callable[[int, int, str], None]:
        seen: list[str] = []

        def report(done: int, total: int, said: str) -> None:
            seen.append(said)
            if sum(stage in one for one in seen) > times:
                raise KeyboardInterrupt

        return report

    for times in (0, 5):
        with suppress(KeyboardInterrupt):
            simulate(small, stopping(times))
            assert times, "it was never stopped"
    again = simulate(small, quiet)
    whole = [p for p in found.points if (p.order, p.guard) == ("diversity", "on")]
    assert again.points == tuple(whole)


def test_files_say_the_figures_and_the_command(found: Simulation, tmp_path: Path) -> None:
    files = write_simulation(tmp_path / "report", found)
    kept = json.loads(files[0].read_text("utf-8"))
    assert kept["base"] == found.base
    assert kept["curves"]["memory, random"][0] == [0, found.base]
    text = markdown(found)
    assert files[1].read_text("utf-8") == text
    assert "| both, diversity, guard off |" in text
    assert "--orders random,diversity --with memory,training,both" in command(found)
    page = files[2].read_text("utf-8")
    assert "Plotly.newPlot" in page
    assert "https://cdn" not in page.split("<body>")[0]
    assert str(tmp_path) not in text + json.dumps(kept)
    assert str(found.plan.out) not in text + json.dumps(kept)


def test_another_plan_in_the_same_place_is_refused(
    plan: SimulationPlan, found: Simulation, tmp_path: Path
) -> None:
    with pytest.raises(
        ValueRejected, match="Expected the same settings and data as those of the simul"
    ):
        simulate(replace(plan, seed=9), quiet)
    other = write_mnre(tmp_path / "mnre", train=410, val=60)
    with pytest.raises(ValueRejected, match="and data as those of the simulation"):
        simulate(replace(plan, data=other), quiet)
    assert found.points


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"orders": ("luck",)}, "Expected orders, of random, uncertainty, diversity. Found luck"),
        ({"ways": ()}, "Expected ways, of memory, training, both. Found none"),
        ({"guards": ("maybe",)}, "Expected guards, of on, off. Found maybe"),
        ({"split": "test"}, "Expected a split, of val, dev. Found test"),
        ({"base_share": 1.0}, "Expected a base share between 0 and 1. Found 1.0"),
        ({"steps": (5, 3)}, "Expected rising numbers of labels from 1. Found 5, 3"),
    ],
)
def test_what_cannot_be_simulated_is_refused(
    plan: SimulationPlan, change: dict[str, object], said: str
) -> None:
    with pytest.raises(ValueRejected) as error:
        replace(plan, **change)  # type: ignore[arg-type]
    assert said in str(error.value)


def test_more_labels_than_there_are_is_refused(plan: SimulationPlan, tmp_path: Path) -> None:
    with pytest.raises(ValueRejected, match=r"Expected at most \d+ labels\. Found 5000"):
        simulate(replace(plan, out=tmp_path / "x", steps=(5000,)), quiet)
