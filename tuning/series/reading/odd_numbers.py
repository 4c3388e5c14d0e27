"""Numbers that are no measurements: marks that stand for a missing value, and slips beyond everything else.

-200 among concentrations, or 9999 among pressures, stands for "not measured" in many files. It is a guess, so
it is told with the option that says so. One cell of 1e30 among sales is a slip: scaling would make one point
of all other values, and losses of zero.
"""

from __future__ import annotations

import numpy as np

from ....search_spaces.errors import UserError
from ..extremes import LARGEST
from ..words import counted
from .columns import Numbers
from .tables import Table

LEAST_TIMES = 3
LEAST_OTHERS = 10
"""Different values beside a mark: a column of few values is one of kinds."""
FAR, NEAR, ALONE = 5, 2, 0.05
"""From the rest, in its spreads; of all nines; of a negative number among positive ones, in their range."""
MOST_MARKS, MOST_LOOKED = 3, 100
"""Marks of a column, and series that are looked at for one."""
SAMPLE = 10_000
"""Rows in which different values are counted."""
BEYOND = 1e6
"""Spreads of all other values that a measurement may be away from their median."""


def refuse_beyond_all(table: Table, name: str, values: np.ndarray) -> None:
    """Raise a `UserError` for a number that no error can be computed of, or that is far beyond all others.

    Args:
        table: of the column.
        name: of the column.
        values: float64 (rows,), NaN where missing.
    """
    away = np.abs(values - np.nanmedian(values))
    row, missing = int(np.nanargmax(away)), np.isnan(away)
    known = away[~missing] if missing.any() else away
    most = max(1, min(10, len(known) // 100))
    # The others spread by their mean distance from the median at least: as a rule that settles it.
    if abs(values[row]) <= LARGEST and known.sum() - most * away[row] > len(known) * away[row] / BEYOND:
        return
    rest = values[away <= np.partition(known, -most - 1)[-most - 1]] if len(known) > most else known[:0]
    if abs(values[row]) > LARGEST:
        why = f"and no error can be computed beyond {LARGEST:g}"
    elif len(rest) >= LEAST_OTHERS and _is_beyond(rest, away[row]):
        why = "more than a million times as far from the others as these are from each other"
    else:
        return
    raise UserError(
        f"{table.label}: column {name!r} holds {values[row]:.15g} in {table.place(row)}, {why}; mend the "
        f"cell or leave it empty, or give --missing-values {values[row]:.15g} where it stands for a missing "
        "value"
    )


def _is_beyond(rest: np.ndarray, away: float) -> bool:
    """Whether a number so far from the median is beyond all others; a constant with noise has no spread."""
    if np.abs(rest).max() > LARGEST:
        return False
    spread = rest.std()
    return bool(spread > 1e-9 * abs(np.median(rest)) and away > BEYOND * spread)


def suspected_marks(columns: dict[str, Numbers], owner: np.ndarray) -> list[str]:
    """Return a warning for each number that looks like a mark for missing values, with its counts.

    Args:
        columns: by name.
        owner: int64 (rows,), the number of the series of each row.
    """
    found: dict[float, dict[str, int]] = {}
    for name, column in columns.items():
        for value, count in _marks(column.values, owner):
            found.setdefault(value, {})[name] = count
    others = "all other values" if owner.min() == owner.max() else "the other values of its series"
    return [
        f"{value:.15g} stands {_where(counts)}, far from {others}: if it stands for a missing value, "
        f"give --missing-values {value:.15g}."
        for value, counts in found.items()
    ]


def _where(counts: dict[str, int]) -> str:
    told = [f"{counted(count, 'time')} in {name!r}" for name, count in list(counts.items())[:10]]
    return ", ".join(told) + (f" and in {len(counts) - 10} more columns" if len(counts) > 10 else "")


def _marks(values: np.ndarray, owner: np.ndarray) -> list[tuple[float, int]]:
    known = ~np.isnan(values)
    values, owner = values[known], owner[known]
    marks: list[tuple[float, int]] = []
    while len(marks) < MOST_MARKS and len(np.unique(values[:SAMPLE])) > LEAST_OTHERS:
        ends = (values.min(), values.max())
        mark = next((end for end in ends if _is_mark(values, owner, end)), None)
        if mark is None:
            break
        marks.append((float(mark), int((values == mark).sum())))
        values, owner = values[values != mark], owner[values != mark]
    return marks


def _is_mark(values: np.ndarray, owner: np.ndarray, value: float) -> bool:
    """Whether the least or the largest value looks like a mark: far from the rest of most series it is in.

    Series may differ in size; so all values together tell only where none of these has enough others.
    """
    rest = values[values != value]
    if len(values) - len(rest) < LEAST_TIMES or not len(rest):
        return False
    if owner.min() == owner.max():
        return _is_far(rest, value)
    holding = np.unique(owner[values == value])
    others = [values[(owner == one) & (values != value)] for one in holding[:MOST_LOOKED]]
    telling = [own for own in others if len(np.unique(own)) > LEAST_OTHERS]
    if not telling:
        return len(holding) > 1 and _is_far(rest, value)
    return 2 * sum(_is_far(own, value) for own in telling) >= len(telling)


def _is_far(rest: np.ndarray, value: float) -> bool:
    """Whether a number below or above all others is as far from them as a mark is."""
    nearest = rest.min() if value < rest[0] else rest.max()
    quarters = np.subtract(*np.quantile(rest, (0.75, 0.25)))
    spread = min(rest.std(), 1.5 * quarters) if quarters > 0 else rest.std()
    gap = abs(value - nearest)
    nines = set(f"{abs(value):.10g}".replace(".", "")) == {"9"} and abs(value) >= 9
    alone = value < 0 <= nearest and gap >= ALONE * (rest.max() - nearest)
    return bool(gap >= FAR * spread or (nines and gap >= NEAR * spread) or alone)
