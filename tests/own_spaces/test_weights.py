"""All weights of a model, those that are not trained included, from the best epoch to the answer."""

import numpy as np
import pytest

from narrows.search_spaces import as_space
from narrows.search_spaces.trial import GO_ON
from narrows.tuning.engines.base import Task
from narrows.tuning.engines.keras.training import Training
from narrows.tuning.models.check import forecast_elsewhere
from narrows.tuning.models.raw import raw_inputs
from narrows.tuning.models.rebuilt import engine_of_run, trained_network
from narrows.tuning.series.series import Series
from narrows.tuning.series.shaped import shaped
from narrows.tuning.series.windows import Windows

from .conftest import tutorial

VALUES = {"layers": 2, "units_0": 5, "units_1": 4}


@pytest.fixture(scope="module")
def training():
    wave = np.sin(np.arange(160.0))[:, None]
    windows = Windows(Series("wave", ("y",), wave), lookback=12, horizon=1, split="0.6,0.2,0.2")
    return Training(shaped(as_space(tutorial), windows), windows)


def validation_loss(model, windows):
    rows = windows.parts["validation"]
    return model.evaluate(windows.inputs(rows), windows.targets(rows), verbose=0)[0]


def trained(training, **task):
    losses = []

    def report(epoch):
        losses.append((epoch.loss, epoch.val_loss))
        return GO_ON

    outcome = training.train(Task(0, VALUES, seed=3, **task), report)
    assert outcome.best_epoch, outcome.reason
    return outcome, losses


def test_the_validation_loss_of_each_kept_trial_is_that_of_its_training(run):
    for trial in run.trials:
        network = trained_network(run, trial)
        assert len(network.non_trainable_weights) == 2 * trial.values["layers"]
        assert validation_loss(network, run.windows) == pytest.approx(trial.best_val_loss, rel=1e-5)


def test_the_answer_forecasts_with_the_network_that_was_trained(run):
    engine, rows = engine_of_run(run), run.windows.parts["validation"]
    forecast = engine.predict(run.best.values, run.weights(run.best), rows)
    error = np.mean((forecast - run.windows.targets(rows)) ** 2)
    assert error == pytest.approx(run.best.best_val_loss, rel=1e-5)


def test_a_trial_that_goes_on_from_its_state_is_the_trial_in_one(training):
    whole, losses = trained(training, epochs=4)
    first, before = trained(training, epochs=2, keep_state=True)
    second, after = trained(training, epochs=4, first_epoch=2, state=first.state)
    np.testing.assert_allclose(before + after, losses, rtol=1e-6)
    best = second if second.best_val_loss < first.best_val_loss else first
    for one, other in zip(best.weights, whole.weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_parameters_are_the_trained_ones_alone(run):
    for trial in run.trials:
        network = trained_network(run, trial)
        trainable = sum(np.prod(weight.shape) for weight in network.trainable_weights)
        assert trial.parameters == trainable < network.count_params()


@pytest.mark.parametrize("format", ["savedmodel", "keras"])
def test_an_export_has_the_validation_loss_of_the_training_in_a_fresh_process(run, tmp_path, format):
    about = run.export(tmp_path / "model", format=format)
    recorded = run.best.best_val_loss
    assert about["checked"]["validation_loss"] == pytest.approx(recorded, rel=1e-5)
    windows = run.windows
    rows = windows.parts["validation"]
    inputs = raw_inputs(windows.series, windows.lookback, rows)
    forecast = forecast_elsewhere(tmp_path / "model", format, inputs)
    error = (forecast - windows.raw_targets(rows)) / windows.scaler.std[0]
    assert np.mean(error**2) == pytest.approx(recorded, rel=1e-5)


def test_weights_of_another_trial_are_not_exported(run, tmp_path):
    best = run.best
    weights = run.weights(best)
    shifted = [weight + 0.01 for weight in weights[:-1]] + weights[-1:]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(run), "weights", lambda *_: shifted)
        with pytest.raises(RuntimeError, match=r"its training recorded .* not handed over"):
            run.export(tmp_path / "model")
    assert not list(tmp_path.iterdir())
