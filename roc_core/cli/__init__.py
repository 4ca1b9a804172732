"""``python -m roc_core``: arguments are parsed here and nowhere else."""

from roc_core.cli.main import app, main

__all__ = ["app", "main"]
