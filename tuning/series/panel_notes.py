"""What a user of several series should know of their windows, in sentences: who has none, and their sizes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from .panel import features_that_differ, owners, sizes_differ
from .series import Series
from .words import counted, shown

WHAT = {"train": "train on", "validation": "validate on", "test": "test on"}


def panel_notes(
    series: Series,
    part_of_row: np.ndarray,
    parts: Mapping[str, np.ndarray],
    needed: tuple[int, int],
    own: Collection[str] | None,
) -> list[str]:
    """Return them; none where there is one series.

    Args:
        series: the data.
        part_of_row: int (rows,), the number of the part of each row.
        parts: first-target rows of the windows of each part.
        needed: rows that a window of training and one of the other parts takes in its part.
        own: features that are counted in the own size of each window, as targets are; None where none is.
    """
    names, owner = owners(series)
    if len(names) < 2:
        return []
    found = []
    for number, (part, rows) in enumerate(parts.items()):
        have = np.bincount(owner[part_of_row == number], minlength=len(names))
        without = np.flatnonzero(np.bincount(owner[rows], minlength=len(names)) == 0)
        if len(without):
            found.append(_without(names, have, without, part, needed[number > 0]))
    differ = sizes_differ(series, part_of_row == 0)
    if own is not None:
        found.append(
            f"{differ} Each window is counted from its own mean in units of its own spread, so that small "
            "series count as much as large ones (--levels shared: one unit for all).".lstrip()
        )
    elif differ:
        found.append(
            f"{differ} One unit serves them all, so that the large ones alone are learned; --levels own "
            "counts each window in its own size."
        )
    if own:
        found.append(
            "Features that differ in size between the series are counted in their own size in each window, "
            f"too: {shown([*own])}."
        )
    elif own is None and (features := features_that_differ(series, part_of_row == 0)):
        each = shown([f"{name} ({low:.3g} to {high:.3g})" for name, (low, high) in features.items()])
        found.append(
            "Features are in one unit for all series, in which the ups and downs of small ones are hardly "
            f"seen. Between the series these differ in size (standard deviation): {each}. Where its level "
            "tells nothing of a series, give such a feature as a share of its mean there, or have --levels "
            "own count it in its own size in each window."
        )
    return found


def _without(names: np.ndarray, have: np.ndarray, without: np.ndarray, part: str, needed: int) -> str:
    listed = shown([f"{names[one]} ({counted(int(have[one]), 'row')} there)" for one in without])
    taught = "; they are forecast by what the others teach" if part == "train" else ""
    return (
        f"{len(without):,} of {len(names):,} series have no window to {WHAT[part]}, as they have no "
        f"{counted(needed, 'row')} in a row in that part{taught}: {listed}."
    )
