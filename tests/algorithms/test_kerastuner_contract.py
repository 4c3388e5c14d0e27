"""What KerasTuner's own tests ask of its oracles, asked of every algorithm here.

What does not hold is meant so, and is held to by a test as well:

- a trial that failed is not tried again: its seed makes it fail in the same way;
- failures in a row do not end a search: an interval whose one end diverges would end most of them;
- scores are losses, always minimised; what is to be maximised is told as its negative;
- one score a trial: of several objectives the model's loss makes one;
- `ask` gives a new trial to whoever asks: the search keeps one for each free place;
- Hyperband's sweeps follow each other until the caller stops, so `ask` is never idle while it can draw.

`test_algorithm_contract` has what these algorithms promise beyond KerasTuner.
"""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter

import keras_tuner
import pytest

from narrows.search_spaces import as_space
from narrows.tuning.algorithms import make, names

NAMES = names()
each_algorithm = pytest.mark.parametrize("name", NAMES)


def new(name, declare, *, seed=0, epochs=1, trials=None):
    return make(name, as_space(declare), seed=seed, epochs=epochs, trials=trials)


def mixed(hp):
    """One hyperparameter of each kind."""
    hp.Choice("words", ["adam", "sgd", "rmsprop"])
    hp.Choice("wholes", [9, 0, 4])
    hp.Choice("numbers", [0.5, -1.5, 2.0], ordered=False)
    hp.Choice("flags", [False, True])
    hp.Boolean("flag", default=True)
    hp.Int("whole", 3, 10, default=4)
    hp.Int("stepped", -10, 10, step=7)
    hp.Int("doubling", 2, 32, step=2, sampling="log")
    hp.Int("logarithmic", 2, 32, sampling="log")
    hp.Float("number", -1.0, 1.0)
    hp.Float("tenths", 0.0, 1.0, step=0.1)
    hp.Float("thirds", 0.0, 10.0, step=3.0)
    hp.Float("decades", 0.01, 100.0, step=10, sampling="log")
    hp.Float("rate", 1e-5, 1e-2, sampling="log")
    hp.Float("decay", 0.5, 0.999, sampling="reverse_log")
    hp.Float("point", 2.0, 2.0)
    hp.Int("dot", 7, 7)
    hp.Choice("only", ["mse"])
    hp.Fixed("fixed", "mae")
    hp.Fixed("true", True)
    hp.Fixed("tenth", 0.1)


ALLOWED = {
    "words": {"adam", "sgd", "rmsprop"},
    "wholes": {9, 0, 4},
    "numbers": {0.5, -1.5, 2.0},
    "flags": {0, 1},  # KerasTuner's `Choice` takes them for whole numbers
    "flag": {False, True},
    "whole": set(range(3, 11)),
    "stepped": {-10, -3, 4},
    "doubling": {2, 4, 8, 16, 32},
    "logarithmic": set(range(2, 33)),
    "tenths": {0.1 * tenth for tenth in range(11)},
    "thirds": {0.0, 3.0, 6.0, 9.0},
    "decades": {0.01, 0.1, 1.0, 10.0, 100.0},
    "point": {2.0},
    "dot": {7},
    "only": {"mse"},
    "fixed": {"mae"},
    "true": {True},
    "tenth": {0.1},
}
ENDS = {"number": (-1.0, 1.0), "rate": (1e-5, 1e-2), "decay": (0.5, 0.999)}


def by_number(proposal):
    """A score that repeats itself, is negative and zero, and fails now and then."""
    return None if proposal.number % 7 == 5 else float(proposal.number % 5 - 2)


# Values


@each_algorithm
@pytest.mark.parametrize("score", [by_number, lambda _: 0.0, lambda p: -1e30 * (p.number % 3)])
def test_values_are_of_the_kind_and_among_the_steps_that_were_declared(rehearse, name, score):
    done = rehearse(new(name, mixed, trials=24), score, trials=24, places=3).run()
    hp = keras_tuner.HyperParameters()
    mixed(hp)
    for proposal in done.proposals:
        assert list(proposal.values) == [one.name for one in hp.space]
        for name_of, value in proposal.values.items():
            assert type(value) is type(hp.values[name_of])
            if name_of in ENDS:
                low, high = ENDS[name_of]
                assert low <= value <= high
            else:
                assert any(value == pytest.approx(allowed) for allowed in ALLOWED[name_of]), name_of


@each_algorithm
def test_all_options_of_a_choice_are_drawn(rehearse, name):
    done = rehearse(new(name, mixed), by_number, trials=40).run()
    for option in ("words", "wholes", "numbers", "flags", "flag"):
        assert {proposal.values[option] for proposal in done.proposals} == ALLOWED[option]


# Scopes


def same_name_in_two_scopes(hp):
    hp.Choice("model", ["small", "large"])
    hp.Int("units", 1, 4, parent_name="model", parent_values=["small"])
    hp.Int("units", 100, 400, step=100, parent_name="model", parent_values=["large"])
    hp.Choice("kind", ["a", "b"], parent_name="model", parent_values="small")
    hp.Choice("kind", ["c", "d"], parent_name="model", parent_values="large")


