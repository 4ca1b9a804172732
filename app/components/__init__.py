"""Widgets Streamlit does not have: the span marker, the box canvas, answer cards, overlays."""
