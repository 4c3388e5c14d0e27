"""Successive halving: who ends is a function of numbers and losses, whoever is there first."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.search_spaces.trial import GO_ON, Epoch, Status, Trial
from narrows.tuning.stopping import Limits, Rules
from narrows.tuning.stopping.halving import FACTOR, Reached, reason

EPOCHS = 20


class Searching:
    """A search in small: trials that are in training, and what a rule says of them."""

    def __init__(self, rung=1, trials=()):
        self.rules, self.training, self.seen = Rules(Limits(rung=rung)), {}, {}
        self.rules.recall(trials, lambda number: self.seen[number])

    def begin(self, number, **values):
        self.training[number] = Trial(number, values, epochs=EPOCHS)

    def goes_on(self, number, loss, epoch=1):
        """The decision after an epoch of a trial, which begins where it is not in training."""
        if number not in self.training:
            self.begin(number)
        one = Epoch(number, epoch, 1.0, loss, 0.01, 0.1)
        trial = self.training[number] = self.training[number].after(one)
        return self.rules.judge(trial, one, self.training)


def in_order(table, rungs):
    """The last epoch of each trial, by the rule as it is told: one after the other, sorted anew each time."""
    there = {rung: [] for rung in rungs}
    ends = []
    for losses in table:
        ends.append(EPOCHS)
        for rung in rungs:
            loss = min(losses[:rung])
            there[rung].append(loss)
            third = max(1, len(there[rung]) // FACTOR)
            if len(there[rung]) > 2 and loss > sorted(there[rung])[third - 1]:
                ends[-1] = rung
                break
    return ends


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("places", [1, 2, 8])
@pytest.mark.parametrize("rung", [1, 2])
def test_who_ends_is_the_same_whichever_trial_is_faster(seed, places, rung):
    luck = random.Random(seed)
    table = np.random.default_rng(seed).random((40, EPOCHS)).tolist()
    one, waiting, ends = Searching(rung), [], {}
    epochs = dict.fromkeys(range(len(table)), 0)
    new = iter(range(len(table)))

    def settle(number, decision):
        if decision.again is not None:
            waiting.append((number, decision))
        elif decision.ends or epochs[number] == EPOCHS - 1:
            ends[number] = epochs[number] if decision.ends else EPOCHS
            del one.training[number]

    while len(ends) < len(table):
        while len(one.training) < places and (number := next(new, None)) is not None:
            one.begin(number)
        free = sorted(set(one.training) - {number for number, _ in waiting})
        assert free, "a trial never waits for one that waits for it"
        number = luck.choice(free)
        epochs[number] += 1
        settle(number, one.goes_on(number, table[number][epochs[number] - 1], epochs[number]))
        held, waiting = sorted(waiting, key=lambda each: each[0]), []
        for number, decision in held:
            settle(number, decision.again())
    assert [ends[number] for number in range(len(table))] == in_order(
        table, [rung, 3 * rung, 9 * rung] if 9 * rung < EPOCHS else [rung, 3 * rung]
    )


def test_it_judges_at_rungs_alone():
    one = Searching(rung=2)
    for number in range(9):
        for epoch in (1, 3, 4, 5, 7, 17, 19):
            assert one.goes_on(number, 9.0, epoch) == GO_ON


def test_the_best_third_goes_on_and_of_two_both():
    one = Searching()
    losses = [5.0, 6.0, 5.5, 4.0, 4.5, 4.4, 3.0, 3.9]
    said = [one.goes_on(number, loss).ends for number, loss in enumerate(losses)]
    cut = Status.STOPPED
    assert said == [None, None, cut, None, cut, None, None, None]
    assert one.goes_on(8, 4.1).ends == cut  # the fourth of nine


def test_an_equal_loss_does_not_go_before_that_of_a_lower_number():
    one = Searching()
    assert [one.goes_on(number, 1.0).ends for number in range(4)] == [None, None, *[Status.STOPPED] * 2]


def test_trials_are_compared_within_their_scaling_and_linear_path():
    one = Searching()
    kinds = [{"scaling": "last"}, {"scaling": "standard"}, {"scaling": "standard", "linear": "ridge"}]
    for number in range(6):
        one.begin(number, **kinds[number % 3], units_1=number)
        assert one.goes_on(number, 10.0 * (number % 3) + number) == GO_ON, "the first two of each kind"
    one.begin(6, **kinds[2])
    decision = one.goes_on(6, 26.0)
    assert decision.ends == Status.STOPPED
    assert decision.reason == (
        "ended early after epoch 1: its loss 26 was not among the best third of the 3 trials with scaling "
        "standard and linear ridge"
    )
    assert reason(0.31234, 5, 12, ()).endswith("its loss 0.312 was not among the best third of the 12 trials")


def test_a_trial_waits_for_lower_numbers_of_its_kind_alone():
    one = Searching()
    for number, scaling in enumerate(["last", "standard", "last", "last"]):
        one.begin(number, scaling=scaling)
    assert one.goes_on(1, 1.0) == GO_ON, "trial 0 is of another kind"
    third = one.goes_on(2, 3.0)
    assert third.ends is None and third.again is not None
    fourth = one.goes_on(3, 2.0)
    assert fourth.again().again is not None, "trial 0 may still end up before it"
    assert one.goes_on(0, 1.0) == GO_ON, "whatever comes after it"
    assert third.again() == GO_ON
    assert fourth.again().ends == Status.STOPPED


def test_a_trial_that_ended_before_the_rung_is_not_waited_for_and_does_not_count():
    one = Searching(rung=2)
    for number in range(4):
        one.begin(number)
    for number in (1, 2, 3):
        decision = one.goes_on(number, 5.0 - number, epoch=2)
        assert decision.again is not None
    del one.training[0]
    assert decision.again().ends is None, "the best of three, not of four"


def test_what_earlier_starts_trained_counts_as_if_it_had_been_seen():
    losses = [(9.0, 4.0, 3.0), (8.0, 2.0, 2.5), (7.0, float("nan")), (7.0,)]
    seen = {
        number: [Epoch(number, epoch, 1.0, loss, 0.01, 0.1) for epoch, loss in enumerate(each, 1)]
        for number, each in enumerate(losses)
    }
    states = [Status.COMPLETED, Status.STOPPED, Status.FAILED, Status.RUNNING]
    trials = [Trial(number, {}, epochs=EPOCHS, status=status) for number, status in enumerate(states)]
    rules = Rules(Limits(rung=2))
    rules.recall(trials, seen.__getitem__)

    def judged(number, loss):
        epoch = Epoch(number, 2, 1.0, loss, 0.01, 0.1)
        return rules.judge(Trial(number, {}, epochs=EPOCHS).after(epoch), epoch, {})

    assert judged(4, 3.0).reason.endswith("the best third of the 3 trials"), "0, 1 and itself"
    assert judged(5, 1.0) == GO_ON


def test_that_a_trial_showed_what_it_can_needs_no_waiting():
    rules = Rules(Limits(patience=1, rung=2))
    training = {number: Trial(number, {}, epochs=9, best_epoch=1, best_val_loss=1.0) for number in (0, 1)}
    decision = rules.judge(training[1], Epoch(1, 2, 1.0, 2.0, 0.01, 0.1), training)
    assert (decision.ends, decision.again) == (Status.COMPLETED, None)


class Compared(float):
    """A loss that counts how often two of them are compared."""

    count = 0

    def __lt__(self, other):
        Compared.count += 1
        return super().__lt__(other)

    def __le__(self, other):
        Compared.count += 1
        return super().__le__(other)


# Few losses, so that many are equal; a number that comes again has another loss.
came = st.lists(st.tuples(st.integers(0, 30), st.sampled_from([0.0, 0.1, 0.5, 1.0, 2.0])), min_size=1)


@settings(max_examples=200, derandomize=True, database=None, deadline=None)
@given(came)
def test_a_place_is_what_a_look_at_every_trial_finds(came):
    reached, losses = Reached(), {}
    for number, loss in came:
        reached.add(number, loss)
        losses[number] = loss
        for one, own in losses.items():
            before = [other for lower, other in losses.items() if lower < one]
            place = 1 + sum(other <= own for other in before)
            assert one in reached and reached.place(one) == (place, 1 + len(before))


def test_a_decision_among_thousands_of_trials_compares_a_few_of_them():
    one, luck, asked = Searching(), random.Random(0), []
    for number in range(5000):
        Compared.count = 0
        one.goes_on(number, Compared(luck.random()))
        asked.append(Compared.count)
        del one.training[number]
    assert max(asked[4000:]) <= 40


def test_a_trial_that_waits_names_one_in_training_that_is_not_there_yet():
    one = Searching()
    for number, scaling in enumerate(["last", "standard", "last", "last", "last"]):
        one.begin(number, scaling=scaling)
    waits = one.goes_on(4, 1.0)
    assert waits.behind == 3, "the nearest, which comes last as a rule"
    one.goes_on(3, 2.0)
    waits = waits.again()
    assert waits.behind == 2
    del one.training[2]
    assert waits.again().behind == 0, "trial 1 is of another kind"
    one.goes_on(0, 3.0)
    assert waits.again() == GO_ON