@each_algorithm
@pytest.mark.parametrize("places", [1, 3])
def test_a_name_in_two_scopes_has_the_values_of_the_one_that_holds(rehearse, name, places):
    done = rehearse(
        new(name, same_name_in_two_scopes),
        lambda p: float(p.values["units"] % 7),
        trials=16,
        places=places,
    ).run()
    found = {(p.values["model"], p.values["units"], p.values["kind"]) for p in done.proposals}
    small = set(itertools.product(["small"], [1, 2, 3, 4], ["a", "b"]))
    large = set(itertools.product(["large"], [100, 200, 300, 400], ["c", "d"]))
    assert found <= small | large
    assert len({model for model, _, _ in found}) == 2
    if name != "hyperband":
        assert found == small | large, "sixteen trials are all of them"


def nested(hp):
    model = hp.Choice("model", ["cnn", "mlp"])
    with hp.conditional_scope("model", ["cnn"]):
        if model == "cnn":
            pooling = hp.Choice("pooling", ["max", "mean"])
            with hp.conditional_scope("pooling", ["mean"]):
                if pooling == "mean":
                    hp.Int("mean_size", 2, 3)
    with hp.conditional_scope("model", ["mlp"]):
        if model == "mlp":
            with hp.name_scope("mlp"):
                hp.Int("layers", 1, 2)
    more = hp.Boolean("more")
    with hp.conditional_scope("more", [True]):
        if more:
            hp.Choice("block", [1, 2])
    hp.Boolean("last", parent_name="more", parent_values=[False])


def nested_values():
    """Every combination of `nested`, by a plain loop."""
    models = [{"model": "cnn", "pooling": "max"}]
    models += [{"model": "cnn", "pooling": "mean", "mean_size": size} for size in (2, 3)]
    models += [{"model": "mlp", "mlp/layers": layers} for layers in (1, 2)]
    ends = [{"more": True, "block": block} for block in (1, 2)]
    ends += [{"more": False, "last": last} for last in (True, False)]
    return [model | end for model in models for end in ends]


@each_algorithm
@pytest.mark.parametrize("places", [1, 3])
def test_nested_scopes_are_all_found_and_searched_to_the_last_combination(rehearse, name, places):
    done = rehearse(new(name, nested), by_number, trials=99, places=places).run()
    found = Counter(str(sorted(p.values.items())) for p in done.proposals if p.parent is None)
    assert found == Counter(str(sorted(values.items())) for values in nested_values())
    assert done.algorithm.finished


def five_options(hp):
    hp.Choice("units_1", [2, 4])
    hp.Boolean("dropout", default=True)
    hp.Choice("units_2", [1, 3])
    hp.Choice("optimizer", ["adam", "sgd", "rmsprop"])
    hp.Fixed("loss", "mse")


@each_algorithm
def test_options_are_searched_to_the_last_combination(rehearse, name):
    done = rehearse(new(name, five_options), by_number, trials=99).run()
    found = Counter(tuple(p.values.values()) for p in done.proposals if p.parent is None)
    wanted = itertools.product([2, 4], [True, False], [1, 3], ["adam", "sgd", "rmsprop"], ["mse"])
    assert found == Counter(wanted)
    assert done.algorithm.ask() is None


def test_a_grid_has_ten_values_of_a_float_and_no_default_beside_them(rehearse):
    def declare(hp):
        hp.Int("whole", 1, 5)
        hp.Float("number", 1.0, 2.0)

    done = rehearse(new("grid", declare), by_number, trials=99).run()
    assert len(done.proposals) == 5 * 10, "KerasTuner's has eleven: the middles of ten parts, and the default"


# What a trial that is running, ended or failed means


@each_algorithm
def test_what_is_running_is_not_given_out_again(name):
    algorithm = new(name, five_options)
    asked = [algorithm.ask() for _ in range(9)]
    assert len({str(proposal.values) for proposal in asked}) == 9
    assert [proposal.number for proposal in asked] == list(range(9)), "whoever asks gets another one"


@each_algorithm
@pytest.mark.parametrize("score", [None, math.nan, math.inf])
def test_a_trial_that_failed_is_not_tried_again(rehearse, name, score):
    done = rehearse(new(name, five_options), lambda _: score, trials=99, places=2).run()
    assert len(done.proposals) == len({str(proposal.values) for proposal in done.proposals}) == 24
    assert done.algorithm.finished


@each_algorithm
def test_failures_in_a_row_do_not_end_a_search(rehearse, name):
    def score(proposal):
        return None if proposal.number < 20 else proposal.values["number"]

    done = rehearse(new(name, mixed), score, trials=40).run()
    assert len(done.proposals) == 40
    assert not done.algorithm.finished


@each_algorithm
def test_a_trial_is_ended_once_and_only_when_it_was_given_out(name):
    algorithm = new(name, mixed)
    number = algorithm.ask().number
    for unknown in (number + 1, -1):
        with pytest.raises(ValueError, match=f"trial {unknown} is not running"):
            algorithm.tell(unknown, 1.0)
    algorithm.tell(number, 1.0)
    with pytest.raises(ValueError, match=f"trial {number} is not running; running: \\[\\]"):
        algorithm.tell(number, 0.5)


