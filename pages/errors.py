"""Errors: where answers are wrong, and what the wrong ones share."""

from __future__ import annotations

from app.views.errors import errors_page

errors_page()
