"""Descriptions that a language model drafts: where it is reached, what it wrote, what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from roc_core.errors import ValueRejected
from roc_core.schema.relations import Facet

MOST_DRAFTS = 10
"""Most drafts a facet that may be asked for at once."""

MOST_EXAMPLES = 20
"""Most labelled sentences of a relation that may be sent along."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a language model is reached: anything that speaks OpenAI's chat protocol.

    ``base_url`` ends before "/chat/completions" (usually in "/v1"). Prices are per million tokens,
    in any currency, None when unknown. ``examples`` is how many labelled sentences of a relation
    are sent along, 0 for none; ``timeout`` is in seconds, for one whole answer. A key is no part of
    it: keys are never kept. Raises ValueRejected for what cannot be.
    """

    base_url: str
    model: str
    price_in: float | None = None
    price_out: float | None = None
    examples: int = 5
    timeout: float = 120.0

    def __post_init__(self) -> None:
        _check_url(self.base_url)
        if not self.model.strip() or len(self.model) > 200 or not self.model.isprintable():
            raise ValueRejected(
                "a model's name of 1 to 200 characters", repr(self.model[:40]), "Name the model."
            )
        for name in ("price_in", "price_out"):
            price = getattr(self, name)
            if price is not None and not 0 <= price <= 1e6:
                raise ValueRejected(
                    "a price per million tokens from 0", repr(price), f"Correct '{name}'."
                )
        if not 0 <= self.examples <= MOST_EXAMPLES:
            raise ValueRejected(
                f"0 to {MOST_EXAMPLES} labelled sentences to send",
                repr(self.examples),
                "Correct the number.",
            )
        if not 1 <= self.timeout <= 3600:
            raise ValueRejected(
                "1 to 3600 seconds for an answer", repr(self.timeout), "Correct the number."
            )

    @property
    def host(self) -> str:
        """Name or address of the machine, lower case."""
        return urlsplit(self.base_url).hostname or ""

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """What so many tokens cost; None where a price or both numbers of tokens are unknown."""
        if self.price_in is None or self.price_out is None:
            return None
        if not prompt_tokens and not completion_tokens:
            return None
        return (prompt_tokens * self.price_in + completion_tokens * self.price_out) / 1e6


@dataclass(frozen=True, slots=True)
class WrittenDraft:
    """A description that a model wrote and that passed every check; nobody has accepted it yet.

    ``gain`` is F1 on the workspace's labelled items with this description added, minus F1 now
    (-1..1); None where that was not computed: no pair vectors, no labels, facet contrast.
    """

    relation: str
    facet: Facet
    text: str
    gain: float | None
    model: str


@dataclass(frozen=True, slots=True)
class WritingReport:
    """What came of one request for one relation.

    ``drafts`` are by gain, best first, or by facet where there are no gains; ``refused`` says for
    each text that was not taken why. Tokens are as the endpoint counted them, 0 when it did not;
    ``cost`` is None without prices or counts. ``cached`` is 1 for an answer that was there already:
    tokens, cost and ``seconds`` are then those of the day it was asked for, and nothing was spent.
    """

    relation: str
    drafts: tuple[WrittenDraft, ...]
    refused: tuple[str, ...]
    model: str
    prompt_tokens: int
    completion_tokens: int
    cost: float | None
    cached: int
    seconds: float


def _check_url(text: str) -> None:
    """An http(s) address without credentials, query or fragment, which would end up in logs."""
    expected = "an address such as http://127.0.0.1:11434/v1"
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  raises ValueError for a port that is none
    except ValueError as error:
        raise ValueRejected(expected, str(error), "Correct the address.") from None
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise ValueRejected(
            expected, "a name or password in it", "Give the key through the environment."
        )
    plain = text.isascii() and text.isprintable() and " " not in text and len(text) <= 500
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain:
        raise ValueRejected(expected, repr(text[:80]), "Correct the address.")
    if parts.query or parts.fragment:
        raise ValueRejected(
            expected, "a query or fragment in it", "Leave out what follows the path."
        )
