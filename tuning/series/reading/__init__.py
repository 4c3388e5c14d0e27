"""Files, frames, arrays and synthetic families -> a Series, and a Series -> a file.

`read` is the way in, `write` the way back. Between them: `files`, `foreign` and `tables` take what a user
hands over, `roles` says which column is what, `columns` and `times` parse them, `parsed` holds what they
gave, `rows` sorts it, `missing` mends it, `from_table` goes through all of this in order, and `report` tells
of it.
"""

from .missing import POLICIES
from .read import SYNTHETIC, read_series
from .write import write_series

__all__ = ["POLICIES", "SYNTHETIC", "read_series", "write_series"]
