"""Measures of a narrowing. A measure is one file of this folder: a dataclass that derives from
`LayerMeasure` or `BoundaryMeasure`, with the fields that are kept and the classmethod `of` that finds
them. Its name is the file's name, and nothing else has to be told about a new file.
"""

from ._base import BoundaryMeasure, LayerMeasure, Measure, kinds

__all__ = ["BoundaryMeasure", "LayerMeasure", "Measure", "kinds"]
