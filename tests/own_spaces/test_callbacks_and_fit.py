"""The user's own Keras callbacks, and a `fit` of the space's own."""

import keras
import keras_tuner
import numpy as np
import pytest

from narrows.search_spaces import as_space
from narrows.search_spaces.errors import UserError
from narrows.search_spaces.trial import GO_ON, Status
from narrows.tuning.engines.base import Task
from narrows.tuning.engines.keras.training import Training
from narrows.tuning.job import Job
from narrows.tuning.progress.base import Progress
from narrows.tuning.series.series import Series
from narrows.tuning.series.shaped import shaped
from narrows.tuning.series.windows import Windows

from .conftest import SOURCE, flat


@pytest.fixture(scope="module")
def windows():
    wave = np.sin(np.arange(160.0))[:, None]
    return Windows(Series("wave", ("y",), wave), lookback=12, horizon=1, split="0.6,0.2,0.2")


class Counting(keras.callbacks.Callback):
    """Ends a training after an epoch; what it saw is its own."""

    def __init__(self, seen, last=99):
        super().__init__()
        self.seen, self.last, self.epochs = seen, last, 0

    def __deepcopy__(self, memo):
        return Counting(self.seen, self.last)

    def on_epoch_end(self, epoch, logs=None):
        self.epochs += 1
        self.seen.append((epoch + 1, self.epochs))
        self.model.stop_training = self.epochs >= self.last


def train(windows, space=flat, callbacks=None, report=lambda _: GO_ON, epochs=3):
    training = Training(shaped(as_space(space), windows), windows, callbacks)
    values = {"width": 4, "batch_size": 16}
    return training.train(Task(0, values, epochs=epochs), report)


def test_each_trial_has_callbacks_of_its_own(windows):
    seen = []
    callbacks = [Counting(seen)]
    for _ in range(2):
        assert train(windows, callbacks=callbacks, epochs=2).status == Status.COMPLETED
    assert seen == [(1, 1), (2, 2)] * 2


def test_a_function_is_given_the_trial_and_may_return_one_several_or_none(windows):
    seen, numbers = [], []

    def of(trial):
        numbers.append((trial.number, trial.values["width"]))
        return Counting(seen) if len(numbers) == 1 else None

    for _ in range(2):
        train(windows, callbacks=of, epochs=1)
    assert numbers == [(0, 4)] * 2 and seen == [(1, 1)]


def test_a_callback_may_end_a_trial(windows):
    outcome = train(windows, callbacks=[Counting([], last=2)])
    assert (outcome.status, outcome.reason) == (
        Status.COMPLETED,
        "its own training ended after epoch 2 of 3",
    )


def test_what_is_no_callback_is_refused(windows):
    with pytest.raises(UserError, match="must be Keras callbacks, and 3 is none"):
        train(windows, callbacks=[3])
    with pytest.raises(UserError, match="callbacks must be a list of Keras callbacks, or a function"):
        Job(SOURCE, callbacks=Counting([])).check()


def test_a_fault_of_a_callback_costs_its_trial_and_one_of_ours_none(windows):
    class Broken(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise ValueError("of the user's")

    reason = train(windows, callbacks=[Broken()]).reason
    assert reason.startswith("ValueError: of the user's, in on_epoch_end (test_callbacks_and_fit.py, line ")

    def report(epoch):
        raise ValueError("of ours")

    with pytest.raises(ValueError, match="of ours"):
        train(windows, report=report)


class Notes(Progress):
    def __init__(self):
        self.notes = []

    def note(self, text):
        self.notes.append(text)


def test_stacks_are_trained_by_the_keras_engine_where_there_are_callbacks(search, tmp_path):
    seen, notes = [], Notes()
    space = {"num_layers": 1, "units": 4, "bottleneck": 0, "scaling": ["standard", "last"]}
    run = search(tmp_path / "run", space, trials=2, progress=notes, callbacks=[Counting(seen)])
    assert seen == [(1, 1), (2, 2)] * 2 and len(run.trials) == 2
    expected = "the fused engine knows no Keras callbacks; this search is trained by the keras engine"
    assert expected in notes.notes
    with pytest.raises(UserError, match="callbacks: the run has code"):
        search(tmp_path / "run", space, trials=3)


class Fitting(keras_tuner.HyperModel):
    """Trains as the tutorials do: with what it asks for in `fit`."""

    def __init__(self, how="well"):
        super().__init__()
        self.how = how

    def build(self, hp):
        return flat(hp)

    def fit(self, hp, model, x, y, callbacks=(), **kwargs):
        if self.how == "raises":
            raise KeyError("a slip of mine")
        if self.how == "silent":
            return model.fit(x, y, **kwargs)
        if self.how == "blind":
            return model.fit(x, y, callbacks=callbacks, epochs=1)
        size = hp.Choice("batch_size", [16, 64])
        history = model.fit(x, y, batch_size=size, callbacks=callbacks, **kwargs)
        if self.how == "late":
            hp.Choice("late", [1, 2])
        return history


def test_a_fit_of_its_own_trains_and_what_it_asks_for_is_searched(search, tmp_path):
    run = search(tmp_path / "run", Fitting(), trials=6)
    assert {trial.status for trial in run.trials} == {Status.COMPLETED}
    assert {trial.values["batch_size"] for trial in run.trials} == {16, 64}


def test_a_fit_that_raises_costs_its_trial_and_is_told(windows):
    reason = train(windows, Fitting("raises")).reason
    assert reason.startswith("KeyError: 'a slip of mine', in fit (test_callbacks_and_fit.py, line ")


def test_a_fit_that_tells_nothing_is_told_what_to_hand_on(windows):
    assert (
        "it was trained for no epoch: fit must hand on its callbacks"
        in train(windows, Fitting("silent")).reason
    )
    assert (
        "no val_loss was logged in epoch 1: fit must hand on validation_data"
        in train(windows, Fitting("blind")).reason
    )


def test_a_fit_that_asks_too_late_ends_the_search_with_what_to_do(windows):
    with pytest.raises(UserError, match="asked for late while it trained, .* declare_hyperparameters"):
        train(windows, Fitting("late"))
