"""The answer: the best trial and the floors on the untouched test part, in raw units and in words.

What the narrowings of the best trial did is measured on validation windows (`narrowing`).

    {"trial": 7, "name": "t0007 64-8-32", "parameters": ..., "best_val_loss": ...,
     "metric": "RMSE", "windows": 2857,
     "scores": {"LSTM": {"OT": {"MAE": ..., "RMSE": ..., "MASE": ..., "sMAPE": ...}}, "last value": ...},
     "against_floors": {"last value": {"OT": {"word": "beats", "ratio": ..., "low": ..., "high": ...}}, ...},
     "adds_nothing": false, "sentences": ["..."]}

`ratio` is the error of the LSTM over that of the floor, `low` and `high` are the ends of its 95 % interval;
what is no finite number is null. `adds_nothing` is true where a linear forecast is as good, so that no width
is recommended.

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
from . import against_words
from .advice import at_an_end, close_trials, margin
from .against import compared
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
    simple = floors(windows)
    forecasts = {model: test_forecast(run, engine, best)} | simple.forecasts
    metric = "RMSE" if run.job["identity"]["loss"] == "mse" else "MAE"
    against = compared(forecasts, windows, rows, metric)
    narrowing = run.recorded_trial(best).narrowing
    said = against_words.told(against, simple.reads, windows.lookback) + margin(ranked)
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
        "scores": against.table,
        "against_floors": against.plain,
        "adds_nothing": beyond is not None and beyond.nothing,
        "sentences": said,
    }
