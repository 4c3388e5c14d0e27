"""Which trial is the best: by loss, and with a scaling other than `last` by a margin."""

import math
import random
from itertools import permutations

import pytest

from narrows.search_spaces import linear_fit
from narrows.search_spaces.best import GAIN, best_of, ranked
from narrows.search_spaces.trial import Status, Trial


def trials_of(*known, status=Status.COMPLETED):
    """Trials of (scaling, loss), numbered from 0; a scaling of None is none that the trial has."""
    return [
        Trial(
            number,
            {"units_1": 8} | ({"scaling": scaling} if scaling else {}),
            epochs=1,
            status=status,
            best_val_loss=loss,
        )
        for number, (scaling, loss) in enumerate(known)
    ]


@pytest.mark.parametrize(
    ("known", "order"),
    [
        ([], []),
        ([("standard", 1.0)], [0]),
        ([("last", 1.0), ("standard", 0.94)], [1, 0]),
        ([("last", 1.0), ("standard", 0.95)], [0, 1]),  # not below 95 %
        ([("last", 1.0), ("standard", 0.97), ("none", 0.96)], [0, 2, 1]),
        ([("standard", 0.94), ("last", 1.0), ("none", 0.96)], [0, 2, 1]),
        ([("standard", 0.96), ("last", 2.0), ("last", 1.0), ("last", 3.0)], [2, 0, 1, 3]),
        ([("last", 0.9), ("standard", 1.0), ("last", 0.95)], [0, 2, 1]),
        # Equal losses: the first one, and `last` before the others.
        ([("last", 1.0), ("last", 1.0)], [0, 1]),
        ([("standard", 1.0), ("last", 1.0), ("last", 1.0)], [1, 0, 2]),
        ([("standard", 0.0), ("last", 0.0)], [1, 0]),
        # One scaling alone, none at all: by loss.
        ([("standard", 1.0), ("standard", 0.99)], [1, 0]),
        ([("standard", 1.0), ("none", 0.99)], [1, 0]),
        ([("last", 1.0), ("last", 0.99)], [1, 0]),
        ([(None, 1.0), (None, 0.99)], [1, 0]),
        # A space of the user's own, of which some trials have a scaling, and whose losses may be below 0.
        ([("last", 1.0), (None, 0.96)], [0, 1]),
        ([("last", -1.0), ("standard", -1.04)], [0, 1]),
        ([("last", -1.0), ("standard", -1.06)], [1, 0]),
        ([("last", 0.1), ("standard", -0.1)], [1, 0]),
        # What has no score is not there.
        ([("last", None), ("standard", 1.0), ("last", math.nan)], [1]),
        ([("last", math.inf), ("standard", 1.0)], [1, 0]),
        ([("standard", math.inf), ("last", math.inf)], [1, 0]),
    ],
)
def test_another_scaling_than_last_must_win_by_a_margin(known, order):
    trials = trials_of(*known)
    assert [one.number for one in ranked(reversed(trials))] == order
    best = best_of(trials)
    assert (None if best is None else best.number) == next(iter(order), None)


def test_a_trial_that_failed_with_a_loss_asks_for_no_margin():
    good, failed = (
        trials_of(("standard", 0.99)),
        trials_of(("standard", 9.0), ("last", 1.0), status=Status.FAILED),
    )
    assert [one.number for one in ranked([*good, failed[1]])] == [0]


def test_the_margin_is_that_of_the_level_of_the_linear_forecast():
    assert linear_fit.GAIN is GAIN == 0.95


def naive(trials):
    """The rule as it is told, in a loop."""
    least = last = None
    for one in trials:
        if one.score is None:
            continue
        if least is None or (one.score, one.number) < (least.score, least.number):
            least = one
        if one.values.get("scaling") == "last" and (
            last is None or (one.score, one.number) < (last.score, last.number)
        ):
            last = one
    if last is not None and least.values.get("scaling") != "last" and least.score >= GAIN * last.score:
        return last
    return least


def some_trials(luck, count):
    kinds = ["last", "standard", "none", None]
    return trials_of(*((luck.choice(kinds), round(luck.uniform(0.8, 1.2), 2)) for _ in range(count)))


@pytest.mark.parametrize("seed", range(20))
def test_the_rule_is_that_of_a_loop_and_may_be_applied_bit_by_bit(seed):
    luck = random.Random(seed)
    for _ in range(50):
        trials = some_trials(luck, luck.randrange(1, 12))
        best, few = naive(trials), luck.randrange(1, 4)
        assert best_of(trials) is best
        kept = []
        for one in luck.sample(trials, len(trials)):
            kept = ranked([*kept, one])[:few]
        assert [one.number for one in kept] == [one.number for one in ranked(trials)[:few]], "in any order"


def test_what_was_passed_over_is_never_the_best_later():
    for order in permutations(trials_of(("last", 1.0), ("standard", 0.96), ("none", 0.94), (None, 0.9))):
        bests = [best_of(order[: count + 1]).number for count in range(4)]
        assert all(one not in bests[:place] or bests[place - 1] == one for place, one in enumerate(bests))
