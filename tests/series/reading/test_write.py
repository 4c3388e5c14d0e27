"""write_series: what was written is read back as the same Series."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.search_spaces.errors import UserError
from narrows.tuning.series import read_series, write_series
from narrows.tuning.series.reading.tables import read_table
from narrows.tuning.series.series import Series
from narrows.tuning.series.synthetic import make, names

SUFFIXES = (".csv", ".tsv", ".parquet")


def read_back(series: Series, path: Path) -> Series:
    """Write, and read with the arguments that the series itself tells."""
    return read_series(
        write_series(series, path),
        target=series.targets,
        features=(*series.features, *series.categorical),
        time=None if series.times is None else "_".join(series.time_columns) or "time",
        id=(series.id_column or "id") if any(series.ids) else None,
        missing="drop" if len(series.starts) > 1 else "error",
        season=series.season,
    )


def assert_same(one: Series, two: Series) -> None:
    assert one.digest() == two.digest()
    assert (one.ids, one.frequency, one.zone) == (two.ids, two.frequency, two.zone)
    np.testing.assert_array_equal(one.times, two.times)


HOURS = pd.date_range("2020-01-01", periods=8, freq="h")
Y = [0.1, 1e-300, -3.5, 1 / 3, 5e99, 2.0, 7.0, 8.0]
GAPPY = [0.1, np.nan, -3.5, 1 / 3, np.nan, np.nan, 7.0, 8.0]
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "no time": ({"y": Y}, {}),
    "hours": ({"t": HOURS, "y": Y}, {"time": "t"}),
    "days": ({"t": HOURS.normalize()[0] + pd.to_timedelta(range(8), "D"), "y": Y}, {"time": "t"}),
    "fractions of a second": ({"t": HOURS[0] + pd.to_timedelta(range(8), "ms"), "y": Y}, {"time": "t"}),
    "counts": ({"t": [*range(8)], "y": Y}, {"time": "t"}),
    "decimal counts": ({"t": np.arange(8) / 7, "y": Y}, {"time": "t"}),
    "UTC": ({"t": HOURS.tz_localize("UTC"), "y": Y}, {"time": "t"}),
    "an offset": ({"t": [f"{time.isoformat()}+05:30" for time in HOURS], "y": Y}, {"time": "t"}),
    "parts": (
        {"year": 2020, "month": 1, "day": [*range(1, 9)], "y": Y},
        {"time": "year,month,day"},
    ),
    "features": (
        {"y": Y, "x": Y, "c": [*"abcabcab"], "d": ['q"', "a,b", "é", "x;", *"rstu"]},
        {"features": "all"},
    ),
    "ids": ({"s": [*"aaaabbbb"], "t": [*range(4)] * 2, "y": Y}, {"time": "t", "id": "s"}),
    "numbered ids": ({"s": ["10"] * 4 + ["9"] * 4, "y": Y}, {"id": "s"}),
    "gaps in time": ({"t": HOURS, "y": GAPPY}, {"time": "t", "missing": "drop"}),
    "gaps without time": ({"y": GAPPY}, {"missing": "drop"}),
    "gaps in irregular times": (
        {"t": [0, 10, 13, 30, 37, 54, 80, 99], "y": GAPPY},
        {"time": "t", "missing": "drop"},
    ),
    "gaps in several series": (
        {"s": [*"aaaabbbb"], "y": GAPPY, "c": [*"uvwxuvwx"]},
        {"id": "s", "features": "c", "missing": "drop"},
    ),
}


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("case", CASES)
def test_what_was_written_is_read_back(case: str, suffix: str, tmp_path: Path) -> None:
    table, roles = CASES[case]
    series = read_series(pd.DataFrame(table), target="y", **roles)
    assert_same(read_back(series, tmp_path / f"series{suffix}"), series)


@pytest.mark.parametrize("name", names())
def test_synthetic_series_are_read_back(name: str, tmp_path: Path) -> None:
    series = make(f"synthetic:{name}")
    assert_same(read_back(series, tmp_path / "series.csv"), series)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=20, unique=True))
def test_numbers_keep_their_last_bit(tmp_path_factory: pytest.TempPathFactory, values: list[float]) -> None:
    series = Series("data", ("y",), np.array(values)[:, None])
    path = write_series(series, tmp_path_factory.mktemp("write") / "series.csv")
    assert read_table(path).frame["y"].to_numpy().tobytes() == series.values.tobytes()


def test_a_named_zone_is_kept_in_parquet_and_is_utc_in_csv(tmp_path: Path) -> None:
    frame = pd.DataFrame({"t": HOURS.tz_localize("Europe/Berlin"), "y": Y})
    series = read_series(frame, target="y", time="t")
    assert_same(read_back(series, tmp_path / "series.parquet"), series)
    back = read_back(series, tmp_path / "series.csv")
    assert back.zone == "UTC"
    np.testing.assert_array_equal(back.times, series.times)


def test_the_text_is_plain(tmp_path: Path) -> None:
    table = {"day": ["2020-01-01", "2020-01-02"], "shop": ["x", "x"], "y": [1.5, 2], "c": ["u", "v"]}
    series = read_series(table, target="y", time="day", id="shop", features="c")
    path = write_series(series, tmp_path / "series.csv")
    assert path.read_text() == "day,shop,y,c\n2020-01-01,x,1.5,u\n2020-01-02,x,2.0,v\n"


def test_what_cannot_be_written_is_told_and_leaves_nothing_behind(tmp_path: Path) -> None:
    series = Series("data", ("y",), np.arange(3.0)[:, None])
    for path, told in [
        (
            tmp_path / "x.xlsx",
            "cannot write x.xlsx: unknown kind of file '.xlsx'; expected .csv, .tsv, .txt or .parquet",
        ),
        (
            tmp_path / "x.csv.gz",
            "cannot write x.csv.gz: unknown kind of file '.gz'; expected .csv, .tsv, .txt or .parquet",
        ),
        (
            tmp_path / "none" / "x.csv",
            f"cannot write {tmp_path / 'none' / 'x.csv'}: No such file or directory",
        ),
    ]:
        with pytest.raises(UserError) as caught:
            write_series(series, path)
        assert str(caught.value) == told
    twice = Series("data", ("time",), np.arange(3.0)[:, None], times=np.arange(3))
    with pytest.raises(UserError, match=r"cannot write x\.csv: two columns would be named 'time'"):
        write_series(twice, tmp_path / "x.csv")
    assert os.listdir(tmp_path) == []


def test_a_path_that_is_a_folder_or_leads_through_a_file_is_told(tmp_path: Path) -> None:
    series = Series("data", ("y",), np.arange(3.0)[:, None])
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "file").touch()
    for path, told in [
        (tmp_path / "folder.csv", "Is a directory"),
        (tmp_path / "file" / "x.csv", "Not a directory"),
    ]:
        with pytest.raises(UserError) as caught:
            write_series(series, path)
        assert str(caught.value) == f"cannot write {path}: {told}"
    assert sorted(os.listdir(tmp_path)) == ["file", "folder.csv"]
