"""What windows tell without a network: linear, by products, and of a series that drifts."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from narrows.callbacks.narrowing import Sample, WindowForecast
from narrows.callbacks.narrowing.products import MOST_PAIRS, Products
from narrows.callbacks.narrowing.ridge_probe import PENALTIES, Probe
from narrows.callbacks.narrowing.split import Split
from narrows.tuning.series.synthetic import make

ROWS = 1500


@pytest.fixture(scope="module")
def inputs():
    """Windows of 4 steps of 3 channels, all independent."""
    return np.random.default_rng(0).normal(size=(ROWS, 4, 3))


def learned(inputs, targets):
    return WindowForecast.of(inputs, targets, span=1, times=np.arange(len(inputs)))


def r2(targets, forecasts):
    return 1 - np.square(targets - forecasts).sum() / np.square(targets - targets.mean(axis=0)).sum()


def test_a_linear_forecast_is_the_ridge_of_scikit_learn_on_all_rows():
    rng = np.random.default_rng(1)
    x, noise = rng.normal(size=(400, 12)) @ rng.normal(size=(12, 12)), rng.normal(size=(400, 2))
    y = x[:, :2] + 3 * noise
    found = Probe(x, Split.to_learn(np.arange(400), 1)).learned(y)
    other = rng.normal(size=(50, 12))
    theirs = []
    for penalty in PENALTIES:
        alpha = penalty * np.linalg.norm(x - x.mean(axis=0), 2) ** 2
        theirs.append(Ridge(alpha, solver="svd").fit(x, y).predict(other))
    for target in range(2):
        nearest = min(np.abs(found(other)[:, target] - one[:, target]).max() for one in theirs)
        assert nearest < 1e-6


def test_it_tells_other_windows_what_they_were_told(inputs):
    y = inputs[:, 1, :2] + 0.1 * np.random.default_rng(1).normal(size=(ROWS, 2))
    found = learned(inputs[:1000], y[:1000])
    assert r2(y[1000:], found(inputs[1000:])) == pytest.approx(1 / 1.01, abs=0.002)


@pytest.mark.parametrize("first, second", [(0, 11), (5, 5), (3, 4)])
def test_a_product_of_any_two_numbers_of_a_window_is_found(inputs, first, second):
    flat = inputs.reshape(ROWS, -1) + 0.5
    y = (flat[:, first] * flat[:, second])[:, None] + 0.3 * flat[:, 7:8]
    found = learned(flat[:1000].reshape(1000, 4, 3), y[:1000])
    assert r2(y[1000:], found(flat[1000:].reshape(-1, 4, 3))) > 0.999


def test_products_that_go_along_with_what_a_linear_forecast_tells_do_not_hide_others():
    # narma10: most of a value is its past; a product of two inputs adds a little.
    series = make("synthetic:narma10,rows=2000")
    windows = np.stack([series.values[start : start + 12] for start in range(1900)])
    y = series.values[12 : 12 + 1900, :1]
    assert r2(y[1500:], learned(windows[:1500], y[:1500])(windows[1500:])) > 0.99


@pytest.mark.parametrize("spec", ["random_walk", "noise"])
def test_where_nothing_is_to_be_found_nothing_is_claimed(spec):
    rng = np.random.default_rng(3)
    x = rng.normal(size=2100)
    steps = x if spec == "noise" else np.cumsum(x)
    windows = np.stack([steps[start : start + 16] for start in range(2000)])[:, :, None]
    y = (steps[16:2016] - (0 if spec == "noise" else steps[15:2015]))[:, None]
    windows = windows - windows[:, -1:] if spec == "random_walk" else windows
    told = r2(y[1500:], learned(windows[:1400], y[:1400])(windows[1500:]))
    assert -0.06 < told < 0.01


def test_the_gains_of_pairs_are_those_of_a_loop():
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(200, 5)), rng.normal(size=(200, 3))
    found = Products.found(x, y)
    centred, gains = x - x.mean(axis=0), {}
    for i in range(5):
        for j in range(i, 5):
            product = centred[:, i] * centred[:, j]
            covariances = [np.mean(product * (target - target.mean())) for target in y.T]
            gains[i, j] = sum(covariance**2 for covariance in covariances) / product.var()
    pairs = list(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert pairs == sorted(gains, key=gains.get, reverse=True)[:MOST_PAIRS]
    np.testing.assert_allclose(found(x)[:, 5:].std(axis=0), 1)


def test_a_relation_that_has_changed_since_the_training_is_no_gap(inputs):
    # On the rows that judge, the target goes the other way: a network that learned the old way is not blamed.
    y = inputs[:, 0, :1]
    old = learned(inputs, y)
    here = Sample(inputs, -y, span=1)
    before = Sample(inputs, -y, span=1, forecast=old)
    assert here.told.estimate.value == pytest.approx(1, abs=1e-3)
    assert before.told.estimate.value == pytest.approx(-3, abs=0.1)


def test_columns_that_never_move_and_too_few_rows_are_no_trouble(inputs):
    still = np.concatenate([inputs, np.full_like(inputs, 4.0)], axis=2)
    assert r2(inputs[:, 0], learned(still, inputs[:, 0])(still)) > 0.999
    few = WindowForecast.of(inputs[:3], inputs[:3, 0], span=1, times=np.arange(3))
    assert np.isfinite(few(inputs[:5])).all()
