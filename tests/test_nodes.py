"""Which machine of a cluster trained a trial is kept, and told wherever the trial is."""

import csv
import io
import sys

import pytest

from narrows.callbacks.comparing.sides import of_trials
from narrows.callbacks.comparing.trials import trials_compared
from narrows.callbacks.recorded import RecordedTrial
from narrows.callbacks.trial_facts import trial_facts
from narrows.callbacks.trial_table import table
from narrows.search_spaces.trial import Outcome, Status, Trial
from narrows.tuning import Run
from narrows.tuning.cli import main
from narrows.tuning.job import Job
from narrows.tuning.report import report
from narrows.tuning.runs.start import started

NODES = ("gpu-a", "<b>10.0.0.7", "")


def made(folder, nodes):
    """A run whose trials these nodes trained; nothing is trained."""
    job = Job("synthetic:trend", trials=len(nodes))
    prepared = job.prepare()
    with started(folder, job.describe(prepared), prepared.series) as opened:
        for number, node in enumerate(nodes):
            known = {"best_val_loss": 0.4 + number, "best_epoch": 1, "units": (8,), "started": 1.0}
            trial = Trial(number, {"units_1": 8, "dropout": number / 10}, 3, **known)
            opened.store.end(trial.ended(Outcome(number, Status.COMPLETED, node=node)), {})
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return made(tmp_path_factory.mktemp("nodes") / "run", NODES)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    return made(tmp_path_factory.mktemp("alone") / "run", ("", ""))


def said(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["narrows", *map(str, arguments)])
    with pytest.raises(SystemExit) as exit:
        main()
    assert not exit.value.code
    return capsys.readouterr().out


def test_a_run_knows_which_node_trained_each_trial(run):
    assert tuple(one.node for one in Run(run).trials) == NODES
    search = Run(run).recorded()
    assert tuple(one.node for one in search.trials) == NODES
    assert tuple(RecordedTrial.from_json(one.to_json()).node for one in search.trials) == NODES


def test_a_trial_that_goes_on_is_of_the_node_where_it_ended():
    paused = Trial(0, {}, 3).ended(Outcome(0, Status.PAUSED, node="gpu-a"))
    assert paused.ended(Outcome(0, Status.COMPLETED)).node == ""
    assert paused.ended(Outcome(0, Status.COMPLETED, node="gpu-b")).node == "gpu-b"


def test_the_list_of_trials_names_nodes_where_there_are_any(run, alone, monkeypatch, capsys):
    rows = list(csv.DictReader(io.StringIO(said(monkeypatch, capsys, "trials", run, "--csv"))))
    assert tuple(row["node"] for row in rows) == NODES
    head, *lines = said(monkeypatch, capsys, "trials", run).splitlines()
    assert "node" in head.split() and "gpu-a" in lines[0] and NODES[1] in lines[1]
    by_node = said(monkeypatch, capsys, "trials", run, "--sort=-node").splitlines()[1:]
    assert ["gpu-a" in line for line in by_node] == [True, False, False]
    for options in ((), ("--csv",)):
        assert "node" not in said(monkeypatch, capsys, "trials", alone, *options)


def test_the_table_and_the_facts_of_a_trial_name_its_node(run, alone):
    search = Run(run).recorded()
    told = table(search)
    place = [column["name"] for column in told["columns"]].index("node")
    assert told["columns"][place]["label"] == "trained on"
    assert tuple(row[place] for row in told["rows"]) == NODES
    assert tuple(trial_facts(search, one)["node"] for one in search.trials) == NODES
    assert "node" not in [column["name"] for column in table(Run(alone).recorded())["columns"]]


def test_trials_that_are_compared_say_where_they_were_trained(run, alone):
    search = Run(run).recorded()
    tables = trials_compared(of_trials(search, "0,1"))["tables"]
    rows = {row["label"]: row["cells"] for part in tables for row in part["rows"]}
    assert rows["trained on"] == list(NODES[:2])
    assert "trained on" not in str(trials_compared(of_trials(Run(alone).recorded(), "0,1")))


def test_the_report_names_nodes_as_text(run, alone, tmp_path):
    page = report(Run(run), tmp_path / "nodes.html").read_text(encoding="utf-8")
    assert "Trained on" in page and "gpu-a" in page
    assert "&lt;b&gt;10.0.0.7" in page and NODES[1] not in page
    assert "Trained on" not in report(Run(alone), tmp_path / "alone.html").read_text(encoding="utf-8")
