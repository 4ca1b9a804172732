"""Kappa and alpha by hand-checked examples of the literature; disputes and decisions."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.evaluation.agreement import (
    agreement,
    by_item,
    cohen_kappa,
    confusion_of,
    krippendorff_alpha,
    open_disputes,
)
from roc_core.schema import NONE, Label, OwnLabel

VALUES = st.sampled_from("abc")

# Krippendorff (2011), part C/D: 4 observers, 12 units, values 1 to 5, a dot for a missing one.
OBSERVERS = ("1 2 3 3 2 1 4 1 2 . . .", "1 2 3 3 2 2 4 1 2 5 . 3", ". 3 3 3 2 3 4 2 2 5 1 .",
             "1 2 3 3 2 4 4 1 2 5 1 .")  # fmt: skip


def test_alpha_of_krippendorffs_own_example() -> None:
    units = [[v for v in unit if v != "."] for unit in zip(*map(str.split, OBSERVERS), strict=True)]
    # by hand: 40 pairable values (1: 9, 2: 13, 3: 10, 4: 5, 5: 3); values that differ in units 2,
    # 6 and 8: 3·1·2/3 + 4·3/3 + 3·1·2/3 = 8 → 1 − 39·8 / (1600 − 81 − 169 − 100 − 25 − 9)
    alpha = krippendorff_alpha(units)
    assert alpha == pytest.approx(1 - 39 * 8 / 1216)
    assert round(alpha or 0, 3) == 0.743


def test_alpha_of_two_observers_with_two_values() -> None:
    # Krippendorff (2011), part A: ten units, two observers
    first, second = (
        ["0", "1", "0", "0", "0", "0", "0", "0", "1", "0"],
        ["1", "1", "1", "0", "0", "1", "0", "0", "0", "0"],
    )
    assert round(krippendorff_alpha(zip(first, second, strict=True)) or 0, 3) == 0.095


def test_kappa_of_cohens_own_example() -> None:
    # Cohen (1960), table 1: 200 cases; 0.70 agreed, 0.41 by chance → 0.29 / 0.59
    table = ((88, 14, 18), (10, 40, 10), (2, 6, 12))
    pairs = [(a, b) for a in range(3) for b in range(3) for _ in range(table[a][b])]
    first, second = zip(*pairs, strict=True)
    assert cohen_kappa(first, second) == pytest.approx(0.29 / 0.59)


def test_kappa_of_two_by_two() -> None:
    # 20 both yes, 15 both no, 5 and 10 apart: 0.7 agreed, 0.5 by chance → 0.4
    first = "y" * 25 + "n" * 25
    second = "y" * 20 + "n" * 5 + "y" * 10 + "n" * 15
    assert cohen_kappa(first, second) == pytest.approx(0.4)


def test_where_they_are_not_defined() -> None:
    assert cohen_kappa("", "") is None
    assert cohen_kappa("aaa", "aaa") is None
    assert krippendorff_alpha([]) is None
    assert krippendorff_alpha(["a", "b", ""]) is None, "nothing to compare"
    assert krippendorff_alpha(["aa", "aaa"]) is None


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1))
def test_bounds_symmetry_and_names_do_not_matter(pairs: list[tuple[str, str]]) -> None:
    first, second = zip(*pairs, strict=True)
    kappa, alpha = cohen_kappa(first, second), krippendorff_alpha(pairs)
    assert kappa == cohen_kappa(second, first)
    other = {"a": 1, "b": 2, "c": 3}
    renamed = [(other[a], other[b]) for a, b in pairs]
    assert alpha == krippendorff_alpha(renamed)
    assert alpha == krippendorff_alpha([*pairs, ("a",), ()]), "single values say nothing"
    if first == second and len(set(first)) > 1:
        assert kappa == pytest.approx(1)
        assert alpha == pytest.approx(1)
    for found in (kappa, alpha):
        assert found is None or found <= 1 + 1e-9


def test_chance_gives_about_zero() -> None:
    draw = random.Random(0)
    first, second = draw.choices("abc", k=20_000), draw.choices("abc", k=20_000)
    assert abs(cohen_kappa(first, second) or 1) < 0.02
    assert abs(krippendorff_alpha(zip(first, second, strict=True)) or 1) < 0.02


def own(item: str, who: str, relation: str, number: int, direction: str = "forward") -> OwnLabel:
    return OwnLabel(item, who, Label(relation, direction), number)  # type: ignore[arg-type]


LABELS = [
    own("i", "ann", "r", 1), own("i", "ben", "r", 2),
    own("j", "ann", "r", 3), own("j", "ben", "s", 4), own("j", "cy", "s", 5),
    own("k", "ann", "r", 6), own("k", "ben", "r", 7, "backward"),
    own("l", "ann", "s", 8), own("l", "cy", NONE, 9, "both"),
    own("m", "cy", "s", 10),
]  # fmt: skip


def test_agreement_by_pair_and_relation() -> None:
    found = agreement(LABELS, {})
    assert (found.annotators, found.items) == (("ann", "ben", "cy"), 4)
    assert [(p.first, p.second, p.items, p.agreed) for p in found.pairs] == [
        ("ann", "ben", 3, pytest.approx(1 / 3)), ("ann", "cy", 2, 0), ("ben", "cy", 1, 1),
    ]  # fmt: skip
    assert found.pairs[2].kappa is None, "one label throughout"
    assert found.disputes == ("j", "k", "l")
    assert [(r.relation, r.items) for r in found.relations] == [("r", 3), ("s", 2), (NONE, 1)]
    r = found.relations[0]
    units = [(True, True), (True, False, False), (True, True), (False, False)]
    assert r.alpha == krippendorff_alpha(units)
    assert r.kappas == (cohen_kappa((1, 1, 1), (1, 0, 1)), cohen_kappa((1, 0), (0, 0)), None)
    assert found.alpha == krippendorff_alpha(
        [("r>", "r>"), ("r>", "s>", "s>"), ("r>", "<r"), ("s>", NONE)]
    )


def test_nobody_labelled_anything_together() -> None:
    found = agreement([own("i", "ann", "r", 1), own("j", "ben", "r", 2)], {})
    assert (found.items, found.alpha, found.pairs, found.relations) == (0, None, (), ())


def test_a_decision_settles_until_somebody_contradicts_it() -> None:
    shared = by_item(LABELS)
    assert [d.item for d in open_disputes(shared, {})] == ["j", "k", "l"]
    decided = {"j": own("j", "zoe", "r", 20), "l": own("l", "zoe", "s", 20)}
    assert [d.item for d in open_disputes(shared, decided)] == ["k"]
    again = [
        *LABELS[:4],
        own("j", "cy", "s", 21),
        *LABELS[5:7],
        own("l", "ann", "s", 22),
        LABELS[8],
    ]
    assert [d.item for d in open_disputes(by_item(again), decided)] == ["j", "k"]


def test_confusion_counts_present_against_own() -> None:
    r, turned, none = Label("r", "forward"), Label("r", "backward"), Label(NONE)
    found = confusion_of("ann", [(r, r), (r, turned), (none, r), (Label("a"), none)], 7)
    assert found.names == ("a", "r", NONE)
    assert found.counts.tolist() == [[0, 0, 1], [0, 2, 0], [0, 1, 0]]
    assert (found.items, found.alone, found.turned) == (4, 7, 1)
    assert (found.of(NONE, "r"), found.of("r", NONE), found.of("x", "r")) == (1, 0, 0)
