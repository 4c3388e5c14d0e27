"""Weights of the best trial that are gone are trained once more, and a repeat of another loss counts."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from narrows.callbacks.recorded import RecordedTrial
from narrows.search_spaces.best import ranked
from narrows.search_spaces.repeat import of_repeat
from narrows.search_spaces.trial import Epoch, Outcome, Proposal, Standing, Status, Trial
from narrows.tuning import tune
from narrows.tuning.answers.advice import of_repeats
from narrows.tuning.answers.lost import train_lost
from narrows.tuning.job import Job
from narrows.tuning.models.handed import Wanted, handed
from narrows.tuning.runs.start import held, started
from narrows.tuning.search import Search


class Engine:
    """Trains a network of one loss for three epochs; with a loss of NaN it diverges, without any it fails."""

    def __init__(self, loss):
        self.loss, self.trained = loss, []

    def train(self, ask, report, end):
        while task := ask():
            self.trained.append(task)
            if self.loss is None:
                end(Outcome(task.number, Status.FAILED, "out of memory"))
                continue
            for epoch in (1, 2, 3):
                assert not report(Epoch(task.number, epoch, 1.0, self.loss, 0.1, 0.1)).ends
            status = Status.FAILED if math.isnan(self.loss) else Status.COMPLETED
            end(Outcome(task.number, status, "", [np.full(2, 7.0)], 1, self.loss))


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


def test_a_repeat_of_another_loss_is_kept_and_the_trial_is_ranked_by_the_mean_of_both(run):
    run.files.set_aside(run.paths.weights(1))
    said = []
    train_lost(run, Engine(0.3), said.append)
    assert said[1] == "its validation loss is 0.3 now and was 0.25"
    assert run.has_best_weights and run.weights(run.best)[0].tolist() == [7.0, 7.0]
    best = run.best
    assert (best.number, best.best_val_loss, best.score, best.own_loss) == (1, 0.25, 0.275, 0.3)
    assert best.repeated == (0.3,), "what is exported is held against the loss of the weights there are"
    assert of_repeat(best) == (
        "a repeat of its training ended with a loss 20% higher: its result depends on rounding"
    )
    assert RecordedTrial.from_json(run.recorded_trial(best).to_json()).repeated == best.repeated
    train_lost(run, Engine(0.3), pytest.fail)


def test_after_a_repeat_of_another_loss_the_same_command_ends_with_an_answer_and_a_model(tmp_path):
    space = {"num_layers": 1, "units": [3, 5], "bottleneck": 0}
    options = {"space": space, "trials": 2, "epochs": 2, "lookback": 6, "progress": False}
    first = tune("synthetic:sines,rows=300", out=tmp_path / "run", **options)
    number, loss = first.best.number, first.best.best_val_loss
    with held(tmp_path / "run") as opened:  # as if the training had ended with another loss then
        cells = (loss / 1.31, number)
        opened.store._db.execute("UPDATE trials SET best_val_loss = ? WHERE number = ?", cells)
        opened.files.set_aside(opened.paths.weights(number))
    run = tune("synthetic:sines,rows=300", out=tmp_path / "run", **options)
    best = run.best
    assert best.number == number and best.own_loss == pytest.approx(loss, rel=1e-5)
    assert run.answer["best_val_loss"] == best.score == pytest.approx((loss + loss / 1.31) / 2, rel=1e-5)
    assert any(f"{best.name}: a repeat of its training ended" in said for said in run.answer["sentences"])
    assert handed(run, Wanted(best)).loss == pytest.approx(loss, rel=1e-5)


def test_a_trial_is_not_recommended_on_a_loss_that_its_repeat_does_not_reach(run):
    run.files.set_aside(run.paths.weights(1))
    train_lost(run, Engine(0.9), lambda said: None)
    assert run.best.number == 0 and run.has_best_weights
    assert [one.number for one in run.store.best(2)] == [0, 1] == [one.number for one in ranked(run.trials)]
    (said,) = of_repeats(run.store.best(2))
    assert said == (
        "t0001 8: a repeat of its training ended with a loss 260% higher: its result depends on rounding. "
        "It is ranked by the mean of both."
    )


def test_a_trial_whose_repeat_diverges_is_never_recommended(run):
    run.files.set_aside(run.paths.weights(1))
    said = []
    train_lost(run, Engine(math.nan), said.append)
    assert run.best.number == 0
    assert of_repeat(run.trials[1]) == "a repeat of its training diverged: its result depends on rounding"


def test_when_the_next_best_has_no_weights_either_it_is_trained_too(run):
    for number in (0, 1):
        run.files.set_aside(run.paths.weights(number))
    engine, said = Engine(0.9), []
    train_lost(run, engine, said.append)
    assert len(engine.trained) == 2 and run.has_best_weights
    assert [(one.number, one.score) for one in run.store.best(2)] == [(1, 0.575), (0, 0.7)]


def test_a_repeat_that_fails_for_another_reason_says_nothing_of_the_loss(run):
    run.files.set_aside(run.paths.weights(1))
    said = []
    train_lost(run, Engine(None), said.append)
    assert said[1] == "that failed: out of memory"
    assert run.best.number == 1 and not run.trials[1].repeated


@pytest.mark.parametrize(
    ("repeated", "told"),
    [
        ((), ""),
        ((1.019,), ""),
        ((0.981,), ""),
        ((1.021,), "2% higher"),
        ((0.5,), "50% lower"),
        ((1.0, 1.5), "25%"),
    ],
)
def test_a_repeat_is_told_from_a_difference_of_two_percent_on(repeated, told):
    trial = Trial(0, {}, 3, status=Status.COMPLETED, best_val_loss=1.0, repeated=repeated)
    assert (told in of_repeat(trial)) and bool(told) == bool(of_repeat(trial))
    assert trial.score == 0.5 + sum(repeated) / len(repeated) / 2 if repeated else trial.score == 1.0


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
