"""What every algorithm promises, whoever wrote it."""

from __future__ import annotations

import gc
import itertools
import json
import math
import subprocess
import sys
import time
import weakref
from typing import Any

import keras_tuner
import pytest

from narrows.search_spaces import StackedLSTM, UserError, as_space
from narrows.search_spaces.trial import Proposal, Trial
from narrows.tuning.algorithms import DEFAULT, make, names
from narrows.tuning.algorithms.base import trial_seed

NAMES = names()
DEEP = StackedLSTM()
FLAT = StackedLSTM(num_layers=1, units=(4, 256), bottleneck=0, learning_rate=(1e-4, 1e-1), scaling="last")
SMALL = StackedLSTM(num_layers=[1, 2], units=[8, 16], bottleneck=[0, 4], learning_rate=0.01, scaling="last")
POINT = StackedLSTM(num_layers=1, units=8, bottleneck=0, learning_rate=0.01, scaling="last")

each_algorithm = pytest.mark.parametrize("name", NAMES)
one_and_four_places = pytest.mark.parametrize("places", [1, 4])


def new(name: str, space: Any, seed: int = 0, trials: int = 24) -> Any:
    return make(name, space, seed=seed, epochs=9, trials=trials)


def smooth(proposal: Proposal) -> float:
    """The smaller the nearer to 32 units and a learning rate of 0.01."""
    values = proposal.values
    return math.log2(values["units_1"] / 32) ** 2 + math.log10(values["learning_rate"] / 0.01) ** 2


def sometimes_failing(proposal: Proposal) -> float | None:
    return None if proposal.number % 5 == 3 else smooth(proposal)


def meanings(space: Any, proposals: list[Proposal]) -> list[str]:
    """What was begun from nothing, each as its canonical values."""
    begun = [proposal.values for proposal in proposals if proposal.parent is None]
    return [str(sorted(space.canonical(values).items())) for values in begun]


@each_algorithm
@one_and_four_places
def test_no_two_trials_mean_the_same_model(rehearse, name, places):
    done = rehearse(new(name, DEEP, trials=16), smooth, trials=16, places=places).run()
    assert [proposal.number for proposal in done.proposals] == list(range(16))
    found = meanings(DEEP, done.proposals)
    assert len(set(found)) == len(found)


@each_algorithm
def test_values_are_exactly_those_that_the_space_calls_active(rehearse, name):
    for proposal in rehearse(new(name, DEEP, trials=12), smooth, trials=12).run().proposals:
        hp = keras_tuner.HyperParameters()
        hp.values = dict(proposal.values)
        DEEP.declare_hyperparameters(hp)
        hp.ensure_active_values()
        assert hp.values == proposal.values
        assert 0 <= proposal.first_epoch < proposal.epochs <= 9


@each_algorithm
@one_and_four_places
def test_a_seed_decides_the_search_and_zero_is_a_seed(rehearse, name, places):
    def searched(seed: int) -> list[Proposal]:
        return rehearse(new(name, FLAT, seed, 12), smooth, trials=12, places=places).run().proposals

    first = searched(0)
    assert first == searched(0)
    assert first != searched(1)


@each_algorithm
@pytest.mark.parametrize(("places", "cuts"), [(1, (1, 8, 25)), (4, (2, 5, 20, 27))])
def test_a_resumed_search_goes_on_as_if_never_stopped(rehearse, name, places, cuts):
    whole = rehearse(new(name, FLAT, trials=18), sometimes_failing, trials=18, places=places).run()
    part = rehearse(new(name, FLAT, trials=18), sometimes_failing, trials=18, places=places)
    for cut in cuts:
        steps = cut - part.ended - len(part.past)
        part = part.run(steps).resumed(new(name, FLAT, trials=18))
    assert part.run().proposals == whole.proposals
    assert part.past == whole.past


@each_algorithm
@pytest.mark.parametrize("cut", range(0, 40, 7))
def test_a_resumed_search_of_a_finite_space_ends_where_it_would_have(rehearse, name, cut):
    whole = rehearse(new(name, SMALL, trials=60), _by_units, trials=60, places=3).run()
    part = rehearse(new(name, SMALL, trials=60), _by_units, trials=60, places=3).run(cut)
    again = part.resumed(new(name, SMALL, trials=60)).run()
    assert again.proposals == whole.proposals
    assert again.algorithm.finished


def _by_units(proposal: Proposal) -> float | None:
    return None if proposal.number % 6 == 4 else float(proposal.values["units_1"] + proposal.number % 3)


@each_algorithm
@one_and_four_places
def test_a_finite_space_is_searched_to_its_last_combination_and_then_ends(rehearse, name, places):
    shallow = [((units,), place) for units in (8, 16) for place in (0, 1)]
    deep = [(units, place) for units in itertools.product((8, 16), repeat=2) for place in (0, 1, 2)]
    done = rehearse(new(name, SMALL, trials=99), _by_units, trials=99, places=places).run()
    found = meanings(SMALL, done.proposals)
    assert len(set(found)) == len(found) == len(shallow + deep) == 16
    assert done.algorithm.finished
    assert done.algorithm.ask() is None


