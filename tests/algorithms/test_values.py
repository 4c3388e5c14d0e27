"""Combinations of a conditional space, the values of a grid, and random draws."""

from __future__ import annotations

import itertools
import math

import keras_tuner
import numpy as np
import pytest

from narrows.search_spaces import StackedLSTM
from narrows.tuning.algorithms import make
from narrows.tuning.algorithms._values import combinations, every, spread


def declared(declare):
    hp = keras_tuner.HyperParameters()
    declare(hp)
    return hp.space[0]


def test_combinations_are_all_active_values_and_each_once():
    space = StackedLSTM(
        num_layers=[1, 3], units=[4, 8], bottleneck=[0, 2], learning_rate=0.01, scaling="last"
    )
    found = [
        (values["num_layers"], *(values[f"units_{layer}"] for layer in range(1, values["num_layers"] + 1)))
        + ((values["bottleneck_after"],) if values["bottleneck"] else ())
        for values in combinations(space.hyperparameters().space, every)
    ]
    expected = [
        (depth, *units, *after)
        for depth in (1, 3)
        for units in itertools.product((4, 8), repeat=depth)
        for after in ((), (1,), (2,), (3,))
    ]
    assert found == expected


@pytest.mark.parametrize(
    ("declare", "values"),
    [
        (lambda hp: hp.Int("x", 4, 128, sampling="log"), [4, 5, 8, 12, 18, 27, 40, 59, 87, 128]),
        (lambda hp: hp.Int("x", 0, 999), [0, 111, 222, 333, 444, 555, 666, 777, 888, 999]),
        (lambda hp: hp.Int("x", 1, 10, sampling="log"), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        (lambda hp: hp.Int("x", 2, 3), [2, 3]),
        (lambda hp: hp.Int("x", 0, 100, step=50), [0, 50, 100]),
        (lambda hp: hp.Int("x", 8, 64, step=2, sampling="log"), [8, 16, 32, 64]),
        (lambda hp: hp.Float("x", 0.0, 0.9), [0.1 * place for place in range(10)]),
        (lambda hp: hp.Float("x", 1e-5, 1e4, sampling="log"), [10.0**power for power in range(-5, 5)]),
        (lambda hp: hp.Float("x", 0.0, 1.0, step=0.5), [0.0, 0.5, 1.0]),
        (lambda hp: hp.Choice("x", [64, 8, 16]), [64, 8, 16]),
        (lambda hp: hp.Boolean("x"), [True, False]),
        (lambda hp: hp.Fixed("x", "mse"), ["mse"]),
    ],
)
def test_a_grid_has_at_most_ten_values_of_an_interval_with_both_ends(declare, values):
    found = list(spread(declared(declare)))
    assert [type(value) for value in found] == [type(value) for value in values]
    if isinstance(values[0], str):
        assert found == values
    else:
        np.testing.assert_allclose(found, values, rtol=1e-12, atol=1e-15)


def test_every_value_of_integers_is_there_even_of_very_many():
    assert list(every(declared(lambda hp: hp.Int("x", 4, 128, sampling="log")))) == list(range(4, 129))
    assert len(every(declared(lambda hp: hp.Int("x", 1, 10**9)))) == 10**9


def test_a_grid_search_tries_each_combination_of_the_grid_once(rehearse):
    space = StackedLSTM(num_layers=1, units=(4, 128), bottleneck=0, learning_rate=[0.01, 0.1], scaling="last")
    done = rehearse(make("grid", space, seed=0, epochs=1), lambda _: 1.0, trials=99, places=4).run()
    found = [(proposal.values["units_1"], proposal.values["learning_rate"]) for proposal in done.proposals]
    assert sorted(found) == list(itertools.product([4, 5, 8, 12, 18, 27, 40, 59, 87, 128], [0.01, 0.1]))
    assert done.algorithm.finished
    assert len({units for units, _ in found[:8]}) > 4, "a grid in order would still be at its four smallest"


def test_random_draws_are_even_on_the_scale_of_each_interval(rehearse):
    space = StackedLSTM(num_layers=(1, 4), units=(4, 256), bottleneck=0, scaling=["standard", "last"])
    done = rehearse(make("random", space, seed=0, epochs=1), lambda _: 1.0, trials=2000).run()
    columns = [proposal.values for proposal in done.proposals]
    rates = [math.log(values["learning_rate"] / 1e-3) / math.log(30) for values in columns]
    depths = [values["num_layers"] for values in columns]
    # KerasTuner draws 4 <= x < 257 evenly in log x and cuts off what is after the point.
    widths = [math.log((values["units_1"] + 0.5) / 4) / math.log(257 / 4) for values in columns]
    for uniform in (rates, widths):
        counts, _ = np.histogram(uniform, bins=4, range=(0, 1))
        assert abs(counts - 500).max() < 90
    assert abs(np.bincount(depths)[1:] - 500).max() < 90
