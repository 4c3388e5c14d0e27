"""A study is asked for in the same words from Python and from the command line, with the same defaults."""

import inspect
import json
import sys
from dataclasses import fields

import pytest

import narrows
from narrows.tuning.cli import main
from narrows.tuning.cli.study import study as command
from narrows.tuning.job_options import JobOptions
from narrows.tuning.study_options import StudyOptions

OPTIONS = {field.name: field for field in fields(StudyOptions)}
DATA = (
    *("target", "time", "id", "wide", "features", "known", "static", "calendar"),
    *("missing", "missing_values", "categorical", "day_first", "zone"),
    *("season", "lookback", "horizon", "split", "levels"),
)
PYTHON = inspect.signature(narrows.study).parameters
TYPED = inspect.signature(command).parameters


def test_python_and_the_command_line_know_the_same_options():
    assert tuple(PYTHON) == ("source", *OPTIONS, *DATA, "out", "progress")
    assert set(TYPED) == {"source", *OPTIONS, *DATA, "out", "quiet", "as_json", "verbose"}
    assert set(DATA) < {field.name for field in fields(JobOptions)}


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_has_one_default(name):
    default = OPTIONS[name].default
    assert PYTHON[name].default == default
    assert TYPED[name].default == default


@pytest.mark.parametrize("name", DATA)
def test_what_is_said_of_data_is_none_unless_it_is_said(name):
    assert PYTHON[name].default is None and TYPED[name].default is None


def test_every_option_is_documented_alike():
    documented = inspect.getdoc(narrows.study)
    _, _, of_options = inspect.getdoc(StudyOptions).partition("Args:\n")
    assert of_options.rstrip() in documented
    for name in PYTHON:
        assert f"\n    {name}: " in documented or name in DATA


def printed(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["narrows", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capsys.readouterr()
    return ended.value.code or 0, out, err


def test_the_command_prints_a_table_sentences_and_the_next_step(monkeypatch, capsys, tmp_path):
    asked = ("--profile", "4", "--widths", "1,4", "--seeds", 2, "--steps", 60, "--out", tmp_path / "run")
    code, out, _ = printed(monkeypatch, capsys, "study", "synthetic:sines,rows=400", *asked)
    assert code == 0
    head = next(line for line in out.splitlines() if line.startswith("units"))
    assert head.split()[:4] == ["units", "profile", "parameters", "rate"]
    assert "How many units does the layer of 4 need?" in out and f"narrows board {tmp_path / 'run'}" in out
    code, out, _ = printed(monkeypatch, capsys, "study", tmp_path / "run", *asked[:-2], "--json")
    events = [json.loads(line, parse_constant=pytest.fail) for line in out.splitlines()]
    assert code == 0 and events[-1]["event"] == "study"
    assert [arm["label"] for arm in events[-1]["study"]["arms"]] == ["4", "1"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("synthetic:sines", "--layer", "shapes"), "did you mean 'shape'"),
        (("synthetic:sines", "--profile", "a-b"), "a profile is written like 64-8-32"),
        (("no-such-file.csv",), "no-such-file.csv"),
        (("synthetic:sines", "--seeds", "1", "--delta", "0"), "seeds must be"),
    ],
)
def test_a_mistake_is_one_message_and_exit_code_2(monkeypatch, capsys, arguments, said):
    code, _, err = printed(monkeypatch, capsys, "study", *arguments)
    assert code == 2 and said in err and "Traceback" not in err
