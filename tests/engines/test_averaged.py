"""Averaged weights: against a plain loop over Keras' own steps, and the same in both engines."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.search_spaces import StackedLSTM
from narrows.search_spaces.averaging import decay
from narrows.search_spaces.space import build_model, set_weights
from narrows.search_spaces.studied_lstm import StudiedLSTM
from narrows.search_spaces.trial import GO_ON, Status
from narrows.tuning import engines
from narrows.tuning.engines.base import Task
from narrows.tuning.engines.keras.training import Training
from narrows.tuning.series.epoch_rows import training_rows
from narrows.tuning.series.series import Series
from narrows.tuning.series.shaped import shaped
from narrows.tuning.series.windows import Windows

ENGINES = ["fused", "keras"]
VALUES = {
    "num_layers": 1, "units_1": 5, "bottleneck": 0, "learning_rate": 0.02, "batch_size": 16, "dropout": 0.0,
    "scaling": "standard",
}  # fmt: skip


@pytest.fixture(scope="module")
def windows():
    noise = np.random.default_rng(0).normal(size=(240, 1))
    values = np.sin(np.arange(240) / 4)[:, None] + 0.2 * noise
    return Windows(Series("noisy", ("y",), values), lookback=6, horizon=1, split="0.6,0.2,0.2")


def engine_of(name, windows, space=None):
    space = shaped(space or StackedLSTM(), windows)
    return Training(space, windows) if name == "keras" else engines.make(name, space, windows)


def run(engine, task):
    epochs, outcomes, waiting = [], [], [task]

    def report(epoch):
        epochs.append((epoch.loss, epoch.val_loss))
        return GO_ON

    if isinstance(engine, Training):
        return epochs, engine.train(task, report)
    engine.train(lambda: waiting.pop() if waiting else None, report, outcomes.append)
    return epochs, outcomes[0]


@pytest.fixture(scope="module")
def by_hand(windows):
    """Losses of the weights and of their average after each epoch, and both, from Keras' steps one by one."""
    space = shaped(StackedLSTM(), windows)
    model = build_model(space, VALUES, 3, windows.input_shape)
    judge = build_model(space, VALUES, 3, windows.input_shape)
    average, steps, found = model.get_weights(), 0, []
    rows = windows.parts["validation"]
    for epoch in range(1, 6):
        order = training_rows(windows, 3, epoch)
        for start in range(0, len(order), 16):
            batch = order[start : start + 16]
            model.train_on_batch(windows.inputs(batch), windows.targets(batch))
            kept = min(0.99, (1 + steps) / (10 + steps))
            average = [
                kept * old + (1 - kept) * new for old, new in zip(average, model.get_weights(), strict=True)
            ]
            steps += 1
        losses = []
        for weights in (model.get_weights(), average):
            set_weights(judge, weights)
            losses.append(float(judge.evaluate(windows.inputs(rows), windows.targets(rows), verbose=0)))
        found.append((losses, model.get_weights(), average))
    return found


@pytest.mark.parametrize("name", ENGINES)
def test_the_better_of_weights_and_average_is_told_and_kept(windows, by_hand, name):
    epochs, outcome = run(engine_of(name, windows), Task(0, VALUES, seed=3, epochs=5, keep_state=True))
    told = [min(losses) for losses, *_ in by_hand]
    # Both are the better ones here and there, or this would prove little.
    assert {bool(np.argmin(losses)) for losses, *_ in by_hand} == {True, False}
    np.testing.assert_allclose([val_loss for _, val_loss in epochs], told, rtol=1e-3)
    best = int(np.argmin(told))
    assert outcome.best_epoch == best + 1 and outcome.best_val_loss == pytest.approx(told[best], rel=1e-3)
    losses, *both = by_hand[best]
    for one, other in zip(outcome.weights, both[int(np.argmin(losses))], strict=True):
        np.testing.assert_allclose(one, other, atol=2e-3)
    for one, other in zip(outcome.state[-5:], by_hand[-1][2], strict=True):
        np.testing.assert_allclose(one, other, atol=2e-3)
    for one, other in zip(outcome.state[:5], by_hand[-1][1], strict=True):
        np.testing.assert_allclose(one, other, atol=2e-3)


@pytest.mark.parametrize("before, after", [("fused", "keras"), ("keras", "fused"), ("fused", "fused")])
def test_a_trial_that_goes_on_is_one_that_never_paused(windows, before, after):
    whole, _ = run(engine_of(after, windows), Task(0, VALUES, seed=3, epochs=4))
    first, held = run(engine_of(before, windows), Task(0, VALUES, seed=3, epochs=2, keep_state=True))
    rest, _ = run(
        engine_of(after, windows), Task(0, VALUES, seed=3, epochs=4, first_epoch=2, state=held.state)
    )
    np.testing.assert_allclose(first + rest, whole, rtol=1e-3)


@pytest.mark.parametrize("name", ENGINES)
def test_a_study_looks_at_no_average(windows, name):
    space = StudiedLSTM(decay_steps=30)
    _, outcome = run(engine_of(name, windows, space), Task(0, VALUES, seed=3, epochs=3, keep_state=True))
    # Weights, iterations, two moments of each weight, a rate or, of Keras, which random numbers come next.
    assert len(outcome.state) == 5 + 1 + 2 * 5 + 1


@pytest.mark.parametrize("name", ENGINES)
def test_what_diverges_ends_though_an_average_may_be_finite(windows, name, monkeypatch):
    values = VALUES | {"learning_rate": 1e30}
    _, outcome = run(engine_of(name, windows, StackedLSTM(clipnorm=0)), Task(0, values, seed=3, epochs=3))
    assert outcome.status == Status.FAILED and "loss became" in outcome.reason


def test_the_decay_begins_small_and_has_a_bound():
    assert [decay(steps) for steps in (0, 8, 10**6)] == [0.1, 0.5, 0.99]
