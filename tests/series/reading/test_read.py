"""read_series: every source gives the same Series, columns get the right roles, notes tell what was done."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.search_spaces.errors import UserError
from narrows.tuning.series import read_series
from narrows.tuning.series.reading.columns import Numbers, read_column
from narrows.tuning.series.reading.tables import read_table
from narrows.tuning.series.series import Series

DAYS = [f"2020-01-{day:02d}" for day in range(1, 9)]
TABLE = {
    "date": DAYS,
    "y": [3.0, 1.5, 4.0, 1.0, 5.0, 9.25, 2.0, 6.0],
    "x": [1, 2, 3, 4, 5, 6, 7, 8],
    "wind": ["N", "SE", "N", "S", "N", "SE", "S", "N"],
    "open": [True, False, True, True, False, True, True, False],
}
ROLES: dict[str, Any] = {"target": "y", "time": "date", "features": "all"}


def run(code: str, folder: Path, *words: str) -> str:
    """Return what a fresh Python prints."""
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def csv(text: str, folder: Path, name: str = "sales.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def assert_same(one: Series, two: Series) -> None:
    assert one.digest() == two.digest()
    assert (one.ids, one.frequency, one.season, one.zone) == (two.ids, two.frequency, two.season, two.zone)
    np.testing.assert_array_equal(one.times, two.times)


SOURCES: dict[str, Callable[[Path], Any]] = {
    "csv": lambda folder: csv(pl.DataFrame(TABLE).write_csv(), folder),
    "csv with a byte order mark": lambda folder: csv("\ufeff" + pl.DataFrame(TABLE).write_csv(), folder),
    "csv with Windows line ends": lambda folder: csv(
        pl.DataFrame(TABLE).write_csv(line_terminator="\r\n"), folder
    ),
    "csv with spaces": lambda folder: csv(pl.DataFrame(TABLE).write_csv().replace(",", " , "), folder),
    "csv with all in quotes": lambda folder: csv(pl.DataFrame(TABLE).write_csv(quote_style="always"), folder),
    "csv with blank lines below": lambda folder: csv(pl.DataFrame(TABLE).write_csv() + "\n\n", folder),
    "tsv": lambda folder: csv(pl.DataFrame(TABLE).write_csv(separator="\t"), folder, "sales.tsv"),
    "txt with semicolons": lambda folder: csv(
        pl.DataFrame(TABLE).write_csv(separator=";"), folder, "sales.txt"
    ),
    "path as text": lambda folder: str(csv(pl.DataFrame(TABLE).write_csv(), folder)),
    "polars": lambda folder: pl.DataFrame(TABLE),
    "lazy polars": lambda folder: pl.LazyFrame(TABLE),
    "pandas": lambda folder: pd.DataFrame(TABLE),
    "pandas with objects": lambda folder: pd.DataFrame(TABLE, dtype=object),
    "pyarrow": lambda folder: pa.table(TABLE),
    "dict of lists": lambda folder: TABLE,
    "dict of arrays": lambda folder: {name: np.array(column) for name, column in TABLE.items()},
    "dates as dates": lambda folder: pl.DataFrame(TABLE).with_columns(pl.col("date").str.to_date()),
    "dates as datetimes": lambda folder: pd.DataFrame(TABLE).assign(date=pd.to_datetime(DAYS)),
    "dates as the index": lambda folder: (
        pd.DataFrame(TABLE).drop(columns="date").set_index(pd.DatetimeIndex(DAYS, name="date"))
    ),
    "categories of polars": lambda folder: pl.DataFrame(TABLE).cast({"wind": pl.Categorical}),
    "categories of pandas": lambda folder: pd.DataFrame(TABLE).astype({"wind": "category"}),
}


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_gives_the_same_series(source: str, tmp_path: Path) -> None:
    series = read_series(SOURCES[source](tmp_path), **ROLES)
    assert series.targets == ("y",) and series.features == ("x",)
    assert series.values.tolist() == [[y, float(x)] for y, x in zip(TABLE["y"], TABLE["x"], strict=True)]
    assert series.categorical == ("wind", "open")
    assert series.categories == (("N", "S", "SE"), ("false", "true"))
    assert series.codes.tolist() == [[0, 1], [2, 0], [0, 1], [1, 1], [0, 0], [2, 1], [1, 1], [0, 0]]
    assert series.times is not None and series.times.tolist() == np.array(DAYS, "datetime64[us]").tolist()
    assert (series.frequency, series.season, series.ids) == ("1d", 7, ("",))


def test_arrays_have_the_documented_dtypes() -> None:
    series = read_series(TABLE, **ROLES)
    assert series.times is not None
    dtypes = [array.dtype for array in (series.values, series.codes, series.starts, series.times)]
    assert dtypes == [np.float64, np.int32, np.int64, np.dtype("datetime64[us]")]


def test_parquet_and_gzip_give_the_same_series(tmp_path: Path) -> None:
    pl.DataFrame(TABLE).write_parquet(tmp_path / "sales.parquet")
    (tmp_path / "sales.csv.gz").write_bytes(gzip.compress(pl.DataFrame(TABLE).write_csv().encode()))
    expected = read_series(TABLE, **ROLES)
    for name in ("sales.parquet", "sales.csv.gz"):
        series = read_series(tmp_path / name, **ROLES)
        assert_same(series, expected)
        assert series.name == "sales"


def test_pandas_needs_no_pyarrow(tmp_path: Path) -> None:
    code = """
