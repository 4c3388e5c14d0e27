"""Wide tables: one column or one row a series are read as the long table that holds the same."""

import numpy as np
import polars as pl
import pytest

from narrows.search_spaces.errors import UserError
from narrows.tuning.series.reading import read_series

DAYS = pl.datetime_range(pl.datetime(2024, 1, 1), pl.datetime(2024, 1, 30), "1d", eager=True)
NORTH, SOUTH = np.arange(30.0), 100 - np.arange(30.0)


def columns():
    return pl.DataFrame({"day": DAYS, "north": NORTH, "south": SOUTH, "remark": ["x"] * 30})


def long():
    return pl.DataFrame(
        {
            "series": ["north"] * 30 + ["south"] * 30,
            "day": [*DAYS, *DAYS],
            "value": np.concatenate([NORTH, SOUTH]),
        }
    )


def same(one, other):
    assert (one.ids, one.targets, one.frequency) == (other.ids, other.targets, other.frequency)
    np.testing.assert_array_equal(one.values, other.values)
    np.testing.assert_array_equal(one.starts, other.starts)
    assert (one.times is None and other.times is None) or (one.times == other.times).all()


def test_columns_are_series():
    read = read_series(columns(), target=None, time="day", wide="columns")
    same(read, read_series(long(), target="value", time="day", id="series"))
    assert any("one column a series; left out: remark: 2 series of 30 to 30 values" in n for n in read.notes)


def test_columns_that_are_named_are_the_series():
    read = read_series(columns(), target="south", time="day", wide="columns")
    assert read.ids == ("south",) and (read.values[:, 0] == SOUTH).all()


def test_a_file_with_a_row_a_series_is_read_as_in_the_m4_competition(tmp_path):
    lengths = {"H1": 30, "H2": 22, "H3": 0}
    head = ",".join(f'"V{place}"' for place in range(1, 32))
    rows = [
        ",".join([f'"{name}"', *(str(10.5 + step) for step in range(count)), *[""] * (30 - count)])
        for name, count in lengths.items()
    ]
    (tmp_path / "Hourly.csv").write_text("\n".join([head, *rows]) + "\n")
    read = read_series(tmp_path / "Hourly.csv", target=None, wide="rows", season=24)
    assert read.ids == ("H1", "H2") and read.starts.tolist() == [0, 30] and read.rows == 52
    np.testing.assert_array_equal(read.values[30:, 0], 10.5 + np.arange(22))
    assert any("one row a series, named by V1: 2 series of 22 to 30 values" in note for note in read.notes)
    assert any("1 series left out: H3 (no value)" in note for note in read.notes)


def test_a_series_may_begin_late_and_end_early_but_its_gaps_are_gaps():
    ragged = columns().with_columns(
        north=pl.Series([None, None, *NORTH[2:27], None, None, None], dtype=pl.Float64)
    )
    read = read_series(ragged, target=None, time="day", wide="columns")
    assert read.starts.tolist() == [0, 25] and read.filled is None
    holed = columns().with_columns(north=pl.Series([*NORTH[:9], None, *NORTH[10:]], dtype=pl.Float64))
    with pytest.raises(UserError, match="'value' has 1 missing value, the first in row 10 at 2024-01-10"):
        read_series(holed, target=None, time="day", wide="columns")


def test_a_wide_file_that_is_not_said_to_be_one_is_told(tmp_path):
    rows = {f"V{place}": np.arange(3.0) + place for place in range(2, 30)}
    frame = pl.DataFrame({"V1": ["a", "b", "c"], **rows})
    read = read_series(frame, target="V2")
    assert any("if a row is a whole series, give --wide rows" in note for note in read.notes)
    few = pl.DataFrame({"shop": ["a", "b", "c"], "sold": [1.0, 2, 3]})
    assert not any("wide" in note for note in read_series(few, target="sold").notes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"wide": "cols"}, "wide: 'cols' is not one of columns, rows"),
        ({"wide": "columns", "target": "east"}, "data has no column 'east'"),
        ({"wide": "columns", "time": "daay"}, "data has no column 'daay'; did you mean 'day'"),
        ({"wide": "columns", "target": "remark"}, "column 'remark' holds text, 'x' in row 1"),
        ({"wide": "columns", "features": "remark"}, "a wide table holds the targets alone"),
        ({"wide": "columns", "id": "north"}, "the columns are the ids; leave out --id"),
        ({"wide": "rows", "target": "north"}, "leave out --target and --time"),
        ({"wide": "rows", "id": "remark"}, "series 'x' has more than one row in the column 'remark'"),
    ],
)
def test_what_cannot_be_read_is_told(options, message):
    with pytest.raises(UserError) as error:
        read_series(columns(), **({"target": None} | options))
    assert message in str(error.value)
