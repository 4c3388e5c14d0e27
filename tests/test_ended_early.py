"""Successive halving in a search: the same table on any number of places, however fast, killed anywhere."""

import heapq
import math
import random

import numpy as np
import pytest

import narrows.tuning.engines.fused.engine as fused_engine
from narrows.search_spaces.errors import UserError
from narrows.search_spaces.trial import Epoch, Outcome, Status
from narrows.tuning import algorithms, engines, tune
from narrows.tuning.engines._waiting import Waiting
from narrows.tuning.engines.base import Engine, Judge
from narrows.tuning.job import Job
from narrows.tuning.progress.base import Progress
from narrows.tuning.series.epoch_rows import training_steps
from narrows.tuning.watchers.measures import Measures

SPACE = {"num_layers": [1, 2], "units": (1, 64), "bottleneck": 0, "scaling": ["standard", "last"]}


class Raced(Engine):
    """Trains nothing: losses are a formula of a trial's values, and how long its epochs take is luck."""

    places, luck = 1, 0

    def train(self, ask, report, end):
        luck = random.Random(self.luck)
        now, queue, waiting, running = 0.0, [], Waiting(), 0

        def begin(trial, judge, speed):
            heapq.heappush(queue, (now + speed * luck.uniform(0.5, 2), trial.number, trial, judge, speed))

        while True:
            while running < self.places + len(waiting) and (trial := ask()) is not None:
                begin(trial, Judge(trial), luck.lognormvariate(0, 2))
                running += 1
            if not running:
                return
            now, number, trial, judge, speed = heapq.heappop(queue)
            epoch = judge.last + 1
            loss = curve(trial.values, epoch)
            told = Epoch(number, epoch, loss, loss, 0.1, 0.01)
            judge.sees(told, list)
            waiting.add(number, (trial, judge, speed), report(judge.told(told, list)))
            for (trial, judge, speed), decision in waiting.decided():
                judge.obeys(decision)
                if judge.status is None:
                    begin(trial, judge, speed)
                    continue
                running -= 1
                weights = [np.full(self.space.parameters(trial.values), float(judge.best_epoch))]
                found = judge.status, judge.reason, weights, judge.best_epoch, judge.best_val_loss
                end(Outcome(trial.number, *found))

    def predict(self, values, weights, rows):
        return np.zeros((len(rows), *self.windows.output_shape), np.float32)


def curve(values, epoch):
    """Curves cross, some diverge, and some get no better."""
    own = random.Random(repr(sorted(values.items())))
    level, height, rate, end = own.random(), own.expovariate(1), own.expovariate(3), own.randrange(90)
    return math.nan if epoch == end else level + height * math.exp(-rate * epoch) + 1e-3 * own.random()


@pytest.fixture
def raced(monkeypatch):
    monkeypatch.setattr(engines, "make", lambda name, *rest: Raced(*rest))
    monkeypatch.setattr(engines, "refusal", lambda *_: "")
    monkeypatch.setattr(Measures, "of", lambda _: None)
    monkeypatch.setattr("narrows.tuning.answers.concluding.measure_best", lambda *_: [])
    monkeypatch.setattr("narrows.tuning.answers.answer.units_of", lambda *_: None)
    monkeypatch.setattr("narrows.tuning.prepared.default_rung", lambda *_: 2)

    def run(folder, places=1, luck=0, **options):
        monkeypatch.setattr(Raced, "places", places)
        monkeypatch.setattr(Raced, "luck", luck)
        known = {"space": SPACE, "epochs": 30, "patience": 6, "trials": 40, "algorithm": "random"}
        return tune("synthetic:trend,rows=200", out=folder, **(known | options))

    return run


def table(run):
    def epochs(number):
        return [(one.epoch, one.val_loss) for one in run.store.epochs(number) if one.finite]

    return [
        (
            row.number,
            row.status,
            row.reason,
            row.values,
            row.best_val_loss,
            row.best_epoch,
            epochs(row.number),
        )
        for row in run.trials
    ]


def ended_early(run):
    return [row for row in run.trials if row.reason.startswith("ended early after epoch ")]


class Interrupts(Progress):
    """Presses Ctrl-C after a number of epochs."""

    def __init__(self, after):
        self.left = after

    def epoch(self, epoch):
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


@pytest.mark.parametrize("algorithm", ["random", "grid"])
def test_who_ends_early_is_the_same_on_any_number_of_places(raced, tmp_path, algorithm):
    whole = raced(tmp_path / "one", algorithm=algorithm)
    found = table(whole)
    assert {row.status for row in whole.trials} == {Status.STOPPED, Status.COMPLETED, Status.FAILED}
    assert len(ended_early(whole)) > 15
    for places, luck in [(2, 1), (2, 2), (3, 3), (8, 4), (8, 5), (40, 6)]:
        run = raced(tmp_path / f"{places} {luck}", places, luck, algorithm=algorithm)
        assert table(run) == found
        # As it is kept: in sentences, commands name the folder of the run.
        assert run.store.meta("answer") == whole.store.meta("answer")


@pytest.mark.parametrize("algorithm", ["tpe", "bayesian"])
def test_what_learns_from_ended_trials_is_the_same_on_as_many_places_as_its_lag_allows(
    raced, tmp_path, algorithm
):
    whole = raced(tmp_path / "one", algorithm=algorithm)
    assert len(ended_early(whole)) > 10
    for luck in (1, 2):
        assert table(raced(tmp_path / str(luck), 2, luck, algorithm=algorithm)) == table(whole)


