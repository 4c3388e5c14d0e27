"""Stacks that add to a linear forecast: they begin at its loss, and train the same in both engines."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest

from narrows.search_spaces import StackedLSTM, linear_forecast
from narrows.search_spaces.errors import UserError
from narrows.search_spaces.linear import Linear, stack_weights
from narrows.search_spaces.network import build_network, initial_weights
from narrows.search_spaces.profile import Profile
from narrows.search_spaces.space import build_model
from narrows.search_spaces.trial import GO_ON, Decision, Status
from narrows.tuning import engines
from narrows.tuning.engines.base import Task
from narrows.tuning.engines.keras.training import Training
from narrows.tuning.series.losses import mean_loss
from narrows.tuning.series.ridge import ridge
from narrows.tuning.series.series import Series
from narrows.tuning.series.shaped import shaped
from narrows.tuning.series.windows import Windows

BASE = {"num_layers": 2, "units_1": 6, "units_2": 3, "bottleneck": 0, "learning_rate": 0.01, "batch_size": 16}
ENGINES = ["fused", "keras"]


def values_of(**other):
    return BASE | {"dropout": 0.0, "scaling": "standard", "linear": "ridge"} | other


@pytest.fixture(scope="module")
def windows():
    """Two targets, of which one follows a feature: its ridge reads features."""
    t = np.arange(220)
    noise = np.random.default_rng(0).normal(size=(t.size, 3))
    driver = noise[:, 2]
    wave = 5 + 2 * np.sin(t / 4) + 0.1 * noise[:, 0]
    follows = np.roll(driver, 1) + np.roll(driver, 2) ** 2 + 0.1 * noise[:, 1]
    series = Series("waves", ("a", "b"), np.stack([wave, follows, driver], axis=1), features=("c",))
    return Windows(series, lookback=6, horizon=2, split="0.6,0.2,0.2")


def engine_of(name, windows, **options):
    space = shaped(StackedLSTM(**({"linear": ["none", "ridge"]} | options)), windows)
    # Plain Keras without its child processes, whose start would take longer than these trainings.
    return Training(space, windows) if name == "keras" else engines.make(name, space, windows)


def run(engine, *trials, answer=lambda epoch: GO_ON):
    waiting, epochs, outcomes = list(trials), {}, {}

    def report(epoch):
        epochs.setdefault(epoch.number, []).append((epoch.epoch, epoch.loss, epoch.val_loss))
        return answer(epoch)

    def end(outcome):
        outcomes[outcome.number] = outcome

    if isinstance(engine, Training):
        for trial in trials:
            end(engine.train(trial, report))
    else:
        engine.train(lambda: waiting.pop(0) if waiting else None, report, end)
    return epochs, outcomes


def test_the_ridge_of_these_windows_reads_features(windows):
    assert ridge(windows).linear.features is not None


@pytest.mark.parametrize(
    "loss, scaling", [("mse", "standard"), ("mae", "last"), ("huber", "none"), ("mse", "none")]
)
def test_both_engines_begin_at_the_linear_forecast_and_train_the_same(windows, loss, scaling):
    trials = [
        Task(0, values_of(scaling=scaling), seed=4, epochs=3, keep_state=True),
        Task(1, values_of(scaling=scaling, linear="none"), seed=4, epochs=2),
    ]
    theirs, kept = run(engine_of("keras", windows, loss=loss), *trials)
    ours, outcomes = run(engine_of("fused", windows, loss=loss), *trials)
    for number in (0, 1):
        np.testing.assert_allclose(ours[number], theirs[number], rtol=2e-4)
        for one, other in zip(outcomes[number].weights, kept[number].weights, strict=True):
            np.testing.assert_allclose(one, other, atol=2e-4)
        assert outcomes[number].parameters == kept[number].parameters
    # Keras tells which random numbers come next, too.
    learned = [one for one in kept[0].state if one.ndim == 0 or one.dtype.kind == "f"]
    for one, other in zip(outcomes[0].state, learned, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-4)
    assert [epoch for epoch, *_ in ours[0]] == [0, 1, 2, 3] and [epoch for epoch, *_ in ours[1]] == [1, 2]
    for part, told in zip(("train", "validation"), ours[0][0][1:], strict=True):
        rows = windows.parts[part]
        error = windows.raw(windows.targets(rows), rows) - ridge(windows).forecast(rows)
        assert told == pytest.approx(mean_loss(loss, error / windows.scaler.std[:2]), rel=1e-5)


@pytest.mark.parametrize("name", ENGINES)
def test_a_trial_that_no_epoch_makes_better_is_its_linear_forecast(windows, name):
    engine = engine_of(name, windows)
    _, outcomes = run(engine, Task(0, values_of(learning_rate=10.0), seed=1, epochs=2))
    outcome = outcomes[0]
    assert outcome.status == Status.COMPLETED and outcome.best_epoch == 0
    rows = windows.parts["test"]
    z = engine.predict(values_of(), outcome.weights, rows)
    forecast = windows.raw(z, rows)
    np.testing.assert_allclose(forecast, ridge(windows).forecast(rows), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ENGINES)
def test_a_trial_can_be_ended_at_its_start(windows, name):
    stop = Decision(Status.STOPPED, "enough")
    epochs, outcomes = run(
        engine_of(name, windows), Task(0, values_of(), seed=1, epochs=2), answer=lambda _: stop
    )
    assert [epoch for epoch, *_ in epochs[0]] == [0]
    assert outcomes[0].status == Status.STOPPED and outcomes[0].reason == "enough"
    assert math.isfinite(outcomes[0].best_val_loss) and len(outcomes[0].weights) == 11


@pytest.mark.parametrize("name", ENGINES)
def test_a_trial_that_goes_on_is_one_that_never_paused(windows, name):
    engine = engine_of(name, windows)
    whole, _ = run(engine, Task(0, values_of(), seed=2, epochs=4))
    first, held = run(engine, Task(0, values_of(), seed=2, epochs=2, keep_state=True))
    rest, _ = run(engine, Task(0, values_of(), seed=2, epochs=4, first_epoch=2, state=held[0].state))
    np.testing.assert_allclose(first[0] + rest[0], whole[0], rtol=1e-5)


def test_a_trial_without_a_linear_forecast_is_the_same_beside_trials_with_one(windows):
    trial = Task(0, values_of(linear="none"), seed=3, epochs=3)
    alone, _ = run(engine_of("fused", windows, linear="none"), trial)
    beside, _ = run(engine_of("fused", windows), trial)
    np.testing.assert_allclose(alone[0], beside[0], rtol=1e-5)


def test_the_model_is_the_stack_and_frozen_layers_behind_it(windows):
    linear = ridge(windows).linear
    model = build_network(Profile((4, 2)), (6, 3), (2, 2), seed=5, linear=linear)
    weights = model.get_weights()
    for one, other in zip(
        stack_weights(weights, 2), initial_weights(Profile((4, 2)), 3, 4, 5, linear=True), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(weights[8:], linear.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(model.trainable_weights) == 8
    x = windows.inputs(windows.parts["test"])
    np.testing.assert_allclose(model.predict(x, verbose=0), linear(x), atol=1e-5)
    names = {layer.name for layer in model.layers}
    assert {"linear", "linear_features", "with_linear"} <= names


def test_the_linear_forecast_may_read_more_rows_than_the_stack(windows):
    trial = Task(0, values_of(lookback=2), seed=4, epochs=2)
    theirs, _ = run(engine_of("keras", windows, lookback=[2, 6]), trial)
    ours, _ = run(engine_of("fused", windows, lookback=[2, 6]), trial)
    np.testing.assert_allclose(ours[0], theirs[0], rtol=2e-4)
    assert ours[0][0][2] == pytest.approx(
        run(engine_of("fused", windows), Task(0, values_of(), epochs=1))[0][0][0][2]
    )


def test_a_stock_tuner_builds_it_from_arrays_and_the_model_trains_on_from_the_linear_forecast(windows):
    train, validation = windows.parts["train"], windows.parts["validation"]
    arrays = [take(rows) for rows in (train, validation) for take in (windows.inputs, windows.targets)]
    linear = linear_forecast(*arrays)
    assert isinstance(linear, Linear)
    space = StackedLSTM(linear="ridge", num_layers=1, units=3).shaped((6, 3), (2, 2), linear=linear)
    model = build_model(space, values_of(num_layers=1), 3, (6, 3))
    before = model.evaluate(*arrays[2:], verbose=0)
    assert before == pytest.approx(mean_loss("mse", linear(arrays[2]) - arrays[3]), rel=1e-4)
    model.fit(*arrays[:2], epochs=1, verbose=0)
    np.testing.assert_array_equal(model.get_layer("linear").get_weights()[0], linear.weights[0])
    assert np.abs(model.get_layer("readout").get_weights()[0]).max() > 0
    assert space.parameters(values_of(num_layers=1)) == sum(
        math.prod(variable.shape) for variable in model.trainable_weights
    )


def test_a_space_that_was_given_no_linear_forecast_says_what_to_give():
    space = StackedLSTM(linear="ridge").shaped((6, 3), (2, 2))
    with pytest.raises(UserError, match="needs the linear forecast of your windows"):
        build_model(space, values_of(), 3, (6, 3))
    with pytest.raises(UserError, match=r"not to \(5, 4\) and \(5, 1, 1\)"):
        linear_forecast(np.zeros((5, 4)), np.zeros((5, 1, 1)), np.zeros((5, 4)), np.zeros((5, 1, 1)))


def test_a_saved_model_with_a_linear_forecast_loads_in_keras_alone(windows, tmp_path):
    model = build_network(Profile((4,)), (6, 3), (2, 2), linear=ridge(windows).linear, scaling="last")
    model.save(tmp_path / "model.keras")
    x = windows.inputs(windows.parts["test"])
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
