"""Forecast: the next horizon after the last measured row of each series, with times, as a table.

The model is a run (its best trial) or the folder of an export; both are given raw values and are
read with the columns, the time and the policy for missing values that the run was given. Rows at the end
whose targets were filled in are not measured: a forecast begins before them, and says so.
"""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...search_spaces.errors import UserError
from ..runs.folder import RunFolder
from ..series.frequency import future_times
from ..series.reading import SYNTHETIC, read_series
from .about import ABOUT, describe, read_about
from .intervals import LEVEL, check_level, interval_of, why_none
from .last_rows import behind, early, last_rows
from .loaded import Predict, as_arrays, exported
from .raw import raw_inputs

if TYPE_CHECKING:
    from ...search_spaces.trial import Trial
    from ..series.series import Series

logger = logging.getLogger(__name__)


def forecast(
    model: str | Path | RunFolder,
    source: Any,
    *,
    trial: int | None = None,
    level: float | None = None,
    trust: bool = False,
    note: Callable[[str], None] = logger.warning,
) -> str:
    """Return the next horizon of every series in `source` as CSV text.

    Args:
        model: a run, the folder of one, or an exported folder.
        source: data with the columns the model was trained on.
        trial: for a run, which trial; None is the best one.
        level: for a run, percent of what comes that the interval is to hold; None is 90.
        trust: load an export that another user or machine made, which is code: see `trust`.
        note: is told, in a sentence, of series that are too short to be forecast, that end before others or
            whose newest rows lack a measured target, and where there is no interval.

    Returns:
        One row for each series and step ahead: id (when there is one), time, each target, and the ends of its
        prediction interval as `TARGET_lower` and `TARGET_upper`, where there is one. Without a time column
        the step, from 1, stands in its place.

    Raises:
        UserError: when the model or the data cannot be used, every series is shorter than the lookback, or
            an export is not known and not to be trusted.
    """
    about, predict = _open(model, trial, level, trust, note)
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
        wide=None if made else about["wide"],
        season=about["season"],
    )
    lasts, short = last_rows(series, about["lookback"])
    for told in (short, behind(series, lasts), early(series, lasts)):
        if told:
            note(told)
    made_ahead = predict(raw_inputs(series, about["lookback"], np.array(list(lasts.values())) + 1))
    return _table(series, list(lasts), list(lasts.values()), made_ahead, about)


def _open(
    model: str | Path | RunFolder,
    trial: int | None,
    level: float | None,
    trust: bool,
    note: Callable[[str], None],
) -> tuple[dict[str, Any], Predict]:
    if isinstance(model, RunFolder):
        return _trained(model, model.trial(trial), LEVEL if level is None else level, note)
    folder = Path(model)
    if (folder / ABOUT).is_file():
        about = read_about(folder)
        if trial is not None:
            raise UserError(f"{folder} is one exported model; --trial is for a run")
        if level not in (None, about["level"]):
            had = "no interval" if about["level"] is None else f"the interval of {about['level']:g}%"
            raise UserError(
                f"{folder} was exported with {had}; narrows export --level {level:g} makes another one"
            )
        shape = (about["horizon"], len(about["targets"]))
        return about, exported(folder, about["format"], shape, trust=trust)
    return _open(RunFolder(folder), trial, level, trust, note)


def _trained(
    run: RunFolder, trial: Trial, level: float, note: Callable[[str], None]
) -> tuple[dict[str, Any], Predict]:
    from .raw import raw_model
    from .rebuilt import engine_of_run, test_forecast, trained_network

    check_level(level)
    network = trained_network(run, trial)  # which weights of another network are told by
    interval = interval_of(run.windows, test_forecast(run, engine_of_run(run), trial), level)
    if interval is None:
        note(why_none(run.windows, level))
    about = describe(run, trial, "run", interval.level if interval else None)
    return about, as_arrays(raw_model(network, run.windows, interval))


def _table(
    series: Series, names: list[str], lasts: list[int], made: dict[str, np.ndarray], about: dict[str, Any]
) -> str:
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n")
    timed = series.times is not None and about["frequency"] is not None
    label = ("_".join(series.time_columns) or "time") if timed else "step"
    ends = [end for end in ("lower", "upper") if end in made]
    columns = [*about["targets"], *(f"{target}_{end}" for target in about["targets"] for end in ends)]
    write.writerow([*([series.id_column] if series.id_column else []), label, *columns])
    horizon = made["forecast"].shape[1]
    # (series, horizon, targets x ends): the ends of a target beside each other, as in `columns`.
    beside = [made[end][..., target] for target in range(len(about["targets"])) for end in ends]
    ahead = np.concatenate([made["forecast"], *(one[..., None] for one in beside)], axis=-1)
    for name, last, steps in zip(names, lasts, ahead, strict=True):
        times: Any = range(1, horizon + 1)
        if timed and series.times is not None:
            times = future_times(series.times[last], about["frequency"], horizon, series.zone)
        for moment, values in zip(times, steps, strict=True):
            cells = [_moment(moment, series.zone), *(f"{value:.9g}" for value in values)]
            write.writerow([*([name] if series.id_column else []), *cells])
    return text.getvalue()


def _moment(moment: Any, zone: str | None) -> str:
    if not isinstance(moment, np.datetime64):
        return str(moment)
    text = str(moment.astype("datetime64[s]")).replace("T", " ")
    return f"{text}Z" if zone else text.removesuffix(" 00:00:00")
