"""The trained parts: unit vectors, padding without effect, bounded scores, what is trained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from roc_core.errors import ValueRejected
from roc_core.model.inputs import MAX_DISTANCE, PairInput, collate
from roc_core.model.network import DIRECTIONS, RetrievalNetwork, weigh
from roc_core.model.reader import Hidden, PairReader
from roc_core.retrieval import RelationRetriever
from tests.model.small import (
    SETTINGS,
    marked,
    small_catalogue,
    small_network,
    small_reader,
    small_version,
    two_colours,
)
from tests.tiny import tiny_text_encoder


@pytest.fixture(scope="module")
def network() -> RetrievalNetwork:
    return small_network()


@pytest.fixture(scope="module")
def adjustable() -> RetrievalNetwork:
    """A network whose settings a test may change."""
    return small_network()


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> list[PairInput]:
    picture: Path = two_colours(tmp_path_factory.mktemp("pictures"))
    examples = [
        marked("Ana", "band").with_types("person", "organization"),
        marked("a", "tour", "a tour", picture=picture),
        marked("band", "team", picture=picture, picture_text="the team played a part"),
    ]
    return small_reader().read(examples)


def vectors(network: RetrievalNetwork, *pairs: PairInput) -> torch.Tensor:
    with torch.inference_mode():
        return network.pair(collate(pairs))


def test_pair_and_description_vectors_have_length_one(
    network: RetrievalNetwork, inputs: list[PairInput]
) -> None:
    pairs = vectors(network, *inputs)
    assert pairs.shape == (3, SETTINGS.pair_width)
    assert torch.allclose(pairs.norm(dim=1), torch.ones(3), atol=1e-5)
    described = network.relation(
        torch.randn(3, tiny_text_encoder().width), torch.arange(len(DIRECTIONS))
    )
    assert torch.allclose(described.norm(dim=1), torch.ones(3), atol=1e-5)


def test_a_direction_changes_a_description(network: RetrievalNetwork) -> None:
    same = torch.randn(1, tiny_text_encoder().width).expand(3, -1)
    forward, backward, both = network.relation(same, torch.arange(3))
    assert not torch.allclose(forward, backward, atol=1e-3)
    assert not torch.allclose(forward, both, atol=1e-3)


def test_padding_changes_no_vector(network: RetrievalNetwork, inputs: list[PairInput]) -> None:
    together = vectors(network, *inputs)
    for row, pair in zip(together, inputs, strict=True):
        assert torch.allclose(row, vectors(network, pair)[0], atol=1e-5)


def test_evidence_has_no_order(network: RetrievalNetwork, inputs: list[PairInput]) -> None:
    pair = inputs[2]
    turn = torch.arange(len(pair.evidence)).flip(0)
    turned = replace(
        pair, evidence=pair.evidence[turn], places=pair.places[turn], kinds=pair.kinds[turn]
    )
    assert torch.allclose(vectors(network, turned), vectors(network, pair), atol=1e-5)


@pytest.mark.parametrize(
    "field", ["states", "marks", "mentions", "types", "evidence", "places", "kinds", "boxes"]
)
def test_every_input_matters(
    network: RetrievalNetwork, inputs: list[PairInput], field: str
) -> None:
    pair = inputs[2]
    old = getattr(pair, field)
    new = (old + 1) % 3 if field == "kinds" else old.flip(0) + 0.5
    changed = vectors(network, replace(pair, **{field: new}))
    assert not torch.allclose(changed, vectors(network, pair), atol=1e-4)


def test_far_distances_are_one_distance(network: RetrievalNetwork, inputs: list[PairInput]) -> None:
    near, edge, far = (replace(inputs[0], distance=d) for d in (1, MAX_DISTANCE, 500))
    assert torch.equal(vectors(network, edge), vectors(network, far))
    assert not torch.allclose(vectors(network, near), vectors(network, far), atol=1e-4)


def test_a_hidden_token_is_not_read(network: RetrievalNetwork, inputs: list[PairInput]) -> None:
    pair = inputs[0]
    hidden = pair.hidden.clone()
    hidden[-3] = True
    states = pair.states.clone()
    states[-3] += 5.0
    gone = vectors(network, replace(pair, hidden=hidden))
    assert torch.allclose(
        gone, vectors(network, replace(pair, hidden=hidden, states=states)), atol=1e-5
    )
    assert not torch.allclose(gone, vectors(network, pair), atol=1e-4)


def test_the_backbone_is_frozen_and_the_rest_learns(
    network: RetrievalNetwork, inputs: list[PairInput]
) -> None:
    frozen = {n for n, p in network.named_parameters() if not p.requires_grad}
    assert frozen
    assert all("base_layer" in n or "LayerNorm" in n for n in frozen)
    assert all(n.startswith("pair.layers.") for n in frozen)
    learns = small_network(5)
    pairs = learns.pair(collate(inputs))
    described = learns.relation(torch.randn(2, tiny_text_encoder().width), torch.tensor([0, 1]))
    found = learns.score(pairs, described, torch.tensor([[0], [1]]))
    (found.relations.sum() + found.none.sum()).backward()
    for name, parameter in learns.named_parameters():
        assert (parameter.grad is not None) == (name not in frozen and name != "log_scale"), name
    assert not any(p.requires_grad for p in tiny_text_encoder().model.parameters())


def test_trained_tensors_go_round(network: RetrievalNetwork, inputs: list[PairInput]) -> None:
    other = small_network(1)
    assert not torch.allclose(vectors(other, *inputs), vectors(network, *inputs), atol=1e-3)
    state = network.trained_state()
    assert not any("base_layer" in name for name in state)
    other.load_trained({k: v.clone() for k, v in state.items()})
    assert torch.equal(vectors(other, *inputs), vectors(network, *inputs))


def test_a_missing_or_strange_tensor_is_named(network: RetrievalNetwork) -> None:
    state = network.trained_state()
    with pytest.raises(KeyError, match=r"^'pair\.role'$"):
        network.load_trained({k: v for k, v in state.items() if k != "pair.role"})
    with pytest.raises(KeyError, match=r"^'spare'$"):
        network.load_trained({**state, "spare": torch.zeros(1)})


def test_merged_adapters_read_the_same(inputs: list[PairInput]) -> None:
    network = small_network(2)
    before = vectors(network, *inputs)
    network.merge()
    assert torch.allclose(vectors(network, *inputs), before, atol=1e-5)
    network.merge()
    assert torch.allclose(vectors(network, *inputs), before, atol=1e-5)


def test_the_scale_is_bounded() -> None:
    network = small_network(3)
    with torch.no_grad():
        network.log_scale.fill_(2.0)
        assert float(network.scale) == pytest.approx(7.389, abs=1e-3)
        network.log_scale.fill_(9.0)
        assert float(network.scale) == 50.0


@given(
    seed=st.integers(0, 999),
    sharpness=st.sampled_from([0.0, 1.0, 10.0, 200.0]),
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=4),
)
def test_a_score_lies_among_its_cosines_and_padding_has_no_weight(
    adjustable: RetrievalNetwork, seed: int, sharpness: float, sizes: list[int]
) -> None:
    make = torch.Generator().manual_seed(seed)
    unit = torch.nn.functional.normalize
    width, total = SETTINGS.pair_width, sum(sizes)
    pairs = unit(torch.randn(3, width, generator=make), dim=1)
    described = unit(torch.randn(total, width, generator=make), dim=1)
    groups = torch.full((len(sizes), max(sizes)), -1)
    rows = iter(range(total))
    for number, size in enumerate(sizes):
        groups[number, :size] = torch.tensor([next(rows) for _ in range(size)])
    adjustable.settings = replace(SETTINGS, description_sharpness=sharpness)
    with torch.inference_mode():
        found = adjustable.score(pairs, described, groups)
    assert torch.allclose(found.descriptions, pairs @ described.T)
    for number, size in enumerate(sizes):
        own = found.descriptions[:, groups[number, :size]]
        mean, weights = weigh(own, sharpness)
        assert torch.allclose(found.relations[:, number], mean, atol=1e-5)
        assert torch.allclose(weights.sum(1), torch.ones(3), atol=1e-5)
        assert (found.relations[:, number] <= own.amax(1) + 1e-5).all()
        assert (found.relations[:, number] >= own.amin(1) - 1e-5).all()
    assert (found.none.abs() <= 1 + 1e-5).all()


def test_weights_follow_the_cosines() -> None:
    mean, weights = weigh(torch.tensor([0.2, 0.5]), 10.0)
    # softmax of 2 and 5
    assert weights.tolist() == pytest.approx([0.04742587, 0.95257413])
    assert float(mean) == pytest.approx(0.2 * 0.04742587 + 0.5 * 0.95257413)
    assert weigh(torch.tensor([0.2, 0.5]), 0.0)[1].tolist() == [0.5, 0.5]


# --- inserted markers, and a classification head to compare with --------------------------------

INSERTED = replace(SETTINGS, markers="inserted")


def test_inserted_markers_take_the_place_of_levitated_ones(inputs: list[PairInput]) -> None:
    reader = PairReader(tiny_text_encoder(), None, INSERTED)
    (one, other) = reader.read([marked("Ana", "band"), marked("Ana", "city")])
    (bare,) = (i for i in inputs[:1])
    assert len(one.states) == len(bare.states) + 4
    assert one.marks.sum(1).tolist() == (bare.marks.sum(1) + 2).tolist()
    network = small_network(settings=INSERTED)
    found = vectors(network, one, other)
    assert not torch.allclose(found[0], found[1], atol=1e-3)
    # The levitated tokens are there but neither seen nor read.
    blind = replace(one, mentions=torch.randn_like(one.mentions), distance=9)
    assert torch.allclose(vectors(network, blind), found[:1], atol=1e-5)
    typed = replace(one, types=torch.eye(4)[:2])
    assert not torch.allclose(vectors(network, typed), found[:1], atol=1e-3)


def test_a_classification_head_ranks_by_its_own_logits(inputs: list[PairInput]) -> None:
    network = small_network(settings=replace(SETTINGS, classes=5))
    pairs = vectors(network, *inputs)
    groups = torch.arange(5)[:, None]
    with torch.inference_mode():
        one = network.score(pairs, torch.randn(5, SETTINGS.pair_width), groups)
        two = network.score(pairs, torch.randn(5, SETTINGS.pair_width), groups)
    assert one.relations.shape == (3, 5)
    assert one.none.shape == (3,)
    assert torch.equal(one.relations, two.relations), "descriptions decide nothing"


def test_a_classification_head_takes_no_other_catalogue() -> None:
    settings = replace(SETTINGS, classes=4)
    version = replace(small_version(), settings=settings, network=small_network(settings=settings))
    with pytest.raises(ValueRejected, match="the 4 relation-directions this classification head"):
        RelationRetriever(small_reader(), version, small_catalogue())


def test_hidden_positions_say_nothing(tmp_path: Path) -> None:
    """As if what reads them had no weight."""
    picture = two_colours(tmp_path)
    example = marked("Ana", "band", picture=picture, picture_text="a team")
    hidden, told = small_reader().read([example] * 2, [Hidden(positions=True), Hidden()])
    network = small_network()
    for part in (network.pair.place, network.pair.box):
        torch.nn.init.normal_(part.weight)
    assert not torch.allclose(*vectors(network, hidden, told))
    for part in (network.pair.place, network.pair.token_distance):
        torch.nn.init.zeros_(part.weight)
    assert torch.allclose(*vectors(network, hidden, told), atol=1e-6)
