"""Learning from corrections: the request, the job, and the version it ends in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roc_core.errors import ValueRejected
from roc_core.jobs import Progress
from roc_core.schema import Box, GuardReport, GuardRule, LearnRequest
from roc_core.store import Store
from roc_core.store.versions import VersionRow
from roc_core.workspace import lessons
from roc_core.workspace.lessons import LessonPlan
from roc_core.workspace.models import text_encoder, version_folders, version_named, vision_encoder

if TYPE_CHECKING:
    from roc_core.retrieval import RelationRetriever
    from roc_core.training.feedback import Learnt
    from roc_core.training.log import Step
    from roc_core.workspace.workspace import Workspace

RULE = GuardRule()
ANYBODY = "rule"
"""Who promoted a version that nobody in particular asked to promote."""


# --- the request -------------------------------------------------------------------------


def settled(workspace: Workspace, store: Store, given: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of job "learn" as plain values, with parent and name of the version to come.

    A request that was stopped before is taken up under its name; with ``anew`` it is begun again.
    Raises ValueRejected when the request cannot be kept, or no correction is chosen.
    """
    request = request_of(given, workspace.model_version)
    version_named(request.parent, workspace.path)
    lessons.require_corrections(store, request)
    taken = {f.name for f in version_folders(workspace.path)}
    if given.get("anew"):
        drop_unfinished(store, lambda row: row.request == request)
    name = store.versions.begin(request, taken, command_of(request))
    found = asdict(request) | {"annotators": json.dumps(list(request.annotators)), "name": name}
    if given.get("promote"):
        found |= {"promote": True, "by": str(given.get("by") or ANYBODY)}
    return found


