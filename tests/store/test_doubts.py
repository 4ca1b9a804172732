"""Doubts about labels: kept as they were, one row a reading, gone with the version."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from roc_core.store import Store
from roc_core.store.doubts import StoredDoubts
from roc_core.store.vectors import Key

KEY = Key("mini@without-pictures", "m1", "c1")


@given(data=st.data())
@settings(max_examples=20)
def test_what_is_written_is_read(data: st.DataObject) -> None:
    store = Store.create(Path(mkdtemp(prefix="roc-doubts-")) / "ws")
    names = data.draw(
        st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, unique=True)
    )
    n = data.draw(st.integers(0, 12))
    some = st.lists(st.integers(0, len(names) - 1), min_size=n, max_size=n)
    wanted = StoredDoubts(
        tuple(names),
        np.array([f"{k:016x}" for k in range(n)], "S16"),
        np.array(data.draw(some), int),
        np.array(data.draw(some), int),
        np.array(data.draw(st.lists(st.floats(0, 1, width=32), min_size=n, max_size=n))),
        np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)), bool),
        few=data.draw(st.integers(0, 99)),
    )
    store.doubts.put(KEY, wanted)
    found = store.doubts.get(KEY)
    assert found is not None
    assert (found.names, found.few) == (wanted.names, wanted.few)
    for name in ("items", "gold", "suggested", "quality", "likely"):
        assert getattr(found, name).tolist() == getattr(wanted, name).tolist(), name
    assert found.created


def test_one_row_a_reading(store: Store) -> None:
    none = np.zeros(0)
    empty = StoredDoubts(("a",), none, none, none, none, none, 0)
    assert store.doubts.get(KEY) is None
    for few in (1, 2):
        store.doubts.put(KEY, replace(empty, few=few))
        kept = store.doubts.get(KEY)
        assert kept is not None
        assert kept.few == few
    assert store.doubts.get(replace(KEY, version="mini")) is None
    assert store.doubts.get(replace(KEY, model="m2")) is None, "trained again since"
