"""The best trials are trained again with other seeds before the answer names one of them."""

import json
import math
import shutil
from dataclasses import replace

import numpy as np
import pytest

from narrows.callbacks.recorded import RecordedTrial
from narrows.search_spaces.best import ranked, standard_error
from narrows.search_spaces.trial import GO_ON, Epoch, Outcome, Status, Trial
from narrows.tuning import tune
from narrows.tuning.answers import seeds
from narrows.tuning.answers.advice import margin
from narrows.tuning.answers.retraining import Network
from narrows.tuning.models.rebuilt import engine_of_run
from narrows.tuning.runs.arrays import load_arrays
from narrows.tuning.runs.start import held

SPACE = {"num_layers": 1, "units": [3, 5, 8], "bottleneck": 0, "learning_rate": (0.005, 0.05)}
SEARCH = {"lookback": 6, "epochs": 3, "horizon": 1, "progress": False, "algorithm": "random"}


def trial_of(number, loss, again=(), parameters=100, scaling="last", **more):
    values = {"num_layers": 1, "units_1": 8, "scaling": scaling}
    known = {"status": Status.COMPLETED, "best_val_loss": loss, "best_epoch": 1, "units": (8,)} | more
    return Trial(number, values, 3, parameters=parameters, again=tuple(again), **known)


def rewrite(store, sql, cells=()):
    store._db.execute(sql, cells)
    store._ranking.forget()


def wave(rows=400):
    t = np.arange(rows)
    return np.sin(t / 5) + 0.3 * np.sign(np.sin(t / 11)) + 0.1 * np.random.default_rng(0).normal(size=rows)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seeds") / "run"
    return tune({"v": wave()}, target="v", space=SPACE, trials=20, out=folder, **SEARCH)


@pytest.mark.parametrize(
    ("trials", "best"),
    [
        # Nothing was trained again: by loss alone.
        ([trial_of(0, 1.0), trial_of(1, 0.9)], 1),
        # The least loss was luck.
        ([trial_of(0, 0.90, [1.2, 1.2]), trial_of(1, 1.0, [1.0, 1.0])], 1),
        # Within one standard error of the least mean the smallest.
        ([trial_of(0, 0.9, [1.0, 1.1], 500), trial_of(1, 0.95, [1.0, 1.1], 50)], 1),
        ([trial_of(0, 0.9, [0.9, 0.9], 500), trial_of(1, 0.91, [0.92, 0.93], 50)], 0),
        # Of equal size the one of the least mean, then of the lowest number.
        ([trial_of(0, 0.9, [1.0, 1.1]), trial_of(1, 0.95, [1.0, 1.0])], 1),
        ([trial_of(0, 0.9, [1.0, 1.1]), trial_of(1, 1.0, [0.9, 1.1])], 0),
        # A better one that came later and was not tried yet goes before.
        ([trial_of(0, 0.9, [1.0, 1.1]), trial_of(1, 0.89)], 1),
        # One that diverged with another seed is never relied on while there are others.
        ([trial_of(0, 0.9, [0.9, None]), trial_of(1, 1.0, [1.1, 1.1])], 1),
        ([trial_of(0, 0.9, [0.9, None]), trial_of(1, 1.0)], 0),
        # Scaling last needs no margin, the others do, with seeds as without.
        ([trial_of(0, 1.0, [1.2, 1.2]), trial_of(1, 0.97, [0.97, 0.97], scaling="standard")], 0),
        ([trial_of(0, 1.0, [0.8, 0.8]), trial_of(1, 0.9, [0.9, 0.9], scaling="standard")], 0),
        # Networks whose size is not known are the largest.
        ([trial_of(0, 0.9, [1.0, 1.1], 0), trial_of(1, 0.95, [1.0, 1.1], 9000)], 1),
    ],
)
def test_the_best_is_the_smallest_within_one_standard_error_of_the_least_mean(trials, best):
    for order in (trials, trials[::-1]):
        found = ranked(order)
        assert found[0].number == best
        rest = [one.score for one in found[1:]]
        assert rest == sorted(rest), "the others stay by loss"


