"""Several series in one table: which rows and windows are whose, and how they differ in size.

One scaling for all of them is right where they vary by about as much as all values together do. Where they do
not, as sales of a kiosk and of a warehouse, all that the small ones do is nothing beside the large ones: in
training standard deviations their errors are no loss at all. Then each window is counted in its own size
(`own_scale`), unless the user says otherwise, and so is each feature that differs in size.
"""

from __future__ import annotations

import numpy as np

from .calendar import column_names
from .series import MEASURED, Series

DIFFER = 3.0
SMALL = 0.1
"""Series differ where such a share of them spreads less than all values together by more than that factor."""


def owners(series: Series) -> tuple[np.ndarray, np.ndarray]:
    """Return the ids of the series, in order, and int64 (rows,) the number of the series of each row."""
    names, of_stretch = np.unique(np.asarray(series.ids), return_inverse=True)
    return names, np.repeat(of_stretch, series.ends - series.starts)


def means_by_series(values: np.ndarray, owner: np.ndarray, count: int) -> np.ndarray:
    """Return the mean of each series, float64 (series, columns); NaN for those without a row.

    Args:
        values: (rows, columns).
        owner: int (rows,), numbers of series.
        count: of the series.
    """
    rows = np.bincount(owner, minlength=count)
    sums = np.stack([np.bincount(owner, column, count) for column in values.T], axis=1)
    with np.errstate(invalid="ignore"):
        found: np.ndarray = sums / rows[:, None]
    return found


def spread_by_series(values: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Return the standard deviation of each series with rows, float64 (series, columns); of constants 0."""
    rows = np.bincount(owner)
    # From a value of its own: the sum of a constant is rounded, and its spread would not be 0.
    one = np.zeros((len(rows), values.shape[1]))
    one[owner] = values
    moved = values - one[owner]
    moved -= means_by_series(moved, owner, len(rows))[owner]
    found: np.ndarray = np.sqrt(means_by_series(np.square(moved, out=moved), owner, len(rows)))
    return found[rows > 0]


def spread_of_each(series: Series, column: int, learned: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the spread of each series with measured values of a column, float64 (series,), and that of all.

    Args:
        series: the data.
        column: its number, of a target or a numeric feature.
        learned: bool (rows,), the training rows.
    """
    if series.filled is not None:
        learned = learned & (series.filled[:, column] == MEASURED)
    values = series.values[learned, column]
    return spread_by_series(values[:, None], owners(series)[1][learned])[:, 0], float(values.std())


def sizes_differ(series: Series, learned: np.ndarray) -> str:
    """Return in a sentence how the series differ in size; empty where one scaling does for all.

    Args:
        series: the data.
        learned: bool (rows,), the training rows.
    """
    if len(set(series.ids)) < 2:
        return ""
    for place, target in enumerate(series.targets):
        each, whole = spread_of_each(series, place, learned)
        each = each[each > 0]
        if len(each) > 1 and np.quantile(each, SMALL) * DIFFER < whole:
            low, high = np.quantile(each, [SMALL, 1 - SMALL])
            if low * DIFFER < high:
                return (
                    f"The series differ in size: in the training part the ups and downs of {target} "
                    f"(standard deviation) are {low:.3g} in the smaller ones and {high:.3g} in the larger "
                    "ones."
                )
            return (
                f"The series lie at different levels: in the training part {target} varies by {whole:.3g} "
                f"(standard deviation) over all series together, within one of them by about {high:.3g}."
            )
    return ""


def features_that_differ(series: Series, learned: np.ndarray) -> dict[str, tuple[float, float]]:
    """Return which features differ in size between the series, with the spread of small and of large ones.

    A level that differs is none of it, since it may tell series apart, as a price does; nor are features of
    the calendar and static ones. Of a feature of two values, such as a promotion, it is how often it is that
    differs, and no size.

    Args:
        series: the data.
        learned: bool (rows,), the training rows.
    """
    found = {}
    without = {*series.static, *column_names(series.calendar)}
    for column, name in enumerate(series.columns):
        if name in series.targets or name in without:
            continue
        values = series.values[learned, column]
        each, _ = spread_of_each(series, column, learned)
        each = each[each > 0]
        if len(each) < 2 or np.isin(values, [values.min(), values.max()]).all():
            continue
        low, high = np.quantile(each, [SMALL, 1 - SMALL])
        if low * DIFFER < high:
            found[name] = float(low), float(high)
    return found
