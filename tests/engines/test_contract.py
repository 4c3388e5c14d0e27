"""What every engine must do, whoever wrote it: the contract of `engines/base.py`."""

import math
from dataclasses import replace

import numpy as np
import pytest

from narrows.search_spaces import StackedLSTM
from narrows.search_spaces.trial import GO_ON, Decision, Status
from narrows.tuning import engines
from narrows.tuning.engines.base import Task
from narrows.tuning.series import epoch_rows
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows

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


@pytest.fixture(scope="module")
def windows():
    t = np.arange(300)
    noise = np.random.default_rng(0).normal(size=t.size)
    values = np.stack([np.sin(t / 5) * 3 + 10 + 0.1 * noise, np.cos(t / 7)], axis=1)
    return Windows(
        Series("waves", ("a",), values, features=("b",)), lookback=8, horizon=2, split="0.7,0.15,0.15"
    )


@pytest.fixture(scope="module", params=engines.names())
def engine(request, windows):
    mean, std = windows.scaler.mean.tolist(), windows.scaler.std.tolist()
    space = StackedLSTM().shaped(windows.input_shape, windows.output_shape, mean, std)
    return engines.make(request.param, space, windows)


def run(engine, *trials, judge=lambda epoch: GO_ON):
    """Train `trials`; return outcomes and epochs by number."""
    waiting, outcomes, epochs = list(trials), {}, {}

    def report(epoch):
        epochs.setdefault(epoch.number, []).append(epoch)
        return judge(epoch)

    def end(outcome):
        assert outcome.number not in outcomes, "a trial ends once"
        outcomes[outcome.number] = outcome

    engine.train(lambda: waiting.pop(0) if waiting else None, report, end)
    assert not waiting
    return outcomes, epochs


def losses(epochs):
    return [(epoch.loss, epoch.val_loss) for epoch in epochs]


def test_a_trial_reports_every_epoch_and_ends_with_its_best_weights(engine, windows):
    outcomes, epochs = run(engine, Task(7, VALUES, seed=1, epochs=4))
    outcome = outcomes[7]
    assert outcome.status == Status.COMPLETED and outcome.reason == ""
    assert [epoch.epoch for epoch in epochs[7]] == [1, 2, 3, 4]
    assert all(epoch.secs > 0 and epoch.learning_rate == pytest.approx(0.02) for epoch in epochs[7])
    best = min(epochs[7], key=lambda epoch: epoch.val_loss)
    assert (outcome.best_epoch, outcome.best_val_loss) == (best.epoch, best.val_loss)
    assert outcome.parameters == engine.space.parameters(VALUES) == sum(w.size for w in outcome.weights)
    assert outcome.units == (6, 2)
    rows = windows.parts["validation"]
    error = engine.predict(VALUES, outcome.weights, rows) - windows.targets(rows)
    assert np.mean(error**2) == pytest.approx(outcome.best_val_loss, rel=1e-5)


def test_a_trial_reads_only_the_newest_rows_of_its_lookback(engine, windows):
    """Both engines: as if the windows were that short, but on the same windows as the other trials."""
    values = VALUES | {"lookback": 3}
    outcomes, epochs = run(engine, Task(0, values, seed=1, epochs=2), Task(1, VALUES, seed=1, epochs=2))
    assert epochs[0][0].val_loss != epochs[1][0].val_loss
    short = Windows(windows.series, lookback=3, horizon=2, split="0.7,0.15,0.15")
    short.parts.update(windows.parts)
    space = StackedLSTM().shaped(short.input_shape, short.output_shape)
    alone = run(engines.make("keras", space, short), Task(0, VALUES, seed=1, epochs=2))[1]
    np.testing.assert_allclose(losses(epochs[0]), losses(alone[0]), rtol=1e-4)
    rows = windows.parts["validation"]
    error = engine.predict(values, outcomes[0].weights, rows) - windows.targets(rows)
    assert np.mean(error**2) == pytest.approx(outcomes[0].best_val_loss, rel=1e-5)


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(engine):
    _, first = run(engine, Task(0, VALUES, seed=3, epochs=2))
    _, again = run(engine, Task(5, VALUES, seed=3, epochs=2))
    _, other = run(engine, Task(0, VALUES, seed=4, epochs=2))
    assert losses(first[0]) == losses(again[5]) != losses(other[0])


