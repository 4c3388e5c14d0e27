"""Forecast: the next horizon after the last measured row of each series, or past ones, as a table.

The model is a run (its best trial) or the folder of an export; both are given raw values and are
read with the columns, the time and the policy for missing values that the run was given. Rows at the end
whose targets were filled in are not measured: a forecast begins before them, and says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ...search_spaces.errors import UserError
from ..runs.folder import RunFolder
from .forecast_table import as_given, table_of
from .last_rows import behind, early, last_rows, past_rows
from .new_rows import read_rows, told_of_rows
from .opened import Asked, opened
from .raw import raw_inputs, window_inputs

logger = logging.getLogger(__name__)


def forecast(
    model: str | Path | RunFolder,
    source: Any,
    *,
    trial: int | None = None,
    ensemble: bool = False,
    level: float | None = None,
    origins: int | None = None,
    name: str | None = None,
    trust: bool = False,
    note: Callable[[str], None] = logger.warning,
    **asked: Any,
) -> Any:
    """Return the next horizon of every series in `source`, or past ones, as a data frame.

    Args:
        model: a run, the folder of one, or an exported folder.
        source: data with the columns the model was trained on.
        trial: for a run, which trial; None is the best one.
        ensemble: for a run, the mean of the best trial's networks, blended as the answer says.
        level: for a run, percent of what comes that the interval is to hold; None is 90.
        origins: forecast from so many past origins of each series, a horizon apart, beside what came; None
            forecasts what comes next.
        name: column of the forecast; None is the target's, with `origins` `narrows`.
        trust: load an export that another user or machine made, which is code: see `trust`.
        note: is told, in a sentence, of series that have no row or too few, or not what must be known of the
            rows to come, that end before others or whose newest rows lack a measured target, of values that
            were filled in or that the model never saw, where there is no interval, and where errors of past
            forecasts say little.
        asked: what is to be read otherwise than in training, see `read_rows`.

    Returns:
        The table of `forecast_table`, a frame of the kind that `source` is, polars' where it is none.

    Raises:
        UserError: when the model or the data cannot be used, every series is shorter than the lookback, or
            an export is not known and not to be trusted.
    """
    if origins is not None and origins < 1:
        raise UserError(f"origins: {origins} is not a number of past forecasts, from 1")
    about, predict = opened(model, Asked(trial, ensemble, level), trust, note)
    series, future = read_rows(about, source, asked)
    lookback, horizon = about["lookback"], about["horizon"]
    lasts, short = last_rows(series, lookback)
    if origins is None:
        known, lasts, lacking = future.ahead(series, lasts, horizon)
        rows = np.array(list(lasts.values())) + 1
        told = (
            *short,
            *lacking,
            behind(series, lasts),
            early(series, lasts),
            *told_of_rows(about, series, lasts),
        )
        given = raw_inputs(series, lookback, rows) | known
    else:
        rows = past_rows(series, lasts, lookback, horizon, origins)
        wanted = origins * len(lasts)
        fewer = f"{len(rows)} of {wanted} past forecasts: for the others rows are missing"
        told = (
            *short,
            fewer if len(rows) < wanted else "",
            "errors of forecasts say how good a model is only on rows that it neither learned from nor was "
            f"chosen by: {about['unseen']}",
        )
        given = window_inputs(series, lookback, horizon, rows)
    for line in filter(None, told):
        note(line)
    ends = predict(given)
    table = table_of(series, rows, ends, about, past=origins is not None, name=name)
    return as_given(table, source, series)
