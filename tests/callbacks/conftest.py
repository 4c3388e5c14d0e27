"""Searches made up from a seed, to draw: no network is trained for them."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from narrows.callbacks.curve import Curve
from narrows.callbacks.forecast_record import Ends, ForecastRecord, Line
from narrows.callbacks.narrowing import BoundaryMeasures, Estimate, LayerMeasures, Narrowing, Verdict
from narrows.callbacks.narrowing.measures.correlation import Correlation
from narrows.callbacks.narrowing.measures.fill import Fill
from narrows.callbacks.narrowing.measures.kept import Kept
from narrows.callbacks.narrowing.measures.memory import Memory
from narrows.callbacks.narrowing.measures.redundancy import Redundancy
from narrows.callbacks.narrowing.measures.target import TargetProbe
from narrows.callbacks.recorded import Declared, RecordedSearch, RecordedTrial
from narrows.callbacks.unit_record import EVEN, LARGEST, Packed, UnitLayer, UnitRecord, UnitWindow
from narrows.search_spaces.plain import to_plain
from narrows.search_spaces.trial import Status

DECLARED = (
    Declared("num_layers", numeric=True),
    Declared("units_1", numeric=True, log=True),
    Declared("units_2", numeric=True, log=True, always=False),
    Declared("units_3", numeric=True, log=True, always=False),
    Declared("bottleneck", numeric=True),
    Declared("learning_rate", numeric=True, log=True),
    Declared("batch_size", numeric=True),
    Declared("dropout", numeric=True, fixed=True),
    Declared("scaling", numeric=False),
)
LAGS = tuple(range(24))


@pytest.fixture(scope="session")
def make_search() -> Callable[..., RecordedSearch]:
    """Return the function that makes a search of so many trials."""
    return made_search


@pytest.fixture(scope="session")
def make_units() -> Callable[..., UnitRecord]:
    """Return the function that makes what units of a network did."""
    return made_units


@pytest.fixture(scope="session")
def make_forecasts() -> Callable[..., ForecastRecord]:
    """Return the function that makes forecasts of the test part."""
    return made_forecasts


@pytest.fixture(scope="session")
def studies() -> ModuleType:
    """Return the functions that make studies."""
    spec = importlib.util.spec_from_file_location("made_studies", Path(__file__).with_name("made_studies.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def made_search(count: int, *, seed: int = 0, full: int = 10, title: str = "made up") -> RecordedSearch:
    """Return a search: every tenth trial failed, the best `full` ones measured in full, with forecasts."""
    rng = np.random.default_rng(seed)
    trials = [_trial(rng, number) for number in range(count)]
    search = RecordedSearch(title, "mse", DECLARED, tuple(trials))
    for best in search.ranked[:full]:
        trials[best.number] = _measured(rng, best, full=True)
    if not search.ranked:
        return replace(search, trials=tuple(trials))
    units = made_units(search.ranked[0].units, seed=seed)
    return replace(search, trials=tuple(trials), forecasts=made_forecasts(), units=units)


def made_units(
    units: tuple[int, ...] = (4, 3), count: int = 3, steps: int = 12, horizon: int = 3, *, seed: int = 0
) -> UnitRecord:
    """Return what units of so many windows did, the first of which has the largest error.

    States are random, but those of the last unit of each layer are those of the first one, turned round.
    """
    rng, rows = np.random.default_rng(seed), tuple(range(-steps, horizon))
    windows = []
    for place in range(count):
        first = 100 + 50 * place
        times = tuple(str(np.datetime64("2024-01-01") + first + row) for row in rows)
        values = tuple(float(value) for value in rng.normal(10, 1, len(rows)).round(3))
        why = LARGEST if place == 0 else EVEN
        window = UnitWindow("sold", "", why, 1.5 / (1 + place), first, times, values, values[-horizon:])
        windows.append(window)
    layers = []
    for width in units:
        h = rng.uniform(-0.9, 0.9, (count, steps, width))
        if width > 1:
            h[..., -1] = -h[..., 0]
        gates = rng.uniform(0, 1, (3, *h.shape))
        layers.append(UnitLayer(width, *(Packed.of(one) for one in (h, 2 * h, *gates))))
    return UnitRecord(
        why="",
        metric="RMSE",
        time="day",
        dates=True,
        rows=rows,
        steps=tuple(range(steps)),
        windows=tuple(windows),
        layers=tuple(layers),
    )


def made_forecasts(
    shops: tuple[str, ...] = ("",), targets: tuple[str, ...] = ("sold",), count: int = 4, horizon: int = 3
) -> ForecastRecord:
    """Return `count` forecasts of each target of each shop; the second one is the worst."""
    rows = count * horizon
    times = tuple(str(np.datetime64("2024-02-27") + row) for row in range(rows))
    actual = tuple(10.0 + row for row in range(rows))
    own = tuple(value - (5.0 if row // horizon == 1 else 1.0) for row, value in enumerate(actual))
    floor = tuple(value - 2.0 for value in actual)
    errors = {"LSTM": (1.0,) * horizon, "last value": (2.0,) * horizon}
    return ForecastRecord(
        model="LSTM",
        metric="RMSE",
        horizon=horizon,
        time="day",
        dates=True,
        targets=len(targets),
        series=len(shops),
        level=90.0,
        lines=tuple(
            Line(target, shop, "", 1.5, times, actual, own, floor) for target in targets for shop in shops
        ),
        floors=dict.fromkeys(targets, "last value"),
        ends=dict.fromkeys(targets, Ends((-1.0,) * horizon, (2.0,) * horizon)),
        steps=tuple(range(1, horizon + 1)),
        errors=dict.fromkeys(targets, errors),
    )


def _trial(rng: np.random.Generator, number: int) -> RecordedTrial:
    layers = int(rng.integers(1, 4))
    units = tuple(int(width) for width in np.exp(rng.uniform(0, math.log(128), layers)).round())
    rate = float(np.exp(rng.uniform(math.log(1e-4), math.log(1e-2))))
    values: dict[str, Any] = {
        "num_layers": layers,
        **{f"units_{layer}": width for layer, width in enumerate(units, start=1)},
        "bottleneck": 0,
        "learning_rate": rate,
        "batch_size": int(rng.choice([16, 32, 64])),
        "dropout": 0.0,
        "scaling": str(rng.choice(["standard", "last"])),
    }
    parameters = sum(4 * b * (a + b + 1) for a, b in zip((2, *units), units, strict=False)) + units[-1] + 1
    known: dict[str, Any] = {
        "number": number,
        "values": values,
        "epochs": 10,
        "units": units,
        "parameters": parameters,
        "secs": float(rng.gamma(3, 1)),
    }
    if number % 10 == 3:
        reason = "the training loss became NaN in epoch 2"
        return RecordedTrial(status=Status.FAILED, reason=reason, **known)
    loss = 0.05 + 0.5 / min(units) + abs(math.log(rate / 2e-3)) / 20 + 0.02 * float(rng.random())
    losses = [(epoch, 0.9 * loss + 1 / epoch**2, loss + (epoch - 7) ** 2 / 100) for epoch in range(1, 11)]
    curve = to_plain(Curve.of(losses))
    trial = RecordedTrial(status=Status.COMPLETED, best_val_loss=loss, best_epoch=7, curve=curve, **known)
    return _measured(rng, trial, full=False)


def _measured(rng: np.random.Generator, trial: RecordedTrial, *, full: bool) -> RecordedTrial:
    layers = tuple(_layer(rng, units, full) for units in trial.units)
    boundaries = tuple(
        _boundary(before, after, last=place == len(trial.units) - 2)
        for place, (before, after) in enumerate(zip(trial.units, trial.units[1:], strict=False))
    )
    found = Narrowing(layers, boundaries, rows=500, steps=7)
    summary = {name: value for name, value in found.summary().items() if not math.isnan(value)}
    return replace(trial, summary=summary, measured=found.to_plain())


def _layer(rng: np.random.Generator, units: int, full: bool) -> LayerMeasures:
    rank = 1 + (units - 1) * float(rng.uniform(0.1, 0.7))
    read = 1 - 0.5 / (1 + rank)
    found: dict[str, Any] = {
        "fill": Fill(units, rank, 0.8 * rank, max(1, round(0.7 * rank))),
        "redundancy": Redundancy(tuple(rng.random(units).round(3).tolist()), (0,) if units > 60 else ()),
        "target": TargetProbe(_estimate(read - 0.02), _estimate(read)),
    }
    if full:
        pairs = np.corrcoef(rng.normal(size=(units, 40)))[np.triu_indices(units, 1)] if units > 1 else []
        found["correlation"] = Correlation(tuple(float(pair) for pair in pairs))
        held = tuple(math.exp(-lag / rank) for lag in LAGS)
        found["memory"] = Memory(LAGS, tuple(value**2 for value in held), held, 0.03, 0.05)
    return LayerMeasures(found, units)


def _boundary(before: int, after: int, *, last: bool) -> BoundaryMeasures:
    kept = min(1.0, 0.3 + after / before)
    word = "nothing lost" if kept >= 0.95 else "nothing to gain" if kept > 0.5 else "too narrow"
    said = f"{before} to {after} units: {kept:.0%} of the state before is found after it."
    repeated = _estimate(0.6) if after > before else None
    found = Kept(_estimate(0.8 * kept), _estimate(kept), repeated)
    return BoundaryMeasures(
        {"kept": found}, before, after, "instant" if last else "trajectory", Verdict(word, said)
    )


def _estimate(value: float) -> Estimate:
    return Estimate(value, value - 0.03, value + 0.03, 0.04)
