"""Items, pictures, corrections and drafts through the one front door."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from roc_core.errors import (
    ItemMissing,
    PictureMissing,
    RelationUnknown,
    ValueRejected,
    WorkspaceMissing,
)
from roc_core.schema import (
    Box,
    Description,
    DescriptionScore,
    Draft,
    Example,
    ItemFilter,
    Label,
    Mention,
    Prediction,
    RankedRelation,
    Span,
)
from roc_core.workspace import Workspace

MEMBER = "/per/org/member_of"
SAID = Example("Mira joins Ümlaut", (Mention(Span(0, 4)), Mention(Span(11, 17))))


def test_making_a_workspace_twice_changes_nothing(starter: Workspace) -> None:
    before = starter.counts()
    again = Workspace.create(starter.path)
    assert again.counts() == before
    assert sum(c.items for c in before) == 551, "the starter set, once"
    assert {c.source for c in before} == {"starter"}


def test_without_the_starter_set_a_workspace_is_empty(empty: Workspace) -> None:
    assert empty.counts() == ()
    assert Workspace.open(empty.path).items().total == 0


def test_a_missing_workspace_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceMissing) as raised:
        Workspace.open(tmp_path / "none")
    assert str(tmp_path / "none") in str(raised.value)
    assert str(raised.value).endswith(f"Run: python -m roc_core init {tmp_path / 'none'}")


def test_an_unknown_model_version_is_refused_and_the_old_one_stays(empty: Workspace) -> None:
    before = empty.model_version
    with pytest.raises(ValueRejected) as raised:
        empty.use_model("nonesuch")
    assert str(raised.value).startswith("Expected a model version, one of base, mini")
    assert "Found nonesuch." in str(raised.value)
    assert empty.model_version == before
    empty.use_model("mini")
    assert Workspace.open(empty.path).model_version == "mini"


def test_the_same_content_is_the_same_item(empty: Workspace) -> None:
    one, again = empty.save_item(SAID), empty.save_item(SAID)
    assert one.id == again.id
    assert empty.items().total == 1
    assert empty.save_item(replace(SAID, sentence="Mira joins Umlaut")).id != one.id
    assert empty.item(one.id).example == SAID


def test_an_items_picture_is_kept_with_it(empty: Workspace, picture: Path) -> None:
    boxed = Example("Mira", (Mention(Span(0, 4)), Mention(Box(1, 2, 30, 40))), picture)
    item = empty.save_item(boxed)
    kept = empty.item(item.id).example.picture
    picture.unlink()
    assert kept is not None
    assert kept.is_file()
    assert kept.is_relative_to(empty.path)
    assert empty.save_item(empty.item(item.id).example).id == item.id
    assert len(empty.pictures()) == 1
    assert (empty.pictures()[0].width, empty.pictures()[0].height) == (60, 40)


def test_a_picture_file_that_is_gone_is_named(empty: Workspace, tmp_path: Path) -> None:
    gone = tmp_path / "gone.png"
    for act in (empty.save_item, empty.predict):
        with pytest.raises(PictureMissing) as raised:
            act(replace(SAID, picture=gone))
        assert str(raised.value) == (
            f"Expected the picture file {gone}. Found no such file. "
            "Check the path, or leave the picture out."
        )
    assert empty.items().total == 0


def made_prediction() -> Prediction:
    by = (DescriptionScore(Description("d", MEMBER, "wording", "joins"), 0.5, 1.0),)
    ranked = RankedRelation(MEMBER, "forward", 0.5, 0.1, by, 0.2)
    return Prediction((ranked,), "mini")


def test_a_correction_is_kept_and_can_be_undone(empty: Workspace) -> None:
    item = empty.save_item(SAID)
    done = empty.correct(item.id, Label("None"), "ann", made_prediction(), "no", token="t1")
    assert done.predicted == Label(MEMBER, "forward")
    assert (done.model_version, done.comment) == ("mini", "no")
    assert empty.item(item.id).label == Label("None")
    empty.undo(done.id, "ann")
    assert empty.item(item.id).label is None
    first, second = empty.history(item.id)
    assert (first.action, first.undone) == ("label", True)
    assert (second.action, second.undoes) == ("undo", done.id)


def test_a_token_makes_sending_twice_one_row(empty: Workspace) -> None:
    item = empty.save_item(SAID)
    one, again = (empty.correct(item.id, Label("None"), "ann", token="same") for _ in range(2))
    assert one == again
    assert len(empty.history(item.id)) == 1
    undone, repeated = (empty.undo(one.id, "ann", token="undo") for _ in range(2))
    assert undone == repeated
    assert len(empty.history(item.id)) == 2


def test_a_correction_of_no_item_or_to_no_relation_is_refused(empty: Workspace) -> None:
    item = empty.save_item(SAID)
    with pytest.raises(RelationUnknown, match="Did you mean /per/org/member_of"):
        empty.correct(item.id, Label("/per/org/member", "forward"), "ann")
    with pytest.raises(ItemMissing):
        empty.correct("nonesuch", Label("None"), "ann")
    assert empty.history(item.id) == ()


def test_drafts_come_back_as_they_were_left(empty: Workspace) -> None:
    draft = Draft("d1", "ann", "Mira 🎸", (Mention(Span(0, 4)), None), picture_text="a stage")
    saved = empty.save_draft(draft)
    opened = Workspace.open(empty.path)
    assert opened.draft("d1") == saved
    assert replace(saved, updated="") == draft
    assert opened.latest_draft("ann") == saved
    assert opened.latest_draft("ben") is None
    assert opened.draft("none") is None


def test_the_starter_set_can_be_filtered_page_by_page(starter: Workspace) -> None:
    pictured = starter.items(ItemFilter(picture="with"), limit=20)
    assert len(pictured.items) == 20 < pictured.total < 551
    assert all(i.example.picture and i.example.picture.is_file() for i in pictured.items)
    second = starter.items(ItemFilter(picture="with"), offset=20, limit=20)
    assert not {i.id for i in pictured.items} & {i.id for i in second.items}
