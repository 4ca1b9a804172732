"""The further reasons on the Analyze page: each said in words, none computed before it is asked."""

from __future__ import annotations

import html
import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app import desk, state
from app.components import reason_tables
from app.views import reasons
from roc_core.errors import ModelVersionInvalid
from roc_core.schema import (
    Alignment,
    Difference,
    Example,
    Explanation,
    Label,
    Mention,
    RankedRelation,
    SecondOpinion,
    Share,
    Span,
    Switchboard,
    Switched,
    WordLink,
)
from roc_core.workspace.explaining import Reasons
from tests.app.steps import mark, texts, write

SENTENCE = "Katy Perry joins the band"
EXAMPLE = Example(SENTENCE, (Mention(Span(0, 10), "person"), Mention(Span(17, 25))))
EXPLAINERS = ("why_not", "switchboard", "second_opinion", "alignment")


def answered(open_app):
    """A fresh session with both mentions marked: the first card is open."""
    at = write(open_app(annotator=f"tester-{uuid.uuid4().hex}"), SENTENCE)
    return mark(at, [0, 10], [17, 25])


def prediction_of(at, ws):
    example = desk.example_of(ws, at.session_state["draft"])
    start, kept = f"predict:{state.model_version(ws)}:", at.session_state["kept"]
    (key,) = [k for k in kept if k.startswith(start) and k.endswith(repr(example))]
    return example, kept[key]


def opened(at, ws, tab):
    """The first card with one of its tabs chosen."""
    example, prediction = prediction_of(at, ws)
    best = prediction.ranked[0]
    at.session_state[f"reasons:{example!r}:{best.relation}:{best.direction}"] = tab
    at.run()
    assert not at.exception
    return at


def tables(at):
    """The text of all tables, cells apart by "|"."""
    drawn = [str(e.proto.body) for e in at.get("html")]
    return plain("\n".join(d for d in drawn if "roc-table" in d))


def plain(drawn):
    return html.unescape(re.sub(r"(\|\s*)+", "|", re.sub(r"<[^>]*>", "|", drawn)))


# --- on the page ---------------------------------------------------------------------------


def test_nothing_is_computed_before_its_tab_is_opened(open_app, ws, monkeypatch):
    called = []
    for name in EXPLAINERS:
        monkeypatch.setattr(Reasons, name, lambda self, *a, name=name, **k: called.append(name))
    at = answered(open_app)
    assert not at.exception
    assert [t.label for t in at.tabs][:5] == [
        "Parts",
        "Why not …",
        "What if",
        "Second opinion",
        "Words alike",
    ]
    assert called == []
    opened(at, ws, "Words alike")
    assert called == ["alignment"]


def test_why_not_compares_with_the_next_relation_and_with_any_other(open_app, ws):
    at = opened(answered(open_app), ws, "Why not …")
    _, prediction = prediction_of(at, ws)
    select = next(s for s in at.selectbox if s.label == "Compare with")
    second = prediction.ranked[1]
    assert select.value == Label(second.relation, second.direction)
    first, other = (ws.catalogue.get(r.relation).name for r in prediction.ranked[:2])
    best = prediction.ranked[0]
    assert f"**{first}** scores {best.score:.2f}, **{other}** {second.score:.2f}" in texts(at)
    assert "what parts do only together" in tables(at)
    third = prediction.ranked[2]
    select.set_value(Label(third.relation, third.direction)).run()
    assert not at.exception
    assert f"**{ws.catalogue.get(third.relation).name}** {third.score:.2f}" in texts(at)


def test_a_direction_is_compared_with_the_other_one(open_app, ws):
    at = answered(open_app)
    _, prediction = prediction_of(at, ws)
    best = prediction.ranked[0]
    if best.other is None:
        pytest.skip("skipped: the best relation of the sentence holds both ways")
    opened(at, ws, "Why not …")
    select = next(s for s in at.selectbox if s.label == "Compare with")
    turned = "backward" if best.direction == "forward" else "forward"
    select.set_value(Label(best.relation, turned)).run()
    assert (
        f"**this direction** scores {best.score:.2f}, **the other one** {best.other:.2f}"
        in texts(at)
    )


