"""Labelled records → model version."""
