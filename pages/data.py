"""Data: what is in the workspace; import, search, open, export."""

from __future__ import annotations

from app.views.data import data

data()
