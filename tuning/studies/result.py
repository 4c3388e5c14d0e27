"""From what a study trained to what it says: the arms with their words, and `RecordedStudy`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...callbacks.studied import (
    BETTER,
    ENOUGH,
    EQUAL,
    NOT_SHOWN,
    REFERENCE,
    TOO_NARROW,
    WORSE,
    Arm,
    RecordedStudy,
    TriedRate,
)
from .conduct import Conducted
from .grid import GRID
from .paired import ALPHA, SHARES, Paired, further_seeds
from .seen import Seen, Terms
from .words import sentences


@dataclass(frozen=True)
class About:
    """What is told of a study beside its arms: see the fields of `RecordedStudy`."""

    profile: str
    loss: str
    steps: int
    seeds: int
    windows: int
    inputs: Mapping[str, int]
    outputs: int
    shared: str = ""


def recorded(conducted: Conducted, about: About) -> RecordedStudy:
    """Return the study as plain data, with its sentences.

    Args:
        conducted: as far as it came.
        about: it; `inputs` are the numbers that enter the first layer at a step, by the feature that is
            left out.
    """
    seen, terms = conducted.seen, conducted.seen.terms
    question, margin, pairs = terms.question, seen.margin(), seen.last_pairs()
    arms = [_arm(conducted, about, number) for number in range(len(question.contenders))]
    arms[0] = replace(arms[0], word=REFERENCE, cost=0.0, low=0.0, high=0.0)
    for number, (word, pair) in enumerate(zip(words_of(seen), pairs, strict=True), start=1):
        arms[number] = _compared(arms[number], terms, pair, word, math.log1p(margin))
    enough = [arm.label for arm in arms if arm.word == ENOUGH]
    one_chain = question.numeric and len(question.chains) == 1
    study = RecordedStudy(
        name=f"{question.name} of {about.profile}",
        title=question.title,
        axis=question.axis,
        profile=about.profile,
        reference=question.contenders[0].label,
        enough=enough[-1] if enough and one_chain else None,
        delta=terms.delta,
        margin=margin,
        spread=terms.spread,
        loss=about.loss,
        steps=about.steps,
        seeds=about.seeds,
        trainings=len(seen.done),
        windows=about.windows,
        numeric=question.numeric,
        arms=tuple(arms),
        stopped=conducted.stopped,
        shared=about.shared,
    )
    return replace(study, sentences=tuple(sentences(study)))


def words_of(seen: Seen) -> list[str]:
    """Return the word of each contender but the first."""
    question, shown, margin = seen.terms.question, seen.shown(), math.log1p(seen.margin())
    if not question.numeric:
        return [
            EQUAL if one.within else WORSE if one.worse else BETTER if one.better else NOT_SHOWN
            for one in shown
        ]
    words = [
        TOO_NARROW if one.worse and pair.mean > margin and not one.enough else NOT_SHOWN
        for one, pair in zip(shown, seen.last_pairs(), strict=True)
    ]
    for chain in question.chains:
        for number in chain:
            if not shown[number - 1].enough:
                break
            words[number - 1] = ENOUGH
    return words


def _arm(conducted: Conducted, about: About, number: int) -> Arm:
    seen = conducted.seen
    contender = seen.terms.question.contenders[number]
    seeds, tried = seen.reached(number), seen.tried(number)
    place = seen.place(number, seeds) if seeds else None
    return Arm(
        label=contender.label,
        profile=str(contender.profile),
        width=contender.width,
        parameters=contender.profile.parameters(about.inputs[contender.without], about.outputs),
        rate=math.nan if place is None else GRID[place],
        rates=tuple(
            TriedRate(GRID[place], loss if math.isfinite(loss) else None) for place, loss in tried.items()
        ),
        losses=tuple(seen.losses(number)),
        place=contender.place,
        measures=conducted.measures.get(number),
    )


def _compared(arm: Arm, terms: Terms, pair: Paired, word: str, margin: float) -> Arm:
    """Return an arm with its cost and its word."""
    if pair.seeds < 2:
        return replace(arm, word=NOT_SHOWN)
    # Its ends are the one-sided bounds that decide at this look. An arm may stop at each look, and tends to
    # where it looks good; with these shares of the error the interval still covers 93 to 96 % (simulated).
    look = max((n for n, seeds in enumerate(terms.looks) if pair.seeds >= seeds), default=0)
    low, high = pair.interval(2 * ALPHA * SHARES[look])
    undecided = word == NOT_SHOWN
    return replace(
        arm,
        ratios=tuple(math.exp(min(one, 700.0)) for one in pair.d.tolist()),
        cost=_cost(pair.mean),
        low=_cost(low),
        high=_cost(high),
        word=word,
        further_seeds=further_seeds(pair, margin) if undecided else None,
    )


def _cost(log_ratio: float) -> float:
    """Return a log ratio as a relative cost."""
    return math.expm1(min(log_ratio, 700.0))
