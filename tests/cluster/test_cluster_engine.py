"""`ClusterEngine` on workers that are threads: as the engine that it stands for, whatever is lost."""

import random
from dataclasses import replace

import numpy as np
import pytest

from narrows.search_spaces.trial import TO_THE_END, Epoch, Outcome, Status, Trial
from narrows.tuning.cluster import engine as cluster_engine
from narrows.tuning.cluster.engine import ClusterEngine
from narrows.tuning.engines.base import Task
from narrows.tuning.stopping import Limits, Rules

VALUES = {
    "num_layers": 1,
    "units_1": 6,
    "bottleneck": 2,
    "bottleneck_after": 1,
    "learning_rate": 0.02,
    "batch_size": 16,
    "dropout": 0.0,
    "scaling": "standard",
}


def tasks(count, epochs=12):
    rates = np.random.default_rng(1).permutation(np.geomspace(1e-3, 0.3, count))
    return [
        Task(number, VALUES | {"learning_rate": float(rate)}, epochs, seed=number)
        for number, rate in enumerate(rates)
    ]


def train(engine, given, limits=None):
    """Train as a search does, with its rules; return outcomes and epochs by number."""
    waiting, outcomes, epochs, training = list(given), {}, {}, {}
    rules = Rules(limits or Limits())

    def ask():
        if not waiting:
            return None
        task = waiting.pop(0)
        training[task.number] = Trial(task.number, task.values, task.epochs)
        return task

    def judged(trial, epoch):
        there = {number: one for number, one in training.items() if number not in engine.held}
        decision = rules.judge(trial, epoch, there)
        return decision if decision.again is None else replace(decision, again=lambda: judged(trial, epoch))

    def report(epoch):
        epochs.setdefault(epoch.number, []).append(epoch)
        trial = training[epoch.number] = training[epoch.number].after(epoch)
        return judged(trial, epoch) if epoch.finite and epoch.epoch < trial.epochs else TO_THE_END

    def end(outcome):
        assert training.pop(outcome.number) and outcome.number not in outcomes, "a trial ends once"
        outcomes[outcome.number] = outcome

    engine.train(ask, report, end)
    assert not waiting and not training
    return outcomes, epochs


def same(there, here):
    """That outcomes and epochs are the same, weights included."""
    for (outcomes, epochs), (own, own_epochs) in [(there, here)]:
        assert sorted(outcomes) == sorted(own)
        for number, outcome in outcomes.items():
            mine = own[number]
            assert (outcome.status, outcome.reason) == (mine.status, mine.reason), number
            assert outcome.best_epoch == mine.best_epoch and outcome.folds == pytest.approx(mine.folds)
            for weight, expected in zip(outcome.weights, mine.weights, strict=True):
                np.testing.assert_allclose(weight, expected, rtol=1e-6)
            told = [(one.epoch, one.loss, one.val_loss) for one in epochs[number]]
            assert told == [(one.epoch, one.loss, one.val_loss) for one in own_epochs[number]], number


LIMITS = Limits(patience=3, rung=2)


def test_trials_come_out_as_in_one_process(threads, setup_of):
    setup = setup_of()
    here = train(setup.engine(), tasks(8), LIMITS)
    engine = ClusterEngine(setup, threads(3))
    there = train(engine, tasks(8), LIMITS)
    same(there, here)
    assert {Status.STOPPED, Status.COMPLETED} <= {one.status for one in here[0].values()}
    assert {outcome.node for outcome in there[0].values()} == {"host"}


@pytest.mark.parametrize("seed", range(4))
def test_lost_workers_change_nothing_but_the_time(threads, setup_of, monkeypatch, seed):
    """Nothing is lost, told twice or decided anew, wherever a worker is lost."""
    monkeypatch.setattr(cluster_engine, "STAND_SECS", 0.0)  # every epoch tells where it stands
    setup, luck = setup_of(), random.Random(seed)
    here = train(setup.engine(), tasks(8), LIMITS)
    pool = threads(3 - seed % 2, lose=lambda event: luck.random() < 0.1, cores=1 + seed % 2)
    same(train(ClusterEngine(setup, pool), tasks(8), LIMITS), here)
    assert pool.lost > 1


