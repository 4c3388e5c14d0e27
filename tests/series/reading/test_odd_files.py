"""Files as other programs write them: encodings, separators, ends of lines, and lines above the names."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from narrows.search_spaces.errors import UserError
from narrows.tuning.series import read_series
from narrows.tuning.series.reading.parsed import parse
from narrows.tuning.series.reading.roles import Roles
from narrows.tuning.series.reading.tables import read_table

ROWS = [f"Köln,{row},{row * 2}" for row in range(40)]
TEXT = "ort,größe,y\n" + "\n".join(ROWS) + "\n"
GIVEN = {
    "Windows-1252": (TEXT.encode("cp1252"), "text in Windows-1252 (Latin-1), separated by commas"),
    "UTF-16": (TEXT.encode("utf-16"), "text in UTF-16, separated by commas"),
    "UTF-16 without a mark": (TEXT.encode("utf-16-be"), "text in UTF-16-BE, separated by commas"),
    "UTF-32": (TEXT.encode("utf-32"), "text in UTF-32, separated by commas"),
    "packed": (gzip.compress(TEXT.encode("cp1252")), "text in Windows-1252 (Latin-1), separated by commas"),
    "old Macs": (TEXT.replace("\n", "\r").encode(), "text in UTF-8, separated by commas"),
    "Windows": (TEXT.replace("\n", "\r\n").encode("utf-16"), "text in UTF-16, separated by commas"),
    "bars": (TEXT.replace(",", "|").encode(), "text in UTF-8, separated by bars"),
    "tabs": (TEXT.replace(",", "\t").encode(), "text in UTF-8, separated by tabs"),
    "semicolons": (TEXT.replace(",", ";").encode(), "text in UTF-8, separated by semicolons"),
    "spaces": (TEXT.replace(",", " ").encode(), "text in UTF-8, separated by spaces"),
    "aligned": (
        TEXT.replace(",", "    ").replace("\n", "  \n  ").encode(),
        "text in UTF-8, separated by spaces",
    ),
    "Excel's sep": (
        ("sep=;\r\n" + TEXT.replace(",", ";")).encode(),
        "text in UTF-8, separated by semicolons",
    ),
    "a title": (("Sales of 2020\n\n" + TEXT).encode(), "text in UTF-8, separated by commas"),
    "remarks": (("# station 7\n# unit m\n" + TEXT).encode(), "text in UTF-8, separated by commas"),
}


@pytest.mark.parametrize("kind", GIVEN)
def test_a_file_is_read_as_other_programs_write_it(kind: str, tmp_path: Path) -> None:
    content, told = GIVEN[kind]
    path = tmp_path / "sales.csv"
    path.write_bytes(content)
    series = read_series(path, target="y", features="größe,ort")
    assert series.values[:, 0].tolist() == [2.0 * row for row in range(40)]
    assert series.categories == (("Köln",),) and dict(series.facts)["file"] == told


def test_lines_above_the_names_are_told_and_counted_in_places(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("sep=;\na;y\n1;2\n3;\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"row 2 \(line 4\)"):
        read_series(path, target="y")
    notes = read_series(path, target="y", missing="drop").notes
    assert "1 line above the names of the columns left out." in notes


def test_a_header_that_is_one_name_short_is_no_title(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("y\n1,5\n2,5\n3,5\n", encoding="utf-8")
    with pytest.raises(UserError, match="line 2 has 2 cells, the header has 1"):
        read_series(path, target="y")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            TEXT.encode() + "Düren,1,2\n".encode("latin-1"),
            "only a part of it is UTF-8, and line 42 holds the byte 0xFC",
        ),
        (b"a,y\n\x81,2\n", "line 2 holds the byte 0x81"),
        ("a,y\n1,é".encode()[:-1], "the file ends inside a letter"),
    ],
)
def test_letters_that_nobody_can_read_are_refused_with_their_place(
    content: bytes, told: str, tmp_path: Path
) -> None:
    (tmp_path / "sales.csv").write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_series(tmp_path / "sales.csv", target="y")
    assert (
        str(caught.value)
        == f"sales.csv is neither UTF-8 nor Windows-1252 text: {told}; save the file as UTF-8"
    )


def test_an_address_is_no_path_and_two_columns_are_no_id() -> None:
    with pytest.raises(UserError, match="https://a.b/c.csv is an address; download the file first"):
        read_series("https://a.b/c.csv", target="y")
    with pytest.raises(UserError, match="series are told apart by one column; make one of i and j"):
        read_series({"y": [1, 2], "i": [1, 2], "j": [1, 2]}, target="y", id="i,j")


def test_cells_are_let_go_once_they_are_parsed_and_lines_are_counted_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text('t,y,note\n2024-01-01,1,"two\nlines"\n2024-01-02,,x\n2024-01-03,3,x\n')
    table = read_table(path)
    place = table.place(1)
    table.forget(table.columns)
    assert table.columns == ["note"] and table.place(1) == place == "row 2 (line 4)"
    with pytest.raises(UserError, match=r"the first in row 2 \(line 4\)"):
        read_series(path, target="y", time="t")


def test_each_column_is_let_go_when_it_is_parsed(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("t,y,x,shop\n2024-01-01,1,2,a\n2024-01-02,2,2,a\n2024-01-03,3,4,b\n")
    table = read_table(path, "shop")
    parsed = parse(table, Roles(("y",), ("x",), time=("t",), id="shop"))
    assert table.columns == [] and parsed.ids == ("a", "b") and parsed.numbers.tolist() == [0, 0, 1]
