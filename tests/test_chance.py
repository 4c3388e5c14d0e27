"""The interval of a ratio of errors: against a naive bootstrap, a closed form, and series of known truth."""

import math

import numpy as np
import pytest
from scipy.stats import norm
from scipy.stats import t as student

from narrows.tuning.answers.chance import block_sums, ratio_interval, surely_above
from narrows.tuning.series.overlap import moments_needed


def losses_of(windows, seed=0, scale=1.0):
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=windows)
    errors = np.stack(
        [scale * (shared + rng.normal(size=windows)), shared + rng.normal(size=windows)], axis=1
    )
    return errors**2


def test_blocks_are_stretches_of_time_and_windows_of_one_moment_stand_together():
    rng = np.random.default_rng(0)
    moments = np.repeat(np.arange(100, 147), rng.integers(1, 5, 47))
    rng.shuffle(moments)
    values = rng.normal(size=(len(moments), 2))
    # Horizon 4: blocks of at least 7 of the 47 moments, so 6 blocks, the first five of 8 moments.
    ends = np.cumsum([0, 8, 8, 8, 8, 8, 7]) + 100
    expected = np.zeros((6, 2))
    for moment, value in zip(moments, values, strict=True):
        expected[next(i for i in range(6) if ends[i] <= moment < ends[i + 1])] += value
    np.testing.assert_allclose(block_sums(values, moments, 4), expected)
    assert len(block_sums(values, moments, 1)) == 20, "at most so many"
    assert len(block_sums(values, moments, 100)) == 1


@pytest.mark.parametrize("root", [False, True])
def test_the_interval_is_that_of_a_naive_bootstrap_of_blocks(root):
    losses, moments, horizon, count = losses_of(90, scale=0.8), np.arange(90), 3, 18
    found = ratio_interval(losses, moments, horizon, root=root)
    blocks = np.array_split(losses, count)
    rng, ratios = np.random.default_rng(5), []
    for _ in range(20_000):
        drawn = [blocks[i] for i in rng.integers(count, size=count)]
        ours, theirs = (sum(block[:, i].sum() for block in drawn) for i in (0, 1))
        ratios.append(math.sqrt(ours / theirs) if root else ours / theirs)
    tail = norm.cdf(-student.ppf(0.975, count - 1) * math.sqrt(count / (count - 1)))
    low, high = np.quantile(ratios, [tail, 1 - tail])
    spread = high - low
    assert found.low == pytest.approx(low, abs=0.05 * spread)
    assert found.high == pytest.approx(high, abs=0.05 * spread)
    exact = losses[:, 0].mean() / losses[:, 1].mean()
    assert found.ratio == pytest.approx(math.sqrt(exact) if root else exact)


def test_with_many_windows_the_interval_is_that_of_the_delta_method():
    losses = losses_of(40_000, scale=0.9)
    found = ratio_interval(losses, np.arange(40_000), 1, root=False)
    sums = np.stack([block.mean(axis=0) for block in np.array_split(losses, 20)])
    ratio = sums[:, 0].mean() / sums[:, 1].mean()
    error = (sums[:, 0] - ratio * sums[:, 1]).std(ddof=1) / math.sqrt(20) / sums[:, 1].mean()
    assert found.ratio == pytest.approx(ratio)
    far = student.ppf(0.975, 19) * error
    assert found.low == pytest.approx(ratio - far, abs=0.15 * far)
    assert found.high == pytest.approx(ratio + far, abs=0.15 * far)


@pytest.mark.parametrize(("moments", "series"), [(66, 1), (400, 1), (132, 8)])
def test_of_two_equal_forecasts_one_is_called_better_in_few_cases(moments, series):
    """Errors are averages of neighbours, as those of a horizon of six are; series of a panel share them."""
    rng, horizon, kernel = np.random.default_rng(1), 6, np.ones(6) / math.sqrt(6)
    better = worse = 0
    for _ in range(400):
        shared = np.convolve(rng.normal(size=moments + 10), kernel, "valid")
        errors = [shared + 0.3 * np.convolve(rng.normal(size=moments + 10), kernel, "valid") for _ in "ab"]
        windows = [np.lib.stride_tricks.sliding_window_view(one**2, horizon).mean(axis=1) for one in errors]
        losses = np.tile(np.stack(windows, axis=1), (series, 1))
        found = ratio_interval(losses, np.tile(np.arange(moments), series), horizon, root=True)
        better += found.high < 1
        worse += found.low > 1
    assert better <= 30 and worse <= 30, "about 20 of 400 with few blocks, 14 with many"
    assert better + worse >= 10, "the interval is not without end"


def test_a_truly_better_forecast_is_found():
    found = ratio_interval(losses_of(2000, scale=0.8), np.arange(2000), 6, root=True)
    assert 0.75 < found.low < found.ratio < found.high < 0.85


def test_the_order_of_the_two_and_their_unit_do_not_matter():
    losses, moments = losses_of(300, scale=0.9), np.arange(300)
    one, other = (ratio_interval(pair, moments, 2, root=True) for pair in (losses, losses[:, ::-1]))
    assert (1 / one.ratio, 1 / one.high, 1 / one.low) == pytest.approx((other.ratio, other.low, other.high))
    for unit in (1e-150, 1e150):
        assert ratio_interval(unit * losses, moments, 2, root=True).high == pytest.approx(one.high)


@pytest.mark.parametrize("horizon", [1, 12])
def test_few_windows_have_a_ratio_and_no_interval(horizon):
    needed = moments_needed(horizon)
    assert needed == {1: 6, 12: 138}[horizon]
    few = ratio_interval(losses_of(needed - 1), np.arange(needed - 1), horizon, root=True)
    assert few.low is None and few.high is None and few.ratio > 0
    assert ratio_interval(losses_of(needed), np.arange(needed), horizon, root=True).low


@pytest.mark.parametrize("root", [False, True])
def test_errors_of_zero_have_a_ratio_too(root):
    moments, some, none = np.arange(60), np.linspace(1, 2, 60), np.zeros(60)
    for ours, theirs, ratio in ((none, none, 1), (none, some, 0), (some, none, math.inf)):
        found = ratio_interval(np.stack([ours, theirs], axis=1), moments, 1, root=root)
        assert (found.ratio, found.low, found.high) == (ratio, ratio, ratio)
    # The floor errs in the first block alone: drawn without it, the ratio is infinite.
    theirs = np.r_[1.0, np.zeros(59)]
    found = ratio_interval(np.stack([some, theirs], axis=1), moments, 1, root=root)
    assert 1 < found.low < found.ratio < found.high == math.inf


@pytest.mark.parametrize("series", [1, 20])
def test_what_chance_does_is_called_sure_in_one_case_of_forty(series):
    """Sums of neighbours, as errors of a horizon of six are; and twenty series that share them."""
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(2000, 405))
    differences = np.stack([np.tile(np.convolve(row, np.ones(6) / 6, "valid"), series) for row in noise])
    moments = np.tile(np.arange(400), series)
    share = np.mean([surely_above(one, moments, 6) for one in differences])
    assert 0.015 < share < 0.04
    assert np.mean([surely_above(one + 0.1, moments, 6) for one in differences[:200]]) > 0.4


def test_few_windows_that_overlap_show_nothing():
    assert not surely_above(np.full(10, 0.5) + np.arange(10) / 100, np.arange(10), 12)
    assert surely_above(np.full(40, 0.5) + np.arange(40) / 100, np.arange(40), 4)
    # However many series there are.
    assert not surely_above(np.full(400, 0.5), np.tile(np.arange(10), 40), 12)
