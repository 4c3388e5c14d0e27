"""What a check found, in sentences, and whether it was mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ...search_spaces.errors import UserError


class State(StrEnum):
    """What became of a finding."""

    REPAIRED = "repaired"
    REPAIRABLE = "repairable"
    REMAINS = "remains"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing that is not as the run wrote it, or worth knowing.

    Args:
        where: name inside the run folder; empty for the run as a whole.
        said: what is the matter and what was, or can be, done.
        state: `note` where nothing is wrong.
    """

    where: str
    said: str
    state: State

    def __str__(self) -> str:
        return f"{self.where}: {self.said}" if self.where else self.said


@dataclass(frozen=True)
class Checked:
    """What a check found.

    Args:
        folder: of the run.
        findings: in the order in which they were found.
    """

    folder: Path
    findings: tuple[Finding, ...]

    @property
    def is_well(self) -> bool:
        """Whether nothing is damaged any more."""
        return not self._with(State.REMAINS) + self._with(State.REPAIRABLE)

    @property
    def summary(self) -> str:
        """The outcome in one sentence."""
        remains, repairable, repaired = map(self._with, (State.REMAINS, State.REPAIRABLE, State.REPAIRED))
        if remains:
            return f"{_counted(remains)} not repaired; see above what to do"
        if repairable:
            return f"{_counted(repairable)} not repaired yet: nothing was changed"
        return "everything that was damaged is repaired" if repaired else "all is well"

    def _with(self, state: State) -> int:
        return sum(finding.state == state for finding in self.findings)


def _counted(count: int) -> str:
    return "1 fault is" if count == 1 else f"{count:,} faults are"


@dataclass
class Findings:
    """Puts down what is found, and mends it where that is allowed.

    Args:
        repairs: whether anything may be changed.
    """

    repairs: bool
    found: list[Finding] = field(default_factory=list)

    def note(self, where: str, said: str) -> None:
        """Put down what is worth knowing."""
        self.found.append(Finding(where, said, State.NOTE))

    def remains(self, where: str, said: str) -> None:
        """Put down what cannot be mended, with what to do."""
        self.found.append(Finding(where, said, State.REMAINS))

    def mend(self, where: str, what: str, done: str, mending: Callable[[], object]) -> bool:
        """Mend something, where that is allowed; return whether it was.

        Args:
            where: see `Finding`.
            what: is the matter.
            done: what is done, after "it was" or "it would be".
            mending: does it.
        """
        if not self.repairs:
            self.found.append(Finding(where, f"{what}; it would be {done}", State.REPAIRABLE))
            return False
        try:
            mending()
        except (OSError, UserError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            self.remains(where, f"{what}, and could not be {done}: {why}")
            return False
        self.found.append(Finding(where, f"{what}; it was {done}", State.REPAIRED))
        return True
