"""Selections come back as they were kept, one id for the same items, and say what is gone."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roc_core.errors import SelectionMissing, ValueRejected
from roc_core.schema import ItemFilter, Label
from roc_core.store import Store
from roc_core.store.selections import LONGEST, SelectionTable
from tests.store.conftest import MakeRecord

IDS = st.lists(st.text("0123456789abcdef", min_size=16, max_size=16), max_size=30)
QUICK = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
LOST = "0" * 16


@pytest.fixture
def ids(store: Store, make: MakeRecord) -> tuple[str, ...]:
    """Ids of twelve items, the even ones labelled, in order of arrival."""
    for n in range(12):
        label = Label("/per/per/peer", "both") if n % 2 == 0 else None
        store.save_item(make(f"Katy B in city {n}", label, source="ab"[n % 2], line=n), None)
    return tuple(item.id for item in store.items().items)


@QUICK
@given(data=st.data())
def test_any_ids_come_back(store: Store, ids: tuple[str, ...], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(ids), max_size=20))
    strangers = [id for id in data.draw(IDS) if id not in ids]
    mixed = data.draw(st.permutations([*chosen, *strangers]))
    kept = store.selections.keep(mixed, annotator="ann")
    assert kept == store.selections.get(kept.id)
    assert kept.items == tuple(id for id in dict.fromkeys(mixed) if id in ids)
    assert kept.gone == len(set(strangers))
    assert (kept.name, kept.filter, len(kept.id)) == ("", None, 12)


@QUICK
@given(ids=IDS, other=IDS)
def test_the_same_items_have_the_same_id(store: Store, ids: list[str], other: list[str]) -> None:
    kept = store.selections.keep(ids)
    assert store.selections.keep([*reversed(ids), *ids]).id == kept.id
    assert (store.selections.keep(other).id == kept.id) == (set(other) == set(ids))


def test_keeping_again_takes_the_new_order_and_leaves_the_name(
    store: Store, ids: tuple[str, ...]
) -> None:
    first = store.selections.keep(ids[:3], name="few")
    again = store.selections.keep(ids[:3][::-1])
    assert again == replace(first, items=ids[:3][::-1])


FILTERS = st.builds(
    ItemFilter,
    text=st.sampled_from(["", "city 1", "'\"\\ \0é"]),
    source=st.sampled_from(["", "a", "b", "c"]),
    state=st.sampled_from(["", "unlabelled", "imported"]),
    picture=st.sampled_from(["", "with", "without"]),
)


@QUICK
@given(filter=FILTERS, within=st.booleans())
def test_a_filter_is_applied_when_it_is_read(
    store: Store, ids: tuple[str, ...], filter: ItemFilter, within: bool
) -> None:
    wanted = replace(filter, only=ids[:5]) if within else filter
    kept = store.selections.keep(None, wanted)
    assert kept.filter == wanted
    assert kept.items == tuple(item.id for item in store.items(wanted).items)


def test_a_filter_meets_new_items(store: Store, ids: tuple[str, ...], make: MakeRecord) -> None:
    kept = store.selections.keep(None, ItemFilter(source="a"), name="all of a")
    new = store.save_item(make("Katy B is new", source="a"), None)
    assert store.selections.get(kept.id).items == (*kept.items, new.id)
    store.add_correction(new.id, Label("x"), "ann")
    corrected = store.selections.keep(None, ItemFilter(state="corrected"))
    assert corrected.items == (new.id,)


@QUICK
@given(name=st.text(st.characters(exclude_categories=["Cs"]), max_size=100))
def test_any_name_is_kept_on_one_line_or_refused(
    store: Store, ids: tuple[str, ...], name: str
) -> None:
    kept = store.selections.keep(ids[:1])
    title = " ".join(name.replace("\0", " ").split())
    if 0 < len(title) <= LONGEST:
        assert store.selections.rename(kept.id, name).name == title
        assert store.selections.names() == ((kept.id, title),)
    else:
        with pytest.raises(ValueRejected, match=f"a name of 1 to {LONGEST} characters"):
            store.selections.rename(kept.id, name)


def test_slices_are_listed_by_name_and_dropped(store: Store, ids: tuple[str, ...]) -> None:
    table = store.selections
    later, earlier = table.keep(ids[:2], name="b"), table.keep(ids[2:5], name="a")
    table.keep(ids[:1])
    assert table.named() == (earlier, later)
    with pytest.raises(ValueRejected, match="a name that no other slice has"):
        table.rename(later.id, " a ")
    with pytest.raises(ValueRejected, match="a name that no other slice has"):
        table.keep(ids, name="a")
    table.drop(earlier.id)
    assert table.named() == (later,)
    assert table.get(earlier.id) == replace(earlier, name=""), "a link to it still opens"


def test_only_the_newest_unnamed_stay(store: Store, ids: tuple[str, ...]) -> None:
    table = SelectionTable(store._at, unnamed=2)
    named = table.keep(ids[:6], name="slice")
    kept = [table.keep([id]) for id in ids[:3]]
    assert table.get(named.id) == named
    with pytest.raises(SelectionMissing, match="the link may belong to another workspace"):
        table.get(kept[0].id)
    table.keep([ids[1]])  # met again: the other one is the oldest now
    table.keep([ids[4]])
    assert table.get(kept[1].id) == kept[1]
    with pytest.raises(SelectionMissing):
        table.get(kept[2].id)


def test_what_cannot_be_kept(store: Store) -> None:
    for call in (store.selections.get, store.selections.drop):
        with pytest.raises(SelectionMissing, match="a selection 'nothing' in this workspace"):
            call("nothing")
    for wrong in ("", "A" * 16, "0" * 15, "0" * 32):
        with pytest.raises(ValueRejected, match="ids of 16 hex digits"):
            store.selections.keep([LOST, wrong])
    with pytest.raises(ValueRejected, match="items or a filter"):
        store.selections.keep(None)
    with pytest.raises(ValueRejected, match="state '', unlabelled"):
        store.selections.keep(None, ItemFilter(state="odd"))  # type: ignore[arg-type]
    with pytest.raises(ValueRejected, match=r"U\+D800"):
        store.selections.keep(None, ItemFilter(text="\ud800"))
    with pytest.raises(sqlite3.IntegrityError), store._at.open().conn as conn:
        conn.execute("INSERT INTO selections VALUES ('000000000000', '', NULL, NULL, '', '', 1)")


def test_items_can_be_listed_among_chosen_ones(store: Store, ids: tuple[str, ...]) -> None:
    chosen = (ids[7], ids[2], LOST)
    page = store.items(ItemFilter(only=chosen))
    assert ([i.id for i in page.items], page.total) == ([ids[2], ids[7]], 2)
    assert store.items(ItemFilter(source="a", only=chosen)).total == 1
    assert store.items(ItemFilter(only=())).total == 0
    assert [i.id for i in store.iter_items(ItemFilter(only=chosen), batch=1)] == [ids[2], ids[7]]