import importlib.util, sys
sys.modules["pyarrow"] = None
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "pyarrow" else find(name, *rest)
import pandas as pd
from narrows.tuning.series import read_series
frame = pd.DataFrame({
    "t": pd.date_range("2020", periods=3, tz="Europe/Berlin"), "y": pd.array([1, None, 3], dtype="Int64"),
    "c": ["a", None, "b"], "k": pd.Categorical(["u", "v", "u"]), "b": pd.array([True, None, False]),
})
series = read_series(frame, target="y", time="t", features="all", missing="ffill")
print(series.values.tolist(), series.codes.tolist(), series.categories, series.zone)
"""
    assert run(code, tmp_path) == (
        "[[1.0], [1.0], [3.0]] [[0, 0, 1], [0, 1, 1], [1, 0, 0]] "
        "(('a', 'b'), ('u', 'v'), ('false', 'true')) Europe/Berlin"
    )


def test_reading_imports_no_tensorflow(tmp_path: Path) -> None:
    path = csv("y\n1\n2\n", tmp_path)
    code = (
        "import sys; from narrows.tuning.series import read_series; "
        f"read_series({str(path)!r}, target='y'); print({{'tensorflow', 'keras'}} & set(sys.modules))"
    )
    assert run(code, tmp_path) == "set()"


def test_a_vector_is_one_target_named_y() -> None:
    series = read_series(np.array([1, 2, 4]), target=None)
    assert series.targets == ("y",) and series.values.tolist() == [[1], [2], [4]]
    assert series.times is None and series.frequency is None and series.season == 1


def test_a_matrix_has_columns_named_by_number() -> None:
    series = read_series(np.arange(6.0).reshape(3, 2), target="c1", features="c0")
    assert series.columns == ("c1", "c0") and series.values.tolist() == [[1, 0], [3, 2], [5, 4]]


def test_masked_values_are_missing() -> None:
    series = read_series(np.ma.masked_equal([1, 2, 99, 4], 99), target=None, missing="ffill")
    assert series.values[:, 0].tolist() == [1, 2, 2, 4]


def test_the_users_arrays_are_never_changed() -> None:
    values = np.array([3.0, np.nan, 5.0, 1.0])
    frame = pl.DataFrame({"t": [4, 3, 2, 1], "y": values})
    before = frame.clone()
    series = read_series(values, target=None, missing="ffill")
    read_series(frame, target="y", time="t", missing="ffill")
    series.values[:] = 7
    assert np.array_equal(values, [3.0, np.nan, 5.0, 1.0], equal_nan=True)
    assert frame.equals(before)


def test_a_pandas_series_is_a_source() -> None:
    series = read_series(pd.Series([1.0, 2.0, 4.0], name="load"), target=None)
    assert series.targets == ("load",)


@pytest.mark.parametrize(
    ("target", "features", "targets", "others"),
    [
        ("y", None, ("y",), ()),
        ("y", "x", ("y",), ("x",)),
        (["x", "y"], None, ("x", "y"), ()),
        ("x,y", None, ("x", "y"), ()),
        ("x , y", (), ("x", "y"), ()),
        ("y", ["open", "x"], ("y",), ("x", "open")),
        ("y", "all", ("y",), ("x", "wind", "open")),
    ],
)
def test_roles_are_given_by_name(target: Any, features: Any, targets: tuple, others: tuple) -> None:
    series = read_series(TABLE, target=target, features=features, time="date")
    assert series.targets == targets
    assert series.features + series.categorical == others


def test_a_comma_in_a_column_name_is_no_separator() -> None:
    assert read_series({"load, MW": [1, 2], "y": [3, 4]}, target="load, MW").targets == ("load, MW",)


def test_columns_that_were_not_asked_for_may_hold_anything(tmp_path: Path) -> None:
    path = csv("y,comment,z\n1,hello,inf\n2,,\n3,?,text\n", tmp_path)
    assert read_series(path, target="y").values.tolist() == [[1], [2], [3]]


@pytest.mark.parametrize("token", ["NA", "NaN", "", "null", "None", "?", "nan", "none", "NULL", " NA "])
def test_missing_tokens_are_missing_in_numbers_and_in_categories(token: str, tmp_path: Path) -> None:
    path = csv(f"y,c\n1,a\n{token},{token}\n3,b\n", tmp_path)
    series = read_series(path, target="y", features="c", missing="drop")
    assert series.values.tolist() == [[1], [3]] and series.categories == (("a", "b"),)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=30, unique=True))
def test_numbers_are_read_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[float]
) -> None:
    path = csv("y\n" + "\n".join(map(repr, numbers)) + "\n", tmp_path_factory.mktemp("read"))
    column = read_column(read_table(path), "y", target=True)
    assert isinstance(column, Numbers) and column.values.tolist() == numbers


def test_a_late_text_cell_is_treated_as_an_early_one(tmp_path: Path) -> None:
    rows = [f"{row},{row % 7}" for row in range(20_000)]
    path = csv("\n".join(["y,c", *rows, "NA,NA", "1.5,3"]) + "\n", tmp_path)
    series = read_series(path, target="y", features="c", missing="drop")
    assert series.rows == 20_001 and series.features == ("c",) and series.values[-1].tolist() == [1.5, 3]


def test_decimal_commas_are_read_where_semicolons_separate(tmp_path: Path) -> None:
    path = csv("t;y;x\n2020-01-01;1,5;3\n2020-01-02;-2;4\n2020-01-03;1e2;\n", tmp_path)
    series = read_series(path, target="y", time="t")
    assert series.values[:, 0].tolist() == [1.5, -2, 100]
    assert ("numbers", "decimal comma in y") in series.facts


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        (",y\n0,5\n1,6\n", ("y",)),
        ("y,,x\n5,,1\n6,,2\n", ("y", "x")),
        (",y\n7,5\n9,6\n", ("y", "column_1")),
    ],
)
def test_a_nameless_column_that_says_nothing_is_left_out(text: str, columns: tuple, tmp_path: Path) -> None:
    series = read_series(csv(text, tmp_path), target="y", features="all")
    assert series.columns == columns
    assert any("has no name" in note for note in series.notes) == ("column_1" not in columns)


def test_rows_are_sorted_by_time_and_told() -> None:
    order = [5, 0, 3, 1, 7, 2, 6, 4]
    shuffled = pl.DataFrame(TABLE)[order]
    series = read_series(shuffled, **ROLES)
    assert_same(series, read_series(TABLE, **ROLES))
    moved = sum(place != row for place, row in enumerate(np.argsort(order)))
    assert f"rows were not in order: sorted by time ({moved} rows moved)." in series.notes


LONG = {"shop": ["10", "9", "10", "9", "9"], "t": [2, 1, 1, 3, 2], "y": [4.0, 1, 3, 3, 2]}


def test_long_form_gives_one_stretch_for_each_id() -> None:
    series = read_series(LONG, target="y", time="t", id="shop")
    assert series.values[:, 0].tolist() == [1, 2, 3, 3, 4]
    assert series.ids == ("9", "10") and series.starts.tolist() == [0, 3]
    assert (series.id_column, series.time_columns) == ("shop", ("t",))
    assert series.times is not None and series.times.tolist() == [1, 2, 3, 1, 2]


def test_ids_keep_their_leading_zeros_and_may_be_called_na(tmp_path: Path) -> None:
    path = csv("id,y\n007,1\n7,2\nNA,3\n007,4\n", tmp_path)
    series = read_series(path, target="y", id="id")
    assert series.ids == ("007", "7", "NA") and series.values[:, 0].tolist() == [1, 4, 2, 3]


def test_without_times_the_rows_of_an_id_keep_their_order() -> None:
    series = read_series({"id": ["b", "a", "b", "a"], "y": [1, 2, 3, 4]}, target="y", id="id")
    assert series.values[:, 0].tolist() == [2, 4, 1, 3]
    assert "rows were not in order: sorted by series (4 rows moved)." in series.notes


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(12)))
def test_the_order_of_the_rows_never_matters(order: list[int]) -> None:
    frame = pl.DataFrame(
        {
            "id": [*"aaaa", *"bbbb", *"cccc"],
            "t": [*range(4)] * 3,
            "y": [float(value) if value % 5 else None for value in range(12)],
            "c": [*"uvwx"] * 3,
        }
    )
    roles: dict[str, Any] = {"target": "y", "time": "t", "id": "id", "features": "c", "missing": "drop"}
    assert_same(read_series(frame[order], **roles), read_series(frame, **roles))


@pytest.mark.parametrize("season", [1, 12])
def test_a_given_season_overrides_the_inferred_one(season: int) -> None:
    assert read_series(TABLE, target="y", time="date", season=season).season == season


NOTES = [
    ({"time": "date"}, None),
    ({}, "column 'date' looks like time; give --time date to use it."),
]
FACTS: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({}, {"time": "no column: the rows are taken in the order given", "season": "none", "target": "y"}),
    ({"time": "date"}, {"time": "date: 2020-01-01 to 2020-01-08, a row every 1d", "season": "7 rows"}),
    (
        {"features": "x,wind"},
        {"data": "data: 8 rows", "features": "x", "categories": "wind (3 kinds)", "missing": "none"},
    ),
]


@pytest.mark.parametrize(("roles", "note"), NOTES)
def test_notes_tell_what_was_read(roles: dict[str, Any], note: str | None) -> None:
    notes = read_series(TABLE, target="y", **roles).notes
    assert note in notes if note else not any("looks like time" in line for line in notes)


@pytest.mark.parametrize(("roles", "facts"), FACTS)
def test_facts_tell_what_the_data_were_taken_for(roles: dict[str, Any], facts: dict[str, str]) -> None:
    told = dict(read_series(TABLE, target="y", **roles).facts)
    assert {name: told[name] for name in facts} == facts


def test_time_in_several_columns_is_suggested_but_not_used() -> None:
    table = {"year": [2020, 2020], "month": [1, 1], "day": [1, 2], "y": [1.0, 2.0]}
    series = read_series(table, target="y")
    assert (
        series.notes[-1] == "columns year, month, day look like time; give --time year,month,day to use them."
    )


@pytest.mark.parametrize(
    ("target", "features", "columns"),
    [
        (None, None, ("a", "b")),
        ("b", None, ("b",)),
        ("b", "all", ("b", "a")),
        ("b", "a", ("b", "a")),
        (["b", "a"], None, ("b", "a")),
    ],
)
def test_columns_of_a_synthetic_series_are_selected_by_name(
    target: Any, features: Any, columns: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    from narrows.tuning.series import synthetic

    made = Series("synthetic:pair", ("a", "b"), np.arange(6.0).reshape(3, 2))
    monkeypatch.setattr(synthetic, "make", lambda text: made)
    series = read_series("synthetic:pair", target=target, features=features)
    assert series.columns == columns
    for name in columns:
        place = series.columns.index(name)
        assert series.values[:, place].tolist() == made.values[:, made.columns.index(name)].tolist()


def test_a_synthetic_series_keeps_its_own_time_and_takes_a_season() -> None:
    assert read_series("synthetic:sines", target=None, season=9).season == 9
    with pytest.raises(
        UserError, match="brings its own times and ids and has no rows to come; leave out --time"
    ):
        read_series("synthetic:sines", target=None, time="date")


REAL: dict[str, tuple[dict[str, Any], tuple, str | None, int]] = {
    "airline_passengers.csv": ({"target": "Passengers", "time": "Month"}, (144, 1), "1mo", 12),
    "sunspots_monthly.csv": ({"target": "Sunspots", "time": "Month"}, (2820, 1), "1mo", 12),
    "ETTh1.csv": ({"target": "OT", "time": "date", "features": "all"}, (17420, 7), "1h", 24),
    "national_illness.csv": ({"target": "OT", "time": "date", "features": "all"}, (966, 7), "1w", 52),
    "taylor.csv": ({"target": "Y", "season": 336}, (4032, 1), None, 336),
    "gasrate_co2.csv": ({"target": "CO2%", "features": "GasRate(ft3/min)"}, (296, 2), None, 1),
    "australian_tourism.csv": ({"target": "Total", "features": "all"}, (36, 96), None, 1),
    "beijing_pm25.csv": (
        {
            "target": "pm2.5",
            "time": "year,month,day,hour",
            "features": "DEWP,TEMP,PRES,cbwd,Iws,Is,Ir",
            "missing": "ffill",
        },
        (43800, 7),
        "1h",
        24,
    ),
}


@pytest.mark.parametrize("file", REAL)
def test_real_files_are_read_as_pandas_reads_them(file: str, shared_data: Path) -> None:
    roles, shape, frequency, season = REAL[file]
    series = read_series(shared_data / file, **roles)
    assert (series.values.shape, series.frequency, series.season) == (shape, frequency, season)
    # As text: the numbers that pandas reads itself lack their last digits before version 3.
    frame = pd.read_csv(shared_data / file, dtype=str)
    expected = frame[list(series.columns)].ffill().dropna().to_numpy(float)
    np.testing.assert_allclose(series.values, expected, rtol=1e-15)


def test_beijing_has_its_wind_as_categories_and_its_time_from_four_columns(shared_data: Path) -> None:
    roles = REAL["beijing_pm25.csv"][0]
    series = read_series(shared_data / "beijing_pm25.csv", **roles)
    frame = pd.read_csv(shared_data / "beijing_pm25.csv")[24:]
    assert series.categories == (("NE", "NW", "SE", "cv"),)
    assert [series.categories[0][code] for code in series.codes[:, 0]] == frame["cbwd"].tolist()
    np.testing.assert_array_equal(
        series.times, pd.to_datetime(frame[["year", "month", "day", "hour"]]).to_numpy("datetime64[us]")
    )
    assert series.notes == (
        "ffill: 2043 missing values filled (pm2.5 2043).",
        "ffill: 24 rows at the start cut off, where no known value comes before.",
    )


def test_a_million_rows_take_little_more_memory_than_their_numbers(tmp_path: Path) -> None:
    code = """
