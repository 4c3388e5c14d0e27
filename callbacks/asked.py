"""What a search was asked, as far as two searches are compared by it, as plain data.

Losses and errors of two searches can be put side by side where both forecast the same numbers from the same
times, as far ahead; what else they were given may differ, and is what one asks about: features, lookback,
space. So the numbers to forecast and the parts of the time have fingerprints of their own. All of it is
bounded: `MOST` names and settings, `LONGEST` letters each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

MOST = 60
LONGEST = 60
"""Letters of a name or value; what is longer loses its end."""


@dataclass(frozen=True)
class Asked:
    """What a search was asked.

    Args:
        data: what the data are called.
        rows: of the data.
        targets: columns to forecast, see `some`.
        features: other columns that are read, see `some`.
        lookback: rows a forecast looks back on; `24,48` where the search chooses.
        horizon: rows of a forecast.
        split: how the time is cut into parts.
        folds: that a validation loss is the mean over.
        settings: the space and all else that was said, by name; see `some`.
        series: fingerprint of the numbers to forecast.
        parts: fingerprint of which rows are learned from, and on which windows forecasts are judged.
        sizes: rows of each part, by its name.
        trials: how many were asked for in all.
        minutes: that one start of the search may take; None is any time.
        rungs: epochs after which a trial ends early unless it is among the best, rising; none where no trial
            does, or the algorithm sees to it.
    """

    data: str
    rows: int
    targets: tuple[str, ...]
    features: tuple[str, ...]
    lookback: str
    horizon: int
    split: str
    folds: int
    series: str
    parts: str
    settings: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    trials: int | None = None
    minutes: float | None = None
    rungs: tuple[int, ...] = ()


def some(names: Iterable[str]) -> tuple[str, ...]:
    """Return at most `MOST` names; of more the first ones, and how many are left out."""
    every = [short(name) for name in names]
    left = len(every) - MOST + 1
    return tuple(every if left < 2 else [*every[: MOST - 1], f"{left:,} more"])


def short(text: str) -> str:
    """Return `text` with at most `LONGEST` letters."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
