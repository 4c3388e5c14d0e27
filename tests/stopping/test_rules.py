"""Stopping rules, one by one and together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrows.search_spaces.trial import GO_ON, Epoch, Status, Trial
from narrows.tuning.stopping import Limits, Rules


def judged(rules, val_losses):
    """What is decided after each epoch of a trial with these validation losses, until it ends."""
    trial, decisions = Trial(0, {}, epochs=99), []
    for number, loss in enumerate(val_losses, start=1):
        epoch = Epoch(0, number, 1.0, loss, 0.01, 0.1)
        trial = trial.after(epoch)
        decisions.append(rules.judge(trial, epoch, {}))
        if decisions[-1].ends:
            break
    return decisions


@pytest.mark.parametrize(
    ("patience", "losses", "epochs"),
    [
        (2, [3, 2, 2, 2], 4),
        (2, [3, 2, 2.5, 1, 2, 3, 4], 6),
        (1, [1, 1], 2),
        (3, [5, 4, 3, 2, 1], 5),
    ],
)
def test_patience_ends_a_trial_so_many_epochs_after_its_best(patience, losses, epochs):
    decisions = judged(Rules(Limits(patience)), losses)
    assert len(decisions) == epochs
    if decisions[-1].ends:
        reason = f"no better validation loss for {patience} epochs"
        assert (decisions[-1].ends, decisions[-1].reason) == (Status.COMPLETED, reason)


def test_without_limits_every_trial_goes_on():
    rules = Rules(Limits())
    assert judged(rules, [1.0] * 50) == [GO_ON] * 50 and not rules.closed


def test_a_spent_budget_stops_what_trains_and_lets_nothing_begin():
    rules = Rules(Limits(minutes=1e-9))
    assert rules.closed
    (decision,) = judged(rules, [1.0, 0.5])
    assert (decision.ends, decision.reason) == (Status.STOPPED, "the time budget was spent")


def test_that_a_trial_showed_what_it_can_goes_before_a_cut():
    rules = Rules(Limits(patience=1, minutes=1e-9))
    trial = Trial(0, {}, epochs=9, best_epoch=1, best_val_loss=1.0)
    assert rules.judge(trial, Epoch(0, 2, 1.0, 2.0, 0.01, 0.1), {}).ends == Status.COMPLETED


def test_a_budget_that_is_left_changes_nothing():
    rules = Rules(Limits(minutes=10))
    assert judged(rules, [1.0, 2.0]) == [GO_ON] * 2 and not rules.closed


@given(
    st.lists(st.lists(st.integers(1, 9), min_size=30, max_size=30), min_size=1, max_size=9),
    st.integers(0, 6),
    st.integers(0, 5),
)
def test_a_trial_that_is_sure_to_go_on_goes_on(table, patience, rung):
    """So a worker far away need not wait for each answer."""
    rules, training = Rules(Limits(patience, rung=rung)), {}
    for number, losses in enumerate(table):
        training[number], sure = Trial(number, {}, epochs=len(losses)), 0.0
        for place, loss in enumerate(losses[:-1], start=1):
            epoch = Epoch(number, place, 1.0, loss, 0.01, 0.1)
            training[number] = training[number].after(epoch)
            decision = rules.judge(training[number], epoch, training)
            assert decision.again is None and (decision.ends is None or sure < place)
            if decision.ends:
                break
            assert decision.sure >= sure, "what was promised holds"
            sure = decision.sure
        del training[number]


def test_only_the_time_may_end_a_trial_that_is_sure_to_go_on():
    rules = Rules(Limits(minutes=1e-9))
    (decision,) = judged(rules, [1.0])
    assert decision.ends == Status.STOPPED
    assert judged(Rules(Limits(minutes=60)), [1.0])[0].sure == float("inf")
