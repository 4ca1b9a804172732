"""Versions: what the model learnt from corrections, judged before it is put to use."""

from __future__ import annotations

from app.views.versions import versions_page

versions_page()
