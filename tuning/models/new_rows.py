"""Rows to forecast from, read as the rows that a model was trained on.

What is a number, a category, a missing value, the day of a date and a step in time was decided in training;
new rows that differ from it are refused, or told by name where the model can still read them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ...search_spaces.plain import from_plain
from ..series.calendar import column_names
from ..series.conventions import Conventions, said
from ..series.reading import SYNTHETIC
from ..series.reading.future import Future
from ..series.reading.read import read_as
from ..series.series import MEASURED, Series
from ..series.words import counted, shown


def read_rows(about: Mapping[str, Any], source: Any, asked: Mapping[str, Any]) -> tuple[Series, Future]:
    """Return new data as a Series of the same columns, and what is known of the rows after them.

    Args:
        about: of the model, see `about.describe`.
        source: the data.
        asked: what is to be read otherwise than in training: `missing`, `missing_values`, `day_first`,
        `zone`; None where nothing is.

    Raises:
        UserError: for all that `read_series` refuses, and for rows of another step.
    """
    targets, categories = about["targets"], list(about["categories"])
    made_of_times = column_names(about["calendar"])
    numeric = [name for name in about["values"][len(targets) :] if name not in made_of_times]
    special = {*about["known"], *about["static"]}
    made = isinstance(source, str) and source.startswith(SYNTHETIC)  # with its own times and ids
    given = said(asked.get("missing_values"), None, asked.get("day_first"), asked.get("zone"))
    other = {
        name: value for name in ("missing_values", "day_first", "zone") if (value := getattr(given, name))
    }
    if given.day_first is False:
        other["day_first"] = False
    conventions = dataclasses.replace(
        from_plain(Conventions, about["conventions"]),
        categorical=tuple(categories),
        numeric=tuple(numeric),
        frequency=about["frequency"] if about["time"] else None,
        **other,
    )
    return read_as(
        source,
        conventions,
        target=targets,
        time=None if made else about["time"] or None,
        id=None if made else about["id"],
        features=[name for name in (*numeric, *categories) if name not in special] or None,
        known=about["known"] or None,
        static=about["static"] or None,
        calendar=about["calendar"],
        wide=None if made else about["wide"],
        missing=asked.get("missing") or about["missing"],
        season=about["season"],
    )


def told_of_rows(about: Mapping[str, Any], series: Series, lasts: Mapping[str, int]) -> Iterable[str]:
    """Yield in sentences what of the rows that a forecast looks back on was not there or is not known.

    Args:
        about: of the model.
        series: from `read_rows`.
        lasts: the last measured row of each series that is forecast, by id.
    """
    read = (np.array([*lasts.values()])[:, None] - np.arange(about["lookback"])).ravel()
    if series.filled is not None:
        counts = (series.filled[read] != MEASURED).sum(axis=0)
        names = [f"{name} {count}" for name, count in zip(series.columns, counts, strict=True) if count]
        if names:
            what = counted(int(counts.sum()), "value was", "values were")
            yield f"{what} filled in, of the rows that the forecast looks back on: {shown(names)}"
    for place, name in enumerate(series.categorical):
        codes = series.codes[read, place]
        known = set(about["categories"][name])
        unseen = {text: int((codes == code).sum()) for code, text in enumerate(series.categories[place])}
        rows = {text: count for text, count in unseen.items() if count and text not in known}
        if rows:
            texts = shown([f"{text!r} in {counted(count, 'row')}" for text, count in rows.items()])
            yield f"feature {name!r} has values that the model never saw and reads as missing: {texts}"
