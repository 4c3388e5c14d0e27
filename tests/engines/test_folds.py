"""Folds: a trial's loss is the mean of what separate trainings on each fold give."""

from dataclasses import replace

import numpy as np
import pytest

from narrows.search_spaces import StackedLSTM
from narrows.search_spaces.errors import UserError
from narrows.search_spaces.trial import GO_ON, Decision, Epoch, Outcome, Status
from narrows.tuning import engines
from narrows.tuning.engines._folds import Folds
from narrows.tuning.engines.base import Engine, Task
from narrows.tuning.engines.fused import shared
from narrows.tuning.series.folds import older_folds
from narrows.tuning.series.series import Series
from narrows.tuning.series.shaped import shaped
from narrows.tuning.series.windows import Windows
from narrows.tuning.stopping import Limits, Rules

VALUES = {
    "num_layers": 1,
    "units_1": 6,
    "bottleneck": 0,
    "learning_rate": 0.02,
    "batch_size": 16,
    "dropout": 0.0,
    "scaling": "last",
    "linear": "none",
}
FOLDS = 3


@pytest.fixture(scope="module")
def windows():
    t = np.arange(300)
    noise = np.random.default_rng(0).normal(size=t.size)
    values = (np.sin(t / 5) * (1 + t / 100) + 10 + 0.1 * noise)[:, None]
    return Windows(Series("waves", ("a",), values), lookback=8, horizon=2, split="0.7,0.1,0.2")


def plain(name, windows):
    return engines.make(name, shaped(StackedLSTM(linear=["none", "ridge"]), windows), windows)


def run(engine, *tasks, judge=lambda epoch: GO_ON):
    waiting, outcomes, epochs = list(tasks), {}, []

    def report(epoch):
        epochs.append(epoch)
        return judge(epoch)

    def end(outcome):
        assert outcome.number not in outcomes, "a trial ends once"
        outcomes[outcome.number] = outcome

    engine.train(lambda: waiting.pop(0) if waiting else None, report, end)
    engine.close()
    assert not waiting
    return outcomes, epochs


@pytest.mark.parametrize(
    ("name", "linear", "folds"), [("fused", "none", 3), ("fused", "ridge", 3), ("keras", "ridge", 2)]
)
def test_the_loss_on_each_fold_is_that_of_a_training_on_it_alone(windows, name, linear, folds):
    values = VALUES | {"linear": linear}
    older = older_folds(windows, folds)
    folded = Folds(plain(name, windows), [lambda one=one: plain(name, one) for one in older], patience=0)
    tasks = [Task(number, values, seed=number, epochs=3) for number in range(2)]
    outcomes, epochs = run(folded, *tasks)
    alone = [run(plain(name, one), *tasks)[0] for one in (windows, *older)]
    for number, outcome in outcomes.items():
        expected = [one[number].best_val_loss for one in alone]
        np.testing.assert_allclose(outcome.folds, expected, rtol=1e-6)
        assert outcome.best_epoch == alone[0][number].best_epoch
        for kept, trained in zip(outcome.weights, alone[0][number].weights, strict=True):
            np.testing.assert_allclose(kept, trained, rtol=1e-5, atol=1e-7)
    first = 0 if linear == "ridge" else 1
    told = sorted((epoch.number, epoch.epoch) for epoch in epochs)
    assert told == [(number, epoch) for number in range(2) for epoch in range(first, 4)], "the newest fold's"


class Made(Engine):
    """Trains nothing: each trial has losses that fall to a number of its own; one of them never does."""

    places = 2

    def __init__(self, windows, level=1.0, diverges=(), ends=()):
        super().__init__(space=None, windows=windows)
        self.level, self.diverges, self.ends = level, diverges, ends
        self.given = []

    def train(self, ask, report, end):
        under_way, waits = {}, {}
        while True:
            while len(under_way) < self.places + len(waits) and (task := ask()) is not None:
                self.given.append(task)
                under_way[task.number] = [task, 0]
            if not under_way:
                return
            assert len(waits) < len(under_way), "all wait for each other"
            for number, state in list(under_way.items()):
                decision = waits[number].again() if number in waits else self._trained(state, report)
                if decision.again is not None:
                    waits[number] = decision
                    continue
                waits.pop(number, None)
                task, epoch = state
                failed = number in self.diverges
                if failed or decision.ends or epoch == task.epochs or (number in self.ends and epoch == 2):
                    del under_way[number]
                    status = Status.FAILED if failed else decision.ends or Status.COMPLETED
                    reason = "it diverged" if failed else decision.reason
                    end(
                        Outcome(
                            number, status, reason, best_epoch=epoch, best_val_loss=self._loss(number, epoch)
                        )
                    )

    def _loss(self, number, epoch):
        return self.level * (1 + number + 1 / epoch)

    def _trained(self, state, report):
        task, epoch = state
        state[1] = epoch = epoch + 1
        return report(Epoch(task.number, epoch, 1.0, self._loss(task.number, epoch), 0.01, 0.5))

    def predict(self, values, weights, rows):
        return self.level


def tasks_of(count, epochs=9):
    return [Task(number, {"scaling": "last"}, epochs=epochs, seed=number) for number in range(count)]


def test_a_trial_that_diverges_on_an_older_fold_fails_and_says_where(windows):
    older = [Made(windows, 2.0), Made(windows, 3.0, diverges=(1,))]
    folded = Folds(Made(windows), [lambda: older[0], lambda: older[1]], patience=0)
    outcomes, _ = run(folded, *tasks_of(3, epochs=2))
    assert outcomes[1].status == Status.FAILED
    assert outcomes[1].reason == "on the fold 2 before the newest one: it diverged"
    assert outcomes[0].folds == (1.5, 3.0, 4.5) and outcomes[0].fold_secs == 2.0
    assert folded.predict({}, [], None) == 1.0


