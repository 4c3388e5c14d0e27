"""What a comparison with the floors (`against`) says in plain sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ..models.intervals import Covered
from ..series.floors import RIDGE, RIDGE_WINDOW
from ..series.windows import Windows
from ..series.words import shown
from .against import BEATEN, BEATS, CANNOT_TELL, EQUAL, LEAST, UNDEFINED, Against

MOST_LISTED = 10
MANY_TIMES, MOST_TIMES = 2, 1_000_000
"""A ratio is told in percent below the first, in times up to the second; larger ones mean nothing more."""


def told(against: Against, reads: Mapping[str, int], window: int) -> list[str]:
    """Return which floors the model beats on the test part, which beat it, and what cannot be told.

    Args:
        against: the comparison.
        reads: rows that the ridge autoregression reads, by target, where they are more than `window`.
        window: rows that the model reads.
    """
    floors = list(against.table)[1:]
    without = [
        name for name in floors if not all(math.isfinite(against.error(name, one)) for one in against.found)
    ]
    deciding = {target: _decides(against, target) for target in against.found}
    told = [*_no_score(against, deciding), *(_left_out(against, floor) for floor in without)]
    for word in (BEATEN, EQUAL, BEATS, CANNOT_TELL):
        targets = {target: floor for target, (said, floor) in deciding.items() if said == word}
        if targets and word == CANNOT_TELL:
            told.append(_too_few(against, targets))
        elif targets:
            told += _compared(against, word, targets, "other floor" if without else "floor")
    if all(word == BEATEN for word, _ in deciding.values()):
        better = listed(list(dict.fromkeys(floor for _, floor in deciding.values())))
        told.append(f"Use {better}, or give the search more trials, more data or a longer lookback.")
    if reads:
        told.append(_reads_more(against, reads, window))
    elif any(RIDGE in sentence for sentence in told):
        told.append(f"{RIDGE[0].upper()}{RIDGE[1:]} is a linear formula of past values.")
    return told


def _reads_more(against: Against, reads: Mapping[str, int], window: int) -> str:
    most = f"{'up to ' if len(set(reads.values())) > 1 else ''}{max(reads.values()):,}"
    helped = any(against.error(RIDGE, target) < against.error(RIDGE_WINDOW, target) for target in reads)
    return (
        f"The {RIDGE}, a linear formula of past values, reads {most} rows where the window of the "
        f"{against.model} has {window:,}"
        f"{': a longer lookback may help' if helped else ''}."
    )


def _decides(against: Against, target: str) -> tuple[str, str]:
    """Return the word that holds for a target, and the floor it is about: the best one it is said of."""
    found = against.found[target]
    for word in (CANNOT_TELL, BEATEN, EQUAL, BEATS):
        floors = [floor for floor, one in found.items() if one.word == word]
        if floors:
            return word, min(floors, key=lambda floor: against.error(floor, target))
    return UNDEFINED, ""


def _no_score(against: Against, deciding: Mapping[str, tuple[str, str]]) -> list[str]:
    none = [target for target in deciding if not math.isfinite(against.error(against.model, target))]
    if not none:
        return []
    whose = f" for {listed(none)}" if len(deciding) > 1 else ""
    return [
        f"The {against.model} has no {against.metric} on the test part{whose}: forecasts or values there are "
        "no numbers, or too large to be computed with. So it beats nothing."
    ]


def _left_out(against: Against, floor: str) -> str:
    return f"The {floor} has no {against.metric} on the test part, since numbers there are too large."


def _too_few(against: Against, targets: Mapping[str, str]) -> str:
    best = ""
    if len(against.found) == 1:
        ((target, floor),) = targets.items()
        ours, theirs = (against.error(name, target) for name in (against.model, floor))
        best = (
            f" On these its {against.metric} is {ours:.4g}, that of {floor}, the best of them, {theirs:.4g}."
        )
    why, takes = "too few", f"{against.needed}, by "
    if against.moments >= against.needed:
        why, takes = "too few where the errors of the series rise and fall together", ""
    return (
        f"The test windows begin at {against.moments} different times, {why} to tell whether the "
        f"{against.model} or a simple forecast is better {_steps(against.horizon)} ahead: that takes "
        f"{takes}more data or a longer test part (--split).{best}"
    )


def _steps(horizon: int) -> str:
    return "a row" if horizon == 1 else f"{horizon} rows"


def _compared(against: Against, word: str, targets: Mapping[str, str], every: str) -> list[str]:
    """Return the sentences on targets of which one word holds, by the floor that decided."""
    model, sentences = against.model, []
    for floor in dict.fromkeys(targets.values()):
        said = {
            BEATEN: f"The {model} is beaten by {floor}",
            EQUAL: f"The {model} and {floor} are about equal",
            BEATS: f"The {model} beats every {every} (simple forecast); {floor} comes nearest",
        }[word]
        figures = {one: _figures(against, one, floor) for one, decided in targets.items() if decided == floor}
        if len(against.found) > 1:
            each = [f"{target} ({against.metric} {figure})" for target, figure in figures.items()]
            sentences.append(f"{said} for {listed(each)}.")
        else:
            ((target, figure),) = figures.items()
            ours, theirs = (against.error(name, target) for name in (model, floor))
            sentences.append(f"{said}: {against.metric} {ours:.4g} against {theirs:.4g}, {figure}.")
            beaten = [name for name, one in against.found[target].items() if one.word == BEATS]
            if word != BEATS and beaten:
                sentences.append(f"It beats {listed(beaten)}.")
    return sentences


def _figures(against: Against, target: str, floor: str) -> str:
    one = against.found[target][floor]
    if one.ratio > MOST_TIMES:
        return changed(one.ratio)
    assert one.low is not None and one.high is not None, "it could be told"
    chance = ", which may be chance" if one.word == EQUAL and abs(one.ratio - 1) >= LEAST else ""
    interval = between(changed(one.low), changed(one.high))
    return f"{changed(one.ratio)}{chance}; 95% interval over test windows {interval}"


def changed(ratio: float) -> str:
    """Return a ratio in words.

    >>> changed(0.9123), changed(1.25), changed(1.0001), changed(31.7)
    ('8.8% lower', '25% higher', 'the same', '32 times as large')
    """
    if ratio > MOST_TIMES:
        return f"more than {MOST_TIMES:,} times as large"
    if ratio >= MANY_TIMES:
        return f"{ratio:.1f} times as large" if ratio < 10 else f"{ratio:,.0f} times as large"
    share = abs(1 - ratio)
    if share < 0.0005:
        return "the same"
    return f"{share:{'.1%' if share < 0.0995 else '.0%'}} {'lower' if ratio < 1 else 'higher'}"


def between(low: str, high: str) -> str:
    """Return two ends of an interval in words.

    >>> between("8.8% lower", "2.1% lower"), between("8.8% lower", "1.5% higher")
    ('8.8% to 2.1% lower', '8.8% lower to 1.5% higher')
    """
    if low == high:
        return low
    number, _, unit = low.partition(" ")
    return f"{number} to {high}" if high.endswith(f" {unit}") else f"{low} to {high}"


def listed(names: Sequence[str]) -> str:
    """Return names as a list in a sentence; of many the first ten.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    if len(names) > MOST_LISTED:
        return shown(names)
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def covered(forecast: np.ndarray, windows: Windows) -> tuple[Covered | None, list[str]]:
    """Return how often prediction intervals hold on the test part, and that in a sentence.

    Args:
        forecast: of all test windows, float64 (windows, horizon, targets), raw units.
        windows: the data.
    """
    rows = windows.parts["test"]
    found = Covered.of((windows.raw_targets(rows) - forecast) / windows.unit(rows), windows)
    if found is None:
        return None, []
    whole, several = found.whole, len(found.each) > 1
    said = (
        f"Intervals meant to hold {found.level:g}% of what comes, made from one half of the test part, held "
        f"{whole.held:.0f}% in the other half ({whole.low:.0f} to {whole.high:.0f}% may be chance)."
    )
    off = [
        f"{' of '.join(filter(None, (target if several else '', name)))} ({share.held:.0f}%)"
        for target, each in found.each.items()
        for name, share in each.items()
        if not share.as_meant
    ]
    if off:
        said += f" By more than chance it is another share for {listed(off)}."
    return found, [said]
