"""Ridge autoregression: the weights against scikit-learn and statsmodels, the choices against naive loops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import Ridge as SklearnRidge
from statsmodels.tsa.ar_model import AutoReg

from narrows.tuning.series import ridge as ridge_module
from narrows.tuning.series.floors import last_value
from narrows.tuning.series.ridge import PENALTIES, moments, ridge, solve
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows


def series(values, starts=(0,)):
    values = np.asarray(values, float)
    values = values[:, None] if values.ndim == 1 else values
    names = tuple(f"y{number}" for number in range(values.shape[1]))
    return Series("s", names, values, starts=np.array(starts), ids=("",) * len(starts))


def rmse(windows, forecast):
    return np.sqrt(np.square(forecast - windows.raw_targets(windows.parts["test"])).mean())


@pytest.fixture
def noisy():
    """Two targets: a noisy season on a drift, and noise; three stretches, lookback 6, horizon 3."""
    rng, t = np.random.default_rng(1), np.arange(300)
    values = np.column_stack([np.sin(t / 3) + 0.01 * t + 0.3 * rng.normal(size=300), rng.normal(50, 9, 300)])
    return Windows(series(values, starts=(0, 90, 150)), 6, 3, "180,60,60")


def regression(windows, rows, target, level):
    """Return inputs and outputs of the regression as plain slices of the scaled series."""
    z = (windows.series.values[:, target] - windows.scaler.mean[target]) / windows.scaler.std[target]
    lookback, horizon = windows.lookback, windows.horizon
    inputs = [[*(z[row - lookback : row - 1] - z[row - 1]), *([z[row - 1]] if level else [])] for row in rows]
    return np.array(inputs), np.array([z[row : row + horizon] - z[row - 1] for row in rows])


@pytest.mark.parametrize("level", [False, True])
@pytest.mark.parametrize("target", [0, 1])
def test_the_weights_are_those_of_ridge_in_scikit_learn(noisy, target, level):
    rows = noisy.parts["train"]
    inputs, outputs = regression(noisy, rows, target, level)
    spread = inputs - inputs.mean(axis=0) if level else inputs
    ours = solve(moments(noisy, target, rows), noisy.lookback, level)
    for penalty, weights in zip(PENALTIES, ours, strict=True):
        alpha = penalty * np.square(spread).mean() * len(rows)
        theirs = SklearnRidge(alpha, fit_intercept=level).fit(inputs, outputs)
        np.testing.assert_allclose(weights[: inputs.shape[1]], theirs.coef_.T, atol=1e-9)
        np.testing.assert_allclose(weights[-1], theirs.intercept_, atol=1e-9)


def test_penalty_and_form_are_those_with_the_least_error_on_validation(noisy):
    fitted, validation = ridge(noisy), noisy.parts["validation"]
    for target in range(2):
        best = {}
        for level in (False, True):
            train = moments(noisy, target, noisy.parts["train"])
            inputs, outputs = regression(noisy, validation, target, level)
            for penalty, weights in zip(PENALTIES, solve(train, noisy.lookback, level), strict=True):
                forecast = inputs @ weights[: inputs.shape[1]] + weights[-1]
                best[level, penalty] = np.square(outputs - forecast).mean()
        plain, full = (min(e for (form, _), e in best.items() if form == level) for level in (False, True))
        assert fitted.levels[target] == (full < 0.95 * plain)
        assert best[fitted.levels[target], fitted.penalties[target]] == (
            full if fitted.levels[target] else plain
        )
    assert fitted.levels.tolist() == [False, True]


def test_the_forecast_is_the_regression_in_raw_units(noisy):
    fitted, rows = ridge(noisy), noisy.parts["test"]
    forecast = fitted.forecast(rows)
    assert forecast.shape == (len(rows), 3, 2)
    for target, (mean, std) in enumerate(zip(noisy.scaler.mean, noisy.scaler.std, strict=True)):
        inputs, _ = regression(noisy, rows, target, level=True)
        z = inputs @ fitted.weights[target, :-1] + fitted.weights[target, -1] + inputs[:, -1:]
        np.testing.assert_allclose(forecast[..., target], z * std + mean)


def test_one_step_with_a_level_is_the_autoregression_of_statsmodels():
    values = np.random.default_rng(2).normal(size=400).cumsum() * 0.1 + np.sin(np.arange(400) / 5)
    windows = Windows(series(values), 8, 1, "300,50,50")
    weights = solve(moments(windows, 0, windows.parts["train"]), 8, level=True)[0][:, 0]
    theirs = AutoReg(values[:300], 8).fit().params
    # w(l) weighs y(t - l) - y(t): the weight on y(t) itself is 1 + level - the sum of the w(l).
    lags = np.append(weights[:7], 1 + weights[7] - weights[:7].sum())[::-1]
    mean, std = windows.scaler.mean[0], windows.scaler.std[0]
    np.testing.assert_allclose(lags, theirs[1:], atol=1e-5)
    np.testing.assert_allclose(weights[8] * std + mean * (1 - lags.sum()), theirs[0], atol=1e-5)


def test_no_test_value_reaches_the_fit(noisy):
    values = noisy.series.values.copy()
    values[noisy.part_of_row == 2] *= -5
    other = Windows(replace(noisy.series, values=values), 6, 3, noisy.split)
    assert (ridge(other).weights == ridge(noisy).weights).all()


def test_the_unit_and_the_zero_of_a_target_do_not_matter(noisy):
    other = Windows(replace(noisy.series, values=1e6 * noisy.series.values - 3e8), 6, 3, noisy.split)
    rows = noisy.parts["test"]
    np.testing.assert_allclose(
        ridge(other).forecast(rows), 1e6 * ridge(noisy).forecast(rows) - 3e8, rtol=1e-7
    )


def test_the_size_of_the_chunks_does_not_matter(noisy, monkeypatch):
    whole = ridge(noisy)
    monkeypatch.setattr(ridge_module, "CHUNK", 7)
    rows = noisy.parts["test"]
    np.testing.assert_allclose(ridge(noisy).weights, whole.weights, atol=1e-9)
    np.testing.assert_allclose(ridge(noisy).forecast(rows), whole.forecast(rows), atol=1e-9)


def test_no_more_windows_are_used_than_allowed_and_always_the_same(monkeypatch):
    values = np.sin(np.arange(5000) / 4) + np.random.default_rng(3).normal(size=5000)
    windows = Windows(series(values), 24, 2, "0.7,0.15,0.15")
    whole = ridge(windows)
    monkeypatch.setattr(ridge_module, "LARGEST_FIT", 700)
    some = ridge(windows)
    assert (some.weights == ridge(windows).weights).all()
    assert (some.weights != whole.weights).any()
    errors = [rmse(windows, fitted.forecast(windows.parts["test"])) for fitted in (some, whole)]
    assert errors[0] == pytest.approx(errors[1], rel=0.05)


def test_a_level_is_used_for_noise_and_not_for_a_random_walk():
    steps = np.random.default_rng(4).normal(size=3000)
    noise, walk = (Windows(series(values), 7, 1, "0.6,0.2,0.2") for values in (steps, steps.cumsum()))
    assert ridge(noise).levels.all()
    assert not ridge(walk).levels.any()
    # The best forecast of noise is its mean, that of a random walk its last value: RMSE 1 both times.
    for windows in (noise, walk):
        assert rmse(windows, ridge(windows).forecast(windows.parts["test"])) == pytest.approx(1, abs=0.05)


def test_sums_of_sines_are_forecast_all_but_exactly():
    values = np.sin(np.outer(np.arange(2000), [0.2, 0.42])).sum(axis=1)
    windows = Windows(series(values), 12, 5, "0.6,0.2,0.2")
    assert rmse(windows, ridge(windows).forecast(windows.parts["test"])) < 1e-3


def test_a_lookback_of_one_row_leaves_the_last_value_to_a_random_walk():
    windows = Windows(series(np.random.default_rng(5).normal(size=500).cumsum()), 1, 3, "0.6,0.2,0.2")
    rows = windows.parts["test"]
    np.testing.assert_allclose(ridge(windows).forecast(rows), last_value(windows, rows))


def test_training_windows_without_any_spread_forecast_their_last_value():
    # The long stretch is constant in train; a short one, without a window, varies.
    values = np.concatenate([[3.0, 9.0], np.full(80, 5.0), np.arange(38.0)])
    windows = Windows(series(values, starts=(0, 2)), 4, 2, "82,19,19")
    rows = windows.parts["test"]
    np.testing.assert_allclose(ridge(windows).forecast(rows), last_value(windows, rows))
