"""What a job takes from the data where the user says nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..search_spaces.errors import UserError
from .series.epoch_rows import training_steps
from .series.folds import folds_that_fit, older_folds
from .series.overlap import moments_needed
from .series.own_scale import LEAST_ROWS
from .series.panel import sizes_differ
from .series.ridge_floor import ridge_floor
from .series.series import Series
from .series.windows import Windows

if TYPE_CHECKING:
    from ..search_spaces.parts import Part

PATIENT_STEPS = 750
LEAST_PATIENCE, MOST_PATIENCE = 3, 30
EPOCHS_A_PATIENCE = 10
FOLDS = 3
"""Where the validation windows are few; more would leave the oldest fold little to train on."""
LEAST_SEGMENTS = 2
"""A window of fewer segments is no sequence."""


def default_lookback(series: Series, horizon: int) -> int:
    """Return what the series asks for, or two seasons (one when that is above 96 rows), or 24 rows.

    Short data get less: at most a quarter of the longest unbroken stretch, so that every part of the
    split has windows.
    """
    if series.lookback is not None:
        return max(series.lookback, horizon) if series.ahead else series.lookback
    season = series.season
    wanted = 24 if season == 1 else 2 * season if 2 * season <= 96 else season
    longest = int((series.ends - series.starts).max()) if series.rows else 0
    short = max(1, min(wanted, longest // 4 - horizon if longest // 4 > horizon else longest - horizon))
    # What is known of the rows to forecast stands in as many rows of the window.
    return max(short, horizon) if series.ahead else short


def in_own_size(windows: Windows, levels: str | None, parts: Mapping[str, Part]) -> Windows:
    """Return the windows of a job, each in its own size where the series differ in size.

    It is one choice for a whole search and none of its trials': losses in different units cannot be compared.
    Those of a stack then have a season of rows at least, where the series are as long: a night tells nothing
    of the size of a day. What the LSTM reads of them is another matter.

    Args:
        windows: with one scaling for all.
        levels: `own`, `shared`, or None where the data decide.
        parts: of a stacked LSTM; none where the space is the user's own.

    Raises:
        UserError: where they are too short to tell a size, or a trial would read values as they are.
    """
    differ = "" if levels else sizes_differ(windows.series, windows.learned)
    if levels != "own" and not differ:
        return windows
    if "scaling" in parts and "none" in str(parts["scaling"]).split(","):
        raise UserError(
            f"scaling: none reads values as they are, and each window is counted in its own size. {differ} "
            "Leave it out, or count all in one unit with --levels shared"
        )
    season = windows.series.season
    if parts and season > windows.lookback:
        try:
            return windows.cut(lookback=season, own=True)
        except UserError:
            pass  # the series are not as long
    if windows.lookback < LEAST_ROWS:
        raise UserError(
            f"lookback {windows.lookback}: to count each window in its own size takes {LEAST_ROWS} rows at "
            f"least. {differ} Take a longer --lookback, or count all in one unit with --levels shared"
        )
    return windows.cut(own=True)


def linear_lookback(windows: Windows) -> int:
    """Return the rows that windows must have for the linear forecast to read the past that it chooses."""
    return max(windows.lookback, *ridge_floor(windows).reads)


def default_segments(series: Series, lookbacks: Sequence[int]) -> list[int]:
    """Return the rows a step that are tried: one, and a season where each lookback is several of them."""
    season = series.season
    whole = season > 1 and all(rows % season == 0 and rows >= LEAST_SEGMENTS * season for rows in lookbacks)
    return [1, season] if whole else [1]


def default_patience(windows: Windows, batch_size: int) -> int:
    """Return the epochs that take `PATIENT_STEPS` steps of training, but 3 to 30.

    An epoch of a long series is hundreds of steps, one of a short series a few: five epochs without
    progress would be an hour of waiting there and the first stumble here.
    """
    steps = training_steps(windows, batch_size)
    return min(max(math.ceil(PATIENT_STEPS / max(steps, 1)), LEAST_PATIENCE), MOST_PATIENCE)


def default_epochs(windows: Windows, batch_size: int) -> int:
    """Return the most epochs of a trial, 30 to 300: ten times the patience the data ask for."""
    return EPOCHS_A_PATIENCE * default_patience(windows, batch_size)


def default_rung(windows: Windows, batch_size: int) -> int:
    """Return the epoch after which successive halving first ends trials: the patience the data ask for.

    Earlier losses say too little of what comes of a trial. Replayed on three recorded searches
    (`benchmarks/ending.py`), a first rung of 250 steps found a loss as good as without any in 36, 79 and 95
    of 100 orders of the trials, one of 750 steps in 88, 100 and 99.
    """
    return default_patience(windows, batch_size)


def older_folds_of(windows: Windows, asked: int | None) -> tuple[Windows, ...]:
    """Return the windows of the folds before the newest one.

    Without a wish there are none where validation has windows enough to choose by: they begin at as many
    different times as a comparison of two forecasts takes.

    Args:
        windows: of the newest fold.
        asked: how many folds in all; None leaves it to the data.

    Raises:
        UserError: when the data are too short for so many.
    """
    if asked is not None:
        return older_folds(windows, asked)
    times = len(np.unique(windows.moments[windows.parts["validation"]]))
    return () if times >= moments_needed(windows.horizon) else folds_that_fit(windows, FOLDS)
