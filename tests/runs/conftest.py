"""A run of two trials that was made up without training, and the commands on it, called in this process."""

from __future__ import annotations

import shutil
import sys

import numpy as np
import pytest
import typer

from narrows.search_spaces.errors import UserError
from narrows.search_spaces.trial import Epoch, Standing, Status, Trial
from narrows.tuning import api, cli, study_api
from narrows.tuning.cli import searching, use
from narrows.tuning.job import Job
from narrows.tuning.models import export, handed, rebuilt
from narrows.tuning.report import page
from narrows.tuning.runs.digests import KeptFiles
from narrows.tuning.runs.folder import RunFolder
from narrows.tuning.runs.start import started

SOUND = "all was read"
ANSWER = {
    "trial": 0, "name": "t0000 8", "parameters": 99, "best_val_loss": 0.5, "linear_alone": False,
    "metric": "RMSE", "windows": 30,
    "scores": {"LSTM": {"y": {"RMSE": 1.0}}}, "against_floors": {}, "interval": None, "seeds": [],
    "by_series": {}, "forecasts": None, "units": None, "ensemble": None, "adds_nothing": False,
    "sentences": ["next: narrows export RUN model"],
}  # fmt: skip
VALUES = {"num_layers": 1, "units_1": 8, "learning_rate": 0.01, "scaling": "last"}


def job():
    """What the run was asked to do."""
    return Job("synthetic:trend,rows=200", trials=2)


def fill(run: RunFolder) -> None:
    """Leave in a run what a search of two trials leaves, one of them trained again with another seed."""
    rng, files = np.random.default_rng(0), KeptFiles(run.folder, run.store)
    for number in range(2):
        one = Trial(number, VALUES, 3, units=(8,), parameters=99, started=1.0)
        run.store.begin(one, {})
        run.store.epoch(Epoch(number, 1, 0.7, 0.5 + number, 0.01, 0.5))
        with run.store.transaction():
            ended = {"status": Status.COMPLETED, "best_val_loss": 0.5 + number, "best_epoch": 1}
            run.store.end(Trial(number, VALUES, 3, units=(8,), parameters=99, started=1.0, **ended), {})
            files.save(run.paths.weights(number), [rng.normal(size=(3, 4)).astype(np.float32)])
    files.save(run.paths.seed_weights(0, 1), [np.ones(3, np.float32)])
    files.save(run.paths.seed_weights(0, 1, 1), [np.full(3, 2, np.float32)])
    run.states.save(1, 1, Standing(1, 1.5, [], [np.ones(5, np.float32)]))
    files.save(run.paths.studied("0" * 24), [np.ones(2, np.float32)])
    run.store.set_training("0" * 24, '{"val_loss": 0.5, "secs": 1.0}')
    run.store.set_again(0, [0.6])
    run.store.set_meta("answer", ANSWER)


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The folder of the run; not to be changed."""
    folder = tmp_path_factory.mktemp("made") / "run"
    prepared = job().prepare()
    with started(folder, job().describe(prepared), prepared.series) as run:
        fill(run)
    return folder


@pytest.fixture
def folder(made, tmp_path):
    """A copy of the run."""
    return shutil.copytree(made, tmp_path / "runs" / "run")


@pytest.fixture(scope="session")
def app():
    """The command `narrows`, which typer else builds anew for each call: two thirds of the time of a call."""
    return typer.main.get_command(cli.app)


@pytest.fixture
def command(app, monkeypatch, capsys):
    """Call `narrows ...` in this process; return its exit code, what it printed and its message."""
    monkeypatch.setattr(cli, "app", app)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["narrows", *map(str, arguments)])
        try:
            cli.main()
        except SystemExit as exit:
            code = exit.code or 0
        else:
            code = 0
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


@pytest.fixture
def commands(monkeypatch, command, tmp_path):
    """Return the commands on a folder by name; what takes TensorFlow stands still where all was read."""

    def read(run, *_):
        assert run.windows.parts
        raise UserError(SOUND)

    def written(run, wanted, *_):
        read(run)

    def forecast_of(run, engine, trial):
        run.weights(trial)
        read(run)

    monkeypatch.setenv("NO_COLOR", "1")
    for module in (use, searching, study_api):
        monkeypatch.setattr(module, "load_tensorflow", lambda: None)
    monkeypatch.setattr(api, "search_into", lambda *_: None)
    monkeypatch.setattr(study_api, "_conducted", lambda run, *_: read(run))
    monkeypatch.setattr(export, "_write", written)
    monkeypatch.setattr(rebuilt, "engine_of_run", lambda run: None)
    monkeypatch.setattr(rebuilt, "trained_network", lambda run, trial: run.weights(trial))
    monkeypatch.setattr(handed, "_checked_loss", lambda *_: None)
    monkeypatch.setattr(rebuilt, "test_forecast", forecast_of)
    monkeypatch.setattr(page, "document", lambda run, search: f"{run.answer} {search}")
    html, model = tmp_path / "report.html", tmp_path / "model"
    return {
        "trials": lambda folder: command("trials", folder),
        "json": lambda folder: command("trials", folder, "--json"),
        "csv": lambda folder: command("trials", folder, "--csv"),
        "runs": lambda folder: command("runs", folder.parent),
        "report": lambda folder: command("report", folder, "--out", html, "--force"),
        "export": lambda folder: command("export", folder, model),
        "forecast": lambda folder: command("forecast", folder, "data.csv"),
        "tune": lambda folder: command("tune", job().source, "--trials", 2, "--out", folder),
        "study": lambda folder: command("study", folder),
    }


def is_one_message(told) -> bool:
    """Whether a command ended with one message and exit code 2."""
    code, out, err = told
    return (code, out, err.count("\n")) == (2, "", 1) and err.startswith("narrows: ")
