"""Hostile inputs: whatever a file or an option holds, it works, or is one message and exit code 2.

Files and options are generated; a command goes as far as the start of its training, in this process and
without TensorFlow.
"""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import random
import sys
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from narrows.tuning import api, study_api
from narrows.tuning.cli import main, searching

NUMBERS = (
    *("0", "-1", "1", "0.5", "100000", "2147483648", "9223372036854775808", "1" + 25 * "0", 5000 * "9"),
    *(
        "1e400",
        "1e-400",
        "1e308",
        "-1e308",
        "nan",
        "inf",
        "-inf",
        "",
        " ",
        "x",
        "\0",
        "2**9",
        "1_000",
        "0x10",
    ),
    *(
        "\u0661\u0662",
        "\u00b2",
        "1,1",
        "1," * 3000 + "1",
        "1..10000000000000000000000",
        "9..1",
        "..",
        "1...2",
        "-",
    ),
)
OF_TUNE = (
    *("season", "lookback", "horizon", "split", "layers", "units", "bottleneck", "bottleneck-after"),
    *("learning-rate", "batch-size", "dropout", "segment", "clipnorm", "trials", "minutes", "epochs"),
    *("patience", "seed", "max-parameters", "keep", "record", "scaling", "channels", "linear", "loss"),
    "cluster",
)
OF_STUDY = (
    *(
        "profile",
        "layer",
        "feature",
        "widths",
        "seeds",
        "rates",
        "delta",
        "match",
        "steps",
        "minutes",
        "seed",
    ),
    *("season", "lookback", "horizon", "split", "cluster"),
)
COLUMNS = ("target", "time", "id", "features", "missing", "out")
TEXTS = (
    "",
    " ",
    ",",
    "all",
    "sold",
    "day",
    "no",
    "x" * 300,
    "\x1b[2J",
    "sold,sold",
    "../..",
    "%s",
    "{0}",
    "\n",
)


class Trains(Exception):
    """A command came as far as its training."""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    """Run a command up to its training; what else comes of it than one message fails the test."""

    def trains(*_: object) -> None:
        raise Trains

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(api, "search_into", trains)
    monkeypatch.setattr(study_api, "_conducted", trains)
    monkeypatch.setattr(searching, "load_tensorflow", lambda: None)

    def command(*arguments: str) -> bool:
        monkeypatch.setattr(sys, "argv", ["narrows", *arguments])
        with pytest.raises((SystemExit, Trains)) as ended:
            main()
        err = capfd.readouterr().err
        if ended.type is Trains or ended.value.code == 0:
            return True
        assert ended.value.code == 2, arguments
        assert "Traceback" not in err
        # Typer frames what is wrong with an option.
        assert err.startswith("narrows: ") or "Error" in err, err
        return False

    return command


def write(name: str, content: bytes = b"") -> None:
    days = np.datetime64("2021-01-01") + np.arange(80)
    rows = [f"{day},{10 + i % 7},{i % 5},{'ab'[i % 2]}" for i, day in enumerate(days)]
    Path(name).write_bytes(content or "\n".join(["day,sold,price,shop", *rows, ""]).encode())


@pytest.mark.parametrize("option", OF_TUNE)
def test_numbers_of_a_search(run, option: str) -> None:
    write("sales.csv")
    for place, value in enumerate(NUMBERS):
        run("tune", "sales.csv", "-t", "sold", "--out", f"run {place}", f"--{option}={value}")


@pytest.mark.parametrize("option", OF_STUDY)
def test_numbers_of_a_study(run, option: str) -> None:
    write("sales.csv")
    for place, value in enumerate(NUMBERS[::2]):
        run("study", "sales.csv", "-t", "sold", "--out", f"run {place}", f"--{option}={value}")


@pytest.mark.parametrize("option", COLUMNS)
def test_names_of_columns_and_folders(run, option: str) -> None:
    write("sales.csv")
    for value in TEXTS:
        run("tune", "sales.csv", *([] if option == "target" else ["-t", "sold"]), f"--{option}={value}")


@pytest.mark.parametrize(
    "command",
    [
        ("tune",),
        ("study",),
        ("study", "sales.csv", "--out"),
        ("trials",),
        ("runs",),
        ("report",),
        ("board",),
        ("series",),
        ("series", "sines", "--out"),
    ],
    ids=" ".join,
)
def test_what_a_command_is_given(run, command: tuple[str, ...]) -> None:
    write("sales.csv")
    for value in (
        "x" * 300,
        "x" * 255 + ".csv",
        "x/" * 3000,
        "\x1b[2J",
        "-",
        "sales.csv/x",
        "/dev/null",
        "/proc",
    ):
        run(*command, value)


