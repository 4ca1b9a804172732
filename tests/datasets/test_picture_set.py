"""The picture-dependent set: balanced to the last item, nothing of the test seen in training."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from roc_core import datasets
from roc_core.datasets.picture_set import COUNTS, FILES, PHOTOGRAPHS, compose
from roc_core.datasets.picture_set.compose import KINDS, RELATIONS
from roc_core.datasets.picture_set.patterns import CLOTHS, PARAMETERS, VIEWS, cloth, draw, view
from roc_core.datasets.picture_set.photographs import Photograph, located
from roc_core.datasets.picture_set.sentences import NAMES, THINGS
from roc_core.errors import PictureMissing, ValueRejected
from roc_core.relations import load_catalogue
from roc_core.schema import Box, Record, Refusal, Span

SMALL = {s: dict.fromkeys(COUNTS[s], 4) for s in COUNTS}
PARTS = [(family, form) for family in KINDS for form in ("text", "box")]


def extra(record: Record, name: str) -> Any:
    return json.loads(dict(record.provenance.extra)[name])


def read(folder: Path, split: str) -> list[Record]:
    return [r for r in datasets.read("jsonl", folder / FILES[split]) if isinstance(r, Record)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small set: four sentences of each family and form, training and test."""
    made = tmp_path_factory.mktemp("picture-set") / "set"
    written = compose(made, seed=3, counts=SMALL)
    assert written == {"train": 64, "test": 64}
    return made


@pytest.fixture(scope="module")
def records(folder: Path) -> dict[str, list[Record]]:
    return {split: read(folder, split) for split in FILES}


def test_the_whole_set_has_400_test_items_and_about_2000_to_train_on() -> None:
    assert sum(COUNTS["test"].values()) * 4 == 400
    assert 1600 <= sum(COUNTS["train"].values()) * 4 <= 2400
    # One turn of the four corners is whole, so that no corner tells a kind.
    assert all(n % 4 == 0 for c in COUNTS.values() for (_, form), n in c.items() if form == "box")


def test_everything_written_is_read_back_without_a_refusal(folder: Path) -> None:
    for file in FILES.values():
        found = list(datasets.read("jsonl", folder / file))
        assert not [r for r in found if isinstance(r, Refusal)]
        assert len(found) == datasets.size("jsonl", folder / file) == 64
        for record in found:
            assert isinstance(record, Record)
            assert record.example.picture is not None
            assert record.example.picture.is_file()


def test_every_sentence_has_each_of_its_four_answers_once(
    records: dict[str, list[Record]],
) -> None:
    for found in records.values():
        by_sentence: dict[str, list[Record]] = defaultdict(list)
        for record in found:
            by_sentence[record.example.sentence].append(record)
        assert len(by_sentence) == 16
        for group in by_sentence.values():
            family = extra(group[0], "family")
            wanted = sorted(RELATIONS[family] + kind for kind in KINDS[family])
            assert sorted(r.label.relation for r in group if r.label) == wanted
            spans = {
                tuple(m.place for m in r.example.mentions if isinstance(m.place, Span))
                for r in group
            }
            assert len(spans) == 1, "the same words are marked whatever the answer"
            assert len({r.label.direction for r in group if r.label}) == 1
            assert {m.type for r in group for m in r.example.mentions} == {None}


def test_words_alone_are_at_chance_even_learnt_on_the_test_items(
    records: dict[str, list[Record]],
) -> None:
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    found = records["test"]
    words = CountVectorizer(ngram_range=(1, 3)).fit_transform([r.example.sentence for r in found])
    gold = [r.label.relation for r in found if r.label]
    model = LogisticRegression(C=100.0, max_iter=2000).fit(words, gold)
    assert model.score(words, gold) == 0.25
    family = [g.rpartition("_")[0] for g in gold]
    assert LogisticRegression(max_iter=2000).fit(words, family).score(words, family) == 1.0


def test_training_and_test_share_nothing_that_decides(records: dict[str, list[Record]]) -> None:
    used: dict[str, dict[str, set[Any]]] = {}
    for split, found in records.items():
        drawn = [d for r in found for d in extra(r, "drawn")]
        used[split] = {
            "photographs": {name for r in found for name in extra(r, "photographs")},
            "hues": {h for d in drawn for h in d["hues"]},
            **{k: {d[k] for d in drawn} for k in ("period", "angle", "rays")},
        }
    for what, values in used["train"].items():
        assert values, what
        assert not values & used["test"][what], what


def test_the_lists_that_the_splits_draw_from_are_disjoint() -> None:
    for field in ("hues", "periods", "angles", "rays"):
        train, test = (set(getattr(PARAMETERS[s], field)) for s in ("train", "test"))
        assert not train & test, field
    assert not set(NAMES["train"]) & set(NAMES["test"])
    for things in THINGS.values():
        assert not set(things["train"]) & set(things["test"])


