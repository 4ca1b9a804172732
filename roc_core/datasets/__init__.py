"""Data set files and records: JSONL, CSV, Parquet, Label Studio, MNRE, MORE.

A malformed line becomes a Refusal and never stops the rest; a file is written whole or not at all;
what a format can hold comes back exactly.
"""

from roc_core.datasets.formats import FORMATS, WRITABLE, read, read_stream, size, write
from roc_core.datasets.guess import detect

__all__ = ["FORMATS", "WRITABLE", "detect", "read", "read_stream", "size", "write"]
