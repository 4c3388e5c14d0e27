"""Splits: what a text means, where each kind cuts, and every message."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.search_spaces.errors import UserError
from narrows.tuning.job_options import JobOptions
from narrows.tuning.series.series import Series
from narrows.tuning.series.splits import Split

FORMS = (
    "give three fractions (0.7,0.15,0.15), three numbers of rows (8640,2880,2880) or the first dates "
    "of validation and test (2017-07-01,2017-10-01)"
)


def series(rows, *, times=None, starts=(0,), ids=None, zone=None):
    return Series(
        name="s",
        targets=("y",),
        values=np.arange(rows, dtype=float)[:, None],
        starts=np.array(starts),
        ids=tuple(ids or [""] * len(starts)),
        times=times,
        zone=zone,
    )


def hours(rows, start="2017-01-01"):
    return np.datetime64(start, "us") + np.arange(rows) * np.timedelta64(1, "h")


@pytest.mark.parametrize(
    ("text", "kind", "parts"),
    [
        (JobOptions.split, "fractions", (0.7, 0.15, 0.15)),
        ("0.5, 0.2, 0.2", "fractions", (0.5, 0.2, 0.2)),
        ("8640,2880,2880", "counts", (8640, 2880, 2880)),
        ("1,1,1", "counts", (1, 1, 1)),
        ("2017-07-01,2017-10-01", "dates", ("2017-07-01", "2017-10-01")),
        (
            "2017-07,2017-10-01 06:00,2018-01-01T00:30",
            "dates",
            ("2017-07", "2017-10-01 06:00", "2018-01-01T00:30"),
        ),
    ],
)
def test_a_text_is_read_as_fractions_counts_or_dates(text, kind, parts):
    assert Split.parse(text) == Split(kind, parts)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",",
        ",,",
        "0.7",
        "0.7,0.3",
        "1,2,3,4",
        "a,b,c",
        "now,today",
        "NaT,NaT",
        "2017,2018",
        "2017-07-01",
        "2017-07-01,",
        "2017-1-1,2017-2-1",
        "2017-01,2017-02,2017-03,2017-04",
        "2017-07-01T00:00Z,2017-10-01T00:00Z",
    ],
)
def test_a_text_that_is_none_of_them_is_refused_with_the_three_forms(text):
    with pytest.raises(UserError) as error:
        Split.parse(text)
    assert str(error.value) == f"split {text!r} is not understood: {FORMS}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0.7,0,0.3", "split '0.7,0,0.3': every part must be above 0"),
        ("0.7,-0.1,0.4", "split '0.7,-0.1,0.4': every part must be above 0"),
        ("nan,0.1,0.1", "split 'nan,0.1,0.1': every part must be above 0"),
        ("inf,1,1", "split 'inf,1,1': every part must be above 0"),
        ("0.7,0.2,0.2", "split '0.7,0.2,0.2': fractions must not sum to more than 1"),
        ("10.5,2,2", "split '10.5,2,2': fractions must not sum to more than 1"),
        ("2017-10-01,2017-07-01", "split '2017-10-01,2017-07-01': the dates must ascend"),
        ("2017-10-01,2017-10-01", "split '2017-10-01,2017-10-01': the dates must ascend"),
        (
            "2017-02-30,2017-10-01",
            "split '2017-02-30,2017-10-01': Day out of range in datetime string \"2017-02-30\"",
        ),
    ],
)
def test_a_text_with_impossible_parts_is_refused(text, message):
    with pytest.raises(UserError) as error:
        Split.parse(text)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "rows", "sizes"),
    [
        ("0.7,0.15,0.15", 100, (70, 15, 15, 0)),
        ("0.7,0.1,0.1", 100, (70, 10, 10, 10)),
        ("0.67,0.165,0.165", 144, (96, 24, 24, 0)),
        ("8640,2880,2880", 17420, (8640, 2880, 2880, 3020)),
        ("3,2,1", 6, (3, 2, 1, 0)),
    ],
)
def test_fractions_and_counts_cut_from_the_first_row(text, rows, sizes):
    parts = Split.parse(text).parts_of(series(rows))
    assert parts.dtype == np.int8
    assert tuple(np.bincount(parts, minlength=4)) == sizes
    assert (np.diff(parts) >= 0).all()


@settings(deadline=None)
@given(st.integers(1, 500), st.lists(st.integers(1, 20), min_size=3, max_size=3))
def test_fractions_never_lose_a_row_and_never_go_back(rows, weights):
    share = np.array(weights) / sum(weights)
    parts = Split("fractions", tuple(share)).parts_of(series(rows))
    assert (np.diff(parts) >= 0).all()
    assert parts.max() <= 2
    assert all(abs((parts == part).sum() - share[part] * rows) <= 1 for part in range(3))


def test_dates_are_the_first_moment_of_the_next_part():
    times = hours(24 * 10)
    parts = Split.parse("2017-01-06,2017-01-08 12:00,2017-01-09").parts_of(series(len(times), times=times))
    assert times[parts == 1][[0, -1]].astype(str).tolist() == [
        "2017-01-06T00:00:00.000000",
        "2017-01-08T11:00:00.000000",
    ]
    assert times[parts == 2][0] == np.datetime64("2017-01-08T12:00")
    assert times[parts == 3][0] == np.datetime64("2017-01-09")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "+02:00"])
def test_dates_are_on_the_wall_clock_of_the_time_zone(zone):
    times = hours(24 * 10, "2017-07-01")
    data = series(len(times), times=times, zone=zone)
    parts = Split.parse("2017-07-06,2017-07-08 12:00").parts_of(data)
    assert times[parts == 1][0] == np.datetime64("2017-07-05T22:00")
    assert times[parts == 2][0] == np.datetime64("2017-07-08T10:00")
    with pytest.raises(UserError, match=r"from 2017-07-01T02:00:00 to 2017-07-11T01:00:00$"):
        Split.parse("2017-07-06,2017-07-12").parts_of(data)


def test_with_times_all_series_are_cut_at_the_same_moments():
    times = np.concatenate([hours(100), hours(40, "2017-01-03"), hours(30, "2017-01-04 10:00")])
    data = series(170, times=times, starts=(0, 100, 140), ids=("a", "b", "c"))
    for text in ("0.6,0.2,0.2", "60,20,20", "2017-01-03 12:00,2017-01-04 08:00"):
        parts = Split.parse(text).parts_of(data)
        assert times[parts == 0].max() < times[parts == 1].min()
        assert times[parts == 1].max() < times[parts == 2].min()
    assert (Split.parse("60,20,20").parts_of(data)[:100] == np.repeat([0, 1, 2], [60, 20, 20])).all()


def test_counted_times_are_cut_like_dates_not_like_rows():
    times = np.concatenate([np.arange(10), np.arange(10)])
    parts = Split.parse("6,2,2").parts_of(series(20, times=times, starts=(0, 10), ids=("a", "b")))
    assert (parts == np.tile(np.repeat([0, 1, 2], [6, 2, 2]), 2)).all()


def test_without_times_each_series_is_cut_alone_over_all_its_stretches():
    # Stretches a: rows 0-3 and 4-9, b: rows 10-14 and 15-19.
    data = series(20, starts=(0, 4, 10, 15), ids=("a", "a", "b", "b"))
    assert (Split.parse("6,2,2").parts_of(data) == np.tile(np.repeat([0, 1, 2], [6, 2, 2]), 2)).all()


def test_without_times_the_stretches_of_a_series_need_not_stand_together():
    data = series(200, starts=(0, 40, 80, 120), ids=("a", "b", "a", "b"))
    parts = Split.parse("50,20,10").parts_of(data)
    for own in (np.r_[0:40, 80:120], np.r_[40:80, 120:200]):
        cut = np.repeat([0, 1, 2, 3], [50, 20, 10, 40])[: len(own)]
        assert (parts[own] == cut).all()


def test_a_last_part_of_one_moment_is_a_part():
    times = hours(48)
    parts = Split.parse("2017-01-02,2017-01-02 23:00").parts_of(series(48, times=times))
    assert np.bincount(parts).tolist() == [24, 23, 1]


@pytest.mark.parametrize(
    ("split", "data", "message"),
    [
        ("80,10,20", series(100), "split 80,10,20 needs 110, the series has 100 rows"),
        (
            "4,2,2",
            series(17, starts=(0, 10), ids=("north", "south")),
            "split 4,2,2 needs 8, series 'south' has 7 rows",
        ),
        (
            "80,10,20",
            series(100, times=np.tile(np.arange(50), 2), starts=(0, 50), ids=("a", "b")),
            "split 80,10,20 needs 110, the data have 50 time steps",
        ),
        (
            "2017-07-01,2017-10-01",
            series(9),
            "a split by dates (2017-07-01, 2017-10-01) needs a time column; give --time, or split by "
            "fractions or numbers of rows",
        ),
        (
            "2017-07-01,2017-10-01",
            series(9, times=np.arange(9)),
            "a split by dates (2017-07-01, 2017-10-01) needs a time column; give --time, or split by "
            "fractions or numbers of rows",
        ),
        (
            "2017-01-01,2017-01-02",
            series(48, times=hours(48)),
            "split by dates 2017-01-01, 2017-01-02 leaves a part empty: the data run from "
            "2017-01-01T00:00:00 to 2017-01-02T23:00:00",
        ),
        (
            "2017-01-02,2017-01-03",
            series(48, times=hours(48)),
            "split by dates 2017-01-02, 2017-01-03 leaves a part empty: the data run from "
            "2017-01-01T00:00:00 to 2017-01-02T23:00:00",
        ),
    ],
)
def test_a_split_that_does_not_fit_the_data_says_why(split, data, message):
    with pytest.raises(UserError) as error:
        Split.parse(split).parts_of(data)
    assert str(error.value) == message
