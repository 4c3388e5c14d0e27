"""A trial that was interrupted goes on inside itself, where it stood when that was kept last."""

import math
from collections import deque

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

from narrows.search_spaces.trial import Epoch, Outcome
from narrows.tuning import Run, engines, search, tune
from narrows.tuning.engines.base import Engine, Judge
from narrows.tuning.progress.base import Progress
from narrows.tuning.watchers.measures import Measures

SPACE = {"num_layers": [1, 2], "units": (1, 64), "bottleneck": 0, "scaling": "standard"}
EPOCHS = 9


class Steps(Engine):
    """Trains nothing: what a trial learned is how many epochs it had, and its best one is the fourth."""

    given: list = []  # noqa: RUF012 - of all engines

    def train(self, ask, report, end):
        under_way = deque()
        while True:
            while len(under_way) < self.places and (task := ask()) is not None:
                self.given.append(task)
                under_way.append((Judge(task), 0 if task.state is None else task.state[0][0]))
            if not under_way:
                return
            judge, done = under_way.popleft()
            task = judge.task
            assert done == judge.last, "it goes on from the state of that epoch"
            loss = task.values["units_1"] + abs(judge.last + 1 - 4)
            one = Epoch(task.number, judge.last + 1, loss, loss, 0.1, 0.01)
            weights = [np.full(self.space.parameters(task.values), one.epoch)]
            judge.sees(one, lambda weights=weights: weights)
            state = [np.full(1, judge.last)]
            judge.obeys(report(judge.told(one, lambda state=state: state)))
            if judge.status is None:
                under_way.append((judge, state[0][0]))
                continue
            best = judge.best_weights, judge.best_epoch, judge.best_val_loss
            end(
                Outcome(
                    task.number, judge.status, judge.reason, *best, state=state if judge.keeps_state else None
                )
            )

    def predict(self, values, weights, rows):
        return np.zeros((len(rows), *self.windows.output_shape), np.float32)


class Cut(Progress):
    """Presses Ctrl-C after a number of epochs."""

    def __init__(self, after):
        self.left = after

    def epoch(self, epoch):
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


@pytest.fixture
def searched(monkeypatch):
    monkeypatch.setattr(engines, "make", lambda name, *rest: Steps(*rest))
    monkeypatch.setattr(engines, "refusal", lambda *_: "")
    monkeypatch.setattr(Measures, "of", lambda _: None)
    monkeypatch.setattr("narrows.tuning.answers.concluding.measure_best", lambda *_: [])
    monkeypatch.setattr("narrows.tuning.answers.answer.units_of", lambda *_: None)

    def run(folder, cut=None, places=1, keep_secs=0.0, **options):
        monkeypatch.setattr(Steps, "places", places)
        monkeypatch.setattr(Steps, "given", [])
        monkeypatch.setattr(search, "KEEP_SECS", keep_secs)
        known = {"space": SPACE, "epochs": EPOCHS, "trials": 4, "algorithm": "random", "patience": 0}
        told = {} if cut is None else {"progress": Cut(cut)}
        return tune("synthetic:trend,rows=200", out=folder, **(known | told | options))

    return run


def table(run):
    rows = [(row.number, row.values, row.status, row.best_epoch, row.best_val_loss) for row in run.trials]
    epochs = [[(one.epoch, one.val_loss) for one in run.store.epochs(row.number)] for row in run.trials]
    weights = [run.weights(row)[0][0] for row in run.store.best(3)]
    return rows, epochs, weights


def stopped(searched, folder, after, **options):
    with pytest.raises(KeyboardInterrupt):
        searched(folder, after, **options)


def test_a_trial_goes_on_where_it_stood_and_the_run_is_the_one_that_was_not_interrupted(searched, tmp_path):
    whole = table(searched(tmp_path / "whole"))
    stopped(searched, tmp_path / "cut", EPOCHS + 7)
    run = searched(tmp_path / "cut")
    first = Steps.given[0]
    assert (first.number, first.first_epoch, first.stood.best_epoch) == (1, 6, 4)
    assert [one.first_epoch for one in Steps.given[1:]] == [0, 0]
    assert table(run) == whole
    assert not list(run.paths.trials.glob("*/state*"))


