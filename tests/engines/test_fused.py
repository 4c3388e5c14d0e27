"""The fused engine against plain Keras: gradients, steps, whole trainings; padding changes nothing."""

import subprocess
import sys
import threading

import keras
import numpy as np
import pytest
import tensorflow as tf

from narrows.search_spaces import StackedLSTM, as_space
from narrows.search_spaces.network import build_network, initial_weights
from narrows.search_spaces.profile import Profile
from narrows.search_spaces.reading import Reading
from narrows.search_spaces.scaling import Scaling
from narrows.search_spaces.space import hyperparameters_of
from narrows.search_spaces.studied_lstm import StudiedLSTM
from narrows.search_spaces.trial import GO_ON
from narrows.tuning import engines
from narrows.tuning.engines.base import Task
from narrows.tuning.engines.fused import adam
from narrows.tuning.engines.fused.embed import crop, embed
from narrows.tuning.engines.fused.embed import unpacked as unpacked_weights
from narrows.tuning.engines.fused.engine import FusedEngine
from narrows.tuning.engines.fused.network import gradient, losses, unpacked
from narrows.tuning.engines.fused.network import run as run_network
from narrows.tuning.engines.fused.planner import MOST_PROGRAMS, Planner, rounded, step_secs
from narrows.tuning.engines.fused.shape import Shape
from narrows.tuning.engines.keras.training import Training
from narrows.tuning.series.epoch_rows import training_rows, training_steps
from narrows.tuning.series.series import Series
from narrows.tuning.series.shaped import shaped
from narrows.tuning.series.windows import Windows

PROFILES = [
    (1,),
    (7,),
    (33,),
    (96,),
    (8, 1),
    (1, 8),
    (5, 3),
    (24, 2, 24),
    (9, 17, 5),
    (64, 8),
    (3, 3, 3, 3),
    (12, 6, 1, 4),
]
BASE = {"learning_rate": 0.01, "batch_size": 16, "dropout": 0.0, "scaling": "standard", "bottleneck": 0}


@pytest.fixture
def float64():
    """Keras in double precision: its default type and its policy, which it keeps apart."""
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


def values_of(units, **other):
    return BASE | {"num_layers": len(units)} | {f"units_{i}": u for i, u in enumerate(units, 1)} | other


@pytest.fixture(scope="module")
def windows():
    t = np.arange(140)
    noise = np.random.default_rng(0).normal(size=(t.size, 2))
    values = np.stack([5 + 2 * np.sin(t / 4), np.cos(t / 7)], axis=1) + 0.1 * noise
    return Windows(
        Series("waves", ("a",), values, features=("b",)), lookback=6, horizon=2, split="0.6,0.2,0.2"
    )


def engine_of(name, windows, **options):
    space = shaped(StackedLSTM(**options), windows)
    # Plain Keras without its child processes, whose start would take longer than these trainings.
    return Training(space, windows) if name == "keras" else engines.make(name, space, windows)


def run(engine, *trials):
    waiting, epochs, outcomes = list(trials), {}, {}

    def report(epoch):
        epochs.setdefault(epoch.number, []).append((epoch.loss, epoch.val_loss))
        return GO_ON

    def end(outcome):
        outcomes[outcome.number] = outcome

    if isinstance(engine, Training):
        for trial in trials:
            end(engine.train(trial, report))
    else:
        engine.train(lambda: waiting.pop(0) if waiting else None, report, end)
    return epochs, outcomes


def test_initial_weights_are_those_of_the_keras_model():
    for units in PROFILES:
        profile = Profile(units)
        model = build_network(profile, (6, 3), (2, 2), seed=11)
        made = initial_weights(profile, inputs=3, outputs=4, seed=11)
        for ours, theirs in zip(made, model.get_weights(), strict=True):
            np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("loss", ["mse", "mae", "huber"])
