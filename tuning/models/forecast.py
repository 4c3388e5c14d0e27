"""Forecast: the next horizon after the last measured row of each series, or past ones, as a table.

The model is a run (its best trial) or the folder of an export; both are given raw values and are
read with the columns, the time and the policy for missing values that the run was given. Rows at the end
whose targets were filled in are not measured: a forecast begins before them, and says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...search_spaces.errors import UserError
from ..runs.folder import RunFolder
from ..series.reading import SYNTHETIC, read_series
from .about import ABOUT, describe, read_about
from .forecast_table import as_given, table_of
from .intervals import LEVEL, check_level, interval_of, why_none
from .last_rows import early, last_rows, past_rows
from .loaded import Predict, as_arrays, exported
from .raw import raw_inputs

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
        note: is told, in a sentence, of series whose newest rows lack a measured target, where there is no
            interval, and where errors of past forecasts say little.

    Returns:
        The table of `forecast_table`, a frame of the kind that `source` is, polars' where it is none.

    Raises:
        UserError: when the model or the data cannot be used, a series is shorter than the lookback, or an
            export is not known and not to be trusted.
    """
    if origins is not None and origins < 1:
        raise UserError(f"origins: {origins} is not a number of past forecasts, from 1")
    about, predict = _open(model, Asked(trial, ensemble, level), trust, note)
    targets = about["targets"]
    features = [*about["values"][len(targets) :], *about["categories"]]
    made = isinstance(source, str) and source.startswith(SYNTHETIC)  # with its own times and ids
    series = read_series(
        source,
        target=targets,
        time=None if made else about["time"] or None,
        id=None if made else about["id"],
        features=features or None,
        missing=about["missing"],
        season=about["season"],
    )
    lookback = about["lookback"]
    lasts = last_rows(series, lookback)
    rows = np.array(list(lasts.values())) + 1
    if origins is not None:
        rows = past_rows(series, lasts, lookback, about["horizon"], origins)
        if len(rows) < origins * len(lasts):
            note(f"{len(rows)} of {origins * len(lasts)} past forecasts: for the others rows are missing")
        note(
            "errors of forecasts say how good a model is only on rows that it neither learned from nor was "
            f"chosen by: {about['unseen']}"
        )
    elif told := early(series, lasts):
        note(told)
    ends = predict(raw_inputs(series, lookback, rows))
    table = table_of(series, rows, ends, about, past=origins is not None, name=name)
    return as_given(table, source, series)


@dataclass(frozen=True)
class Asked:
    """What of a run is asked for; see `forecast`."""

    trial: int | None
    ensemble: bool
    level: float | None


def _open(
    model: str | Path | RunFolder, asked: Asked, trust: bool, note: Callable[[str], None]
) -> tuple[dict[str, Any], Predict]:
    if isinstance(model, RunFolder):
        return _trained(model, asked, note)
    folder = Path(model)
    if not (folder / ABOUT).is_file():
        return _trained(RunFolder(folder), asked, note)
    about = read_about(folder)
    if asked.trial is not None or asked.ensemble:
        raise UserError(f"{folder} is one exported model; --trial and --ensemble are for a run")
    if asked.level not in (None, about["level"]):
        had = "no interval" if about["level"] is None else f"the interval of {about['level']:g}%"
        raise UserError(
            f"{folder} was exported with {had}; narrows export --level {asked.level:g} makes another one"
        )
    return about, exported(folder, about, trust=trust)


def _trained(run: RunFolder, asked: Asked, note: Callable[[str], None]) -> tuple[dict[str, Any], Predict]:
    from .handed import Wanted, handed
    from .raw import raw_model

    level = LEVEL if asked.level is None else asked.level
    check_level(level)
    wanted = Wanted(run.trial(asked.trial), asked.ensemble)
    wanted.check(run)
    made = handed(run, wanted)
    interval = interval_of(run.windows, made.honest, level)
    if interval is None:
        note(why_none(run.windows, level))
    about = describe(run, wanted.trial, "run", interval.level if interval else None)
    return about, as_arrays(raw_model(made.network, run.windows, interval))
