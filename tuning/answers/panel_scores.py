"""What the answer says of several series: the scores of each, and which are forecast badly."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ...search_spaces.plain import to_plain
from ..series.by_series import OF_SERIES, BySeries
from ..series.words import shown

if TYPE_CHECKING:
    from ..series.windows import Windows
    from .against import Against

MOST = 500
"""Series whose scores are kept, those with the largest OWA."""
DIGITS = 4


def metric_of(loss: str, windows: Windows) -> str:
    """Return the metric that decides; see `answer`."""
    if windows.own is not None:
        return "MASE"
    return "RMSE" if loss == "mse" else "MAE"


def by_series(forecast: np.ndarray, windows: Windows) -> dict[str, dict[str, dict[str, float | None]]]:
    """Return the scores of a forecast for each series, by target, series and metric; none of a single series.

    Of more than `MOST` series those with the largest OWA are there, the largest one first.

    Args:
        forecast: of all test windows, float64 (windows, horizon, targets), raw units.
        windows: the data.
    """
    if len(set(windows.series.ids)) < 2:
        return {}
    panel = BySeries(windows, windows.parts["test"])
    each = panel.each(forecast)
    found = {}
    for column, target in enumerate(windows.series.targets):
        order = np.argsort(-np.nan_to_num(each["OWA"][:, column], nan=-1.0), kind="stable")[:MOST]
        found[target] = {
            panel.names[one]: {name: _rounded(each[name][one, column]) for name in OF_SERIES}
            for one in order.tolist()
        }
    return found


def panel_sentences(against: Against, forecast: np.ndarray, windows: Windows) -> list[str]:
    """Return in sentences what the means over series stand for, and for how many the model does worse.

    Args:
        against: how the model compares.
        forecast: of the model, of all test windows, float64 (windows, horizon, targets), raw units.
        windows: the data.
    """
    if len(set(windows.series.ids)) < 2:
        return []
    panel = BySeries(windows, windows.parts["test"])
    owa, scale = panel.each(forecast)["OWA"], panel.scale
    reference = "seasonal naive" if windows.series.season > 1 else "last value"
    said = []
    for column, target in enumerate(windows.series.targets):
        of = f"{target}: " if owa.shape[1] > 1 else ""
        worse = int((owa[:, column] > 1).sum())
        mean = against.table[against.model][target]["OWA"]
        if math.isfinite(mean):
            for_whom = f"for {worse:,} of them" if worse else "for none of them"
            said.append(
                f"{of}Over {len(panel.names):,} series the errors of the {against.model} are {mean:.0%} of "
                f"those of the {reference} forecast (OWA {mean:.3f}, from sMAPE and MASE); it is worse than "
                f"that forecast {for_whom}."
            )
        unknown = [name for name, one in zip(panel.names, scale[:, column], strict=True) if math.isnan(one)]
        if unknown:
            said.append(
                f"{of}{len(unknown):,} series do not count in MASE, as their training part holds no season "
                f"or no change: {shown(unknown)}."
            )
    return said


def _rounded(value: Any) -> float | None:
    number = float(value)
    return to_plain(float(f"{number:.{DIGITS}g}")) if math.isfinite(number) else None
