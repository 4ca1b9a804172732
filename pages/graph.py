"""Graph: many entities of a sentence, and the relations of all their pairs at once."""

from __future__ import annotations

from app.views.graph import graph_page

graph_page()
