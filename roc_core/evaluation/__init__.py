"""Protocols and reports: what counts as a score, and how it is printed."""
