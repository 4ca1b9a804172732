"""Relations: what can be retrieved, in words that anybody can change and try."""

from __future__ import annotations

from app.views.relations import relations_page

relations_page()
