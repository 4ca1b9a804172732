"""Annotate: one item after the other, every step by one key."""

from __future__ import annotations

from app.views.annotate import annotate

annotate()
