"""Times and their zones, read in every form, against pandas where it knows the answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from narrows.tuning.series import read_series
from narrows.tuning.series.series import Series


def read(times: Any, **roles: Any) -> Series:
    return read_series({"t": times, "y": np.arange(len(times))}, target="y", time="t", **roles)


def moments(series: Series) -> list[str]:
    assert series.times is not None
    return [str(time).removesuffix(".000000") for time in series.times]


FORMS = [
    (["2016-07-01", "2016-07-02"], ["2016-07-01T00:00:00", "2016-07-02T00:00:00"]),
    (["2016-7-1", "2016-7-2"], ["2016-07-01T00:00:00", "2016-07-02T00:00:00"]),
    (["2016/07/01", "2016/07/02"], ["2016-07-01T00:00:00", "2016-07-02T00:00:00"]),
    (["1949-01", "1949-02"], ["1949-01-01T00:00:00", "1949-02-01T00:00:00"]),
    (["1949/01", "1949/02"], ["1949-01-01T00:00:00", "1949-02-01T00:00:00"]),
    (["2016-07-01 00:00:00", "2016-07-01 13:00:00"], ["2016-07-01T00:00:00", "2016-07-01T13:00:00"]),
    (["2016-07-01T00:00", "2016-07-01T13:30"], ["2016-07-01T00:00:00", "2016-07-01T13:30:00"]),
    (["2016-07-01", "2016-07-01 13:30"], ["2016-07-01T00:00:00", "2016-07-01T13:30:00"]),
    (
        ["2016-07-01 00:00:00.25", "2016-07-01 00:00:01"],
        ["2016-07-01T00:00:00.250000", "2016-07-01T00:00:01"],
    ),
    ([" 2016-07-01", "2016-07-02 "], ["2016-07-01T00:00:00", "2016-07-02T00:00:00"]),
    (
        ["30/01/2013", "31/01/2013", "01/02/2013"],
        ["2013-01-30T00:00:00", "2013-01-31T00:00:00", "2013-02-01T00:00:00"],
    ),
    (
        ["01/30/2013", "01/31/2013", "02/01/2013"],
        ["2013-01-30T00:00:00", "2013-01-31T00:00:00", "2013-02-01T00:00:00"],
    ),
    (["30.1.2013 13:00", "31.1.2013 13:00"], ["2013-01-30T13:00:00", "2013-01-31T13:00:00"]),
    ([1949, 1950], ["1949-01-01T00:00:00", "1950-01-01T00:00:00"]),
    (["1949", "1950"], ["1949-01-01T00:00:00", "1950-01-01T00:00:00"]),
    ([1949.0, 1950.0], ["1949-01-01T00:00:00", "1950-01-01T00:00:00"]),
    ([20160131, 20160201], ["2016-01-31T00:00:00", "2016-02-01T00:00:00"]),
]


@pytest.mark.parametrize(("texts", "expected"), FORMS, ids=[str(texts[0]) for texts, _ in FORMS])
def test_times_are_read_in_all_plain_forms(texts: list, expected: list[str]) -> None:
    series = read(texts)
    assert moments(series) == expected and series.zone is None


@pytest.mark.parametrize(
    ("times", "note"),
    [
        ([1949, 1950], "the whole numbers of 't', 1949 to 1950, were read as years."),
        ([20160131, 20160201], "the whole numbers of 't', 20160131 to 20160201, were read as dates."),
        (["30/01/2013", "31/01/2013"], "times of 't' such as '30/01/2013' were read day first."),
        (["01/30/2013", "01/31/2013"], "times of 't' such as '01/30/2013' were read month first."),
    ],
)
def test_what_is_not_plain_is_told(times: list, note: str) -> None:
    assert note in read(times).notes


@pytest.mark.parametrize(
    ("times", "dtype", "frequency"),
    [
        ([0, 1, 2, 3], np.int64, "1"),
        ([1, 1501, 3001], np.int64, "1500"),
        ([20160130, 20160131, 20160132], np.int64, "1"),
        (["0", "5", "10"], np.int64, "5"),
        ([0.0, 0.1, 0.2, 0.30000000000000004], np.float64, "0.1"),
    ],
)
def test_other_numbers_count(times: list, dtype: type, frequency: str) -> None:
    series = read(times)
    assert series.times is not None and series.times.dtype == dtype
    assert series.times.tolist() == [dtype(time) for time in times]
    assert (series.frequency, series.season) == (frequency, 1)


@pytest.mark.parametrize(
    ("zone", "expected", "first"),
    [
        ("Z", "UTC", "2020-01-01T00:00:00"),
        ("+00:00", "UTC", "2020-01-01T00:00:00"),
        (" UTC", "UTC", "2020-01-01T00:00:00"),
        ("+05:30", "+05:30", "2019-12-31T18:30:00"),
        ("-0800", "-08:00", "2020-01-01T08:00:00"),
        ("+01", "+01:00", "2019-12-31T23:00:00"),
    ],
)
def test_one_zone_is_kept_and_the_times_are_utc(zone: str, expected: str, first: str) -> None:
    series = read([f"2020-01-0{day}T00:00:00{zone}" for day in (1, 2, 3)])
    assert (series.zone, moments(series)[0], series.frequency) == (expected, first, "1d")


def test_a_named_zone_counts_days_on_its_own_clock() -> None:
    days = pd.date_range("2020-03-01", periods=60, tz="Europe/Berlin")
    series = read_series(pd.DataFrame({"t": days, "y": range(60)}), target="y", time="t")
    assert (series.zone, series.frequency, series.season) == ("Europe/Berlin", "1d", 7)
    np.testing.assert_array_equal(series.times, days.tz_convert(None).to_numpy("datetime64[us]"))
    filled = read_series(
        pd.DataFrame({"t": days, "y": range(60)}).drop(index=[27, 28, 29]),
        target="y",
        time="t",
        missing="ffill",
    )
    np.testing.assert_array_equal(filled.times, series.times)


def test_a_named_zone_has_hours_without_a_gap_when_the_clock_changes() -> None:
    hours = pd.date_range("2020-10-24", periods=72, freq="h", tz="Europe/Berlin")
    series = read_series(pd.DataFrame({"t": hours, "y": range(72)}), target="y", time="t")
    assert (series.rows, series.frequency) == (72, "1h")


PARTS = {
    "by name": ("year,month,day,hour", ["year", "month", "day", "hour"]),
    "in another order": ("hour,day,month,year", ["year", "month", "day", "hour"]),
    "in any case": (["Year", "MONTH", "Day", "hour"], ["Year", "MONTH", "Day", "hour"]),
    "by place": ("a,b,c,d", ["a", "b", "c", "d"]),
}


@pytest.mark.parametrize("kind", PARTS)
def test_times_are_put_together_from_parts(kind: str) -> None:
    names, columns = PARTS[kind]
    times = pd.date_range("2019-12-30 20:00", periods=100, freq="h")
    parts = [times.year, times.month, times.day, times.hour]
    table = {name: part.to_numpy() for name, part in zip(columns, parts, strict=True)}
    series = read_series({**table, "y": np.arange(100)}, target="y", time=names)
    np.testing.assert_array_equal(series.times, times.to_numpy("datetime64[us]"))
    assert series.frequency == "1h" and set(series.time_columns) == set(columns)


def test_year_and_month_alone_are_months() -> None:
    table = {"year": [2019, 2019, 2020], "month": ["11", "12", "01"], "y": [1, 2, 3]}
    series = read_series(table, target="y", time="year,month")
    assert moments(series)[-1] == "2020-01-01T00:00:00" and series.frequency == "1mo"


def test_dates_of_any_unit_are_kept_in_microseconds() -> None:
    for unit in ("ms", "us", "ns"):
        frame = pl.DataFrame(
            {"t": pl.Series(["2020-01-01", "2020-01-02"]).str.to_datetime(time_unit=unit), "y": [1, 2]}
        )
        series = read_series(frame, target="y", time="t")
        assert series.times is not None and series.times.dtype == np.dtype("datetime64[us]")
