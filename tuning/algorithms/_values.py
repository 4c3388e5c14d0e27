"""Values of a KerasTuner space: which hyperparameters are active, and every combination there is.

KerasTuner keeps parents before the hyperparameters that depend on them, so one pass in order is
enough to know what is active.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from keras_tuner.engine.hyperparameters import Float, HyperParameter, Int

SPREAD = 10
END = 1 - 1e-9  # positions are in [0, 1): at 1 an integer would be above its interval

Draw = Callable[[HyperParameter], Any]
Options = Callable[[HyperParameter], Iterable[Any]]


def is_active(hp: HyperParameter, values: Mapping[str, Any]) -> bool:
    """Return whether `hp` has a value beside `values`, those of all hyperparameters before it."""
    return all(condition.is_active(values) for condition in hp.conditions)


def has_value(hp: HyperParameter, values: Mapping[str, Any]) -> bool:
    """Return whether the value under the name of `hp` is its own, not one of another scope."""
    return hp.name in values and is_active(hp, values)


def named(space: Sequence[HyperParameter]) -> dict[str, HyperParameter]:
    """Return each hyperparameter by a name of its own: a name that several scopes have is numbered."""
    found: dict[str, HyperParameter] = {}
    for hp in space:
        same = sum(one.name == hp.name for one in found.values())
        found[f"{hp.name}#{same + 1}" if same else hp.name] = hp
    return found


def fill(space: Sequence[HyperParameter], draw: Draw) -> dict[str, Any]:
    """Return the active values when each is given by `draw`."""
    values: dict[str, Any] = {}
    for hp in space:
        if is_active(hp, values):
            values[hp.name] = draw(hp)
    return values


def combinations(space: Sequence[HyperParameter], options: Options) -> Iterator[dict[str, Any]]:
    """Yield the active values of every combination of `options`, the last hyperparameter fastest."""

    def go_on(place: int, values: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if place == len(space):
            yield values
        elif is_active(space[place], values):
            for value in options(space[place]):
                yield from go_on(place + 1, {**values, space[place].name: value})
        else:
            yield from go_on(place + 1, values)

    return go_on(0, {})


def is_stepless(hp: HyperParameter) -> bool:
    """Return whether `hp` is an interval in which every number, or every integer, may be drawn."""
    return (isinstance(hp, Float) and hp.step is None) or (isinstance(hp, Int) and hp.step in (None, 1))


def every(hp: HyperParameter) -> Iterable[Any]:
    """Return every value of `hp` in order; of a stepless float, which has no end of them, `spread`."""
    if isinstance(hp, Int) and is_stepless(hp):
        return range(hp.min_value, hp.max_value + 1)
    return spread(hp)


def spread(hp: HyperParameter) -> Sequence[Any]:
    """Return the values of `hp` in a grid.

    Of a stepless interval these are `SPREAD` values, both ends and between them evenly spaced on its
    own scale (log or linear); of at most `SPREAD` integers all. KerasTuner takes the middles of ten
    equal parts, which leaves out both ends, and all integers of a linear interval however long.
    What has steps or options gives all of them.
    """
    if isinstance(hp, Int) and not is_stepless(hp):
        return [int(value) for value in hp.values]
    if not is_stepless(hp):
        return list(hp.values)
    if isinstance(hp, Int) and hp.max_value - hp.min_value < SPREAD:
        return range(hp.min_value, hp.max_value + 1)
    inside = (hp.prob_to_value(place / (SPREAD - 1)) for place in range(SPREAD))
    return list(dict.fromkeys(min(value, hp.max_value) for value in inside))
