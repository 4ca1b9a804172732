"""Pair vectors and maps: kept as they were, per version, replaced, never twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roc_core.errors import ValueRejected
from roc_core.schema import Example, Label, Landmark, Mention, PairVectors, Record, Region, Span
from roc_core.schema.relations import Provenance
from roc_core.store import Store
from roc_core.store.maps import StoredMap
from roc_core.store.vectors import Key

KEY = Key("mini", "m1", "c1")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def made(ids: list[str], value: float = 0.5, width: int = 4) -> PairVectors:
    n = len(ids)
    return PairVectors(
        np.array(ids, "S16"),
        np.full((n, width), value, np.float16),
        ("peer",) * n,
        ("both",) * n,
        np.full(n, value),
        np.full(n, -0.25),
        ("member",) * n,
        np.full(n, 0.125),
        ("person – ?",) * n,
        (b"\x01\x00\x02\x00",) * n,
        ("",) * n,
    )


@pytest.fixture
def ids(store: Store, make: Callable[..., Record]) -> list[str]:
    return [store.save_item(make(line=n), None).id for n in range(7)]


def missing(store: Store, key: Key, batch: int = 3) -> list[str]:
    return [i.id for part in store.vectors.iter_missing(key, batch) for i in part]


def test_only_what_is_missing_is_asked_for(store: Store, ids: list[str]) -> None:
    vectors = store.vectors
    assert missing(store, KEY) == ids
    vectors.put(KEY, made([ids[5], ids[1]]))
    assert missing(store, KEY) == [i for n, i in enumerate(ids) if n not in (1, 5)]
    assert vectors.count_missing(KEY) == 5
    other = replace(KEY, version="base")
    assert missing(store, other) == ids
    trained_again = replace(KEY, model="m2")
    assert vectors.count_missing(trained_again) == 7
    assert len(vectors.read(trained_again)) == 0
    vectors.put(trained_again, made(ids))
    assert vectors.count_missing(KEY) == 7, "the older ones were replaced, not kept beside"
    assert vectors.read(trained_again).items.tolist() == [i.encode() for i in ids]


def test_what_is_kept_meanwhile_is_met_once(store: Store, ids: list[str]) -> None:
    met = []
    for part in store.vectors.iter_missing(KEY, 3):
        met += [i.id for i in part]
        store.vectors.put(KEY, made([i.id for i in part[:2]]))
    assert met == ids
    assert missing(store, KEY) == [ids[2], ids[5]]


def test_another_catalogue_makes_answers_outdated(store: Store, ids: list[str]) -> None:
    vectors, changed = store.vectors, replace(KEY, catalogue="c2")
    vectors.put(KEY, made(ids))
    assert vectors.count_missing(changed) == 0
    assert vectors.count_outdated(changed) == 7
    assert len(vectors.read(changed)) == 0
    part = vectors.outdated(changed, 5)
    assert len(part) == 5
    assert part.vectors.shape == (5, 4)
    vectors.put(changed, part)
    assert (vectors.count_outdated(changed), len(vectors.read(changed))) == (2, 5)


def test_an_oracle_is_asked_about_labelled_items_and_again_for_another_label(
    store: Store, ids: list[str]
) -> None:
    oracle = replace(KEY, version="mini@oracle-types")
    assert (store.vectors.count_answerable(oracle), store.vectors.count_answerable(KEY)) == (0, 7)
    store.add_correction(ids[2], Label("peer", "forward"), "ann")
    store.add_correction(ids[4], Label("None"), "ann")
    assert missing(store, oracle) == [ids[2], ids[4]]
    told = replace(made([ids[2], ids[4]]), told=("peer forward", "None both"))
    store.vectors.put(oracle, told)
    assert missing(store, oracle) == []
    assert store.vectors.count_answered(oracle) == 2
    store.add_correction(ids[2], Label("peer", "backward"), "ann")
    assert missing(store, oracle) == [ids[2]]
    assert store.vectors.read(oracle).items.tolist() == [ids[4].encode()]
    assert store.vectors.count_answered(oracle) == 1
    assert store.vectors.count_outdated(replace(oracle, catalogue="c2")) == 1
    assert missing(store, KEY) == ids, "another way of reading has vectors of its own"


def test_answers_of_before_are_missing_but_readable(store: Store, ids: list[str]) -> None:
    store.vectors.put(KEY, replace(made(ids), types=("",) * 7, ranks=(b"",) * 7))
    assert store.vectors.count_answered(KEY) == 0
    assert missing(store, KEY) == ids
    assert len(store.vectors.read(KEY)) == 7
    store.vectors.put(KEY, made(ids[:3]))
    assert store.vectors.count_answered(KEY) == 3
    assert store.vectors.count_answered(replace(KEY, catalogue="c2")) == 0


def test_answers_without_vectors(store: Store, ids: list[str]) -> None:
    store.vectors.put(KEY, made(ids))
    found = store.vectors.read(KEY, vectors=False)
    assert found.vectors.shape == (7, 0)
    assert found.margins.tolist() == [-0.25] * 7
    assert len(store.vectors.read(KEY)) == 7


@given(
    value=st.floats(-1, 1, width=16),
    relation=TEXT,
    score=st.floats(-1, 1),
    ranks=st.binary(max_size=60),
)
@settings(max_examples=20)
def test_what_is_written_is_read(value: float, relation: str, score: float, ranks: bytes) -> None:
    store = Store.create(Path(mkdtemp(prefix="roc-vectors-")) / "ws")
    example = Example("a b", (Mention(Span(0, 1)), Mention(Span(2, 3))))
    item = store.save_item(Record(example, None, Provenance("t")), None)
    wanted = replace(
        made([item.id], value, width=3),
        relations=(relation,),
        directions=("backward",),
        scores=np.array([score]),
        types=(relation,),
        ranks=(ranks,),
        told=(relation,),
    )
    store.vectors.put(KEY, wanted)
    found = store.vectors.read(KEY)
    assert found.items.tolist() == [item.id.encode()]
    assert (found.vectors == wanted.vectors).all()
    assert (found.relations, found.directions) == ((relation,), ("backward",))
    assert (found.scores[0], found.leads[0], found.runners_up) == (score, 0.125, ("member",))
    assert (found.types, found.ranks, found.told) == ((relation,), (ranks,), (relation,))


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_numbers_that_are_none_are_refused(store: Store, ids: list[str], wrong: float) -> None:
    with pytest.raises(ValueRejected, match=r"Expected finite pair vectors and scores\."):
        store.vectors.put(KEY, made(ids, wrong))
    with pytest.raises(ValueRejected, match="keep the database's rules"):
        store.vectors.put(KEY, made(["0" * 16]))
    assert store.vectors.count_missing(KEY) == 7


def made_map(ids: list[str], x: int = 7) -> StoredMap:
    n = len(ids)
    return StoredMap(
        version="mini", model="m1", data="d", settings={"seed": 0}, known=n, newest=ids[-1],
        sampled=False, frame=(0.0, -1.5, 2.0, 1e-3), items=np.array(ids, "S16"),
        xs=np.full(n, x, np.uint16), ys=np.full(n, 65535, np.uint16),
        placed=np.array([True] + [False] * (n - 1)),
        landmarks=(Landmark("peer", "both", "definition", "is – with", 1, 2),),
        regions=(Region(3, 4, 5, "peer", 0.5, ("tour", "bänd")),),
        density=np.arange(16, dtype=np.uint8).reshape(4, 4),
    )  # fmt: skip


def test_a_map_is_kept_and_replaced(store: Store, ids: list[str]) -> None:
    assert store.maps.get("mini") is None
    for x in (7, 8):
        wanted = made_map(ids, x)
        store.maps.put(wanted)
        found = store.maps.get("mini")
        assert found is not None
        for name in ("items", "xs", "ys", "placed", "density"):
            assert (getattr(found, name) == getattr(wanted, name)).all(), name
        for name in ("frame", "settings", "landmarks", "regions", "newest", "sampled"):
            assert getattr(found, name) == getattr(wanted, name), name
        assert found.created
    assert store.maps.get("base") is None


def test_colours_are_those_of_now(store: Store, ids: list[str]) -> None:
    store.add_correction(ids[1], Label("peer", "backward"), "ann")
    row = store.add_correction(ids[2], Label("peer"), "ben")
    store.undo(row.id, "ben")
    found = store.maps.colours()
    assert found.items.tolist() == [i.encode() for i in ids]
    assert found.labels == ("", "peer", *[""] * 5)
    assert found.directions == ("", "backward", *[""] * 5)
    assert found.annotators == ("", "ann", *[""] * 5)
    assert set(found.types) == {"person – ?"}
    assert store.maps.sentences([ids[0], "0" * 16]) == ["Katy Perry sings with the band", ""]
    assert store.maps.total() == 7


def test_an_empty_workspace_has_no_colours(store: Store) -> None:
    assert store.maps.colours().labels == ()
    assert len(store.vectors.read(KEY)) == 0