def test_what_failed_on_the_newest_fold_is_trained_on_no_other(windows):
    older = Made(windows)
    outcomes, _ = run(Folds(Made(windows, diverges=(0,)), [lambda: older], 0), *tasks_of(2))
    assert [one.number for one in older.given] == [1]
    assert outcomes[0].status == Status.FAILED and outcomes[0].folds == ()


def test_a_trial_that_was_cut_off_trains_as_long_on_older_folds(windows):
    older = Made(windows)

    def judge(epoch):
        return Decision(Status.STOPPED, "cut") if (epoch.number, epoch.epoch) == (1, 4) else GO_ON

    outcomes, _ = run(Folds(Made(windows), [lambda: older], 0), *tasks_of(2), judge=judge)
    assert [(one.number, one.epochs, one.fold) for one in older.given] == [(0, 9, 1), (1, 4, 1)]
    assert outcomes[1].status == Status.STOPPED and len(outcomes[1].folds) == 2


def test_patience_ends_trainings_on_older_folds_too(windows):
    class Flat(Made):
        def _loss(self, number, epoch):
            return 1.0

    older = Flat(windows)
    outcomes, _ = run(Folds(Made(windows), [lambda: older], patience=3), *tasks_of(1))
    assert outcomes[0].fold_secs == 0.5 * 4


@pytest.mark.parametrize("count", [1, 5, 12])
def test_halving_waits_for_no_trial_that_waits_for_its_other_folds(windows, count):
    """Trial 0 ends by itself before the rung, so that those after it would wait for it for ever."""
    newest = Made(windows, ends=(0, 3))
    folded = Folds(newest, [lambda: Made(windows)], 0)
    rules, training = Rules(Limits(rung=4)), {}
    waiting = tasks_of(count)
    outcomes = {}

    from narrows.search_spaces.trial import Trial

    def ask():
        if not waiting:
            return None
        task = waiting.pop(0)
        training[task.number] = Trial(task.number, task.values, task.epochs)
        return task

    def judged(trial, epoch):
        there = {number: one for number, one in training.items() if number not in folded.held}
        decision = rules.judge(trial, epoch, there)
        return decision if decision.again is None else replace(decision, again=lambda: judged(trial, epoch))

    def report(epoch):
        trial = training[epoch.number] = training[epoch.number].after(epoch)
        return judged(trial, epoch) if epoch.epoch < trial.epochs else GO_ON

    def end(outcome):
        del training[outcome.number]
        outcomes[outcome.number] = outcome

    folded.train(ask, report, end)
    assert sorted(outcomes) == list(range(count)) and not folded.held


def test_a_trial_has_one_program_on_all_folds(windows):
    """Older folds have fewer windows: a program of its own would pay at a later trial there."""
    widths = [64, *[4] * 40]
    tasks = [Task(number, VALUES | {"units_1": one}, epochs=400) for number, one in enumerate(widths)]
    older = [plain("fused", one) for one in older_folds(windows, FOLDS)]
    newest = plain("fused", windows)
    folded = Folds(newest, [lambda one=one: one for one in older], 0)
    folded.recall(tasks)
    run(folded, Task(len(tasks), VALUES | {"units_1": 4}, epochs=1))
    chosen = [[engine._plan(task) for task in tasks] for engine in (newest, *older)]
    assert chosen[0] == chosen[1] == chosen[2]
    assert len(set(chosen[0])) == 2, "the small ones had one of their own in the end"
    assert newest._programs == older[0]._programs == older[1]._programs


def test_linear_forecasts_of_other_rows_share_a_program(windows):
    """The linear forecast of an older fold reads what was best there."""
    values = VALUES | {"linear": "ridge"}
    task = Task(0, values, epochs=2)
    long, short = plain("fused", windows), plain("fused", windows)
    linear = short._lstm.linear
    assert linear.rows > 2
    short._lstm.linear = replace(linear, own=linear.own[-2:])
    like = plain("keras", windows)
    like.space.linear = short._lstm.linear
    (ours,), (keras,) = (run(engine, task)[0].values() for engine in (short, like))
    run(long, task)
    assert short._programs == long._programs
    assert ours.best_val_loss == pytest.approx(keras.best_val_loss, rel=1e-4)
    assert ours.weights[-2].shape[0] == 2, "as it was fitted"


def test_folds_and_searches_of_one_process_share_programs(windows):
    values = VALUES | {"units_1": 7, "learning_rate": 0.01}
    older = older_folds(windows, FOLDS)
    first, *others = (plain("fused", one) for one in (windows, *older, windows))
    (outcome,) = run(first, Task(0, values, epochs=1))[0].values()
    for engine in others:
        run(engine, Task(0, values, epochs=1))
        assert engine._programs == first._programs
    again = run(plain("fused", windows), Task(0, values, epochs=1))[0][0]
    assert again.best_val_loss == outcome.best_val_loss


def test_before_the_system_would_end_the_process_a_sentence_says_what_to_do(windows, monkeypatch):
    monkeypatch.setattr(shared, "mappings", lambda: 0.95)
    known = Task(0, VALUES | {"units_1": 7}, epochs=1)
    assert run(plain("fused", windows), known)[0][0].status == Status.COMPLETED, "it needs no new program"
    with pytest.raises(UserError, match="go on in a new process"):
        run(plain("fused", windows), Task(0, VALUES | {"units_1": 130}, epochs=1))
