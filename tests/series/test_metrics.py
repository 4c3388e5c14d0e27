"""Metrics: against scikit-learn, naive loops and numbers by hand; what is undefined is NaN."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

from narrows.tuning.series import metrics
from narrows.tuning.series.metrics import METRICS, mae, mase_scale, rmse, scores, smape
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows

FINITE = st.integers(-(10**9), 10**9).map(lambda number: number / 1000)


def windows(values, season=1, starts=(0,), split="0.6,0.2,0.2", horizon=1):
    values = np.asarray(values, float)
    data = Series(
        name="s",
        targets=("sales", "visits")[: values.shape[1]],
        values=values,
        starts=np.array(starts),
        ids=("",) * len(starts),
        season=season,
    )
    return Windows(data, 1, horizon, split)


@pytest.fixture
def two_targets():
    return windows(np.random.default_rng(0).normal(9, 4, (60, 2)), season=4, starts=(0, 11), horizon=3)


def test_the_examples_in_the_docstrings_are_true():
    tried = doctest.testmod(metrics)
    assert (tried.failed, tried.attempted) == (0, 3)


def test_mae_and_rmse_are_those_of_scikit_learn_for_each_target(two_targets):
    actual = two_targets.raw_targets(two_targets.parts["test"])
    forecast = actual + np.random.default_rng(1).normal(size=actual.shape)
    found = scores(actual, forecast, two_targets)
    assert list(found) == ["sales", "visits"]
    for target, values in enumerate(found.values()):
        y, f = actual[..., target].ravel(), forecast[..., target].ravel()
        assert tuple(values) == METRICS
        assert values["MAE"] == pytest.approx(mean_absolute_error(y, f))
        assert values["RMSE"] == pytest.approx(root_mean_squared_error(y, f))
        assert values["MASE"] == pytest.approx(mean_absolute_error(y, f) / mase_scale(two_targets)[target])
        assert values["sMAPE"] == pytest.approx(
            np.mean([200 * abs(a - b) / (abs(a) + abs(b)) for a, b in zip(y, f, strict=True)])
        )


def test_a_perfect_forecast_scores_0(two_targets):
    actual = two_targets.raw_targets(two_targets.parts["test"])
    assert all(
        set(values.values()) == {0.0} for values in scores(actual, actual.copy(), two_targets).values()
    )


def test_float32_forecasts_are_averaged_in_float64(two_targets):
    actual = two_targets.raw_targets(two_targets.parts["test"])
    values = scores(actual.astype(np.float32), np.zeros_like(actual, np.float32), two_targets)["sales"]
    assert values["MAE"] == np.abs(actual[..., 0].astype(np.float32).astype(float)).mean()


@settings(deadline=None)
@given(arrays(float, 7, elements=FINITE), arrays(float, 7, elements=FINITE))
def test_the_order_of_the_metrics_and_the_range_of_smape_hold(actual, forecast):
    assert 0 <= mae(actual, forecast) <= rmse(actual, forecast) * (1 + 1e-12)
    assert 0 <= smape(actual, forecast) <= 200 * (1 + 1e-12)
    assert smape(actual, forecast) == smape(forecast, actual)


@pytest.mark.parametrize(
    ("actual", "forecast", "percent"),
    [
        (0, 0, 0),
        (0, 5, 200),
        (5, 0, 200),
        (-1, 1, 200),
        (100, 300, 100),
        (-100, -300, 100),
        (1e-300, 3e-300, 100),
    ],
)
def test_smape_by_hand(actual, forecast, percent):
    assert smape(np.array([float(actual)]), np.array([float(forecast)])) == pytest.approx(percent)


@settings(deadline=None)
@given(st.integers(1, 9), st.sampled_from([(0,), (0, 3), (0, 10, 14, 25)]))
def test_the_scale_of_mase_is_what_a_naive_loop_finds(season, starts):
    data = windows(np.random.default_rng(2).normal(size=(60, 2)), season, starts, split="30,15,15")
    stretch = np.searchsorted(starts, np.arange(60), side="right")
    pairs = [(t, t - season) for t in range(30) if t >= season and stretch[t] == stretch[t - season]]
    naive = np.mean([np.abs(data.series.values[t] - data.series.values[s]) for t, s in pairs], axis=0)
    np.testing.assert_allclose(mase_scale(data), naive)


def test_mase_by_hand():
    # Differences in train: |3-1|, |2-3|, |6-2|; an error of 7 everywhere is 3 times their mean.
    data = windows(np.array([[1, 3, 2, 6, 50, 90.0]]).T, split="4,1,1")
    actual = data.raw_targets(data.parts["test"])
    assert mase_scale(data) == pytest.approx(7 / 3)
    assert scores(actual, actual - 7, data)["sales"]["MASE"] == pytest.approx(3)


def test_mase_sees_the_training_rows_alone():
    values = np.random.default_rng(3).normal(size=(50, 1))
    later = values.copy()
    later[30:] *= 100
    assert mase_scale(windows(values, 7)) == mase_scale(windows(later, 7))


def test_mase_and_smape_have_no_unit_and_mae_and_rmse_have_the_targets():
    values = np.random.default_rng(4).uniform(1, 2, (50, 1))
    one, kilo = windows(values, 7), windows(values * 1000, 7)
    y = one.raw_targets(one.parts["test"])
    small, large = scores(y, y + 0.1, one)["sales"], scores(1000 * y, 1000 * y + 100, kilo)["sales"]
    assert large == pytest.approx({**small, "MAE": 1000 * small["MAE"], "RMSE": 1000 * small["RMSE"]})


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(windows(np.arange(50.0)[:, None] % 7, season=7), id="train repeats each season"),
        pytest.param(windows(np.sin(np.arange(240) * np.pi / 12)[:, None], season=24), id="up to rounding"),
        pytest.param(windows(np.arange(50.0)[:, None], season=30), id="train holds no season and a row"),
        pytest.param(windows(np.arange(50.0)[:, None], 9, tuple(range(0, 50, 5))), id="short stretches"),
    ],
)
def test_an_undefined_mase_is_nan_and_leaves_the_other_metrics_alone(data):
    actual = data.raw_targets(data.parts["test"])
    values = scores(actual, actual + 1, data)["sales"]
    assert np.isnan(values["MASE"])
    assert values["MAE"] == pytest.approx(1) and values["RMSE"] == pytest.approx(1) and values["sMAPE"] > 0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_forecast_that_is_not_finite_never_looks_good(two_targets, bad):
    actual = two_targets.raw_targets(two_targets.parts["test"])
    forecast = actual.copy()
    forecast[0, 0, 1] = bad
    found = scores(actual, forecast, two_targets)
    assert not np.isfinite(list(found["visits"].values())).any()
    assert set(found["sales"].values()) == {0.0}


@pytest.mark.parametrize(
    ("actual", "forecast"),
    [
        ((5, 3, 2), (5, 3, 1)),
        ((5, 3, 2), (5, 3)),
        ((5, 3, 1), (5, 3, 1)),
        ((5, 2), (5, 2)),
        ((0, 3, 2), (0, 3, 2)),
    ],
)
def test_shapes_that_numpy_would_stretch_are_refused(two_targets, actual, forecast):
    with pytest.raises(ValueError) as error:
        scores(np.ones(actual), np.ones(forecast), two_targets)
    assert str(error.value) == (
        "actual and forecast must both be (windows, horizon, targets) with 2 targets, "
        f"not {actual} and {forecast}"
    )
