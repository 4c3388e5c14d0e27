"""`narrows forecast --out`: the file is there whole, or what was there before still is."""

import errno
import os
import sys

import polars as pl
import pytest

from narrows.tuning.cli import main, use
from narrows.tuning.models import forecast

EARLIER = "time,units\n2023-12-31,7.5\n2024-01-01,7.0\n"
TABLE = pl.DataFrame({"time": ["2024-01-01", "2024-01-02"], "units": [8.5, 9.5]})
TEXT = "time,units\n2024-01-01,8.5\n2024-01-02,9.5\n"


@pytest.fixture
def write(tmp_path, monkeypatch, capsys):
    """Write `TABLE` to a file with the command, and return its exit code and what it told."""
    monkeypatch.setattr(use, "load_tensorflow", lambda: None)
    monkeypatch.setattr(forecast, "forecast", lambda model, data, **told: TABLE)
    monkeypatch.chdir(tmp_path)

    def run(out, *more):
        monkeypatch.setattr(sys, "argv", ["narrows", "forecast", ".", "data.csv", "--out", out, *more])
        with pytest.raises(SystemExit) as exit:
            main()
        return exit.value.code, capsys.readouterr().err

    return run


def test_an_earlier_file_is_replaced(write, tmp_path):
    (tmp_path / "next.csv").write_text(EARLIER)
    assert write("next.csv") == (0, "next.csv: 2 rows\n")
    assert (tmp_path / "next.csv").read_text() == TEXT
    assert os.listdir(tmp_path) == ["next.csv"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_earlier_file(write, tmp_path, monkeypatch, step):
    (tmp_path / "next.csv").write_text(EARLIER)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, step, full)
    assert write("next.csv") == (2, "narrows: next.csv cannot be written: No space left on device\n")
    assert (tmp_path / "next.csv").read_text() == EARLIER
    assert os.listdir(tmp_path) == ["next.csv"]


@pytest.mark.parametrize(
    "there",
    ["", "old", "time,sales\n1,2\n3,4\n", "time,units\n1,2\n", "time,units\n1,2\n3,4\n5,6\n", "\0" * 9],
)
def test_what_is_no_earlier_forecast_is_replaced_only_when_it_is_asked_for(write, tmp_path, there):
    (tmp_path / "next.csv").write_text(there)
    code, told = write("next.csv")
    assert code == 2 and "exists and is not an earlier forecast of these columns and rows" in told
    assert (tmp_path / "next.csv").read_text() == there
    assert write("next.csv", "--force") == (0, "next.csv: 2 rows\n")
    assert (tmp_path / "next.csv").read_text() == TEXT


@pytest.mark.parametrize("link", [None, os.link, os.symlink])
def test_the_data_are_never_replaced_by_the_forecast_of_them(write, tmp_path, link):
    (tmp_path / "data.csv").write_text(EARLIER)
    out = "data.csv"
    if link is not None:
        link(tmp_path / "data.csv", tmp_path / "other.csv")
        out = "other.csv"
    for more in ([], ["--force"]):
        code, told = write(out, *more)
        assert code == 2 and f"{out} holds the data that the forecast is made of" in told
    assert (tmp_path / "data.csv").read_text() == EARLIER


def test_a_link_stays_a_link(write, tmp_path):
    (tmp_path / "there.csv").write_text(EARLIER)
    (tmp_path / "here.csv").symlink_to("there.csv")
    assert write("here.csv") == (0, "here.csv: 2 rows\n")
    assert (tmp_path / "here.csv").is_symlink()
    assert (tmp_path / "there.csv").read_text() == TEXT


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_is_left_alone(write, tmp_path, make):
    make(tmp_path / "next")
    assert write("next") == (2, "narrows: next cannot be written: it is not a file\n")
    assert os.listdir(tmp_path) == ["next"] and not (tmp_path / "next").is_file()


def test_the_name_of_the_file_asks_for_parquet(write, tmp_path):
    assert write("next.parquet") == (0, "next.parquet: 2 rows\n")
    assert pl.read_parquet(tmp_path / "next.parquet").equals(TABLE)
    assert write("next.parquet") == (0, "next.parquet: 2 rows\n"), "an earlier one is replaced"


@pytest.mark.parametrize("there", [b"", TEXT.encode(), TABLE.head(1), TABLE.rename({"units": "sales"})])
def test_no_other_file_is_replaced_by_parquet(write, tmp_path, there):
    path = tmp_path / "next.parquet"
    path.write_bytes(there) if isinstance(there, bytes) else there.write_parquet(path)
    before = path.read_bytes()
    code, told = write("next.parquet")
    assert code == 2 and "exists and is not an earlier forecast of these columns and rows" in told
    assert path.read_bytes() == before
    assert write("next.parquet", "--force") == (0, "next.parquet: 2 rows\n")
