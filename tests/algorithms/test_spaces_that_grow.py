"""Spaces whose hyperparameters depend on values by plain Python, not by a `conditional_scope`."""

import itertools
import json

import keras_tuner
import pytest

from narrows.search_spaces import as_space
from narrows.search_spaces.own_space import OwnSpace
from narrows.search_spaces.trial import Status
from narrows.tuning.algorithms import make, names

each_algorithm = pytest.mark.parametrize("name", names())


def tutorial(hp):
    """What every tutorial of KerasTuner does; nothing is built, so that a search is quick."""
    for layer in range(hp.Int("layers", 1, 3)):
        hp.Int(f"units_{layer}", 4, 16)
    if hp.Boolean("dropout"):
        hp.Float("rate", 0.1, 0.5)
    hp.Choice("cell", ["gru", "lstm"])


def hidden(hp):
    """Only 7 layers and dropout together bring `late` to light: no build with one unusual value does."""
    layers = hp.Int("layers", 1, 9)
    if hp.Boolean("dropout") and layers == 7:
        hp.Choice("late", [1, 2])
        hp.Float("later", 1e-3, 1e-1, sampling="log")


def small(hp):
    for layer in range(hp.Int("layers", 1, 2)):
        hp.Choice(f"units_{layer}", [4, 8, 16])


def new(name, build, seed=0, trials=24):
    return make(name, as_space(build), seed=seed, epochs=9, trials=trials)


def score(proposal):
    return float(sum(v for n, v in proposal.values.items() if n.startswith("units")) + proposal.number % 3)


def asked_for(build, values):
    hp = keras_tuner.HyperParameters()
    hp.values = dict(values)
    build(hp)
    return {one.name for one in hp.space}


def begun(done):
    return [proposal.values for proposal in done.proposals if proposal.parent is None]


@each_algorithm
def test_every_value_that_a_trial_asks_for_is_drawn_and_no_other(rehearse, name):
    done = rehearse(new(name, tutorial), score, trials=24, places=3).run()
    for values in begun(done):
        assert set(values) == asked_for(tutorial, values)
    drawn = {one: {v[one] for v in begun(done) if one in v} for one in ("units_1", "units_2", "rate")}
    assert all(len(found) > 2 for found in drawn.values()), drawn


@each_algorithm
def test_no_two_trials_are_the_same_model(rehearse, name):
    found = [
        json.dumps(values, sort_keys=True)
        for values in begun(rehearse(new(name, small), score, trials=15).run())
    ]
    assert len(set(found)) == len(found)


@each_algorithm
@pytest.mark.parametrize("places", [1, 4])
def test_a_finite_space_is_searched_to_its_last_model_and_then_ends(rehearse, name, places):
    done = rehearse(new(name, small, trials=99), score, trials=99, places=places).run()
    units = (4, 8, 16)
    expected = [{"layers": 1, "units_0": one} for one in units]
    expected += [
        {"layers": 2, "units_0": one, "units_1": two} for one, two in itertools.product(units, repeat=2)
    ]
    assert sorted(map(str, begun(done))) == sorted(map(str, expected))
    assert done.algorithm.finished


@each_algorithm
@pytest.mark.parametrize("build", [tutorial, hidden])
@pytest.mark.parametrize("cuts", [(1, 8, 25), (2, 21, 30)])
def test_a_resumed_search_goes_on_as_if_never_stopped(rehearse, name, build, cuts):
    whole = rehearse(new(name, build, trials=20), score, trials=20, places=3).run()
    part = rehearse(new(name, build, trials=20), score, trials=20, places=3)
    for cut in cuts:
        part = part.run(cut - part.ended - len(part.past)).resumed(new(name, build, trials=20))
    assert part.run().proposals == whole.proposals


@each_algorithm
def test_what_no_build_beforehand_brings_to_light_joins_the_space(rehearse, name):
    assert "late" not in {one.name for one in as_space(hidden).hyperparameters().space}
    algorithm = new(name, hidden, trials=60)
    given = {"layers": 7, "dropout": True}
    whole = algorithm.untried(given)
    assert set(whole) == {"layers", "dropout", "late", "later"} and 1e-3 <= whole["later"] <= 1e-1
    assert {"late", "later"} <= {one.name for one in algorithm.hyperparameters.space}
    again = new(name, hidden, trials=60)
    again.restore(json.loads(json.dumps(algorithm.state())), [])
    assert [one.name for one in again.hyperparameters.space] == [
        one.name for one in algorithm.hyperparameters.space
    ]
    done = rehearse(again, score, trials=18).run()
    assert all(set(values) == asked_for(hidden, values) for values in begun(done))
    assert {past.status for past in done.past.values()} == {Status.COMPLETED}


def test_what_depends_on_a_value_gets_it_as_its_condition():
    found = {one.name: one for one in as_space(tutorial).hyperparameters().space}
    told = {name: [(c.name, c.values) for c in one.conditions] for name, one in found.items()}
    assert told == {
        "layers": [],
        "units_0": [],
        "units_1": [("layers", [2, 3])],
        "units_2": [("layers", [3])],
        "dropout": [],
        "rate": [("dropout", [True])],
        "cell": [],
    }


def test_a_long_interval_is_looked_at_by_its_ends_and_what_lies_between_is_left_open():
    def build(hp):
        for layer in range(hp.Int("layers", 2, 12)):
            hp.Int(f"units_{layer}", 4, 16)

    found = {one.name: one for one in as_space(build).hyperparameters().space}
    assert not found["units_1"].conditions
    assert [(c.name, c.values) for c in found["units_11"].conditions] == [("layers", list(range(3, 13)))]


def test_a_space_that_always_asks_for_more_ends(rehearse):
    class Endless(OwnSpace):
        asked = 0

        def build(self, hp):
            Endless.asked += 1
            hp.Int(f"units_{Endless.asked}", 4, 16)

    assert rehearse(make("random", Endless(None), seed=0, epochs=1), lambda _: 1.0, trials=2).run().proposals


def test_a_build_that_fails_leaves_its_values_to_the_trial_which_fails_too(rehearse):
    def build(hp):
        if hp.Int("layers", 1, 3) == 2:
            raise KeyError("two")
        hp.Int("units", 4, 16)

    done = rehearse(new("random", build), lambda p: None if p.values["layers"] == 2 else 1.0, trials=12).run()
    assert 2 in {values["layers"] for values in begun(done)}
