"""The shared estimator: its weights against scikit-learn, its null and its interval against known truth."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.linear_model import Ridge as SklearnRidge

from narrows.callbacks.narrowing.ridge_probe import PENALTIES, Probe, directions, leading_directions
from narrows.callbacks.narrowing.sample import Components, principal
from narrows.callbacks.narrowing.score import Score, quantiles
from narrows.callbacks.narrowing.split import Split

NONE = np.empty((400, 0))


def data(rows=400, columns=12, targets=3, noise=0.5, seed=0):
    """Columns of very unequal strength, and targets that are linear in them, with noise."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, columns)) @ rng.normal(size=(columns, columns)) ** 3
    y = x @ rng.normal(size=(columns, targets)) + noise * rng.normal(size=(rows, targets)) + 5
    return x, y


@pytest.mark.parametrize("columns", [12, 199, 450])
@pytest.mark.parametrize("penalty", [PENALTIES[0], 1e-3, PENALTIES[-1]])
def test_it_is_the_ridge_of_scikit_learn_with_more_and_with_fewer_columns_than_rows(columns, penalty):
    x, y = data(columns=columns)
    split = Split.of(np.arange(400), 1)
    centred = x[split.train] - x[split.train].mean(axis=0)
    alpha = penalty * np.linalg.norm(centred, 2) ** 2
    theirs = SklearnRidge(alpha, solver="svd").fit(x[split.train], y[split.train]).predict(x[split.test])
    ours = Probe(x, split).predict(y, NONE, np.full(3, penalty))
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5 * y.std())


@pytest.mark.parametrize("columns", [12, 450])
def test_given_columns_enter_without_penalty(columns):
    x, y = data(columns=columns)
    given = np.random.default_rng(5).normal(size=(400, 2)) + x[:, :2]
    split = Split.of(np.arange(400), 1)
    ours = Probe(x, split).predict(y, given, np.full(3, 1e-3))
    # A column times a million is as good as without penalty.
    centred = x[split.train] - x[split.train].mean(axis=0)
    alpha = 1e-3 * np.linalg.norm(centred, 2) ** 2
    both = np.concatenate([x, 1e6 * given], axis=1)
    theirs = (
        SklearnRidge(alpha, solver="svd").fit(both[split.train], y[split.train]).predict(both[split.test])
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-4 * y.std())


def test_given_columns_may_be_constant_or_repeat_each_other():
    x, y = data()
    one = np.random.default_rng(6).normal(size=(400, 1))
    split = Split.of(np.arange(400), 1)
    plain, crowded = (
        Probe(x, split).predict(y, given, np.full(3, 1e-3))
        for given in (one, np.concatenate([one, one, -one, np.ones((400, 1))], axis=1))
    )
    np.testing.assert_allclose(plain, crowded, atol=1e-8 * y.std())


def test_without_any_column_given_ones_are_a_linear_regression():
    x, y = data()
    split = Split.of(np.arange(400), 1)
    ours = Probe(NONE, split).predict(y, x, np.full(3, 1.0))
    theirs = LinearRegression().fit(x[split.train], y[split.train]).predict(x[split.test])
    np.testing.assert_allclose(ours, theirs, atol=1e-7 * y.std())


def test_r2_is_that_of_the_penalty_which_is_best_on_the_rows_to_choose_on():
    x, y = data(noise=30.0)
    split = Split.of(np.arange(400), 3)
    errors, spreads = 0.0, 0.0
    for target in y.T:
        best = None
        for penalty in PENALTIES:
            inner = x[split.fit] - x[split.fit].mean(axis=0)
            fitted = SklearnRidge(penalty * np.linalg.norm(inner, 2) ** 2).fit(
                x[split.fit], target[split.fit]
            )
            error = np.square(fitted.predict(x[split.choose]) - target[split.choose]).sum()
            best = min(best or (error, penalty), (error, penalty))
        outer = x[split.train] - x[split.train].mean(axis=0)
        fitted = SklearnRidge(best[1] * np.linalg.norm(outer, 2) ** 2).fit(
            x[split.train], target[split.train]
        )
        errors += np.square(fitted.predict(x[split.test]) - target[split.test]).sum()
        spreads += np.square(target[split.test] - target[split.train].mean()).sum()
    assert Probe(x, split).score(y).estimate.value == pytest.approx(1 - errors / spreads, abs=1e-6)


def test_noise_passes_its_null_in_one_case_of_20():
    split = Split.of(np.arange(400), 1)
    outside = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        found = Probe(rng.normal(size=(400, 8)), split).score(rng.normal(size=(400, 2))).estimate
        assert found.null < 0.05
        outside += found.value > found.null
    # 10 are expected; more than 17 or fewer than 4 are seen in one of 50 runs of such a test.
    assert 4 <= outside <= 17


def walks(seed, columns, rows=800):
    steps = np.random.default_rng(seed).normal(size=(rows, columns))
    for row in range(1, rows):
        steps[row] += 0.98 * steps[row - 1]
    return steps


def test_the_null_of_slow_series_is_wider_than_that_of_noise_and_holds_them():
    split = Split.of(np.arange(800), 20)
    found = [Probe(walks(seed, 8), split).score(walks(100 + seed, 1)).estimate for seed in range(20)]
    noise = Probe(np.random.default_rng(0).normal(size=(800, 8)), split)
    assert np.mean([each.null for each in found]) > 2 * noise.score(walks(7, 1)).estimate.null
    assert sum(each.value > each.null for each in found) <= 4