def test_a_result_does_not_depend_on_the_trials_beside_it(engine):
    wide = VALUES | {"units_1": 9, "learning_rate": 1e30}
    alone, _ = run(engine, Task(1, VALUES, seed=2, epochs=2))
    beside, _ = run(engine, Task(0, wide, seed=9, epochs=2), Task(1, VALUES, seed=2, epochs=2))
    assert beside[1].best_val_loss == pytest.approx(alone[1].best_val_loss, rel=1e-6)


def test_going_on_from_a_state_equals_never_having_stopped(engine):
    _, whole = run(engine, Task(0, VALUES, seed=5, epochs=4))
    half, _ = run(engine, Task(0, VALUES, seed=5, epochs=2, keep_state=True))
    _, rest = run(engine, Task(1, VALUES, seed=5, epochs=4, first_epoch=2, state=half[0].state))
    assert [epoch.epoch for epoch in rest[1]] == [3, 4]
    np.testing.assert_allclose(losses(rest[1]), losses(whole[0][2:]), rtol=1e-6)


def test_a_diverging_trial_ends_alone_with_its_reason(engine):
    outcomes, _ = run(
        engine,
        Task(0, VALUES | {"learning_rate": 1e30}, seed=0, epochs=3),
        Task(1, VALUES, seed=0, epochs=1),
    )
    assert outcomes[0].status == Status.FAILED
    assert "loss became NaN in epoch 1" in outcomes[0].reason or "infinite" in outcomes[0].reason
    assert outcomes[1].status == Status.COMPLETED


def test_a_trial_that_needs_more_memory_than_there_is_ends_alone(engine):
    huge = VALUES | {"units_1": 300_000}
    outcomes, _ = run(engine, Task(0, huge, seed=0, epochs=1), Task(1, VALUES, seed=0, epochs=1))
    assert outcomes[0].status == Status.FAILED and outcomes[0].reason.startswith("out of memory")
    assert outcomes[1].status == Status.COMPLETED


def test_a_decision_ends_that_trial_alone_with_its_reason(engine):
    outcomes, epochs = run(
        engine,
        Task(0, VALUES, seed=0, epochs=5),
        Task(1, VALUES, seed=0, epochs=2),
        judge=lambda epoch: GO_ON if epoch.number else Decision(Status.STOPPED, "enough"),
    )
    assert (outcomes[0].status, outcomes[0].reason) == (Status.STOPPED, "enough")
    assert len(epochs[0]) == 1
    assert outcomes[0].best_epoch == 1
    assert outcomes[1].status == Status.COMPLETED and len(epochs[1]) == 2


def test_a_trial_waits_until_its_decision_is_known_while_the_others_go_on(engine):
    asked, done, after = [], [], []

    def judge(epoch):
        done.append((epoch.number, epoch.epoch))
        return waits() if epoch.epoch == 1 and epoch.number else GO_ON

    def waits():
        asked.append(list(done))
        if (0, 4) not in done:
            return Decision(again=waits, behind=0)
        after.append(list(done))
        return Decision(Status.STOPPED, "now it is known") if len(after) == 1 else GO_ON

    tasks = [Task(number, VALUES, seed=0, epochs=4 if number == 0 else 2) for number in range(3)]
    outcomes, epochs = run(engine, *tasks, judge=judge)
    assert [outcomes[number].status for number in range(3)] == [
        Status.COMPLETED, Status.STOPPED, Status.COMPLETED,
    ]  # fmt: skip
    assert outcomes[1].reason == "now it is known" and outcomes[1].best_epoch == 1
    assert [len(epochs[number]) for number in range(3)] == [4, 1, 2]
    assert len(asked) >= 2 and (1, 2) not in after[0]


def test_the_last_epoch_completes_a_trial_whatever_is_decided(engine):
    ended = Decision(Status.STOPPED, "too late")
    outcomes, _ = run(engine, Task(0, VALUES, seed=0, epochs=1), judge=lambda epoch: ended)
    assert (outcomes[0].status, outcomes[0].reason) == (Status.COMPLETED, "")