import resource, sys
import numpy as np, polars as pl
from narrows.tuning.series import read_series
rows = 1_000_000
times = np.datetime64("2016-01-01", "us") + np.arange(rows) * np.timedelta64(1, "m")
rng = np.random.default_rng(0)
table = {"date": pl.Series(times).dt.strftime("%Y-%m-%d %H:%M:%S")}
if sys.argv[1] == "write":
    pl.DataFrame(table | {f"c{i}": rng.normal(size=rows) for i in range(7)}).write_csv("big.csv")
else:
    peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    del times, table
    before = peak()
    series = read_series("big.csv", target="c0", time="date", features="all")
    print(series.values.shape, series.frequency, (peak() - before) // 1024)
"""
    run(code, tmp_path, "write")
    found, mebibytes = run(code, tmp_path, "read").rsplit(" ", 1)
    assert found == "(1000000, 7) 1m" and int(mebibytes) < 500


@pytest.mark.parametrize("name", ["x^2", "x\x01"])
def test_a_text_that_begins_as_packed_data_do_is_a_text(tmp_path: Path, name: str) -> None:
    (tmp_path / "sales.csv").write_text(f"{name},y\n" + "".join(f"{n},{n * n}\n" for n in range(50)))
    assert read_series(tmp_path / "sales.csv", target="y", features=[name]).rows == 50


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_very_wide_file_is_split_by_what_separates_it(tmp_path: Path, separator: str) -> None:
    names = [f"{'feature' * 4} number {number}" for number in range(4000)]
    lines = [separator.join(["y", *names]), *(separator.join(["1", *["2"] * 3999, str(n)]) for n in range(9))]
    (tmp_path / "wide.csv").write_text("\n".join(lines) + "\n")
    found = read_series(tmp_path / "wide.csv", target="y", features=names[-1])
    assert found.values[:, 1].tolist() == list(range(9))
