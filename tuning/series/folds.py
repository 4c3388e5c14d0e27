"""Rolling-origin folds: the validation part, and parts of its length before it, each with its own past.

    train ......................  validation  test        the newest fold, the windows of the job
    train ............  validation                        the fold before it
    train ..  validation                                  and so on

A fold is what a forecaster had who stood at an earlier time: scaling and linear forecast are fitted on its
own training part, and nothing from the end of its validation part on is read by it (what it calls its test
part is everything later). Source: Tashman 2000, "Out-of-sample tests of forecasting accuracy".
"""

from __future__ import annotations

from itertools import count

import numpy as np

from ...search_spaces.errors import UserError
from .windows import Windows

LEAST_SHARE = 0.5
"""Of the newest fold's training rows: a fold with fewer of them says little of a network for all of them."""


def older_folds(windows: Windows, folds: int) -> tuple[Windows, ...]:
    """Return the windows of the folds before the newest one, the later ones first.

    Args:
        windows: of the newest fold.
        folds: how many in all, at least 1.

    Raises:
        UserError: when the data are too short for so many.
    """
    found: list[Windows] = []
    for back in range(1, folds):
        try:
            found.append(_earlier(windows, back))
        except UserError as error:
            enough = f"use at most {back}" if back > 1 else "use 1"
            raise UserError(f"the data are too short for {folds} folds; {enough}: {error}") from None
    return tuple(found)


def folds_that_fit(windows: Windows, most: int) -> tuple[Windows, ...]:
    """Return the same, of as many folds as the data have with enough to train on, but at most `most`."""
    enough = LEAST_SHARE * np.count_nonzero(windows.part_of_row == 0)
    found: list[Windows] = []
    for back in count(1):
        if (
            back == most
            or np.count_nonzero(windows.split.earlier(back).parts_of(windows.series) == 0) < enough
        ):
            break
        try:
            found.append(_earlier(windows, back))
        except UserError:
            break
    return tuple(found)


def _earlier(windows: Windows, back: int) -> Windows:
    return windows.cut(split=windows.split.earlier(back))
