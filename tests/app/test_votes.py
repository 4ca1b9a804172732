"""Votes of corrections on the Analyze page."""

from __future__ import annotations

import uuid

import pytest

from tests.app.steps import mark, texts, write

pytestmark = pytest.mark.encoders


def answered(open_app, sentence):  # type: ignore[no-untyped-def]
    at = write(open_app(annotator=f"tester-{uuid.uuid4().hex}"), sentence)
    return mark(at, [0, 10], [17, len(sentence)])


def first_card(at) -> str:  # type: ignore[no-untyped-def]
    return next(str(e.proto.body) for e in at.get("html") if "roc-card" in str(e.proto.body))


def test_a_correction_votes_on_the_next_pair_and_can_be_silenced(open_app, ws) -> None:  # type: ignore[no-untyped-def]
    name = uuid.uuid4().hex[:4]
    at = answered(open_app, f"Katy Perry joins the band {name}")
    assert "voted" not in texts(at)
    at.button(key="save:3").click().run()
    item = at.session_state["draft"].item
    assert item
    order = [r.relation for r in ws.predict(ws.item(item).example, (item,)).ranked]
    again = answered(open_app, f"Katy Perry joins the band {name}")
    assert again.button(key=f"vote:{item}").label
    assert "adds 0." in texts(again).replace("\\", "")
    label = ws.item(item).label
    assert label is not None
    assert label.relation == order[2]
    assert "from corrections of near pairs" in first_card(again)
    again.toggle(key="memory_on").set_value(False).run()
    assert ws.memory.settings.on is False
    assert not [b for b in again.button if str(b.key).startswith("vote:")]
    again.toggle(key="memory_on").set_value(True).run()
    assert ws.memory.settings.on is True
    again.button(key=f"vote:{item}").click().run()
    assert again.session_state["draft"].item == item
    assert not again.exception


def test_saving_does_not_move_the_answer_under_the_fingers(open_app) -> None:  # type: ignore[no-untyped-def]
    at = answered(open_app, f"Katy Perry joins the band {uuid.uuid4().hex[:4]}")
    labels = [at.button(key=f"save:{n}").label for n in range(1, 10)]
    at.button(key="save:4").click().run()
    assert [at.button(key=f"save:{n}").label for n in range(1, 10)] == labels
