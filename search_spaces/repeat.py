"""What a repeat of a trial's training says of its loss.

The same training in another program, on another machine or with another number of threads differs by rounding
alone. That may grow: each step of a training near the edge of what it bears doubles what came before.
"""

from __future__ import annotations

import math

from .trial import Trial

CLOSE = 0.02
"""Share of a loss that a repeat may differ by before it is told."""


def of_repeat(trial: Trial) -> str:
    """Return what is to be known of a trial's loss, without a full stop; empty where nothing is.

    That is where its training was done once more and its loss came out another one by more than `CLOSE`.
    """
    if not trial.repeated or trial.best_val_loss is None:
        return ""
    if math.isnan(trial.repeat_loss):
        return "a repeat of its training diverged: its result depends on rounding"
    change = (trial.repeat_loss - trial.best_val_loss) / abs(trial.best_val_loss or 1.0)
    if abs(change) <= CLOSE:
        return ""
    way = "higher" if change > 0 else "lower"
    return (
        f"a repeat of its training ended with a loss {abs(change):.0%} {way}: its result depends on rounding"
    )
