"""What the trials of a run say about the next search: smaller models, and wider ranges."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ...callbacks.narrowing import Narrowing
from ...search_spaces.parts import Interval, Part
from ...search_spaces.profile import Profile
from ...search_spaces.trial import Trial
from ..runs.store import Store

CLOSE = 0.02
NEAR = 0.05
MOST_REPEAT = 0.5


def close_trials(store: Store, best: Trial) -> list[str]:
    """Return a sentence when smaller models do as well as the best, to within `CLOSE` of its loss."""
    assert best.best_val_loss is not None
    # A space of the user's own may have a loss below 0, and near it is still above it.
    most = best.best_val_loss + CLOSE * abs(best.best_val_loss)
    smallest = store.smallest(most)
    if smallest is None or smallest.parameters > 0.8 * best.parameters:
        return []
    return [
        f"{store.count(most):,} of {store.count():,} trials are within {CLOSE:.0%} of the best validation "
        f"loss; the smallest, {smallest.name}, has {smallest.parameters:,} parameters where the best has "
        f"{best.parameters:,}. "
        "One run with one seed each cannot decide between them."
    ]


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
