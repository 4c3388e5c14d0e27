"""What is kept of the units of the best trial is what Keras computes, and is bounded."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from narrows.callbacks.narrowing import lstm_states
from narrows.callbacks.narrowing.gates import lstm_gates
from narrows.callbacks.unit_record import (
    EVEN,
    LARGEST,
    MIDDLING,
    ROWS,
    SMALLEST,
    STATE_BYTES,
    STEPS,
    WINDOWS,
    UnitRecord,
)
from narrows.search_spaces.plain import from_json, to_json
from narrows.search_spaces.profile import Profile
from narrows.tuning.answers import kept_units
from narrows.tuning.models.measuring import one_thread
from narrows.tuning.models.samples import Samples
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows

LOOKBACK, HORIZON = 12, 3
VALUES = {"num_layers": 1, "units_1": 5, "bottleneck": 0, "scaling": "standard"}
CASES = {
    "one layer": {},
    "a stack": {"num_layers": 3, "units_2": 4, "units_3": 2},
    "a bottleneck": {"num_layers": 2, "units_2": 4, "bottleneck": 2, "bottleneck_after": 1},
    "segments": {"num_layers": 2, "units_2": 3, "segment": 4},
    "targets apart": {"num_layers": 2, "units_2": 3, "channels": "apart"},
    "segments apart from the last value": {"segment": 3, "channels": "apart", "scaling": "last"},
    "raw values": {"scaling": "none"},
    "a shorter lookback": {"lookback": 8, "segment": 2, "scaling": "last"},
    "beside a linear forecast": {"linear": "ridge", "scaling": "last"},
}


def windows_of(rows=160, targets=2, lookback=LOOKBACK, horizon=HORIZON, **known):
    rng = np.random.default_rng(0)
    values = rng.normal(10, 1, (rows, targets + 1)).cumsum(axis=0)
    names = tuple(f"y{target}" for target in range(targets))
    return Windows(Series("sales", names, values, ("price",), **known), lookback, horizon, "0.6,0.2,0.2")


def trial_of(values):
    return SimpleNamespace(values=values, units=Profile.from_values(values).units)


def random_weights(units, width, seed=0, scale=1.0):
    rng, found = np.random.default_rng(seed), []
    for one in units:
        shapes = (width, 4 * one), (one, 4 * one), (4 * one,)
        found += [rng.normal(0, scale / np.sqrt(len(np.zeros(shape))), shape) for shape in shapes]
        width = one
    return [one.astype(np.float32) for one in [*found, rng.normal(size=(width, 3)), np.zeros(3)]]


def kept(windows, trial, weights, off=1.0):
    """What is kept where each forecast misses by `off`, one number or one for each test window and target."""
    rows = windows.parts["test"]
    off = np.broadcast_to(off, (len(rows), len(windows.series.targets)))[:, None, :]
    forecast = windows.raw_targets(rows) - off
    return kept_units.kept_units(trial, weights, forecast, Samples(windows, "mse"), "RMSE")


def big(units, lookback=400, horizon=48, rows=4000):
    days = np.datetime64("2024-01-01", "us") + np.arange(rows) * np.timedelta64(1, "h")
    windows = windows_of(rows, 1, lookback, horizon, times=days, time_columns=("hour",))
    values = {"num_layers": len(units), "bottleneck": 0, "scaling": "standard"}
    values |= {f"units_{place}": width for place, width in enumerate(units, start=1)}
    with one_thread():  # as in a search
        return kept(windows, trial_of(values), random_weights(units, 2))


def keras_states(network, inputs):
    """The states of all steps of each LSTM layer of a network, (rows, steps, units)."""
    import keras

    layers = [layer for layer in network.layers if isinstance(layer, keras.layers.LSTM)]
    told = [keras.layers.RNN(layer.cell, return_sequences=True)(layer.input) for layer in layers]
    found = keras.Model(network.input, told)(inputs)
    return [np.asarray(one) for one in (found if isinstance(found, list) else [found])]


@pytest.mark.parametrize("name", CASES)
def test_the_states_that_are_kept_are_those_of_the_keras_network(name, monkeypatch):
    from narrows.search_spaces.linear import Linear
    from narrows.search_spaces.network import build_network
    from narrows.search_spaces.reading import Reading

    values, windows = VALUES | CASES[name], windows_of()
    reading = Reading.of(values, windows.input_shape, windows.output_shape)
    zero = Linear(np.zeros((4, 2, HORIZON)), np.zeros((HORIZON, 2))) if "linear" in values else None
    moments = {"mean": windows.scaler.mean, "std": windows.scaler.std}
    network = build_network(
        Profile.from_values(values), windows.input_shape, windows.output_shape,
        reading=reading, scaling=values["scaling"], linear=zero, **moments,
    )  # fmt: skip
    weights = network.get_weights()
    own = random_weights(Profile.from_values(values).units, reading.width, scale=1.5)
    network.set_weights([*own[:-2], *weights[len(own) - 2 :]])
    exact = []

    def spied(*args):
        exact.extend(lstm_gates(*args))
        return exact

    monkeypatch.setattr(kept_units, "lstm_gates", spied)
    record = kept(windows, trial_of(values), network.get_weights())
    rows = np.array([window.row for window in record.windows])
    whole = keras_states(network, windows.inputs(rows))
    for number, (gates, states) in enumerate(zip(exact, whole, strict=True), start=1):
        if reading.apart:
            places = [windows.series.targets.index(window.target) for window in record.windows]
            states = states.reshape(len(rows), 2, *states.shape[1:])[np.arange(len(rows)), places]
        np.testing.assert_allclose(gates.h, states, atol=1e-5)
        np.testing.assert_allclose(gates.o * np.tanh(gates.c), gates.h, atol=1e-6)
        for kind in gates._fields:
            known = getattr(gates, kind)
            most = np.ptp(known, axis=(0, 1)) / 510 + 1e-3 * np.abs(known).max(axis=(0, 1))
            assert (np.abs(record.values(number, kind) - known) <= most).all()
    ends = [record.rows[place] for place in record.steps]
    assert ends == list(range(reading.segment - 1 - reading.lookback, 0, reading.segment))


def test_a_memory_is_what_was_remembered_and_what_was_written():
    weights = random_weights((4, 2), 3, scale=2.0)
    inputs = np.random.default_rng(1).normal(size=(5, 9, 3)).astype(np.float32)
    h, c, i, f, _ = lstm_gates(weights, inputs, range(9))[0]
    kernel, recurrent, bias = weights[:3]
    written = np.tanh((inputs[:, 1:] @ kernel + h[:, :-1] @ recurrent + bias)[..., 8:12])
    np.testing.assert_allclose(c[:, 1:], f[:, 1:] * c[:, :-1] + i[:, 1:] * written, atol=1e-5)


def test_gates_of_some_steps_are_those_of_all_and_end_where_the_measures_look():
    weights, inputs = random_weights((4, 2), 3), np.random.default_rng(1).normal(size=(5, 9, 3))
    every, some = lstm_gates(weights, inputs, range(9)), lstm_gates(weights, inputs, [2, 5, 8])
    states = lstm_states(weights, inputs).layers
    for one, other, last in zip(every, some, states, strict=True):
        for kind, of_some in zip(one, other, strict=True):
            np.testing.assert_array_equal(kind[:, [2, 5, 8]], of_some)
        np.testing.assert_allclose(one.h[:, -7:], last, atol=2e-6)


def test_the_series_and_the_forecast_of_a_window_are_kept_beside_its_states():
    windows = windows_of()
    record = kept(windows, trial_of(VALUES), random_weights((5,), 3), off=2.0)
    for window in record.windows:
        column = windows.series.targets.index(window.target)
        there = window.row + np.arange(-LOOKBACK, HORIZON)
        assert window.actual == pytest.approx(windows.series.values[there, column], rel=1e-4)
        assert window.forecast == pytest.approx(np.array(window.actual[-HORIZON:]) - 2, rel=1e-4)
        assert window.error == pytest.approx(2.0) and window.times == tuple(map(str, there))
    assert record.rows == tuple(range(-LOOKBACK, HORIZON)) and record.past == LOOKBACK
    assert from_json(UnitRecord, to_json(record)) == record


def test_the_windows_are_of_the_largest_a_middling_and_the_smallest_error_and_evenly_spaced():
    windows = windows_of(targets=1)
    count = len(windows.parts["test"])
    off = 1 + np.arange(count) / count
    off[[4, 9]] = 7, 0.1
    record = kept(windows, trial_of(VALUES), random_weights((5,), 2), off[:, None])
    why = {window.row - windows.parts["test"][0]: window.why for window in record.windows}
    assert (why[4], why[9]) == (LARGEST, SMALLEST) and MIDDLING in why.values()
    assert why[0] == why[count - 1] == EVEN and len(why) == WINDOWS
    assert list(why) == sorted(why), "the order is that of time"


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_forecast_that_is_no_number_is_left_out_and_its_window_is_the_worst(broken):
    windows = windows_of(targets=1)
    off = np.ones((len(windows.parts["test"]), 1))
    off[3] = broken
    record = kept(windows, trial_of(VALUES), random_weights((5,), 2), off)
    worst = next(window for window in record.windows if window.why == LARGEST)
    assert worst.row == windows.parts["test"][3]
    assert worst.error is None and worst.forecast == (None,) * HORIZON


@pytest.mark.parametrize("units", [(4,), (64, 64, 64), (256, 8, 256), (700,)])
def test_what_is_kept_is_less_than_300_kb(units):
    record = big(units)
    assert not record.why and len(to_json(record)) < 300_000
    assert 3 <= len(record.windows) <= WINDOWS and 8 <= len(record.steps) <= STEPS
    assert len(record.rows) <= ROWS + STEPS
    assert record.rows[record.steps[-1]] == -1, "the newest state is always kept"
    assert set(np.diff([record.rows[place] for place in record.steps])) == {record.every}


def test_of_a_larger_network_fewer_windows_are_kept_and_then_fewer_steps():
    found = [kept_units.fitting(units, 96, 1000) for units in (8, 64, 80, 128, 512)]
    assert found == [(6, 1), (4, 1), (3, 1), (3, 2), (3, 8)]
    for units in range(1, 1000, 7):
        found = kept_units.fitting(units, 150, 1000)
        assert (found is None) == (units > STATE_BYTES // (100 + 7 * 8 * 3))
        if found:
            assert units * (found[0] * -(-150 // found[1]) * 7 + 100) <= STATE_BYTES
    assert kept_units.fitting(5, 10_000, 2) == (2, 67)
    assert kept_units.fitting(1000, 2, 9) == (6, 1) and kept_units.fitting(1000, 9, 9) is None


def test_of_a_network_that_is_too_large_it_is_said_that_nothing_is_kept():
    trial = trial_of(VALUES | {"units_1": 1100})
    record = kept(windows_of(), trial, random_weights((1100,), 3))
    assert "has 1,100 units" in record.why and "fewer units" in record.why and not record.windows


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_numbers_have_no_states_and_it_is_said(broken):
    weights = random_weights((5,), 3)
    weights[1][0, 0] = broken
    record = kept(windows_of(), trial_of(VALUES), weights)
    assert "smaller learning rates" in record.why and not record.layers
    assert from_json(UnitRecord, to_json(record)) == record


def test_few_test_windows_are_all_kept_once():
    windows = windows_of(rows=24, targets=1, lookback=4, horizon=2)
    count = len(windows.parts["test"])
    record = kept(windows, trial_of(VALUES), random_weights((5,), 2))
    rows = [window.row for window in record.windows]
    assert count < WINDOWS and rows == list(windows.parts["test"])


def test_weights_so_large_that_gates_are_open_or_shut_are_no_fault():
    record = kept(windows_of(), trial_of(VALUES), random_weights((5,), 3, scale=1e6))
    assert np.isfinite(record.values(1, "c")).all()
    assert set(np.unique(record.values(1, "i").round(3))) == {0.0, 1.0}
