"""Ridge autoregression: the weights against scikit-learn and statsmodels, the choices against naive loops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import Ridge as SklearnRidge
from statsmodels.tsa.ar_model import AutoReg

from narrows.search_spaces import linear_fit
from narrows.search_spaces.linear import Linear
from narrows.search_spaces.linear_fit import FORMS, PENALTIES, linear_forecast, moments, rows_tried, solve
from narrows.tuning.series import ridge as ridge_module
from narrows.tuning.series.floors import last_value
from narrows.tuning.series.ridge import chunks, ridge
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


def regression(windows, rows, target, level, used=None):
    """Return inputs and outputs of the regression as plain slices of the scaled series."""
    z = (windows.series.values[:, target] - windows.scaler.mean[target]) / windows.scaler.std[target]
    used, horizon = used or windows.lookback, windows.horizon
    inputs = [[*(z[row - used : row - 1] - z[row - 1]), *([z[row - 1]] if level else [])] for row in rows]
    return np.array(inputs).reshape(len(rows), -1), np.array(
        [z[row : row + horizon] - z[row - 1] for row in rows]
    )


def moments_of(windows, target, part="train"):
    z = windows.scaler.exact_inputs(windows.series)
    return moments(chunks(windows, z, target, windows.parts[part]))


@pytest.mark.parametrize("used", [6, 3])
@pytest.mark.parametrize("level", [False, True])
@pytest.mark.parametrize("target", [0, 1])
def test_the_weights_are_those_of_ridge_in_scikit_learn(noisy, target, level, used):
    rows = noisy.parts["train"]
    inputs, outputs = regression(noisy, rows, target, level, used)
    spread = inputs - inputs.mean(axis=0) if level else inputs
    ours = solve(moments_of(noisy, target), used, level, features=False)
    for penalty, weights in zip(PENALTIES, ours, strict=True):
        alpha = penalty * np.square(spread).mean() * len(rows)
        theirs = SklearnRidge(alpha, fit_intercept=level).fit(inputs, outputs)
        first = noisy.lookback - used
        assert not weights[:first].any()
        np.testing.assert_allclose(weights[first : first + inputs.shape[1]], theirs.coef_.T, atol=1e-9)
        np.testing.assert_allclose(weights[noisy.lookback], theirs.intercept_, atol=1e-9)


def test_rows_penalty_and_form_are_those_with_the_least_error_on_validation(noisy):
    """Of a form with more in it, or of fewer rows, where that is better by 5 % than what was found before."""
    fitted, validation = ridge(noisy), noisy.parts["validation"]
    for target in range(2):
        best = None
        for level in (False, True):
            for used in (6, 3, 1):
                inputs, outputs = regression(noisy, validation, target, level, used)
                found = solve(moments_of(noisy, target), used, level, features=False)
                errors = {}
                for penalty, weights in zip(PENALTIES, found, strict=True):
                    forecast = inputs @ weights[6 - used :][: inputs.shape[1]] + weights[6]
                    errors[penalty] = np.square(outputs - forecast).mean()
                penalty = min(errors, key=errors.get)
                if best is None or errors[penalty] < 0.95 * best[0]:
                    best = errors[penalty], level, used, penalty
        chosen = fitted.fits[target]
        assert (chosen.level, chosen.rows, chosen.penalty) == best[1:]
        assert chosen.error == pytest.approx(best[0], rel=1e-9)
    assert [one.level for one in fitted.fits] == [False, True]


def test_the_forecast_is_the_regression_in_raw_units(noisy):
    fitted, rows = ridge(noisy), noisy.parts["test"]
    forecast = fitted.forecast(rows)
    assert forecast.shape == (len(rows), 3, 2)
    for target, (mean, std) in enumerate(zip(noisy.scaler.mean, noisy.scaler.std, strict=True)):
        inputs, _ = regression(noisy, rows, target, level=True)
        weights = fitted.fits[target].weights
        z = inputs @ weights[:6] + weights[6] + inputs[:, -1:]
        np.testing.assert_allclose(forecast[..., target], z * std + mean)


@pytest.fixture(scope="module")
def driven():
    """A target that follows a feature two rows later, beside a feature that says nothing."""
    x = np.random.default_rng(7).normal(size=(900, 2))
    y = np.roll(x[:, 0], 2) + 0.1 * np.random.default_rng(8).normal(size=900)
    columns = np.column_stack([y, x])
    data = Series("s", ("y",), columns, features=("a", "b"), starts=np.array([0]), ids=("",))
    return Windows(data, 8, 1, "0.6,0.2,0.2")


def test_features_are_read_where_they_help_and_their_weights_are_those_of_scikit_learn(driven):
    (one,) = ridge(driven).fits
    assert one.features
    x = np.concatenate(
        [driven.inputs(driven.parts["train"])[:, 8 - one.rows :, 1:].reshape(-1, 2 * one.rows)]
    )
    inputs, outputs = regression(driven, driven.parts["train"], 0, one.level, one.rows)
    both = np.concatenate([inputs, x], axis=1)
    spread = both - both.mean(axis=0) if one.level else both
    alpha = one.penalty * np.square(spread).mean() * len(both)
    theirs = SklearnRidge(alpha, fit_intercept=one.level).fit(both, outputs)
    np.testing.assert_allclose(
        one.weights[9 + 2 * (8 - one.rows) :, 0], theirs.coef_[-x.shape[1] :], atol=1e-5
    )
    rows = driven.parts["test"]
    assert rmse(driven, ridge(driven).forecast(rows)) < 0.15
    assert rmse(driven, last_value(driven, rows)) > 1


def test_features_that_say_nothing_are_not_read_and_too_many_are_not_tried(driven, monkeypatch):
    values = np.column_stack([driven.series.values[:, 0], driven.series.values[::-1, 1:]])
    assert not ridge(Windows(replace(driven.series, values=values), 8, 1, driven.split)).fits[0].features
    monkeypatch.setattr(linear_fit, "MOST_INPUTS", 23)
    assert not ridge(driven).fits[0].features
    monkeypatch.setattr(linear_fit, "MOST_INPUTS", 24)
    assert ridge(driven).fits[0].features


@pytest.mark.parametrize("level, features", FORMS)
def test_a_linear_forecast_is_its_sums_written_out(level, features):
    rng = np.random.default_rng(9)
    own, bias, others = rng.normal(size=(4, 2, 3)), rng.normal(size=(3, 2)), rng.normal(size=(4, 5, 3, 2))
    linear = Linear(own, bias if level else 0 * bias, others if features else None)
    x = rng.normal(size=(6, 7, 7))
    expected = np.zeros((6, 3, 2))
    for n, h, k in np.ndindex(6, 3, 2):
        expected[n, h, k] = linear.bias[h, k] + sum(own[row, k, h] * x[n, 3 + row, k] for row in range(4))
        if features:
            expected[n, h, k] += sum(others[r, j, h, k] * x[n, 3 + r, 2 + j] for r, j in np.ndindex(4, 5))
    np.testing.assert_allclose(linear(x), expected, atol=1e-12)


def test_windows_as_arrays_give_the_same_forecast(driven, noisy):
    for windows in (driven, noisy):
        train, validation = windows.parts["train"], windows.parts["validation"]
        arrays = [take(rows) for rows in (train, validation) for take in (windows.inputs, windows.targets)]
        linear, rows = linear_forecast(*arrays), windows.parts["test"]
        forecast = windows.raw(linear(windows.inputs(rows)), rows)
        np.testing.assert_allclose(forecast, ridge(windows).forecast(rows), rtol=1e-4, atol=1e-4)


def test_fewer_rows_are_read_where_what_older_ones_told_is_over():
    x = np.random.default_rng(3).normal(size=1200)
    for t in range(40, 1200):
        x[t] += 0.6 * x[t - 1] + (0.35 if t < 700 else -0.35) * x[t - 40]
    windows = Windows(series(x), 64, 1, "700,250,250")
    assert ridge(windows).fits[0].rows < 40
    assert rows_tried(64) == [64, 32, 16, 8, 4, 2, 1]


def test_one_step_with_a_level_is_the_autoregression_of_statsmodels():
    values = np.random.default_rng(2).normal(size=400).cumsum() * 0.1 + np.sin(np.arange(400) / 5)
    windows = Windows(series(values), 8, 1, "300,50,50")
    weights = solve(moments_of(windows, 0), 8, level=True, features=False)[0][:, 0]
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
    for one, changed in zip(ridge(noisy).fits, ridge(other).fits, strict=True):
        assert (one.weights == changed.weights).all()


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
    for one, other in zip(ridge(noisy).fits, whole.fits, strict=True):
        np.testing.assert_allclose(one.weights, other.weights, atol=1e-9)
    np.testing.assert_allclose(ridge(noisy).forecast(rows), whole.forecast(rows), atol=1e-9)


def test_no_more_windows_are_used_than_allowed_and_always_the_same(monkeypatch):
    values = np.sin(np.arange(5000) / 4) + np.random.default_rng(3).normal(size=5000)
    windows = Windows(series(values), 24, 2, "0.7,0.15,0.15")
    whole = ridge(windows)
    monkeypatch.setattr(ridge_module, "LARGEST_FIT", 700)
    some = ridge(windows)
    assert (some.fits[0].weights == ridge(windows).fits[0].weights).all()
    assert (some.fits[0].weights != whole.fits[0].weights).any()
    errors = [rmse(windows, fitted.forecast(windows.parts["test"])) for fitted in (some, whole)]
    assert errors[0] == pytest.approx(errors[1], rel=0.05)


def test_a_level_is_used_for_noise_and_not_for_a_random_walk():
    steps = np.random.default_rng(4).normal(size=3000)
    noise, walk = (Windows(series(values), 7, 1, "0.6,0.2,0.2") for values in (steps, steps.cumsum()))
    assert ridge(noise).fits[0].level
    assert not ridge(walk).fits[0].level
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
