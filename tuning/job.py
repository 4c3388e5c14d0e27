"""Job: everything a run was asked to do, checked as a whole before anything expensive.

`Job.prepare` reads the data and cuts the windows, which needs no TensorFlow. All mistakes that can
be seen without the data come in one message; then the data speak.

A job is written to the run's `job.json`. Two jobs are the same when all but their budget (`trials`,
`minutes`, `keep`, `record`), `cache` and `cluster` is equal; only the same job may continue a run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ..search_spaces.backend import check_alone, check_backend
from ..search_spaces.errors import UserError, did_you_mean, raise_all
from ..search_spaces.parts import Options, Part, Spec
from ..search_spaces.stack_parts import RULES, UNSAID, read_parts
from . import algorithms, engines
from .cluster import address
from .job_data import POLICIES, conventions_of, split_of
from .job_options import LEVELS, JobOptions
from .prepared import Prepared, prepare

LEAST = {
    "horizon": 1, "trials": 1, "epochs": 1, "patience": 0, "seed": 0, "max_parameters": 1, "keep": 1,
    "record": 2, "season": 1, "folds": 1,
}  # fmt: skip
MOST, MOST_SEED = 10**9, 2**63 - 1
"""Of all these numbers, and of the seed: the store keeps whole numbers of 64 bits."""


@dataclass(frozen=True)
class Job(JobOptions):
    """What to search, on which data, for how long; its fields and their defaults are `JobOptions`."""

    def check(self) -> None:
        """Raise one `UserError` with all mistakes that can be seen without the data."""
        mistakes = []
        for name, low in LEAST.items():
            value, most = getattr(self, name), MOST_SEED if name == "seed" else MOST
            if value is not None and value < low:
                mistakes.append(f"{name} must be at least {low}, not {value}")
            elif value is not None and not value <= most:
                mistakes.append(f"{name} must be at most {most:,}, not {value}")
        if self.minutes is not None and not 0 < self.minutes < math.inf:
            mistakes.append(f"minutes must be above 0, not {self.minutes}")
        for kind, known in {
            "algorithm": algorithms.names(),
            "engine": engines.names(),
            "missing": POLICIES,
            "levels": LEVELS,
        }.items():
            if getattr(self, kind) not in known and (getattr(self, kind) is not None or kind != "levels"):
                mistakes.append(
                    f"there is no {kind} {getattr(self, kind)!r}{did_you_mean(getattr(self, kind), known)}"
                )
        for check in (
            lambda: conventions_of(self),
            lambda: split_of(self),
            self._lookbacks,
            self.parts,
            *address.checks(self.cluster),
        ):
            try:
                check()
            except UserError as error:
                if str(error) not in mistakes:
                    mistakes.append(str(error))
        if not (
            self.callbacks is None or callable(self.callbacks) or isinstance(self.callbacks, list | tuple)
        ):
            mistakes.append(
                "callbacks must be a list of Keras callbacks, or a function that is given a trial and "
                f"returns its list, not {self.callbacks!r}"
            )
        raise_all(mistakes)

    def parts(self) -> dict[str, Part] | None:
        """Return the parts of a stacked LSTM space as far as they can be seen without the data; None for a
        HyperModel of the user's own."""
        if not isinstance(self.space, Mapping):
            return getattr(self.space, "parts", None) or None
        # What is not said of these the data decide, see `prepared`.
        unsaid = {name for name in UNSAID if self.space.get(name) is None}
        specs: dict[str, Spec] = {name: spec for name, spec in self.space.items() if name not in unsaid}
        if len(self._lookbacks()) > 1:
            specs["lookback"] = self._lookbacks()
        return read_parts(specs, self.loss, self.clipnorm)

    def _lookbacks(self) -> list[int]:
        """Return the lookbacks asked for; none when the data decide."""
        if self.lookback is None:
            return []
        part = RULES["lookback"].read(self.lookback)
        assert isinstance(part, Options), "the rule takes no interval"
        found = sorted(map(int, part.values))
        if len(found) > 1 and not isinstance(self.space, Mapping):
            raise UserError(
                f"lookback: a space of your own gets one lookback, not {found}; "
                f"StackedLSTM(lookback={found}) searches among them"
            )
        return found

    def prepare(self) -> Prepared:
        """Check everything, read the data and cut the windows.

        Raises:
            UserError: for anything the user can mend.
        """
        check_alone()
        check_backend()
        self.check()
        return prepare(self, self.parts(), self._lookbacks())

    def asked(self) -> str:
        """Return the arguments that are not as they are by default, for the log."""
        said = {one.name: getattr(self, one.name) for one in fields(JobOptions)}
        said |= {"source": _named(self.source), "callbacks": self.callbacks and _named(self.callbacks)}
        if not isinstance(self.space, Mapping):
            said["space"] = _named(self.space)
        plain = vars(JobOptions("", space={}))
        return ", ".join(f"{name}={value!r}" for name, value in said.items() if value != plain[name])

    def describe(self, prepared: Prepared) -> dict[str, Any]:
        """Return what `job.json` keeps, JSON-able."""
        return {
            "source": _named(self.source),
            "identity": prepared.identity,
            "budget": {"trials": self.trials, "minutes": self.minutes, "keep": self.keep},
            "engine": self.engine,
            "missing": self.missing,
            "wide": self.wide,
        }


def _named(given: Any) -> str:
    """Return a path or name, and of what may hold data or code its class."""
    return str(given) if isinstance(given, str | Path) else f"<{type(given).__name__}>"
