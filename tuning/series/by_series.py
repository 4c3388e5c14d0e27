"""Scores of several series: of each by itself, and as means over them, where none counts more for its size.

With q(i) the scale of series i (`metrics.mase_scale` of its own training rows), each mean over the windows
and steps of a series first and then over the series that have one:

    MASE  = mean over i of  mean |y - f| / q(i)
    sMAPE = mean over i of  mean 200 |y - f| / (|y| + |f|)
    OWA   = (MASE / MASE of the reference + sMAPE / sMAPE of the reference) / 2

The reference is the seasonal naive forecast of the very same windows, or the last value where there is no
season; its OWA is 1. Series of which no scale is known count in sMAPE alone.

Source: Makridakis et al. 2020, "The M4 competition"; there the reference is Naive 2, the last value of the
series without its season.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from .floors import seasonal_naive
from .metrics import scores, shares
from .panel import means_by_series, owners
from .windows import Windows

OF_SERIES = ("MASE", "sMAPE", "OWA")


class BySeries:
    """The windows of several series, to score forecasts of them.

    Args:
        windows: the data.
        rows: int64 (windows,), row of the first target of each window.
    """

    def __init__(self, windows: Windows, rows: np.ndarray) -> None:
        self.windows, self.rows = windows, rows
        names, owner = owners(windows.series)
        there, self.owner = np.unique(owner[rows], return_inverse=True)
        self.names = [str(name) for name in names[there]]
        self._there, self._owner_of_rows = there, owner

    @cached_property
    def scale(self) -> np.ndarray:
        """q, float64 (series, targets), raw units; NaN where it is not known."""
        series, season = self.windows.series, self.windows.series.season
        values, known = series.values[:, : len(series.targets)], series.known
        train = (self.windows.part_of_row == 0) & known
        first = np.repeat(series.starts, series.ends - series.starts)
        rows = np.flatnonzero(train & (np.arange(series.rows) - season >= first))
        rows = rows[known[rows - season]]
        owner, count = self._owner_of_rows, int(self._owner_of_rows.max()) + 1
        scale = means_by_series(np.abs(values[rows] - values[rows - season]), owner[rows], count)
        size = means_by_series(np.abs(values[train]), owner[train], count)
        with np.errstate(invalid="ignore"):
            found: np.ndarray = np.where(scale > 1e-12 * size, scale, np.nan)[self._there]
        return found

    @cached_property
    def share(self) -> np.ndarray:
        """float64 (windows, 1, targets): |y - f| times it has the MASE as its plain mean; 0 without scale."""
        known = ~np.isnan(self.scale)
        series = np.maximum(known.sum(axis=0), 1)
        each = (
            len(self.rows) / np.bincount(self.owner)[:, None] / series / np.where(known, self.scale, np.inf)
        )
        found: np.ndarray = each[self.owner][:, None]
        return found

    @property
    def unit(self) -> np.ndarray:
        """float64 (windows, 1, targets): the scale of the series of each window."""
        found: np.ndarray = self.scale[self.owner][:, None]
        return found

    def each(self, forecast: np.ndarray) -> dict[str, np.ndarray]:
        """Return the scores of each series, (series, targets), by the names of `OF_SERIES`.

        The OWA of one series is a mean of two ratios of its own, and infinite where its reference is perfect.

        Args:
            forecast: float64 (windows, horizon, targets), raw units.
        """
        found = self._both(forecast)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = [found[name] / self._reference[name] for name in found]
        return {**found, "OWA": np.mean(ratios, axis=0)}

    def means(self, forecast: np.ndarray) -> dict[str, np.ndarray]:
        """Return the means over series, (targets,), by the names of `OF_SERIES`; see the top of the file."""
        found, reference = self._means(self._both(forecast)), self._means(self._reference)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = [found[name] / reference[name] for name in found]
        return {**found, "OWA": np.mean(ratios, axis=0)}

    @cached_property
    def _reference(self) -> dict[str, np.ndarray]:
        return self._both(seasonal_naive(self.windows, self.rows))

    def _both(self, forecast: np.ndarray) -> dict[str, np.ndarray]:
        actual, count = self.windows.raw_targets(self.rows), len(self.names)
        with np.errstate(over="ignore", invalid="ignore"):
            error = means_by_series(np.abs(actual - forecast).mean(axis=1), self.owner, count)
            smape = means_by_series(200 * shares(actual, forecast).mean(axis=1), self.owner, count)
        return {"MASE": error / self.scale, "sMAPE": smape}

    def _means(self, both: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the means over series, (targets,); NaN where no series has a scale, or a forecast is NaN."""
        known = ~np.isnan(self.scale)
        with np.errstate(invalid="ignore"):
            mase = np.where(known, both["MASE"], 0.0).sum(axis=0) / known.sum(axis=0)
        return {"MASE": mase, "sMAPE": both["sMAPE"].mean(axis=0)}


def scored(
    forecasts: Mapping[str, np.ndarray], windows: Windows, rows: np.ndarray
) -> dict[str, dict[str, dict[str, float]]]:
    """Return the scores of forecasts, by name, target and metric.

    They are those of `metrics.scores`; of several series MASE and sMAPE are means over them, beside OWA.

    Args:
        forecasts: float64 (windows, horizon, targets), raw units, by name.
        windows: the data.
        rows: int64 (windows,), row of the first target of each window.
    """
    actual = windows.raw_targets(rows)
    table = {name: scores(actual, forecast, windows) for name, forecast in forecasts.items()}
    if len(set(windows.series.ids)) > 1:
        panel = BySeries(windows, rows)
        for name, forecast in forecasts.items():
            means = panel.means(forecast)
            for place, of_target in enumerate(table[name].values()):
                of_target |= {metric: float(each[place]) for metric, each in means.items()}
    return table
