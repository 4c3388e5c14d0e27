"""Rows of a table with a column for each side, as plain data, and the sentence on what is equal.

    {"label": "validation loss (mse)", "kind": "number", "cells": [0.012, 0.014], "best": 0}

A kind is `number`, `secs` or `text`; None is what a side does not have. `best` is the place of the smallest
cell where less is better, else None.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from ..asked import MOST

Row = dict[str, Any]
NAMED = 12
"""What is equal that is named."""


def row(label: str, cells: Sequence[Any], *, secs: bool = False, less: bool = False) -> Row:
    """Return a row.

    Args:
        label: of the row.
        cells: one for each side: texts, or numbers.
        secs: whether they are seconds.
        less: whether less is better.
    """
    known = [None if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in cells]
    numeric = all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in _there(known))
    best = None
    if less and numeric and len(_there(known)) > 1 and differs(known):
        best = min((cell, place) for place, cell in enumerate(known) if cell is not None)[1]
    kind = "secs" if secs else "number" if numeric else "text"
    texts = [cell if cell is None or numeric else str(cell) for cell in known]
    return {"label": label, "kind": kind, "cells": texts, "best": best}


def differs(cells: Sequence[Any]) -> bool:
    """Whether not all cells are the same."""
    return any(cell != cells[0] for cell in cells)


def parted(rows: Iterable[Row]) -> tuple[list[Row], str]:
    """Return the rows whose cells differ, and a sentence that names the others, or an empty one."""
    every = [one for one in rows if _there(one["cells"])]
    equal = [one for one in every if not differs(one["cells"])]
    named = [f"{one['label']} {_said(one['cells'][0])}" for one in equal[:NAMED]]
    if len(equal) > NAMED:
        named.append(f"{len(equal) - NAMED:,} more")
    told = f"The same in all: {', '.join(named)}." if named else ""
    return [one for one in every if differs(one["cells"])][:MOST], told


def table(title: str, sentence: str, rows: Sequence[Row]) -> dict[str, Any]:
    """Return a table."""
    return {"title": title, "sentence": sentence, "rows": list(rows)}


def listed(names: Sequence[str]) -> str:
    """Return `a, b and c`."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _said(cell: Any) -> str:
    return f"{cell:,.6g}" if isinstance(cell, float) else f"{cell:,}" if type(cell) is int else str(cell)


def _there(cells: Sequence[Any]) -> list[Any]:
    return [cell for cell in cells if cell is not None]
