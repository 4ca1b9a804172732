"""Catalogues that are kept: every change is a version, and nothing vanishes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roc_core.errors import (
    CatalogueInvalid,
    RecordRejected,
    RelationChanged,
    RelationUnknown,
    ValueRejected,
)
from roc_core.relations import (
    build_relation,
    dump_catalogue,
    load_catalogue,
    parse_catalogue,
    parse_csv,
)
from roc_core.schema import CatalogueInfo, Example, Label, Mention, Relation, Span
from roc_core.workspace import Workspace

MEMBER, PEER = "/per/org/member_of", "/per/per/peer"
COACH = build_relation(
    "/per/per/coach", "coach of", "trains", "person", "person", False,
    {"definition": ["{head} trains {tail}."]},
)  # fmt: skip


def info(ws: Workspace, id: str) -> CatalogueInfo:
    return next(i for i in ws.relations.catalogues() if i.id == id)


def worded(ws: Workspace, phrase: str, id: str = MEMBER) -> Relation:
    return replace(ws.relation(id), phrase=phrase)


def label(ws: Workspace, relation: str = MEMBER, sentence: str = "Mira joins Ulm") -> str:
    item = ws.save_item(Example(sentence, (Mention(Span(0, 4)), Mention(Span(5, 10)))))
    ws.correct(item.id, Label(relation, "forward"), "ann")
    return item.id


def test_a_packaged_catalogue_is_used_as_it_comes(empty: Workspace) -> None:
    assert empty.catalogue is load_catalogue("mnre")
    assert info(empty, "mnre") == CatalogueInfo(
        "mnre", load_catalogue("mnre").title, 22, 0, in_use=True, packaged=True
    )
    state = empty.relations.state(MEMBER)
    assert (state.changed, state.by, state.changes, state.change, state.retired) == (
        "", "", 0, 0, False,
    )  # fmt: skip
    assert empty.relations.history() == ()
    assert empty.relations.history(MEMBER) == ()


def test_an_edit_is_in_use_at_once_and_in_another_process(empty: Workspace) -> None:
    other = Workspace.open(empty.path)
    before = other.catalogue.digest
    done = empty.relations.save(worded(empty, "belongs to"), "ann", "shorter")
    assert (done.action, done.author, done.reason, done.relation) == (
        "edit", "ann", "shorter", MEMBER,
    )  # fmt: skip
    assert done.before == load_catalogue("mnre").get(MEMBER)
    assert done.after == empty.catalogue.get(MEMBER)
    assert other.catalogue.get(MEMBER).phrase == "belongs to"
    assert other.catalogue.digest != before
    assert other.catalogue.ids == load_catalogue("mnre").ids
    assert other.catalogue is other.catalogue, "read once for a state"
    state = other.relations.state(MEMBER)
    assert (state.by, state.changes, state.change, state.changed) == (
        "ann", 2, done.id, done.created,
    )  # fmt: skip
    assert [c.action for c in other.relations.history(MEMBER)] == ["edit", "import"]
    assert [p.text for p in other.relations.diff(done) if p.kind == "added"] == ["belongs to"]


def test_who_edits_an_old_state_is_told_and_loses_nothing(empty: Workspace) -> None:
    seen = empty.relations.state(MEMBER).change
    theirs = empty.relations.save(worded(empty, "belongs to"), "bo", seen=seen)
    mine = worded(empty, "is part of")
    with pytest.raises(RelationChanged, match=rf"Found change {theirs.id} \(edit\) by bo at "):
        empty.relations.save(mine, "ann", seen=seen)
    assert empty.relations.state(MEMBER).relation.phrase == "belongs to"
    done = empty.relations.save(mine, "ann", seen=theirs.id)
    assert done.before is not None
    assert done.before.phrase == "belongs to"
    # another relation that both had open before the catalogue was taken in
    assert empty.relations.save(worded(empty, "knows well", PEER), "bo").action == "edit"


def test_the_same_content_again_is_no_second_row(empty: Workspace) -> None:
    with pytest.raises(ValueRejected, match="Found nothing that differs"):
        empty.relations.save(empty.catalogue.get(MEMBER), "ann")
    done = empty.relations.save(worded(empty, "belongs to"), "ann")
    assert empty.relations.save(worded(empty, "belongs to"), "ann") == done
    assert empty.relations.revert(done.id, "ann") == done
    assert len(empty.relations.history(MEMBER)) == 2


def test_a_relation_is_added_with_one_description(empty: Workspace) -> None:
    done = empty.relations.save(COACH, "ann", new=True)
    assert (done.action, done.before, done.after) == ("add", None, COACH)
    assert empty.catalogue.ids[-1] == COACH.id
    with pytest.raises(ValueRejected, match="which is that of 'coach of'"):
        empty.relations.save(replace(COACH, phrase="p"), "bo", new=True)
    with pytest.raises(RelationChanged, match="not there yet"):
        empty.relations.save(replace(COACH, phrase="p"), "bo")
    assert empty.relations.new_id("Coach of", "person", "person") == "/per/per/coach_of"
    assert empty.relations.new_id("Coach", "person", "person") == "/per/per/coach_2"
    assert empty.relations.new_id("Peer") == "peer"


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"name": " "}, CatalogueInvalid, "Mend field 'name' of relation '/per/per/coach' in cata"),
        ({"symmetric": True, "tail": "thing"}, CatalogueInvalid, "head and tail of one type"),
        ({"descriptions": ()}, CatalogueInvalid, "at least one description besides contrast"),
        ({"id": "none"}, CatalogueInvalid, "'None' is kept"),
    ],
)
def test_what_breaks_a_rule_is_not_kept(
    empty: Workspace, change: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        empty.relations.save(replace(COACH, **change), "ann")  # type: ignore[arg-type]
    assert empty.relations.history() == ()


def test_nobody_changes_nothing(empty: Workspace) -> None:
    with pytest.raises(ValueRejected, match="annotator's name"):
        empty.relations.save(COACH, " ")
    with pytest.raises(RelationUnknown, match="Did you mean /per/org/member_of"):
        empty.relations.retire("/per/org/member", "ann")
    with pytest.raises(RelationUnknown):
        empty.relations.history("/no")
    with pytest.raises(ValueRejected, match="number of a change in catalogue 'mnre'"):
        empty.relations.revert(7, "ann")
    assert empty.relations.history() == ()


def test_a_retired_relation_is_not_ranked_and_its_labels_stay(empty: Workspace) -> None:
    item = label(empty)
    done = empty.relations.retire(MEMBER, "ann", "too broad")
    assert (done.action, done.after) == ("retire", None)
    assert done.before is not None
    assert MEMBER not in empty.catalogue
    assert len(empty.catalogue) == 21
    assert empty.item(item).label == Label(MEMBER, "forward")
    state = empty.relations.state(MEMBER)
    assert (state.retired, state.labels, state.relation.name) == (True, 1, "member of")
    assert empty.relation(MEMBER).name == "member of (retired)"
    assert list(empty.known_relations())[-1] == MEMBER
    assert info(empty, "mnre").relations == 21
    assert info(empty, "mnre").retired == 1
    shown, total = empty.relations.states("member")
    assert MEMBER not in [s.relation.id for s in shown]
    both, more = empty.relations.states("member", retired=True)
    assert [s.relation.id for s in both][-1] == MEMBER
    assert more == total + 1
    with pytest.raises(RelationUnknown, match=r"which was retired\. Restore it on the page"):
        empty.correct(item, Label(MEMBER, "forward"), "ann")
    with pytest.raises(ValueRejected, match=r"Found a retired one\. Leave it"):
        empty.relations.retire(MEMBER, "ann")
    with pytest.raises(ValueRejected, match="Restore it first"):
        empty.relations.save(worded(empty, "x"), "ann", seen=done.id)
    assert empty.relations.restore(MEMBER, "bo").after == done.before
    assert empty.catalogue == load_catalogue("mnre")
    assert empty.catalogue.digest == load_catalogue("mnre").digest
    with pytest.raises(ValueRejected, match="one that is ranked"):
        empty.relations.restore(MEMBER, "ann")


def test_an_earlier_state_is_brought_back(empty: Workspace) -> None:
    first = empty.relations.save(worded(empty, "belongs to"), "ann")
    empty.relations.save(worded(empty, "is part of"), "ann", seen=first.id)
    gone = empty.relations.retire(MEMBER, "ann")
    done = empty.relations.revert(first.id, "bo", "was better")
    assert (done.action, done.of, done.author, done.before) == ("revert", first.id, "bo", None)
    assert empty.catalogue.get(MEMBER).phrase == "belongs to"
    beginning = empty.relations.history(MEMBER)[-1]
    empty.relations.revert(beginning.id, "bo")
    assert empty.catalogue == load_catalogue("mnre")
    assert empty.relations.revert(gone.id, "bo").after is None
    assert MEMBER not in empty.catalogue
    assert empty.relations.change(first.id) == first


def test_the_last_relation_stays(empty: Workspace) -> None:
    empty.relations.create("own", "My own")
    own = empty.relations.within("own")
    added = own.save(COACH, "ann")
    with pytest.raises(CatalogueInvalid, match="no other that is ranked"):
        own.retire(COACH.id, "ann")
    own.save(replace(COACH, id="/b"), "ann")
    gone = own.retire(COACH.id, "ann")
    own.revert(added.id, "ann")
    own.retire("/b", "ann")
    with pytest.raises(CatalogueInvalid, match="no other that is ranked"):
        own.revert(gone.id, "ann")


def test_a_catalogue_of_ones_own(empty: Workspace) -> None:
    made = empty.relations.create("own", "My own")
    assert made == CatalogueInfo("own", "My own", 0, 0, in_use=False, packaged=False)
    with pytest.raises(ValueRejected, match="'own' with none"):
        empty.relations.use("own")
    for taken in ("own", "mnre"):
        with pytest.raises(ValueRejected, match="Choose another id"):
            empty.relations.create(taken, "t")
    with pytest.raises(CatalogueInvalid, match="field 'title'"):
        empty.relations.create("b", " ")
    own = empty.relations.within("own")
    with pytest.raises(RelationUnknown, match="It has none yet: add one"):
        own.state("/x")
    own.save(COACH, "ann")
    assert MEMBER in empty.catalogue
    empty.relations.use("own")
    assert empty.catalogue.ids == (COACH.id,)
    assert info(empty, "own").in_use
    empty.relations.use("mnre")
    assert MEMBER in empty.catalogue
    with pytest.raises(ValueRejected, match="one of mnre, more, own"):
        empty.relations.use("owm")
    with pytest.raises(ValueRejected, match="one of mnre, more, own"):
        empty.relations.within("owm")


def test_states_are_searched_and_paged(empty: Workspace) -> None:
    page, total = empty.relations.states(limit=5, offset=20)
    assert total == 22
    assert [s.relation.id for s in page] == list(empty.catalogue.ids[20:])
    found, count = empty.relations.states("PERSON mother FATHER")
    assert count == len(found) == 1
    assert found[0].relation.name == "parent of"
    assert empty.relations.states("mother xyzzy") == ((), 0)
    label(empty)
    assert empty.relations.state(MEMBER).labels == 1


@pytest.mark.parametrize("format", ["toml", "csv"])
def test_files_go_out_and_come_in(empty: Workspace, format: str) -> None:
    empty.relations.save(COACH, "ann")
    empty.relations.retire(MEMBER, "ann")
    data = empty.relations.export(format=format)  # type: ignore[arg-type]
    text = data.decode()
    read = parse_catalogue(text, "x", False) if format == "toml" else parse_csv(text, "x", "m", "m")
    assert read.relations == empty.catalogue.relations
    fresh = Workspace.create(empty.path.parent / "fresh", starter=False)
    done = fresh.relations.import_file(data, f"folder/mnre.{format.upper()}", "bo")
    assert (done.added, done.edited, done.same) == (1, 0, 21)
    assert COACH.id in fresh.catalogue
    assert MEMBER in fresh.catalogue, "what a file lacks stays"
    assert fresh.relations.history(COACH.id)[0].reason == f"mnre.{format.upper()}"
    again = fresh.relations.import_file(data, f"mnre.{format}", "bo")
    assert (again.added, again.edited, again.same) == (0, 0, 22)
    back = empty.relations.import_file(
        dump_catalogue(load_catalogue("mnre")).encode(), "m.toml", "bo"
    )
    assert (back.added, back.edited, back.same) == (1, 0, 21)
    assert MEMBER in empty.catalogue, "ranked again"


def test_an_imported_catalogue_is_not_put_to_use(empty: Workspace) -> None:
    done = empty.relations.import_file(empty.relations.export("more", "csv"), "news.csv", "ann")
    assert done.info == CatalogueInfo("news", "news", 20, 0, in_use=False, packaged=False)
    assert empty.catalogue.id == "mnre"
    empty.relations.use("news")
    assert empty.catalogue.relations == load_catalogue("more").relations


def test_a_file_that_cannot_be_taken_in_changes_nothing(empty: Workspace) -> None:
    with pytest.raises(ValueRejected, match=r"ends in \.toml or \.csv"):
        empty.relations.import_file(b"", "mnre.json", "ann")
    with pytest.raises(CatalogueInvalid, match=r"Save m\.toml as UTF-8"):
        empty.relations.import_file(b"\xff", "m.toml", "ann")
    broken = empty.relations.export(format="csv").replace(b",person,", b",dog,")
    with pytest.raises(RecordRejected, match=r"Mend field 'head' in mnre\.csv, line 2\."):
        empty.relations.import_file(broken, "mnre.csv", "ann")
    with pytest.raises(ValueRejected, match="a format, one of toml, csv"):
        empty.relations.export(format="json")  # type: ignore[arg-type]
    assert empty.relations.history() == ()


def test_a_file_in_use_is_kept_from_its_first_change_on(empty: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    mnre = load_catalogue("mnre")
    file.write_text(dump_catalogue(mnre).replace('id = "mnre"', 'id = "mine"'), "utf-8")
    empty._store.set_setting("catalogue", str(file))
    assert empty.catalogue.id == "mine"
    assert [(i.id, i.in_use) for i in empty.relations.catalogues()][-1] == (str(file), True)
    empty.relations.save(worded(empty, "belongs to"), "ann")
    file.unlink()
    assert empty.catalogue.get(MEMBER).phrase == "belongs to"
    assert [(i.id, i.in_use) for i in empty.relations.catalogues()][-1] == ("mine", True)


def test_a_restored_backup_is_seen(empty: Workspace) -> None:
    empty.relations.save(worded(empty, "belongs to"), "ann")
    empty.backup()
    empty.relations.save(worded(empty, "is part of"), "ann", seen=23)
    assert empty.catalogue.get(MEMBER).phrase == "is part of"
    empty.backups.restore("latest")
    assert empty.catalogue.get(MEMBER).phrase == "belongs to"
    Workspace.open(empty.path).relations.save(worded(empty, "is in"), "bo", seen=23)
    assert empty.catalogue.get(MEMBER).phrase == "is in"


steps = st.lists(
    st.tuples(
        st.sampled_from(["save", "retire", "restore", "revert"]),
        st.sampled_from([MEMBER, PEER, COACH.id]),
        st.integers(0, 30),
    ),
    max_size=12,
)


@settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps)
def test_what_one_process_holds_is_what_another_reads(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, int]]
) -> None:
    ws = Workspace.create(tmp_path_factory.mktemp("steps") / "ws", starter=False)
    rows = 0
    for what, id, number in steps:
        try:
            if what == "save":
                old = ws.known_relations().get(id, COACH)
                seen = ws.relations.state(id).change if id in ws.known_relations() else 0
                ws.relations.save(replace(old, phrase=f"p {number}"), "ann", seen=seen)
            elif what == "revert":
                ws.relations.revert(number, "ann")
            else:
                getattr(ws.relations, what)(id, "ann")
        except (ValueRejected, RelationUnknown):
            continue
        assert len(ws.relations.history()) >= rows
        rows = len(ws.relations.history())
    fresh = Workspace.open(ws.path)
    assert fresh.catalogue == ws.catalogue
    assert dict(fresh.known_relations()) == dict(ws.known_relations())
    assert fresh.relations.states(retired=True) == ws.relations.states(retired=True)
