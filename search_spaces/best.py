"""Which of the trials that were scored is the best.

It is the one of the least validation loss, with one exception: a scaling other than `last` must win by a
margin. A network that counts from the last value of the window stays right when a series drifts; the others
rest on the levels of the training part, and how long these hold is hardly seen on the validation part, which
lies next to it. So where trials with `last` were scored, a trial of another scaling, or of none, is the best
only when its loss is below `GAIN` times theirs; also beside a linear forecast, where it still reads levels.

That rule can be applied bit by bit: the best of many trials is the best of some of them and of the best of
the others, and a trial that was once passed over for another one is not the best later on.

A search ends with training its best trials again with other seeds, since the least of many losses is partly
luck. Once the best trial was trained again, the best is the smallest network of those that were whose mean
loss lies within one standard error of the least mean (the rule of one standard error, Breiman et al. 1984),
which is that of a mean of so many seeds, their spread taken from all these networks together.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from operator import itemgetter
from statistics import fmean
from typing import TypeVar

from .trial import Trial

GAIN = 0.95
"""What rests on the level of a series must have less than this share of the loss of what does not."""

OneTrial = TypeVar("OneTrial", bound=Trial)


def ranked(trials: Iterable[OneTrial]) -> list[OneTrial]:
    """Return the trials with a score: the best one first, then the others by loss, equal ones by number."""
    scored = ((one.score, one.number, one) for one in trials)
    known = [row for row in scored if row[0] is not None and not math.isnan(row[0])]
    by_loss = [one for *_, one in sorted(known, key=itemgetter(0, 1))]
    if not by_loss:
        return []
    last = next((one for one in by_loss if counts_from_the_last_value(one)), None)
    best = by_loss[0] if last is None or wins(by_loss[0], last) else last
    if best.again:
        best = smallest_of_the_best(rivals(best, by_loss)) or best
    return [best, *(one for one in by_loss if one is not best)]


def best_of(trials: Iterable[OneTrial]) -> OneTrial | None:
    """Return the best trial; None where none has a score."""
    return next(iter(ranked(trials)), None)


def rivals(best: OneTrial, trials: Iterable[OneTrial]) -> list[OneTrial]:
    """Return the trials that were trained again, and need no margin where `best` needs none."""
    alike = (one for one in trials if counts_from_the_last_value(one) or not counts_from_the_last_value(best))
    return [one for one in alike if one.again and one.mean_score is not None]


def standard_error(trials: Sequence[Trial]) -> float:
    """Return that of a mean over the seeds of one of these trials, their spread being the same in all.

    The square root of sum (x - mean of its network)^2 / (sum (n - 1)) / n, with n the seeds of the first.

    Args:
        trials: at least one, all with a mean score.
    """
    each = [[loss for loss in (one.score, *one.again) if loss is not None] for one in trials]
    apart = [loss - fmean(losses) for losses in each for loss in losses]
    # A power that is too large raises an error, a product is infinite.
    squares = sum(one * one for one in apart)
    free = sum(len(losses) - 1 for losses in each)
    return math.sqrt(squares / free / len(each[0])) if free else 0.0


def smallest_of_the_best(trials: Sequence[OneTrial]) -> OneTrial | None:
    """Return the smallest network within one standard error of the least mean loss; None of none."""
    if not trials:
        return None
    most = min(one.mean_score or 0.0 for one in trials) + standard_error(trials)
    near = [one for one in trials if (one.mean_score or 0.0) <= most]
    return min(near, key=lambda one: (one.parameters or math.inf, one.mean_score, one.number))


def counts_from_the_last_value(trial: Trial) -> bool:
    """Whether a trial needs no margin."""
    return trial.values.get("scaling") == "last"


def wins(trial: Trial, last: Trial) -> bool:
    """Whether a trial is better than `last`, the best of those with this scaling, which may be itself."""
    assert trial.score is not None and last.score is not None, "only trials with a score are compared"
    # A space of the user's own may have losses below 0, where a better one is a larger multiple.
    return trial is last or trial.score < min(GAIN * last.score, last.score / GAIN)
