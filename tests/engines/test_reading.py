"""Stacks that read segments of a window, or one target at a time: the same in both engines."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from narrows.search_spaces import StackedLSTM
from narrows.search_spaces.errors import UserError
from narrows.search_spaces.network import build_network
from narrows.search_spaces.profile import Profile
from narrows.search_spaces.reading import Reading
from narrows.search_spaces.space import build_model
from narrows.search_spaces.trial import GO_ON
from narrows.tuning import engines
from narrows.tuning.engines.base import Task
from narrows.tuning.engines.keras.training import Training
from narrows.tuning.series.series import Series
from narrows.tuning.series.shaped import shaped
from narrows.tuning.series.windows import Windows

BASE = {"num_layers": 2, "units_1": 6, "units_2": 3, "bottleneck": 0, "learning_rate": 0.01, "batch_size": 16}
READINGS = {
    "segments": {"segment": 4},
    "one segment": {"segment": 12},
    "apart": {"channels": "apart"},
    "segments apart": {"segment": 4, "channels": "apart"},
    "segments of a shorter lookback": {"segment": 3, "lookback": 6, "channels": "apart"},
}


def values_of(**other):
    return BASE | {"dropout": 0.0, "scaling": "standard"} | other


def windows_of(targets=2, features=1):
    t = np.arange(240)
    noise = np.random.default_rng(0).normal(size=(t.size, targets + features))
    waves = np.stack([3 * n + np.sin(t / (3 + n)) for n in range(targets + features)], axis=1) + 0.1 * noise
    names = [f"c{n}" for n in range(targets + features)]
    series = Series("waves", tuple(names[:targets]), waves, features=tuple(names[targets:]))
    return Windows(series, lookback=12, horizon=2, split="0.6,0.2,0.2")


@pytest.fixture(scope="module")
def windows():
    return windows_of()


def engine_of(name, windows, segment=1, lookback=12, **_):
    searched = {"linear": ["none", "ridge"], "channels": ["together", "apart"], "lookback": [lookback, 12]}
    space = shaped(StackedLSTM(**searched, segment=[1, segment]), windows)
    # Plain Keras without its child processes, whose start would take longer than these trainings.
    return Training(space, windows) if name == "keras" else engines.make(name, space, windows)


def run(engine, trial):
    """Return the losses of each epoch, and how the trial ended."""
    losses, outcomes, waiting = [], [], [trial]

    def report(epoch):
        losses.append((epoch.loss, epoch.val_loss))
        return GO_ON

    if isinstance(engine, Training):
        outcomes.append(engine.train(trial, report))
    else:
        engine.train(lambda: waiting.pop() if waiting else None, report, outcomes.append)
    return losses, outcomes[0]


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
@pytest.mark.parametrize("scaling, linear", [("standard", "none"), ("last", "ridge"), ("none", "none")])
def test_both_engines_train_the_same(windows, reading, scaling, linear):
    values = values_of(scaling=scaling, linear=linear, **reading)
    trial = Task(0, values, seed=4, epochs=3, keep_state=True)
    engine = engine_of("keras", windows, **reading)
    theirs, kept = run(engine, trial)
    ours, outcome = run(engine_of("fused", windows, **reading), trial)
    np.testing.assert_allclose(ours, theirs, rtol=2e-4)
    for one, other in zip(outcome.weights, kept.weights, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)
    # Keras tells which random numbers come next, too.
    learned = [one for one in kept.state if one.ndim == 0 or one.dtype.kind == "f"]
    for one, other in zip(outcome.state, learned, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)
    assert outcome.parameters == kept.parameters
    rows = windows.parts["validation"]
    made = [
        one.predict(values, outcome.weights, rows) for one in (engine, engine_of("fused", windows, **reading))
    ]
    np.testing.assert_allclose(*made, atol=1e-5)
    assert np.mean((made[0] - windows.targets(rows)) ** 2) == pytest.approx(outcome.best_val_loss, rel=1e-4)


def test_targets_apart_are_each_forecast_by_the_network_of_one_target(windows):
    reading = Reading.of({"channels": "apart", "segment": 4}, (12, 3), (2, 2))
    model = build_network(Profile((5, 4)), (12, 3), (2, 2), reading=reading, scaling="last", seed=3)
    alone = build_network(
        Profile((5, 4)),
        (12, 2),
        (2, 1),
        reading=Reading.of({"segment": 4}, (12, 2), (2, 1)),
        scaling="last",
        seed=3,
    )
    for one, other in zip(model.get_weights(), alone.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    x = windows.inputs(windows.parts["test"])
    made = model.predict(x, verbose=0)
    for target in (0, 1):
        expected = alone.predict(x[:, :, [target, 2]], verbose=0)[:, :, 0]
        np.testing.assert_allclose(made[:, :, target], expected, atol=1e-6)


def test_a_segment_is_its_rows_one_after_the_other(windows):
    """By hand: the newest segment's rows stand in the last step, oldest first."""
    reading = Reading.of({"segment": 4}, (12, 3), (2, 2))
    x = windows.inputs(windows.parts["test"][:5])
    read = reading.read(x)
    assert read.shape == (5, 3, 12) == (5, reading.steps, reading.width)
    np.testing.assert_array_equal(read[2, 2], np.concatenate([x[2, row] for row in range(8, 12)]))
    apart = Reading.of({"segment": 4, "channels": "apart"}, (12, 3), (2, 2))
    read = apart.read(x)
    assert read.shape == (10, 3, 8)
    np.testing.assert_array_equal(read[5, 0], np.concatenate([x[2, row, [1, 2]] for row in range(4)]))
    np.testing.assert_array_equal(
        apart.emitted(windows.targets(windows.parts["test"][:5]))[5, :, 0],
        windows.targets(windows.parts["test"][2:3])[0, :, 1],
    )


