"""The server and the browser of the browser tests, and how often a soak test does its work."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.browser.conftest import browser, chromium, page, server

__all__ = ["browser", "chromium", "page", "server"]


@pytest.fixture
def times() -> Callable[[int], int]:
    """A number of repetitions, or ROC_SOAK_TIMES where that is set and smaller."""
    most = int(os.environ.get("ROC_SOAK_TIMES", "0"))
    return lambda wanted: min(wanted, most) if most else wanted
