"""`narrows series FILE` says what a file is taken for; nothing is trained."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from narrows.tuning.cli import main


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["narrows", "series", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return run


def air(path: Path) -> None:
    """An hourly file as a station writes it."""
    rows = [
        f"{day:02d}/03/2004;{hour:02d}.00.00;{-200 if hour == 5 else f'{day % 7},{hour}'};"
        f"{hour * 2 + day},5;N;;"
        for day in range(10, 20)
        for hour in range(24)
    ]
    path.write_text("\r\n".join(["Date;Time;CO;T;Wind;;", *rows]), encoding="utf-8")


def test_a_file_is_described_without_a_target(say, tmp_path: Path) -> None:
    air(tmp_path / "air.csv")
    code, out, err = say("air.csv")
    assert code == 0
    assert out.splitlines()[:5] == [
        "data     air.csv: 240 rows",
        "file     text in UTF-8, separated by semicolons",
        "numbers  decimal comma in CO, T",
        "time     Date, Time: 2004-03-10 to 2004-03-19 23:00, a row every 1h",
        "season   24 rows",
    ]
    table = [line.split() for line in out.splitlines()[6:] if line]
    assert table[:3] == [
        ["column", "holds", "missing", "values"],
        ["CO", "numbers", "0", "-200", "to", "6.9"],
        ["T", "numbers", "0", "10.5", "to", "65.5"],
    ]
    assert "give --missing-values -200." in err and "were read day first." in err


def test_what_is_said_of_a_file_is_heeded(say, tmp_path: Path) -> None:
    air(tmp_path / "air.csv")
    code, out, err = say("air.csv", "--missing-values", "-200", "--zone", "Europe/Rome", "--categorical", "T")
    assert code == 0 and "--missing-values" not in err
    assert "UTC (given in Europe/Rome)" in out and "(58 categories)" not in out
    assert next(line for line in out.splitlines() if line.startswith("CO")).split()[2] == "10"


def test_columns_that_are_neither_numbers_nor_categories_are_told(say, tmp_path: Path) -> None:
    rows = [f"2020-01-{day:02d},{day},{'x' if day == 7 else day},{day * 10}" for day in range(1, 29)]
    (tmp_path / "odd.csv").write_text("\n".join(["day,y,typo,z", *rows]))
    code, out, _ = say("odd.csv")
    assert code == 0
    (line,) = [line for line in out.splitlines() if line.startswith("typo")]
    assert "column 'typo' holds the text 'x' in row 7 (line 8)" in line


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nothing.csv"], "no such file: nothing.csv"),
        (["./x.csv"], "no such file: x.csv"),
        (["trnd"], "there is no synthetic family 'trnd'; did you mean 'trend'?"),
        (["text.csv"], "text.csv has no numeric column, so there is nothing to forecast"),
        (["text.csv", "--out", "y.csv"], "text.csv is a file; --out writes synthetic series"),
    ],
)
def test_a_mistake_is_one_message(say, tmp_path: Path, words: list[str], told: str) -> None:
    (tmp_path / "text.csv").write_text("a,b\nx,y\n")
    code, _, err = say(*words)
    assert code == 2 and told in err and "Traceback" not in err
