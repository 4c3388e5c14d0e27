"""What is recorded of a study: the ratios of its seeds, and how a cost is told."""

import math
from itertools import product

import pytest

from narrows.callbacks.studied import percent
from narrows.search_spaces.profile import Profile
from narrows.tuning.studies.conduct import Conducted
from narrows.tuning.studies.paired import looks
from narrows.tuning.studies.question import Contender, Question
from narrows.tuning.studies.rates import GRID
from narrows.tuning.studies.result import About, recorded
from narrows.tuning.studies.seen import Losses, Seen, Terms, Wanted

SPREAD = 1.0


def test_ratios_are_of_the_test_losses_of_each_seed_and_a_diverged_one_counts_as_a_constant_forecast():
    base = {seed: 0.1 + 0.01 * seed for seed in range(8)}
    own = {seed: None if seed == 2 else 0.3 + 0.02 * seed for seed in range(8)}
    done = {
        Wanted(contender, rate, seed): Losses(1.0 + abs(rate - 4), tests[seed])
        for (contender, tests), rate, seed in product(((0, base), (1, own)), range(len(GRID)), range(8))
    }
    contenders = tuple(Contender(f"{width}", Profile((width,)), width, 0) for width in (8, 1))
    terms = Terms(Question("layer 1", "?", "units", contenders), looks(8), 3, 0.05, SPREAD)
    about = About("8", "mse", 1000, 8, 100, {"": 1}, 1)
    reference, arm = recorded(Conducted(Seen(terms, done), {}), about).arms
    assert reference.ratios == ()
    assert arm.ratios == pytest.approx([(own[seed] or SPREAD) / base[seed] for seed in range(8)])
    assert 1 + arm.cost == pytest.approx(math.prod(arm.ratios) ** (1 / 8))


@pytest.mark.parametrize(
    ("cost", "told"),
    [
        (0.039, "+3.9 %"),
        (-0.01, "-1.0 %"),
        (0.12, "+12 %"),
        (2.4, "+240 %"),
        (11.0, "12 times"),
        (-1e-5, "0 %"),
    ],
)
def test_a_cost_is_told_as_people_say_it(cost, told):
    assert percent(cost) == told
