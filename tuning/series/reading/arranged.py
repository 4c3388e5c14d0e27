"""Rows in the order of their series and times, each time once, and those to come apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .duplicates import drop_duplicates
from .future import cut_future, future_notes
from .parsed import Parsed
from .rows import Rows, sort_rows
from .static import spread_static
from .tables import Table


@dataclass(frozen=True)
class Arranged:
    """Rows, before anything missing is treated.

    Args:
        rows: up to the last one of each series that has a target, where there are rows to come.
        later: those after it.
        notes: sentences about what was done.
    """

    rows: Rows
    later: Rows
    notes: tuple[str, ...]


def arrange(parsed: Parsed, missing: str, table: Table) -> Arranged:
    """Return what was parsed in order.

    Raises:
        UserError: for a time that occurs twice, and a static feature that changes.
    """
    roles, ids = parsed.roles, parsed.ids
    rows, moved = sort_rows(parsed.rows())
    rows, repeated = drop_duplicates(rows, missing, table.label, ids, table.place)
    later = rows.take(np.zeros(0, int))
    if roles.ahead:
        rows, later = cut_future(rows, len(roles.targets))
    spread_static(rows, roles.static, table, ids)
    return Arranged(rows, later, (*moved, *repeated, *future_notes(later)))
