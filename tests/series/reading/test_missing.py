"""Missing values and gaps: every policy against pandas or a naive loop, nothing done silently."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.search_spaces.errors import UserError
from narrows.tuning.series import read_series
from narrows.tuning.series.series import Series

CHOICES = (
    "mend the data (--missing error, the default, takes none), or choose --missing ffill (repeat the last "
    "value), interpolate (targets: a straight line between the neighbours; features: repeat) or drop (leave "
    "these rows out; the series breaks there)"
)
NAN = float("nan")


def read(table: Any, **roles: Any) -> Series:
    return read_series(table, **{"target": "y"} | roles)


numbers = st.one_of(st.none(), st.integers(0, 9).map(float))
tables = st.integers(2, 25).flatmap(
    lambda rows: st.fixed_dictionaries(
        {
            "id": st.lists(st.sampled_from("ab"), min_size=rows, max_size=rows).map(sorted),
            "t": st.just(list(range(rows))),
            "y": st.lists(numbers, min_size=rows, max_size=rows),
            "x": st.lists(numbers, min_size=rows, max_size=rows),
            "c": st.lists(st.sampled_from(["u", "v", None]), min_size=rows, max_size=rows),
        }
    )
)
LONG: dict[str, Any] = {"time": "t", "id": "id", "features": "x,c"}


def read_or_none(table: dict[str, list], missing: str) -> Series | None:
    """Return the series, or None when nothing is left to learn from."""
    try:
        return read(pd.DataFrame(table), missing=missing, **LONG)
    except UserError as error:
        words = ("is empty in", "no row has a value", "no numeric")
        assert any(word in str(error) for word in words)
        return None


@settings(max_examples=200, deadline=None)
@given(tables, st.sampled_from(["ffill", "interpolate"]))
def test_filling_agrees_with_pandas(table: dict[str, list], missing: str) -> None:
    series = read_or_none(table, missing)
    if series is None:
        return
    frame = pd.DataFrame(table).astype({"y": float, "x": float})
    groups = frame.groupby("id")
    frame["c"] = groups["c"].ffill()
    holes, later = frame[["y", "x"]].isna(), groups["y"].bfill().notna()
    frame["x"] = groups["x"].ffill()
    frame["y"] = groups["y"].transform(pd.Series.ffill if missing == "ffill" else pd.Series.interpolate)
    frame = frame.dropna()
    np.testing.assert_allclose(series.values, frame[["y", "x"]].to_numpy(), rtol=1e-12)
    filled = holes.loc[frame.index].to_numpy().astype(np.int8)
    if missing == "interpolate":
        filled[:, 0] *= 1 + later.loc[frame.index].to_numpy()
    assert (series.filled is None) == (not filled.any())
    assert series.filled is None or (series.filled == filled).all()
    assert [series.categories[0][code] for code in series.codes[:, 0]] == frame["c"].tolist()
    assert series.times is not None and series.times.tolist() == frame["t"].tolist()
    assert series.ids == tuple(frame["id"].unique())
    assert series.starts.tolist() == [frame["id"].tolist().index(id) for id in series.ids]


@settings(max_examples=200, deadline=None)
@given(tables)
def test_dropping_agrees_with_a_naive_loop(table: dict[str, list]) -> None:
    series = read_or_none(table, "drop")
    if series is None:
        return
    values, starts, ids, before = [], [], [], None
    for row, cells in enumerate(zip(table["id"], table["y"], table["x"], table["c"], strict=True)):
        if None in cells:
            continue
        if before is None or row != before + 1 or cells[0] != table["id"][before]:
            starts.append(len(values))
            ids.append(cells[0])
        values.append(list(cells[1:3]))
        before = row
    assert series.values.tolist() == values
    assert series.starts.tolist() == starts and series.ids == tuple(ids)


@settings(max_examples=100, deadline=None)
@given(tables)
def test_an_error_tells_of_everything_that_is_missing(table: dict[str, list]) -> None:
    counts = {name: table[name].count(None) for name in ("y", "x", "c")}
    if max(counts.values()) == len(table["t"]):
        return
    try:
        series = read(pd.DataFrame(table), missing="error", **LONG)
    except UserError as error:
        told = str(error)
    else:
        assert not any(counts.values()) and series.rows == len(table["t"])
        return
    if "is constant" in told or "only one" in told:
        assert not any(counts.values())
        return
    for name, count in counts.items():
        assert (f"column {name!r} has {count} missing value" in told) == (count > 0)


def test_missing_values_and_gaps_are_refused_with_their_places() -> None:
    table = {
        "t": ["2020-01-01", "2020-01-05", "2020-01-02", "2020-01-06", "2020-01-07"],
        "y": [1.0, 3.0, NAN, NAN, 4.0],
        "c": ["a", "b", None, "b", "b"],
    }
    with pytest.raises(UserError) as caught:
        read(table, time="t", features="c")
    assert str(caught.value) == (
        "data is not complete:\n"
        "  - column 'y' has 2 missing values, the first in row 3 at 2020-01-02\n"
        "  - column 'c' has 1 missing value, the first in row 3 at 2020-01-02\n"
        "  - 1 gap in time (2 rows missing), the first after row 3 at 2020-01-02, where the next row is at "
        f"2020-01-05\n{CHOICES}"
    )


def test_a_single_lack_is_told_in_one_sentence() -> None:
    with pytest.raises(UserError) as caught:
        read({"y": [1.0, NAN, 2.0]})
    assert str(caught.value) == f"data: column 'y' has 1 missing value, the first in row 2; {CHOICES}"


HOURS = pd.date_range("2020-01-01", periods=10, freq="h")


def gappy() -> pd.DataFrame:
    frame = pd.DataFrame({"t": HOURS, "y": [NAN, 1, 2, NAN, 4, 0, 0, 8, 9, NAN], "c": list("uuvvuuvvuu")})
    return frame.drop(index=[5, 6])


@pytest.mark.parametrize(
    ("missing", "values", "starts", "notes"),
    [
        (
            "ffill",
            [1, 2, 2, 4, 4, 4, 8, 9, 9],
            [0],
            (
                "ffill: 1 gap in time (2 rows missing): inserted and filled.",
                "ffill: 2 missing values filled (y 2).",
                "ffill: 1 row at the start cut off, where no known value comes before.",
            ),
        ),
        (
            "interpolate",
            [1, 2, 3, 4, 4 + 4 / 3, 4 + 8 / 3, 8, 9, 9],
            [0],
            (
                "interpolate: 1 gap in time (2 rows missing): inserted and filled.",
                "interpolate: 2 missing values filled (y 2).",
                "interpolate: 1 value repeats the last known one: features do, and targets with no known "
                "value after them.",
                "interpolate: 1 row at the start cut off, where no known value comes before.",
            ),
        ),
        (
            "drop",
            [1, 2, 4, 8, 9],
            [0, 2, 3],
            (
                "drop: 3 rows with missing values left out (y 3).",
                "drop: 1 gap in time (2 rows missing).",
                "drop: 5 rows are left, in 3 unbroken stretches.",
            ),
        ),
    ],
)
def test_each_policy_does_what_it_says_and_says_it(
    missing: str, values: list[float], starts: list[int], notes: tuple[str, ...]
) -> None:
    series = read(gappy(), time="t", features="c", missing=missing)
    np.testing.assert_allclose(series.values[:, 0], values)
    assert series.starts.tolist() == starts and series.ids == ("",) * len(starts)
    assert series.notes == notes
    if missing != "drop":
        np.testing.assert_array_equal(series.times, HOURS[1:].to_numpy("datetime64[us]"))


def test_complete_data_are_left_alone_by_every_policy() -> None:
    frame = pd.DataFrame({"t": HOURS, "y": range(10)})
    for missing in ("error", "ffill", "interpolate", "drop"):
        series = read(frame, time="t", missing=missing)
        assert series.rows == 10 and len(series.starts) == 1 and not series.notes
        assert series.filled is None


def test_categories_are_repeated_not_interpolated() -> None:
    table = {"y": [1, 2, 3, 4], "c": ["b", None, None, "a"]}
    series = read(table, features="c", missing="interpolate")
    assert series.codes[:, 0].tolist() == [1, 1, 1, 0]


def test_categories_that_only_lost_rows_had_are_forgotten() -> None:
    table = {"y": [NAN, 2, 3, 4], "c": ["gone", "b", "b", "a"]}
    series = read(table, features="c", missing="drop")
    assert series.categories == (("a", "b"),) and series.codes[:, 0].tolist() == [1, 1, 0]


def test_the_last_of_several_rows_of_one_time_is_kept_and_told() -> None:
    table = {"t": [3, 1, 2, 1, 1], "y": [5.0, 1, 4, 2, 3]}
    series = read(table, time="t", missing="ffill")
    assert series.values[:, 0].tolist() == [3, 4, 5]
    assert "ffill: 2 rows left out because a later row has the same time." in series.notes


def test_nothing_is_filled_from_another_series() -> None:
    table = {"id": [*"aabb"], "t": [1, 2, 1, 2], "y": [1.0, 2.0, NAN, 4.0]}
    series = read(table, time="t", id="id", missing="ffill")
    assert series.values[:, 0].tolist() == [1, 2, 4] and series.ids == ("a", "b")
    assert series.times is not None and series.times.tolist() == [1, 2, 2]


def test_a_series_without_a_complete_row_is_left_out_and_told() -> None:
    table = {"id": [*"aabb"], "t": [1, 2, 1, 2], "y": [1.0, 2.0, NAN, NAN]}
    for missing in ("ffill", "interpolate", "drop"):
        series = read(table, time="t", id="id", missing=missing)
        assert series.ids == ("a",)
        assert series.notes[-1] == "1 series left out: b (no value in y)."


def test_no_complete_row_at_all_is_an_error() -> None:
    with pytest.raises(UserError, match="no row has a value in every column; leave out the emptiest column"):
        read({"y": [1.0, NAN], "x": [NAN, 1.0]}, features="x", missing="drop")


def test_gaps_far_larger_than_the_data_are_not_filled() -> None:
    times = ["1970-01-01 00:00", *(f"2020-01-01 {hour:02d}:00" for hour in range(4))]
    table = {"t": times, "y": [1, 2, 3, 4, 5]}
    with pytest.raises(UserError) as caught:
        read(table, time="t", missing="ffill")
    assert str(caught.value) == (
        "data: filling the gaps in time would add 438287 rows to 5; the largest gap is after row 1 at "
        "1970-01-01, where the next row is at 2020-01-01; mend the time column, or choose --missing drop"
    )
    assert read(table, time="t", missing="drop").starts.tolist() == [0, 1]


def test_weekends_are_no_gaps_in_business_days_but_holidays_are() -> None:
    days = pd.bdate_range("2020-01-01", periods=30)
    assert read(pd.DataFrame({"t": days, "y": range(30)}), time="t").rows == 30
    holiday = pd.DataFrame({"t": days.delete(7), "y": range(29)})
    with pytest.raises(UserError, match="1 gap in time \\(1 row missing\\)"):
        read(holiday, time="t")
    assert read(holiday, time="t", missing="ffill").rows == 30


def test_irregular_times_have_no_gaps() -> None:
    series = read({"t": [0, 10, 13, 30, 37, 54, 80], "y": [1, 2, 3, 4, 5, 6, 7]}, time="t")
    assert series.frequency is None and series.rows == 7


def test_a_break_in_irregular_times_is_where_a_row_was_left_out() -> None:
    table = {"t": [0, 10, 13, 30, 37, 54, 80], "y": [1, 2, 3, NAN, 5, 6, 7]}
    assert read(table, time="t", missing="drop").starts.tolist() == [0, 3]


def test_real_gaps_break_the_series_where_pandas_sees_them(shared_data: Any) -> None:
    path = shared_data / "beijing_pm25.csv"
    series = read(path, target="pm2.5", time="year,month,day,hour", features="cbwd", missing="drop")
    known = pd.read_csv(path)["pm2.5"].notna().to_numpy()
    starts = known & ~np.concatenate([[False], known[:-1]])
    assert series.rows == known.sum() == 41757
    np.testing.assert_array_equal(series.starts, (np.cumsum(known) - 1)[starts])