def test_what_the_first_layer_of_the_model_reads_is_what_reading_says(windows):
    x = windows.inputs(windows.parts["test"])
    for values in READINGS.values():
        reading = Reading.of(values, (12, 3), (2, 2))
        model = build_network(Profile((4,)), (12, 3), (2, 2), reading=reading)
        inner = keras.Model(model.inputs, model.get_layer("lstm_1").input)
        np.testing.assert_allclose(inner.predict(x, verbose=0), reading.read(x), atol=1e-6)


def test_parameters_are_those_of_the_model(windows):
    space = shaped(StackedLSTM(segment=[1, 4], channels=["together", "apart"]), windows)
    for values in READINGS.values():
        model = build_model(space, values_of(**values), 0, windows.input_shape)
        assert space.parameters(values_of(**values)) == model.count_params()


def test_a_single_target_is_apart_from_no_other():
    windows = windows_of(targets=1, features=2)
    trial = Task(0, values_of(channels="apart"), seed=4, epochs=2)
    together = Task(0, values_of(channels="together"), seed=4, epochs=2)
    engine = engine_of("fused", windows)
    np.testing.assert_array_equal(run(engine, trial)[0], run(engine, together)[0])
    assert engine.space.canonical(trial.values) == engine.space.canonical(together.values)


def test_dropout_is_drawn_for_each_target_of_a_window(windows):
    values = values_of(channels="apart", segment=3, dropout=0.3)
    trial = Task(0, values, seed=4, epochs=3)
    (first, _), (again, _) = (run(engine_of("fused", windows, segment=3), trial) for _ in range(2))
    assert first == again and np.isfinite(first).all()
    assert (
        first
        != run(engine_of("fused", windows, segment=3), Task(0, values | {"dropout": 0.0}, seed=4, epochs=3))[
            0
        ]
    )


@pytest.mark.parametrize(
    "options, told",
    [
        (
            {"segment": 5},
            "a lookback of 12 rows cannot be read 5 at a time; make the lookback a multiple of 5",
        ),
        ({"segment": [1, 4], "lookback": [12, 6]}, "a lookback of 6 rows cannot be read 4 at a time"),
        ({"segment": 24}, "such as 24"),
    ],
)
def test_a_segment_must_divide_each_lookback(windows, options, told):
    with pytest.raises(UserError, match=told):
        StackedLSTM(**options).shaped(windows.input_shape, windows.output_shape)


def test_a_saved_model_of_segments_apart_loads_in_keras_alone(windows, tmp_path):
    reading = Reading.of({"segment": 4, "channels": "apart"}, (12, 3), (2, 2))
    model = build_network(Profile((4,)), (12, 3), (2, 2), reading=reading, scaling="last")
    model.save(tmp_path / "model.keras")
    x = windows.inputs(windows.parts["test"])
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
