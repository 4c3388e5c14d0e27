"""Which windows are true of data that were measured.

A window is left out, of every part, where
- a target that it would forecast was filled in: a forecast of it says nothing of the series, and training
  on it teaches how gaps were filled;
- it begins inside a gap that was interpolated: the last values it reads were drawn from one that comes after
  its origin, which nobody has who forecasts. The same gap may be read by windows that begin after it.

What was filled from values before it may be read by any window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .series import INTERPOLATED, Series

READS_AHEAD = "would begin inside an interpolated gap and read a value that comes after"


@dataclass(frozen=True)
class LeftOut:
    """How many windows of a part are left out.

    Args:
        filled: because a target was filled in.
        ahead: of the others, because they begin inside an interpolated gap.
    """

    filled: int = 0
    ahead: int = 0

    @property
    def all(self) -> int:
        """All of them."""
        return self.filled + self.ahead


def measured_windows(series: Series, rows: np.ndarray, horizon: int) -> tuple[np.ndarray, LeftOut]:
    """Return those of `rows` whose windows are true of measured data, and how many others there are.

    Args:
        series: the data.
        rows: int64 (windows,), row of the first target of each window, 1 or above.
        horizon: rows of target.
    """
    if series.filled is None:
        return rows, LeftOut()
    unknown = np.concatenate([[0], np.cumsum(~series.known)])
    whole = unknown[rows + horizon] == unknown[rows]
    ahead = (series.filled[rows - 1] == INTERPOLATED).any(axis=1)
    return rows[whole & ~ahead], LeftOut(int((~whole).sum()), int((whole & ahead).sum()))


def left_out_notes(left_out: Mapping[str, LeftOut]) -> tuple[str, ...]:
    """Return a sentence for each reason that windows are left out for, given those of each part."""
    reasons = {
        "a value that they would forecast was filled in": [one.filled for one in left_out.values()],
        f"they {READS_AHEAD}": [one.ahead for one in left_out.values()],
    }
    return tuple(
        f"left out: {'/'.join(f'{count:,}' for count in counts)} windows to train, validate and test, "
        f"because {why}."
        for why, counts in reasons.items()
        if any(counts)
    )


def none_measured(name: str, part: str, left_out: LeftOut, horizon: int) -> str:
    """Return the message that all windows of a part are left out."""
    reasons, mends = [], ["more data", "another --split"]
    if left_out.filled:
        reasons.append(f"in {left_out.filled:,} a value to forecast was filled in")
        if horizon > 1:
            mends.insert(0, "a smaller horizon")
    if left_out.ahead:
        reasons.append(f"{left_out.ahead:,} {READS_AHEAD}")
        mends.insert(0, "--missing ffill, which reads nothing that comes after")
    return (
        f"{name}: the {part} part has no window left of {left_out.all:,}: "
        f"{'; '.join(reasons)}; use {', '.join(mends[:-1])} or {mends[-1]}"
    )
