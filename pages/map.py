"""Map: all items at once, near means similar; select some and open them."""

from __future__ import annotations

from app.views.map import map_page

map_page()
