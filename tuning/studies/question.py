"""Questions a study may answer: which networks are compared, and with which one.

layer 2      the width of one layer, all others as they are
bottleneck   one more layer, of several widths, after each layer in turn
depth        the number of layers, all of one width, at equal parameters
shape        decreasing, equal, increasing, bulging and pinched widths at equal parameters
feature      the same network with a feature and without it
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ...search_spaces.errors import UserError
from ...search_spaces.profile import Profile

KINDS = ("all", "bottleneck", "depth", "shape")
MATCHES = ("width", "parameters")
DEPTHS = (1, 2, 3, 4)
SHAPES: dict[str, Callable[[float], float]] = {
    "equal": lambda x: 1.0,
    "decreasing": lambda x: 2.0 * 0.25**x,
    "increasing": lambda x: 0.5 * 4.0**x,
    "bulging": lambda x: 0.5 * 4.0 ** (1 - abs(2 * x - 1)),
    "pinched": lambda x: 2.0 * 0.25 ** (1 - abs(2 * x - 1)),
}
"""Relative width of a layer that stands at x, 0 the first and 1 the last; the widest has four times the
units of the narrowest."""
LEAST_SHAPED = 3
MOST_SCALE = 1e6
"""A stack whose only layer is fixed never gets the size."""


@dataclass(frozen=True)
class Contender:
    """One of the networks that are compared.

    Args:
        label: what it differs in.
        profile: its widths.
        width: units of the layer in question; None where that is no number.
        layer: the layer in question, from 0, in its profile; None where there is none.
        place: of an inserted layer, the layer it follows, from 1.
        without: feature that it is not given; empty is none.
    """

    label: str
    profile: Profile
    width: int | None = None
    layer: int | None = None
    place: int | None = None
    without: str = ""


@dataclass(frozen=True)
class Question:
    """What is compared.

    Args:
        name: names the study in its run.
        title: the question, for the user.
        axis: what the contenders differ in.
        contenders: the reference first; widths from wide to narrow.
        numeric: whether they are widths.
    """

    name: str
    title: str
    axis: str
    contenders: tuple[Contender, ...]
    numeric: bool = True

    @property
    def chains(self) -> list[list[int]]:
        """The contenders but the first, by place, each from wide to narrow."""
        places = dict.fromkeys(one.place for one in self.contenders[1:])
        return [[n for n, one in enumerate(self.contenders) if n and one.place == place] for place in places]


def of_layer(profile: Profile, layer: int, widths: Sequence[int], size: Size | None = None) -> Question:
    """Ask how many units a layer needs.

    Args:
        profile: of the network.
        layer: number of the layer, from 1.
        widths: to compare; none is all powers of two below its units. The widest is what the others are
            compared with; the layer's own units are added where all are narrower.
        size: keeps the number of parameters as the other layers widen; None leaves them as they are.
    """
    if not 1 <= layer <= profile.num_layers:
        raise UserError(f"there is no layer {layer}: {profile} has {profile.num_layers}")
    own = profile.units[layer - 1]
    tried = sorted(
        {*(widths or _powers(own)), *(() if max(widths, default=0) >= own else (own,))}, reverse=True
    )
    contenders = []
    for width in tried:
        units = list(profile.units)
        units[layer - 1] = width
        made = Profile(tuple(units))
        if size and made != profile:
            made = size.matched(profile.units, {layer - 1: width})
        contenders.append(Contender(str(width), made, width, layer - 1))
    which = f"layer {layer}" if profile.num_layers > 1 else "the layer"
    return Question(
        f"layer {layer}", f"How many units does {which} of {profile} need?", f"units of layer {layer}",
        tuple(contenders),
    )  # fmt: skip


def of_bottleneck(profile: Profile, widths: Sequence[int]) -> Question:
    """Ask how narrow one more layer may be, after each layer in turn."""
    contenders = [Contender("none", profile)]
    for place in range(1, profile.num_layers + 1):
        tried = widths or _powers(profile.units[place - 1])
        for width in sorted(set(tried), reverse=True):
            units = (*profile.units[:place], width, *profile.units[place:])
            label = f"{width} after layer {place}"
            contenders.append(Contender(label, Profile(units), width, place, place))
    title = f"How narrow may one more layer in {profile} be?"
    return Question("bottleneck", title, "units of the added layer", tuple(contenders))


def of_depth(profile: Profile, size: Size) -> Question:
    """Ask how many layers are best when the number of parameters is the same."""
    depths = sorted({*DEPTHS, profile.num_layers}, key=lambda depth: (depth != profile.num_layers, depth))
    contenders = []
    for depth in depths:
        made = size.matched((1,) * depth)
        layers = f"{depth} layer{'s' if depth > 1 else ''}"
        contenders.append(Contender(f"{layers} of {made.units[0]}", made))
    title = f"How many layers are best with the {size.parameters:,} parameters of {profile}?"
    return Question("depth", title, "number of layers", tuple(contenders), numeric=False)


def of_shape(profile: Profile, size: Size) -> Question:
    """Ask whether widths should fall, rise or bulge when the number of parameters is the same."""
    layers = max(LEAST_SHAPED, profile.num_layers)
    contenders = []
    for name, shape in SHAPES.items():
        made = size.matched([shape(n / (layers - 1)) for n in range(layers)])
        contenders.append(Contender(f"{name} {made}", made))
    title = f"Which shape is best for {layers} layers with the {size.parameters:,} parameters of {profile}?"
    return Question("shape", title, "shape of the stack", tuple(contenders), numeric=False)


def of_feature(profile: Profile, name: str, features: Sequence[str]) -> Question:
    """Ask whether a feature helps the forecast."""
    if name not in features:
        known = f"the features are {', '.join(features)}" if features else "the data have no features"
        raise UserError(f"there is no feature {name!r}: {known}")
    contenders = Contender(f"with {name}", profile), Contender(f"without {name}", profile, without=name)
    return Question(f"feature {name}", f"Does {profile} need {name}?", "features", contenders, numeric=False)


@dataclass(frozen=True)
class Size:
    """The number of parameters that networks are matched to.

    Args:
        parameters: wanted.
        inputs: channels of a window.
        outputs: numbers of a forecast.
    """

    parameters: int
    inputs: int
    outputs: int

    @classmethod
    def of(cls, profile: Profile, inputs: int, outputs: int) -> Size:
        """Return the size of a network."""
        return cls(profile.parameters(inputs, outputs), inputs, outputs)

    def matched(self, ratios: Sequence[float], fixed: Mapping[int, int] | None = None) -> Profile:
        """Return the profile of this size, as near as whole units allow.

        Args:
            ratios: of the widths to each other.
            fixed: widths of layers, from 0, that stay as they are.
        """

        def made(scale: float) -> Profile:
            scaled = {n: max(1, round(scale * ratio)) for n, ratio in enumerate(ratios)}
            return Profile(tuple((scaled | dict(fixed or {})).values()))

        def size(scale: float) -> int:
            return made(scale).parameters(self.inputs, self.outputs)

        low, high = 0.0, 1.0
        while size(high) < self.parameters and high < MOST_SCALE:
            high *= 2
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if size(middle) < self.parameters else (low, middle)
        return min((made(low), made(high)), key=self._distance)

    def _distance(self, profile: Profile) -> int:
        return abs(profile.parameters(self.inputs, self.outputs) - self.parameters)


def _powers(units: int) -> list[int]:
    """All powers of two below `units`, and itself."""
    return [units, *(2**n for n in range(units.bit_length()) if 2**n < units)]
