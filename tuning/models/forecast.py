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
from typing import Any

import numpy as np

from ...search_spaces.errors import UserError
from ...search_spaces.trial import Trial
from ..runs.folder import RunFolder
from ..series.frequency import future_times
from ..series.reading import SYNTHETIC, read_series
from ..series.series import Series
from ..series.words import counted, shown, time_text
from .about import ABOUT, describe, read_about
from .raw import raw_inputs

logger = logging.getLogger(__name__)
Predict = Callable[[dict[str, np.ndarray]], np.ndarray]


def forecast(
    model: str | Path | RunFolder,
    source: Any,
    *,
    trial: int | None = None,
    note: Callable[[str], None] = logger.warning,
) -> str:
    """Return the next horizon of every series in `source` as CSV text.

    Args:
        model: a run, the folder of one, or an exported folder.
        source: data with the columns the model was trained on.
        trial: for a run, which trial; None is the best one.
        note: is told, in a sentence, of series whose newest rows lack a measured target.

    Returns:
        One row for each series and step ahead: id (when there is one), time, and each target. Without
        a time column the step, from 1, stands in its place.

    Raises:
        UserError: when the model or the data cannot be used, or a series is shorter than the lookback.
    """
    about, predict = _open(model, trial)
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
    lasts = _last_rows(series, about["lookback"])
    if told := _early(series, lasts):
        note(told)
    ahead = predict(raw_inputs(series, about["lookback"], np.array(list(lasts.values())) + 1))
    return _table(series, list(lasts), list(lasts.values()), ahead, about)


def _open(model: str | Path | RunFolder, trial: int | None) -> tuple[dict[str, Any], Predict]:
    if isinstance(model, RunFolder):
        chosen = model.trial(trial)
        return describe(model, chosen, "run"), _trained(model, chosen)
    folder = Path(model)
    if (folder / ABOUT).is_file():
        if trial is not None:
            raise UserError(f"{folder} is one exported model; --trial is for a run")
        about = read_about(folder)
        return about, _exported(folder, about["format"])
    return _open(RunFolder(folder), trial)


def _exported(folder: Path, format: str) -> Predict:
    import tensorflow as tf

    from ...search_spaces.backend import keras

    if format == "keras":
        model = keras.models.load_model(folder / "model.keras")
        return lambda inputs: model({name: tf.constant(x) for name, x in inputs.items()})["forecast"].numpy()
    signature = tf.saved_model.load(str(folder)).signatures["serving_default"]
    return lambda inputs: signature(**{name: tf.constant(x) for name, x in inputs.items()})[
        "forecast"
    ].numpy()


def _trained(run: RunFolder, trial: Trial) -> Predict:
    import tensorflow as tf

    from .raw import raw_model
    from .rebuilt import trained_network

    model = raw_model(trained_network(run, trial), run.windows)
    return lambda inputs: model({name: tf.constant(x) for name, x in inputs.items()})["forecast"].numpy()


def _last_rows(series: Series, lookback: int) -> dict[str, int]:
    """Return the last row of each series whose targets were measured, by id.

    Its last unbroken stretch must hold a lookback up to there.
    """
    lasts, lengths, known = {}, {}, series.known
    for name, start, end in zip(series.ids, series.starts, series.ends, strict=True):
        lengths[name] = int(np.flatnonzero(known[start:end]).max(initial=-1)) + 1
        lasts[name] = int(start) + lengths[name] - 1
    for name, length in lengths.items():
        if length < lookback:
            at_end = "at its end" if series.filled is None else "up to the last one with measured targets"
            raise UserError(
                f"{_which(series, name)} has {length} unbroken rows {at_end}; "
                f"a forecast looks back on {lookback}"
            )
    return lasts


def _early(series: Series, lasts: dict[str, int]) -> str:
    """Return in a sentence which series end in rows whose targets were filled in; empty where none does."""
    ends = dict(zip(series.ids, series.ends, strict=True))
    found = []
    for name, last in lasts.items():
        if rows := int(ends[name]) - 1 - last:
            who = f"{name!r} " if series.id_column else ""
            after = "" if series.times is None else f"after {time_text(series.times[last])}, "
            found.append(f"{who}{after}{counted(rows, 'row')} before the end")
    if not found:
        return ""
    of = f" of {counted(len(found), 'series', 'series')}" if series.id_column else ""
    return (
        f"{series.name}: the newest rows{of} lack a measured target, so the forecast begins earlier: "
        f"{shown(found)}"
    )


def _which(series: Series, name: str) -> str:
    return f"series {name!r} of {series.name}" if series.id_column else series.name


def _table(
    series: Series, names: list[str], lasts: list[int], ahead: np.ndarray, about: dict[str, Any]
) -> str:
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n")
    timed = series.times is not None and about["frequency"] is not None
    label = ("_".join(series.time_columns) or "time") if timed else "step"
    write.writerow([*([series.id_column] if series.id_column else []), label, *about["targets"]])
    horizon = ahead.shape[1]
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
