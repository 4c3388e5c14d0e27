"""What tells one space of the user's own from another: what it declares, and the code that builds from it.

The code is that of the function or class, its closure, defaults and attributes, and what it uses of the
module it stands in; comments and layout do not count. What it imports from elsewhere is not looked into, nor
are lists, dicts and arrays, which may be a log that grows: what they do to a space shows in what it declares.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import inspect
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import CodeType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

import numpy as np

from .backend import keras
from .own_space import OwnSpace
from .space import Space

if TYPE_CHECKING:
    from keras_tuner.engine.hyperparameters import HyperParameter

PLAIN = (str, bytes, int, float, complex, bool, type(None))
DATA = (*PLAIN, tuple, frozenset)
CHANGING = (list, dict, set, bytearray, np.ndarray)
OURS = __name__.split(".")[0]
DIGITS = 12
MOST_VALUES = 6


def identity_of(space: Space) -> dict[str, Any]:
    """Return what two spaces have in common exactly if they are the same, JSON-able.

    Of a `StackedLSTM` that is its parts.

    Args:
        space: shaped; one of the user's own is built to see what it declares.
    """
    if space.is_stack:
        return {name: str(part) for name, part in space.parts.items()}
    given = space.given if isinstance(space, OwnSpace) else space
    source = source_digest(given)  # before it is built: an object may count its builds
    return {
        "name": getattr(given, "__qualname__", type(given).__qualname__),
        "hyperparameters": _declared(space.hyperparameters().space),
        "source": f"code {source}",
    }


def source_digest(given: Any) -> str:
    """Return the digest of the code of a function, or of an object of the user's own."""
    text = "\n".join(_lines(given, {}))
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def _declared(space: list[HyperParameter]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in space:
        where = " and ".join(f"{each.name} is {_some(each.values)}" for each in one.conditions)
        text = f"{_range(one)}, where {where}" if where else _range(one)
        found[one.name] = f"{found[one.name]}; {text}" if one.name in found else text
    return found


def _range(one: HyperParameter) -> str:
    """The values of a hyperparameter as they are written for the command line, and its default."""
    config = one.get_config()
    if "min_value" not in config:
        options = config.get("values") or ([config["value"]] if "value" in config else [False, True])
        text = ", ".join(map(str, options))
    else:
        text = f"{config['min_value']}..{config['max_value']}:{config['sampling']}"
        if config["step"] not in (None, 1):
            text += f" in steps of {config['step']}"
    default = config.get("default")
    return text if default is None or "value" in config else f"{text} (default {default})"


def _some(values: list[Any]) -> str:
    shown = ", ".join(map(str, values[:MOST_VALUES]))
    return f"{shown}, ... {values[-1]}" if len(values) > MOST_VALUES else shown


def _lines(value: Any, seen: dict[int, Any]) -> Iterator[str]:
    """Yield what tells `value` from others; each object once, so that circles end.

    Args:
        value: of any kind.
        seen: objects by their ids, held so that no other object gets the id of one.
    """
    if isinstance(value, PLAIN):
        yield repr(value)
        return
    if id(value) in seen:
        yield "seen"
        return
    seen[id(value)] = value
    yield type(value).__qualname__
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield repr(name)
            yield from _lines(item, seen)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _lines(item, seen)
    elif isinstance(value, frozenset):
        yield from sorted(line for item in value for line in _lines(item, seen))
    elif isinstance(value, functools.partial):
        yield from _lines((value.func, value.args, value.keywords), seen)
    elif isinstance(value, MethodType):
        yield from _lines((value.__func__, value.__self__), seen)
    elif isinstance(value, FunctionType):
        yield from _function(value, seen)
    elif isinstance(value, type):
        yield from _class(value, seen)
    elif isinstance(value, keras.callbacks.Callback) and not _is_users(type(value)):
        plain = {name: item for name, item in _attributes(value).items() if isinstance(item, PLAIN)}
        yield from _lines(plain, seen)
    elif _is_users(type(value)):
        yield from _class(type(value), seen)
        yield from _lines(_attributes(value), seen)


def _function(function: FunctionType, seen: dict[int, Any]) -> Iterator[str]:
    code = function.__code__
    yield _source(function, code)
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        try:
            held = cell.cell_contents
        except ValueError:  # of a name that has no value yet
            continue
        if not isinstance(held, CHANGING):
            yield name
            yield from _lines(held, seen)
    yield from _lines((function.__defaults__, function.__kwdefaults__), seen)
    for name in _names(code):
        used = function.__globals__.get(name)
        here = getattr(used, "__module__", None) == function.__module__
        if isinstance(used, DATA) or (isinstance(used, FunctionType | type) and here):
            yield name
            yield from _lines(used, seen)


def _class(kind: type, seen: dict[int, Any]) -> Iterator[str]:
    for each in kind.__mro__:
        if not _is_users(each):
            continue
        yield each.__qualname__
        for name, member in sorted(vars(each).items()):
            inner = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
            data = isinstance(inner, DATA) and not name.startswith("__")
            if data or isinstance(inner, FunctionType):
                yield name
                yield from _lines(inner, seen)


def _is_users(kind: type) -> bool:
    if kind.__module__.split(".")[0] in (OURS, *sys.stdlib_module_names):
        return False
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return file is None or not {"site-packages", "dist-packages"} & set(Path(file).parts)


def _attributes(value: Any) -> dict[str, Any]:
    """The attributes of an object, but for what KerasTuner and this package keep there."""
    kept = set(vars(Space()))
    held = getattr(value, "__dict__", {})
    return {
        name: held[name] for name in sorted(held) if name not in kept and not isinstance(held[name], CHANGING)
    }


def _names(code: CodeType) -> list[str]:
    """Return the names that code, and code within it, looks up."""
    inner = [const for const in code.co_consts if isinstance(const, CodeType)]
    return sorted({*code.co_names, *(name for each in inner for name in _names(each))})


def _source(function: FunctionType, code: CodeType) -> str:
    """Return a function's source without comments and layout, or its compiled code where there is none."""
    try:
        return ast.unparse(ast.parse(textwrap.dedent(inspect.getsource(function))))
    except (OSError, TypeError, SyntaxError, ValueError):
        return _compiled(code)


def _compiled(code: CodeType) -> str:
    consts = [_compiled(const) if isinstance(const, CodeType) else repr(const) for const in code.co_consts]
    return repr((code.co_code.hex(), code.co_names, code.co_varnames, consts))
