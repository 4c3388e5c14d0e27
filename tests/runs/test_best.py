"""Store, run, record, display and the weights that are kept agree on the best trial, always."""

import random
from dataclasses import replace

import numpy as np
import pytest

from narrows.callbacks.recorded import RecordedSearch, RecordedTrial
from narrows.search_spaces.best import ranked
from narrows.search_spaces.trial import Outcome, Status, Trial
from narrows.tuning.job import Job
from narrows.tuning.progress.base import Progress
from narrows.tuning.runs.start import started
from narrows.tuning.watchers import Telling
from narrows.tuning.watchers.drop_weights import DropWeights
from narrows.tuning.watchers.weights import KeepWeights


@pytest.fixture
def run(tmp_path):
    job = Job("synthetic:trend,rows=200", trials=2)
    prepared = job.prepare()
    with started(tmp_path / "run", job.describe(prepared), prepared.series) as made:
        yield made


def a_trial(luck, number):
    """Losses are so near each other that the margin decides often; some fail, with a loss or without."""
    scaling = luck.choice(["last", "standard", "none", None])
    status = luck.choice([Status.COMPLETED] * 6 + [Status.STOPPED] * 2 + [Status.FAILED])
    loss = None if luck.random() < 0.1 else round(luck.uniform(0.9, 1.05), 2)
    if loss is None:
        status = Status.FAILED
    return Trial(
        number,
        {"units_1": 8} | ({"scaling": scaling} if scaling else {}),
        epochs=1,
        status=status,
        units=(8,),
        best_val_loss=loss,
        best_epoch=0 if loss is None else 1,
    )


def outcome(trial):
    weights = [np.full(3, float(trial.number))]
    return Outcome(trial.number, trial.status, "", weights, trial.best_epoch, trial.best_val_loss or np.nan)


@pytest.mark.parametrize("keep", [1, 2, 5])
@pytest.mark.parametrize("seed", range(4))
def test_all_that_name_a_best_trial_name_the_same_one_and_its_weights_are_there(run, seed, keep):
    luck, told, progress = random.Random(seed), [], Progress()
    progress.start(run, 40)
    telling = Telling(run.store, [KeepWeights(run, keep), DropWeights(run, keep), progress])
    for number in luck.sample(range(40), 40):  # they do not end in the order of their numbers
        trial = a_trial(luck, number)
        told.append(trial)
        telling.ended(trial, outcome(trial), {})
        telling.wait()
        expected = [one.number for one in ranked(told)]
        for count in (1, keep, 99):
            assert [one.number for one in run.store.best(count)] == expected[:count]
        recorded = run.recorded()
        assert [one.number for one in recorded.ranked] == expected
        named = [run.best, recorded.best, progress.best]
        assert [one and one.number for one in named] == [next(iter(expected), None)] * 3
        assert run.paths.with_weights() == set(expected[:keep]), "and no others"
        if expected:
            assert run.weights(run.trial())[0][0] == expected[0]
            assert run.best.name in run.state
    telling.close()


@pytest.mark.parametrize("seed", range(4))
def test_the_best_trial_has_its_weights_also_where_trials_pause_before_they_end(run, seed):
    luck, paused = random.Random(seed), []
    telling = Telling(run.store, [KeepWeights(run, 2), DropWeights(run, 2)])
    for number in range(40):
        trial = a_trial(luck, number)
        if trial.score is not None and luck.random() < 0.5:
            known = vars(trial)
            paused.append(trial)
            trial = Trial(**known | {"status": Status.PAUSED})
        telling.ended(trial, outcome(trial), {})
        while paused and luck.random() < 0.4:
            trial = paused.pop(luck.randrange(len(paused)))
            telling.ended(trial, outcome(trial), {})
        telling.wait()
        assert {one.number for one in run.store.best(2)} <= run.paths.with_weights()
        if run.best:
            assert run.weights(run.best)[0][0] == run.best.number
    telling.close()


def test_a_record_that_was_written_and_read_has_the_same_best_trial():
    luck = random.Random(0)
    trials = [RecordedTrial.of(a_trial(luck, number), None) for number in range(30)]
    again = tuple(RecordedTrial.from_json(one.to_json()) for one in trials)
    expected = [one.number for one in ranked(trials)]
    assert [one.number for one in RecordedSearch("again", "mse", (), again).ranked] == expected
    losses = [one.score for one in ranked(trials)]
    assert losses[0] > losses[1], "the margin decided"


@pytest.mark.parametrize("seed", range(4))
def test_a_trial_whose_repeat_had_another_loss_has_its_rank_by_both_everywhere(run, seed):
    luck = random.Random(seed)
    trials = [a_trial(luck, number) for number in range(40)]
    for trial in trials:
        run.store.end(trial, {})
    for number in luck.sample(range(40), 6):
        trials[number] = replace(trials[number], repeated=(luck.choice([0.5, 0.97, 1.5, np.nan]),))
        run.store.set_repeated(number, trials[number].repeated)
    expected = [one.number for one in ranked(trials)]
    assert [one.number for one in run.recorded().ranked] == expected
    for count in (1, 2, 5, 99):
        assert [one.number for one in run.store.best(count)] == expected[:count]
