"""Corrections that vote at once: in step with the log, the model version and the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from roc_core.errors import StoreUnavailable, ValueRejected
from roc_core.model.version import save_version
from roc_core.schema import (
    NONE,
    Example,
    Item,
    Label,
    Prediction,
    Provenance,
    Record,
)
from roc_core.store import Store
from roc_core.store.vectors import VectorTable
from roc_core.workspace import Workspace, remembering
from roc_core.workspace.answers import answer_dict
from roc_core.workspace.remembering import Remembering
from tests.model.small import marked, shared_retriever, small_version

PLACE = Label("/org/loc/in", "forward")


def ours(number: int = 0) -> Example:
    """Pairs that are nearly the same."""
    return marked("Ana", "band", f"Ana joins the band on tour {number}")


class World:
    """A store, the small model, and the memory between them."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.create(folder / "ws", busy_seconds=1)
        self.memory = Remembering(self.store)
        self.retriever = shared_retriever()
        self.folder = save_version(folder / "small", small_version(), "t", "v")

    def item(self, example: Example) -> Item:
        return self.store.save_item(Record(example, None, Provenance("test")), None)

    def correct(self, number: int, label: Label = PLACE) -> tuple[str, int]:
        item = self.item(ours(number))
        return item.id, self.store.add_correction(item.id, label, "ada").id

    def ask(self, example: Example | None = None, without: tuple[str, ...] = ()) -> Prediction:
        asked = [example or ours(100)]
        return self.memory.answer(self.retriever, self.folder, asked, without)[0]

    def voters(self) -> set[str]:
        return {v.item for v in self.ask().votes}


@pytest.fixture
def world(tmp_path: Path) -> World:
    found = World(tmp_path)
    found.memory.set(floor=0.5, neighbours=1000, weight=1.0)
    return found


def test_without_corrections_the_model_answers_alone(world: World) -> None:
    assert world.ask() == world.retriever.predict([ours(100)])[0]
    assert world.memory.state().voting == 0


def test_the_next_prediction_knows_every_saved_undone_and_changed_label(world: World) -> None:
    one, row = world.correct(1)
    assert world.voters() == {one}
    assert world.ask().label == PLACE
    two, _ = world.correct(2, Label(NONE, "both"))
    assert world.voters() == {one, two}
    world.store.undo(row, "bo")
    found = world.ask()
    assert [(v.item, v.label.relation) for v in found.votes] == [(two, NONE)]
    assert all(r.memory < 0 for r in found.ranked)
    world.store.add_correction(two, PLACE, "cy")
    assert world.ask().votes[0].label == PLACE
    assert world.voters() == {two}


