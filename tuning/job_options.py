"""JobOptions: what a user may say of a job, and what holds where nothing is said.

This is the one place of these defaults: `Job` is made of these fields, the options of `narrows tune`
begin with their values, and a test holds the signature of `tune` to them. Importing it imports no
NumPy, so that `narrows tune --help` answers at once. Where a default is None the data decide, see
`defaults`; what holds for the parts of a space stands in `stack_parts.DEFAULTS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..search_spaces.stack_parts import CLIPNORM, LOSS
from . import algorithms

LEVELS = ("own", "shared")


@dataclass(frozen=True)
class JobOptions:
    """What to search, on which data, for how long.

    Args:
        source: path of a CSV or Parquet file, a data frame, arrays, or `synthetic:NAME[,key=value]`.
        target: column or columns to forecast.
        time: column or columns of the time; None takes the rows as they come.
        id: column that tells several series apart.
        wide: of a table that is not one row a time step: columns, one for each series, or rows, one for each.
        features: past features, or `all` remaining columns.
        known: features whose values are known for the rows to forecast: promotions that were decided, prices.
            The lookback is then the horizon at least.
        static: features that have one value in a series, such as its region.
        calendar: features to make of the times: hour, weekday, monthday, yearday, month, and holidays=DE.
        missing: what to do about missing values and gaps: error, ffill, interpolate or drop.
        missing_values: what stands for a missing value beside empty cells and words such as NA: -200, or
            several; `text` is whatever is no number in a column of numbers.
        categorical: features that are categories although they look like numbers.
        day_first: whether 1/2/2020 is the first of February; None where the data tell.
        zone: time zone of the wall clock that times without a zone were read off, `Europe/Berlin`, on which
            days and months are counted.
        season: rows in a season; None infers it from the time.
        lookback: rows a forecast looks back on, or several to search among, `[24, 48]` or "24,48"; None
            takes two seasons, or 24 rows.
        horizon: rows to forecast at once.
        split: fractions, numbers of rows, or first dates of validation and test.
        levels: own: each window of each series is counted in its own size, for series that differ in it; or
            shared: one scaling for all. None takes own where they differ.
        folds: rolling-origin folds that each trial is trained on, the validation part and parts of its length
            before it; its loss is the mean over them. None takes 3 where validation windows are few, else 1.
        space: parts of the space by the names that `StackedLSTM` takes, `{"num_layers": 2, "units": (4, 9)}`;
            those not named are as there. Or a `keras_tuner.HyperModel`, or a function from its
            hyperparameters to a compiled model.
        callbacks: Keras callbacks of every trial: a list, of which each trial gets copies, or a function
            that is given the trial and returns its own. The keras engine trains then.
        loss: mse, mae or huber.
        clipnorm: bound on the norm of the whole gradient; 0 is none.
        algorithm: tpe, random, grid, bayesian or hyperband.
        engine: how trials are trained: fused, or keras for spaces it refuses and to compare with.
        trials: how many trials in all.
        minutes: time budget of one start of the search; None is none. 15 % of it is for `confirm`.
        epochs: most epochs of a trial; None takes 30 for long series to 300 for short ones.
        patience: epochs without a better validation loss that end a trial; 0 is never; None takes 3 for
            long series to 30 for short ones (`defaults`).
        halving: end a trial early that is not among the best third of the trials before it: successive
            halving. Hyperband does that itself.
        confirm: train the best trials again with other seeds before the answer: one for each ten trials, at
            most three, twice each.
        seed: of everything random.
        max_parameters: a larger model is not trained.
        keep: trials whose weights are kept, the best ones.
        record: trials that keep a run of their own in TensorBoard, the best and the newest ones.
        cache: whether compiled programs are kept in the user's cache folder for the next search on the same
            shapes, and taken from there; it changes no result.
        cluster: a Ray cluster to train on: `auto` (the one this machine is in), `ray://HOST:PORT` or
            `HOST:PORT`; `auto,cores=4` has each worker process train four trials. None is this machine alone.
    """

    source: Any
    target: str | Sequence[str] | None = None
    time: str | Sequence[str] | None = None
    id: str | None = None
    wide: str | None = None
    features: str | Sequence[str] | None = None
    known: str | Sequence[str] | None = None
    static: str | Sequence[str] | None = None
    calendar: str | Sequence[str] | None = None
    missing: str = "error"
    missing_values: str | float | Sequence[str | float] | None = None
    categorical: str | Sequence[str] | None = None
    day_first: bool | None = None
    zone: str | None = None
    season: int | None = None
    lookback: int | str | Sequence[int] | None = None
    horizon: int = 1
    split: str = "0.7,0.15,0.15"
    levels: str | None = None
    folds: int | None = None
    space: Any = field(default_factory=dict)
    callbacks: Any = None
    loss: str = LOSS
    clipnorm: float = CLIPNORM
    algorithm: str = algorithms.DEFAULT
    engine: str = "fused"
    trials: int = 30
    minutes: float | None = None
    epochs: int | None = None
    patience: int | None = None
    halving: bool = True
    confirm: bool = True
    seed: int = 0
    max_parameters: int = 5_000_000
    keep: int = 20
    record: int = 400
    cache: bool = True
    cluster: str | None = None
