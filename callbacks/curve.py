"""The learning curve of a trial: its train and validation losses by epoch, as plain data.

A record has thousands of trials, so a curve has at most `MOST` epochs: of a longer one some are left out,
never the first, the last or the one of the smallest validation loss. Losses have five digits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..search_spaces.plain import Unreadable

MOST = 100
"""Epochs of a curve."""
DIGITS = 5
Losses = tuple[int, float | None, float | None]
"""Of one epoch: its number, train loss, validation loss."""


@dataclass(frozen=True)
class Curve:
    """Losses by epoch; all three have the same length.

    Args:
        epoch: rising; 0 is a linear forecast that the trial began at, before anything was trained.
        train: None where it is no finite number, as are those of `validation`.
        validation: after the epoch.
    """

    epoch: tuple[int, ...]
    train: tuple[float | None, ...]
    validation: tuple[float | None, ...]

    def __post_init__(self) -> None:
        if not len(self.epoch) == len(self.train) == len(self.validation):
            raise Unreadable("a learning curve has losses that are not one for each epoch")

    @classmethod
    def of(cls, losses: Sequence[Losses]) -> Curve:
        """Return the curve of epochs in order."""
        known = [place for place, (_, _, loss) in enumerate(losses) if is_number(loss)]
        best = min(known, key=lambda place: losses[place][2] or 0.0, default=0)
        kept = [losses[place] for place in thinned(len(losses), best)]
        return cls(
            tuple(epoch for epoch, _, _ in kept),
            tuple(rounded(loss) for _, loss, _ in kept),
            tuple(rounded(loss) for _, _, loss in kept),
        )


def thinned(count: int, keep: int = 0, most: int = MOST) -> list[int]:
    """Return at most `most` places of `count`, evenly spread, with the first, the last and `keep`."""
    if count <= most:
        return list(range(count))
    step = (count - 1) / (most - 2)
    return sorted({round(place * step) for place in range(most - 1)} | {keep})


def rounded(value: float | None, digits: int = DIGITS) -> float | None:
    """Return `value` with so many digits; None where it is no finite number."""
    return float(f"{value:.{digits}g}") if value is not None and math.isfinite(value) else None


def is_number(value: float | None) -> bool:
    """Whether a loss is known and finite."""
    return value is not None and math.isfinite(value)