def test_gradients_are_those_of_a_gradient_tape_through_keras_in_float64(float64, loss):
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(6, 9, 4)), 2 * rng.normal(size=(6, 2, 3))
    model = build_network(Profile((5, 3, 7)), (9, 4), (2, 3), scaling="last", seed=1)
    weights = [variable.value.numpy() for variable in model.trainable_weights]
    compute = keras.losses.get(
        {"mse": "mean_squared_error", "mae": "mean_absolute_error", "huber": "huber"}[loss]
    )
    with tf.GradientTape() as tape:
        value = tf.reduce_mean(compute(tf.constant(y), model(x)))
    theirs = tape.gradient(value, [variable.value for variable in model.trainable_weights])
    flat = tf.concat([tf.reshape(tf.constant(weight), (-1,)) for weight in weights], 0)
    network = unpacked(flat, (5, 3, 7), 4, 6)
    one, none = tf.ones(4, tf.float64), tf.zeros(4, tf.float64)
    last = tf.constant(1.0, tf.float64)
    scaling = Scaling(one, none, one[:3], none[:3], last, last)
    reading, none = Reading.of({}, (9, 4), (2, 3)), tf.zeros(y.shape, tf.float64)
    done = run_network(tf.constant(x.transpose(1, 0, 2)), network, scaling, none, reading)
    each, slope = losses(loss, done.forecast - y)
    found = gradient(
        done, slope, tf.fill(6, tf.constant(1 / 6, tf.float64)), network, scaling, reading
    ).numpy()
    assert np.mean(each) == pytest.approx(float(value), rel=1e-12)
    for keras_own in theirs:
        mine, found = found[: keras_own.numpy().size], found[keras_own.numpy().size :]
        scale = np.abs(keras_own.numpy()).max()
        np.testing.assert_allclose(mine.reshape(keras_own.shape), keras_own, rtol=0, atol=1e-10 * scale)
    assert not found.size


def test_gradients_through_dropout_are_those_of_a_tape_through_the_same_pass():
    rng = np.random.default_rng(3)
    units, inputs, outputs, batch, steps = (4, 3, 5), 2, 2, 6, 7
    sizes = [4 * n * (below + n + 1) for below, n in zip((inputs, *units[:-1]), units, strict=True)]
    flat = tf.constant(rng.normal(size=sum(sizes) + outputs * (units[-1] + 1)))
    x, y = tf.constant(rng.normal(size=(steps, batch, inputs))), rng.normal(size=(batch, 2, 1))
    kept = [rng.integers(2, size=(steps if n < 2 else 1, batch, u)) for n, u in enumerate(units)]
    masks = [tf.constant(2.0 * mask, tf.float64) for mask in kept]
    one, none = tf.ones(inputs, tf.float64), tf.zeros(inputs, tf.float64)
    scaling = Scaling(one, none, one[:1], none[:1], none[0], none[0])
    reading = Reading.of({}, (steps, inputs), (2, 1))
    with tf.GradientTape() as tape:
        tape.watch(flat)
        network = unpacked(flat, units, inputs, outputs)
        done = run_network(x, network, scaling, tf.zeros((batch, 2, 1), tf.float64), reading, masks)
        each, slope = losses("mse", done.forecast - y)
        loss = tf.reduce_mean(each)
    share = tf.fill(batch, tf.constant(1 / batch, tf.float64))
    ours = gradient(done, slope, share, network, scaling, reading, masks)
    np.testing.assert_allclose(ours, tape.gradient(loss, flat), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("clipnorm", [0.0, 0.3])
def test_adam_is_keras_adam_in_float64(float64, clipnorm):
    rng = np.random.default_rng(2)
    weights = [rng.normal(size=shape) for shape in [(3, 4), (4,)]]
    gradients = [[rng.normal(size=w.shape) for w in weights] for _ in range(20)]
    variables = [keras.Variable(w) for w in weights]
    # A rate that float32 holds exactly, since Keras keeps it so.
    optimizer = keras.optimizers.Adam(0.0078125, global_clipnorm=clipnorm or None)
    for step in gradients:
        optimizer.apply([tf.constant(g) for g in step], variables)
    theirs = [variable.value.numpy() for variable in variables]
    flat = [tf.concat([tf.reshape(tf.constant(part), (-1,)) for part in parts], 0) for parts in gradients]
    ours = tf.constant(np.concatenate([w.ravel() for w in weights]))
    moments = adam.Moments(tf.zeros_like(ours), tf.zeros_like(ours), tf.constant(0.0, tf.float64))
    for step in flat:
        clipped = adam.clipped(step, tf.constant(clipnorm, tf.float64))
        ours, moments = adam.step(ours, clipped, moments, tf.constant(0.0078125, tf.float64))
    np.testing.assert_allclose(ours, np.concatenate([w.ravel() for w in theirs]), rtol=1e-9)


def test_twelve_profiles_train_as_in_keras(windows):
    trials = [Task(n, values_of(units), seed=n, epochs=3) for n, units in enumerate(PROFILES)]
    theirs, _ = run(engine_of("keras", windows), *trials)
    ours, outcomes = run(engine_of("fused", windows), *trials)
    for number, units in enumerate(PROFILES):
        np.testing.assert_allclose(ours[number], theirs[number], rtol=1e-4, err_msg=str(units))
        assert outcomes[number].units == units


@pytest.mark.parametrize(("loss", "scaling"), [("mae", "last"), ("huber", "none"), ("mse", "none")])
def test_every_loss_and_scaling_trains_as_in_keras(windows, loss, scaling):
    trial = Task(0, values_of((6, 3), scaling=scaling), seed=4, epochs=3)
    theirs, _ = run(engine_of("keras", windows, loss=loss), trial)
    ours, _ = run(engine_of("fused", windows, loss=loss), trial)
    np.testing.assert_allclose(ours[0], theirs[0], rtol=2e-4)


@pytest.mark.parametrize("units", [(1,), (6, 3)])
def test_a_studied_stack_trains_as_in_keras(windows, units):
    """The first kernel drawn equally strong for all widths, the rate falling to zero along a cosine."""
    space = shaped(StudiedLSTM(decay_steps=3 * training_steps(windows, 16)), windows)
    trial = Task(0, values_of(units), seed=4, epochs=3)
    theirs, _ = run(Training(space, windows), trial)
    ours, _ = run(engines.make("fused", space, windows), trial)
    plain, _ = run(engine_of("fused", windows), trial)
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-4)
    assert np.abs(np.array(plain[0]) / ours[0] - 1).max() > 0.01


