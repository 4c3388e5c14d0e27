"""Daily sales with a trend, a weekly and a yearly season, promotions as a feature, and noise.

units = 100 (1 + growth years) week(day) (1 + .3 cos(2 pi years)) (1 + lift promotion) exp(noise e)

Source: the multiplicative model of Winters, "Forecasting sales by exponentially weighted moving averages",
1960, with a second season and promotions. `years` counts from 2020-01-01 in years of 365.25 days, so the
peak is at the turn of the year. The week runs .9 .8 .9 1 1.2 1.4 .8, Monday
to Sunday. `promotion` is 1 for 7 days from each start; starts are random, one in 45 days.

Features are known only before the target row, so the first day of a promotion comes as a surprise, and
its last can be counted off. e ~ N(0, 1): no forecast has a smaller relative error than about `noise`.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np

from ..series import Series
from ._parameters import Range, Rows, Seed

FIRST_DAY = np.datetime64("2020-01-01", "D")
WEEK = np.array([0.9, 0.8, 0.9, 1.0, 1.2, 1.4, 0.8])
"""Factor of each day of the week, Monday first; their mean is 1."""
PROMOTION_DAYS = 7
PROMOTION_EVERY = 45


def series(
    *,
    rows: Rows = 2192,
    seed: Seed = 0,
    growth: Annotated[float, Range(0.0, 10.0)] = 0.1,
    lift: Annotated[float, Range(0.0, 10.0)] = 0.5,
    noise: Annotated[float, Range(0.0, 2.0)] = 0.05,
) -> Series:
    """Return one daily series, six years unless told otherwise: target units, feature promotion."""
    rng = np.random.default_rng(seed)
    day = np.arange(rows)
    years = day / 365.25
    weekday = (day + FIRST_DAY.astype(object).weekday()) % 7
    promotion = _promotions(rng, rows)
    units = 100.0 * (1.0 + growth * years) * WEEK[weekday] * (1.0 + 0.3 * np.cos(2.0 * np.pi * years))
    units *= (1.0 + lift * promotion) * np.exp(noise * rng.standard_normal(rows))
    return Series(
        name="seasonal_sales",
        targets=("units",),
        features=("promotion",),
        values=np.stack([units, promotion], axis=1),
        times=(FIRST_DAY + day).astype("datetime64[us]"),
        time_columns=("date",),
        frequency="1d",
        season=7,
    )


def _promotions(rng: np.random.Generator, rows: int) -> np.ndarray:
    """Return 1.0 for the days, float64 (rows,), on which a promotion runs, else 0.0."""
    started = rng.random(rows + PROMOTION_DAYS) < 1.0 / PROMOTION_EVERY
    counts = np.cumsum(started)
    return (counts[PROMOTION_DAYS:] > counts[:-PROMOTION_DAYS]).astype(np.float64)