def test_a_paused_trial_goes_on_as_if_it_had_never_stopped(engine):
    _, whole = run(engine, Task(20, VALUES, seed=5, epochs=4))
    pause = Decision(Status.PAUSED, "later")
    half, _ = run(
        engine,
        Task(21, VALUES, seed=5, epochs=4),
        judge=lambda epoch: pause if epoch.epoch == 2 else GO_ON,
    )
    assert (half[21].status, half[21].reason) == (Status.PAUSED, "later")
    _, rest = run(engine, Task(21, VALUES, seed=5, epochs=4, first_epoch=2, state=half[21].state))
    np.testing.assert_allclose(losses(rest[21]), losses(whole[20][2:]), rtol=1e-6)


def test_a_trial_that_goes_on_where_it_stood_is_to_the_bit_the_one_that_was_never_interrupted(engine):
    """Dropout included, and where the best epoch is one before it stood there."""
    whole = Task(30, VALUES | {"dropout": 0.3, "learning_rate": 0.2}, seed=5, epochs=6, keep_secs=0)
    ended, epochs = run(engine, whole)
    best, found = ended[30].best_epoch, epochs[30]
    assert best < 5, "for this test"
    for first in (1, max(best, 2), 5):
        stood = found[first - 1].standing
        again, rest = run(engine, replace(whole, first_epoch=first, state=stood.state, stood=stood))
        assert losses(rest[30]) == losses(found[first:])
        assert (again[30].best_epoch, again[30].best_val_loss) == (best, ended[30].best_val_loss)
        for one, other in zip(again[30].weights, ended[30].weights, strict=True):
            np.testing.assert_array_equal(one, other)


def test_where_a_trial_stands_is_told_as_often_as_asked_for_and_not_when_it_ended(engine):
    one = Task(31, VALUES, seed=5, epochs=4)
    told = [
        [epoch.standing is not None for epoch in run(engine, replace(one, keep_secs=secs))[1][31]]
        for secs in (0, 1e-9, 1e9, math.inf)
    ]
    assert told == [[True] * 3 + [False]] * 2 + [[False] * 4] * 2


def test_every_epoch_visits_every_window_once_in_an_order_of_its_own(windows):
    orders = [epoch_rows.training_rows(windows, 4, epoch) for epoch in (1, 2, 2)]
    assert all(np.array_equal(np.sort(order), windows.parts["train"]) for order in orders)
    assert not np.array_equal(orders[0], orders[1])
    np.testing.assert_array_equal(orders[1], orders[2])


def test_an_epoch_of_a_long_series_is_as_many_windows_drawn_anew(windows, monkeypatch):
    monkeypatch.setattr(epoch_rows, "MOST_WINDOWS", 40)
    one, other = (epoch_rows.training_rows(windows, 4, epoch) for epoch in (1, 2))
    assert len(set(one)) == len(set(other)) == 40 and set(one) != set(other)
    assert set(one) | set(other) <= set(windows.parts["train"])
    assert epoch_rows.training_steps(windows, 16) == 3
    first, again = (epoch_rows.validation_rows(windows) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert len(set(first)) == 40 and set(first) < set(windows.parts["validation"])


def test_both_engines_train_and_validate_on_the_same_part_of_a_long_series(windows, monkeypatch):
    monkeypatch.setattr(epoch_rows, "MOST_WINDOWS", 30)
    mean, std = windows.scaler.mean.tolist(), windows.scaler.std.tolist()
    space = StackedLSTM().shaped(windows.input_shape, windows.output_shape, mean, std)
    losses = []
    for name in ("fused", "keras"):
        engine = engines.make(name, space, windows)
        engine._in_children = False  # where the smaller number would not be known
        epochs = run(engine, Task(0, VALUES, seed=0, epochs=3))[1][0]
        losses.append([(epoch.loss, epoch.val_loss) for epoch in epochs])
        engine.close()
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-4)
    assert len(epoch_rows.validation_rows(windows)) == 30 < len(windows.parts["validation"])


@pytest.mark.parametrize("scaling", ["last", "none"])
def test_losses_of_every_scaling_are_in_training_standard_deviations(engine, windows, scaling):
    outcomes, _ = run(engine, Task(0, VALUES | {"scaling": scaling}, seed=0, epochs=2))
    rows = windows.parts["validation"]
    z = engine.predict(VALUES | {"scaling": scaling}, outcomes[0].weights, rows)
    raw_error = windows.raw(z, rows) - windows.raw_targets(rows)
    expected = np.mean((raw_error / windows.scaler.std[0]) ** 2)
    assert outcomes[0].best_val_loss == pytest.approx(expected, rel=1e-4)