def test_the_rate_of_a_studied_stack_is_told(windows):
    space = shaped(StudiedLSTM(decay_steps=3 * training_steps(windows, 16)), windows)
    rates = {}
    for name, engine in (
        ("keras", Training(space, windows)),
        ("fused", engines.make("fused", space, windows)),
    ):
        told = rates.setdefault(name, [])
        report = lambda epoch, told=told: told.append(epoch.learning_rate) or GO_ON  # noqa: E731
        task = Task(0, values_of((3,)), seed=0, epochs=3)
        if name == "keras":
            engine.train(task, report)
        else:
            waiting = [task]
            engine.train(lambda w=waiting: w.pop() if w else None, report, lambda outcome: None)
    np.testing.assert_allclose(rates["fused"], [0.0075, 0.0025, 0], atol=1e-9)
    np.testing.assert_allclose(rates["keras"], rates["fused"], rtol=1e-5, atol=1e-9)


def test_the_first_kernel_of_a_studied_stack_is_as_strong_for_one_unit_as_for_many():
    kernels = {
        even: [
            np.concatenate(
                [
                    initial_weights(Profile((u,)), 1, 1, seed, even_start=even)[0].ravel()
                    for seed in range(200)
                ]
            ).std()
            for u in (1, 4, 32)
        ]
        for even in (True, False)
    }
    np.testing.assert_allclose(kernels[True], 1, rtol=0.05)
    np.testing.assert_allclose(kernels[False], [0.63, 0.34, 0.12], rtol=0.05)


