"""Times as people write them: each way is read, what is not plain is told, what is in doubt is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from narrows.search_spaces.errors import UserError
from narrows.tuning.series import read_series
from narrows.tuning.series.series import Series


def read(times: Any, **more: Any) -> Series:
    return read_series({"t": times, "y": np.arange(len(times))}, target="y", time="t", **more)


def moments(series: Series) -> list[str]:
    assert series.times is not None
    return [str(time).removesuffix(".000000").removesuffix(":00") for time in series.times]


FORMS = {
    "quarters": (["1980Q1", "1980Q2"], "1980-01-01T00:00", "1980-04-01T00:00"),
    "quarters with a line": (["1980-Q4", "1981-q1"], "1980-10-01T00:00", "1981-01-01T00:00"),
    "quarters first": (["Q3 1980", "Q4 1980"], "1980-07-01T00:00", "1980-10-01T00:00"),
    "quarters behind their number": (["1Q2020", "2Q2020"], "2020-01-01T00:00", "2020-04-01T00:00"),
    "quarters of short years": (["Q4'19", "Q1'20"], "2019-10-01T00:00", "2020-01-01T00:00"),
    "German weeks": (["KW 7 2020", "KW 8 2020"], "2020-02-10T00:00", "2020-02-17T00:00"),
    "weeks in words": (["Week 7, 2020", "Week 8, 2020"], "2020-02-10T00:00", "2020-02-17T00:00"),
    "halves": (["2020H1", "2020H2"], "2020-01-01T00:00", "2020-07-01T00:00"),
    "weeks": (["2020-W07", "2020-W08"], "2020-02-10T00:00", "2020-02-17T00:00"),
    "a week 53": (["2020W53", "2021W01"], "2020-12-28T00:00", "2021-01-04T00:00"),
    "weeks and days": (["2020-W07-3", "2020-W07-4"], "2020-02-12T00:00", "2020-02-13T00:00"),
    "months by name": (["Jan 2020", "Feb 2020"], "2020-01-01T00:00", "2020-02-01T00:00"),
    "whole names": (["September 2020", "october 2020"], "2020-09-01T00:00", "2020-10-01T00:00"),
    "names and short years": (["Dec-68", "Jan-69"], "1969-01-01T00:00", "2068-12-01T00:00"),
    "months first": (["03/2020", "04/2020"], "2020-03-01T00:00", "2020-04-01T00:00"),
    "months of statistics": (["2020M11", "2020M12"], "2020-11-01T00:00", "2020-12-01T00:00"),
    "days and names": (["1-Jan-2020", "2-Jan-2020"], "2020-01-01T00:00", "2020-01-02T00:00"),
    "one word": (["01JAN2020:13:00:00", "02JAN2020:13:00:00"], "2020-01-01T13:00", "2020-01-02T13:00"),
    "American": (["Jan 5, 2020", "January 6th, 2020"], "2020-01-05T00:00", "2020-01-06T00:00"),
    "mails": (["Wed, 01 Jan 2020 10:00:00", "Thu, 02 Jan 2020 10:00:00"],
        "2020-01-01T10:00", "2020-01-02T10:00"),
    "C": (["Wed Jan  1 09:00:00 2020", "Thu Jan  2 09:00:00 2020"], "2020-01-01T09:00", "2020-01-02T09:00"),
    "short years": (["30/12/99", "31/12/99", "1/1/00"], "1999-12-30T00:00", "2000-01-01T00:00"),
    "short years first": (["99-12-31", "99-12-30"], "1999-12-30T00:00", "1999-12-31T00:00"),
    "points are day first": (["01.02.2020", "01.03.2020"], "2020-02-01T00:00", "2020-03-01T00:00"),
    "afternoons": (["1/30/2020 11:30 AM", "1/30/2020 12:30 PM"], "2020-01-30T11:30", "2020-01-30T12:30"),
    "halves of a day": (["1/30/2020 12:00 AM", "1/30/2020 1:00 a.m.", "1/30/2020 2 AM"],
                        "2020-01-30T00:00", "2020-01-30T02:00"),
    "hours of a clock with points": (["30.1.2020 18.00", "30.1.2020 19.00"],
        "2020-01-30T18:00", "2020-01-30T19:00"),
    "hours alone": (["2020-01-01 09", "2020-01-01 10"], "2020-01-01T09:00", "2020-01-01T10:00"),
    "digits with a T": (["20200101T0900", "20200101T1000"], "2020-01-01T09:00", "2020-01-01T10:00"),
    "24:00": (["2020-02-28 23:00", "2020-02-28 24:00"], "2020-02-28T23:00", "2020-02-29T00:00"),
    "24:00 of another form": (["31.12.2019 23:00", "31.12.2019 24:00:00"],
        "2019-12-31T23:00", "2020-01-01T00:00"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FORMS)
def test_times_are_read_as_people_write_them(kind: str) -> None:
    times, first, last = FORMS[kind]
    found = moments(read(times))
    assert (found[0], found[-1]) == (first, last)


def shared(times: list[str], **more: Any) -> Series:
    """Three series with the same times."""
    table = {"t": times * 3, "y": range(3 * len(times)), "shop": np.repeat([*"abc"], len(times))}
    return read_series(table, target="y", time="t", id="shop", **more)


@pytest.mark.parametrize("kind", FORMS)
def test_times_that_many_series_share_are_read_as_those_of_one(kind: str) -> None:
    times, *_ = FORMS[kind]
    many, one = shared(times), read(times)
    np.testing.assert_array_equal(many.times, np.tile(one.times, 3))
    kept = [note for note in one.notes if "not in order" not in note]
    assert [note for note in many.notes if "not in order" not in note] == kept
    assert (many.conventions, many.zone, many.frequency) == (one.conventions, one.zone, one.frequency)


def test_a_mistake_among_times_that_series_share_is_told_by_its_row() -> None:
    days = ["2020-01-01", "2020-01-02", "2020-01-03"]
    for place, wrong in ((7, "soon"), (4, ""), (8, "2020-02-30")):
        table = {"t": [wrong if row == place else day for row, day in enumerate(days * 3)], "y": range(9)}
        with pytest.raises(UserError, match=f"row {place + 1}[ ,]"):
            read_series(table | {"shop": np.repeat([*"abc"], 3)}, target="y", time="t", id="shop")


def test_doubtful_days_and_months_are_refused_with_the_option_that_decides() -> None:
    for times in (["01/02/2020", "02/02/2020"], ["01-02-20", "02-02-20"]):
        with pytest.raises(UserError, match="give --day-first or --month-first"):
            read(times)
        assert moments(read(times, day_first=True))[0] == "2020-02-01T00:00"
        assert moments(read(times, day_first=False))[0] == "2020-01-02T00:00"
    with pytest.raises(UserError, match="'13/02/2020' in row 2, which cannot be read month first; leave out"):
        read(["01/02/2020", "13/02/2020"], day_first=False)


def test_the_order_that_was_found_is_kept_for_other_rows() -> None:
    assert read(["30/01/2020", "31/01/2020"]).conventions.day_first is True
    assert read(["01/30/2020", "01/31/2020"]).conventions.day_first is False
    assert read(["2020-01-30", "2020-01-31"]).conventions.day_first is None


@pytest.mark.parametrize("unit", [1, 10**3, 10**6, 10**9])
@pytest.mark.parametrize("kind", [int, str])
def test_seconds_since_1970_are_times(unit: int, kind: type) -> None:
    series = read([kind((1_577_836_800 + 3600 * hour) * unit) for hour in range(48)])
    assert (moments(series)[0], series.frequency, series.season, series.zone) == (
        "2020-01-01T00:00",
        "1h",
        24,
        "UTC",
    )
    assert any("since 1970, in UTC" in note for note in series.notes)


def test_fractions_of_seconds_since_1970_are_kept() -> None:
    assert moments(read([1_577_836_800.25, 1_577_836_801.25]))[0] == "2020-01-01T00:00:00.250000"


def test_dates_and_hours_in_digits_are_times_and_counts_stay_counts() -> None:
    assert moments(read([2020010100, 2020010101]))[1] == "2020-01-01T01:00"
    assert moments(read([202001010030, 202001010100]))[0] == "2020-01-01T00:30"
    months = read([202011, 202012, 202101])
    assert (moments(months)[2], months.frequency) == ("2021-01-01T00:00", "1mo")
    assert "the whole numbers of 't', 202011 to 202101, were read as years and their months." in months.notes
    several = [[202012, 202013], [150001, 150002], [2020366, 2020367], [20160130, 20160199]]
    for counts in ([0, 1], [100_000_000, 100_000_001], *several):
        assert read(counts).times.dtype == np.int64


HOURS = {
    "date": np.repeat(["2020-01-30", "2020-01-31"], 24),
    "hour": [*range(1, 25)] * 2,
    "y": np.arange(48.0),
}


@pytest.mark.parametrize(
    "table",
    [
        HOURS,
        HOURS | {"date": np.repeat(["30.1.2020", "31.1.2020"], 24)},
        HOURS | {"date": np.repeat([20200130, 20200131], 24)},
        HOURS | {"date": np.repeat([dt.date(2020, 1, 30), dt.date(2020, 1, 31)], 24).tolist()},
        HOURS | {"hour": [f"{hour:02d}:00" for hour in range(1, 25)] * 2},
        HOURS | {"hour": [f"{hour:02d}.00.00" for hour in range(1, 25)] * 2},
    ],
)
def test_a_date_and_hours_from_1_to_24_are_combined(table: dict[str, Any]) -> None:
    series = read_series(table, target="y", time="date,hour")
    assert (moments(series)[0], moments(series)[-1], series.frequency) == (
        "2020-01-30T01:00",
        "2020-02-01T00:00",
        "1h",
    )
    assert "hour 24 is the next day's 0:00." in series.notes


def test_hour_24_of_four_columns_is_the_next_day() -> None:
    table = {
        "year": 24 * [2020],
        "month": 24 * [12],
        "day": 24 * [31],
        "hour": [*range(1, 25)],
        "y": np.arange(24),
    }
    assert moments(read_series(table, target="y", time="year,month,day,hour"))[-1] == "2021-01-01T00:00"


PARTS = {
    "quarters": ("Quarter", [1, 2, 3, 4], "2020-10-01T00:00", "1q"),
    "named quarters": ("qtr", ["Q1", "Q2", "Q3", "Q4"], "2020-10-01T00:00", "1q"),
    "weeks": ("Week", [5, 6, 7, 8], "2020-02-17T00:00", "1w"),
    "days": ("doy", [58, 59, 60, 61], "2020-03-01T00:00", "1d"),
    "named months": ("month", ["Jan", "February", "MAR", "Apr."], "2020-04-01T00:00", "1mo"),
}


@pytest.mark.parametrize("kind", PARTS)
def test_a_year_and_a_part_of_it_are_read_by_the_name_of_the_column(kind: str) -> None:
    name, numbers, last, step = PARTS[kind]
    series = read_series({"Year": [2020] * 4, name: numbers, "y": range(4)}, target="y", time=["Year", name])
    assert (moments(series)[-1], series.frequency) == (last, step)


def test_columns_that_are_read_by_their_order_are_told() -> None:
    table = {"jahr": [2020, 2020], "monat": [1, 2], "y": [1, 2]}
    series = read_series(table, target="y", time="jahr,monat")
    assert moments(series)[1] == "2020-02-01T00:00"
    assert "the columns jahr, monat were read as year, month." in series.notes


def test_days_of_a_spreadsheet_are_told_and_days_of_a_year_read() -> None:
    sheet = read([45_292 + day for day in range(20)])
    assert any("days that a spreadsheet counts from 1900" in note for note in sheet.notes)
    fractions = read([1990 + month / 12 for month in range(20)])
    assert any("If they are years with a fraction, write them as dates" in note for note in fractions.notes)
    assert not any("spreadsheet" in note for note in read([*range(20)]).notes)
    days = read([2020365, 2020366, 2021001])
    assert (moments(days)[0], moments(days)[-1], days.frequency) == (
        "2020-12-30T00:00",
        "2021-01-01T00:00",
        "1d",
    )


def test_a_date_and_a_clock_in_two_columns_are_suggested_together() -> None:
    table = {"Date": ["2020-01-01", "2020-01-01"], "Time": ["09:00", "10:00"], "y": [1.0, 2.0]}
    assert read_series(table, target="y").notes[-1].endswith("give --time Date,Time to use them.")
    assert moments(read_series(table, target="y", time="Date,Time"))[1] == "2020-01-01T10:00"


def wall(start: str) -> list[str]:
    """Three days of hours as the clocks of Berlin show them."""
    hours = pd.date_range(start, periods=72, freq="h", tz="Europe/Berlin")
    return [str(hour)[:16] for hour in hours]


@pytest.mark.parametrize("start", ["2020-10-24", "2020-03-28"])
def test_hours_of_a_clock_that_is_set_are_whole_with_its_zone(start: str) -> None:
    with pytest.raises(UserError, match="--zone Europe/Berlin"):
        read(wall(start))
    expected = pd.date_range(start, periods=72, freq="h", tz="Europe/Berlin").tz_convert(None)
    for step in (1, -1):  # the oldest or the newest rows first
        series = read(wall(start)[::step], zone="Europe/Berlin")
        np.testing.assert_array_equal(series.times, expected.to_numpy("datetime64[us]"))
        assert (series.frequency, series.zone) == ("1h", "Europe/Berlin")


def test_an_hour_that_the_clocks_skip_is_refused() -> None:
    with pytest.raises(
        UserError, match="row 27 is at 2020-03-29 02:00, which the clocks of Europe/Berlin skip"
    ):
        read(
            [str(hour)[:16] for hour in pd.date_range("2020-03-28", periods=72, freq="h")],
            zone="Europe/Berlin",
        )


def test_a_gap_or_a_duplicate_of_another_hour_hints_at_no_clock() -> None:
    for times in (["2020-03-30 01:00", "2020-03-30 02:00", "2020-03-30 04:00", "2020-03-30 05:00"],
                  ["2020-10-26 01:00", "2020-10-26 01:00"]):  # fmt: skip
        with pytest.raises(UserError) as caught:
            read(times)
        assert "--zone" not in str(caught.value)


def test_offsets_that_change_are_kept_in_utc_and_told() -> None:
    hours = pd.date_range("2020-03-28", periods=72, freq="h", tz="Europe/Berlin")
    series = read([hour.isoformat() for hour in hours])
    np.testing.assert_array_equal(series.times, hours.tz_convert(None).to_numpy("datetime64[us]"))
    assert (series.zone, series.frequency) == ("UTC", "1h")
    assert any("the offsets of 't' change (+01:00, +02:00)" in note for note in series.notes)
    days = [day.isoformat() for day in pd.date_range("2020-03-20", periods=20, tz="Europe/Berlin")]
    assert read(days, zone="Europe/Berlin").frequency == "1d"


@pytest.mark.parametrize(
    ("behind", "first", "zone"),
    [
        (" UTC", "2021-03-01T12:30", "UTC"),
        (" GMT", "2021-03-01T12:30", "UTC"),
        ("Z", "2021-03-01T12:30", "UTC"),
        (" GMT+1", "2021-03-01T11:30", "+01:00"),
        (" UTC-05:30", "2021-03-01T18:00", "-05:30"),
        (" GMT +0100", "2021-03-01T11:30", "+01:00"),
        ("-3", "2021-03-01T15:30", "-03:00"),
    ],
)
def test_one_clock_everywhere_is_read_as_such(behind: str, first: str, zone: str) -> None:
    times = ["2021-03-01 12:30", "2021-03-01T12:30:00", "20210301T1230", "01.03.2021 12:30"]
    for time in [*times, *(["Mar 1, 2021 12:30 PM"] if behind[0] == " " else [])]:
        series = read([time + behind, time.replace("2021", "2022") + behind])
        assert (moments(series)[0], series.zone) == (first, zone)
    if behind.strip() in ("UTC", "GMT", "Z"):
        assert moments(read(["2021-03-01" + behind, "2021-03-02" + behind]))[1] == "2021-03-02T00:00"


def named(place: str) -> tuple[list[str], np.ndarray]:
    """Three days in autumn with the name of the clock behind each hour, and their times in UTC."""
    hours = pd.date_range("2020-10-24", periods=72, freq="h", tz=place)
    return [f"{str(hour)[:16]} {hour.tzname()}" for hour in hours], hours.tz_convert(None).to_numpy(
        "datetime64[us]"
    )


@pytest.mark.parametrize("place", ["Europe/Berlin", "Europe/London"])
def test_names_of_clocks_are_read_in_a_place_that_has_them_and_tell_the_doubled_hour(place: str) -> None:
    times, utc = named(place)
    with pytest.raises(
        UserError, match="is the name of several clocks; give the place of this one as --zone"
    ):
        read(times)
    mixed = np.random.default_rng(0).permutation(len(times))
    for order in (np.arange(len(times)), mixed):  # the order of rows tells nothing, the names do
        series = read([times[row] for row in order], zone=place)
        np.testing.assert_array_equal(series.times, utc)
        assert (series.frequency, series.zone) == ("1h", place)
    np.testing.assert_array_equal(shared(times, zone=place).times, np.tile(utc, 3))


def test_names_that_a_place_does_not_have_are_refused_and_one_name_may_be_an_offset() -> None:
    times, _ = named("Europe/Berlin")
    with pytest.raises(
        UserError, match="row 1 is at 2020-10-24 CEST, and the clocks of America/New_York show EDT"
    ):
        read(times, zone="America/New_York")
    with pytest.raises(UserError, match="of CEST and CET, a clock that is changed, and [+]01:00 is none"):
        read(times, zone="+01:00")
    with pytest.raises(UserError, match="the clocks of Europe/Berlin skip then"):
        read(["2020-03-29 02:00 CET", "2020-03-29 03:00 CEST"], zone="Europe/Berlin")
    assert (
        moments(read([f"2020-07-0{day} 09:00 EST" for day in (1, 2)], zone="-05:00"))[0] == "2020-07-01T14:00"
    )


def test_an_unknown_zone_and_a_zone_of_no_times_are_refused() -> None:
    with pytest.raises(UserError, match="there is no time zone 'Berlin'; give a place such as Europe/Berlin"):
        read(["2020-01-01", "2020-01-02"], zone="Berlin")
    with pytest.raises(UserError, match="its times are numbers such as 1, which no clock shows"):
        read([1, 2], zone="Europe/Berlin")
