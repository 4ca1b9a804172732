"""Functions that turn values into widgets, one part of a page a file."""