def test_twenty_steps_in_float64_are_those_of_keras(float64, monkeypatch, windows):
    # A user's search in float64 is left to plain Keras.
    monkeypatch.setattr(FusedEngine, "refuses", staticmethod(lambda *_: ""))
    rate = 0.0078125
    values = values_of((5, 2, 4), learning_rate=rate)
    engine = engine_of("fused", windows)
    engine.dtype = "float64"
    data = windows.data.astype(np.float64)
    engine._data = tf.constant(data)
    ours, _ = run(engine, Task(0, values, seed=3, epochs=5))
    model = engine.space.build_seeded(hyperparameters_of(values), 3)
    # Float64 initializers would draw other numbers: start from the float32 ones, as the engine does.
    start = initial_weights(Profile((5, 2, 4)), 2, 2, seed=3)
    model.set_weights([w.astype(np.float64) for w in start])
    losses = []
    for epoch in range(1, 6):
        order = training_rows(windows, 3, epoch)
        total = 0.0
        for batch in range(0, len(order), 16):
            some = order[batch : batch + 16]
            x = data[some[:, None] + np.arange(-6, 0)]
            y = data[some[:, None] + np.arange(2), :1]
            total += len(some) * float(model.train_on_batch(x, y))
            model.reset_metrics()
        losses.append(total / len(order))
    assert 5 * training_steps(windows, 16) >= 20
    np.testing.assert_allclose([loss for loss, _ in ours[0]], losses, rtol=1e-9)


@pytest.mark.parametrize("units", [(3, 2), (4, 7, 1), (5,)])
def test_a_padded_trial_is_the_trial_and_its_padding_stays_zero(windows, units):
    alone = engine_of("fused", windows)
    alone.dtype = "float64"
    alone._data = tf.constant(windows.data, tf.float64)
    trial = Task(0, values_of(units), seed=6, epochs=3)
    expected, _ = run(alone, trial)
    wider = engine_of("fused", windows)
    wider.dtype, wider._data = "float64", alone._data
    first = loaded_in(wider, Task(1, values_of(tuple(16 for _ in units)), seed=0, epochs=3))
    loaded = loaded_in(wider, trial)
    assert loaded.program is first.program and loaded.program.shape.units == tuple(16 for _ in units)
    found, _ = run(wider, trial)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-12)
    loaded.epoch(1, threading.Event())
    wide = unpacked_weights(loaded.state.weights.numpy(), loaded.program.shape.units, 2, 2)
    kept = embed(crop(wide, units, loaded.program.shape.units), units, loaded.program.shape.units)
    for weight, again in zip(wide, kept, strict=True):
        np.testing.assert_array_equal(weight, again, "what is not the trial is exactly 0")


def loaded_in(engine, task):
    return engine._load(task, engine._plan(task))


def test_a_diverging_neighbour_changes_nothing(windows):
    good = Task(1, values_of((4, 4)), seed=2, epochs=4)
    bad = Task(0, values_of((4, 4), learning_rate=1e30), seed=1, epochs=4)
    engine = engine_of("fused", windows)
    alone, _ = run(engine, good)
    beside, outcomes = run(engine, bad, good)
    assert beside[1] == alone[1]
    assert outcomes[0].status == "failed"


def test_dropout_trains_on_masks_whose_mean_is_one_and_forecasts_without(windows):
    engine = engine_of("fused", windows)
    trial = Task(0, values_of((8, 8), dropout=0.4), seed=2, epochs=6)
    epochs, outcomes = run(engine, trial)
    again, _ = run(engine, trial)
    plain, _ = run(engine, Task(0, values_of((8, 8)), seed=2, epochs=6))
    assert epochs == again and epochs != plain
    assert epochs[0][-1][1] < epochs[0][0][1], "it still learns"
    rows = windows.parts["validation"]
    z = engine.predict(trial.values, outcomes[0].weights, rows)
    assert np.mean((z - windows.targets(rows)) ** 2) == pytest.approx(outcomes[0].best_val_loss, rel=1e-5)


