"""Features that have one value in a series: a region, a size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ....search_spaces.errors import raise_all
from .rows import Rows
from .tables import Table


def spread_static(rows: Rows, names: Sequence[str], table: Table, ids: tuple[str, ...]) -> None:
    """Give every row of a series the one value that the series has, in place.

    Args:
        rows: sorted by series.
        names: of the static features.
        table: where they come from.
        ids: of the series, by their number.

    Raises:
        UserError: for series with several values.
    """
    mistakes = []
    for name in names:
        numeric = name in rows.columns
        column = rows.values[:, rows.columns.index(name)] if numeric else None
        if column is None:
            column = rows.codes[:, rows.categorical.index(name)]
        there = ~np.isnan(column) if numeric else column >= 0
        one = np.full(len(ids), np.nan if numeric else -1, column.dtype)
        one[rows.series[there]] = column[there]
        other = there & (column != one[rows.series])
        if other.any():
            row = int(np.flatnonzero(other)[0])
            of = f" of series {ids[rows.series[row]]!r}" if ids != ("",) else ""
            mistakes.append(
                f"{table.label}: {name!r} is given as static, and changes within its series: see "
                f"{table.place(int(rows.source[row]))}{of}; give it as a feature"
            )
        column[:] = one[rows.series]
    raise_all(mistakes)
