"""The picture-dependent set: sentences that leave four relations open and pictures that decide.

Every sentence appears four times, once with each of the four relations of its family, so whatever
reads the sentence alone is right in a quarter of the cases, whatever it has learned. Two families
(which pattern a cloth has; what a place was seen through) come in two forms: ``text``, where both
mentions are words and the whole picture decides, and ``box``, where the second mention is a box,
all four answers share one picture of four parts and the box decides which part counts.

Training and test share no photograph, no hue, no period, angle or number of rays of a pattern, no
first name and no thing. They share the eight kinds, which are the relations, and the templates.
"""

from roc_core.datasets.picture_set.compose import COUNTS, FILES, compose
from roc_core.datasets.picture_set.photographs import PHOTOGRAPHS
from roc_core.datasets.picture_set.scenes import SIDE

__all__ = ["COUNTS", "FILES", "PHOTOGRAPHS", "SIDE", "compose"]