def plain(given: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters with ``annotators`` as one text, which a job can keep."""
    names = given.get("annotators")
    several = names is not None and not isinstance(names, str)
    return dict(given) | ({"annotators": json.dumps(list(_names(names)))} if several else {})


def request_of(given: Mapping[str, Any], parent: str) -> LearnRequest:
    """The request in a job's parameters; ``annotators`` is a name, several, or JSON of several.

    Raises ValueRejected.
    """
    try:
        return LearnRequest(
            _names(given.get("annotators")),
            lessons.moment(str(given.get("since") or "")),
            bool(given.get("agreed", False)),
            given.get("mode") or "fast",
            float(given.get("replay", 2.0)),
            int(given.get("seed", 0)),
            str(given.get("parent") or parent),
        )
    except (TypeError, ValueError) as problem:
        if isinstance(problem, ValueRejected):
            raise
        raise ValueRejected(
            "a number as replay and a whole number as seed", str(problem), "Correct it."
        ) from problem


def _names(given: Any) -> tuple[str, ...]:
    if not given:
        return ()
    if isinstance(given, str):
        with suppress(ValueError):
            read = json.loads(given)
            if isinstance(read, list):
                return _names(read)
        return (given,)
    return tuple(sorted({str(name) for name in given}))


def command_of(request: LearnRequest) -> str:
    """The command that starts the same; annotators are counted, as a card may go elsewhere."""
    who = f" --annotator <one of {len(request.annotators)}>" if request.annotators else ""
    since = f" --since {request.since}" if request.since else ""
    return (
        f"python -m roc_core learn --workspace <workspace> --parent {request.parent}"
        f"{who}{since}{' --agreed' if request.agreed else ''} --mode {request.mode} "
        f"--replay {request.replay:g} --seed {request.seed}"
    )


def drop_unfinished(store: Store, which: Callable[[VersionRow], bool]) -> int:
    """Forget unfinished versions and their state; how many. Raises ValueRejected while one of them
    is being trained."""
    from roc_core.jobs import JobQueue

    rows = [r for r in store.versions.rows() if r.state == "unfinished" and which(r)]
    busy = {j.parameters.get("name") for j in JobQueue(store).jobs() if not j.over}
    for row in rows:
        if row.name in busy:
            raise ValueRejected(
                f"version {row.name} at rest",
                "a training of it that is queued or running",
                "Cancel that job first.",
            )
        folder = store.folder / "models" / row.name
        shutil.rmtree(folder.with_name(f"{row.name}.training"), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
        store.versions.forget(row.name)
    return len(rows)


# --- the job -----------------------------------------------------------------------------


def learn_job(folder: Path, parameters: Mapping[str, Any], report: Progress) -> Mapping[str, Any]:
    """Job "learn": train from corrections, judge by the guard set, keep the version; with
    ``promote`` put it to use if it passed."""
    from roc_core.workspace.workspace import Workspace

    workspace, store = Workspace.open(folder), Store.open(folder)
    request = request_of(parameters, workspace.model_version)
    name = str(parameters["name"])
    verdict, learnt_from = learn(store, workspace, request, name, _Told(report))
    promoted = bool(parameters.get("promote")) and verdict.passed
    if promoted:
        by = str(parameters.get("by") or ANYBODY)
        store.versions.promote(name, workspace.model_version, by, verdict.rule.said)
    return {
        "version": name,
        "passed": verdict.passed,
        "reasons": list(verdict.reasons),
        "promoted": promoted,
        **learnt_from.counts,
    }


class _Told:
    """The steps of a training as stages of a job: one an epoch, with the last loss and F1."""

    def __init__(self, report: Progress) -> None:
        self.report, self.said, self.last = report, "", ""
        self.epoch = 0

    def __call__(self, step: Step) -> None:
        if step.dev_f1 is not None:
            self.last = f", last loss {step.loss:.3f}, F1 {step.dev_f1:.3f}"
        if not step.epoch:
            self.report(step.done, step.total, step.stage.capitalize())
            return
        if step.dev_f1 is None and step.epoch != self.epoch:
            self.epoch, self.said = step.epoch, f"Epoch {step.epoch}{self.last}"
        self.report(step.done, step.total, self.said or f"Epoch {step.epoch}")


def learn(
    store: Store,
    workspace: Workspace,
    request: LearnRequest,
    name: str,
    watch: Callable[[Step], None],
) -> tuple[GuardReport, LessonPlan]:
    """Train, judge and save one version; the verdict and what it was learnt from.

    Its folder appears whole or not at all. Killed at any moment, the same call goes on where it
    was. Raises what ``lessons.plan`` and ``learn_version`` raise.
    """
    from roc_core.evaluation.guard import answers_of, judged
    from roc_core.training.checkpoint import move_logs, training_folder

    out = store.folder / "models" / name
    state = training_folder(out)
    _tidy(store, name)
    if not state.exists():
        store.backup("before learning")
    chosen = lessons.kept_plan(
        state, lambda: lessons.plan(store, workspace.catalogue, request, RULE)
    )
    lesson, cases = lessons.lesson_of(store, chosen)
    parent = unmerged(version_named(request.parent, store.folder), workspace)
    before = answers_of(parent, cases, _stage(watch, "answering the guard set before"))
    learnt = _learnt(parent, lesson, request, name, workspace, chosen, watch, state)
    after = answers_of(_with(parent, learnt), cases, _stage(watch, "answering the guard set after"))
    verdict = judged(cases, before, after, RULE)
    learnt.version.card.update(_figures(verdict, learnt, lesson.dev))
    _save(out, parent, learnt)
    size = sum(f.stat().st_size for f in out.iterdir() if f.is_file())
    store.versions.finish(name, chosen.counts, verdict, size)
    move_logs(state, out)
    return verdict, chosen


def _tidy(store: Store, name: str) -> None:
    """Put away what a training left that was killed after its version was saved."""
    from roc_core.training.checkpoint import move_logs, training_folder

    for row in store.versions.rows():
        out = store.folder / "models" / row.name
        left = training_folder(out)
        if row.name != name and row.state != "unfinished" and left.exists() and out.exists():
            move_logs(left, out)


def unmerged(folder: Path, workspace: Workspace) -> RelationRetriever:
    """A version whose LoRA can still be trained, on its encoders."""
    from roc_core.encoders.named import vision_identity
    from roc_core.model.reader import PairReader
    from roc_core.model.version import load_version, read_config
    from roc_core.retrieval import RelationRetriever

    settings = read_config(folder)["model"]
    text, vision = (
        text_encoder(settings["text_encoder"]),
        vision_encoder(settings["vision_encoder"]),
    )
    version = load_version(folder, text, vision_identity(vision))
    reader = PairReader(text, vision, version.settings, cache=20_000)
    return RelationRetriever(reader, version, workspace.catalogue)


def _learnt(
    parent: RelationRetriever,
    lesson: Any,
    request: LearnRequest,
    name: str,
    workspace: Workspace,
    chosen: LessonPlan,
    watch: Callable[[Step], None],
    state: Path,
) -> Learnt:
    from roc_core.training.feedback import learn_version
    from roc_core.workspace.pair_vectors import key_of

    key = key_of(version_named(request.parent, workspace.path), workspace.catalogue)
    card = _card(parent, lesson, request, name, workspace, chosen)
    return learn_version(
        parent, lesson, request.mode, name=name, seed=request.seed, card=card,
        identity={
            "parent": f"{key.version} {key.model}",
            "catalogue": key.catalogue,
            "lesson": lessons.digest_of(chosen),
        },
        watch=watch, folder=state,
    )  # fmt: skip


def _with(parent: RelationRetriever, learnt: Learnt) -> RelationRetriever:
    from roc_core.retrieval import RelationRetriever

    return RelationRetriever(parent.reader, learnt.version, parent.catalogue)


def _stage(watch: Callable[[Step], None], stage: str) -> Callable[[int, int], None]:
    from roc_core.training.log import Step

    return lambda done, total: watch(Step(stage, done, total))


def _save(out: Path, parent: RelationRetriever, learnt: Learnt) -> None:
    from roc_core.encoders.named import vision_identity
    from roc_core.model.version import save_version

    eyes = vision_identity(parent.reader.vision)
    save_version(out, learnt.version, parent.reader.text.identity, eyes)


def _card(
    parent: RelationRetriever,
    lesson: Any,
    request: LearnRequest,
    name: str,
    workspace: Workspace,
    chosen: LessonPlan,
) -> dict[str, Any]:
    """The card of a learnt version: its parent's, with what is its own."""
    old, counts = parent.version.card, chosen.counts
    boxes = any(isinstance(m.place, Box) for r in lesson.corrections for m in r.example.mentions)
    catalogue = workspace.catalogue
    own = {
        "title": f"{old.get('title', request.parent)}; learnt on from {request.parent}",
        "data": f"{old.get('data', 'unknown data')}; then {counts['learn']} corrections, "
        f"{counts['replay']} replayed and {counts['unlabelled']} unlabelled items of a workspace",
        "seed": request.seed,
        "parent": request.parent,
        "command": command_of(request),
        "learnt": counts | {"mode": request.mode, "agreed": request.agreed},
        "catalogue": {
            "name": catalogue.id, "digest": catalogue.digest, "relations": list(catalogue.ids),
        },
        "boxes": bool(old.get("boxes")) or boxes,
    }  # fmt: skip
    inherited = {k: v for k, v in old.items() if k in ("protocol", "preset", "limits", "licence")}
    return inherited | own


def _figures(verdict: GuardReport, learnt: Learnt, dev: Sequence[Any]) -> dict[str, Any]:
    from roc_core.training.feedback import LINES_FROM

    guard = {k: v for k, v in verdict.as_dict().items() if k != "changes"}
    kept = f"its parent's: fewer than {LINES_FROM} dev pairs to choose them on ({len(dev)})"
    chosen = f"chosen on {learnt.lines_from} dev pairs"
    return {
        "guard": guard | {"rule_said": verdict.rule.said},
        "lines": chosen if learnt.lines_from else kept,
        "log": [
            {"epoch": r.epoch, "loss": r.loss, "guard_f1": r.dev_f1, "seconds": round(r.seconds)}
            for r in learnt.log
        ],
    }
