"""TOML files: round trip, cache, and what a broken file is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roc_core.errors import CatalogueInvalid
from roc_core.relations import (
    Catalogue,
    build_relation,
    catalogue_names,
    dump_catalogue,
    load_catalogue,
    parse_catalogue,
)
from tests.relations.made import catalogues

GOOD = """id = "mine"
title = "Mine"
[[relations]]
id = "/per/per/knows"
name = "knows"
phrase = "knows"
head = "person"
tail = "person"
symmetric = false
[relations.descriptions]
definition = ["{head} knows {tail}."]
wording = ["one", "two", "three"]
contrast = ["Not a friend."]
"""
MEND = "of relation '/per/per/knows' in mine.toml."


def problem(text: str) -> str:
    with pytest.raises(CatalogueInvalid) as caught:
        parse_catalogue(text, "mine.toml")
    return str(caught.value)


@settings(deadline=None, max_examples=80)
@given(catalogues())
def test_round_trip(catalogue: Catalogue) -> None:
    text = dump_catalogue(catalogue)
    back = parse_catalogue(text, "x")
    assert back == catalogue
    assert back.digest == catalogue.digest
    assert dump_catalogue(back) == text


@settings(deadline=None, max_examples=200)
@given(st.integers(0, len(GOOD)), st.integers(0, 12), st.text(max_size=12))
def test_a_damaged_file_is_read_or_refused_by_name(at: int, cut: int, put: str) -> None:
    text = GOOD[:at] + put + GOOD[at + cut :]
    try:
        read = parse_catalogue(text, "mine.toml")
    except CatalogueInvalid:
        assert "mine.toml" in problem(text)
    else:
        assert parse_catalogue(dump_catalogue(read), "x") == read


@pytest.mark.parametrize("name", ["mnre", "more"])
def test_shipped_round_trip(name: str) -> None:
    catalogue = load_catalogue(name)
    assert parse_catalogue(dump_catalogue(catalogue), "x") == catalogue


def test_packaged_is_read_once() -> None:
    assert load_catalogue("mnre") is load_catalogue("mnre")
    assert all(load_catalogue(n).id == n for n in catalogue_names())


def test_file_is_read_again_when_it_changed(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(GOOD, encoding="utf-8")
    first = load_catalogue(file)
    assert load_catalogue(str(file)) == first
    assert load_catalogue(file) is first
    file.write_text(GOOD.replace('"one"', '"uno"'), encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert load_catalogue(file).descriptions()[1].text == "uno"


def test_byte_order_mark_is_no_content(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_catalogue(file).id == "mine"


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(CatalogueInvalid) as caught:
        load_catalogue("mnrr")
    assert str(caught.value) == (
        "Expected a catalogue, one of mnre, more, or a TOML file. "
        "Found 'mnrr' (No such file or directory). Check the name or the path."
    )
    with pytest.raises(CatalogueInvalid, match="Is a directory"):
        load_catalogue(tmp_path)
    with pytest.raises(CatalogueInvalid, match="null byte"):
        load_catalogue("a\0b")


def test_not_utf8(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(GOOD.replace("one", "\xe9").encode("latin-1"))
    with pytest.raises(CatalogueInvalid, match=r"Found byte 0xe9 at offset \d+\. Save mine\.toml"):
        load_catalogue(file)


def test_not_toml() -> None:
    assert problem("id = ").startswith("Expected a TOML file. Found Invalid value (at")
    assert problem("id = ").endswith("Mend mine.toml.")
    assert "Mend mine.toml." in problem("id = " + "9" * 5000)
    assert "Mend mine.toml." in problem("id = " + "[" * 100_000)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        (
            'title = "Mine"\n',
            "",
            "Expected a text. Found nothing. Mend field 'title' in mine.toml.",
        ),
        (
            'title = "Mine"',
            "title = 3",
            "Expected a text. Found a whole number. Mend field 'title' in mine.toml.",
        ),
        (
            'title = "Mine"',
            'title = "Mine"\nauthor = "x"',
            "Expected only id, title, relations. Found 'author'. Mend field 'author' in mine.toml.",
        ),
        (
            "[[relations]]",
            "[relations]",
            "Expected a list. Found a table. Mend field 'relations' in mine.toml.",
        ),
        ('phrase = "knows"\n', "", f"Expected a text. Found nothing. Mend field 'phrase' {MEND}"),
        (
            'phrase = "knows"',
            'phrase = ""',
            f"Expected a text. Found an empty one. Mend field 'phrase' {MEND}",
        ),
        (
            "symmetric = false",
            "symmetric = 0",
            f"Expected true or false. Found a whole number. Mend field 'symmetric' {MEND}",
        ),
        (
            "symmetric = false",
            'symmetric = "no"',
            f"Expected true or false. Found a text, 'no'. Mend field 'symmetric' {MEND}",
        ),
        (
            'id = "/per/per/knows"\n',
            "",
            "Found nothing. Mend field 'id' of relation 'number 1' in mine.toml.",
        ),
        (
            "wording =",
            "words =",
            f"contrast. Found 'words'. Mend field 'descriptions.words' {MEND}",
        ),
        (
            'contrast = ["Not a friend."]',
            'contrast = "x"',
            (
                "Expected a list of texts. "
                f"Found a text, 'x'. Mend field 'descriptions.contrast' {MEND}"
            ),
        ),
        (
            '"two"',
            "2",
            f"Expected a text. Found a whole number. Mend field 'descriptions.wording-2' {MEND}",
        ),
        (
            '"two", ',
            "",
            f"Expected at least 5 descriptions. Found 4. Mend field 'descriptions' {MEND}",
        ),
        (
            "knows {tail}",
            "knows",
            f"Found a text without {{tail}}. Mend field 'descriptions.definition-1' {MEND}",
        ),
        (
            '"two"',
            '"two\\u0000"',
            f"Found U+0000 at character 4. Mend field 'descriptions.wording-2' {MEND}",
        ),
    ],
)
def test_file_errors(old: str, new: str, text: str) -> None:
    assert old in GOOD
    assert text in problem(GOOD.replace(old, new, 1))


def test_relations_must_be_tables() -> None:
    text = problem('id = "a"\ntitle = "b"\nrelations = [3]')
    assert "Expected tables [[relations]]. Found a whole number." in text


def test_dump_refuses_what_could_not_be_read_again() -> None:
    one = build_relation("r", "r", "r", "person", "person", False, {"wording": ["x"]})
    with pytest.raises(CatalogueInvalid, match=r"Expected at least 5 descriptions\. Found 1\."):
        dump_catalogue(Catalogue("c", "C", (one,)))


def test_a_file_of_ones_own_may_have_few_descriptions(tmp_path: Path) -> None:
    few = GOOD.replace('wording = ["one", "two", "three"]\ncontrast = ["Not a friend."]\n', "")
    assert "at least 5 descriptions" in problem(few)
    read = parse_catalogue(few, "mine.toml", complete=False)
    assert [d.text for d in read.descriptions()] == ["{head} knows {tail}."]
    with pytest.raises(CatalogueInvalid, match="at least 5 descriptions"):
        dump_catalogue(read)
    file = tmp_path / "mine.toml"
    file.write_text(dump_catalogue(read, complete=False), encoding="utf-8")
    assert load_catalogue(file) == read
