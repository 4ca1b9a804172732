"""The log of relations: append-only, one row after the other, nothing lost to a second writer."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roc_core.errors import RelationChanged, ValueRejected
from roc_core.schema import Example, Mention, Provenance, Record, Span
from roc_core.store import Store
from roc_core.store.catalogues import CATALOGUE, Base, Entry

BASE = Base("Mine", "packaged", [("/a", '{"v":"a"}'), ("/b", '{"v":"b"}')])


def entry(relation: str = "/a", text: str = "new", seen: int = 0, **more: object) -> Entry:
    found = {"action": "edit", "author": "ann", **more}
    return Entry(relation, f'{{"v":"{text}"}}', seen=seen, **found)  # type: ignore[arg-type]


def run(store: Store, sql: str) -> None:
    with closing(sqlite3.connect(store.folder / "workspace.db")) as conn:
        conn.execute("PRAGMA recursive_triggers = ON")
        with conn:
            conn.execute(sql)


def test_the_first_change_takes_the_catalogue_in(store: Store) -> None:
    table = store.catalogues
    before = table.stamp("mine")
    assert (before.name, before.kept, before.newest) == ("mine", False, 0)
    assert table.all() == ()
    (row,) = table.write("mine", [entry(reason="better")], BASE)
    assert (row.id, row.place, row.action, row.author, row.reason) == (
        3,
        1,
        "edit",
        "ann",
        "better",
    )
    assert (row.before, row.content, row.was_retired) == ('{"v":"a"}', '{"v":"new"}', False)
    rows = table.history("mine")
    assert [(r.id, r.relation, r.action, r.author) for r in rows] == [
        (3, "/a", "edit", "ann"), (2, "/b", "import", ""), (1, "/a", "import", ""),
    ]  # fmt: skip
    assert rows[-1].was_retired
    after = table.stamp("mine")
    assert (after.kept, after.newest) == (True, 3)
    assert table.title("mine") == "Mine"
    (info,) = table.all()
    assert (info.id, info.source, info.relations, info.retired) == ("mine", "packaged", 2, 0)


def test_a_catalogue_can_be_put_to_use_in_the_same_step(store: Store) -> None:
    store.catalogues.write("mine", [entry()], BASE, use=True)
    assert store.setting(CATALOGUE) == "mine"
    assert store.catalogues.stamp("other").name == "mine"


def test_a_second_writer_is_told_and_nothing_of_the_step_is_kept(store: Store) -> None:
    table = store.catalogues
    (first,) = table.write("mine", [entry()], BASE)
    both = [entry("/b", seen=2), entry("/a", "mine", seen=1)]
    with pytest.raises(RelationChanged) as caught:
        table.write("mine", both)
    assert str(caught.value).startswith(
        "Expected relation '/a' as change 1 left it. Found change 3 (edit) by ann at 20"
    )
    assert str(caught.value).endswith("which was not saved, then save again or leave it.")
    assert table.stamp("mine").newest == first.id
    table.write("mine", [entry("/a", "mine", seen=3)])
    with pytest.raises(RelationChanged, match="Expected relation '/a' not there yet"):
        table.write("mine", [entry("/a", "again")])


def test_who_saw_the_catalogue_before_it_was_taken_in_may_still_edit(store: Store) -> None:
    store.catalogues.write("mine", [entry("/a")], BASE)
    (row,) = store.catalogues.write("mine", [entry("/b", seen=0)], BASE)
    assert row.before == '{"v":"b"}'
    by_a_person = [entry("/c", action="import", author="ann")]
    store.catalogues.write("mine", by_a_person)
    with pytest.raises(RelationChanged):
        store.catalogues.write("mine", [entry("/c")])


def test_of_many_writers_at_once_one_wins(store: Store) -> None:
    def attempt(number: int) -> int:
        try:
            return store.catalogues.write("mine", [entry(text=str(number))], BASE)[0].id
        except RelationChanged:
            return 0

    with ThreadPoolExecutor(6) as pool:
        done = [n for n in pool.map(attempt, range(6)) if n]
    assert len(done) == 1
    assert [r.id for r in store.catalogues.history("mine", "/a")] == [3, 1]


def test_retired_ones_are_counted_and_come_back(store: Store) -> None:
    table = store.catalogues
    table.write("mine", [entry(action="retire", retired=True)], BASE)
    assert [(c.relations, c.retired) for c in table.all()] == [(1, 1)]
    (row,) = table.write("mine", [entry(action="restore", seen=3)])
    assert row.was_retired
    assert not row.retired
    assert [(c.relations, c.retired) for c in table.all()] == [(2, 0)]


def test_only_what_is_new_is_read(store: Store) -> None:
    table = store.catalogues
    table.write("mine", [entry()], BASE)
    seen = table.stamp("mine")
    table.write("mine", [entry("/b", seen=2)])
    found = table.since("mine", seen.newest, seen.created)
    assert found is not None
    assert [r.relation for r in found] == ["/b"]
    assert table.since("mine", seen.newest, "another time") is None
    assert table.since("mine", 99, seen.created) is None


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("UPDATE relation_changes SET reason = 'x'", "never changed"),
        ("DELETE FROM relation_changes", "never deleted"),
        ("REPLACE INTO relation_changes SELECT * FROM relation_changes", "never replaced"),
        ("INSERT INTO relation_changes (catalogue, relation, place, created, author, action, "
         "content) VALUES ('mine', '/a', 9, '', '', 'add', '{}')", "never replaced"),
        ("INSERT INTO relation_changes (catalogue, relation, place, created, author, action, "
         "content, previous) VALUES ('mine', '/a', 9, '', '', 'edit', '{}', 2)", "same relation"),
        ("INSERT INTO relation_changes (catalogue, relation, place, created, author, action, "
         "content) VALUES ('mine', '/z', 9, '', '', 'add', 'no json')", "CHECK constraint"),
    ],
)  # fmt: skip
def test_the_log_refuses_changes(store: Store, sql: str, message: str) -> None:
    store.catalogues.write("mine", [entry()], BASE)
    with pytest.raises(sqlite3.IntegrityError, match=message):
        run(store, sql)
    assert len(store.catalogues.history("mine")) == 3


def test_a_catalogue_is_made_once(store: Store) -> None:
    store.catalogues.create("own", "Own", "made")
    assert store.catalogues.stamp("own").kept
    with pytest.raises(ValueRejected, match="Found 'own', which there is"):
        store.catalogues.create("own", "Own", "made")


def test_an_erased_name_and_sentence_leave_the_log(store: Store) -> None:
    sentence = "Ann sings with the band of Ulm"
    example = Example(sentence, (Mention(Span(0, 3)), Mention(Span(4, 9))))
    item = store.save_item(Record(example, None, Provenance("test")), None)
    base = Base("Mine", "made", [("/a", f'{{"v":"As in: {sentence}"}}')])
    store.catalogues.write("mine", [entry(reason=f"see {sentence}, says Bo", author="Bo")], base)
    before = store.catalogues.stamp("mine")
    store.erasures.items([item.id], "chief", "")
    store.erasures.annotator("Bo", "chief", "")
    rows = store.catalogues.history("mine")
    assert [(r.author, r.reason) for r in rows] == [
        ("erased-1", "see (erased), says erased-1"),
        ("", ""),
    ]
    assert rows[-1].content == '{"v":"As in: (erased)"}'
    assert store.catalogues.stamp("mine") != before, "who holds it reads it again"


@settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.sampled_from(["/a", "/b", "/c"]), st.text(max_size=5)), max_size=8))
def test_the_log_reads_back_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]]
) -> None:
    import json

    store = Store.create(tmp_path_factory.mktemp("log") / "ws")
    said = [(r, json.dumps({"v": t.encode("utf-8", "replace").decode()})) for r, t in steps]
    newest: dict[str, int] = {}
    for relation, content in said:
        one = Entry(relation, content, "edit", "ann", seen=newest.get(relation, 0))
        (row,) = store.catalogues.write("mine", [one], Base("Mine", "made", ()))
        newest[relation] = row.id
    rows = store.catalogues.history("mine")[::-1]
    assert [(r.relation, r.content) for r in rows] == said
    for relation in newest:
        own = [r for r in rows if r.relation == relation]
        assert [r.before for r in own] == ["", *(r.content for r in own)][: len(own)]
        assert len({r.place for r in own}) == 1
