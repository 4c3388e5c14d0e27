"""New rows are read as the rows that a model was trained on; what differs is refused, or told by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from narrows.search_spaces.errors import UserError
from narrows.search_spaces.plain import to_plain
from narrows.tuning.job import Job
from narrows.tuning.models.last_rows import early, last_rows
from narrows.tuning.models.new_rows import read_rows, told_of_rows
from narrows.tuning.runs.job_file import differences
from narrows.tuning.runs.snapshot import load_series, save_series
from narrows.tuning.series import read_series
from narrows.tuning.series.series import Series

HOURS = 96


def frame(freq: str = "h", rows: int = HOURS, start: str = "2021-03-01") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "t": pd.date_range(start, periods=rows, freq=freq),
            "y": np.arange(float(rows)),
            "x": np.arange(rows) % 7,
            "c": [*"ab"] * (rows // 2) + ["a"] * (rows % 2),
            "k": np.arange(rows) % 3,
        }
    )


ROLES: dict[str, Any] = {"target": "y", "time": "t", "features": "x,c,k", "categorical": "k"}


def rows_of(told: dict[str, Any], source: Any, asked: dict[str, Any]) -> Series:
    return read_rows(told, source, asked)[0]


def told_in(about: dict[str, Any], series: Series) -> list[str]:
    return [*told_of_rows(about, series, last_rows(series, about["lookback"])[0])]


def about(trained: Series, **more: Any) -> dict[str, Any]:
    """What of `narrows.json` says how rows are read."""
    return {
        "targets": list(trained.targets),
        "values": list(trained.columns),
        "categories": dict(zip(trained.categorical, map(list, trained.categories), strict=True)),
        "known": [],
        "wide": None,
        "static": [],
        "calendar": [],
        "time": list(trained.time_columns),
        "id": trained.id_column,
        "frequency": trained.frequency,
        "season": trained.season,
        "missing": "error",
        "conventions": to_plain(trained.conventions),
        "lookback": 24,
    } | more


@pytest.fixture(scope="module")
def hourly() -> dict[str, Any]:
    return about(read_series(frame(), **ROLES))


def test_rows_like_those_of_training_are_read_without_a_word(hourly: dict[str, Any]) -> None:
    series = rows_of(hourly, frame(start="2021-05-01"), {})
    assert series.categorical == ("c", "k") and series.features == ("x",)
    assert not list(told_in(hourly, series))


@pytest.mark.parametrize(
    ("trained", "given"), [("h", "D"), ("D", "h"), ("D", "MS"), ("MS", "D"), ("D", "B"), ("B", "D")]
)
def test_rows_of_another_step_are_refused_with_both_steps(trained: str, given: str) -> None:
    names = {"h": "1h", "D": "1d", "MS": "1mo", "B": "1bd"}
    model = about(read_series(frame(trained), **ROLES))
    with pytest.raises(UserError) as caught:
        rows_of(model, frame(given), {})
    told = str(caught.value)
    if (trained, given) == ("D", "B"):  # days of which all weekends are missing
        assert "gaps in time" in told
    else:
        assert told.endswith(f"rows {names[trained]} apart; give rows that are {names[trained]} apart")


def test_a_few_working_days_are_rows_of_a_model_of_working_days() -> None:
    model = about(read_series(frame("B"), **ROLES))
    assert rows_of(model, frame("B", rows=5), {}).frequency == "1bd"


def test_a_gap_in_the_newest_rows_is_refused_or_filled_as_it_is_said_and_told(hourly: dict[str, Any]) -> None:
    gappy = frame().drop(index=[90, 91])
    with pytest.raises(UserError, match="1 gap in time .2 rows missing.*choose --missing ffill"):
        rows_of(hourly, gappy, {})
    series = rows_of(hourly, gappy, {"missing": "ffill"})
    (told,) = told_in(hourly, series)
    assert told == "4 values were filled in, of the rows that the forecast looks back on: y 2, x 2"
    early = rows_of(hourly, frame().drop(index=[3, 4]), {"missing": "ffill"})
    assert not list(told_in(hourly, early))
    with pytest.raises(
        UserError, match="looks back on 24; --missing ffill or interpolate fills the gap before them"
    ):
        list(told_in(hourly, rows_of(hourly, gappy, {"missing": "drop"})))


def test_a_category_that_training_never_saw_is_told_by_name(hourly: dict[str, Any]) -> None:
    rows = frame()
    rows.loc[95, "c"] = rows.loc[3, "c"] = "NEW"
    (told,) = told_in(hourly, rows_of(hourly, rows, {}))
    assert told == "feature 'c' has values that the model never saw and reads as missing: 'NEW' in 1 row"


def test_numbers_stay_numbers_and_categories_categories(hourly: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    frame().assign(c=1).to_csv(path, index=False)
    assert rows_of(hourly, path, {}).categories[0] == ("1",)
    frame().assign(x=["low"] * 60 + ["1"] * 36).to_csv(path, index=False)
    with pytest.raises(
        UserError, match="feature 'x' holds the text 'low' in row 1 .*the model was trained on numbers"
    ):
        rows_of(hourly, path, {})


def test_what_one_file_showed_is_known_of_the_next(tmp_path: Path) -> None:
    first, later = tmp_path / "first.csv", tmp_path / "later.txt"
    rows = [f"{day}/1/2021\t{day},5\t{-200 if day == 9 else day}" for day in range(1, 32)]
    first.write_text("\n".join(["t\ty\tx", *rows]))
    later.write_text(
        "\n".join(["t\ty\tx", *(f"{day}/2/2021\t1,234\t-200" for day in range(1, 12)), "12/2/2021\t1,234\t5"])
    )
    series = read_series(first, target="y", time="t", features="x", missing="ffill", missing_values=-200)
    new = rows_of(about(series, lookback=1, missing="ffill"), later, {})
    assert str(new.times[0])[:10] == "2021-02-12"  # the first row with a feature
    assert new.values.tolist() == [[1.234, 5]]
    with pytest.raises(UserError, match="its rows are 1mo apart"):
        rows_of(about(series, lookback=1), later, {"day_first": False, "missing": "drop"})
    other = rows_of(about(series, lookback=1), later, {"missing": "drop", "missing_values": "0"})
    assert other.values[0].tolist() == [1.234, -200]


def test_what_was_known_of_the_cells_is_kept_with_the_run(tmp_path: Path) -> None:
    series = read_series(frame(), **ROLES, missing_values=[-200, "x"], day_first=True, zone="Europe/Rome")
    save_series(tmp_path / "series.npz", series)
    again = load_series(tmp_path / "series.npz")
    assert again.conventions == series.conventions and again.facts == series.facts
    assert again.conventions.missing_values == ("-200", "x") and again.conventions.zone == "Europe/Rome"


def test_a_job_that_reads_its_data_otherwise_is_another_one_by_name(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    frame().assign(y=np.where(np.arange(HOURS) % 20 == 3, -200, np.arange(HOURS))).to_csv(path, index=False)
    plain, said = (
        Job(path, target="y", time="t", missing="ffill", **more).prepare().identity
        for more in ({}, {"missing_values": -200, "zone": "UTC"})
    )
    told = differences(said, plain)
    assert "conventions.missing_values: the run has ['-200'], the job asks for None" in told
    assert "conventions.zone: the run has UTC, the job asks for None" in told


def shops(**lost: Any) -> pd.DataFrame:
    """Three shops, of which the last has a column with one value in all its rows."""
    one = frame()[["t", "y", "x"]]
    each = {"a": one, "b": one, "lost": one.assign(**lost)}
    return pd.concat([rows.assign(shop=name) for name, rows in each.items()])


SHOPS: dict[str, Any] = {"target": "y", "time": "t", "features": "x", "id": "shop"}


@pytest.mark.parametrize("missing", ["ffill", "interpolate", "drop"])
@pytest.mark.parametrize("empty", ["y", "x"])
def test_a_series_that_has_no_row_left_is_named_and_the_others_are_forecast(missing: str, empty: str) -> None:
    model = about(read_series(shops(), **SHOPS))
    series = rows_of(model, shops(**{empty: np.nan}), {"missing": missing})
    lasts, (told,) = last_rows(series, 24)
    assert [*lasts] == ["a", "b"]
    assert told == (
        "1 of 3 series of data cannot be forecast: nothing of them is left to look back on: "
        f"'lost' (no value in {empty})"
    )


def test_series_without_a_row_and_short_ones_are_told_together() -> None:
    model = about(read_series(shops(), **SHOPS))
    rows = shops(y=np.where(np.arange(HOURS) % 2, np.nan, 1.0), x=np.where(np.arange(HOURS) % 2, 1.0, np.nan))
    kept = rows[(rows["shop"] != "b") | (rows["t"] < "2021-03-01 05:00")]
    lasts, told = last_rows(rows_of(model, kept, {"missing": "drop"}), 24)
    assert [*lasts] == ["a"]
    assert "1 of 3 series" in told[0] and "'lost' (no row with a value in every column)" in told[0]
    assert "1 of 3 series" in told[1] and "they have fewer: 'b' (5 rows)" in told[1]
    with pytest.raises(UserError, match="(?s)'lost' .*2 of 3 series .*'a' .96 rows., 'b' .5 rows."):
        last_rows(rows_of(model, kept, {"missing": "drop"}), 100)


def test_series_without_a_value_are_named_too_where_they_are_columns_rows_or_only_planned() -> None:
    days = pd.date_range("2024-01-01", periods=30)
    wide = pd.DataFrame({"day": days, "a": range(30), "b": range(30)})
    model = about(read_series(wide, target=None, time="day", wide="columns"), wide="columns")
    _, (told,) = last_rows(rows_of(model, wide.assign(b=None), {}), 24)
    assert told.endswith("'b' (no value)")
    planned = pd.concat(
        [wide.assign(shop=shop, b=None if shop == "new" else wide["b"]) for shop in ("old", "new")]
    )
    roles: dict[str, Any] = {"target": "b", "time": "day", "id": "shop", "known": "a"}
    known = about(read_series(planned[planned["shop"] == "old"], **roles), known=["a"])
    lasts, (told,) = last_rows(rows_of(known, planned, {}), 24)
    assert [*lasts] == ["old"] and told.endswith("'new' (no value in b)")


def test_times_in_messages_are_those_of_the_clock_that_the_data_show() -> None:
    table = {"t": pd.date_range("2024-07-01", periods=30, freq="h"), "y": [float(one) for one in range(30)]}
    roles: dict[str, Any] = {"target": "y", "time": "t", "zone": "Europe/Berlin"}
    gap = pd.DataFrame(table).drop(index=[10])
    with pytest.raises(
        UserError, match="row 10 at 2024-07-01 09:00, where the next row is at 2024-07-01 11:00"
    ):
        read_series(gap, **roles)
    empty = read_series(pd.DataFrame(table).assign(y=[*range(28), None, None]), **roles, missing="ffill")
    assert "after 2024-07-02 03:00, 2 rows before the end" in early(empty, last_rows(empty, 24)[0])
