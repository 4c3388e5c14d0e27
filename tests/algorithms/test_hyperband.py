"""Hyperband: the tournament of KerasTuner's oracle, and what is mended in it."""

from __future__ import annotations

import json
import math
from collections import Counter

import keras_tuner
import pytest

from narrows.search_spaces import StackedLSTM
from narrows.tuning.algorithms import make

DEEP = StackedLSTM()
SMALL = StackedLSTM(num_layers=1, units=[8, 16], bottleneck=0, learning_rate=[0.01, 0.1], scaling="last")


def chance(number: int) -> float:
    """A score that is known before the trial is."""
    return math.modf(math.sin(number + 1) * 1e4)[0]


def hyperband(rehearse, score, *, epochs, trials, budget=None, places=1, space=DEEP):
    return rehearse(
        make("hyperband", space, seed=0, epochs=epochs, trials=budget), score, trials=trials, places=places
    ).run()


@pytest.mark.parametrize(("epochs", "trials"), [(9, 46), (27, 110), (20, 60), (1, 5)])
def test_rounds_and_promotions_are_those_of_kerastuner(rehearse, tmp_path, epochs, trials):
    stock = keras_tuner.oracles.HyperbandOracle(
        keras_tuner.Objective("val_loss", "min"),
        max_epochs=epochs,
        hyperband_iterations=9,
        hyperparameters=DEEP.hyperparameters(),
        seed=1,
    )
    stock.verbose = 0
    stock._set_project_dir(tmp_path, "stock")
    expected = []
    for number in range(trials):
        trial = stock.create_trial("tuner0")
        values = trial.hyperparameters.values
        parent = values.get("tuner/trial_id")
        expected.append((values["tuner/epochs"], values["tuner/initial_epoch"], parent and int(parent)))
        stock.update_trial(trial.trial_id, {"val_loss": chance(number)})
        trial.status = "COMPLETED"
        stock.end_trial(trial)
    done = hyperband(rehearse, lambda proposal: chance(proposal.number), epochs=epochs, trials=trials)
    assert [(p.epochs, p.first_epoch, p.parent) for p in done.proposals] == expected


@pytest.mark.parametrize("places", [1, 4])
def test_a_promoted_trial_goes_on_from_a_good_parent_where_that_ended(rehearse, places):
    def score(proposal):
        return None if proposal.number % 3 == 1 else chance(proposal.number)

    done = hyperband(rehearse, score, epochs=27, trials=150, places=places)
    promoted = [proposal for proposal in done.proposals if proposal.parent is not None]
    assert len({proposal.parent for proposal in promoted}) == len(promoted) > 30
    for proposal in promoted:
        parent = done.past[proposal.parent]
        assert parent.status == "completed"
        assert (proposal.values, proposal.first_epoch) == (parent.values, parent.epochs)


def test_the_trials_that_may_be_gone_on_from_are_those_whose_states_a_promotion_asks_for(rehearse):
    algorithm = make("hyperband", DEEP, seed=0, epochs=9, trials=60)
    most, kept = 0, set()

    def score(proposal):
        nonlocal most, kept
        if proposal.parent is not None:
            assert proposal.parent in kept, "its state was kept until it was asked for"
        kept = algorithm.goes_on() | {proposal.number}
        most = max(most, len(kept))
        return chance(proposal.number)

    rehearse(algorithm, score, trials=60).run()
    assert 0 < most < 15, "of sixty trials only those of open brackets"


@pytest.mark.parametrize("places", [1, 4])
def test_failures_do_not_stall_a_bracket(rehearse, places):
    def score(proposal):
        good = proposal.parent is not None or proposal.number in (3, 7)
        return chance(proposal.number) if good else None

    done = hyperband(rehearse, score, epochs=9, trials=16, places=places)
    first, second, third = (
        [p for p in done.proposals if (p.first_epoch, p.epochs) == ends] for ends in ((0, 1), (1, 3), (3, 9))
    )
    # Of nine trials two ended well: both go on, then the better one.
    assert len(first) == 9
    assert {proposal.parent for proposal in second} == {3, 7}
    assert third[0].parent == min((p.number for p in second), key=chance)


def test_a_bracket_in_which_all_fail_gives_way_to_the_next(rehearse):
    done = hyperband(rehearse, lambda _: None, epochs=9, trials=40)
    # Brackets of 9, 5 and 3 new trials, again and again; nothing is promoted.
    assert [proposal.epochs for proposal in done.proposals[:20]] == [1] * 9 + [3] * 5 + [9] * 3 + [1] * 3
    assert all(proposal.parent is None for proposal in done.proposals)


@pytest.mark.parametrize(
    ("budget", "first_epochs"),
    [(5, 100), (10, 100), (18, 34), (43, 34), (44, 12), (105, 12), (106, 4), (254, 2), (None, 2)],
)
def test_a_sweep_has_only_the_brackets_that_the_budget_can_finish(budget, first_epochs):
    assert make("hyperband", DEEP, seed=0, epochs=100, trials=budget).ask().epochs == first_epochs


@pytest.mark.parametrize("places", [1, 4])
def test_a_space_with_too_few_combinations_still_trains_the_best_to_the_end(rehearse, places):
    done = hyperband(
        rehearse, lambda p: p.values["units_1"] * 1e-3 + p.number * 1e-6, epochs=9, trials=99, places=places,
        space=SMALL,
    )  # fmt: skip
    rounds = Counter((proposal.first_epoch, proposal.epochs) for proposal in done.proposals)
    assert rounds == {(0, 1): 4, (1, 3): 3, (3, 9): 1}
    assert done.proposals[-1].values["units_1"] == 8
    assert done.algorithm.finished


def test_its_state_does_not_grow_with_the_search(rehearse):
    done = hyperband(rehearse, lambda p: chance(p.number), epochs=81, trials=3000, places=8)
    assert len(json.dumps(done.algorithm.state())) < 3000