@pytest.mark.parametrize("algorithm", ["random", "tpe"])
@pytest.mark.parametrize("seed", range(4))
def test_a_search_killed_anywhere_ends_the_same_trials_wherever_it_goes_on(
    raced, monkeypatch, tmp_path, algorithm, seed
):
    # Half of them go on inside their trials, from states that are older or newer than what was told last.
    monkeypatch.setattr("narrows.tuning.search.KEEP_SECS", 0.05 * (seed % 2 or math.inf))
    luck = random.Random(seed)
    whole = raced(tmp_path / "whole", 8, seed, algorithm=algorithm)
    while True:
        try:
            after, places = luck.randrange(1, 120), luck.choice([1, 2, 8])
            cut = raced(
                tmp_path / "cut",
                8 if not (tmp_path / "cut").exists() else places,  # the lag is that of the first start
                luck.randrange(99),
                algorithm=algorithm,
                progress=Interrupts(after),
            )
            break
        except KeyboardInterrupt:
            pass
    assert table(cut) == table(whole)


def test_the_best_trial_is_that_of_the_best_loss_also_among_those_that_ended_early(raced, tmp_path):
    run = raced(tmp_path / "run", trials=30)
    losses = [row.best_val_loss for row in run.trials if row.status != Status.FAILED]
    assert run.best.best_val_loss == min(losses)
    early = [row for row in ended_early(run) if (row in run.store.best(20))]
    assert early and run.weights(early[0])[0][0] == early[0].best_epoch
    last = run.store.best(99)[-1]
    with pytest.raises(UserError, match="only the best 20 are kept"):
        run.weights(last)


@pytest.mark.parametrize(("gain", "margin"), [(0.04, True), (0.06, False)])
def test_another_scaling_must_win_by_a_margin_from_the_first_trial_to_the_answer(
    raced, tmp_path, monkeypatch, gain, margin
):
    def curve(values, epoch):
        least = 1 - (gain if values["scaling"] == "standard" else 0) + values["units_1"] / 1e4
        return least + 1 / epoch if epoch < 4 else least

    class Best(Progress):
        def ended(self, trial, outcome):
            super().ended(trial, outcome)
            told.append(self.best)

    monkeypatch.setitem(globals(), "curve", curve)
    told = []
    run = raced(tmp_path / "run", trials=12, keep=1, progress=Best())
    standard, last = (
        [row for row in run.trials if row.values["scaling"] == one] for one in ("standard", "last")
    )
    least = min(run.trials, key=lambda row: row.best_val_loss)
    assert least in standard and len(last) > 1
    assert (run.best in last) == margin and run.best == min(
        last if margin else standard, key=lambda row: row.best_val_loss
    )
    assert run.answer["trial"] == run.best.number == told[-1].number == run.recorded().best.number
    assert run.paths.with_weights() == {run.best.number}
    said = [one for one in run.answer["sentences"] if f"{run.best.name} is taken all the same" in one]
    assert len(said) == margin and all(one.startswith(f"{least.name} has a validation loss ") for one in said)
    # While they were all of one scaling, the least loss was the best.
    first = next(place for place, row in enumerate(run.trials) if row.values["scaling"] == "last")
    assert [row.number for row in told[:first]] == [
        min(run.trials[: place + 1], key=lambda row: row.best_val_loss).number for place in range(first)
    ]


def test_halving_is_left_out_where_it_is_not_asked_for(raced, tmp_path):
    run = raced(tmp_path / "none", halving=False)
    assert not ended_early(run)
    with pytest.raises(UserError, match="rung: the run has 0, the job asks for 2"):
        raced(tmp_path / "none")


def test_hyperband_which_halves_itself_is_not_halved_twice():
    rungs = {
        name: Job("synthetic:trend,rows=200", algorithm=name).prepare().rung for name in algorithms.names()
    }
    assert rungs == dict.fromkeys(algorithms.names(), 30) | {"hyperband": 0}


def test_the_first_rung_is_where_the_data_are_given_up_on_at_the_largest_batch_size():
    space = {"batch_size": [8, 32]}
    prepared = Job("synthetic:fibonacci,rows=3000", space=space).prepare()
    steps = training_steps(prepared.windows, 32)
    assert prepared.patience < prepared.rung < prepared.epochs
    assert 750 <= steps * prepared.rung < 750 + steps


def test_the_real_engine_ends_the_same_trials_on_one_place_and_on_two_and_after_a_kill(monkeypatch, tmp_path):
    monkeypatch.setattr("narrows.tuning.prepared.default_rung", lambda *_: 1)
    monkeypatch.setattr("narrows.tuning.search.KEEP_SECS", 0.0)
    t = np.arange(300)
    options = {
        "source": {"v": np.sin(t / 4) + 0.3 * np.sin(t / 1.7)}, "target": "v", "lookback": 12, "trials": 10,
        "epochs": 5, "algorithm": "random", "seed": 5,
        "space": {"num_layers": [1, 2], "units": [4, 24], "bottleneck": 0},
    }  # fmt: skip
    tables = []
    for places in (1, 2):
        monkeypatch.setattr(fused_engine, "cores", lambda places=places: places)
        whole = tune(out=tmp_path / str(places), **options)
        tables.append(table(whole))
    with pytest.raises(KeyboardInterrupt):
        tune(out=tmp_path / "cut", progress=Interrupts(14), **options)
    tables.append(table(tune(out=tmp_path / "cut", **options)))
    assert tables[0] == tables[1] == tables[2]
    assert len(ended_early(whole)) >= 3
