"""Plan: which trainings a study wants, as a function of those that are done.

First every contender tries its learning rates on a few seeds. Those that are not plainly worse are trained
with more seeds, in looks (`paired`): whoever is decided gets no more. What is wanted depends on results
alone, never on their order or on time, so a study that was interrupted, or runs on more cores, is the same
study.
"""

from __future__ import annotations

from . import rates
from .seen import RATE_SEEDS, Done, Seen, Terms, Wanted


def wanted(terms: Terms, done: Done) -> list[Wanted]:
    """Return all trainings that are wanted by now, those that are done included, always in one order."""
    seen = Seen(terms, done)
    contenders = range(len(terms.question.contenders))
    asked = dict.fromkeys(one for contender in contenders for one in _tuning(seen, contender))
    first, *later = terms.looks
    asked |= dict.fromkeys(one for contender in contenders for one in _seeds(seen, contender, first))
    before = first
    for seeds in later:
        if any(one not in done for one in asked):
            break
        # By what was known then: who was decided later was still open at this look.
        if open_ := seen.undecided(before):
            asked |= dict.fromkeys(one for n in (0, *open_) for one in _seeds(seen, n, seeds))
        before = seeds
    return list(asked)


def _tuning(seen: Seen, contender: int) -> list[Wanted]:
    """The first seeds at the rates a contender begins with, and at those that these lead to."""
    places = rates.first(seen.terms.question.contenders[contender].profile, seen.terms.rates)
    while True:
        asked = [Wanted(contender, place, seed) for place in places for seed in range(RATE_SEEDS)]
        if any(one not in seen.done for one in asked):
            return asked
        tried = {place: loss for place, loss in seen.tried(contender).items() if place in places}
        more = rates.next_rate(tried)
        if more is None:
            return asked
        places = [*places, more]


def _seeds(seen: Seen, contender: int, count: int) -> list[Wanted]:
    asked: list[Wanted] = []
    for seed in range(count):
        places = seen.kept_rates(contender, seed)
        if places is None:
            break
        asked += [Wanted(contender, place, seed) for place in places]
    return asked
