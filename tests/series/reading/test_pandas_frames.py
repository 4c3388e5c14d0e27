"""What pandas alone has: an index of times, of periods or of several levels, and names that are no text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from narrows.search_spaces.errors import UserError
from narrows.tuning.series import read_series

DAYS = pd.date_range("2020-01-01", periods=40, name="day")
Y = np.arange(40.0)


@pytest.mark.parametrize(
    ("source", "time"),
    [
        (pd.Series(Y, DAYS), "day"),
        (pd.Series(Y, DAYS, name="sold"), "day"),
        (pd.Series(Y, DAYS.rename(None), name=("a", 1)), "time"),
        (pd.DataFrame({"sold": Y}, DAYS), "day"),
        (pd.DataFrame({"sold": Y}, DAYS.rename(None)), "time"),
        (pd.DataFrame({"sold": Y}, DAYS.to_period("D")), "day"),
        (pd.Series(Y, DAYS.to_period("D")), "day"),
        (pd.DataFrame({"sold": Y, "other": 1}, DAYS.set_names([("a", 1)])), "('a', 1)"),
    ],
)
def test_an_index_of_times_is_the_time(source: Any, time: str) -> None:
    only = isinstance(source, pd.Series)
    series = read_series(source, target=None if only else "sold")
    np.testing.assert_array_equal(series.times, DAYS.to_numpy("datetime64[us]"))
    assert (series.frequency, series.season, series.time_columns) == ("1d", 7, (time,))


def test_an_index_of_ids_and_times_is_both() -> None:
    both = pd.MultiIndex.from_product([["a", "b"], DAYS], names=["shop", "day"])
    for index in (both, both.swaplevel()):
        frame = pd.DataFrame({"sold": np.arange(80.0)}, index)
        for roles in ({}, {"time": "day", "id": "shop"}):
            series = read_series(frame, target="sold", **roles)
            assert (series.ids, series.id_column, series.time_columns) == (("a", "b"), "shop", ("day",))
    unnamed = pd.DataFrame({"sold": np.arange(80.0)}, both.set_names([None, None]))
    assert read_series(unnamed, target="sold").ids == ("a", "b")


def test_an_index_named_as_a_column_is_refused() -> None:
    with pytest.raises(
        UserError, match="the index of the data frame and one of its columns are both named 'sold'"
    ):
        read_series(pd.DataFrame({"sold": Y}, DAYS.rename("sold")), target="sold")


def test_periods_in_a_column_are_their_beginnings() -> None:
    frame = pd.DataFrame({"sold": Y, "q": pd.period_range("1980Q1", periods=40, freq="Q")})
    series = read_series(frame, target="sold", time="q")
    assert (str(series.times[1])[:10], series.frequency) == ("1980-04-01", "1q")


def test_columns_may_be_numbers_or_tuples() -> None:
    frame = pd.DataFrame(np.arange(80.0).reshape(40, 2))
    assert read_series(frame, target=0, features=[1]).columns == ("0", "1")
    frame.columns = pd.MultiIndex.from_tuples([("a", "sold"), ("a", "price")])
    for target in (("a", "sold"), [("a", "sold")], "('a', 'sold')"):
        assert read_series(frame, target=target, features=[("a", "price")]).targets == ("('a', 'sold')",)


@pytest.mark.parametrize(
    "make", [lambda y: pd.DataFrame({"y": y}), lambda y: y, lambda y: {"y": y}, pd.Series]
)
def test_complex_numbers_are_refused_in_one_message(make: Any) -> None:
    with pytest.raises(UserError, match="such as of type complex; a target must be numeric"):
        read_series(make(np.ones(40) * 1j), target="y" if make is not pd.Series else None)


def test_categories_of_times_and_of_numbers_are_read_as_their_texts() -> None:
    days = pd.date_range("2024-01-01", periods=6).astype(str)
    frame = pd.DataFrame({"t": pd.Categorical(days), "y": pd.Categorical([str(one) for one in range(6)])})
    series = read_series(frame, target="y", time="t")
    assert series.values[:, 0].tolist() == [*range(6)] and series.frequency == "1d"


def test_ids_that_pandas_made_fractions_of_are_whole_again() -> None:
    frame = pd.DataFrame({"y": range(4), "shop": [1.0, 1.0, 2.0, 2.0]})
    assert read_series(frame, target="y", id="shop").ids == ("1", "2")
    assert read_series(frame.assign(shop=[0.5, 0.5, 2, 2]), target="y", id="shop").ids == ("0.5", "2.0")
