"""Frequency, season and future times, against pandas where it knows the answer."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.tuning.series import read_series
from narrows.tuning.series.frequency import Frequency, future_times
from narrows.tuning.series.series import Series


def read(times: Any, **roles: Any) -> Series:
    return read_series({"t": times, "y": np.arange(len(times))}, target="y", time="t", **roles)


STEPS = [
    ("s", "1s", 3600),
    ("9s", "9s", 400),
    ("min", "1m", 1440),
    ("10min", "10m", 144),
    ("15min", "15m", 96),
    ("30min", "30m", 48),
    ("h", "1h", 24),
    ("2h", "2h", 12),
    ("7h", "7h", 1),
    ("D", "1d", 7),
    ("3D", "3d", 1),
    ("B", "1bd", 5),
    ("W", "1w", 52),
    ("2W", "2w", 26),
    ("MS", "1mo", 12),
    ("ME", "1mo", 12),
    ("2MS", "2mo", 6),
    ("QS", "1q", 4),
    ("QE", "1q", 4),
    ("6MS", "2q", 2),
    ("YS", "1y", 1),
    ("YE", "1y", 1),
    ("10YS", "10y", 1),
]


@pytest.mark.parametrize(("pandas_name", "name", "season"), STEPS)
@pytest.mark.parametrize("start", ["2019-12-27", "1899-02-28"])
def test_frequency_season_and_future_agree_with_pandas(
    pandas_name: str, name: str, season: int, start: str
) -> None:
    times = pd.date_range(start, periods=80, freq=pandas_name, unit="us")
    series = read(times[:40].to_numpy())
    assert (series.frequency, series.season) == (name, season)
    ahead = future_times(times[39].to_numpy(), name, 40)
    np.testing.assert_array_equal(ahead, times[40:].to_numpy())


@pytest.mark.parametrize(("pandas_name", "name", "season"), STEPS)
def test_a_hole_does_not_change_the_frequency_and_is_filled_with_its_times(
    pandas_name: str, name: str, season: int
) -> None:
    times = pd.date_range("2019-12-27", periods=60, freq=pandas_name, unit="us")
    series = read(times.delete([7, 20, 21, 22, 41]).to_numpy(), missing="ffill")
    assert (series.frequency, series.season) == (name, season)
    np.testing.assert_array_equal(series.times, times.to_numpy())


def test_days_without_a_weekend_between_them_are_no_business_days() -> None:
    assert read(pd.date_range("2020-01-06", periods=5, freq="D").to_numpy()).frequency == "1d"


def test_frequency_is_inferred_over_all_series_together() -> None:
    table = {"id": [*"aabbbb"], "t": [1, 7, 1, 2, 3, 4], "y": [1, 2, 3, 4, 5, 6]}
    series = read_series(table, target="y", time="t", id="id", missing="drop")
    assert series.frequency == "1" and series.starts.tolist() == [0, 1, 2]


def test_fewer_than_seven_in_ten_steps_make_an_irregular_series() -> None:
    def steps(regular: int, odd: int) -> list[int]:
        return np.cumsum([0, *[10] * regular, *[13, 11, 14][:odd]]).tolist()

    series = read(steps(7, 3))
    assert series.frequency == "10"
    assert series.notes[0] == "3 of 10 steps are no multiple of 10; these rows are kept as they are."
    series = read(steps(6, 3))
    assert (series.frequency, series.season, series.rows) == (None, 1, 10)
    assert ("time", "t: 0 to 98, irregular steps, so gaps cannot be told") in series.facts


@settings(max_examples=50, deadline=None)
@given(st.sampled_from([name for _, name, _ in STEPS]), st.integers(1, 30), st.integers(1, 30))
def test_steps_add_up(name: str, one: int, two: int) -> None:
    start = np.datetime64("2020-02-27T13:07", "us")
    whole = future_times(start, name, one + two)
    rest = future_times(whole[one - 1], name, two)
    np.testing.assert_array_equal(whole[one:], rest)
    assert all(earlier < later for earlier, later in pairwise(whole))
    between = Frequency.parse(name).steps_between(np.array([start]), whole[-1:])
    assert between.tolist() == [one + two]


def test_names_are_read_back() -> None:
    for _, name, _ in STEPS:
        assert Frequency.parse(name).name == name
    assert Frequency.parse("0.1").name == "0.1"


def test_future_times_count_and_keep_the_wall_clock_of_a_zone() -> None:
    assert future_times(np.int64(7), "2", 3).tolist() == [9, 11, 13]
    np.testing.assert_allclose(future_times(0.5, "0.25", 2), [0.75, 1.0])
    last = pd.Timestamp("2020-03-27", tz="Europe/Berlin")
    expected = pd.date_range(last, periods=4, freq="D")[1:].tz_convert(None).to_numpy("datetime64[us]")
    ahead = future_times(last.tz_convert(None).to_numpy(), "1d", 3, "Europe/Berlin")
    np.testing.assert_array_equal(ahead, expected)


def test_a_day_that_a_month_lacks_is_its_last_day() -> None:
    ahead = future_times(np.datetime64("2020-12-30"), "1mo", 3)
    assert [str(time)[:10] for time in ahead] == ["2021-01-30", "2021-02-28", "2021-03-30"]


def test_the_business_day_after_a_weekend_is_monday() -> None:
    ahead = future_times(np.datetime64("2020-01-04T09:30"), "1bd", 2)
    assert [str(time)[:16] for time in ahead] == ["2020-01-06T09:30", "2020-01-07T09:30"]


def test_a_time_that_the_clock_skips_still_follows() -> None:
    last = pd.Timestamp("2020-03-28 02:30", tz="Europe/Berlin").tz_convert(None).to_numpy()
    ahead = future_times(last, "1d", 2, "Europe/Berlin")
    assert [str(time) for time in ahead] == ["2020-03-29T01:30:00.000000", "2020-03-30T00:30:00.000000"]
