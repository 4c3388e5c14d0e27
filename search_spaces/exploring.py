"""What may be searched of a space that tells it only by being built.

    for layer in range(hp.Int("layers", 1, 3)):
        x = GRU(hp.Int(f"units_{layer}", 4, 16), return_sequences=True)(x)

A build with `layers` 1 knows nothing of `units_2`. So the space is built with the ends, or the options, of
each hyperparameter in turn, and again for what that brings to light. What appeared with some values of one
hyperparameter alone gets that as its condition, as a `conditional_scope` would have given it. A condition
found so may hold for more values than it should, and what only two unusual values bring to light together is
not found: both are put right when a proposal is completed (`Space.completed`).
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .backend import keras_tuner
from .sketch import Register, sketch_of

if TYPE_CHECKING:
    from keras_tuner.engine.hyperparameters import HyperParameter

FEW = 5
MOST_BUILDS = 80

kinds = keras_tuner.engine.hyperparameters


def explored(register: Register) -> keras_tuner.HyperParameters:
    """Return all hyperparameters that can be brought to light, parents before what depends on them.

    Args:
        register: builds a model of the values in its hyperparameters, and registers in them.

    Raises:
        Exception: what building with all defaults raises: a space that cannot do that is at fault, unless
            it says by a `FailedTrialError` that these values are not to be tried.
    """
    known = keras_tuner.HyperParameters()
    with contextlib.suppress(keras_tuner.errors.FailedTrialError):
        register(known)
    _see_scopes(known, register)
    finder = _Finder(known, register)
    finder.find()
    return finder.found()


def _see_scopes(known: keras_tuner.HyperParameters, register: Register) -> None:
    """Switch on each `conditional_scope` in turn: what is in it is seen only when its code ran."""
    seen: list[Any] = []
    while waiting := [scope for scope in known.inactive_scopes if scope not in seen]:
        seen.append(waiting[0])
        trial = known.copy()
        # KerasTuner's `ensure_active_values` drops a value that another scope has under the same name.
        trial.values = {}
        wanted = {condition.name: condition.values[0] for condition in waiting[0]}
        for one in trial.space:
            if trial.is_active(one):
                trial.values[one.name] = wanted.get(one.name, one.default)
        with contextlib.suppress(Exception):  # of the user's code; the training of such a trial says why
            register(trial)
        known.merge(trial, overwrite=False)
        known.inactive_scopes.extend(trial.inactive_scopes)


class _Finder:
    """Builds with unusual values, one at a time, and notes what comes and goes with them."""

    def __init__(self, known: keras_tuner.HyperParameters, register: Register) -> None:
        self.register = register
        self.space: list[HyperParameter] = list(known.space)
        self.builds = 0
        base = {one.name: known.values[one.name] for one in known.space if known.is_active(one)}
        self.bases = {one.name: base for one in self.space}

    def find(self) -> None:
        """Explore every hyperparameter, those that are found on the way included."""
        for one in self.space:  # grows while it is walked through
            base = self.bases[one.name]
            if one.name in base and (options := _options(one)):
                self._explore(one, base, options)

    def found(self) -> keras_tuner.HyperParameters:
        """Return what was found, each with its default."""
        hp = keras_tuner.HyperParameters()
        hp.merge(self.space)
        return hp

    def _explore(self, one: HyperParameter, base: dict[str, Any], options: Sequence[Any]) -> None:
        asked: dict[Any, dict[str, HyperParameter]] = {}
        for value in options:
            if self.builds >= MOST_BUILDS:
                return
            self.builds += 1
            sketch = sketch_of(self.register, base | {one.name: value})
            asked[value] = {each.name: each for each in sketch.asked}
            for name, each in asked[value].items():
                if name not in self.bases:
                    self.space.append(copy.deepcopy(each))
                if name not in self.bases.get(name, ()):
                    self.bases[name] = sketch.values
        for place in range(self.space.index(one) + 1, len(self.space)):
            later = self.space[place]
            having = [value for value in options if later.name in asked[value]]
            if having and len(having) < len(options) and not _depends(later, one.name):
                self.space[place] = _conditional(later, one.name, _widened(one, options, having))


def _conditional(hp: HyperParameter, name: str, values: list[Any]) -> HyperParameter:
    """Return `hp` with one more condition: that `name` has one of `values`."""
    config = hp.get_config()
    condition = {"class_name": "Parent", "config": {"name": name, "values": values}}
    return type(hp).from_config(config | {"conditions": [*config["conditions"], condition]})


def _depends(hp: HyperParameter, name: str) -> bool:
    return any(condition.name == name for condition in hp.conditions)


def _options(hp: HyperParameter) -> Sequence[Any]:
    """Return the values to build with: all where they are few, else both ends; none where that is in vain."""
    if isinstance(hp, kinds.Boolean | kinds.Choice):
        return list(hp.values)
    if isinstance(hp, kinds.Int) and hp.min_value < hp.max_value:
        few = hp.step in (None, 1) and hp.max_value - hp.min_value < FEW
        return list(range(hp.min_value, hp.max_value + 1)) if few else [hp.min_value, hp.max_value]
    return []


def _widened(hp: HyperParameter, options: Sequence[Any], having: Sequence[Any]) -> list[Any]:
    """Return the values for which something may exist that exists for those in `having` of `options`."""
    if not isinstance(hp, kinds.Int):
        return list(having)
    without = [value for value in options if value not in having]
    return [value for value in range(hp.min_value, hp.max_value + 1) if value not in without]
