"""Ranked relations for marked pairs: descriptions, directions, "none of these" and memory."""

from roc_core.retrieval.folders import version_folder
from roc_core.retrieval.memory import Memory, Recalled
from roc_core.retrieval.readings import Reading, Readings, argument_names, readings
from roc_core.retrieval.retriever import PairScores, RelationRetriever

__all__ = [
    "PairScores",
    "RelationRetriever",
    "Reading",
    "Readings",
    "argument_names",
    "readings",
    "Memory",
    "Recalled",
    "version_folder",
]
