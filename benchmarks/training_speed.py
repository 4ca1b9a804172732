"""How fast a training is beside Hugging Face ``Trainer``, measured side by side in one run.

Run from the repository's root: ``python benchmarks/training_speed.py``. Two processes take turns
of a few steps, so a change of the machine's speed meets both; while one works the other sleeps.

Ours: the trainer of ``python -m roc_core train`` with preset ``mini`` (lower layers read once and
cached, LoRA above them). Theirs: ``transformers.Trainer`` that fine-tunes the whole of the same
MiniLM encoder, entity markers inserted into the sentence, a linear head on the states of the two
opening markers, dynamic padding and grouping by length. Both read the same sentences of MNRE train
without dev (``../shared/data``), each once an epoch, in batches of the same size (in use ours
draws half of the ``None`` pairs an epoch, which is left out here).

It prints, for each side, examples per second of the epochs alone and with what is done once before
them (ours: reading the sentences and fitting the type tagger; theirs: tokenizing) spread over the
epochs of the preset, and the ratios. Scoring on dev counts for neither. With ``--with-f1`` both are
scored on dev after each epoch, the best epoch and the lines for ``None`` chosen in the same way.
"""

from __future__ import annotations

import argparse
import multiprocessing as mp
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from training_peer import train_theirs
from training_turns import Plan, Speed, Turns

from roc_core.config import load_preset
from roc_core.model.tagger import fold_of
from roc_core.relations import load_catalogue
from roc_core.schema import Record

ROOT = Path(__file__).resolve().parents[1]
MNRE = ROOT / "../shared/data/mnre"
FEW = 64
"""Dev pairs that our trainer scores when F1 is not asked for; it always scores some."""
AIM, MUST = 3.0, 1.5


# --- ours --------------------------------------------------------------------------------