def test_vectors_are_kept_and_not_read_again(world: World, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    one, _ = world.correct(1)
    world.ask()
    read: list[int] = []
    whole = remembering.pair_vectors.read_items
    monkeypatch.setattr(
        remembering.pair_vectors,
        "read_items",
        lambda model, items: read.append(len(items)) or whole(model, items),
    )
    again = Remembering(world.store)
    found = again.answer(world.retriever, world.folder, [ours(100)])[0]
    assert ([v.item for v in found.votes], read) == ([one], [])
    world.correct(2)
    again.answer(world.retriever, world.folder, [ours(100)])
    assert read == [1]


def test_off_is_the_model_alone_and_on_again_catches_up(world: World) -> None:
    world.correct(1)
    before = world.memory.mark()
    world.memory.set(on=False)
    assert world.memory.mark() != before
    assert world.ask() == world.retriever.predict([ours(100)])[0]
    two, _ = world.correct(2)
    world.memory.set(on=True)
    assert two in world.voters()


def test_items_that_are_asked_about_can_be_left_out(world: World) -> None:
    one, _ = world.correct(1)
    assert world.ask(ours(1)).votes[0].similarity == pytest.approx(1.0, abs=1e-3)
    assert world.ask(ours(1), (one,)).votes == ()


def test_too_many_unread_pairs_wait_and_the_answer_says_so(world: World, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(remembering, "AT_ONCE", 2)
    monkeypatch.setattr(remembering, "LOOK_AGAIN", 0.0)
    ids = [world.correct(n)[0] for n in range(3)]
    found = world.ask()
    assert found.votes == ()
    assert found.notes[-1] == (
        "3 corrected pairs do not vote yet: this model version has not read them. Bring the map "
        "up to date, which reads every pair."
    )
    assert world.memory.state().waiting == 3
    items = [world.store.item(i) for i in ids[:1]]
    vectors, _ = remembering.pair_vectors.read_items(world.retriever, items)
    key = remembering.pair_vectors.key_of(world.folder, world.retriever.catalogue)
    world.store.vectors.put(key, vectors)
    found = world.ask()  # one has come, the other two are few enough
    assert {v.item for v in found.votes} == set(ids)
    assert found.notes == ()


def test_an_unreadable_pair_does_not_stop_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = world.correct(1)
    two, _ = world.correct(2)
    whole = remembering.pair_vectors.read_items
    monkeypatch.setattr(
        remembering.pair_vectors,
        "read_items",
        lambda model, items: whole(model, [i for i in items if i.id != two]),
    )
    assert world.voters() == {one}
    state = world.memory.state()
    assert (state.voting, state.waiting, state.unreadable) == (1, 0, 1)


def test_votes_count_when_their_vectors_cannot_be_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = world.correct(1)

    def locked(*_: object) -> None:
        raise StoreUnavailable("to use the database", "a lock", "Wait.")

    monkeypatch.setattr(VectorTable, "put", locked)
    assert world.voters() == {one}


def test_another_version_has_a_memory_of_its_own(world: World, tmp_path: Path) -> None:
    from tests.model.small import small_retriever

    one, _ = world.correct(1)
    assert world.voters() == {one}
    world.retriever = small_retriever()
    world.folder = save_version(tmp_path / "other", small_version(), "t", "v")
    assert world.voters() == {one}
    with world.store._at.read() as db:
        kept = db.conn.execute("SELECT version FROM pair_vectors ORDER BY version").fetchall()
    assert [row[0] for row in kept] == ["other", "small"]


def test_an_erasure_or_restored_log_is_noticed(world: World) -> None:
    one, _ = world.correct(1)
    two, _ = world.correct(2)
    assert world.voters() == {one, two}
    world.store.backup("test")
    with world.store._at.write() as db:
        db.conn.execute("DROP TRIGGER corrections_no_delete")
        db.conn.execute("DELETE FROM corrections WHERE item = ?", (two,))
        db.conn.execute("UPDATE items SET state = 'unlabelled', relation = NULL, direction = NULL "
                        "WHERE id = ?", (two,))  # fmt: skip
    assert world.voters() == {one}


def test_settings_are_kept_and_wrong_ones_refused(world: World) -> None:
    assert Remembering(world.store).settings.floor == 0.5
    with pytest.raises(ValueRejected, match=r"weight 0\.\.1"):
        world.memory.set(weight=3.0)
    assert world.memory.settings.weight == 1.0
    world.store.set_setting("memory", '{"weight": "much"}')
    with pytest.raises(ValueRejected, match="settings of the correction memory"):
        world.memory.settings  # noqa: B018
    world.store.set_setting("memory", "[1")
    with pytest.raises(ValueRejected, match="Delete the setting 'memory'"):
        world.ask()


# --- with the packaged encoder -----------------------------------------------------------------


def joins(when: str) -> Example:
    return marked("Mira Solano", "The Foxes", f"Mira Solano joins The Foxes on stage {when}")


@pytest.mark.encoders
def test_a_saved_correction_changes_the_very_next_answer_of_a_look_alike(
    empty: Workspace,
) -> None:
    said, alike = joins("tonight"), joins("tomorrow")
    before = empty.predict(alike)
    wrong = Label("/per/misc/present_in", "forward")
    assert before.label != wrong
    item = empty.save_item(said)
    row = empty.correct(item.id, wrong, "ada", empty.predict(said))
    after = empty.predict(alike)
    assert [v.item for v in after.votes] == [item.id]
    assert after.votes[0].similarity > 0.97
    entry, earlier = after.find(wrong.relation), before.find(wrong.relation)
    assert entry is not None
    assert earlier is not None
    assert entry.memory == pytest.approx(after.votes[0].weight)
    assert entry.memory > 0
    assert entry.score == pytest.approx(earlier.score, abs=1e-5)
    assert after.ranked.index(entry) <= before.ranked.index(earlier)
    assert next(empty.predict_many([alike])).votes[0].item == item.id
    said_in_json = answer_dict(alike, after, empty.catalogue, 37)
    assert said_in_json["votes"][0]["item"] == item.id
    empty.undo(row.id, "ada")
    assert empty.predict(alike) == before
