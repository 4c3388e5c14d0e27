"""Profile: the widths of one stack of LSTM layers, such as 64-8-32.

A profile lists the units of every LSTM layer from input to output, the bottleneck included.
The bottleneck is one extra, narrow layer; `bottleneck` is its place in the list.
A boundary is the step from one layer to the next; a narrowing is a boundary at which the
number of units falls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import UserError


@dataclass(frozen=True, order=True)
class Profile:
    """The units of each LSTM layer, from input to output.

    Args:
        units: units of each layer, all at least 1, the bottleneck layer included.
        bottleneck: 0-based place of the bottleneck layer in `units`, or None.

    Raises:
        UserError: "a profile needs ..." when there is no layer or a width below 1.
    """

    units: tuple[int, ...]
    bottleneck: int | None = None

    def __post_init__(self) -> None:
        if not self.units or min(self.units) < 1:
            raise UserError(f"a profile needs at least one layer of at least 1 unit, not {self.units}")

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Profile:
        """Build the profile that hyperparameter values describe.

        Args:
            values: `num_layers`, `units_1` ... `units_n`, and optionally `bottleneck` (0 = none,
                else its units) and `bottleneck_after` (1-based layer it follows; a number above
                `num_layers` means the last layer).
        """
        units = [int(values[f"units_{layer}"]) for layer in range(1, int(values["num_layers"]) + 1)]
        width = int(values.get("bottleneck") or 0)
        if not width:
            return cls(tuple(units))
        place = min(int(values.get("bottleneck_after") or 1), len(units))
        return cls((*units[:place], width, *units[place:]), bottleneck=place)

    @property
    def values(self) -> dict[str, int]:
        """The hyperparameters that describe this profile, its bottleneck as a layer like the others.

        >>> Profile((64, 8)).values
        {'num_layers': 2, 'units_1': 64, 'units_2': 8, 'bottleneck': 0}
        """
        units = {f"units_{layer}": units for layer, units in enumerate(self.units, start=1)}
        return {"num_layers": self.num_layers, **units, "bottleneck": 0}

    def place(self, layer: int) -> int:
        """Return the 0-based place in `units` of the layer whose units are `units_{layer}`.

        The bottleneck has no such number: behind one that follows layer 1, `units_2` is the third layer.

        >>> Profile((64, 8, 32), bottleneck=1).place(2)
        2
        """
        before = self.bottleneck is not None and layer > self.bottleneck
        return layer - 1 + before

    @classmethod
    def parse(cls, text: str) -> Profile:
        """Read the printed form back, `"64-8-32"`; which layer was the bottleneck is not in it."""
        try:
            return cls(tuple(int(part) for part in text.split("-")))
        except ValueError:
            raise UserError(f"a profile is written like 64-8-32, not {text!r}") from None

    def __str__(self) -> str:
        return "-".join(map(str, self.units))

    @property
    def num_layers(self) -> int:
        """Number of LSTM layers, the bottleneck included."""
        return len(self.units)

    @property
    def narrowest(self) -> int:
        """Units of the narrowest layer."""
        return min(self.units)

    @property
    def boundaries(self) -> tuple[tuple[int, int], ...]:
        """(units before, units after) of every boundary between two LSTM layers."""
        return tuple(zip(self.units[:-1], self.units[1:], strict=True))

    @property
    def narrowings(self) -> tuple[int, ...]:
        """0-based numbers of the boundaries at which the units fall."""
        return tuple(i for i, (before, after) in enumerate(self.boundaries) if after < before)

    def parameters(self, inputs: int, outputs: int) -> int:
        """Return the number of trainable parameters of the stack with its dense readout.

        A Keras LSTM layer of u units on d inputs has 4 u (d + u + 1): four gates, each with an
        input kernel, a recurrent kernel and a bias. The readout has `outputs` (u_last + 1).

        Args:
            inputs: channels that enter the first layer.
            outputs: numbers the readout emits, horizon x targets.

        >>> Profile((8, 2)).parameters(inputs=3, outputs=1)
        475
        """
        total, width = 0, inputs
        for units in self.units:
            total += 4 * units * (width + units + 1)
            width = units
        return total + outputs * (width + 1)
