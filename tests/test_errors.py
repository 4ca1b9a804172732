"""Every named error says what was expected, what was found and what to do, and travels whole."""

from __future__ import annotations

import pickle

import pytest

from roc_core import errors
from roc_core.errors import RecordRejected, RocError

PLAIN = [
    c
    for c in vars(errors).values()
    if isinstance(c, type) and issubclass(c, RocError) and c is not RecordRejected
]


def test_every_error_is_found_here() -> None:
    assert len(PLAIN) >= 15
    assert all(issubclass(c, RocError) for c in (*PLAIN, RecordRejected))


@pytest.mark.parametrize("kind", PLAIN, ids=lambda c: c.__name__)
def test_the_message_is_three_plain_sentences(kind: type[RocError]) -> None:
    error = kind("a picture", "none", "Add one.")
    # Also of those that are KeyErrors, which print the repr of their argument by themselves.
    assert str(error) == "Expected a picture. Found none. Add one."
    assert (error.expected, error.found, error.todo) == ("a picture", "none", "Add one.")


@pytest.mark.parametrize("kind", PLAIN, ids=lambda c: c.__name__)
def test_an_error_survives_pickling(kind: type[RocError]) -> None:
    error = kind("a picture", "'none'\n", "Add one.")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert str(again) == str(error)
    assert (again.expected, again.found, again.todo) == (error.expected, error.found, error.todo)


def test_a_refused_record_names_file_line_and_field() -> None:
    error = RecordRejected("a.jsonl", 7, "head", "a span", "nothing")
    assert str(error) == "Expected a span. Found nothing. Mend field 'head' in a.jsonl, line 7."
    again = pickle.loads(pickle.dumps(error))
    assert (again.file, again.line, again.field) == ("a.jsonl", 7, "head")
    assert str(again) == str(error)


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        (errors.ValueRejected, ValueError),
        (errors.DataSetMissing, FileNotFoundError),
        (errors.RelationUnknown, KeyError),
        (errors.ItemMissing, KeyError),
    ],
)
def test_callers_may_catch_the_usual_exception(kind: type[RocError], base: type[Exception]) -> None:
    with pytest.raises(base) as caught:
        raise kind("x", "y", "Do z.")
    assert str(caught.value) == "Expected x. Found y. Do z."
