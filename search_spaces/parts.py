"""One searched part of a space: an interval or a list of options; one option is a fixed part.

The user writes a part in Python or as text:

    8          "8"              fixed
    (4, 128)   "4..128"         interval, both ends included; log where the part usually is
    [8, 16]    "8,16"           a list of options, in this order
    Interval(4, 64, log=False)  "4..64:linear", "4..64:log"
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import UserError

if TYPE_CHECKING:
    import keras_tuner

Value = int | float | str


@dataclass(frozen=True)
class Interval:
    """Numbers from `low` to `high`, both included, drawn evenly on a linear or log scale."""

    low: float
    high: float
    log: bool = True

    def declare(self, hp: keras_tuner.HyperParameters, name: str) -> Any:
        """Register this part in `hp` under `name` and return its value, None when inactive."""
        sampling = "log" if self.log else "linear"
        make = hp.Int if isinstance(self.low, int) else hp.Float
        return make(name, self.low, self.high, sampling=sampling)

    @property
    def ends(self) -> tuple[Value, Value]:
        """Smallest and largest value."""
        return self.low, self.high

    def __str__(self) -> str:
        return f"{self.low}..{self.high}:{'log' if self.log else 'linear'}"


@dataclass(frozen=True)
class Options:
    """A list of values; with one value the part is fixed."""

    values: tuple[Value, ...]

    def declare(self, hp: keras_tuner.HyperParameters, name: str) -> Any:
        """Register this part in `hp` under `name` and return its value, None when inactive."""
        if len(self.values) == 1:
            return hp.Fixed(name, self.values[0])
        return hp.Choice(name, list(self.values))

    @property
    def ends(self) -> tuple[Value, Value]:
        """Smallest and largest value."""
        return min(self.values), max(self.values)

    def __str__(self) -> str:
        return ",".join(map(str, self.values))


Part = Interval | Options
Spec = Part | Value | tuple | Sequence | None


@dataclass(frozen=True)
class Rule:
    """What values a part may take.

    Args:
        name: the hyperparameter, as in messages.
        kind: `int`, `float` or `str`.
        low: smallest allowed number.
        high: largest allowed number; beyond it a value is a slip of the keyboard.
        log: whether an interval is drawn on a log scale unless it says otherwise.
        allowed: the texts allowed, for `str`.
        interval: whether an interval may be given; without, a list of options only.
    """

    name: str
    kind: type
    low: float = -math.inf
    high: float = math.inf
    log: bool = False
    allowed: tuple[str, ...] = ()
    interval: bool = True

    def read(self, spec: Spec) -> Part:
        """Return the part that `spec` (see the module's text) describes.

        Raises:
            UserError: for an empty list or interval, a value of the wrong kind or out of bounds.
        """
        if isinstance(spec, str) and self.kind is not str:
            return self._read_text(spec)
        if isinstance(spec, str):
            spec = [part.strip() for part in spec.split(",")]
        if isinstance(spec, Interval):
            return self._interval(spec.low, spec.high, spec.log)
        if isinstance(spec, Options):
            return self._options(spec.values)
        if isinstance(spec, tuple):
            if len(spec) != 2:
                raise UserError(
                    f"{self.name}: an interval is (low, high), a list of options is [a, b, ...]; not {spec}"
                )
            return self._interval(*spec, self.log)
        return self._options(spec if isinstance(spec, Iterable) else [spec])

    def _read_text(self, text: str) -> Part:
        body, _, scale = text.partition(":")
        if scale not in ("", "log", "linear"):
            raise UserError(f"{self.name}: {text!r} ends in {scale!r}; an interval ends in :log or :linear")
        if ".." in body:
            low, _, high = body.partition("..")
            return self._interval(low, high, {"": self.log, "log": True, "linear": False}[scale])
        return self._options([part for part in body.split(",") if part.strip()])

    def _interval(self, low: Any, high: Any, log: bool) -> Part:
        if not self.interval:
            raise UserError(
                f"{self.name}: {low}..{high} is an interval; write the values to try, such as {low},{high}"
            )
        first, last = self._value(low), self._value(high)
        if first > last:  # type: ignore[operator]
            raise UserError(f"{self.name}: the interval {low}..{high} is empty; write the smaller end first")
        if first == last:
            return Options((first,))
        if log and first <= 0:  # type: ignore[operator]
            raise UserError(f"{self.name}: a log scale cannot start at {first}; start above 0 or use :linear")
        return Interval(first, last, log)  # type: ignore[arg-type]

    def _options(self, values: Iterable[Any]) -> Options:
        read = tuple(dict.fromkeys(self._value(value) for value in values))
        if not read:
            raise UserError(f"{self.name}: the list of options is empty")
        return Options(read)

    def _value(self, value: Any) -> Value:
        if self.kind is str:
            if value not in self.allowed:
                raise UserError(f"{self.name}: {value!r} is not one of {', '.join(self.allowed)}")
            return str(value)
        try:
            number = float(value)
            exact = self.kind(number)
        except (TypeError, ValueError, OverflowError):
            raise UserError(f"{self.name}: {value!r} is not a number; write 8, 4..128 or 8,16,32") from None
        if self.kind is int and number != exact:
            raise UserError(f"{self.name}: {value} is not a whole number")
        if not self.low <= number <= self.high:
            raise UserError(f"{self.name}: {value} is outside {self.low:g} to {self.high:g}")
        return exact