def test_a_keras_state_goes_on_in_the_fused_engine_and_the_other_way_round(windows):
    values = values_of((5, 3))
    whole, _ = run(engine_of("keras", windows), Task(0, values, seed=5, epochs=4))
    for before, after in (("keras", "fused"), ("fused", "keras")):
        _, half = run(engine_of(before, windows), Task(0, values, seed=5, epochs=2, keep_state=True))
        rest, _ = run(
            engine_of(after, windows), Task(0, values, seed=5, epochs=4, first_epoch=2, state=half[0].state)
        )
        np.testing.assert_allclose(rest[0], whole[0][2:], rtol=1e-4)


def shape(*units, **other):
    known = {
        "batch_size": 32,
        "lookback": 32,
        "horizon": 1,
        "inputs": 2,
        "targets": 1,
        "loss": "mse",
    }
    return Shape(units, **(known | other))


def test_the_planner_pads_until_a_program_of_its_own_would_have_paid():
    planner = Planner()
    wide = planner.shape_for(0, shape(64, 64), steps=600)
    assert wide.units == (64, 64)
    assert planner.shape_for(1, shape(60, 50), steps=600) == wide
    chosen = [planner.shape_for(number, shape(8, 8), steps=100).units for number in range(2, 22)]
    assert chosen[0] == (64, 64) and chosen[-1] == (8, 8)
    assert chosen == sorted(chosen, reverse=True), "once compiled, it is used"
    assert planner.shape_for(2, shape(8, 8), steps=100) == wide, "a trial keeps its program"
    assert planner.shape_for(22, shape(8, 8, batch_size=16), steps=1).batch_size == 16
    assert planner.shape_for(23, shape(65, 8), steps=1).units == (96, 8)


def test_the_planner_compiles_a_bounded_number_of_programs_to_save_padding():
    planner = Planner()
    planner.shape_for(0, shape(64, 64, 64), steps=600)
    rng = np.random.default_rng(0)
    for number, units in enumerate(rng.integers(4, 65, (3000, 3)).tolist()):
        planner.shape_for(1 + number, shape(*units), steps=600)
    assert len(planner._shapes) == MOST_PROGRAMS
    wide = planner.shape_for(3001, shape(70, 8, 8), steps=1)
    assert wide.units == (96, 64, 64), "what fits nowhere gets what all of its kind fit in"
    assert planner.shape_for(3002, shape(90, 60, 60), steps=1) == wide
    assert planner.shape_for(3003, shape(8, 8), steps=1).units == (8, 8), "the first of its kind"


def test_a_forecast_does_not_depend_on_what_was_trained_before(windows):
    fresh, used = engine_of("fused", windows), engine_of("fused", windows)
    run(used, Task(0, values_of((64, 64)), seed=0, epochs=1))
    values, weights = values_of((5, 3)), initial_weights(Profile((5, 3)), 2, 2, seed=0)
    rows = windows.parts["test"]
    forecasts = [engine.predict(values, weights, rows) for engine in (fresh, used)]
    np.testing.assert_array_equal(*forecasts)


def test_a_trial_runs_in_the_same_program_wherever_its_search_was_interrupted(windows):
    """Thirty trials, the engine replaced before each of them: by number, as in one engine."""
    rng = np.random.default_rng(0)
    units = [tuple(rng.integers(4, 65, rng.integers(1, 4)).tolist()) for _ in range(30)]
    tasks = [Task(number, values_of(widths), seed=0, epochs=5) for number, widths in enumerate(units)]
    whole = engine_of("fused", windows)
    expected = [whole._plan(task) for task in tasks]
    assert any(shape.units != tuple(map(rounded, task)) for shape, task in zip(expected, units, strict=True))
    for cut in range(len(tasks)):
        again = engine_of("fused", windows)
        again.recall(tasks[:cut])
        assert [again._plan(one) for one in tasks[: cut + 1]] == expected[: cut + 1]


def test_widths_are_rounded_up_and_wider_steps_cost_more():
    assert [rounded(units) for units in (1, 8, 9, 33, 513, 4096)] == [8, 8, 16, 40, 640, 4096]
    costs = [step_secs(shape(*units)) for units in [(8,), (16,), (16, 16), (64, 16), (64, 64)]]
    assert costs == sorted(costs)


