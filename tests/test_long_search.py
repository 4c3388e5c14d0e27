"""A long search leaves as much open as a short one, and its last trials cost no more than its first ones.

Trials are real to schedule, store, record and watchers; the engine trains nothing. What is counted are
things, never seconds.
"""

import gc
import os
import threading

import numpy as np
import pytest

import narrows.tuning.search as search_module
from narrows.search_spaces import StackedLSTM
from narrows.search_spaces.plain import to_json
from narrows.search_spaces.trial import Epoch, Outcome, Status
from narrows.tuning import engines, tune
from narrows.tuning.algorithms import make
from narrows.tuning.engines.base import Engine
from narrows.tuning.progress.base import Progress
from narrows.tuning.watchers._telling import MOST_WAITING
from narrows.tuning.watchers.measures import Measures

AT = (100, 200, 300)
"""Trials after which things are counted; what lies between two of them is what a hundred cost."""


class Untrained(Engine):
    """Ends each trial after three epochs with a loss that only its learning rate decides."""

    def train(self, ask, report, end):
        while (task := ask()) is not None:
            loss = abs(np.log10(task.values["learning_rate"]) + 2) + 0.1
            for epoch in range(1, 4):
                report(Epoch(task.number, epoch, loss, loss / epoch, 0.1, 0.01))
            weights = [np.zeros(self.space.parameters(task.values), np.float32)]
            state = weights if task.keep_state else None
            end(Outcome(task.number, Status.COMPLETED, "", weights, 3, loss / 3, state=state))

    def predict(self, values, weights, rows):
        return np.zeros((len(rows), *self.windows.output_shape), np.float32)


class Counts(Progress):
    """Counts, at the end of each trial, in the thread that tells the store and all watchers."""

    def __init__(self):
        self.ended_trials, self.seen = 0, {}

    def start(self, run, trials):
        super().start(run, trials)
        self.steps = [0]
        step = lambda: self.steps.__setitem__(0, self.steps[0] + 1)  # noqa: E731 - returns None: go on
        run.store._db._db.set_progress_handler(step, 10)

    def ended(self, trial, outcome):
        super().ended(trial, outcome)
        self.ended_trials += 1
        if self.ended_trials in AT:
            gc.collect()
            self.seen[self.ended_trials] = {
                "files": len(os.listdir("/proc/self/fd")),
                "threads": threading.active_count(),
                "steps": self.steps[0],
                "outcomes": sum(isinstance(one, Outcome) for one in gc.get_objects()),
                "pages": self._run.store._db.execute("PRAGMA page_count")[0][0],
            }


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """What was counted in a search by TPE on the default space."""
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("only Linux tells what a process has open")
    counts = Counts()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engines, "make", lambda name, *rest: Untrained(*rest))
        patched.setattr(engines, "refusal", lambda *_: "")
        patched.setattr(Measures, "of", lambda _: None)  # the weights are those of no network
        patched.setattr(search_module, "conclude", lambda *_, **__: None)
        out = tmp_path_factory.mktemp("long") / "run"
        tune("synthetic:trend,rows=200", epochs=3, trials=AT[-1], record=20, out=out, progress=counts)
    return counts.seen


def of_a_hundred(counted, what):
    """What the trials 100 to 200 took, and those after them."""
    first, second, third = (counted[at][what] for at in AT)
    return second - first, third - second


@pytest.mark.parametrize("what", ["files", "threads"])
def test_300_trials_leave_no_more_open_than_100(counted, what):
    assert counted[300][what] <= counted[100][what] + 1


def test_a_trial_that_ended_leaves_no_weights_in_memory(counted):
    assert counted[300]["outcomes"] <= MOST_WAITING // 4  # each is one of five events that wait


def test_the_store_reads_no_more_for_a_trial_the_more_there_are(counted):
    before, after = of_a_hundred(counted, "steps")
    assert after < 1.1 * before


def test_a_trial_takes_no_more_of_the_store_the_more_there_are(counted):
    before, after = of_a_hundred(counted, "pages")
    assert after < 1.25 * before


def test_what_hyperband_writes_with_each_trial_stays_small():
    chosen = make("hyperband", StackedLSTM(), seed=0, epochs=27)
    written = []
    for _ in range(600):
        one = chosen.ask()
        written.append(len(to_json(chosen.state())))
        chosen.tell(one.number, abs(np.log10(one.values["learning_rate"]) + 2) + 1 / one.epochs)
    assert max(written[500:]) < 1.5 * max(written[:100])
