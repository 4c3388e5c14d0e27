"""Bottlenecks of trials: which layer is one, and the hyperparameters as they were applied.

A profile such as 34-8 does not say that its second layer is a bottleneck, and the values that were proposed
do not say where it stands: with one other layer, `bottleneck_after` 2 means after the last one.
"""

from __future__ import annotations

from typing import Any

from ..search_spaces.errors import UserError
from ..search_spaces.profile import Profile
from ..search_spaces.trial import Trial


def bottleneck_of(trial: Trial) -> int | None:
    """Return the 0-based place in `units` of the bottleneck layer; None where none is known."""
    try:
        profile = Profile.from_values(trial.values)
    except (KeyError, TypeError, ValueError, OverflowError, UserError):  # a space of the user's own
        return None
    return profile.bottleneck if profile.units == tuple(trial.units) else None


def applied(trial: Trial) -> dict[str, Any]:
    """Return the hyperparameters that made a difference to a trial's network, as they did.

    Without a bottleneck it follows no layer; one after a layer that is not there follows the last one.
    """
    found = dict(trial.values)
    if "bottleneck_after" not in found or found.get("bottleneck") is None:
        return found
    place = bottleneck_of(trial)
    if place is not None:
        found["bottleneck_after"] = place
    elif found["bottleneck"] == 0:
        del found["bottleneck_after"]
    return found
