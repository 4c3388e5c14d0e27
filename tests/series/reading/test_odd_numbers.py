"""Numbers as people write them, what stands for none, and numbers that are no measurements."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from narrows.search_spaces.errors import UserError
from narrows.tuning.series import read_series
from narrows.tuning.series.reading.described import described
from narrows.tuning.series.series import Series


def read(cells: list[Any], separator: str = ",", folder: Path | None = None, **more: Any) -> Series:
    if folder is None:
        return read_series({"y": cells}, target="y", **more)
    path = folder / "sales.csv"
    lines = ["y" + separator + "b", *(f'"{cell}"{separator}1' for cell in cells)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_series(path, target="y", **more)


WRITTEN = {
    "English thousands": (["1,234.5", "12.5", "1,234,567"], [1234.5, 12.5, 1234567]),
    "German thousands": (["1.234,5", "12,5", "1.234.567"], [1234.5, 12.5, 1234567]),
    "French thousands": (["1 234,5", "12,5", "1\u202f234\u00a0567"], [1234.5, 12.5, 1234567]),
    "Swiss thousands": (["1'234.5", "12.5", "1\u2019234\u2019567"], [1234.5, 12.5, 1234567]),
    "a certain comma": (["0,123", "1,234"], [0.123, 1.234]),
    "a certain point": (["1,234", "1.5"], [1234, 1.5]),
    "signs and powers": (["-1,5", "+2,5e3"], [-1.5, 2500]),
    "percent": (["1.5 %", "2%"], [1.5, 2]),
    "money": (["€ 1,50", "€2,25"], [1.5, 2.25]),
    "Indian thousands": (["12,34,567", "1,23,456.5", "567"], [1234567, 123456.5, 567]),
    "minus behind": (["5-", "1.234,50-", "2,5"], [-5, -1234.5, 2.5]),
    "accountants": (["(5)", "(1,234.50)", "2.5"], [-5, -1234.5, 2.5]),
    "accountants and money": (["$5.00", "($1,234.50)"], [5, -1234.5]),
    "a printed minus": (["\u22125", "\u20131.5", "2"], [-5, -1.5, 2]),
    "money behind": (["1,50 €", "1.000,25 €"], [1.5, 1000.25]),
}


@pytest.mark.parametrize("kind", WRITTEN)
def test_numbers_are_read_as_people_write_them(kind: str) -> None:
    cells, expected = WRITTEN[kind]
    assert read(cells).values[:, 0].tolist() == expected


def test_a_minus_that_does_not_stand_before_its_number_is_told() -> None:
    assert ("numbers", "(5) is less than zero in y") in read(["4", "(5)"]).facts
    kinds = read_series({"y": [1, 2], "k": ["A-", "B(2)"]}, target="y", features="k").categories
    assert kinds == (("A-", "B(2)"),), "text with brackets is none"


@pytest.mark.parametrize(("separator", "expected"), [(",", 1234), (";", 1.234)])
def test_the_usual_sign_of_a_file_decides_where_no_number_does(
    separator: str, expected: float, tmp_path: Path
) -> None:
    assert read(["1,234", "2,345"], separator, tmp_path).values[0, 0] == expected


def test_a_doubtful_comma_is_refused() -> None:
    with pytest.raises(UserError, match="holds '1,234' in row 1, of which nothing tells whether its comma"):
        read(["1,234", "2,345"])


def test_points_separate_thousands_beside_decimal_commas(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("y;x\n1.200;2,5\n900;3,5\n", encoding="utf-8")
    series = read_series(path, target="y", features="x")
    assert series.values.tolist() == [[1200, 2.5], [900, 3.5]] and series.conventions.decimal == ","
    path.write_text("y;x\n1.2;2,5\n900;3,5\n", encoding="utf-8")
    assert read_series(path, target="y").values[:, 0].tolist() == [1.2, 900]


@pytest.mark.parametrize("text", ["y;x\n1.200;2\n900.125;3\n", 'y,x\n1.200,"a 2,5"\n900.125,"2,5"\n'])
def test_a_decimal_point_stays_one_where_no_number_has_a_decimal_comma(text: str, tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text(text, encoding="utf-8")
    assert read_series(path, target="y").values[:, 0].tolist() == [1.2, 900.125]


MISSING = [
    "N/A",
    "#N/A",
    "n.a.",
    "-",
    "--",
    "\u2013",
    ".",
    "?",
    "null",
    "NULL",
    "",
    " ",
    "#DIV/0!",
    "NaT",
    "missing",
]


@pytest.mark.parametrize("word", MISSING)
@pytest.mark.parametrize("often", [2, 20])
def test_words_for_nothing_are_missing_among_numbers(word: str, often: int, tmp_path: Path) -> None:
    cells = [word if row % often == 1 else str(row) for row in range(60)]
    series = read(cells, folder=tmp_path, missing="drop")
    assert series.values[:, 0].tolist() == [row for row in range(60) if row % often != 1]


def test_a_stroke_is_a_category_among_texts() -> None:
    series = read_series({"y": [1, 2, 3], "c": ["-", "a", "-"]}, target="y", features="c")
    assert series.categories == (("-", "a"),)


def test_a_text_column_of_mostly_numbers_is_warned_of() -> None:
    cells = ["closed" if row % 4 == 0 else str(row) for row in range(60)]
    series = read_series({"y": np.arange(60), "x": cells}, target="y", features="x")
    assert series.categorical == ("x",)
    (told,) = [note for note in series.notes if "most cells of 'x' are numbers (45 of 60)" in note]
    assert told.endswith("give --missing-values closed where 'closed' stands for a missing value.")
    mended = read_series(
        {"y": np.arange(60), "x": cells}, target="y", features="x", missing="drop", missing_values="closed"
    )
    assert mended.features == ("x",) and mended.rows == 45


def test_a_column_of_numbers_with_letters_may_be_declared_categorical(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("y,x\n" + "".join(f"{row},{'C' if row % 33 == 5 else '007'}\n" for row in range(99)))
    with pytest.raises(UserError, match="or --categorical x where the column holds categories"):
        read_series(path, target="y", features="x")
    series = read_series(path, target="y", features="x", categorical="x")
    assert series.categories == (("007", "C"),) and series.conventions.categorical == ("x",)
    with pytest.raises(UserError, match=r"has no feature 'z' \(given as categorical\)"):
        read_series(path, target="y", features="x", categorical="z")


@pytest.mark.parametrize("one", [[1, 2, 1], [1.0, 2.0, 1.0], ["1", "2", "1"]])
def test_categories_of_numbers_are_the_same_whatever_their_type(one: list[Any]) -> None:
    series = read_series({"y": [1, 2, 3], "x": one}, target="y", features="x", categorical="x")
    assert series.categories == (("1", "2"),)


@pytest.mark.parametrize("given", [-200, "-200", [-200], "-200,none", -200.0])
def test_given_values_are_missing_in_numbers_of_any_type(given: Any) -> None:
    for cells in ([1, -200, 3], [1.0, -200.0, 3.0], ["1", "-200", "3"], ["1,5", "-200,0", "3,5"]):
        assert read(cells, missing="drop", missing_values=given).rows == 2


def test_marks_that_stand_for_missing_values_are_suspected_by_count_and_option() -> None:
    chance = np.random.default_rng(0)
    gas, load = chance.gamma(2, 3, 400).round(1), chance.normal(1000, 90, 400)
    gas[::20], gas[5], load[7:11] = -200, -200, 9999
    series = read_series({"y": gas, "x": load}, target="y", features="x")
    warned = [note for note in series.notes if "--missing-values" in note]
    assert [note.split(",")[0] for note in warned] == [
        "-200 stands 21 times in 'y'",
        "9999 stands 4 times in 'x'",
    ]
    assert warned[0].endswith("give --missing-values -200.")
    mended = read_series({"y": gas}, target="y", missing="drop", missing_values=-200)
    assert mended.rows == 379 and not any("--missing-values" in note for note in mended.notes)


@pytest.mark.parametrize(
    "values",
    [
        np.arange(400) % 2,
        np.random.default_rng(1).poisson(0.3, 400) * 5.0,
        np.random.default_rng(2).lognormal(0, 2, 400),
        np.minimum(np.random.default_rng(3).normal(0, 1, 400), 1.5),
        np.maximum(np.random.default_rng(4).normal(5, 5, 400), 0),
        np.random.default_rng(5).integers(-1, 2, 400),
        np.zeros(400),
    ],
)
def test_ordinary_numbers_are_not_suspected(values: np.ndarray) -> None:
    assert not read(values.tolist()).notes


def panel(large: np.ndarray, small: np.ndarray) -> list[str]:
    """Return the notes on a large series between two small ones."""
    rows = {"id": np.repeat(["a", "b", "c"], 200), "y": np.concatenate([small, large, small])}
    notes = read_series(rows, target="y", id="id").notes
    return [note for note in notes if "stands for a missing value" in note]


PRICES = np.repeat([1e6, 1.1e6, 1.2e6, 1.3e6], 50)


@pytest.mark.parametrize("large", [PRICES, 1e6 + 1e4 * (np.arange(200) % 20)], ids=["few prices", "more"])
def test_what_stands_often_in_a_large_series_is_no_mark_beside_small_ones(large: np.ndarray) -> None:
    small = np.arange(200) % 17 + 0.5
    assert panel(large, small) == []


@pytest.mark.parametrize("often", [1, 20])
def test_a_mark_is_one_in_series_of_any_size(often: int) -> None:
    small = np.arange(200) % 17 + 0.5
    small[: 2 * often] = -999
    found = panel(1e6 + 1e4 * (np.arange(200) % 20), small)
    assert len(found) == 1 and "-999 stands" in found[0] and "--missing-values -999" in found[0]


def test_nothing_sold_is_no_mark_where_most_series_sell_little() -> None:
    few, many = np.arange(200) % 13, 1000.0 + np.arange(200) % 17
    many[::7] = 0
    rows = {"id": np.repeat(["a", "b", "c"], 200), "y": np.concatenate([few, many, few])}
    assert not any(
        "stands for a missing value" in note for note in read_series(rows, target="y", id="id").notes
    )


@pytest.mark.parametrize("huge", [1e308, -1e308, 1e90, 1e20, 1e10])
def test_one_cell_beyond_everything_is_refused_by_row_and_value(huge: float) -> None:
    values = np.random.default_rng(0).normal(5, 2, 300)
    values[7] = huge
    with pytest.raises(UserError, match=r"column 'y' holds -?1[e+0-9]+ in row 8, "):
        read(values.tolist())
    mended = read(values.tolist(), missing="drop", missing_values=huge)
    assert mended.rows == 299


def test_large_numbers_among_large_ones_are_read() -> None:
    for values in (
        np.random.default_rng(0).normal(0, 1e30, 300),
        np.arange(300) == 7,
        np.exp(np.arange(300) / 9),
    ):
        assert read(values.astype(float).tolist()).rows == 300


def test_text_among_numbers_is_missing_where_that_is_said(tmp_path):
    path = tmp_path / "minima.csv"
    cells = [f"{n}.5" for n in range(40)]
    cells[7], cells[30] = "?10.1", "about 3"
    path.write_text("\n".join(["y", *cells]) + "\n")
    with pytest.raises(
        UserError, match=r"'\?10.1' .*2 of 40 values are no numbers.*--missing-values text where"
    ):
        read_series(path, target="y")
    with pytest.raises(UserError, match=r"no numeric column, .*--missing-values text where"):
        described(path)
    series = read_series(path, target="y", missing="ffill", missing_values="text")
    assert series.values[[7, 30], 0].tolist() == [6.5, 29.5]
    path.write_text("\n".join(["y", *[f"word {n}" for n in range(30)], *cells[:9]]) + "\n")
    with pytest.raises(UserError, match="a target must be numeric"):
        read_series(path, target="y", missing="ffill", missing_values="text")
