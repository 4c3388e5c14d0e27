"""Rungs: which trials were let go after how many epochs, while the better ones went on.

Successive halving judges a trial at some epochs and ends it there unless it is among the best so far. In
Hyperband each rung is a trial of its own, which goes on from an earlier one (`parent`). Both are told alike:
of each rung, which trials came there, which went on, which were let go, and the least loss.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..search_spaces.trial import Status
from .recorded import DONE, RecordedSearch, RecordedTrial


@dataclass(frozen=True)
class Rung:
    """One rung.

    Args:
        epoch: after which trials are judged; of the last rung the longest training.
        reached: trials that trained so long.
        let_go: those of them that ended there because others were better.
        loss: least validation loss of these trials until then; None where none is known.
    """

    epoch: int
    reached: tuple[int, ...]
    let_go: tuple[int, ...]
    loss: float | None


def rungs_of(search: RecordedSearch) -> tuple[Rung, ...]:
    """Return the rungs of a search, from the first; none where no trial is ended for others."""
    if search.asked is not None and search.asked.rungs:
        return _of_halving(search.trials, search.asked.rungs)
    if any(trial.parent is not None for trial in search.trials):
        return _of_hyperband(search)
    return ()


def reason_of(search: RecordedSearch, trial: RecordedTrial, rungs: Iterable[Rung]) -> str:
    """Return why a trial ended, also where Hyperband did not go on with it; empty where it had its time."""
    if trial.reason:
        return trial.reason
    for rung in rungs:
        if trial.number in rung.let_go:
            went_on = len(rung.reached) - len(rung.let_go)
            return (
                f"let go after epoch {rung.epoch}: it was not among the {went_on} of {len(rung.reached)} "
                "trials that went on from there"
            )
    return ""


def _of_halving(trials: Sequence[RecordedTrial], epochs: Sequence[int]) -> tuple[Rung, ...]:
    curves = {one.number: one.learning for one in trials}
    known = {number: curve for number, curve in curves.items() if curve is not None and curve.epoch}
    ends = {number: curve.epoch[-1] for number, curve in known.items()}
    stopped = {one.number for one in trials if one.status == Status.STOPPED}
    longest = max(ends.values(), default=0)

    def least(came: Iterable[int], epoch: int) -> float | None:
        pairs = (pair for one in came for pair in zip(known[one].epoch, known[one].validation, strict=True))
        return min((loss for at, loss in pairs if at <= epoch and loss is not None), default=None)

    found: list[Rung] = []
    for epoch in (epoch for epoch in epochs if epoch <= longest):
        came = tuple(number for number, end in ends.items() if end >= epoch)
        gone = tuple(number for number in came if ends[number] == epoch and number in stopped)
        found.append(Rung(epoch, came, gone, least(came, epoch)))
    beyond = tuple(number for number, end in ends.items() if not found or end > found[-1].epoch)
    if beyond:
        found.append(Rung(longest, beyond, (), least(beyond, longest)))
    return tuple(found)


def _of_hyperband(search: RecordedSearch) -> tuple[Rung, ...]:
    ended = [one for one in search.trials if one.status != Status.FAILED]
    went_on = {one.parent for one in search.trials}
    epochs = sorted({one.epochs for one in ended})
    found = []
    for epoch in epochs:
        came = [one for one in ended if one.epochs == epoch]
        losses = [one.score for one in came if one.score is not None and math.isfinite(one.score)]
        # While a search goes on, any of them may still be chosen to go on.
        judged = search.state == DONE and epoch < epochs[-1]
        gone = [one.number for one in came if judged and one.number not in went_on]
        found.append(Rung(epoch, tuple(one.number for one in came), tuple(gone), min(losses, default=None)))
    return tuple(found)
