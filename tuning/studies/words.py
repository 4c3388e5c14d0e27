"""What a study says, in sentences for somebody who forecasts and never read a paper."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from ...callbacks.studied import (
    BETTER,
    ENOUGH,
    EQUAL,
    NOT_SHOWN,
    TIMES,
    TOO_NARROW,
    WORSE,
    Arm,
    RecordedStudy,
    percent,
)
from .rates import geometric

LEARNED = 0.98
"""A network whose loss is above this share of a constant forecast's has learned nothing to speak of."""


def sentences(study: RecordedStudy) -> list[str]:
    """Return what came out, and what would decide what is open."""
    base = geometric(study.base.losses)
    said = []
    if not study.base.losses:
        said.append(
            f"{_subject(study)}: no network was trained with enough seeds yet, so nothing can be said."
        )
    elif base >= LEARNED * study.spread:
        said.append(_nothing_learned(study))
    if study.base.losses:
        said += list(_widths(study)) if study.numeric else list(_choices(study))
    if study.stopped:
        said.append(f"The study is not complete: {study.stopped}. The same command goes on.")
    return said


def _nothing_learned(study: RecordedStudy) -> str:
    """Say that the reference is no better than a constant, and whether any of the others is."""
    constant = "the mean or the last value"
    if any(geometric(arm.losses) < LEARNED * study.spread for arm in study.arms if arm.losses):
        return (
            f"{study.base.profile}, with which the others are compared, forecasts no better than {constant}."
        )
    return (
        f"None of these networks forecasts better than {constant}, so their widths make no difference: "
        f"there may be nothing to learn here, or {study.steps:,} steps were too few (--steps)."
    )


def unexplained(study: RecordedStudy, arm: Arm) -> float:
    """Return the loss of an arm as a share of what a constant forecast leaves, 0 to 1 and more."""
    return geometric(arm.losses) / study.spread if arm.losses else math.nan


def near_zero(study: RecordedStudy) -> bool:
    """Whether losses are so small that ratios mean nothing: a hundredth of the variance is what decides."""
    return study.margin > study.delta


def _widths(study: RecordedStudy) -> Iterator[str]:
    """Sentences for arms that are widths, for each place a layer is added at."""
    places = dict.fromkeys(arm.place for arm in study.arms if arm is not study.base)
    for place in places:
        arms = [arm for arm in study.arms if arm is not study.base and arm.place == place]
        subject = _subject(study) if place is None else f"One more layer after layer {place}"
        yield from _of_chain(study, arms, subject)


def _of_chain(study: RecordedStudy, arms: Sequence[Arm], subject: str) -> Iterator[str]:
    enough = [arm for arm in arms if arm.word == ENOUGH]
    narrow = [arm for arm in arms if arm.word == TOO_NARROW]
    parts = []
    if enough:
        best = enough[-1]
        parts.append(f"{_units(best)} {'is' if best.width == 1 else 'are'} enough {_evidence(study, best)}")
    elif arms:
        widest = "no added layer" if study.base.width is None else _units(study.base)
        parts.append(
            f"it is not shown that fewer than {widest} do"
            if study.base.width
            else "no width is shown to do no harm"
        )
    parts += [_costs(study, arm) for arm in narrow]
    if parts:
        yield f"{subject}: {'; '.join(parts)}."
    if enough and study.base.width is not None:
        yield f"Keeping {study.base.width} buys nothing that could be shown."
    yield from _open(study, [arm for arm in arms if arm.word == NOT_SHOWN])


def _choices(study: RecordedStudy) -> Iterator[str]:
    base, arms = study.base, [arm for arm in study.arms if arm is not study.base]
    told = {BETTER: "better than", WORSE: "worse than", EQUAL: "about equal to"}
    for word, phrase in told.items():
        for arm in arms:
            if arm.word == word:
                yield f"“{arm.label}” is {phrase} “{base.label}” {_evidence(study, arm)}."
    yield from _open(study, [arm for arm in arms if arm.word == NOT_SHOWN])


def _open(study: RecordedStudy, arms: Sequence[Arm]) -> Iterator[str]:
    """Say what the data do not decide, and how many more seeds would."""
    for arm in arms:
        name = _units(arm) if study.numeric else f"“{arm.label}”"
        if arm.cost is None or arm.low is None or arm.high is None:
            yield f"Of {name} nothing is known yet."
            continue
        if study.numeric and arm.high <= study.margin:
            yield f"{name} came out within the margin too, which counts once the wider ones do."
            continue
        seen = _seen(study, arm)
        if arm.further_seeds is None:
            yield f"Whether {name} would do is not decided ({seen}), nor would it be by hundreds of seeds."
        else:
            asked = math.ceil((len(arm.losses) + arm.further_seeds) / 2)
            yield (
                f"Whether {name} would do is not decided ({seen}): about {arm.further_seeds} further seeds "
                f"would (--seeds {asked})."
            )


def _seen(study: RecordedStudy, arm: Arm) -> str:
    if near_zero(study):
        left, base = (_share(unexplained(study, one)) for one in (arm, study.base))
        return f"{left} of what there is to forecast stays, {base} with {study.base.label}, {_seeds(arm)}"
    return f"loss {percent(arm.cost)}, between {percent(arm.low)} and {percent(arm.high)}, {_seeds(arm)}"


def _evidence(study: RecordedStudy, arm: Arm) -> str:
    assert arm.cost is not None and arm.high is not None
    if near_zero(study) and arm.word in (ENOUGH, EQUAL):
        who = "it leaves" if arm.width == 1 else "they leave"
        left, base = (_share(unexplained(study, one)) for one in (arm, study.base))
        and_base = f"{study.base.label} {'leave' if (study.base.width or 1) > 1 else 'leaves'} {base}"
        return f"({who} {left} of what there is to forecast, {and_base}, {_seeds(arm)})"
    at_most = f", at most {percent(arm.high)}" if arm.word in (ENOUGH, EQUAL) else ""
    between = "" if at_most else f", between {percent(arm.low or 0.0)} and {percent(arm.high or 0.0)}"
    return f"(loss {percent(arm.cost)}{at_most}{between}, {_seeds(arm)})"


def _costs(study: RecordedStudy, arm: Arm) -> str:
    assert arm.cost is not None
    if near_zero(study):
        return f"{arm.width} {'leaves' if arm.width == 1 else 'leave'} {_share(unexplained(study, arm))}"
    verb = "costs" if arm.width == 1 else "cost"
    lost = f"{percent(arm.cost)} the loss" if arm.cost >= TIMES else percent(arm.cost)
    return f"{arm.width} {verb} {lost}"


def _share(share: float) -> str:
    return f"{100 * share:.{0 if share >= 0.0995 else 1}f} %"


def _units(arm: Arm) -> str:
    return f"{arm.width} unit{'' if arm.width == 1 else 's'}"


def _seeds(arm: Arm) -> str:
    return f"{len(arm.losses)} seeds"


def _subject(study: RecordedStudy) -> str:
    return f"{study.name[0].upper()}{study.name[1:]}"
