"""Descriptions → unit vectors → the nearest descriptions.

``DescriptionIndex`` is the contract every index keeps; ``ExactIndex`` is the measure of all, and
``ApproximateIndex`` is for as many descriptions as comparing with each would take too long.
"""

from roc_core.index.approximate import ApproximateIndex, IndexSettings
from roc_core.index.contract import DescriptionIndex, Nearest
from roc_core.index.exact import ExactIndex

__all__ = ["ApproximateIndex", "DescriptionIndex", "ExactIndex", "IndexSettings", "Nearest"]