def files() -> Iterator[tuple[str, bytes]]:
    """Yield names and contents of files that nobody should have written."""
    good = "day,sold,price\n" + "".join(
        f"2021-{1 + i // 28:02}-{1 + i % 28:02},{i % 9},{i}\n" for i in range(84)
    )
    whole = good.encode()
    cells = (
        *(
            "",
            " ",
            "-",
            "NaN",
            "inf",
            "-inf",
            "1e999",
            "1e308",
            "-1e308",
            "5e-324",
            "1,5",
            "1 000",
            "0x1F",
            "1e",
        ),
        *("\u0661", "\u221e", "TRUE", '"', '""', "'", "\\", "\x1b[2J", "\x7f", "\u202e", "\ufeff", "\ud7ff"),
        *("x" * 200_000, "9" * 400, "2021-02-30", "=1+1", "<script>", "%s%n", "\r", "\t", ";", "#", "null"),
    )
    for cell in cells:
        for column in range(3):
            rows = [line.split(",") for line in good.splitlines()]
            rows[9][column] = cell
            yield "cell.csv", "\n".join(map(",".join, rows)).encode()
            text = io.StringIO()
            csv.writer(text).writerows(rows)
            yield "quoted.csv", text.getvalue().encode()
            rows[0][column], rows[9][column] = cell, "2"
            yield "name.csv", "\n".join(map(",".join, rows)).encode()
    for cut in (1, 2, 3, 9, 14, 15, 16, 40, len(whole) - 1):
        yield "cut.csv", whole[:cut]
        yield "cut.csv.gz", gzip.compress(whole)[:cut]
    yield from (
        ("joined.csv", whole.replace(b"\n", end)) for end in (b"\r", b"\r\n", b"\n\n", b"\n\r", b"\0", b"")
    )
    for code in ("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp037", "utf-7"):
        yield "coded.csv", good.encode(code)
    yield "packed.csv", zlib.compress(whole)
    yield "packed twice.csv.gz", gzip.compress(gzip.compress(whole))
    yield "long.csv", b"sold," + b"x" * 300 + b"\n" + b"1,2\n" * 80
    yield (
        "wide.csv",
        (",".join(["sold", *(f"f{i}" for i in range(3000))]) + "\n").encode() + b"1," * 3000 + b"1\n",
    )
    yield "lines.csv", b"sold\n" + b"\n" * 5000
    yield "quote.csv", b'sold,price\n1,"' + whole * 50
    yield "quotes.csv", b"sold,price\n" + b'"' * 5001
    yield "one line.csv", b"sold," + b"1," * 100_000
    parquet = io.BytesIO()
    pl.DataFrame({"sold": range(80), "price": ["a"] * 80}).write_parquet(parquet)
    held = parquet.getvalue()
    yield from (("cut.parquet", held[:cut]) for cut in (4, 8, len(held) // 2, len(held) - 4, len(held)))
    odd = {
        "lists": [[1, 2]] * 80, "structs": [{"a": 1}] * 80, "binary": [b"\0"] * 80, "none": [None] * 80,
        "bool": [True, False] * 40, "whole": [2**63 - 1, 0] * 40, "duration": [timedelta(1)] * 80,
    }  # fmt: skip
    for name, column in odd.items():
        parquet = io.BytesIO()
        pl.DataFrame({"sold": range(80), "price": column}).write_parquet(parquet)
        yield f"{name}.parquet", parquet.getvalue()
        parquet = io.BytesIO()
        pl.DataFrame({"sold": column}).write_parquet(parquet)
        yield f"{name} target.parquet", parquet.getvalue()
    chance = random.Random(0)
    for of, name in itertools.product(
        (whole, held, gzip.compress(whole)), ("f.csv", "f.parquet", "f.csv.gz")
    ):
        for _ in range(10):
            changed = bytearray(of)
            for _ in range(chance.choice((1, 3, 30))):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            yield name, bytes(changed)


HOSTILE = list(files())


@pytest.mark.parametrize("part", range(10))
def test_files(run, part: int) -> None:
    worked = 0
    for place, (name, content) in enumerate(HOSTILE[part::10]):
        write(name, content or b"\n")
        more = ["--missing", "ffill", "--features", "price"] if place % 2 else ["--time", "day"]
        worked += run("tune", name, "-t", "sold", "--out", f"run {place}", *more)
        assert not list(Path().glob(".*")), "nothing half-written stays"
    assert worked, "some of them are only odd"


def test_there_are_many_hostile_inputs() -> None:
    options = len(NUMBERS) * (len(OF_TUNE) + len(OF_STUDY)) + len(TEXTS) * len(COLUMNS)
    assert options > 1000 and len(HOSTILE) > 400
