"""What may be searched of a stacked LSTM, read and checked without importing Keras.

The same names, rules and defaults serve the Python class `StackedLSTM`, the command line and the
job file, so a mistake in a space is found before anything expensive starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import Any

from .errors import UserError, did_you_mean, raise_all
from .parts import Options, Part, Rule, Spec

MAX_UNITS = 4096
MAX_LAYERS = 12
SCALINGS = ("standard", "last", "none")
LINEAR = ("none", "ridge")
CHANNELS = ("together", "apart")
LOSSES = ("mse", "mae", "huber")

RULES = {
    "num_layers": Rule("num_layers", int, 1, MAX_LAYERS),
    "units": Rule("units", int, 1, MAX_UNITS, log=True),
    "bottleneck": Rule("bottleneck", int, 0, MAX_UNITS),
    "bottleneck_after": Rule("bottleneck_after", int, 1, MAX_LAYERS),
    "lookback": Rule("lookback", int, 1, 100_000, interval=False),
    "learning_rate": Rule("learning_rate", float, 1e-8, 10.0, log=True),
    "batch_size": Rule("batch_size", int, 1, 65536),
    "dropout": Rule("dropout", float, 0.0, 0.95),
    "scaling": Rule("scaling", str, allowed=SCALINGS),
    "linear": Rule("linear", str, allowed=LINEAR),
    "segment": Rule("segment", int, 1, 100_000, interval=False),
    "channels": Rule("channels", str, allowed=CHANNELS),
}

DEFAULTS: dict[str, Spec] = {
    "num_layers": (1, 3),
    "units": (4, 64),
    "bottleneck": [0, 2, 4, 8],
    "bottleneck_after": None,
    "lookback": None,
    "learning_rate": (1e-3, 3e-2),
    "batch_size": 32,
    "dropout": 0.0,
    "scaling": ["standard", "last"],
    "linear": "none",
    "segment": 1,
    "channels": "together",
}
UNSAID = ("linear", "segment", "channels")
"""Parts that are no hyperparameters while they are as in `DEFAULTS`."""
LOSS = "mse"
CLIPNORM = 1.0


def read_parts(
    specs: Mapping[str, Spec], loss: str = LOSS, clipnorm: float = CLIPNORM, seed: int | None = None
) -> dict[str, Part]:
    """Return one part for each hyperparameter, `units_1` ... `units_n` for the deepest stack.

    Args:
        specs: by the names of `DEFAULTS`; what is absent takes its default. `units` may be a list of
            one part for each layer, the last one serving all deeper layers; a flat list of numbers
            is a list of options for every layer.
        loss: one of `LOSSES`.
        clipnorm: bound on the norm of the whole gradient; 0 is none.
        seed: a whole number from 0 on; None is a new one for each model.

    Raises:
        UserError: all mistakes in one message.
    """
    mistakes = [
        f"a space has no part {name!r}{did_you_mean(name, DEFAULTS)}"
        for name in specs
        if name not in DEFAULTS
    ]
    given = DEFAULTS | {name: spec for name, spec in specs.items() if name in DEFAULTS}

    def read(name: str, spec: Spec) -> Part:
        try:
            return RULES[name].read(spec)
        except UserError as error:
            if str(error) not in mistakes:
                mistakes.append(str(error))
            return Options((1,))

    parts = {"num_layers": read("num_layers", given["num_layers"])}
    deepest = int(parts["num_layers"].ends[1])
    for layer, spec in enumerate(_each_layer(given["units"], deepest), start=1):
        parts[f"units_{layer}"] = read("units", spec)
    parts["bottleneck"] = read("bottleneck", given["bottleneck"])
    if parts["bottleneck"] != Options((0,)):
        after = given["bottleneck_after"]
        parts["bottleneck_after"] = read("bottleneck_after", (1, deepest) if after is None else after)
    if given["lookback"] is not None:
        parts["lookback"] = read("lookback", given["lookback"])
    for name in ("learning_rate", "batch_size", "dropout", "scaling"):
        parts[name] = read(name, given[name])
    for name in UNSAID:
        part = read(name, given[name])
        if part != Options((DEFAULTS[name],)):  # type: ignore[arg-type]
            parts[name] = part
    if loss not in LOSSES:
        mistakes.append(f"loss: {loss!r} is not one of {', '.join(LOSSES)}")
    if not clipnorm >= 0:
        mistakes.append(f"clipnorm: {clipnorm} must be 0 (none) or above")
    if seed is not None and not (isinstance(seed, Integral) and seed >= 0):
        mistakes.append(f"seed: {seed!r} must be a whole number from 0 on, or None for a new one each time")
    raise_all(mistakes)
    return parts


def check_segments(parts: Mapping[str, Part], lookback: int) -> None:
    """Raise a `UserError` where a window cannot be cut into the segments that are searched.

    Args:
        parts: of a space.
        lookback: rows of a window.
    """
    read = parts.get("lookback", Options((lookback,)))
    segments = parts.get("segment", Options((1,)))
    assert isinstance(read, Options) and isinstance(segments, Options), "the rules take no intervals"
    for rows in read.values:
        for segment in segments.values:
            if int(rows) % int(segment):
                near = int(rows) // int(segment) * int(segment)
                raise UserError(
                    f"segment: a lookback of {rows} rows cannot be read {segment} at a time; make the "
                    f"lookback a multiple of {segment}, such as {near or segment}, or take another segment"
                )


def specs_of(texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the specs that `read_parts` turns into the parts whose printed forms are `texts`."""
    units = [text for name, text in texts.items() if name.startswith("units_")]
    rest: dict[str, Any] = {name: text for name, text in texts.items() if not name.startswith("units_")}
    return rest | {"units": units}


def _each_layer(units: Any, deepest: int) -> list[Spec]:
    """Return one spec for each layer; the last one given serves all deeper layers."""
    per_layer = isinstance(units, list) and any(not isinstance(part, int) for part in units)
    given = units if per_layer and units else [units]
    return [given[min(layer, len(given) - 1)] for layer in range(deepest)]
