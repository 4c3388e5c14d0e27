"""From `synthetic:NAME[,key=value...]` to a Series.

The families are found by looking into this folder: every module whose name does not begin with an
underscore is one. A family's module is imported only when it is described or made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from types import ModuleType

from ....search_spaces.by_file import file_names
from ....search_spaces.errors import UserError, did_you_mean, raise_all
from ..series import Series
from ._parameters import Parameter, parameters_of

PREFIX = "synthetic:"


def names() -> list[str]:
    """Return the names of the families, in alphabetical order."""
    return file_names(__package__)


def describe(name: str) -> str:
    """Return the first line of a family's docstring, then its parameters with their defaults.

    Raises:
        UserError: "there is no synthetic family ..." for an unknown name.
    """
    module = _module(name)
    summary = (module.__doc__ or "").strip().partition("\n")[0]
    return f"{summary}\n{_listed(parameters_of(module.series))}"


def make(text: str) -> Series:
    """Return the Series that `synthetic:NAME[,key=value...]` names.

    The same text gives the same numbers; `seed` is one of the parameters of every family.

    Raises:
        UserError: for an unknown family or parameter, a value that is no number or out of its range,
            or a parameter given twice; all such mistakes in one message, with the parameters listed.
    """
    if not text.startswith(PREFIX):
        raise UserError(f"a synthetic series is written {PREFIX}NAME[,key=value...], not {text!r}")
    name, *settings = (part.strip() for part in text.removeprefix(PREFIX).split(","))
    family: Callable[..., Series] = _module(name).series
    known = parameters_of(family)
    values = {parameter.name: parameter.default for parameter in known.values()}
    values |= _parse(name, settings, known)
    series = family(**values)
    used = ", ".join(f"{key}={value}" for key, value in values.items())
    note = f"{PREFIX}{name} with {used}: {series.rows} rows"
    return replace(series, notes=(note, *series.notes))


def _module(name: str) -> ModuleType:
    known = names()
    if name not in known:
        raise UserError(f"there is no synthetic family {name!r}{did_you_mean(name, known)}")
    return import_module(f".{name}", __package__)


def _parse(name: str, settings: list[str], known: dict[str, Parameter]) -> dict[str, int | float]:
    """Return the values of `key=value` texts, or raise one `UserError` with all mistakes."""
    values: dict[str, int | float] = {}
    mistakes = []
    for setting in settings:
        key, _, text = (part.strip() for part in setting.partition("="))
        if not key or not text:
            mistakes.append(f"{setting!r} is not of the form key=value")
        elif key not in known:
            mistakes.append(f"there is no parameter {key!r}{did_you_mean(key, known)}")
        elif key in values:
            mistakes.append(f"{key} is given twice")
        else:
            try:
                values[key] = known[key].parse(text)
            except ValueError as error:
                mistakes.append(str(error))
    if mistakes:
        mistakes[-1] += f"\nparameters of {name}: {_listed(known)}"
    raise_all([f"{PREFIX}{name}: {mistake}" for mistake in mistakes])
    return values


def _listed(known: dict[str, Parameter]) -> str:
    return ", ".join(f"{parameter.name}={parameter.default}" for parameter in known.values())
