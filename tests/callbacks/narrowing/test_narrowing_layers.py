"""Fill, redundancy and correlation of a layer, on states whose answer is known."""

import numpy as np
import pytest
from sklearn.covariance import ledoit_wolf
from sklearn.linear_model import LinearRegression

from narrows.callbacks.narrowing import Sample, States, measure
from narrows.callbacks.narrowing.measures.correlation import Correlation
from narrows.callbacks.narrowing.measures.fill import Fill, fill
from narrows.callbacks.narrowing.measures.redundancy import Redundancy, redundancy, shrunk


def flat(rows, units, rank, seed=0):
    """States of a given rank, centred, with equal singular values."""
    rng = np.random.default_rng(seed)
    left = rng.normal(size=(rows, rank))
    left = np.linalg.qr(left - left.mean(axis=0))[0]
    return left @ np.linalg.qr(rng.normal(size=(units, rank)))[0].T * np.sqrt(rows) + 0.3


def layer_of(states, full=True, saturated=None):
    """All measures of a stack of one layer whose present states these are."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(len(states), 3, 1)).astype(np.float32)
    stack = States(inputs, (states[:, None].astype(np.float32),), saturated)
    sample = Sample(inputs, rng.normal(size=len(states)), span=1)
    return measure(stack, sample, full=full).layers[0]


@pytest.mark.parametrize("rank, k99", [(1, 1), (3, 3), (16, 16), (100, 99)])
def test_k_equal_singular_values_fill_k_units(rank, k99):
    rows = 3000
    found = fill(flat(rows, 128, rank))
    assert found.units == 128
    assert found.effective_rank == pytest.approx(rank)
    assert found.k99 == k99
    assert found.participation_ratio == pytest.approx(min(1 / (1 / rank - 1 / rows), rank))
    assert found.share == pytest.approx(rank / 128)


def test_effective_rank_takes_singular_values_not_their_squares():
    singular = np.array([4.0, 2.0, 1.0, 1.0])
    states = flat(500, 4, 4) - 0.3
    left, _, right = np.linalg.svd(states, full_matrices=False)
    shares = singular / singular.sum()
    assert shares.tolist() == [0.5, 0.25, 0.125, 0.125]
    found = fill(left * singular @ right)
    assert found.effective_rank == pytest.approx(2**1.75)
    assert found.participation_ratio == pytest.approx(1 / ((256 + 16 + 1 + 1) / 22**2 - 1 / 500))


def test_the_participation_ratio_of_few_rows_is_that_of_many():
    rng = np.random.default_rng(0)
    few = [fill(rng.normal(size=(60, 32))).participation_ratio for _ in range(50)]
    assert np.mean(few) == pytest.approx(32, rel=0.05)
    naive = [1 / (1 / value + 1 / 60) for value in few]
    assert np.mean(naive) < 22


def test_duplicated_units_fill_half_and_are_wholly_redundant():
    half = flat(2000, 8, 8)
    found = layer_of(np.concatenate([half, half], axis=1))
    assert found[Fill].effective_rank == pytest.approx(8, rel=1e-3)
    assert found[Fill].share == pytest.approx(0.5, rel=1e-3)
    assert min(found[Redundancy].of_units) > 0.98
    correlation = found[Correlation].matrix
    np.testing.assert_allclose(np.diag(correlation[:8, 8:]), 1)
    np.testing.assert_allclose(correlation, np.corrcoef(np.concatenate([half, half], axis=1).T), atol=0.006)


def test_independent_units_are_not_redundant():
    found = layer_of(np.random.default_rng(0).normal(size=(2000, 16)))
    assert max(found[Redundancy].of_units) < 0.05
    assert found[Fill].effective_rank > 15.9


@pytest.mark.parametrize("units", [2, 7])
def test_copies_of_a_unit_that_is_only_ever_shut_or_open_tell_each_other(units):
    states = np.where(np.arange(40) % 2, 0.9, -0.9)[:, None] * np.ones(units)
    assert redundancy(states) == ((1.0,) * units, ())


def test_redundancy_is_the_r2_of_a_unit_given_the_others():
    rng = np.random.default_rng(0)
    states = rng.normal(size=(20000, 3)) @ rng.normal(size=(3, 6)) + 0.7 * rng.normal(size=(20000, 6))
    found, dead = redundancy(states)
    for unit, value in enumerate(found):
        others = np.delete(states, unit, axis=1)
        r2 = LinearRegression().fit(others, states[:, unit]).score(others, states[:, unit])
        assert value == pytest.approx(r2, abs=0.003)
    assert dead == ()


def test_dead_units_are_flagged_and_disturb_nothing():
    states = np.random.default_rng(0).normal(size=(1000, 5))
    states[:, 1], states[:, 3] = 0.7, 1e-5 * states[:, 0]
    found = layer_of(states)
    assert found[Redundancy].dead == (1, 3)
    assert np.isnan(found[Redundancy].of_units)[[1, 3]].all()
    assert np.nanmax(found[Redundancy].of_units) < 0.05
    assert found[Redundancy].median < 0.05
    assert (found[Correlation].matrix[1] == [0, 1, 0, 0, 0]).all()


def test_a_layer_that_never_moves_fills_nothing():
    found = layer_of(np.full((500, 4), 0.25))
    assert found[Fill] == Fill(4, 0.0, 0.0, 0)
    assert found[Redundancy].dead == (0, 1, 2, 3)
    assert np.isnan(found[Redundancy].median)


def test_a_unit_is_saturated_when_a_gate_hardly_ever_moves():
    states = np.random.default_rng(0).normal(size=(100, 4))
    gates = np.zeros((2, 3, 4))
    gates[0, 2, 1], gates[1, 1, 3], gates[1, 0, 0] = 0.96, 1.0, 0.9
    assert layer_of(states, saturated=(gates,))[Redundancy].saturated == (1, 3)
    assert layer_of(states)[Redundancy].saturated is None


def test_one_unit_is_a_layer_too():
    found = layer_of(np.random.default_rng(0).normal(size=(100, 1)))
    assert found[Fill].effective_rank == 1 and found[Redundancy].of_units == (0,)
    assert found[Correlation].matrix.tolist() == [[1]]


@pytest.mark.parametrize("rows, units", [(400, 1), (400, 12), (30, 64), (5, 2)])
def test_the_shrunk_covariance_is_that_of_scikit_learn(rows, units):
    rng = np.random.default_rng(0)
    z = rng.normal(size=(rows, units)) @ rng.normal(size=(units, units))
    z = (z - z.mean(axis=0)) / z.std(axis=0)
    np.testing.assert_allclose(shrunk(z), ledoit_wolf(z, assume_centered=True)[0], rtol=1e-12, atol=1e-14)