def test_the_curve_of_a_trial_that_goes_on_is_whole(searched, tmp_path):
    stopped(searched, tmp_path / "cut", 7)
    run = searched(tmp_path / "cut")
    (file,) = next(run.paths.tensorboard.glob("t0000 *")).iterdir()
    values = [
        (event.step, value.tag)
        for event in EventFileLoader(str(file)).Load()
        for value in event.summary.value
    ]
    assert [step for step, tag in values if tag == "loss/validation"] == list(range(1, EPOCHS + 1))


@pytest.mark.parametrize("algorithm", ["random", "tpe", "hyperband"])
@pytest.mark.parametrize(("secs", "places"), [(0.0, 3), (0.025, 2), (math.inf, 3)])
def test_nothing_of_a_search_depends_on_when_states_are_kept_and_when_it_was_interrupted(
    searched, tmp_path, algorithm, secs, places
):
    options = {"algorithm": algorithm, "trials": 14, "keep": 3}
    whole = table(searched(tmp_path / "whole", places=3, keep_secs=60.0, **options))
    cuts = 0
    for after in (1, 9, 2, 17, 5, 30, 4, 24):
        try:
            # On fewer places than before, too: then some wait whose parents' states are needed.
            searched(tmp_path / "cut", after, places if cuts else 3, secs, **options)
        except KeyboardInterrupt:
            cuts += 1
    assert cuts > 3
    assert table(searched(tmp_path / "cut", None, 1, secs, **options)) == whole


@pytest.mark.parametrize("after", [30, 65, 105])
def test_the_state_of_a_parent_stays_while_a_trial_that_goes_on_from_it_waits(searched, tmp_path, after):
    options = {"algorithm": "hyperband", "trials": 40, "keep_secs": 60.0}
    stopped(searched, tmp_path / "cut", after, places=2, **options)
    assert len(searched(tmp_path / "cut", places=1, **options).trials) == 40


def test_a_state_that_was_being_written_when_the_process_died_is_none(searched, tmp_path):
    stopped(searched, tmp_path / "cut", 7)
    run = Run(tmp_path / "cut")
    (newest,) = run.paths.with_state()
    assert newest == (0, 6) and run.states.newest(0) == 6
    # In place, but the store was not told.
    run.paths.state(0, 7).write_bytes(run.paths.state(0, 6).read_bytes())
    found = searched(tmp_path / "cut")
    assert Steps.given[0].first_epoch == 6 and len(found.trials) == 4
    assert not list(found.paths.trials.glob("*/state*"))


def test_a_trial_whose_state_was_taken_away_begins_again(searched, tmp_path):
    whole = table(searched(tmp_path / "whole"))
    stopped(searched, tmp_path / "cut", 7)
    Run(tmp_path / "cut").paths.state(0, 6).unlink()
    run = searched(tmp_path / "cut")
    assert Steps.given[0].first_epoch == 0 and table(run) == whole


def test_a_state_is_read_as_it_was_written(searched, tmp_path):
    stopped(searched, tmp_path / "cut", 3)
    run = Run(tmp_path / "cut")
    epoch, stood = run.states.load(0)
    assert (epoch, stood.best_epoch, stood.best_val_loss) == (2, 2, run.store.epochs(0)[1].val_loss)
    assert stood.state[0].tolist() == [2] and stood.weights[0].tolist() == [2] * run.trials[0].parameters


def test_short_trials_write_nothing_more(searched, monkeypatch, tmp_path):
    monkeypatch.setattr("narrows.tuning.runs.states.States.save", None)
    assert len(searched(tmp_path / "run", keep_secs=search.KEEP_SECS).trials) == 4
