"""The answer: the best trial and the floors on the untouched test part, in raw units and in words.

What the narrowings of the best trial did is measured on validation windows (`narrowing`).

    {"trial": 7, "name": "t0007 64-8-32", "parameters": ..., "best_val_loss": ...,
     "metric": "RMSE", "windows": 2857,
     "scores": {"LSTM": {"OT": {"MAE": ..., "RMSE": ..., "MASE": ..., "sMAPE": ...}}, "last value": ...},
     "sentences": ["..."]}

The metric that decides is the one the training loss stands for: RMSE for mse, MAE for mae and huber.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ...callbacks.narrowing import Narrowing
from ...search_spaces.parts import Interval, Part
from ...search_spaces.trial import Trial
from ..engines.base import Engine
from ..models.measuring import Samples, measure_best
from ..models.rebuilt import test_forecast
from ..runs.folder import RunFolder
from ..series.floors import floors
from ..series.metrics import scores
from .widths import sentences

LSTM = "LSTM"
CLOSE = 0.02
NEAR = 0.05
MOST_REPEAT = 0.5


def conclude(run: RunFolder, engine: Engine) -> None:
    """Take all measures of the best trials, find the answer and keep it in the run.

    Args:
        run: held for writing, with every trial ended.
        engine: see `answer`.
    """
    measure_best(run, engine.space, Samples(engine.windows))
    run.store.set_meta("answer", answer(run, engine))


def answer(run: RunFolder, engine: Engine) -> dict[str, Any] | None:
    """Return the answer of a run as JSON-able data; None when no trial has a score.

    Args:
        run: with at least one finished trial.
        engine: forecasts the test windows with the weights of the best trial.
    """
    best = run.best
    if best is None:
        return None
    windows = engine.windows
    rows = windows.parts["test"]
    forecasts = {LSTM: test_forecast(run, engine, best)} | floors(windows)
    actual = windows.raw_targets(rows)
    table = {name: scores(actual, forecast, windows) for name, forecast in forecasts.items()}
    metric = "RMSE" if run.job["identity"]["loss"] == "mse" else "MAE"
    narrowing = run.recorded_trial(best).narrowing
    return {
        "trial": best.number,
        "name": best.name,
        "parameters": best.parameters,
        "best_val_loss": best.best_val_loss,
        "metric": metric,
        "windows": len(rows),
        "scores": table,
        "sentences": [
            *against_floors(table, metric),
            *close_trials(run.store.best(1000)),
            *at_an_end(engine.space.parts, best.values, narrowing),
            *(sentences(narrowing) if narrowing else ()),
        ],
    }


def against_floors(table: dict[str, dict[str, dict[str, float]]], metric: str) -> list[str]:
    """Return plain sentences: which floors the LSTM beats on the test part, and which beat it."""
    targets = list(table[LSTM])
    names = [name for name in table if name != LSTM]
    beaten_by: dict[str, str] = {}
    for target in targets:
        best = min(names, key=lambda name: table[name][target][metric])
        if table[best][target][metric] <= table[LSTM][target][metric]:
            beaten_by[target] = best
    sentences = [
        f"The LSTM does not beat {floor}{f' for {target}' if len(targets) > 1 else ''}: {metric} "
        f"{table[LSTM][target][metric]:.4g} against {table[floor][target][metric]:.4g}."
        for target, floor in beaten_by.items()
    ]
    won = [target for target in targets if target not in beaten_by]
    if not beaten_by:
        gains = [_gain(table, names, target, metric) for target in targets]
        what = "every floor" if len(targets) == 1 else f"every floor for all {len(targets)} targets"
        least = f"at least {min(gains):.0%}" if len(gains) > 1 else f"{gains[0]:.0%}"
        sentences.append(f"The LSTM beats {what}, the nearest one by {least} of its {metric}.")
    elif won:
        sentences.append(f"It beats every floor for {', '.join(won)}.")
    else:
        sentences.append("Use the floor, or give the search more trials, more data or a longer lookback.")
    return sentences


def close_trials(ranked: list[Trial]) -> list[str]:
    """Return a sentence when smaller models do as well as the best, to within `CLOSE` of its loss."""
    best = ranked[0]
    assert best.best_val_loss is not None
    near = [row for row in ranked if (row.best_val_loss or 0) <= best.best_val_loss * (1 + CLOSE)]
    smallest = min(near, key=lambda row: row.parameters)
    if smallest.parameters > 0.8 * best.parameters:
        return []
    return [
        f"{len(near)} of {len(ranked)} trials are within {CLOSE:.0%} of the best validation loss; the "
        f"smallest, {smallest.name}, has {smallest.parameters:,} parameters where the best has "
        f"{best.parameters:,}. "
        "One run with one seed each cannot decide between them."
    ]


def at_an_end(
    parts: Mapping[str, Part], values: Mapping[str, Any], narrowing: Narrowing | None = None
) -> list[str]:
    """Return a sentence for what the best trial has near an end of the searched interval.

    That is the upper end for units, unless most units of such a layer repeat others, and either end for the
    learning rate; fewer units or layers than were searched are a question of size, which `close_trials`
    answers.

    Args:
        parts: of the space, by name.
        values: hyperparameters of the best trial.
        narrowing: its measures, where it has any.
    """
    widths = zip(narrowing.layers, narrowing.effective_widths, strict=True) if narrowing else ()
    repeating = {layer.units for layer, effective in widths if effective < MOST_REPEAT * layer.units}
    sentences = []
    for name, part in parts.items():
        if not isinstance(part, Interval) or name not in values:
            continue
        value = values[name]
        place = _place(part, value)
        wider = name.startswith("units") and value not in repeating
        upper = place > 1 - NEAR and (wider or name == "learning_rate")
        if upper or (place < NEAR and name == "learning_rate"):
            shown = value if isinstance(value, int) else f"{value:.3g}"
            sentences.append(
                f"{name} of the best trial, {shown}, is near the {'upper' if upper else 'lower'} end of what "
                f"was searched, {part.low:g} to {part.high:g}: a wider range may do better."
            )
    return sentences


def _place(part: Interval, value: float) -> float:
    """Return where a value lies in its interval, 0 to 1, on the scale of the search."""
    low, value, high = (math.log(x) if part.log else x for x in (part.low, value, part.high))
    return (value - low) / (high - low) if high > low else 0.5


def _gain(
    table: dict[str, dict[str, dict[str, float]]], floors: list[str], target: str, metric: str
) -> float:
    nearest = min(table[name][target][metric] for name in floors)
    return 1 - table[LSTM][target][metric] / nearest if nearest else 0.0