def test_a_space_of_the_users_own_is_refused_with_a_reason():
    own = as_space(lambda hp: None)
    assert "StackedLSTM" in engines.refusal("fused", own)
    assert engines.refusal("keras", own) == ""


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float64"])
def test_another_precision_is_refused_with_a_reason(policy):
    assert engines.refusal("fused", StackedLSTM()) == ""
    keras.config.set_dtype_policy(policy)
    try:
        refusal = engines.refusal("fused", StackedLSTM())
    finally:
        keras.config.set_dtype_policy("float32")
    assert refusal == f"the fused engine computes in float32, and Keras is set to {policy}"


def test_where_a_gpu_is_visible_it_stays_on_the_cpu_and_says_so(monkeypatch, windows):
    assert (engine_of("fused", windows).device, engine_of("fused", windows).remark) == ("CPU", "")
    with monkeypatch.context() as patched:
        patched.setattr(tf.config, "get_visible_devices", lambda kind: ["one"] if kind == "GPU" else [])
        engine = engine_of("fused", windows)
    assert engine.device == "CPU"
    assert engine.remark == (
        "a GPU is visible and not used: the fused engine trains on the CPU, since its programs are made of "
        "many small steps; the keras engine would train on the GPU"
    )


SURROUNDINGS = """
import tensorflow as tf
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)
import numpy as np
from narrows.search_spaces import StackedLSTM
from narrows.search_spaces.trial import GO_ON
from narrows.tuning import engines
from narrows.tuning.engines.base import Task
from narrows.tuning.engines.fused import shared
from narrows.tuning.engines.fused.program import Program
from narrows.tuning.engines.fused.training import Training
from narrows.tuning.engines.keras.training import Training as Plain
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows

wave = np.sin(np.arange(120.0))[:, None]
windows = Windows(Series("wave", ("y",), wave), lookback=6, horizon=1, split="0.6,0.2,0.2")
values = {"num_layers": 2, "units_1": 5, "units_2": 3, "learning_rate": 0.01, "batch_size": 16,
          "dropout": 0.2, "scaling": "standard", "bottleneck": 0}
traced, lying = [], set()
steps, epoch = Program._steps, Training.epoch

def counted(*arguments):
    traced.append(1)
    return steps(*arguments)

def watched(self, *arguments):
    done = epoch(self, *arguments)
    lying.update(tensor.device for tensor in (self.data, *tf.nest.flatten(self.state)))
    lying.update(tensor.device for tensor in self.settings if isinstance(tensor, tf.Tensor))
    return done

build = Plain.build

def built(self, values):
    model = build(self, values)
    lying.update(weight.value.device for weight in model.weights)
    return model

Program._steps, Training.epoch, Plain.build = counted, watched, built

def trained():
    shared.program.cache_clear()  # each time a program of its own
    space = StackedLSTM().shaped(windows.input_shape, windows.output_shape)
    engine, tasks, said = engines.make("fused", space, windows), [Task(0, values, seed=3, epochs=2)], []
    engine.train(lambda: tasks.pop() if tasks else None, lambda e: said.append((e.loss, e.val_loss)) or GO_ON,
                 lambda outcome: said.append((outcome.status.value, outcome.weights)))
    status, weights = said.pop()
    forecast = engine.predict(values, weights, windows.parts["test"])
    np.testing.assert_allclose(
        Plain(space, windows).predict(values, weights, windows.parts["test"]), forecast, rtol=1e-4, atol=1e-6
    )
    return [status, *said, forecast.sum()]

expected = trained()
tf.debugging.enable_check_numerics()
tf.config.run_functions_eagerly(True)
with tf.device("/CPU:1"):
    found = trained()
assert found == expected and found[0] == "completed", (found, expected)
assert len(traced) == 2, "what ran was compiled"
assert {device.rpartition("/device:")[2] for device in lying} == {"CPU:0"}, lying
"""


def test_what_else_a_program_sets_in_tensorflow_changes_nothing():
    done = subprocess.run([sys.executable, "-c", SURROUNDINGS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
