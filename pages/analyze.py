"""Analyze: mark two entities, get relations with reasons, keep what is right."""

from __future__ import annotations

from app.views.analyze import analyze

analyze()