def test_a_known_share_of_signal_lies_in_the_interval_for_most_seeds():
    split, inside, widths = Split.of(np.arange(1000), 1), 0, []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(1000, 5))
        found = Probe(x, split).score(x[:, :1] + 0.5 * rng.normal(size=(1000, 1))).estimate
        inside += found.low < 0.8 < found.high
        widths.append(found.high - found.low)
        assert found.low < found.value < found.high
        assert found.value > found.null
    assert inside >= 16
    assert 0.02 < np.mean(widths) < 0.12


def test_targets_are_weighted_by_their_variance():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 2))
    y = np.column_stack([3 * x[:, 0], rng.normal(size=400)])
    assert Probe(x, Split.of(np.arange(400), 1)).score(y).estimate.value == pytest.approx(0.9, abs=0.03)


def test_a_target_that_never_moves_and_too_few_rows_give_no_number():
    x, y = data()
    still = Probe(x, Split.of(np.arange(400), 1)).score(np.ones((400, 1))).estimate
    few = Probe(x, Split.of(np.arange(400), 300)).score(y).estimate
    assert np.isnan([still.value, still.null, few.value, few.low, few.high, few.null]).all()


def test_nothing_can_be_read_from_columns_that_never_move():
    _, y = data()
    found = Probe(NONE, Split.of(np.arange(400), 1)).score(y).estimate
    assert found.value == 0


@pytest.mark.parametrize("count", [1, 20, 200])
def test_quantiles_are_those_of_numpy(count):
    values = np.random.default_rng(0).normal(size=count)
    assert quantiles(values, 0.025, 0.5, 0.975) == pytest.approx(np.quantile(values, (0.025, 0.5, 0.975)))
    values[0] = np.nan
    assert np.isnan(quantiles(values, 0.1)).all()


def test_of_several_probes_the_one_that_is_best_where_penalties_are_chosen_is_known():
    x, y = data(noise=3.0)
    split = Split.of(np.arange(400), 3)
    good, poor = (Probe(columns, split).score(y) for columns in (x, x[:, :2]))
    assert 1 > good.chosen > poor.chosen
    # It is no number of the rows that judge: other targets there change nothing of it.
    y[split.test] = 0
    assert Probe(x, split).score(y).chosen == good.chosen


def scored(errors, spreads):
    return Score(errors[:, None], spreads[:, None], np.zeros((2, 0, 1)), np.ones((1, len(errors))))


def test_the_gap_of_two_scores_is_the_difference_of_their_r2():
    x, y = data(noise=3.0)
    split = Split.of(np.arange(400), 3)
    good, poor = (Probe(columns, split).score(y) for columns in (x, x[:, :2]))
    gap = good.above(poor)
    assert gap.value == pytest.approx(good.estimate.value - poor.estimate.value)
    assert gap.low < gap.value < gap.high
    wider = good.above(poor, 1 - 0.05 / 3)
    assert wider.low < gap.low and wider.high > gap.high


@pytest.mark.parametrize("blocks", [5, 10, 20])
def test_the_interval_of_a_gap_holds_the_truth_in_95_of_100_cases_also_with_few_stretches(blocks):
    # Per stretch one forecast errs by 3 and the other by 2, of a spread of 10: the true gap is .1.
    rng, inside, draws = np.random.default_rng(0), 0, 2000
    for _ in range(draws):
        spread = rng.gamma(8, 10 / 8, blocks)
        gap = scored(rng.gamma(4, 0.5, blocks), spread).above(scored(rng.gamma(4, 0.75, blocks), spread))
        inside += gap.low < 0.1 < gap.high
    assert 0.93 <= inside / draws <= 0.97


def test_a_gap_where_nothing_moves_or_of_one_stretch_is_not_known():
    for count, spread in ((1, 1.0), (6, 0.0)):
        one = scored(np.ones(count), np.full(count, spread))
        assert np.isnan([one.above(one).value, one.above(one).low]).all()


def test_of_many_columns_the_components_have_the_squares_of_all():
    """The oracle is the decomposition of columns x columns, with all its directions."""
    rng = np.random.default_rng(3)
    rows, columns = 300, 500
    hidden = rng.normal(size=(rows, 6))
    y = hidden @ rng.normal(size=(6, columns)) + 0.3 * rng.normal(size=(rows, columns))
    split = Split.of(np.arange(rows), 4)
    short, whole = principal(y, split), Components.of(y, split)(y)
    assert short.shape[1] < whole.shape[1] == columns
    np.testing.assert_allclose(np.square(short).sum(1), np.square(whole).sum(1), rtol=1e-9)
    probe = Probe(hidden + 0.1 * rng.normal(size=hidden.shape), split)
    ours, theirs = probe.score(short), probe.score(whole)
    for name in ("value", "low", "high", "null"):
        assert getattr(ours.estimate, name) == pytest.approx(getattr(theirs.estimate, name), abs=1e-6)
    variances, found = leading_directions(y[:200])
    all_variances, all_found = directions(y[:200])
    np.testing.assert_allclose(variances, all_variances[: len(variances)], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(
        np.abs((found * all_found[:, : found.shape[1]]).sum(axis=0))[:150], 1, atol=1e-6
    )
