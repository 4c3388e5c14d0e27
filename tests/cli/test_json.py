"""JSON of every kind is JSON: no NaN, no Infinity."""

import json
import re
import sqlite3
import sys

import numpy as np
import polars as pl
import pytest

from narrows.tuning import Run, tune
from narrows.tuning.answers import answer as answers
from narrows.tuning.cli import main
from narrows.tuning.cli.output import answer_text
from narrows.tuning.report import report


def strict(text):
    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run whose scaled error is no number: the seasonal forecast is right in all of the training part."""
    still = np.r_[np.tile([1.0, 1.0, 1.0, 5.0], 40), np.full(40, 3.0)]
    space = {"num_layers": 1, "units": 3, "bottleneck": 0, "learning_rate": [0.01, 0.02]}
    return tune(
        pl.DataFrame({"y": still * 1e9}), target="y", season=4, lookback=8, space=space, algorithm="grid",
        trials=2, epochs=3, progress=False, out=tmp_path_factory.mktemp("json") / "run",
    )  # fmt: skip


def printed(capsys, monkeypatch, *arguments):
    capsys.readouterr()
    monkeypatch.setattr(sys, "argv", ["narrows", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    return capsys.readouterr().out


def test_what_is_printed_as_json_is_strict(run, capsys, monkeypatch, tmp_path):
    trials = strict(printed(capsys, monkeypatch, "trials", run.folder, "--json"))
    assert [trial["number"] for trial in trials] == [0, 1]
    assert strict(printed(capsys, monkeypatch, "runs", run.folder.parent, "--json"))
    lines = printed(capsys, monkeypatch, "tune", "synthetic:trend,rows=200", "--trials", 1, "--epochs", 1,
                    "--json", "--out", tmp_path / "other").splitlines()  # fmt: skip
    assert [strict(line)["event"] for line in lines][-1] == "answer"


def test_what_is_kept_is_strict(run):
    strict(run.paths.job.read_text())
    with sqlite3.connect(run.paths.store) as db:
        for table, column in (("meta", "value"), ("trials", '"values"'), ("trials", "units")):
            for (text,) in db.execute(f"SELECT {column} FROM {table}"):
                strict(text)
        for table, column in (("epochs", "metrics"), ("narrowings", "narrowing")):
            for (text,) in db.execute(f"SELECT {column} FROM {table}"):
                strict(text)


def test_the_report_and_the_export_are_strict(run, tmp_path):
    page = report(Run(run.folder), tmp_path / "report.html").read_text()
    held = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page)
    assert held and all(strict(text) for text in held)
    run.export(tmp_path / "model")
    strict((tmp_path / "model" / "narrows.json").read_text())


def test_a_number_that_is_none_is_null(run):
    assert run.answer["scores"]["LSTM"]["y"]["MASE"] is None


def test_a_forecast_that_is_no_number_is_told_in_words_everywhere(monkeypatch, tmp_path):
    monkeypatch.setattr(answers, "test_forecast", lambda *_: np.full((57, 1, 1), np.nan))
    waves = np.sin(np.arange(400) / 3) + 0.1 * np.random.default_rng(0).normal(size=400)
    space = {"num_layers": 1, "units": 3, "bottleneck": 0, "learning_rate": [0.01]}
    run = tune(
        {"y": waves}, target="y", lookback=8, split="280,60,57", space=space, algorithm="grid", trials=1,
        epochs=1, progress=False, out=tmp_path / "run",
    )  # fmt: skip
    answer = run.answer
    assert answer["scores"]["LSTM"]["y"] == dict.fromkeys(("MAE", "RMSE", "MASE", "sMAPE"))
    assert {one["y"]["word"] for one in answer["against_floors"].values()} == {"undefined"}
    assert answer["sentences"][0].startswith("The LSTM has no RMSE on the test part")
    text = answer_text(answer)
    assert "nan" not in text and "beats every" not in text
    (row,) = [line for line in text.splitlines() if line.startswith("LSTM")]
    assert row.split() == ["LSTM", "-", "-", "-", "-"]
    page = report(run, tmp_path / "report.html").read_text()
    (ours,) = (row for row in re.findall(r'<tr class="ours">(.*?)</tr>', page) if ">best trial" in row)
    assert ours.count(">-<") == 4 and "<strong>" not in ours
    run.export(tmp_path / "model")
    assert (
        strict((tmp_path / "model" / "narrows.json").read_text())["test_scores"]["LSTM"]["y"]["RMSE"] is None
    )
