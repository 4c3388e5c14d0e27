"""Rows back as an axis; where those of a long lookback are ever sparser, on a log scale."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

FEW = 10


def places(lags: Sequence[int]) -> list[int]:
    """Return where lags stand: with sparse ones on a logarithmic axis, where lag 0 stands at 1."""
    return [lag + 1 for lag in lags] if _sparse(lags) else list(lags)


def lag_axis(lags: Sequence[int]) -> dict[str, object]:
    """Return plotly's axis of rows back."""
    title = "rows back"
    if not _sparse(lags):
        # Of a few rows plotly would also write halves.
        return {"title": title, "dtick": lags[1] if 1 < len(lags) <= FEW else None}
    steps = (first * 10**power for power in range(len(str(lags[-1]))) for first in (1, 2, 5))
    ticks = [0, *(step for step in steps if step <= lags[-1])]
    return {
        "title": title,
        "type": "log",
        "tickvals": [tick + 1 for tick in ticks],
        "ticktext": [str(tick) for tick in ticks],
    }


def _sparse(lags: Sequence[int]) -> bool:
    """Whether lags of a long lookback were left out, the more the further back."""
    return len({later - earlier for earlier, later in pairwise(lags)}) > 1