def test_no_photograph_of_the_test_is_a_file_of_training() -> None:
    files = {
        split: {hashlib.sha256(located(p).read_bytes()).hexdigest() for p in PHOTOGRAPHS[split]}
        for split in PHOTOGRAPHS
    }
    assert len(files["train"]) == len(PHOTOGRAPHS["train"]) == 10
    assert len(files["test"]) == len(PHOTOGRAPHS["test"]) == 6
    assert not files["train"] & files["test"]


def test_boxes_lie_inside_pictures_and_every_kind_in_every_corner(
    records: dict[str, list[Record]],
) -> None:
    for found in records.values():
        corners: Counter[tuple[str, str, float, float]] = Counter()
        boxed = [r for r in found if extra(r, "form") == "box"]
        assert len(boxed) == 32
        for record in boxed:
            first, second = (m.place for m in record.example.mentions)
            assert isinstance(first, Span)
            assert isinstance(second, Box)
            assert record.example.picture is not None
            with Image.open(record.example.picture) as picture:
                assert second.right <= picture.width
                assert second.bottom <= picture.height
            corners[extra(record, "family"), extra(record, "kind"), second.left, second.top] += 1
        assert len(corners) == 2 * 4 * 4
        assert set(corners.values()) == {1}


def test_four_answers_of_a_box_sentence_share_one_picture(
    records: dict[str, list[Record]],
) -> None:
    for record in records["test"]:
        same = {
            r.example.picture
            for r in records["test"]
            if r.example.sentence == record.example.sentence
        }
        assert len(same) == (1 if extra(record, "form") == "box" else 4)


def test_a_seed_gives_the_same_bytes_and_another_one_others(folder: Path, tmp_path: Path) -> None:
    few = {"test": SMALL["test"]}
    for name, seed in (("again", 3), ("other", 4)):
        compose(tmp_path / name, seed=seed, counts=few)
    files = sorted(f.relative_to(tmp_path / "again") for f in (tmp_path / "again").rglob("*.*"))
    compared = [f for f in files if f.name != "README.md"]
    assert len(compared) == 2 * 16 + 2 * 4 + 2
    for file in compared:
        assert (tmp_path / "again" / file).read_bytes() == (folder / file).read_bytes(), file
    assert (tmp_path / "other/test.jsonl").read_bytes() != (folder / "test.jsonl").read_bytes()


def test_its_catalogue_holds_the_eight_relations(folder: Path) -> None:
    catalogue = load_catalogue(folder / "catalogue.toml")
    assert sorted(catalogue.ids) == sorted(RELATIONS[f] + k for f in KINDS for k in KINDS[f])
    assert all(r.head == "person" and not r.symmetric for r in catalogue)
    assert {r.tail for r in catalogue} == {"thing", "location"}


def test_the_note_names_every_photograph_with_its_digest(folder: Path) -> None:
    note = (folder / "README.md").read_text("utf-8")
    assert "seed 3; items: train 64, test 64" in note
    for used in PHOTOGRAPHS.values():
        for photograph in used:
            digest = hashlib.sha256(located(photograph).read_bytes()).hexdigest()
            line = f"| {photograph.name} | {photograph.package} | {photograph.path} | {digest} |"
            assert line in note


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    with pytest.raises(ValueRejected) as caught:
        compose(tmp_path)
    assert str(caught.value) == (
        "Expected a new or empty folder for the picture-dependent set. "
        f"Found {tmp_path}, which holds something. Choose another folder."
    )
    assert [f.name for f in tmp_path.iterdir()] == ["mine.txt"]


def test_a_missing_package_is_named() -> None:
    with pytest.raises(PictureMissing) as caught:
        located(Photograph("coffee", "no_such_package_here", "data/coffee.png"))
    assert "the package is not installed" in str(caught.value)
    assert "pip install no_such_package_here" in str(caught.value)
    with pytest.raises(PictureMissing, match="pip package scikit-image"):
        located(Photograph("none", "skimage", "data/none.png"))


@given(seed=st.integers(), split=st.sampled_from(("train", "test")), side=st.integers(40, 120))
def test_every_draw_shows_two_colours_in_fair_shares(seed: int, split: str, side: int) -> None:
    import random

    drawn = draw(split, random.Random(seed))
    assert set(drawn.hues) <= set(PARAMETERS[split].hues)
    for kind in CLOTHS:
        found = cloth(kind, side, drawn)
        assert found.shape == (side, side, 3)
        dark = (found == np.array(drawn.dark)).all(-1).mean()
        assert 0.02 < dark < 0.98, kind
    photograph = np.full((side, side, 3), 128.0)
    for kind in VIEWS:
        seen = view(kind, photograph, drawn)
        assert seen.shape == (side, side, 3)
        assert (seen == photograph).all(-1).mean() > 0.1, kind