def test_a_trial_goes_on_where_it_stood_not_at_its_beginning(threads, setup_of, monkeypatch):
    monkeypatch.setattr(cluster_engine, "STAND_SECS", 0.0)
    setup = setup_of()
    given, told = [], []

    def lose(event):
        told.append(event)
        return isinstance(event, Epoch) and event.epoch == 6 and len([e for e in told if e.epoch == 6]) == 1

    pool = threads(1, lose=lose)
    engine = ClusterEngine(setup, pool)
    again = cluster_engine.Sent.again
    monkeypatch.setattr(cluster_engine.Sent, "again", lambda sent: given.append(again(sent)) or given[-1])
    # Each epoch is waited for.
    train(engine, tasks(1), Limits(patience=1))
    assert given[0].first_epoch == 0 and given[-1].first_epoch > 0


def test_each_fold_is_trained_on_the_worker(threads, setup_of):
    setup = setup_of(folds=3, patience=2)
    here = train(setup.engine(), tasks(5, epochs=6), LIMITS)
    engine = ClusterEngine(setup, threads(2))
    there = train(engine, tasks(5, epochs=6), LIMITS)
    same(there, here)
    assert all(len(one.folds) == 3 for one in there[0].values()) and not engine.held


def test_a_trial_that_ends_every_worker_fails_alone(threads, setup_of, monkeypatch):
    monkeypatch.setattr(cluster_engine, "CERTAIN_SECS", 0.0)
    pool = threads(2, lose=lambda event: event.number == 1)
    outcomes, _ = train(ClusterEngine(setup_of(), pool), tasks(4, epochs=3))
    assert outcomes[1].status == Status.FAILED and "memory may have run out" in outcomes[1].reason
    assert {outcomes[number].status for number in (0, 2, 3)} == {Status.COMPLETED}
    assert pool.lost == cluster_engine.MOST_LOST


def test_a_diverging_trial_fails_as_in_one_process(threads, setup_of):
    values = VALUES | {"learning_rate": 1e30}
    outcomes, _ = train(ClusterEngine(setup_of(), threads(1)), [Task(0, values, 5), *tasks(3, 3)[1:]])
    assert outcomes[0].status == Status.FAILED and "became NaN" in outcomes[0].reason
    assert outcomes[1].status == outcomes[2].status == Status.COMPLETED


def test_what_is_asked_for_is_measured_where_it_is_trained(threads, setup_of):
    asked = [replace(tasks(2, 2)[0], measure=True), tasks(2, 2)[1]]
    outcomes, _ = train(ClusterEngine(setup_of(), threads(1)), asked)
    assert '"summary"' in outcomes[0].narrowing and not outcomes[1].narrowing


def test_a_worker_that_cannot_make_the_engine_says_so(threads, setup_of):
    setup = setup_of("no such engine")
    engine = ClusterEngine.__new__(ClusterEngine)
    with pytest.raises(Exception, match="no such engine"):
        ClusterEngine.__init__(engine, setup, threads(1))


def test_few_messages_are_needed_for_a_trial(threads, setup_of):
    """A worker runs ahead: a trial of many epochs needs an answer every `patience` of them, not each time."""
    pool, heard = threads(1, patience=30.0), []
    hear = pool.hear

    def counted(secs):
        for member, told in hear(secs):
            heard.append(told)
            yield member, told

    pool.hear = counted
    _, epochs = train(ClusterEngine(setup_of(), pool), tasks(1, epochs=200), Limits(patience=100))
    count = len(epochs[0])
    assert count >= 100 and sum(isinstance(one, Outcome) for told in heard for one in told) == 1
    assert sum(any(isinstance(one, Epoch) for one in told) for told in heard) < count / 4


def test_a_worker_hears_the_newest_answer_to_a_trial_alone(threads, setup_of):
    pool, held, told = threads(1), [], []
    hear, speak = pool.hear, pool.speak

    def ten_at_once(secs):
        for member, said in hear(secs):
            held.extend(said)
            ready = len(told) < 2 or len(held) >= 10 or any(isinstance(one, Outcome) for one in held)
            yield member, [held.pop(0) for _ in range(len(held) if ready else 0)]

    def noted():
        told.extend(len(member.letters) for member in pool.members if member.letters)
        speak()

    pool.hear, pool.speak = ten_at_once, noted
    _, epochs = train(ClusterEngine(setup_of(), pool), tasks(1, epochs=60), Limits(patience=60))
    assert len(epochs[0]) == 60 and told == [1] * len(told) and len(told) < 30
