"""Bad input is one clear message, exit code 2, no traceback, and nothing is left behind."""

import sys

import numpy as np
import pytest

from narrows.tuning.cli import main

DAYS = np.datetime64("2021-01-01") + np.arange(60)


def table(*names, rows=60, **columns):
    made = {"day": DAYS[:rows].astype(str), "sold": [f"{10 + i % 7}" for i in range(rows)]} | columns
    lines = [",".join(names)] + [",".join(row) for row in zip(*(made[name] for name in names), strict=True)]
    return "\n".join(lines) + "\n"


def changed(row, value, rows=60):
    return [value if i == row else f"{10 + i % 7}" for i in range(rows)]


GOOD = table("day", "sold")
CASES = {
    "no such file": (None, ["tune", "sale.csv", "-t", "sold"], "sale.csv"),
    "an empty file": ("", ["tune", "sales.csv", "-t", "sold"], "sales.csv is empty (0 bytes)"),
    "a wrong encoding": (
        "day,sold\nMünchen,2\né".encode()[:-1],
        ["tune", "sales.csv", "-t", "sold"],
        "neither UTF-8 nor Windows-1252",
    ),
    "binary junk": (bytes(range(256)) * 20, ["tune", "sales.csv", "-t", "sold"], "sales.csv"),
    "a header only": ("day,sold\n", ["tune", "sales.csv", "-t", "sold"], "sales.csv"),
    "a misspelled column": (GOOD, ["tune", "sales.csv", "-t", "solde"], "did you mean 'sold'?"),
    "no target": (GOOD, ["tune", "sales.csv"], "sold"),
    "text in a numeric column": (
        table("day", "sold", sold=changed(7, "many")),
        ["tune", "sales.csv", "-t", "sold"],
        "many",
    ),
    "all NaN": (table("day", "sold", sold=["NaN"] * 60), ["tune", "sales.csv", "-t", "sold"], "sold"),
    "inf": (table("day", "sold", sold=changed(3, "inf")), ["tune", "sales.csv", "-t", "sold"], "inf"),
    "missing values": (
        table("day", "sold", sold=changed(3, "")),
        ["tune", "sales.csv", "-t", "sold"],
        "ffill",
    ),
    "a constant target": (
        table("day", "sold", sold=["4"] * 60),
        ["tune", "sales.csv", "-t", "sold"],
        "constant",
    ),
    "a short series": (
        table("day", "sold", rows=20),
        ["tune", "sales.csv", "-t", "sold", "--lookback", "24", "--horizon", "6"],
        "lookback 24 + horizon 6 needs at least 30 rows",
    ),
    "duplicate times": (
        table("day", "sold", day=[str(DAYS[max(i - 1, 0)]) for i in range(60)]),
        ["tune", "sales.csv", "-t", "sold", "--time", "day"],
        "2021-01-01",
    ),
    "mixed time zones": (
        table("day", "sold", day=[f"{d}T00:00:00{'Z' if i % 2 else ''}" for i, d in enumerate(DAYS)]),
        ["tune", "sales.csv", "-t", "sold", "--time", "day"],
        "times with and without a zone",
    ),
    "horizon 0": (
        GOOD,
        ["tune", "sales.csv", "-t", "sold", "--horizon", "0"],
        "horizon must be at least 1, not 0",
    ),
    "an empty range": (
        GOOD,
        ["tune", "sales.csv", "-t", "sold", "--units", "9..4"],
        "the interval 9..4 is empty",
    ),
    "units 0": (GOOD, ["tune", "sales.csv", "-t", "sold", "--units", "0"], "units: 0 is outside 1 to 4096"),
    "a segment that does not fit": (
        GOOD,
        ["tune", "sales.csv", "-t", "sold", "--lookback", "6", "--segment", "1,4"],
        "a lookback of 6 rows cannot be read 4 at a time",
    ),
    "an unknown way with channels": (
        GOOD,
        ["tune", "sales.csv", "-t", "sold", "--channels", "separate"],
        "channels: 'separate' is not one of together, apart",
    ),
    "an insane width": (
        GOOD,
        ["tune", "sales.csv", "-t", "sold", "--units", "8..9000"],
        "units: 9000 is outside 1 to 4096",
    ),
    "an unknown family": (None, ["tune", "synthetic:fibonaci"], "did you mean 'fibonacci'?"),
    "an output below a file": (
        GOOD,
        ["tune", "sales.csv", "-t", "sold", "--out", "sales.csv/run"],
        "sales.csv/run cannot be written",
    ),
    "an output that is something else": (
        GOOD,
        ["tune", "sales.csv", "-t", "sold", "--out", "."],
        ". exists and is not a run; give another --out",
    ),
    "a run that is none: trials": (GOOD, ["trials", "sales.csv"], "is not a run"),
    "a run that is none: board": (None, ["board", "runs/none"], "runs/none does not exist"),
    "a run that is none: export": (None, ["export", "runs/none", "model"], "runs/none does not exist"),
    "a run that is none: forecast": (GOOD, ["forecast", "nowhere", "sales.csv"], "nowhere"),
    "no folder of runs": (None, ["runs", "nowhere"], "there is no folder nowhere"),
    "an unknown series": (None, ["series", "streems", "--out", "x.csv"], "did you mean 'streams'?"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_one_message(case, tmp_path, monkeypatch, capfd):
    content, arguments, message = CASES[case]
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "sales.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    before = sorted(path.name for path in tmp_path.rglob("*"))
    monkeypatch.setattr(sys, "argv", ["narrows", *arguments])
    with pytest.raises(SystemExit) as exit:
        main()
    out, err = capfd.readouterr()
    assert exit.value.code == 2
    assert message in err
    assert err.startswith("narrows: ") and "Traceback" not in err
    assert out == ""
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_an_option_that_does_not_exist_is_told(monkeypatch, capfd):
    monkeypatch.setattr(sys, "argv", ["narrows", "tune", "x.csv", "--horizn", "3"])
    with pytest.raises(SystemExit) as exit:
        main()
    assert exit.value.code == 2
    assert "--horizon" in capfd.readouterr().err
