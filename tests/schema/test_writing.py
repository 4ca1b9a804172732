"""Endpoints: what can be one, and what tokens cost there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.errors import ValueRejected
from roc_core.schema import Endpoint

URL = "http://127.0.0.1:11434/v1"


@pytest.mark.parametrize(
    ("url", "host"),
    [(URL, "127.0.0.1"), ("https://API.example/v1", "api.example"), ("http://[::1]:80/v1", "::1")],
)
def test_an_endpoint(url: str, host: str) -> None:
    assert Endpoint(url, "m").host == host


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("", "Found ''"),
        ("localhost:11434", "Found 'localhost:11434'"),
        ("file:///etc/passwd", "Found 'file:///etc/passwd'"),
        ("http://", "Found 'http://'"),
        ("http://a b/v1", "Found 'http://a b/v1'"),
        ("http://a:99999/v1", "Port out of range"),
        ("http://[::1/v1", "Invalid IPv6 URL"),
        ("http://a/v1?key=secret", "a query or fragment in it"),
        ("http://a/v1#x", "a query or fragment in it"),
        ("http://a/\nb", "Found 'http://a/"),
    ],
)
def test_addresses_that_are_none(url: str, found: str) -> None:
    with pytest.raises(ValueRejected, match="an address such as http://127") as caught:
        Endpoint(url, "m")
    assert found in str(caught.value)


def test_a_password_in_an_address_is_not_shown() -> None:
    with pytest.raises(ValueRejected, match="a name or password in it") as caught:
        Endpoint("https://me:sk-secret@a.example/v1", "m")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({"model": " "}, "a model's name of 1 to 200 characters"),
        ({"model": "a\nb"}, "a model's name of 1 to 200 characters"),
        ({"price_in": -1.0}, "a price per million tokens from 0"),
        ({"price_out": float("nan")}, "a price per million tokens from 0"),
        ({"examples": 21}, "0 to 20 labelled sentences to send"),
        ({"timeout": 0.0}, "1 to 3600 seconds for an answer"),
    ],
)
def test_settings_that_cannot_be(given_: dict[str, object], expected: str) -> None:
    with pytest.raises(ValueRejected, match=expected):
        Endpoint(**{"base_url": URL, "model": "m", **given_})  # type: ignore[arg-type]


def test_what_tokens_cost() -> None:
    assert Endpoint(URL, "m", 2.0, 10.0).cost(1_000_000, 500_000) == 7.0
    assert Endpoint(URL, "m", 0.0, 0.0).cost(5, 5) == 0.0
    assert Endpoint(URL, "m", 2.0, None).cost(5, 5) is None
    assert Endpoint(URL, "m", 2.0, 10.0).cost(0, 0) is None


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        made = Endpoint(text, "m")
    except ValueRejected:
        return
    assert made.base_url.startswith(("http://", "https://", "HTTP", "Http", "hTTP"))
