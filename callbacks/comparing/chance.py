"""Whether a difference between two losses is more than another seed makes.

Networks that were trained again with other seeds show how far the loss of one network moves by luck. Their
logarithms are taken to spread alike in all networks of a search: s^2 = sum (x - mean of its network)^2 /
sum (n - 1). The means of two networks of n and m seeds then differ by luck by less than
t s sqrt(1 / n + 1 / m) in 19 of 20 cases, t the 97.5 % point of Student's t. Like is compared with like:
means over seeds where all that are compared were trained again, else the one run of each in the search.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean

from ..recorded import RecordedTrial


@dataclass(frozen=True)
class Judged:
    """A trial by the losses that it is compared by.

    Args:
        name: of the side.
        trial: the trial.
        losses: finite, at least one.
    """

    name: str
    trial: RecordedTrial
    losses: tuple[float, ...]

    @property
    def loss(self) -> float:
        """The mean."""
        return fmean(self.losses)


def judged(named: Iterable[tuple[str, RecordedTrial | None]]) -> list[Judged]:
    """Return those of trials that have a score, the one of the least loss first."""
    known = [(name, one, losses) for name, one in named if one is not None and (losses := _losses(one))]
    again = all(len(losses) > 1 for _, _, losses in known)
    found = [Judged(name, one, losses if again else losses[:1]) for name, one, losses in known]
    return sorted(found, key=lambda one: one.loss)


@dataclass(frozen=True)
class Seeds:
    """What another seed does to a loss.

    Args:
        deviation: of the logarithm.
        free: degrees of freedom.
    """

    deviation: float
    free: int

    @classmethod
    def of(cls, trials: Iterable[RecordedTrial]) -> Seeds | None:
        """Return what networks that were trained again show; None of none, or of losses not above 0."""
        squares, free = 0.0, 0
        for losses in map(_losses, trials):
            if len(losses) > 1 and min(losses) > 0:
                logs = [math.log(loss) for loss in losses]
                squares += sum((log - fmean(logs)) ** 2 for log in logs)
                free += len(logs) - 1
        return cls(math.sqrt(squares / free), free) if free else None

    def luck(self, one: Judged, other: Judged) -> float:
        """Return the ratio of two losses, above 1, that luck exceeds in one of 20 cases."""
        # Imported late: SciPy takes longer to load than a page takes to make.
        from scipy.special import stdtrit

        each = 1 / len(one.losses) + 1 / len(other.losses)
        return math.exp(min(float(stdtrit(self.free, 0.975)) * self.deviation * math.sqrt(each), 700.0))


def is_it_luck(low: Judged, high: Judged, seeds: Seeds | None, decides: str) -> str:
    """Return whether another seed may turn a difference round, in sentences.

    Args:
        low: the one of the smaller loss.
        high: the other.
        seeds: what another seed does; None where it is not known.
        decides: a sentence on what would decide.
    """
    if seeds is None or low.loss <= 0:
        return f"One run each: another seed (other first random weights) may turn this round. {decides}"
    luck = share(seeds.luck(low, high))
    if high.loss / low.loss <= seeds.luck(low, high):
        return (
            "That may be luck: another seed (other first random weights) makes a difference of up to "
            f"{luck} here. {decides}"
        )
    said = f"That is more than another seed (other first random weights) does, which is up to {luck} here."
    return said if len(low.losses) > 1 else f"{said} Each had one run, and the least of many is partly luck."


def _losses(trial: RecordedTrial) -> tuple[float, ...]:
    """Return the losses of a network with all its seeds, that of the search first; none where it failed."""
    if trial.score is None or not math.isfinite(trial.score):
        return ()
    again = (loss for loss in trial.again if loss is not None and math.isfinite(loss))
    return (trial.score, *again)


def share(ratio: float) -> str:
    """Return how much more a ratio above 1 is: `12 %`, or `3.4 times` as much."""
    if ratio >= 2:
        return f"{ratio:,.1f} times" if ratio < 1000 else "more than a thousand times"
    percent = 100 * (ratio - 1)
    return f"{percent:.0f} %" if percent >= 9.95 else f"{percent:.2g} %"


def more(low: float, high: float) -> str:
    """Return how much `high` is above `low`, such as `, 12 % more`; empty where there is no ratio."""
    if not 0 < low < high < math.inf:
        return ""
    return f", {share(high / low)} {'as much' if high / low >= 2 else 'more'}"
