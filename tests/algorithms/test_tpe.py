"""TPE: better than chance, and Optuna asked so that nothing but the trials matters."""

from __future__ import annotations

import math
import statistics

import optuna
import pytest

from narrows.search_spaces import StackedLSTM
from narrows.tuning.algorithms import make, tpe
from narrows.tuning.algorithms._starts import simple_stacks

FLAT = StackedLSTM(num_layers=1, units=(4, 256), bottleneck=0, learning_rate=(1e-4, 1e-1), scaling="last")
DEEP = StackedLSTM()


def smooth(proposal):
    values = proposal.values
    return math.log(values["units_1"] / 40, 8) ** 2 + math.log10(values["learning_rate"] / 0.005) ** 2


def conditional(proposal):
    values = proposal.values
    depth = (values["num_layers"] - 2) ** 2
    return smooth(proposal) + depth + math.log(values.get("units_2", 4) / 16, 8) ** 2


def best(rehearse, name, space, score, seed, places=1):
    done = rehearse(make(name, space, seed=seed, epochs=1), score, trials=50, places=places).run()
    return min(score(proposal) for proposal in done.proposals)


@pytest.mark.parametrize(("space", "score"), [(FLAT, smooth), (DEEP, conditional)])
@pytest.mark.parametrize("places", [1, 4])
def test_it_beats_random_search_on_a_smooth_bowl(rehearse, space, score, places):
    model = [best(rehearse, "tpe", space, score, seed, places) for seed in range(5)]
    random = [best(rehearse, "random", space, score, seed, places) for seed in range(5)]
    assert statistics.median(model) < 0.5 * statistics.median(random)


def test_it_keeps_away_from_where_trials_fail(rehearse):
    def fragile(proposal):
        return None if proposal.values["learning_rate"] > 0.01 else 1.0

    def failures(name):
        done = rehearse(make(name, FLAT, seed=0, epochs=1), fragile, trials=80).run()
        return sum(past.status == "failed" for past in done.past.values() if past.number >= 20)

    assert failures("tpe") < 0.5 * failures("random")


def test_it_is_random_after_the_simplest_stacks_until_ten_trials_have_completed(rehearse):
    def mostly_failing(proposal):
        return None if proposal.number % 2 else smooth(proposal)

    model, random = (
        rehearse(make(name, FLAT, seed=0, epochs=1), mostly_failing, trials=21).run().proposals
        for name in ("tpe", "random")
    )
    begun = len(simple_stacks(FLAT.hyperparameters().space))
    assert begun == 1 and model[begun:19] == random[begun:19]
    assert model[19] != random[19]


def test_the_model_sees_the_best_the_newest_and_the_running_trials(rehearse):
    done = rehearse(make("random", FLAT, seed=0, epochs=1), lambda p: float(p.number), trials=600).run()
    algorithm = make("tpe", FLAT, seed=0, epochs=1)
    algorithm.restore({}, list(done.past.values()))
    completed, failed = algorithm.history(tpe.BEST, tpe.NEWEST)
    assert [int(trial.trial_id) for trial in completed] == [*range(tpe.BEST), *range(600 - tpe.NEWEST, 600)]
    assert failed == []
    assert [algorithm.ask().number for _ in range(3)] == [600, 601, 602]
    assert [trial.trial_id for trial in algorithm.running()] == ["600", "601", "602"]


def test_a_model_is_made_of_no_more_trials_however_many_run(rehearse, monkeypatch):
    done = rehearse(make("random", DEEP, seed=0, epochs=1), conditional, trials=40).run()
    algorithm = make("tpe", DEEP, seed=0, epochs=1)
    algorithm.restore({}, list(done.past.values()))
    seen, sample = [], algorithm._sample
    monkeypatch.setattr(algorithm, "_sample", lambda known, seed: seen.append(known) or sample(known, seed))
    monkeypatch.setattr(tpe, "RUNNING", 5)
    numbers, known = [], []
    for _ in range(9):
        numbers.append(algorithm.ask().number)
        known.append([one.number for one in seen[-1] if not one.state.is_finished()])
    assert known == [numbers[max(count - 5, 0) : count] for count in range(9)]


def test_hyperparameters_that_the_same_trials_had_are_drawn_together(rehearse):
    algorithm = make("tpe", DEEP, seed=0, epochs=1)
    rehearse(algorithm, conditional, trials=60).run()
    known = [algorithm._freeze(trial) for trial in algorithm.history(tpe.BEST, tpe.NEWEST)[0]]
    always = {"num_layers", "units_1", "bottleneck", "learning_rate", "scaling"}
    groups = {name: set(group) for name, group in algorithm._groups(known).items()}
    assert groups["learning_rate"] == always == groups["units_1"]
    assert groups["units_2"] == {"units_2"} and groups["units_3"] == {"units_3"}


def test_what_no_known_trial_had_is_drawn_from_all_of_its_interval(rehearse):
    done = rehearse(make("random", DEEP, seed=0, epochs=1), conditional, trials=60).run()
    shallow = [past for past in done.past.values() if past.values["num_layers"] == 1]
    algorithm = make("tpe", DEEP, seed=0, epochs=1)
    algorithm.restore({}, shallow)
    assert len(shallow) >= tpe.STARTUP
    known = [algorithm._freeze(trial) for trial in algorithm.history(tpe.BEST, tpe.NEWEST)[0]]
    drawn = [algorithm._sample(known, seed) for seed in range(60)]
    second = [values["units_2"] for values in drawn if values["num_layers"] > 1]
    assert 4 <= min(second) < max(second) <= 64


def test_the_users_own_optuna_is_left_as_it_was(rehearse, capfd):
    before = optuna.logging.get_verbosity()
    rehearse(make("tpe", FLAT, seed=0, epochs=1), smooth, trials=12).run()
    assert optuna.logging.get_verbosity() == before
    assert capfd.readouterr() == ("", "")