def test_the_standard_error_is_that_of_a_mean_with_the_spread_of_all_networks():
    rng = np.random.default_rng(0)
    losses = rng.normal(size=(3, 4)) + np.arange(3)[:, None]
    trials = [trial_of(number, row[0], row[1:].tolist()) for number, row in enumerate(losses)]
    pooled = np.sqrt(losses.var(axis=1, ddof=1).mean() / 4)
    assert standard_error(trials) == pytest.approx(pooled)
    assert standard_error(trials[:1]) == pytest.approx(losses[0].std(ddof=1) / 2)


def test_losses_beyond_all_bounds_have_a_spread_beyond_them():
    assert standard_error([trial_of(0, 1e300, [1e-3, 2.0])]) == math.inf


def test_the_margin_is_told_only_where_it_decided_not_where_seeds_did():
    smaller = [trial_of(1, 0.95, [1.0, 1.1], 50), trial_of(0, 0.9, [1.0, 1.1], 500)]
    assert margin(smaller) == []
    (said,) = margin([*smaller, trial_of(2, 0.89, scaling="standard")])
    assert said.startswith("t0002 8 has a validation loss 6.3% lower with scaling standard")
    assert margin([*smaller, trial_of(2, 0.93, scaling="standard")]) == []


def test_of_thirty_trials_three_are_tried_of_ten_one_of_nine_none(run, tmp_path):
    folder = shutil.copytree(run.folder, tmp_path / "run")
    with held(folder) as opened:
        assert [len(seeds.candidates(opened))] == [2]
        for ended, count in ((9, 0), (10, 1), (19, 1)):
            rewrite(opened.store, "UPDATE trials SET status = 'failed' WHERE number >= ?", (ended,))
            rewrite(opened.store, "UPDATE trials SET status = 'completed' WHERE number < ?", (ended,))
            assert len(seeds.candidates(opened)) == count
        rewrite(opened.store, "UPDATE trials SET status = 'completed', again = '[]'")
        best = opened.store.best(1)[0]
        assert seeds.candidates(opened)[0] == best
        # A small one that comes close has the last place; one whose weights are gone has none.
        cells = (best.score * 1.04, 1, best.number)
        rewrite(
            opened.store,
            "UPDATE trials SET best_val_loss = ?, parameters = ? WHERE number = ("
            "SELECT number FROM trials WHERE number != ? AND json_extract(\"values\", '$.scaling') = 'last' "
            "ORDER BY best_val_loss DESC LIMIT 1)",
            cells,
        )
        small = next(one for one in opened.store.trials() if one.parameters == 1)
        assert [one.number for one in seeds.candidates(opened)] == [best.number, small.number]
        opened.paths.weights(small.number).unlink()
        assert small.number not in [one.number for one in seeds.candidates(opened)]
        rewrite(opened.store, "UPDATE trials SET best_epoch = 0 WHERE number = ?", (best.number,))
        assert seeds.candidates(opened) == []


def test_a_search_trains_its_best_trials_again_and_says_what_came_of_it(run):
    again = [trial for trial in run.trials if trial.again]
    assert len(again) == 2 and all(len(trial.again) == 2 for trial in again)
    assert run.best in again
    (said,) = (one for one in run.answer["sentences"] if one.startswith("Trained with 3 different seeds"))
    assert all(f"{trial.name} {trial.mean_score:.4g} (" in said for trial in again)
    assert said.count(run.best.name) == 2
    for trial in again:
        assert {path.name for path in run.paths.all_weights(trial.number)} == {
            "weights.npz", "weights.1.npz", "weights.2.npz",
        }  # fmt: skip
    recorded = {one.number: one for one in run.recorded().trials}
    assert all(recorded[trial.number].again == trial.again for trial in again)
    assert RecordedTrial.from_json(recorded[again[0].number].to_json()).again == again[0].again
    assert run.recorded().best.number == run.best.number


