"""Weights of the best trial that are gone are trained once more, or a search says that they cannot be."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from narrows.search_spaces.trial import Epoch, Outcome, Proposal, Standing, Status, Trial
from narrows.tuning.answers.lost import train_lost
from narrows.tuning.job import Job
from narrows.tuning.runs.start import started
from narrows.tuning.search import Search


class Engine:
    """Trains a network of one loss for three epochs."""

    def __init__(self, loss):
        self.loss, self.trained = loss, []

    def train(self, ask, report, end):
        while task := ask():
            self.trained.append(task)
            for epoch in (1, 2, 3):
                assert not report(Epoch(task.number, epoch, 1.0, self.loss, 0.1, 0.1)).ends
            end(Outcome(task.number, Status.COMPLETED, "", [np.full(2, 7.0)], 1, self.loss))


@pytest.fixture
def run(tmp_path):
    job = Job("synthetic:trend,rows=200", trials=2)
    prepared = job.prepare()
    with started(tmp_path / "run", job.describe(prepared), prepared.series) as made:
        for number, loss in enumerate((0.5, 0.25)):
            known = {"status": Status.COMPLETED, "best_val_loss": loss, "best_epoch": 1, "seed": 9}
            made.store.end(Trial(number, {"scaling": "last"}, 3, units=(8,), **known), {})
            made.files.save(made.paths.weights(number), [np.full(2, float(number))])
        yield made


def test_nothing_is_trained_where_the_best_weights_are_there(run):
    run.files.set_aside(run.paths.weights(0))
    train_lost(run, Engine(0.25), pytest.fail)
    assert run.has_best_weights


def test_lost_weights_of_the_best_trial_are_trained_once_more(run):
    run.files.set_aside(run.paths.weights(1))
    assert not run.has_best_weights
    engine, said = Engine(0.25), []
    train_lost(run, engine, said.append)
    assert said == ["the weights of t0001 8 are gone: training it once more"]
    (task,) = engine.trained
    assert (task.seed, task.epochs, task.values, task.first_epoch) == (9, 3, {"scaling": "last"}, 0)
    assert run.weights(run.best)[0].tolist() == [7.0, 7.0] and run.has_best_weights
    assert len(run.trials) == 2, "it is no trial of its own"


def test_weights_that_come_to_another_loss_are_not_kept(run):
    run.files.set_aside(run.paths.weights(1))
    said = []
    train_lost(run, Engine(0.3), said.append)
    assert said[1] == "its validation loss is 0.3 now and was 0.25: these weights are not kept"
    assert not run.has_best_weights


def test_nothing_is_begun_when_the_time_is_over(run):
    run.files.set_aside(run.paths.weights(1))
    train_lost(run, Engine(0.25), pytest.fail, until=0.0)


def test_a_trial_whose_state_was_damaged_goes_on_from_its_first_epoch(run):
    search = SimpleNamespace(telling=SimpleNamespace(wait=lambda: None), states=run.states)
    search._task = lambda proposal, **held: held
    run.states.save(0, 2, Standing(1, 0.5, [], [np.ones(3)]))
    promoted = Proposal(2, {}, 9, first_epoch=2, parent=0)
    stood = Search._new(search, promoted)
    assert stood["first_epoch"] == 2 and stood["state"][0].tolist() == [1.0] * 3
    run.files.set_aside(run.paths.state(0, 2))
    assert Search._new(search, promoted) == {"first_epoch": 0}