def test_what_if_hides_the_words_that_were_chosen(open_app, ws):
    at = opened(answered(open_app), ws, "What if")
    (choice,) = at.multiselect
    assert choice.options == ["joins"]
    assert choice.value == [Span(11, 16)]
    assert "|without joins|" in tables(at)
    assert "|Katy Perry|hidden|" in tables(at)
    assert "|mentions swapped|" in tables(at)
    choice = at.multiselect[0]
    choice.set_value([]).run()
    assert not at.exception
    assert "|without joins|" not in tables(at)
    assert "Now: rank 1, score " in texts(at)


def test_a_second_opinion_says_how_far_both_agree(open_app, ws):
    at = opened(answered(open_app), ws, "Second opinion")
    assert re.search(r"which parts count.*: rank correlation \*\*-?\d\.\d\d\*\*", texts(at))
    assert "|left out|" in tables(at)
    missed = re.search(r"their sum misses (\d+\.\d) %", texts(at))
    assert missed
    assert float(missed.group(1)) <= 2.0


def test_words_alike_are_said_not_to_be_what_moved_the_score(open_app, ws):
    at = opened(answered(open_app), ws, "Words alike")
    assert "alike in meaning, not what moved the score" in texts(at)
    assert "|in the sentence|in the description|how close|cosine|" in tables(at)


def test_a_reason_that_cannot_be_given_leaves_the_rest(open_app, ws, monkeypatch):
    at = answered(open_app)

    def fail(*args, **kwargs):
        raise ModelVersionInvalid("a model", "none", "Train one.")

    monkeypatch.setattr(Reasons, "alignment", fail)
    opened(at, ws, "Words alike")
    assert "This reason cannot be given just now." in texts(at)
    assert "Expected a model.\nFound none.\nTrain one." in texts(at)
    assert next(t.label for t in at.tabs) == "Parts"
    opened(at, ws, "What if")
    assert not at.error


# --- tables and words ----------------------------------------------------------------------

points = some.floats(-1, 1).map(lambda v: round(v, 3))
shares = some.lists(
    some.builds(
        Share, some.sampled_from(["word", "concept", "cell"]), some.text(max_size=8), points
    ),
    max_size=30,
)


def numbers(drawn):
    found = re.findall(r'roc-number">([+−]\d+\.\d{3})<', drawn)
    return [float(v.replace("−", "-")) for v in found]


@given(shares, points, points)
def test_the_rows_of_a_difference_add_up_to_its_last_row(found, start, remainder):
    total = start + remainder + sum(s.share for s in found if s.kind != "cell")
    label = Label("r", "both")
    difference = Difference(label, label, total, start, tuple(found), remainder)
    *rows, whole = numbers(reason_tables.split(difference, EXAMPLE))
    assert len(rows) <= reason_tables.MOST_ROWS + 3
    assert sum(rows) == pytest.approx(whole, abs=0.0006 * (len(rows) + 1))


def test_mentions_keep_their_colours_and_text_is_escaped():
    assert reason_tables.part(Share("mention", "x", 0.1, Span(17, 25)), EXAMPLE) == (
        '<bdi class="roc-second">the band</bdi>'
    )
    assert reason_tables.part(Share("type", "first is a person", 0.1), EXAMPLE) == (
        '<bdi class="roc-first">Katy Perry</bdi> is a person'
    )
    assert reason_tables.part(Share("word", "<b>", 0.1), EXAMPLE) == "<bdi>&lt;b&gt;</bdi>"


def switched(kind, name, score, direction, rank, passes):
    return Switched(kind, name, score, direction, rank, passes)


