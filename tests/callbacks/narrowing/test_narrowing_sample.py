"""What the windows tell, and what fewer numbers than that can never hand on."""

import numpy as np
import pytest
from scipy.stats import median_abs_deviation

from narrows.callbacks.narrowing import Sample
from narrows.callbacks.narrowing.other_losses import limits
from narrows.tuning.series.synthetic import make

ROWS = 1200


def sample_of(targets, inputs, span=1):
    return Sample(inputs, targets, span=span)


@pytest.fixture(scope="module")
def inputs():
    """Windows of 2 steps of 3 channels, all independent."""
    return np.random.default_rng(0).normal(size=(ROWS, 2, 3))


@pytest.mark.parametrize("units, share", [(0, 1), (1, 0.3), (2, 0.1), (3, 0), (5, 0)])
def test_the_tail_is_that_of_the_variances_of_the_forecast(inputs, units, share):
    # Three independent signals of variances 7, 2 and 1, mixed into four targets without a change of length.
    signals = inputs.reshape(ROWS, 6)[:, :3] * np.sqrt([7, 2, 1])
    mixing = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))[0][:3]
    beyond = sample_of(signals @ mixing, inputs).beyond(units)
    assert beyond.value == pytest.approx(share, abs=0.03)
    assert (beyond.low > 0.02) == (share > 0)


def test_four_streams_need_four_numbers():
    series = make("synthetic:streams,n=4,rows=1500")
    windows = np.stack([series.values[start : start + 8, 4:] for start in range(ROWS)])
    sample = sample_of(series.values[8 : 8 + ROWS, :4], windows, span=9)
    assert sample.told.estimate.value == pytest.approx(1, abs=1e-3)
    for units in range(6):
        assert sample.beyond(units).value == pytest.approx(max(0, 1 - units / 4), abs=0.04)


@pytest.mark.parametrize("units", [1, 2, 3])
def test_no_forecast_of_so_few_units_passes_the_bound_not_even_one_that_knows_all(inputs, units):
    # The truth has parts that no linear probe finds. The best forecast in `units` directions is made of it.
    x = inputs.reshape(ROWS, 6)
    truth = np.stack([x[:, 0], x[:, 1], x[:, 2] ** 2 - 1, x[:, 3] * x[:, 4], x[:, 5] + x[:, 0] ** 3], axis=1)
    truth = truth - truth.mean(axis=0)
    noise = 0.5 * np.random.default_rng(2).normal(size=truth.shape)
    best = np.linalg.svd(truth, full_matrices=False)[2][:units]
    y = truth + noise
    of_few, of_all = (
        1 - np.square(y - found).sum() / np.square(y - y.mean(axis=0)).sum()
        for found in (truth @ best.T @ best, truth)
    )
    assert of_few <= of_all - sample_of(y, inputs).beyond(units).value + 0.02


def test_noise_is_not_taken_for_something_that_few_units_lose(inputs):
    found = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        # One signal and noise of its own for each of eight targets: one number tells all there is to tell.
        targets = inputs[:, :1, 0] + rng.normal(size=(ROWS, 8))
        found.append(sample_of(targets, inputs).beyond(1).low)
    assert np.mean(np.array(found) > 0) <= 0.05


def test_with_too_few_rows_nothing_is_claimed(inputs):
    beyond = sample_of(inputs[:, 0], inputs, span=700).beyond(1)
    assert np.isnan([beyond.value, beyond.low]).all()


def test_columns_that_never_move_and_long_windows_are_no_trouble():
    windows = np.random.default_rng(0).normal(size=(300, 600, 2))
    windows[:, :, 1] = 5
    found = sample_of(windows[:, -1, 0], windows).told.estimate
    assert found.low > 0


def test_the_own_r2_of_a_network_is_that_of_its_forecasts_on_the_test_rows(inputs):
    rng = np.random.default_rng(4)
    targets = rng.normal(size=(ROWS, 2, 3)) @ rng.normal(size=(3, 3)) + 5
    forecasts = targets + rng.normal(size=targets.shape)
    sample = sample_of(targets, inputs, span=4)
    train, test = sample.split.train, sample.split.test
    mean = targets[train].mean(axis=0)
    by_hand = 1 - np.square(forecasts - targets)[test].sum() / np.square(targets - mean)[test].sum()
    own = sample.own(forecasts).score.estimate
    assert own.value == pytest.approx(by_hand) and own.low < by_hand < own.high
    assert np.isnan(own.null)


def test_forecasts_of_a_median_are_put_on_a_line_and_far_targets_count_as_at_the_limits(inputs):
    rng = np.random.default_rng(5)
    median = np.exp(rng.normal(size=(ROWS, 2)))
    targets = median * np.exp(rng.normal(size=median.shape))
    sample = Sample(inputs, targets, span=1, loss="mae")
    train, test = sample.split.train, sample.split.test
    # By SciPy's robust deviation, and NumPy's line through each target.
    away = 3 * median_abs_deviation(targets[train], scale="normal")
    y, told = (
        one.clip(np.median(targets[train], axis=0) - away, np.median(targets[train], axis=0) + away)
        for one in (targets, median)
    )
    lines = [np.polyfit(told[train, k], y[train, k], 1) for k in (0, 1)]
    fair = np.column_stack([np.polyval(line, told[:, k]) for k, line in enumerate(lines)])
    whole = np.square(y - y[train].mean(axis=0))[test].sum()
    own = sample.own(median)
    assert own.score.estimate.value == pytest.approx(1 - np.square(fair - y)[test].sum() / whole, abs=1e-4)
    assert own.learned == pytest.approx(1 - np.square(told - y)[test].sum() / whole, abs=1e-4)
    squared = sample_of(targets, inputs).own(median)
    assert squared.learned == squared.score.estimate.value


@pytest.mark.parametrize("loss", ["mae", "huber"])
def test_forecasts_that_do_not_move_have_learned_nothing_by_any_loss(inputs, loss):
    own = Sample(inputs, inputs[:, 0], span=1, loss=loss).own(0 * inputs[:, 0])
    assert own.score.estimate.value == pytest.approx(0, abs=0.01) == own.learned


def test_a_target_that_is_mostly_nothing_has_no_outliers():
    sales = np.where(np.arange(100) % 3 == 0, np.arange(100.0), 0.0)[:, None]
    assert limits(sales) == (-np.inf, np.inf)


def test_outputs_that_are_not_as_many_as_the_targets_have_no_r2(inputs):
    sample = sample_of(inputs[:, 0], inputs)
    assert sample.own(inputs[:, 0, :2]) is None
    with pytest.raises(ValueError, match="the outputs hold NaN or infinity"):
        sample.own(np.full((ROWS, 3), np.nan))
    assert np.isnan(sample_of(inputs[:, 0], inputs, span=700).own(inputs[:, 0]).score.estimate.value)
