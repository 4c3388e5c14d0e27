"""`narrows forecast --out`: the file is there whole, or what was there before still is."""

import errno
import os
import sys

import pytest

from narrows.tuning.cli import main, use
from narrows.tuning.models import forecast

TEXT = "time,units\n2024-01-01,8.5\n2024-01-02,9.5\n"


@pytest.fixture
def write(tmp_path, monkeypatch, capsys):
    """Write `TEXT` to a file with the command, and return its exit code and what it told."""
    monkeypatch.setattr(use, "load_tensorflow", lambda: None)
    monkeypatch.setattr(forecast, "forecast", lambda model, data, **told: TEXT)
    monkeypatch.chdir(tmp_path)

    def run(out):
        monkeypatch.setattr(sys, "argv", ["narrows", "forecast", ".", "data.csv", "--out", out])
        with pytest.raises(SystemExit) as exit:
            main()
        return exit.value.code, capsys.readouterr().err

    return run


def test_an_earlier_file_is_replaced(write, tmp_path):
    (tmp_path / "next.csv").write_text("old")
    assert write("next.csv") == (0, "next.csv: 2 rows\n")
    assert (tmp_path / "next.csv").read_text() == TEXT
    assert os.listdir(tmp_path) == ["next.csv"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_earlier_file(write, tmp_path, monkeypatch, step):
    (tmp_path / "next.csv").write_text("old")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, step, full)
    assert write("next.csv") == (2, "narrows: next.csv cannot be written: No space left on device\n")
    assert (tmp_path / "next.csv").read_text() == "old"
    assert os.listdir(tmp_path) == ["next.csv"]


def test_a_link_stays_a_link(write, tmp_path):
    (tmp_path / "there.csv").write_text("old")
    (tmp_path / "here.csv").symlink_to("there.csv")
    assert write("here.csv") == (0, "here.csv: 2 rows\n")
    assert (tmp_path / "here.csv").is_symlink()
    assert (tmp_path / "there.csv").read_text() == TEXT


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_is_left_alone(write, tmp_path, make):
    make(tmp_path / "next")
    assert write("next") == (2, "narrows: next cannot be written: it is not a file\n")
    assert os.listdir(tmp_path) == ["next"] and not (tmp_path / "next").is_file()
