"""What the pictures of single layers have in common: the measures of a trial, and what a layer is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...search_spaces.trial import Status
from ._base import NothingToShow

if TYPE_CHECKING:
    from ..narrowing import Narrowing
    from ..recorded import RecordedTrial

UNIT = "#4a90c4"
"""Units, and the part of a layer whose units do different work."""
LAYERS = (
    ("#4a8cc7", "circle"),
    ("#ee6677", "square"),
    ("#2f9a45", "diamond"),
    ("#ccbb44", "triangle-up"),
    ("#66ccee", "triangle-down"),
    ("#c2559f", "cross"),
    ("#999933", "star"),
    ("#bb7744", "hexagon"),
)
"""Colour and symbol of each layer, from input to output; colours by Paul Tol (2021), the dark ones made
lighter for a dark page."""


def measured(trial: RecordedTrial | None) -> Narrowing:
    """Return the measures of a trial.

    Raises:
        NothingToShow: when it has none.
    """
    if trial is None or trial.narrowing is None:
        failed = trial is not None and trial.status == Status.FAILED
        raise NothingToShow(f"Nothing was measured of this trial{', because it failed' if failed else ''}.")
    return trial.narrowing


def plural(count: int, noun: str) -> str:
    """Return `1 unit`, `2 units`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def layer_name(number: int, units: int) -> str:
    """Return how a layer is called; its number is from 1."""
    return f"layer {number}: {plural(units, 'unit')}"