def test_other_seeds_are_scored_on_the_test_part_too(run):
    engine, rows = engine_of_run(run), run.windows.parts["test"]
    told = run.answer["seeds"]
    assert len(told) == 2
    for number, scores in enumerate(told, start=1):
        z = engine.predict(
            run.best.values, load_arrays(run.paths.seed_weights(run.best.number, number)), rows
        )
        error = run.windows.raw(z, rows) - run.windows.raw_targets(rows)
        assert scores["v"]["RMSE"] == pytest.approx(np.sqrt(np.mean(error**2)))
    first, second = (f"{one['v']['RMSE']:.4g}" for one in told)
    said = f"With other random first weights (seeds) its RMSE on the test part is {first} and {second}."
    assert said in run.answer["sentences"]


def test_a_network_with_another_seed_is_what_plain_keras_trains_with_it(run):
    from narrows.tuning.engines.base import Task
    from narrows.tuning.engines.keras.training import Training
    from narrows.tuning.models.rebuilt import space_of_run

    trial = next(trial for trial in run.trials if trial.again)
    network = Network(trial, 2)
    assert network.seed not in (trial.seed, Network(trial, 1).seed)
    task = Task(0, trial.values, trial.epochs, seed=network.seed)
    outcome = Training(space_of_run(run), run.windows).train(task, lambda epoch: GO_ON)
    assert trial.again[1] == pytest.approx(outcome.best_val_loss, rel=0.01)


def test_no_confirm_trains_nothing_again(tmp_path):
    options = SEARCH | {"epochs": 1, "confirm": False}
    found = tune({"v": wave(200)}, target="v", space=SPACE, trials=10, out=tmp_path / "run", **options)
    assert not any(trial.again for trial in found.trials)
    assert not any("seeds" in said for said in found.answer["sentences"])


def test_a_search_that_goes_on_keeps_what_was_trained_again_and_trains_nothing_twice(run, tmp_path):
    folder = shutil.copytree(run.folder, tmp_path / "run")
    before = {trial.number: trial.again for trial in run.trials if trial.again}
    done = dict(run.store._db.execute("SELECT key, training FROM trainings"))
    more = tune({"v": wave()}, target="v", space=SPACE, trials=22, keep=2, out=folder, **SEARCH)
    after = {trial.number: trial.again for trial in more.trials if trial.again}
    assert {number: after[number] for number in before} == before
    assert done.items() <= dict(more.store._db.execute("SELECT key, training FROM trainings")).items()
    assert set(after) <= more.paths.with_weights()


class Made:
    """An engine that dies after some trainings; its losses are made from seeds."""

    def __init__(self, run, dies_at=99):
        real = engine_of_run(run)
        self.space, self.windows, self.dies_at, self.trained = real.space, real.windows, dies_at, []

    def train(self, ask, report, end):
        while task := ask():
            if len(self.trained) == self.dies_at:
                raise KeyboardInterrupt
            self.trained.append(task.seed)
            loss = 1 + task.seed % 1000 / 1000
            report(Epoch(task.number, 1, loss, loss, 0.01, 1.0))
            end(Outcome(task.number, Status.COMPLETED, best_epoch=1, best_val_loss=loss))


def untried(run, folder):
    shutil.copytree(run.folder, folder)
    with held(folder) as opened:
        rewrite(opened.store, "UPDATE trials SET again = '[]'")
        rewrite(opened.store, "DELETE FROM trainings")
    return folder


