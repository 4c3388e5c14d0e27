"""StudyOptions: what a user may say of a study, and what holds where nothing is said.

Importing it imports no NumPy, so that `narrows study --help` answers at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..search_spaces.backend import check_alone
from ..search_spaces.errors import UserError, did_you_mean, raise_all
from ..search_spaces.profile import Profile
from ..search_spaces.stack_parts import MAX_UNITS
from .cluster import address
from .studies.grid import GRID
from .studies.question import KINDS, MATCHES


@dataclass(frozen=True)
class StudyOptions:
    """What to compare, and how surely.

    Args:
        profile: widths of the network, `32-32`; None takes those of the run's best trial, or 32-32.
        layer: a layer's number from 1, `all` of them in turn, `bottleneck` (one more layer), `depth` or
            `shape` (at equal parameters).
        feature: compare with and without this feature instead.
        widths: units to compare; None is all powers of two up to those of the layer.
        seeds: each width gets half as many where these decide, and twice as many where they do not.
        rates: learning rates each width begins with.
        delta: a loss that is larger by this share at most does not matter.
        match: `width` leaves the other layers as they are, `parameters` widens them as one is narrowed.
        steps: of each training.
        minutes: time budget of one start; None is none.
        seed: of everything random.
        cache: whether compiled programs are kept in the user's cache folder for the next study on the same
            shapes, and taken from there; it changes no result.
        cluster: a Ray cluster to train on: `auto` (the one this machine is in), `ray://HOST:PORT` or
            `HOST:PORT`; `auto,cores=4` has each worker process train four trials. None is this machine alone.
    """

    profile: str | Sequence[int] | None = None
    layer: int | str = "all"
    feature: str | None = None
    widths: str | Sequence[int] | None = None
    seeds: int = 8
    rates: int = 3
    delta: float = 0.05
    match: str = "width"
    steps: int = 1000
    minutes: float | None = None
    seed: int = 0
    cache: bool = True
    cluster: str | None = None

    def check(self) -> None:
        """Raise one `UserError` with all mistakes, or with what the process must not be."""
        check_alone()
        mistakes = []
        for name, (low, high) in {
            "seeds": (2, 200), "rates": (1, len(GRID)), "steps": (1, 10**7), "seed": (0, 2**63),
        }.items():  # fmt: skip
            value = getattr(self, name)
            if not (isinstance(value, int) and low <= value <= high):
                mistakes.append(f"{name} must be a whole number from {low} to {high}, not {value!r}")
        if not 0 < self.delta <= 1:
            mistakes.append(f"delta must be above 0 and at most 1 (0.05 is 5 %), not {self.delta}")
        if self.minutes is not None and not 0 < self.minutes < math.inf:
            mistakes.append(f"minutes must be above 0, not {self.minutes}")
        if self.match not in MATCHES:
            mistakes.append(f"match: {self.match!r} is not one of {', '.join(MATCHES)}")
        for read in (self.units, self.tried, self.asked, *address.checks(self.cluster)):
            try:
                read()
            except UserError as error:
                mistakes.append(str(error))
        raise_all(mistakes)

    def units(self) -> Profile | None:
        """Return the widths that were given."""
        if self.profile is None:
            return None
        if isinstance(self.profile, str):
            found = Profile.parse(self.profile)
        else:
            found = Profile(tuple(int(units) for units in self.profile))
        if max(found.units) > MAX_UNITS:
            raise UserError(f"profile {found}: a layer has at most {MAX_UNITS} units")
        return found

    def tried(self) -> list[int]:
        """Return the widths to compare; none where nothing was said."""
        given = self.widths if self.widths is not None else []
        parts = [part for part in given.split(",") if part.strip()] if isinstance(given, str) else list(given)
        try:
            found = [int(part) for part in parts]
        except (TypeError, ValueError):
            raise UserError(f"widths are written like 1,2,4,8, not {self.widths!r}") from None
        if any(not 1 <= width <= MAX_UNITS for width in found):
            raise UserError(f"widths must be from 1 to {MAX_UNITS}, not {self.widths}")
        return found

    def asked(self) -> int | str:
        """Return the layer's number, or one of the other questions by name."""
        text = str(self.layer).strip()
        if text.isdecimal() and len(text) < 10:
            return int(text)
        if text not in KINDS:
            raise UserError(
                f"layer: {self.layer!r} is not a layer's number, nor one of {', '.join(KINDS)}"
                f"{did_you_mean(text, KINDS)}"
            )
        return text
