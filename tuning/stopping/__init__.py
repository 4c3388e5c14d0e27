"""Stopping rules: whether a trial goes on. One file is one rule; `base.py` says what a new one must do."""

from __future__ import annotations

from ...search_spaces.by_file import classes_by_file
from ...search_spaces.trial import GO_ON, Decision, Epoch, Status, Trial
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

    def judge(self, trial: Trial, epoch: Epoch) -> Decision:
        """Return what the rules say after an epoch; that a trial showed what it can goes before a cut."""
        decisions = [rule.judge(trial, epoch) for rule in self._rules]
        ends = [decision for decision in decisions if decision.ends is not None]
        return min(ends, key=lambda decision: decision.ends != Status.COMPLETED, default=GO_ON)
