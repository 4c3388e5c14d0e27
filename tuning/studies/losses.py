"""Losses of the constant forecasts that every forecast is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..series.losses import mean_loss

if TYPE_CHECKING:
    from ..series.windows import Windows


def spread_of(loss: str, windows: Windows, part: str) -> tuple[float, float]:
    """Return the mean loss of two constant forecasts on the windows of a part, in training deviations.

    Args:
        loss: `mse`, `mae` or `huber`.
        windows: the data.
        part: `validation` or `test`.

    Returns:
        Of the training mean, and of the last value of each window.
    """
    rows = windows.parts[part]
    targets = windows.targets(rows).astype(float)
    last = windows.newest(rows)
    return mean_loss(loss, targets), mean_loss(loss, targets - last)