def train_ours(plan: Plan, turns: Turns) -> Speed:
    """Train with our trainer; its own figure of an epoch's seconds less what it waited."""
    from roc_core.encoders.named import concept_names, text_encoder, vision_encoder
    from roc_core.training.log import Step
    from roc_core.training.trainer import train_version

    speed, waits = Speed(), [0.0]
    batches = -(-len(plan.train) // plan.preset.train.batch)

    def watch(step: Step) -> None:
        if step.stage == "training":
            if step.done == 1:
                first = plan.preset.train.batch / step.examples_per_second
                speed.before = time.perf_counter() - begun - first
            if step.done % batches:  # a wait after an epoch's last step is not in its seconds
                turns.waited = 0.0
                turns.step()
                waits[-1] += turns.waited
        elif step.dev_f1 is not None:
            waits.append(0.0)

    model = plan.preset.model
    text = text_encoder(model.text_encoder)
    names = concept_names(vision_encoder(model.vision_encoder)) if plan.pictures else ()
    begun = time.perf_counter()
    done = train_version(
        _shown(plan.train, plan.pictures),
        _shown(plan.dev, False),
        text,
        load_catalogue("mnre"),
        plan.preset,
        name="speed",
        seed=plan.seed,
        concept_names=names,
        watch=watch,
    )
    speed.epochs = [row[3] - wait for row, wait in zip(done.log, waits, strict=False)]
    speed.f1 = done.dev.f1 if plan.with_f1 else None
    return speed


def _shown(records: Sequence[Record], texts: bool) -> list[Record]:
    """Records without pictures, and without picture texts unless asked for."""
    return [
        replace(
            r,
            example=replace(
                r.example, picture=None, picture_text=r.example.picture_text if texts else ""
            ),
        )
        for r in records
    ]


# --- both --------------------------------------------------------------------------------


def their_process(plan: Plan, turns: Turns, answer: Any) -> None:
    """Runs in a process of its own: two libraries in one would share threads and settings."""
    try:
        turns.take()
        turns.waited = 0.0
        answer.send(train_theirs(plan, turns))
    except BaseException as error:
        answer.send(repr(error))
        raise
    finally:
        turns.finish()


def side_by_side(plan: Plan) -> tuple[Speed, Speed]:
    """Both trainings, a turn each."""
    context = mp.get_context("spawn")
    ours, theirs = context.Semaphore(0), context.Semaphore(0)
    ours_done, theirs_done = context.Event(), context.Event()
    receive, send = context.Pipe(duplex=False)
    process = context.Process(
        target=their_process,
        args=(plan, Turns(theirs, ours, theirs_done, ours_done, plan.turn), send),
        daemon=True,
    )
    process.start()
    turns = Turns(ours, theirs, ours_done, theirs_done, plan.turn)
    try:
        mine = train_ours(plan, turns)
    finally:
        turns.finish()
    found = receive.recv()
    process.join()
    if not isinstance(found, Speed):
        raise SystemExit(f"Hugging Face Trainer stopped: {found}")
    return mine, found


def per_second(speed: Speed, pairs: int, epochs: int = 0) -> float:
    """Examples per second of the epochs; with ``epochs``, of so many with what comes before."""
    epoch = sum(speed.epochs) / len(speed.epochs)
    return pairs / (epoch + (speed.before / epochs if epochs else 0.0))


def told(name: str, speed: Speed, pairs: int, epochs: int) -> str:
    """One printed line of a side."""
    seconds = ", ".join(f"{s:.1f}" for s in speed.epochs)
    f1 = f", dev F1 {speed.f1:.4f}" if speed.f1 is not None else ""
    return (
        f"{name}: {per_second(speed, pairs):.1f} examples/s (seconds an epoch: {seconds}); before "
        f"the epochs {speed.before:.1f} s, with it spread over {epochs} epochs "
        f"{per_second(speed, pairs, epochs):.1f} examples/s{f1}"
    )


def make_plan(options: argparse.Namespace) -> tuple[Plan, int]:
    """What to train on, and the preset's own number of epochs."""
    from roc_core.workspace.evaluating import read_split

    preset = load_preset("mini")
    epochs = options.epochs or (preset.train.epochs if options.with_f1 else 1)
    parts = [read_split("mnre", MNRE, s) for s in ("train", "dev")]
    kept = [r for r in parts[0] if fold_of(r.example.sentence, 1000) < 1000 * options.share]
    # No early stop, and every pair each epoch: both sides do the same number of steps.
    same = replace(preset.train, epochs=epochs, patience=0, none_share=1.0)
    short = replace(preset, train=same)
    dev = parts[1] if options.with_f1 else parts[1][:FEW]
    plan = Plan(
        kept, dev, short, options.turn, options.rate, options.with_f1, options.pictures,
        options.seed,
    )  # fmt: skip
    return plan, preset.train.epochs


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options."""
    summary = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(description=summary)
    add: Callable[..., Any] = parser.add_argument
    add("--share", type=float, default=1.0, help="share of the training sentences, 0..1")
    add("--epochs", type=int, default=0, help="default: 1, or the preset's with --with-f1")
    add("--with-f1", action="store_true", help="score both on dev after each epoch")
    add("--pictures", action="store_true", help="ours reads captions and concept words as well")
    add("--turn", type=int, default=20, help="steps a turn")
    add("--rate", type=float, default=1e-4, help="learning rate of Trainer")
    add("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def main() -> None:
    """Print both sides and their ratio."""
    options = parse()
    if not (MNRE / "txt").is_dir():
        print("skipped: no MNRE text files in ../shared/data beside the repository")
        return
    plan, epochs = make_plan(options)
    pairs = len(plan.train)
    sentences = len({r.example.sentence for r in plan.train})
    print(f"{pairs} pairs of {sentences} sentences, batch {plan.preset.train.batch}", flush=True)
    ours, theirs = side_by_side(plan)
    print(told("ours (preset mini)", ours, pairs, epochs))
    print(told("Hugging Face Trainer", theirs, pairs, epochs))
    alone = per_second(ours, pairs) / per_second(theirs, pairs)
    spread = per_second(ours, pairs, epochs) / per_second(theirs, pairs, epochs)
    print(
        f"ratio {alone:.2f}, with what comes before {spread:.2f} "
        f"(must be at least {MUST}, aim {AIM})"
    )


if __name__ == "__main__":
    main()
