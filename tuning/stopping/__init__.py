"""Stopping rules: whether a trial goes on. One file is one rule; `base.py` says what a new one must do."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from ...search_spaces.by_file import classes_by_file
from ...search_spaces.trial import Decision, Epoch, Status, Trial
from .base import Limits, Rule

__all__ = ["Limits", "Rule", "Rules"]


class Rules:
    """All rules that `limits` ask for, as one.

    Args:
        limits: of this start of the search.
    """

    def __init__(self, limits: Limits) -> None:
        # mypy takes an abstract class for no type; it is only compared with.
        kinds = classes_by_file(__package__, Rule)  # type: ignore[type-abstract]
        made = (kind.of(limits) for kind in kinds.values())
        self._rules = [rule for rule in made if rule is not None]

    @property
    def closed(self) -> bool:
        """Whether no further trial may begin."""
        return any(rule.closed for rule in self._rules)

    def recall(self, begun: Sequence[Trial], epochs: Callable[[int], Sequence[Epoch]]) -> None:
        """Learn of the trials of earlier starts; see `Rule.recall`."""
        for rule in self._rules:
            rule.recall(begun, epochs)

    def judge(self, trial: Trial, epoch: Epoch, training: dict[int, Trial]) -> Decision:
        """Return what the rules say after an epoch; that a trial showed what it can goes before a cut.

        Args:
            trial: as it stands after the epoch.
            epoch: the newest one.
            training: the trials in training by number; `Decision.again` looks at it again.
        """
        decisions = [rule.judge(trial, epoch, training) for rule in self._rules]
        ends = [one for one in decisions if one.ends is not None]
        waits = next((one for one in decisions if one.behind is not None), None)
        if waits is not None and not ends:
            return replace(waits, again=partial(self.judge, trial, epoch, training))
        if ends:
            return min(ends, key=lambda decision: decision.ends != Status.COMPLETED)
        return Decision(sure=min((rule.sure(trial, epoch) for rule in self._rules), default=math.inf))
