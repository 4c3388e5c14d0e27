"""The answer: the best trial and the floors on the untouched test part, in raw units and in words.

What the narrowings of the best trial did is measured on validation windows (`narrowing`).

    {"trial": 7, "name": "t0007 64-8-32", "parameters": ..., "best_val_loss": ...,
     "metric": "RMSE", "windows": 2857,
     "scores": {"LSTM": {"OT": {"MAE": ..., "RMSE": ..., "MASE": ..., "sMAPE": ...}}, "last value": ...},
     "adds_nothing": false, "sentences": ["..."]}

`adds_nothing` is true where a linear forecast is as good, so that no width is recommended.

The metric that decides is the one the training loss stands for: RMSE for mse, MAE for mae and huber. A
command in a sentence says RUN where the folder of the run belongs: a run may be moved, and `RunFolder.answer`
puts in where it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..models.measuring import measure_best
from ..models.rebuilt import test_forecast
from ..models.samples import Samples
from ..series.floors import floors
from ..series.metrics import scores
from .advice import at_an_end, close_trials, margin
from .beyond_linear import BeyondLinear, beyond_linear
from .widening import confirm
from .widths import reads, sentences

if TYPE_CHECKING:
    from ..engines.base import Engine
    from ..runs.folder import RunFolder


def conclude(run: RunFolder, engine: Engine, note: Callable[[str], None]) -> None:
    """Take all measures of the best trials, try wider layers, find the answer and keep it in the run.

    Args:
        run: held for writing, with every trial ended.
        engine: see `answer`.
        note: tells the user a sentence.
    """
    measure_best(run, engine.space, Samples(engine.windows, run.job["identity"]["loss"]))
    beyond = beyond_linear(run, engine)
    if beyond is None or not beyond.nothing:
        confirm(run, engine, note)
    run.store.set_meta("answer", answer(run, engine, beyond))


def answer(run: RunFolder, engine: Engine, beyond: BeyondLinear | None) -> dict[str, Any] | None:
    """Return the answer of a run as JSON-able data; None when no trial has a score.

    Args:
        run: with at least one finished trial.
        engine: forecasts the test windows with the weights of the best trial.
        beyond: how that compares with a linear forecast; None where the search had none.
    """
    ranked = run.store.best(run.store.count())
    if not ranked:
        return None
    best = ranked[0]
    windows = engine.windows
    rows = windows.parts["test"]
    model = "LSTM" if engine.space.is_stack else "model"
    forecasts = {model: test_forecast(run, engine, best)} | floors(windows).forecasts
    actual = windows.raw_targets(rows)
    table = {name: scores(actual, forecast, windows) for name, forecast in forecasts.items()}
    metric = "RMSE" if run.job["identity"]["loss"] == "mse" else "MAE"
    narrowing = run.recorded_trial(best).narrowing
    said = against_floors(table, metric) + margin(ranked)
    if beyond is not None and beyond.nothing:
        said.append(beyond.sentence)
    else:
        said += [
            *close_trials(ranked),
            *at_an_end(engine.space.parts, best.values, narrowing),
            # Where one trained network and a study disagree, the study is right.
            *(told for study in run.studies if study.profile == best.profile for told in study.sentences),
            *(reads(best.values, windows.output_shape[1]) if narrowing else []),
            *sentences(narrowing),
        ]
    return {
        "trial": best.number,
        "name": best.name,
        "parameters": best.parameters,
        "best_val_loss": best.best_val_loss,
        "metric": metric,
        "windows": len(rows),
        "scores": table,
        "adds_nothing": beyond is not None and beyond.nothing,
        "sentences": said,
    }


def against_floors(table: dict[str, dict[str, dict[str, float]]], metric: str) -> list[str]:
    """Return plain sentences: which floors the model beats on the test part, and which beat it.

    Args:
        table: scores by metric, target and forecast; the first forecast is the model's.
        metric: that decides.
    """
    model, *names = table
    targets = list(table[model])
    beaten_by: dict[str, str] = {}
    for target in targets:
        best = min(names, key=lambda name: table[name][target][metric])
        if table[best][target][metric] <= table[model][target][metric]:
            beaten_by[target] = best
    sentences = [
        f"The {model} does not beat {floor}{f' for {target}' if len(targets) > 1 else ''}: {metric} "
        f"{table[model][target][metric]:.4g} against {table[floor][target][metric]:.4g}."
        for target, floor in beaten_by.items()
    ]
    won = [target for target in targets if target not in beaten_by]
    if not beaten_by:
        gains = [_gain(table, target, metric) for target in targets]
        what = "every floor" if len(targets) == 1 else f"every floor for all {len(targets)} targets"
        least = f"at least {min(gains):.0%}" if len(gains) > 1 else f"{gains[0]:.0%}"
        sentences.append(f"The {model} beats {what}, the nearest one by {least} of its {metric}.")
    elif won:
        sentences.append(f"It beats every floor for {', '.join(won)}.")
    else:
        better = " and ".join(dict.fromkeys(beaten_by.values()))
        sentences.append(f"Use {better}, or give the search more trials, more data or a longer lookback.")
    return sentences


def _gain(table: dict[str, dict[str, dict[str, float]]], target: str, metric: str) -> float:
    model, *floors = table
    nearest = min(table[name][target][metric] for name in floors)
    return 1 - table[model][target][metric] / nearest if nearest else 0.0
