"""Bad input: each mistake gets one message that says what happened, where, and how to mend it."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from narrows.search_spaces.errors import UserError
from narrows.tuning.series import read_series
from narrows.tuning.series.reading import decoded

KINDS = "expected .csv, .tsv, .txt (also with .gz) or .parquet"
SOURCES = (
    "a path to a .csv, .tsv, .txt or .parquet file, a data frame (polars, pandas, pyarrow), an array, "
    "a dict of arrays, or the text synthetic:NAME"
)
ISO = "write ISO times such as 2016-07-01 or 2016-07-01 13:00:00"


def message(source: Any, **roles: Any) -> str:
    with pytest.raises(UserError) as caught:
        read_series(source, **{"target": "y"} | roles)
    return str(caught.value)


FILES = {
    "empty": (b"", "{folder}/sales.csv is empty (0 bytes); expected a header line and rows of data"),
    "blank": (b"\n\n", "sales.csv: the first line is empty; expected the names of the columns"),
    "header only": (b"t,y\n", "sales.csv has no rows of data (only a header: t, y)"),
    "header and blank lines": (b"t,y\n\n\n", "sales.csv has no rows of data (only a header: t, y)"),
    "cut off inside a letter": (
        "t,y\n1,é".encode()[:-1],
        "sales.csv is neither UTF-8 nor Windows-1252 text: the file ends inside a letter; save the file as "
        "UTF-8",
    ),
    "PNG": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", f"sales.csv is a PNG image; {KINDS}"),
    "zip": (
        b"PK\x03\x04\x14\0",
        f"sales.csv is a zip archive or an Excel workbook (unpack it, or save the sheet as CSV); {KINDS}",
    ),
    "Parquet": (b"PAR1....", f"sales.csv is a Parquet file (let its name end in .parquet); {KINDS}"),
    "zero bytes": (b"t,y\n1,\0\0\0\n", f"sales.csv holds binary data (zero bytes), not text; {KINDS}"),
    "garbled gzip": (
        gzip.compress(b"t,y\n" + bytes(range(32, 127)) * 50)[:60] + b"!" * 40,
        "sales.csv cannot be unpacked: Error -3 while decompressing data: invalid distance too far back",
    ),
    "a cell beyond all bounds": (
        b"t" * 200_000 + b",y\n1,2\n",
        "sales.csv cannot be read as a table: line 1: field larger than field limit (131072); look there "
        "for a quote character that is never closed, or for a cell of more than 131,072 characters, and "
        "leave such a column out",
    ),
    "broken gzip": (
        b"\x1f\x8b\x08junk",
        "sales.csv cannot be unpacked: Compressed file ended before the end-of-stream marker was reached",
    ),
    "repeated names": (
        b"y,a,a,b,b,b\n1,2,3,4,5,6\n",
        "sales.csv: column names must differ, these repeat: 'a' (2 times), 'b' (3 times)",
    ),
    "a row too long": (
        b"t,y\n1,2\n3,4,5\n",
        "sales.csv: line 3 has 3 cells, the header has 2; look there for a missing or extra separator, or a "
        "comma inside a number or text without quotes",
    ),
    "a row too short": (
        b"t,y,z\n1,2,3\n\n3,4\n",
        "sales.csv: line 4 has 2 cells, the header has 3; look there for a missing or extra separator, or a "
        "comma inside a number or text without quotes",
    ),
    "decimal commas between commas": (
        b"y\n1,5\n2,5\n",
        "sales.csv: line 2 has 2 cells, the header has 1; look there for a missing or extra separator, or a "
        "comma inside a number or text without quotes",
    ),
    "an open quote": (
        b't,y\n1,"2\n3,4\n',
        "look for a quote character that is never closed, or that stands inside a cell",
    ),
    "no header": (
        b"1,2\n3,4\n",
        "several things need mending:\n  - sales.csv has no column 'y' (given as target); known: 1, 2\n"
        "  - sales.csv: the first line holds numbers; put a line with the column names above it",
    ),
    "no numeric column": (
        b"a,b\nx,y\n",
        "sales.csv has no column 'y' (given as target); known: a, b",
    ),
    "text in numbers": (
        b"y\n" + b"1\n" * 30 + b"abc\n-\n",
        "sales.csv: column 'y' holds the text 'abc' in row 31 (line 32); mend the cell or "
        "leave it empty, or give --missing-values abc where 'abc' stands for a missing value",
    ),
    "text in numbers after a cell of two lines": (
        b'c,y\n"a\nb",0\n' + b"c,1\n" * 30 + b"c,abc\n",
        "sales.csv: column 'y' holds the text 'abc' in row 32 (line 34); mend the cell or leave it empty, "
        "or give --missing-values abc where 'abc' stands for a missing value",
    ),
    "decimal points and commas": (
        b"t;y\na;1,5\nb;2.5\n",
        "sales.csv: target 'y' holds text, '1,5' in row 1 (line 2); a target must be numeric; write decimal "
        "points and no thousands separators",
    ),
    "a target of text": (
        b"y\nnorth\nsouth\n",
        "sales.csv: target 'y' holds text, 'north' in row 1 (line 2); a target must be numeric",
    ),
    "a target of truths": (
        b"y\ntrue\nfalse\n",
        "sales.csv: target 'y' holds true and false; a target must be numeric; write them as 1 and 0",
    ),
    "all missing": (b"y,z\nNA,1\n,2\n", "sales.csv: column 'y' is empty in all 2 rows; leave it out"),
    "infinite": (
        b"y\n1\n-inf\ninf\n",
        "sales.csv: column 'y' holds -inf in row 2 (line 3); 2 of 3 values are infinite; mend the cell or "
        "leave it empty",
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_bad_file_is_told_in_one_message(kind: str, tmp_path: Path) -> None:
    content, expected = FILES[kind]
    (tmp_path / "sales.csv").write_bytes(content)
    told = message(tmp_path / "sales.csv")
    if kind == "an open quote":
        assert told.endswith(expected)
    else:
        assert told == expected.format(folder=tmp_path)


COLUMNS = {
    "all wrong names at once": (
        "t,Sales,z\n1,2,3\n",
        {"target": "sale", "time": "tt", "id": "shop", "features": "z,a"},
        "several things need mending:\n"
        "  - sales.csv has no column 'sale' (given as target); did you mean 'Sales'?\n"
        "  - sales.csv has no column 'a' (given as feature); known: t, Sales, z\n"
        "  - sales.csv has no column 'tt' (given as time); did you mean 't'?\n"
        "  - sales.csv has no column 'shop' (given as id); known: t, Sales, z",
    ),
    "all wrong columns at once": (
        "y,z,k\n1,inf,x\n2,1,\n3,1,\n",
        {"target": ["k", "y"], "features": "z"},
        "several things need mending:\n"
        "  - sales.csv: target 'k' holds text, 'x' in row 1 (line 2); a target must be numeric; 2 of 3 "
        "cells are numbers or empty: give --missing-values x where 'x' stands for a missing value\n"
        "  - sales.csv: column 'z' holds +inf in row 1 (line 2); mend the cell or leave it empty",
    ),
    "one column in two roles": (
        "t,y\n1,2\n2,3\n",
        {"time": "t", "features": ["y", "t"]},
        "several things need mending:\n"
        "  - sales.csv: column 'y' is given as target and as feature; a column has one use\n"
        "  - sales.csv: column 't' is given as feature and as time; a column has one use",
    ),
    "one target twice": (
        "t,y\n1,2\n2,3\n",
        {"target": "y,y"},
        "sales.csv: column 'y' is given as target and as target; a column has one use",
    ),
    "no target": (
        "t,a,b,c\n2020-01-01,1,x,NA\n2020-01-02,2,y,3\n",
        {"target": None, "time": "t"},
        "which column shall be forecast? give --target (or --wide columns, where each of them is a series); "
        "numeric columns of sales.csv: a, c",
    ),
    "no target and no numbers": (
        "a\nx\n",
        {"target": None},
        "sales.csv has no numeric column, so there is nothing to forecast",
    ),
    "too many categories": (
        "y,c\n" + "".join(f"{row},x{row:03d}\n" for row in range(101)),
        {"features": "c"},
        "sales.csv: feature 'c' has 101 different texts, such as 'x000'; at most 100 are allowed: group rare "
        "ones, leave it out, or give it as --time or --id if it is one",
    ),
    "times as a feature": (
        "y,when\n1,2020-01-01\n2,2020-01-02\n",
        {"features": "all"},
        "sales.csv: feature 'when' holds times; give it as --time, or leave it out",
    ),
    "an empty id": (
        "id,y\na,1\n,2\n",
        {"id": "id"},
        "sales.csv: row 2 (line 3) has no id in column 'id'",
    ),
    "season 0": (
        "y\n1\n2\n",
        {"season": 0},
        "season must be a whole number of rows, from 1 (no season) to 1,000,000,000, not 0",
    ),
    "an unknown policy": (
        "y\n1\n2\n",
        {"missing": "fil"},
        "unknown policy for missing values 'fil'; did you mean 'ffill'?",
    ),
    "a repeated time": (
        "t,y\n2020-01-02,1\n2020-01-01,2\n2020-01-02,3\n",
        {"time": "t"},
        "sales.csv: time 2020-01-02 occurs more than once, in row 1 (line 2) and row 3 (line 4) (1 "
        "duplicate in all); remove them, give --id if the table holds several series, or choose --missing "
        "ffill, interpolate or drop, which keep the last of each",
    ),
    "a repeated time of one id": (
        "s,t,y\na,1,1\nb,1,2\nb,1,3\n",
        {"time": "t", "id": "s"},
        "sales.csv: time 1 of series 'b' occurs more than once, in row 2 (line 3) and row 3 (line 4) (1 "
        "duplicate in all); remove them, or choose --missing ffill, interpolate or drop, which keep the "
        "last of each",
    ),
    "no time": (
        "t,y\n2020-01-01,1\n,2\nNA,3\n",
        {"time": "t"},
        "sales.csv: row 2 (line 3) has no time in column 't' (2 rows have none); fill it in or remove the "
        "row",
    ),
    "no such date": (
        "t,y\n2020-01-01,1\n2020-02-30,2\nfoo,3\n",
        {"time": "t"},
        "sales.csv: time column 't' holds '2020-02-30' in row 2 (line 3), which is no time (2 of 3 are "
        f"none); {ISO}",
    ),
    "day or month": (
        "t,y\n01/02/2013,1\n02/02/2013,2\n",
        {"time": "t"},
        "sales.csv: times such as '01/02/2013' in row 1 (line 2) can be read day first or month first, and "
        f"the data do not tell which; give --day-first or --month-first, or {ISO}",
    ),
    "day and month": (
        "t,y\n30/01/2013,1\n01/31/2013,2\n",
        {"time": "t"},
        "sales.csv: times such as '30/01/2013' in row 1 (line 2) can be read day first or month first, and "
        f"the data show both; {ISO}",
    ),
    "with and without a zone": (
        "t,y\n2020-01-01T00:00Z,1\n2020-01-01T01:00,2\n",
        {"time": "t"},
        "sales.csv: times with and without a zone in 't': '2020-01-01T00:00Z' in row 1 (line 2), "
        "'2020-01-01T01:00' in row 2 (line 3); write all times in UTC "
        "(2016-07-01T13:00:00Z), or all without a zone",
    ),
    "an infinite count": (
        "t,y\n1,1\ninf,2\n",
        {"time": "t"},
        "sales.csv: time column 't' holds inf in row 2 (line 3); expected finite numbers of at most 4.6e+18",
    ),
    "parts that form no time": (
        "year,hour,y\n2020,2,1\n",
        {"time": "year,hour"},
        "sales.csv: the columns year, hour do not form a time; give the columns for year, month, day, hour, "
        "minute, second, or for the first few of these, or a column of dates and one of times of day",
    ),
    "no such month": (
        "year,month,y\n2020,2,1\n2020,13,2\n",
        {"time": "year,month"},
        "sales.csv: time column 'month', read as the month, holds 13 in row 2 (line 3); expected whole "
        "numbers from 1 to 12",
    ),
    "no such day": (
        "a,b,c,y\n2020,2,29,1\n2021,2,29,2\n",
        {"time": "a,b,c"},
        "sales.csv: there is no such day in row 2 (line 3): a 2021, b 2, c 29",
    ),
    "an empty part": (
        "a,b,y\n2020,2,1\n2021,,2\n",
        {"time": "a,b"},
        "sales.csv: time column 'b', read as the month, holds nothing in row 2 (line 3); expected whole "
        "numbers from 1 to 12",
    ),
    "text in a part": (
        "a,b,y\n2020,2,1\n2021,spring,2\n",
        {"time": "a,b"},
        "sales.csv: time column 'b', read as the month, holds 'spring' in row 2 (line 3); expected whole "
        "numbers from 1 to 12",
    ),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_bad_columns_and_choices_are_told_in_one_message(kind: str, tmp_path: Path) -> None:
    content, roles, expected = COLUMNS[kind]
    (tmp_path / "sales.csv").write_text(content, encoding="utf-8")
    assert message(tmp_path / "sales.csv", **roles) == expected


def test_a_misspelled_file_is_searched_in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sales.csv").write_text("y\n1\n")
    (tmp_path / "notes.md").write_text("")
    monkeypatch.chdir(tmp_path)
    assert message("salse.csv") == "no such file: salse.csv; did you mean 'sales.csv'?"
    assert message("q.csv") == "no such file: q.csv; known: sales.csv"
    assert message("none/x.csv") == "no such file: none/x.csv (the folder none does not exist)"
    (tmp_path / "sales.csv").unlink()
    assert message("x.csv") == "no such file: x.csv; this folder holds no CSV or Parquet file"


def test_a_folder_is_no_file_but_its_files_are_listed(tmp_path: Path) -> None:
    assert message(tmp_path) == f"{tmp_path} is a folder, not a file; {KINDS}"
    (tmp_path / "b.parquet").write_text("")
    (tmp_path / "a.csv.gz").write_text("")
    assert (
        message(tmp_path) == f"{tmp_path} is a folder, not a file; give one of its files: a.csv.gz, b.parquet"
    )


def test_other_kinds_of_files_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "sales.xlsx").write_bytes(b"PK\x03\x04")
    assert message(tmp_path / "sales.xlsx") == f"sales.xlsx: unknown kind of file '.xlsx'; {KINDS}"


def test_a_file_that_only_claims_to_be_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sales.parquet").write_text("t,y\n1,2\n")
    assert message(tmp_path / "sales.parquet").startswith("sales.parquet cannot be read as Parquet: ")


OBJECTS = [
    ([1, 2, 3], f"cannot read data from a list; give {SOURCES}"),
    (None, f"cannot read data from a NoneType; give {SOURCES}"),
    (np.zeros((2, 2, 2)), "an array must have 1 or 2 axes (rows, columns), not the shape (2, 2, 2)"),
    (np.zeros((0, 2)), "data has no rows of data (only a header: c0, c1)"),
    (pl.DataFrame(), "data has no rows of data (no columns)"),
    ({"y": [1, 2], "t": [1]}, "the arrays of a dict must be 1-D and of one length, not 'y' (2,), 't' (1,)"),
    (
        pl.DataFrame({"y": [[1], [2]]}),
        "data: target 'y' holds values of type List(Int64); a target must be numeric",
    ),
    (
        pl.DataFrame({"y": [1.0, float("inf")]}),
        "data: column 'y' holds +inf in row 2; mend the cell or leave it empty",
    ),
    (
        pd.DataFrame(np.ones((3, 2)), columns=["y", "y"]),
        "the data frame cannot be read: Expected unique column names, got: - 'y' 2 times",
    ),
]


@pytest.mark.parametrize(("source", "expected"), OBJECTS, ids=range(len(OBJECTS)))
def test_bad_objects_are_told_in_one_message(source: Any, expected: str) -> None:
    assert message(source) == expected


def test_a_matrix_needs_a_target() -> None:
    told = message(np.arange(6.0).reshape(3, 2), target=None)
    assert told == (
        "which column shall be forecast? give --target (or --wide columns, where each of them is a series); "
        "numeric columns of data: c0, c1"
    )


def test_a_categorical_synthetic_column_is_no_target(monkeypatch: pytest.MonkeyPatch) -> None:
    from narrows.tuning.series import synthetic

    made = read_series({"y": [1, 2], "c": ["u", "v"]}, target="y", features="c")
    monkeypatch.setattr(synthetic, "make", lambda text: made)
    assert message("synthetic:x", target="c") == "data: target 'c' is categorical; a target must be numeric"
    assert message("synthetic:x", target="z") == "data has no column 'z' (given as target); known: y, c"


def test_a_small_file_that_unpacks_to_a_large_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoded, "CHUNK_BYTES", 1000)
    monkeypatch.setattr(decoded, "MOST_UNPACKED_BYTES", 2**14)
    packed = tmp_path / "sales.csv.gz"
    packed.write_bytes(gzip.compress(b"t,y\n" + b"1,2\n" * 2**13))
    assert message(packed) == (
        "sales.csv.gz unpacks to more than 1.52588e-05 GiB of text, and a small file may unpack to any size: "
        "unpack it (gunzip) and give the .csv, or write the columns that are needed to a Parquet file"
    )
    packed.write_bytes(gzip.compress(b"t,y\n" + b"1,2\n1,3\n" * 2**10))
    assert read_series(packed, target="y").rows == 2**11
    plain = tmp_path / "sales.csv"
    plain.write_bytes(b"t,y\n" + b"1,2\n1,3\n" * 2**13)
    assert read_series(plain, target="y").rows == 2**14
