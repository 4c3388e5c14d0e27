"""Synthetic families: series whose equation, and therefore whose best possible forecast, is known.

`synthetic:NAME[,key=value...]` names one. A family is one file of this folder: its name is the file's
name, its module docstring gives the equation and the source, and its function
`series(*, rows, seed, ...) -> Series` makes the data. Nothing else has to be told about a new file.
"""

from ._registry import PREFIX, describe, make, names

__all__ = ["PREFIX", "describe", "make", "names"]
