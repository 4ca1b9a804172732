"""Catalogues as CSV: round trip, and errors that name line and column."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from roc_core.errors import CatalogueInvalid, RecordRejected
from roc_core.relations import Catalogue, dump_csv, load_catalogue, parse_csv
from tests.relations.made import catalogues

HEAD = "relation,name,phrase,head,tail,symmetric,facet,text\n"
ROW = "/per/per/knows,knows,knows,person,person,no,definition,{head} knows {tail}.\n"


def read(text: str) -> Catalogue:
    return parse_csv(text, "mine.csv", "mine", "Mine")


@pytest.mark.parametrize("name", ["mnre", "more"])
def test_shipped_round_trip(name: str) -> None:
    catalogue = load_catalogue(name)
    text = dump_csv(catalogue)
    assert parse_csv(text, "x.csv", catalogue.id, catalogue.title) == catalogue
    assert len(text.splitlines()) == 1 + len(catalogue.descriptions(scored_only=False))


@settings(deadline=None, max_examples=80)
@given(catalogues())
def test_round_trip(catalogue: Catalogue) -> None:
    text = dump_csv(catalogue)
    back = parse_csv(text, "x.csv", catalogue.id, catalogue.title)
    assert back == catalogue
    assert parse_csv("\ufeff" + text.replace("\n", "\r\n"), "x", "i", "t").relations == (
        catalogue.relations
    )


def test_fields_may_be_left_empty_on_later_rows_and_columns_stand_in_any_order() -> None:
    told = read(HEAD + ROW + "/per/per/knows,,,,,,wording,They met.\n\n")
    (relation,) = told.relations
    assert [d.text for d in relation.descriptions] == ["{head} knows {tail}.", "They met."]
    turned = ",".join(HEAD.strip().split(",")[::-1]) + "\nw,wording,1,person,person,m,m,/m\n"
    assert read(turned).get("/m").symmetric


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", 1, "header", "Found nothing"),
        ("relation,text\n", 1, "header", "Found no column name, phrase"),
        (HEAD.replace("text", "text,more"), 1, "header", "Found 'more'"),
        (HEAD + ROW.replace("definition", "sense"), 2, "facet", "Found 'sense'"),
        (HEAD + ROW.replace("{tail}", "her"), 2, "text", "without {tail}"),
        (HEAD + ROW.replace("person,person", "person,dog"), 2, "tail", "Found 'dog'"),
        (HEAD + ROW.replace(",no,", ",maybe,"), 2, "symmetric", "Found 'maybe'"),
        (HEAD + ROW.replace(",no,", ",yes,") + "/p#q,n,p,person,person,no,wording,w\n", 3,
         "relation", "without '#'"),
        (HEAD + ROW + "/per/per/knows,meets,,,,,wording,w\n", 3, "name", "Found 'meets'"),
        (HEAD + ROW + "/per/per/knows,,,,,,wording,\n", 3, "text", "Found an empty one"),
        (HEAD + ROW + "/per/per/knows,,,,,,wording\n", 3, "line", "Expected 8 cells"),
        (HEAD + ROW + '/per/per/knows,,,,,,wording,"open\n', 3, "line", "whole quotes"),
        (HEAD + ROW + '/per/per/knows,,,,,,wording,"a\nb"\n', 3, "text", "Found U+000A"),
        (HEAD + "/a,n,p,person,person,no,contrast,w\n", 2, "facet", "besides contrast"),
        (HEAD + "/a,n,p,person,person,yes,backward,{head} {tail}\n", 2, "facet", "no backward"),
        (HEAD + ",n,p,person,person,no,wording,w\n", 2, "relation", "Found an empty one"),
    ],
)  # fmt: skip
def test_errors_name_line_and_column(text: str, line: int, column: str, message: str) -> None:
    with pytest.raises(RecordRejected) as caught:
        read(text)
    assert str(caught.value).endswith(f"Mend field '{column}' in mine.csv, line {line}.")
    assert message in str(caught.value)


def test_a_file_without_relations_is_refused() -> None:
    with pytest.raises(CatalogueInvalid, match="at least one relation"):
        read(HEAD)
