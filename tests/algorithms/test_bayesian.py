"""Bayesian optimisation: better than chance, and KerasTuner's defects that are not ours."""

from __future__ import annotations

import itertools
import math
import statistics

import numpy as np
import pytest

from narrows.search_spaces import StackedLSTM
from narrows.tuning.algorithms import make
from narrows.tuning.algorithms.bayesian import _cut_off

FLAT = StackedLSTM(num_layers=1, units=(4, 256), bottleneck=0, learning_rate=(1e-4, 1e-1), scaling="last")
DEEP = StackedLSTM()  # eight searched hyperparameters


def smooth(proposal):
    values = proposal.values
    return math.log(values["units_1"] / 40, 8) ** 2 + math.log10(values["learning_rate"] / 0.005) ** 2


def best(rehearse, name, seed, score=smooth, trials=18):
    done = rehearse(make(name, FLAT, seed=seed, epochs=1, trials=trials), score, trials=trials).run()
    return min(smooth(proposal) for proposal in done.proposals)


def test_it_beats_random_search_on_a_smooth_bowl(rehearse):
    bayesian = [best(rehearse, "bayesian", seed) for seed in range(3)]
    random = [best(rehearse, "random", seed) for seed in range(3)]
    assert statistics.median(bayesian) < 0.2 * statistics.median(random)


def test_failures_and_a_diverged_trial_do_not_blind_it(rehearse):
    def rough(proposal):
        if proposal.values["learning_rate"] > 0.03:
            return 1e12 if proposal.number % 2 else None
        return smooth(proposal)

    bayesian = [best(rehearse, "bayesian", seed, rough) for seed in range(3)]
    random = [best(rehearse, "random", seed, rough) for seed in range(3)]
    assert statistics.median(bayesian) < 0.5 * statistics.median(random)


@pytest.mark.parametrize(
    ("space", "trials", "random"),
    [(FLAT, None, 4), (FLAT, 300, 4), (DEEP, None, 16), (DEEP, 100, 16), (DEEP, 24, 8), (DEEP, 6, 4)],
)
def test_it_begins_with_two_random_trials_a_hyperparameter_but_a_third_at_most(space, trials, random):
    assert make("bayesian", space, seed=0, epochs=1, trials=trials).num_initial_points == random


def test_trials_asked_for_at_once_are_apart_as_if_their_scores_were_known(rehearse):
    algorithm = (
        rehearse(make("bayesian", FLAT, seed=0, epochs=1, trials=12), smooth, trials=12).run().algorithm
    )
    asked = [algorithm.ask().values for _ in range(4)]
    places = [(math.log(v["units_1"], 64), math.log10(v["learning_rate"]) / 3) for v in asked]
    assert min(math.dist(*pair) for pair in itertools.combinations(places, 2)) > 0.05


def test_scores_far_above_the_others_are_put_on_the_fence():
    scores = np.array([1.0, 2.0, 3.0, 4.0, 1e9])
    np.testing.assert_allclose(_cut_off(scores), [1, 2, 3, 4, 4 + 1.5 * 2])
    np.testing.assert_array_equal(_cut_off(np.full(5, 2.0)), np.full(5, 2.0))
