"""Ranked relations for marked pairs: descriptions, directions, "none of these" and memory."""

from roc_core.retrieval.discovery import Candidates, Place
from roc_core.retrieval.folders import version_folder
from roc_core.retrieval.kept import KeptReadings
from roc_core.retrieval.memory import Memory, Recalled
from roc_core.retrieval.ranking import PairScores
from roc_core.retrieval.readings import (
    Reading,
    Readings,
    argument_names,
    readings,
    relation_numbers,
)
from roc_core.retrieval.retriever import RelationRetriever

__all__ = [
    "PairScores",
    "RelationRetriever",
    "Reading",
    "Readings",
    "argument_names",
    "readings",
    "relation_numbers",
    "Memory",
    "Recalled",
    "version_folder",
    "KeptReadings",
    "Candidates",
    "Place",
]
