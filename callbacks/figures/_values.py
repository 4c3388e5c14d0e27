"""Values and effects of hyperparameters in words, for what one points at."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ._axes import plain
from ._columns import Value


def value_text(value: Value | None) -> str:
    """Return a value as it is shown, numbers with up to three digits; not escaped."""
    if value is None:
        return "absent"
    return value if isinstance(value, str) else plain(float(f"{value:.3g}"))


def change_text(change: float, log: bool) -> str:
    """Return an effect on the loss against the typical one; `change` is of its logarithm where `log`."""
    side = "below" if change < 0 else "above"
    if not log:
        return f"{abs(change):.3g} {side} the typical loss"
    ratio = math.exp(min(change, 700))
    return (
        f"{ratio:,.3g} times the typical loss"
        if ratio >= 2
        else f"{abs(ratio - 1):.0%} {side} the typical loss"
    )


def least_at(values: Sequence[Value | None], change: np.ndarray) -> str:
    """Return the value with the least loss by its effect, float (trials,), NaN where it is absent."""
    return value_text(values[int(np.nanargmin(change))])