# Reload


@each_algorithm
@pytest.mark.parametrize("declare", [mixed, same_name_in_two_scopes, nested])
@pytest.mark.parametrize("cut", [0, 1, 9, 23])
def test_a_search_is_reloaded_with_what_was_running(rehearse, name, declare, cut):
    whole = rehearse(new(name, declare, trials=20), by_number, trials=20, places=3).run()
    part = rehearse(new(name, declare, trials=20), by_number, trials=20, places=3).run(cut)
    again = part.resumed(new(name, declare, trials=20)).run()
    assert again.proposals == whole.proposals
    assert json.loads(json.dumps(again.algorithm.state())) == json.loads(json.dumps(whole.algorithm.state()))


# What is better


def polynomial(proposal):
    values = proposal.values
    return -(-(values["a"] ** 3) + values["b"] ** 3 + values["c"] - abs(values["d"]))


def cube(hp):
    for axis in "abcd":
        hp.Float(axis, -1.0, 1.0)


def test_a_maximum_told_as_its_negative_is_found(rehearse):
    """The largest sum is 3, at (-1, 1, 1, 0)."""
    done = rehearse(new("bayesian", cube, trials=50), polynomial, trials=50).run()
    best = min(done.proposals, key=polynomial)
    assert -polynomial(best) > 2.6
    wanted = {"a": -1.0, "b": 1.0, "c": 1.0, "d": 0.0}
    assert best.values == pytest.approx(wanted, abs=0.2)


@pytest.mark.parametrize("name", ["tpe", "bayesian"])
def test_the_best_is_found_by_four_places_at_once(rehearse, name):
    """The smallest score is -1, at a = 4, b = 1, c = 1e-3."""

    def declare(hp):
        hp.Int("a", 0, 10)
        hp.Float("b", -1.0, 1.0, step=0.1)
        hp.Float("c", 1e-5, 1e-2, sampling="log")

    def score(proposal):
        values = proposal.values
        return abs(values["a"] - 4) - values["b"] + 0.1 * abs(3 + math.log10(values["c"]))

    done = rehearse(new(name, declare, trials=60), score, trials=60, places=4).run()
    best = min(done.proposals, key=score)
    assert score(best) < -0.7
    assert best.values["a"] == 4
    assert -4.5 < math.log10(best.values["c"]) < -1.5


@pytest.mark.parametrize("name", ["tpe", "bayesian"])
def test_what_is_learnt_points_to_the_side_of_low_scores(rehearse, name):
    def declare(hp):
        hp.Int("a", -100, 100)

    done = rehearse(new(name, declare, trials=30), lambda p: -p.values["a"], trials=30).run()
    later = [proposal.values["a"] for proposal in done.proposals[15:]]
    assert sum(value > 0 for value in later) > 0.8 * len(later)


@each_algorithm
def test_equal_scores_do_not_stop_or_blind_a_search(rehearse, name):
    done = rehearse(new(name, cube, trials=30), lambda _: 0.0, trials=30, places=2).run()
    assert len(done.proposals) == 30
    for axis in "abcd":
        values = [proposal.values[axis] for proposal in done.proposals]
        assert min(values) < 0 < max(values)


# Hyperband


def sizes(epochs):
    """Trials by (bracket, round) of one sweep: Li et al. (2018), with a third kept in each round.

    Bracket s of s_max begins with ceil((s_max + 1) / (s + 1) 3^s) trials of epochs / 3^s epochs.
    """
    last = int(math.log(epochs, 3) + 1e-9)
    return {
        (bracket, place): math.ceil((last + 1) / (bracket + 1) * 3 ** (bracket - place))
        for bracket in range(last + 1)
        for place in range(bracket + 1)
    }


@pytest.mark.parametrize("epochs", [1, 3, 9, 27, 81])
def test_a_sweep_has_the_brackets_of_the_paper(rehearse, epochs):
    wanted = Counter()
    for (bracket, place), size in sizes(epochs).items():
        end = epochs // 3 ** (bracket - place)
        wanted[end // 3 if place else 0, end] += size
    total = sum(wanted.values())
    done = rehearse(new("hyperband", mixed, epochs=epochs), lambda p: float(p.number), trials=total).run()
    assert Counter((proposal.first_epoch, proposal.epochs) for proposal in done.proposals) == wanted


def test_first_rounds_run_side_by_side_and_a_promotion_waits_until_it_is_sure():
    algorithm = new("hyperband", cube, epochs=9)
    asked = [algorithm.ask() for _ in range(17)]
    assert [proposal.epochs for proposal in asked] == [1] * 9 + [3] * 5 + [9] * 3
    for proposal in asked[:6]:
        algorithm.tell(proposal.number, float(proposal.number))
    assert algorithm.ask().parent is None, "three of nine are unknown, and might all be better"
    algorithm.tell(6, 6.0)
    promoted = algorithm.ask()
    assert (promoted.parent, promoted.first_epoch, promoted.epochs) == (0, 1, 3)
    assert promoted.values == asked[0].values
    assert promoted.seed == asked[0].seed
