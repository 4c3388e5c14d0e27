"""Waiting: who is decided, and in which order, is as if all were asked at every event; few are asked."""

import random
from dataclasses import replace
from functools import partial

import pytest

from narrows.search_spaces.trial import GO_ON, Epoch, Trial
from narrows.tuning.engines._waiting import Waiting
from narrows.tuning.stopping import Limits, Rules

EPOCHS = 10


class AsksAll:
    """What waits, each asked again at every event: what `Waiting` must be the same as."""

    def __init__(self):
        self._held = {}

    def __len__(self):
        return len(self._held)

    def add(self, number, held, decision):
        self._held[number] = held, decision

    def drop(self, number):
        self._held.pop(number, None)

    def decided(self):
        for number in sorted(self._held):
            held, decision = self._held[number]
            decision = decision if decision.again is None else decision.again()
            if decision.again is None:
                del self._held[number]
                yield held, decision


def trained(waiting, places, seed, count, dies=0.0):
    """Return what happened in a search on so many places, and how often the rules were asked."""
    luck, happened, asked = random.Random(seed), [], 0
    rules, training, epochs = Rules(Limits(rung=1)), {}, {}
    numbers = iter(range(count))

    def judged(trial, epoch):
        nonlocal asked
        asked += 1
        decision = rules.judge(trial, epoch, training)
        return decision if decision.again is None else replace(decision, again=partial(judged, trial, epoch))

    while True:
        while len(training) < places and (number := next(numbers, None)) is not None:
            values = {"scaling": luck.choice(["last", "standard"])}
            training[number], epochs[number] = Trial(number, values, epochs=EPOCHS), 0
        free = [number for number in training if number not in waiting._held]
        if not training:
            return happened, asked
        assert free, "a trial never waits for one that waits for it"
        number = luck.choice(free)
        if luck.random() < dies:
            del training[number]
            waiting.drop(number)
        else:
            epochs[number] += 1
            epoch = Epoch(number, epochs[number], 1.0, luck.random(), 0.1, 0.1)
            trial = training[number] = training[number].after(epoch)
            goes_on = epochs[number] < EPOCHS
            waiting.add(number, number, judged(trial, epoch) if goes_on else GO_ON)
        for one, decision in waiting.decided():
            happened.append((one, epochs[one], decision.ends))
            if decision.ends or epochs[one] == EPOCHS:
                del training[one]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("places", [2, 9, 40])
@pytest.mark.parametrize("dies", [0.0, 0.1])
def test_all_are_decided_as_if_each_were_asked_at_every_event(seed, places, dies):
    ours, _ = trained(Waiting(), places, seed, 120, dies)
    theirs, _ = trained(AsksAll(), places, seed, 120, dies)
    assert ours == theirs


def test_how_often_a_trial_is_asked_about_hardly_grows_with_how_many_wait():
    few, many = (trained(Waiting(), places, 0, 300)[1] for places in (10, 100))
    assert many < 3 * few
    assert trained(AsksAll(), 100, 0, 300)[1] > 10 * many
