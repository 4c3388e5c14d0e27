"""The validation loss as an axis: which trials have one, and on what scale it is drawn.

The scale is logarithmic, where equal distances are equal ratios of losses. A space of the user's own may
have any loss; where not every one is positive, the scale is linear, so that no trial is left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ._style import shown

if TYPE_CHECKING:
    from ..recorded import RecordedSearch, RecordedTrial

MANY = 1000
"""Points beyond which WebGL draws them, and smaller; it is not everywhere, and slower for few."""


def with_score(search: RecordedSearch) -> list[RecordedTrial]:
    """Return the trials with a finite score, by number."""
    return [one for one in search.trials if one.score is not None and math.isfinite(one.score)]


def scores_of(trials: Sequence[RecordedTrial]) -> list[float]:
    """Return the score of each trial, all of which must have one."""
    return [one.score for one in trials if one.score is not None]


def records(scored: Sequence[RecordedTrial]) -> list[RecordedTrial]:
    """Return the trials of less loss than all before them."""
    found: list[RecordedTrial] = []
    best = math.inf
    for one in scored:
        if one.score is not None and one.score < best:
            found.append(one)
            best = one.score
    return found


def on_log_scale(scores: Sequence[float]) -> bool:
    """Whether these losses are drawn on a log scale."""
    return min(scores, default=1.0) > 0


def most_ticks(values: Sequence[float]) -> int:
    """Return how many ticks a log axis of these `values` may have.

    With more than three for about one decade, plotly writes every digit, 6k, 7k, 8k and 9k on top of each
    other.
    """
    low, high = min(values, default=1.0), max(values, default=1.0)
    return 3 if 0 < 6 * low < high < 40 * low else 5


def loss_axis(search: RecordedSearch, scores: Sequence[float]) -> dict[str, Any]:
    """Return plotly's axis of the validation loss for these `scores`; hidden where there is none."""
    return {
        "title": f"validation loss ({shown(search.loss)})",
        "type": "log" if on_log_scale(scores) else "linear",
        "tickformat": ".3~g",
        "nticks": most_ticks(scores),
        "visible": bool(scores),
    }


def loss_bar(losses: Sequence[float], title: str, log: bool) -> dict[str, Any]:
    """Return plotly's colour bar of losses, one or more, also where colours are their logarithms.

    Args:
        losses: that have a colour.
        title: beside it, fit for plotly.
        log: whether colours are log10 of the losses.
    """
    low, high = (math.log10(end) if log else end for end in (min(losses), max(losses)))
    ticks = [low + (high - low) * step / 4 for step in range(5)] if high > low else [low]
    return {
        "title": {"text": title, "side": "right"},
        "tickvals": ticks,
        "ticktext": [f"{10**tick if log else tick:.3g}" for tick in ticks],
        "thickness": 12,
    }
