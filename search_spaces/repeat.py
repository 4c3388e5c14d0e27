"""What a repeat of a trial's training says of its loss.

The same training in another program or on another type of processor differs by rounding alone. That may grow,
above all at high learning rates: of 42 trials of 60 epochs, each trained in two programs, the losses of 36
were closer than `CLOSE`, of half to 1e-5, and one was 2.5 times the other.
"""

from __future__ import annotations

import math

from .trial import Trial

CLOSE = 0.02
"""Share of a loss that a repeat may differ by before it is told: no loss tells trials apart more finely."""


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