def test_a_switch_shows_where_the_relation_lands():
    board = Switchboard(
        "r",
        0.6,
        "forward",
        2,
        (
            switched("mention", "with Katy Perry masked", 0.2, "forward", 5, False),
            switched("mention", "with the band masked", 0.7, "backward", 1, True),
            switched("type", "not knowing that the second is a thing", 0.6, "forward", 2, True),
            switched("box", "first box moved", 0.6, "forward", 3, True),
        ),
    )
    drawn = reason_tables.switches(board, True, EXAMPLE)
    said = plain(drawn)
    assert "|Katy Perry|hidden|now below its line|2 → 5 |▼|0.60 → 0.20|" in said
    assert "|the band|hidden|now told the other way|2 → 1 |▲|0.60 → 0.70|" in said
    assert "|not knowing that |the band|is a thing|2 → 2 |=|0.60 → 0.60|" in said
    assert "|first box moved to the other side of the picture|2 → 3 |▼|" in said
    labels = re.findall(r'aria-label="([^"]*)"', drawn)
    assert labels == ["3 places down", "1 place up", "stays", "1 place down"]


def test_links_show_whose_mention_a_word_belongs_to():
    link = WordLink("Perry", Span(5, 10), "member", 0.456)
    drawn = reason_tables.links(Alignment("a member", (), (), (), (link,)), EXAMPLE)
    assert '<bdi class="roc-first">Perry</bdi>' in drawn
    assert "|member|0.46|" in plain(drawn)


@pytest.mark.parametrize(
    ("agreed", "said"),
    [
        (0.6, "Both methods largely agree on which parts count: rank correlation **0.60**"),
        (0.3, "Both methods agree in part on which parts count: rank correlation **0.30**"),
        (-0.2, "The methods disagree on which parts count, so trust neither alone: rank"),
        (None, "Too few parts vary to say whether both methods agree."),
    ],
)
def test_agreement_is_said_in_one_sentence(agreed, said):
    found = SecondOpinion(Explanation("r", "both", 0.5, (), 0.0), 0.4, 0.01, 8, agreed)
    assert reasons.agreement_words(found).startswith(said)


def test_words_that_stand_twice_can_be_told_apart(monkeypatch):
    shown = {}

    def choose(label, options, default, format_func, **_):
        shown.update({format_func(o): o for o in options})
        return default

    monkeypatch.setattr(reasons.st, "multiselect", choose)
    found = [Share("word", "so", v, Span(i, i + 2)) for i, v in ((0, 0.1), (3, -0.4), (6, 0.2))]
    first = Explanation("r", "both", 0.5, tuple(found), 0.0)
    assert reasons._word_choice("k", first) == (Span(3, 5),)
    assert list(shown) == ["so", "so (2)", "so (3)"]


def ranked(relation, score, line):
    return RankedRelation(relation, "both", score, line, ())


def test_a_rank_against_the_score_is_explained():
    a, b = ranked("a", 0.35, 0.36), ranked("b", 0.36, 0.45)
    assert reasons._against_rank(-0.01, a, b) == (
        " It ranks above all the same: ranks count from each relation’s own line."
    )
    assert "ranks below all the same" in reasons._against_rank(0.01, b, a)
    assert reasons._against_rank(0.1, ranked("a", 0.5, 0.4), ranked("b", 0.4, 0.4)) == ""
    assert reasons._against_rank(-0.1, a, a) == ""


def test_a_difference_is_said_in_words():
    label = Label("r", "both")
    found = (
        Share("word", "joins", 0.2, Span(11, 16)),
        Share("type", "first is a person", -0.3),
        Share("cell", "picture part", 0.9),
    )
    difference = Difference(label, label, 0.1, 0.15, found, 0.05)
    assert reasons._in_words(difference, EXAMPLE, 0.5, "A", "B") == (
        "**A** scores 0.50, **B** 0.40: 0.100 points ahead. Most for A: “joins” (+0.200). "
        "Most for B: Katy Perry is a person (−0.300)."
    )