def test_killed_in_the_middle_it_goes_on_to_the_same_end(run, tmp_path):
    with held(untried(run, tmp_path / "whole")) as whole:
        engine = Made(whole)
        seeds.train_again(whole, engine, lambda said: None)
        expected = [trial.again for trial in whole.trials]
    with held(untried(run, tmp_path / "killed")) as killed:
        for _ in range(3):
            with pytest.raises(KeyboardInterrupt):
                seeds.train_again(killed, Made(killed, dies_at=1), lambda said: None)
            assert not any(trial.again for trial in killed.trials)
        seeds.train_again(killed, last := Made(killed), lambda said: None)
        assert [trial.again for trial in killed.trials] == expected
    assert len(engine.trained) == 4 and last.trained == engine.trained[3:]


def test_when_the_time_is_over_nothing_is_told_of_trials_that_were_not_all_tried(run, tmp_path):
    with held(untried(run, tmp_path / "late")) as late:
        engine = Made(late)
        seeds.train_again(late, engine, lambda said: None, until=-math.inf)
        assert engine.trained == [] and not any(trial.again for trial in late.trials)


def test_sentences_say_which_one_is_taken_and_why():
    small = trial_of(3, 0.95, [1.0, 1.1], 50)
    (said,) = seeds.sentences([trial_of(0, 0.9, [1.0, 1.1], 500), small])
    assert said == (
        "Trained with 3 different seeds, validation loss as mean and range: t0000 8 1 (0.9 to 1.1); t0003 8 "
        "1.017 (0.95 to 1.1). t0003 8 is the smallest network within one standard error (0.051) of the least "
        "mean."
    )
    (said,) = seeds.sentences([trial_of(0, 0.9, [0.91, 0.92], 500), small])
    assert said.endswith("t0000 8 has the least mean.")
    (said,) = seeds.sentences([trial_of(0, 0.9, [0.91, 0.92])])
    assert said.endswith("t0000 8 0.91 (0.9 to 0.92).")
    assert seeds.sentences([trial_of(0, 0.9), replace(small, number=1)]) == []
    assert seeds.sentences([]) == []
    (said,) = seeds.sentences([trial_of(0, 0.9, [0.9, None])])
    assert said == "t0000 8 diverged when it was trained again with another seed: do not rely on it."


def test_one_training_of_each_trial_that_decided_is_called_luck():
    trials = [trial_of(number, 1.0 + number) for number in range(10)]
    (said,) = seeds.by_one_loss(trials[:9])
    assert said == (
        "t0000 8 is the best by one training of each trial, which is partly luck. A search of 10 trials or "
        "more trains its best ones again with other seeds: a larger --trials goes on with this one."
    )
    (said,) = seeds.by_one_loss(trials)
    assert said.endswith("a larger --trials, with more --minutes and without --no-confirm, makes up for it.")
    assert seeds.by_one_loss(trials[:1]) == [], "there was nothing to decide"
    assert seeds.by_one_loss([trial_of(0, 1.0, [1.0, 1.1]), trials[1]]) == []
    assert seeds.by_one_loss([trial_of(0, 1.0, best_epoch=0), trials[1]]) == [], (
        "a linear forecast has no luck"
    )


def test_the_trial_itself_counts_with_the_mean_of_its_two_losses_among_its_seeds():
    lucky = trial_of(0, 0.9, [1.05, 1.05], 50)
    trials = [lucky, trial_of(1, 1.0, [1.0, 1.02], 500)]
    assert ranked(trials)[0].number == 0
    repeated = replace(lucky, repeated=(1.3,))
    assert repeated.mean_score == pytest.approx((1.1 + 1.05 + 1.05) / 3)
    assert ranked([repeated, trials[1]])[0].number == 1


def test_what_diverged_is_kept_as_such(run, tmp_path):
    with held(untried(run, tmp_path / "run")) as opened:
        opened.store.set_again(3, [0.5, None])
        assert opened.store.trial(3).again == (0.5, None) and opened.store.trial(3).mean_score is None
        assert json.loads(opened.recorded_trial(opened.store.trial(3)).to_json())["again"] == [0.5, None]
