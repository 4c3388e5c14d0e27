"""Missing values and gaps in time: the four policies.

`error` refuses, `ffill` repeats the last known value, `interpolate` draws a straight line between the
known neighbours of a target (features, and targets with no known value after them, repeat), `drop` leaves
incomplete rows out and breaks the series there. Filling also inserts the rows of a gap in time. What comes
before the first known value cannot be filled and is cut off. Every action is told in a note, and which
values were filled is kept: nothing may be judged by them (`..measured`).

Features repeat because a line would tell a forecast made inside the gap what comes after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ....search_spaces.errors import UserError
from ..frequency import Frequency
from ..series import INTERPOLATED, MEASURED, REPEATED
from ..words import counted
from .rows import Rows
from .zoned import of_clock

POLICIES = ("error", "ffill", "interpolate", "drop")
CHOICES = (
    "mend the data (--missing error, the default, takes none), or choose --missing ffill (repeat the last "
    "value), interpolate (targets: a straight line between the neighbours; features: repeat) or drop (leave "
    "these rows out; the series breaks there)"
)
MAX_GROWTH = 10
Place = Callable[[int], str]


@dataclass(frozen=True)
class Mended:
    """Complete rows, and what was done.

    Args:
        rows: the rows.
        starts: int64 (stretches,), first row of each unbroken stretch.
        notes: sentences about what was done.
        filled: as in `Series`.
    """

    rows: Rows
    starts: np.ndarray
    notes: tuple[str, ...] = ()
    filled: np.ndarray | None = None


def mend(
    rows: Rows, targets: int, policy: str, frequency: Frequency | None, label: str, place: Place
) -> Mended:
    """Apply a policy to missing values and to gaps in time.

    Args:
        rows: the rows, sorted, without duplicate times; values and codes may be filled in place.
        targets: how many of its columns, the first ones, are forecast.
        policy: one of `POLICIES`.
        frequency: the step; None for irregular or no times, where gaps have no meaning.
        label: name of the data in messages.
        place: words for a 0-based row of the user's table, such as `row 17 (line 18)`.

    Raises:
        UserError: under `error` for anything missing; else when no row is left, or when filling the
            gaps would make the series more than ten times longer.
    """
    missing, gaps = rows.missing(), rows.gaps(frequency)
    if not missing and not gaps.any():
        return Mended(rows, stretches(~rows.same))
    if policy == "error":
        raise UserError(_refusal(rows, missing, gaps, label, place))
    if policy == "drop":
        mended = _drop(rows, missing, gaps)
    else:
        notes: list[str] = []
        if frequency and gaps.any():
            _refuse_growth(rows, gaps, label, place)
            rows = _insert(rows, gaps, frequency)
            notes.append(f"{policy}: {_gaps(gaps)}: inserted and filled.")
        lines = targets if policy == "interpolate" else 0
        mended = _fill(rows, lines, missing, policy, notes)
    if not len(mended.rows):
        raise UserError(f"{label}: no row has a value in every column; leave out the emptiest column")
    return mended


def stretches(breaks: np.ndarray) -> np.ndarray:
    """Return the int64 starts of stretches, given bool (rows - 1,): is the next row cut off from this one?"""
    return np.concatenate([[0], np.flatnonzero(breaks) + 1]).astype(np.int64)


def _refusal(rows: Rows, missing: dict[str, np.ndarray], gaps: np.ndarray, label: str, place: Place) -> str:
    lines = [
        f"column {name!r} has {counted(len(found), 'missing value')}, the first in "
        f"{rows.where(int(found[0]), place)}"
        for name, found in missing.items()
    ]
    clock = ""
    if gaps.any():
        first = int(np.flatnonzero(gaps)[0])
        after = f"the first after {rows.where(first, place)}, where the next row is at {rows.time(first + 1)}"
        lines.append(f"{_gaps(gaps)}, {after}")
        clock = of_clock(rows, np.flatnonzero(gaps))
    if len(lines) == 1:
        return f"{label}: {lines[0]}; {CHOICES}{clock}"
    return "\n".join([f"{label} is not complete:", *(f"  - {line}" for line in lines), CHOICES + clock])


def _drop(rows: Rows, missing: dict[str, np.ndarray], gaps: np.ndarray) -> Mended:
    complete = rows.complete
    kept = np.flatnonzero(complete)
    # A stretch starts where the series does, and where anything is missing since the row kept before.
    breaks = np.concatenate([[0], np.cumsum((gaps > 0) | ~rows.same)])[kept]
    starts = stretches((np.diff(kept) > 1) | (np.diff(breaks) > 0))
    notes = []
    if missing:
        left_out = counted(len(complete) - len(kept), "row")
        notes.append(f"drop: {left_out} with missing values left out ({_counts(missing)}).")
    if gaps.any():
        notes.append(f"drop: {_gaps(gaps)}.")
    unbroken = counted(len(starts), "unbroken stretch", "unbroken stretches")
    notes.append(f"drop: {counted(len(kept), 'row')} are left, in {unbroken}.")
    return Mended(rows.take(complete), starts, tuple(notes))


def _fill(rows: Rows, lines: int, missing: dict[str, np.ndarray], policy: str, notes: list[str]) -> Mended:
    """Fill `rows`, the first `lines` columns with straight lines."""
    filled = _fill_in_place(rows, lines)
    left = {name: int((rows.source[found] >= 0).sum()) for name, found in rows.missing().items()}
    counts = {name: np.arange(len(found) - left.get(name, 0)) for name, found in missing.items()}
    total = sum(map(len, counts.values()))
    if total:
        notes.append(f"{policy}: {counted(total, 'missing value')} filled ({_counts(counts)}).")
    repeated = int((filled == REPEATED).sum())
    if repeated and policy == "interpolate":
        what = f"{counted(repeated, 'value')} {'repeats' if repeated == 1 else 'repeat'} the last known one"
        notes.append(f"interpolate: {what}: features do, and targets with no known value after them.")
    complete = rows.complete
    if not complete.all():
        cut = counted(int((~complete).sum()), "row")
        notes.append(f"{policy}: {cut} at the start cut off, where no known value comes before.")
        rows, filled = rows.take(complete), filled[complete]
    return Mended(rows, stretches(~rows.same), tuple(notes), filled if filled.any() else None)


def _insert(rows: Rows, gaps: np.ndarray, frequency: Frequency) -> Rows:
    """Return a copy of the rows with empty ones where steps are missing."""
    repeats = np.append(gaps + 1, 1)
    before = np.repeat(np.arange(len(repeats)), repeats)
    ahead = np.arange(len(before)) - (np.cumsum(repeats) - repeats)[before]
    new = ahead > 0
    longer = rows.take(before)
    longer.values[new], longer.codes[new], longer.source[new] = np.nan, -1, -1
    if longer.times is not None:
        longer.times[new] = frequency.add(longer.times[new], ahead[new])
    return longer


def _fill_in_place(rows: Rows, lines: int) -> np.ndarray:
    """Fill what has a known value before it; return which numbers were filled and how, as in `Series`."""
    starts = stretches(~rows.same)
    owner = np.cumsum(np.concatenate([[False], ~rows.same]))
    first, last = starts[owner], np.append(starts[1:] - 1, len(owner) - 1)[owner]
    filled = np.full(rows.values.shape, MEASURED, np.int8)
    for number, column in enumerate(rows.values.T):
        empty, before, after = _neighbours(~np.isnan(column), first, last)
        value = column[before]
        filled[empty, number] = REPEATED
        if number < lines:
            filled[empty[after > before], number] = INTERPOLATED
            share = (empty - before) / np.maximum(after - before, 1)
            value += share * (column[after] - value)
        column[empty] = value
    for codes in rows.codes.T:
        empty, before, _ = _neighbours(codes >= 0, first, last)
        codes[empty] = codes[before]
    return filled


def _neighbours(
    known: np.ndarray, first: np.ndarray, last: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the empty rows that have a known one before, that row, and the next known one.

    All int64; the next known row is the one before where the series has no more.
    """
    row = np.arange(len(known))
    before = np.maximum.accumulate(np.where(known, row, -1))
    after = np.minimum.accumulate(np.where(known, row, len(row))[::-1])[::-1]
    empty = np.flatnonzero(~known & (before >= first))
    before, after = before[empty], after[empty]
    return empty, before, np.where(after <= last[empty], after, before)


def _refuse_growth(rows: Rows, gaps: np.ndarray, label: str, place: Place) -> None:
    if gaps.sum() > MAX_GROWTH * len(rows):
        largest = int(gaps.argmax())
        after = f"{rows.where(largest, place)}, where the next row is at {rows.time(largest + 1)}"
        raise UserError(
            f"{label}: filling the gaps in time would add {gaps.sum()} rows to {len(rows)}; the largest gap "
            f"is after {after}; mend the time column, or choose --missing drop"
        )


def _gaps(gaps: np.ndarray) -> str:
    return f"{counted(int((gaps > 0).sum()), 'gap')} in time ({counted(int(gaps.sum()), 'row')} missing)"


def _counts(rows_by_name: dict[str, np.ndarray]) -> str:
    return ", ".join(f"{name} {len(rows)}" for name, rows in rows_by_name.items() if len(rows))
