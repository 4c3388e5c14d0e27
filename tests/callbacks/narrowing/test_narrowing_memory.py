"""Memory curves of states that hold exactly what they are said to hold."""

import time

import numpy as np
import pytest

from narrows.callbacks.narrowing import Narrowing, Sample, States, measure
from narrows.callbacks.narrowing.budget import LEAST, budget
from narrows.callbacks.narrowing.measures.fill import Fill
from narrows.callbacks.narrowing.measures.memory import MOST_LAGS, Memory
from narrows.tuning.series.synthetic import make

ROWS, LOOKBACK = 1000, 12


def windows_of(x, lookback=LOOKBACK):
    return np.stack([x[start : start + lookback] for start in range(len(x) - lookback + 1)])


def memory_of(windows, states):
    """Memory of one layer with states (rows, steps, units)."""
    stack = States(windows.astype(np.float32), (states.astype(np.float32),))
    targets = np.random.default_rng(0).normal(size=len(windows))
    sample = Sample(windows, targets, span=windows.shape[1] + 1)
    return measure(stack, sample, full=True).layers[0][Memory]


@pytest.mark.parametrize("lag", [0, 1, 3, 8])
def test_an_echo_is_remembered_at_its_lag_and_nowhere_else(lag):
    x = np.random.default_rng(1).normal(size=(ROWS, 1))
    windows = windows_of(x)
    found = memory_of(windows, windows[:, -1 - lag :][:, :1])
    assert found.lags == tuple(range(LOOKBACK))
    assert found.instant[lag] == pytest.approx(1, abs=1e-6)
    assert max(np.delete(found.instant, lag)) < max(found.instant_null, 0.02)
    assert found.instant_null < 0.05


def test_the_last_states_of_an_echo_remember_as_many_lags_as_there_are_states():
    windows = windows_of(np.random.default_rng(1).normal(size=(ROWS, 1)))
    found = memory_of(windows, windows[:, 3:10])
    assert np.allclose(found.trajectory[2:9], 1, atol=1e-6)
    assert max([*found.trajectory[:2], *found.trajectory[9:]]) < max(found.trajectory_null, 0.02)


def test_a_layer_of_the_echo_of_the_first_synthetic_stream_knows_it():
    x = make("synthetic:streams,n=1,rows=1500,delay=4").values
    windows = windows_of(x, 9)
    found = memory_of(windows, windows[:, -3:, 1:])
    # Channel 0 is the stream of 4 rows ago, channel 1 the stream: h_t tells channel 1 now, and channel 0
    # nowhere within the window's past.
    assert found.instant[0] == pytest.approx(0.5, abs=0.05)
    assert max(found.instant[1:]) < 0.05


def test_memory_is_partial_what_the_present_input_tells_does_not_count():
    rng = np.random.default_rng(2)
    x = np.zeros(3000)
    for t in range(1, len(x)):
        x[t] = 0.95 * x[t - 1] + rng.normal()
    windows = windows_of(x[:, None])
    present = memory_of(windows, windows[:, -1:])
    assert present.instant[0] == pytest.approx(1, abs=1e-6)
    assert max(present.instant[1:]) < 0.05
    older = memory_of(windows, windows[:, -4:-3])
    # Of a first-order process, x_{t-2} given x_t and x_{t-3} lies between its two neighbours in time:
    # var(x_{t-2} | x_t, x_{t-3}) / var(x_{t-2} | x_t), by the covariance 0.95^|i-j|.
    cov = 0.95 ** np.abs(np.subtract.outer([2, 0, 3], [2, 0, 3]))
    alone = cov[0, 0] - cov[0, 1] ** 2 / cov[1, 1]
    both = cov[0, 0] - cov[0, 1:] @ np.linalg.solve(cov[1:, 1:], cov[1:, 0])
    assert older.instant[2] == pytest.approx(1 - both / alone, abs=0.05)
    assert older.instant[3] == pytest.approx(1, abs=1e-6)


def test_channels_that_never_move_give_no_number_at_their_lag():
    x = np.random.default_rng(1).normal(size=(ROWS, 1))
    windows = windows_of(x)
    # As the scaling `last` has it: the last value is taken off, so that the present is always 0.
    windows = windows - windows[:, -1:]
    found = memory_of(windows, windows[:, -2:-1])
    assert np.isnan(found.instant[0])
    assert found.instant[1] == pytest.approx(1, abs=1e-6)


def test_where_the_present_tells_the_past_no_memory_is_claimed():
    turn = np.arange(ROWS) / 3
    windows = windows_of(np.stack([np.sin(turn), np.cos(turn)], axis=1))
    found = memory_of(windows, np.random.default_rng(0).normal(size=(len(windows), 1, 3)))
    assert np.isnan(found.instant[1:]).all() and found.instant[0] < 0.1


@pytest.mark.parametrize("lookback", [1, 2, 5])
def test_short_windows_have_short_curves(lookback):
    windows = windows_of(np.random.default_rng(1).normal(size=(400, 2)), lookback)
    found = memory_of(windows, windows[:, -1:])
    assert found.lags == tuple(range(lookback)) and len(found.trajectory) == lookback
    assert found.instant[0] == pytest.approx(1, abs=1e-6)


def test_long_windows_have_curves_of_limited_length():
    windows = windows_of(np.random.default_rng(1).normal(size=(1600, 1)), 200)
    found = memory_of(windows, windows[:, -1:])
    assert len(found.lags) <= MOST_LAGS
    assert found.lags[:8] == tuple(range(8)) and found.lags[-1] == 199


def wide(features, rows=400):
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(rows, 3, features)).astype(np.float32)
    states = States(inputs, (inputs[:, :, :4] + 0.1, inputs[:, :, 2:4] + 0.1))
    return states, Sample(inputs, inputs[:, -1, :1], span=4)


def test_memory_that_costs_more_than_a_tenth_of_the_training_is_dropped_and_said():
    least = budget(1000, 3, 400)
    assert least == LEAST
    found = measure(*wide(500), full=True, budget=least)
    assert all(layer.get(Memory) is None for layer in found.layers)
    assert found.dropped == {
        "memory": "Memory was not measured: for an input of 500 numbers a step it takes 89 times the "
        "computing that measures are given, which is a tenth of the training."
    }
    assert Narrowing.from_plain(found.to_plain()).dropped == found.dropped
    # Other measures stay, and so do their numbers.
    assert found.layers[0][Fill] == measure(*wide(500)).layers[0][Fill]
    assert measure(*wide(500), budget=least).dropped is None, "it was not asked for"
    for few in (measure(*wide(5), full=True, budget=least), measure(*wide(60), full=True, budget=1e11)):
        assert few.dropped is None and few.layers[0].get(Memory) is not None


def test_the_budget_is_a_tenth_of_the_operations_of_the_training():
    # A dense layer of 1,000 weights: a product and a sum each forward, twice as many backward.
    assert budget(1000, 24, 10**6) == 0.1 * (2 + 4) * 1000 * 24 * 10**6


def test_five_thousand_features_take_no_longer_than_their_training():
    states, sample = wide(5000)
    began = time.process_time()
    measure(states, sample, full=True, budget=LEAST)
    # 1 s on one core; 72 s when matrices of 5,000 x 5,000 were decomposed, and over 300 s with memory.
    assert time.process_time() - began < 20