@each_algorithm
def test_a_space_of_one_point_gives_one_model(rehearse, name):
    done = rehearse(new(name, POINT), lambda _: 1.0, trials=24).run()
    assert len(meanings(POINT, done.proposals)) == 1
    assert done.algorithm.finished


@each_algorithm
def test_a_search_in_which_everything_fails_goes_on(rehearse, name):
    done = rehearse(new(name, DEEP), lambda _: None, trials=40, places=4).run()
    assert len(meanings(DEEP, done.proposals)) == 40
    assert not done.algorithm.finished


@each_algorithm
@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_no_number_is_a_failure(rehearse, name, score):
    def told(proposal: Proposal) -> float:
        return score if proposal.number % 5 == 3 else smooth(proposal)

    failing = rehearse(new(name, FLAT, trials=14), sometimes_failing, trials=14).run()
    assert rehearse(new(name, FLAT, trials=14), told, trials=14).run().proposals == failing.proposals


@each_algorithm
def test_each_trial_has_a_seed_of_its_own_which_what_goes_on_from_it_shares(rehearse, name):
    done = rehearse(new(name, FLAT), smooth, trials=24).run()
    by_number = {proposal.number: proposal for proposal in done.proposals}
    for proposal in done.proposals:
        parent = proposal.parent
        alone = trial_seed(0, proposal.number)
        assert proposal.seed == (alone if parent is None else by_number[parent].seed)


@each_algorithm
def test_telling_of_a_trial_that_is_not_running_is_refused(name):
    algorithm = new(name, FLAT)
    algorithm.ask()
    with pytest.raises(ValueError, match=r"trial 5 is not running; running: \[0\]"):
        algorithm.tell(5, 1.0)


@each_algorithm
def test_running_trials_are_taken_up_lowest_first_or_given_up(rehearse, name):
    part = rehearse(new(name, FLAT), smooth, trials=24, places=4).run(4)
    again = new(name, FLAT)
    again.restore(part.algorithm.state(), list(reversed(part.past.values())))
    again.tell(1, None)
    assert [again.ask().number for _ in range(4)] == [0, 2, 3, 4]


@each_algorithm
def test_an_ordinary_hypermodel_is_searched_without_a_word_or_a_file(
    rehearse, name, capfd, tmp_path, monkeypatch
):
    def build(hp):
        kind = hp.Choice("kind", ["narrow", "wide"])
        with hp.conditional_scope("kind", ["wide"]):
            if kind == "wide":
                hp.Int("width", 16, 256, step=2, sampling="log")
                hp.Float("decay", 0.1, 0.9, sampling="reverse_log")
        hp.Boolean("bias")
        hp.Float("rate", 0.0, 1.0, step=0.25)
        hp.Fixed("depth", 3)

    monkeypatch.chdir(tmp_path)
    space = as_space(build)
    algorithm = new(name, space)
    capfd.readouterr()
    done = rehearse(algorithm, lambda p: None if p.number == 2 else p.values["rate"], trials=24).run()
    assert len(set(meanings(space, done.proposals))) == len(meanings(space, done.proposals))
    for proposal in done.proposals:
        values = proposal.values
        wide = {"width", "decay"} if values["kind"] == "wide" else set()
        assert set(values) == {"kind", "bias", "rate", "depth"} | wide
        assert values.get("width", 16) in (16, 32, 64, 128, 256)
        assert type(values.get("width", 16)) is int
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def long_search(rehearse) -> list[Trial]:
    done = rehearse(make("random", DEEP, seed=3, epochs=9), sometimes_failing, trials=5400, places=8).run()
    return list(done.past.values())


@each_algorithm
def test_a_search_of_5400_trials_is_resumed_in_seconds_from_a_small_state(name, long_search):
    algorithm = make(name, DEEP, seed=3, epochs=9, trials=6000)
    state = algorithm.state()
    assert len(json.dumps(state)) < 1000
    begin = time.perf_counter()
    algorithm.restore(state, long_search)
    assert algorithm.ask().number == 5400
    assert time.perf_counter() - begin < 5


@each_algorithm
def test_an_algorithm_that_is_let_go_is_freed(name):
    algorithm = new(name, FLAT)
    algorithm.tell(algorithm.ask().number, 1.0)
    alive = weakref.ref(algorithm)
    del algorithm
    gc.collect()
    assert alive() is None


def test_the_names_are_known_without_tensorflow():
    code = "import sys, narrows.tuning.algorithms as a; print(*a.names(), a.DEFAULT, 'keras' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split() == ["bayesian", "grid", "hyperband", "random", "tpe", DEFAULT, "False"]


def test_an_unknown_name_is_told_with_the_nearest_known_one():
    with pytest.raises(UserError) as error:
        make("hyperbnad", FLAT, seed=0, epochs=1)
    assert str(error.value) == "there is no algorithm 'hyperbnad'; did you mean 'hyperband'?"
