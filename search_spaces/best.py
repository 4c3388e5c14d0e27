"""Which of the trials that were scored is the best.

It is the one of the least validation loss, with one exception: a scaling other than `last` must win by a
margin. A network that counts from the last value of the window stays right when a series drifts; the others
rest on the levels of the training part, and how long these hold is hardly seen on the validation part, which
lies next to it. So where trials with `last` were scored, a trial of another scaling, or of none, is the best
only when its loss is below `GAIN` times theirs; also beside a linear forecast, where it still reads levels.

The rule can be applied bit by bit: the best of many trials is the best of some of them and of the best of the
others, and a trial that was once passed over for another one is not the best later on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypeVar

from .trial import Trial

GAIN = 0.95
"""What rests on the level of a series must have less than this share of the loss of what does not."""

OneTrial = TypeVar("OneTrial", bound=Trial)


def ranked(trials: Iterable[OneTrial]) -> list[OneTrial]:
    """Return the trials with a score: the best one first, then the others by loss, equal ones by number."""
    scored = [one for one in trials if one.score is not None and not math.isnan(one.score)]
    by_loss = sorted(scored, key=lambda one: (one.score, one.number))
    last = next((one for one in by_loss if counts_from_the_last_value(one)), None)
    if last is None or wins(by_loss[0], last):
        return by_loss
    return [last, *(one for one in by_loss if one is not last)]


def best_of(trials: Iterable[OneTrial]) -> OneTrial | None:
    """Return the best trial; None where none has a score."""
    return next(iter(ranked(trials)), None)


def counts_from_the_last_value(trial: Trial) -> bool:
    """Whether a trial needs no margin."""
    return trial.values.get("scaling") == "last"


def wins(trial: Trial, last: Trial) -> bool:
    """Whether a trial is better than `last`, the best of those with this scaling, which may be itself."""
    assert trial.score is not None and last.score is not None, "only trials with a score are compared"
    # A space of the user's own may have losses below 0, where a better one is a larger multiple.
    return trial is last or trial.score < min(GAIN * last.score, last.score / GAIN)
