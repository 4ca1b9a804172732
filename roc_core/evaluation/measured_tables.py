"""The measurements of descriptions as tables, for Markdown and the command line alike."""

from __future__ import annotations

from collections.abc import Sequence

from roc_core.evaluation.markdown_tables import section
from roc_core.evaluation.re_adding import ReAddReport
from roc_core.evaluation.resampling import Interval
from roc_core.evaluation.wording_effect import Compared, WordingEffect
from roc_core.evaluation.zero_shot import ZeroShotReport

Table = tuple[tuple[str, ...], list[tuple[str, ...]]]


def re_added_table(found: ReAddReport) -> Table:
    """Head and rows: every relation, then the mean over relations."""
    answers = [f"F1 after {n} answers (95 %)" for n in found.sizes]
    accepted = [f"accepted of {n}" for n in found.sizes[1:]]
    beside = [f"F1 of {found.beside}, trained with them"] if found.beside else []
    head = ("relation", "training pairs", "pairs", *accepted, *answers, *beside)
    rows = [
        (
            r.relation,
            str(r.train),
            str(r.scores[0].gold),
            *map(str, r.accepted[1:]),
            *(_with(s.f1, i) for s, i in zip(r.scores, r.intervals, strict=True)),
            *([f"{r.trained.f1:.3f}"] if r.trained is not None else []),
        )
        for r in found.rows
    ]
    mean = (
        f"mean of {len(found.rows)}",
        "",
        "",
        *(_mean([r.accepted[n] for r in found.rows]) for n in range(1, len(found.sizes))),
        *(_with(m, i) for m, i in zip(found.macro, found.intervals, strict=True)),
        *([f"{found.trained:.3f}"] if found.trained is not None else []),
    )
    return head, [*rows, mean]


def re_added_words(found: ReAddReport) -> list[str]:
    """What was measured, and the rise of the mean."""
    used = found.settings
    gains = [
        f"after {n} answers {found.macro[i] - found.macro[0]:+.3f} ({_bounds(found.gains[i])})"
        for i, n in enumerate(found.sizes)
        if i
    ]
    overall = [
        f"{n} answers {sum(r.overall[i] for r in found.rows) / len(found.rows):.3f}"
        for i, n in enumerate(found.sizes)
    ]
    return [
        f"{found.pairs} pairs of {found.split}; {found.shown} training pairs to find the relation "
        f"in; memory of weight {used.weight}, {used.neighbours} neighbours, floor {used.floor}.",
        "Each relation was held out of a version's training, is added by its descriptions and "
        "ranked among all of the catalogue.",
        f"Mean F1 against no answers: {'; '.join(gains)}.",
        f"Micro F1 over all relations meanwhile, mean: {'; '.join(overall)}.",
    ]


def re_added_markdown(found: ReAddReport) -> str:
    """The whole measurement as Markdown."""
    tables = [("F1 after answers", re_added_table(found))]
    return _markdown("Relations taken out and added back", re_added_words(found), tables)


def wording_table(found: WordingEffect) -> Table:
    """Head and rows, one a case."""
    zero = ("zero-shot macro hit@3 (95 %)", "against its base (95 %)") if found.held_out else ()
    head = (
        "descriptions", "classes", "scored descriptions", "micro F1 (95 %)",
        "against its base (95 %)", "hit@3", *zero,
    )  # fmt: skip
    rows = [
        (
            r.name,
            str(r.among),
            str(r.descriptions),
            *_moved(r.f1, r.name == r.base),
            f"{r.hit3:.3f}",
            *(_moved(r.zero_shot, r.name == r.base) if r.zero_shot else ()),
        )
        for r in found.rows
    ]
    return head, rows


def wording_words(found: WordingEffect) -> list[str]:
    """What was measured, and what to know of it."""
    held = f"; {found.held_out} pairs for zero-shot" if found.held_out else ""
    bases = sorted({r.base for r in found.rows})
    return [
        f"Version {found.version} on {found.pairs} pairs of {found.split}{held}; catalogue "
        f"{found.catalogue}; seed {found.seed}.",
        f"Rows are compared with '{bases[0]}'; those that tell type pairs apart with '{bases[-1]}'."
        if len(bases) > 1
        else f"Rows are compared with '{bases[0]}'.",
        *found.notes,
    ]


def wording_markdown(found: WordingEffect) -> str:
    """The whole measurement as Markdown."""
    tables = [("Descriptions", wording_table(found))]
    return _markdown("Does the wording matter?", wording_words(found), tables)


def zero_shot_tables(found: ZeroShotReport) -> tuple[tuple[str, Table], ...]:
    """(title, head and rows): each fold and all folds, then each held-out relation."""
    named = [*((f"fold {n}", f) for n, f in enumerate(found.folds)), ("all", found.overall)]
    folds: list[tuple[str, ...]] = [
        (n, str(f.pairs), f"{f.hit1:.4f}", f"{f.macro_hit3:.4f}") for n, f in named
    ]
    single: list[tuple[str, ...]] = [
        (n, str(h.pairs), f"{h.hit1:.3f}", f"{h.hit3:.3f}")
        for n, h in found.overall.per_relation.items()
    ]
    return (
        (
            f"Zero-shot, ranked among {found.overall.among} relations",
            (("held out", "pairs", "hit@1", "macro hit@3"), folds),
        ),
        ("Held-out relations", (("relation", "pairs", "hit@1", "hit@3"), single)),
    )


ZERO_SHOT_TITLE = "Relations never trained on"
ZERO_SHOT_WORDS = (
    "Three trainings, each without the pairs of a third of the relations (sorted by name, every "
    "third one) and without their descriptions.",
    "The pairs held out are then ranked among all relations by their descriptions, the sentence "
    "alone being read; types come from the tagger, no relation is left out by its types.",
)
"""What is measured, as a report says it."""


def zero_shot_markdown(found: ZeroShotReport) -> str:
    """The whole measurement as Markdown."""
    return _markdown(ZERO_SHOT_TITLE, ZERO_SHOT_WORDS, zero_shot_tables(found))


def _markdown(title: str, words: Sequence[str], tables: Sequence[tuple[str, Table]]) -> str:
    """A title, what was measured as a list, and tables under their titles."""
    lines = [f"# {title}", *(f"- {w}" for w in words)]
    for name, (head, rows) in tables:
        lines += section(name, head, rows)
    return "\n".join(lines) + "\n"


def _moved(figure: Compared, base: bool) -> tuple[str, str]:
    change = "–" if base else f"{figure.change:+.3f} ({_bounds(figure.change_interval, '+.3f')})"
    return _with(figure.value, figure.interval), change


def _with(value: float, bounds: Interval) -> str:
    return f"{value:.3f} ({_bounds(bounds)})"


def _bounds(bounds: Interval, form: str = ".3f") -> str:
    return f"{bounds[0]:{form}} to {bounds[1]:{form}}"


def _mean(values: Sequence[int]) -> str:
    return f"{sum(values) / len(values):.1f}"
