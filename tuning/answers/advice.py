"""What the trials of a run say: why the best is not that of the least loss, smaller models, wider ranges."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...callbacks.narrowing import Narrowing
from ...search_spaces.best import GAIN, counts_from_the_last_value
from ...search_spaces.parts import Interval, Part
from ...search_spaces.profile import Profile
from ...search_spaces.repeat import of_repeat
from ...search_spaces.trial import Trial
from ..series.folds import older_folds
from ..series.overlap import moments_needed
from ..series.windows import Windows
from .widths import MOST_REPEAT

LEAST_TOLD = 0.001
CLOSE = 0.02
NEAR = 0.05


def margin(ranked: Sequence[Trial]) -> list[str]:
    """Return a sentence when a trial has a lower loss than the best one, which `best.ranked` decided.

    Args:
        ranked: every trial with a score in that order.
    """
    if not ranked:
        return []
    best, *others = ranked
    other = next((one for one in others if not counts_from_the_last_value(one)), best)
    alike = [best, *(one for one in others if counts_from_the_last_value(one))]
    if not counts_from_the_last_value(best) or _loss(other) >= min(map(_loss, alike)):
        return []
    share = (_loss(best) - _loss(other)) / abs(_loss(best))
    lower = f"{share:.1%}" if share >= LEAST_TOLD else f"less than {LEAST_TOLD:.1%}"
    how = f"with scaling {other.values['scaling']}" if "scaling" in other.values else "without a scaling"
    return [
        f"{other.name} has a validation loss {lower} lower {how}; {best.name} is taken all the "
        "same, since scaling last counts from the last value of each window and stays right when a series "
        f"drifts. Another scaling must be better by {1 - GAIN:.0%}."
    ]


def of_repeats(ranked: Sequence[Trial]) -> list[str]:
    """Return a sentence on each trial whose repeat says that its loss is not to be relied on.

    Args:
        ranked: every trial with a score, the best one first.
    """
    return [
        f"{one.name}: {told}. It is ranked by the mean of both." for one in ranked if (told := of_repeat(one))
    ]


def of_folds(best: Trial) -> list[str]:
    """Return a sentence on the folds of the best trial, where there are several."""
    if not best.folds:
        return []
    *others, newest = (f"{loss:.4g}" for loss in best.folds[::-1])
    return [
        f"Each trial was trained and validated {len(best.folds)} times, on parts of the data that end "
        f"earlier and later (folds), and its validation loss is the mean: {best.name} has "
        f"{', '.join(others)} and {newest}, the earliest fold first. The model is that of the latest."
    ]


def few_windows(windows: Windows, best: Trial, trials: int) -> list[str]:
    """Return a sentence when validation windows overlap so much that the choice among trials is mostly luck.

    Args:
        windows: of the search.
        best: the best trial, which tells how many folds there are.
        trials: with a score.
    """
    folds = (windows, *older_folds(windows, max(len(best.folds), 1)))
    moments = np.concatenate([one.moments[one.parts["validation"]] for one in folds])
    different, needed = len(np.unique(moments)), moments_needed(windows.horizon)
    if different >= needed or trials < 2:
        return []
    ahead = "a row" if windows.horizon == 1 else f"{windows.horizon} rows"
    of_all = f" of {len(folds)} folds" if len(folds) > 1 else ""
    return [
        f"The validation windows{of_all} begin at {different:,} different times; to choose among {trials:,} "
        f"trials for {ahead} ahead takes {needed:,} or more. So which trial is the best is mostly luck: give "
        "more data, a longer validation part (--split) or a shorter horizon."
    ]


def close_trials(ranked: Sequence[Trial]) -> list[str]:
    """Return a sentence when smaller models do as well as the best, to within `CLOSE` of its loss.

    Those that would need a margin to be the best are left out.

    Args:
        ranked: every trial with a score in the order of `best.ranked`.
    """
    best = ranked[0]
    own_kind = counts_from_the_last_value(best)
    alike = [one for one in ranked if counts_from_the_last_value(one) or not own_kind]
    # A space of the user's own may have a loss below 0, and near it is still above it.
    most = _loss(best) + CLOSE * abs(_loss(best))
    close = [one for one in alike if _loss(one) <= most]
    smallest = min(close, key=lambda one: (one.parameters, _loss(one), one.number))
    if smallest.parameters > 0.8 * best.parameters:
        return []
    kind = " with scaling last" if len(alike) < len(ranked) else ""
    return [
        f"{len(close):,} of {len(alike):,} trials{kind} are within {CLOSE:.0%} of the best trial's "
        f"validation loss; the smallest, {smallest.name}, has {smallest.parameters:,} parameters where the "
        f"best has {best.parameters:,}. One run with one seed each cannot decide between them."
    ]


def _loss(trial: Trial) -> float:
    assert trial.score is not None, "it is ranked"
    return trial.score


def at_an_end(
    parts: Mapping[str, Part], values: Mapping[str, Any], narrowing: Narrowing | None = None
) -> list[str]:
    """Return a sentence for what the best trial has near an end of the searched interval.

    That is the upper end for units, unless most units of such a layer repeat others, and either end for the
    learning rate; fewer units or layers than were searched are a question of size, which `close_trials`
    answers.

    Args:
        parts: of the space, by name.
        values: hyperparameters of the best trial.
        narrowing: its measures, where it has any.
    """
    sentences = []
    for name, part in parts.items():
        if not isinstance(part, Interval) or name not in values:
            continue
        value = values[name]
        place = _place(part, value)
        wider = name.startswith("units_") and not _repeats(name, values, narrowing)
        upper = place > 1 - NEAR and (wider or name == "learning_rate")
        if upper or (place < NEAR and name == "learning_rate"):
            shown = value if isinstance(value, int) else f"{value:.3g}"
            sentences.append(
                f"{name} of the best trial, {shown}, is near the {'upper' if upper else 'lower'} end of what "
                f"was searched, {part.low:g} to {part.high:g}: a wider range may do better."
            )
    return sentences


def _repeats(name: str, values: Mapping[str, Any], narrowing: Narrowing | None) -> bool:
    """Whether most units of the layer that `name`, such as `units_2`, belongs to repeat others."""
    if narrowing is None:
        return False
    place = Profile.from_values(values).place(int(name.removeprefix("units_")))
    widths = narrowing.effective_widths
    return place < len(widths) and widths[place] < MOST_REPEAT * narrowing.layers[place].units


def _place(part: Interval, value: float) -> float:
    """Return where a value lies in its interval, 0 to 1, on the scale of the search."""
    low, value, high = (math.log(x) if part.log else x for x in (part.low, value, part.high))
    return (value - low) / (high - low) if high > low else 0.5
