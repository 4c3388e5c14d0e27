"""The answer: the best trial and the floors on the untouched test part, in raw units and in words.

What the narrowings of the best trial did is measured on validation windows (`narrowing`).

    {"trial": 7, "name": "t0007 64-8-32", "parameters": ..., "best_val_loss": ..., "linear_alone": false,
     "metric": "RMSE", "windows": 2857,
     "scores": {"LSTM": {"OT": {"MAE": ..., "RMSE": ..., "MASE": ..., "sMAPE": ...}}, "last value": ...},
     "against_floors": {"last value": {"OT": {"word": "beats", "ratio": ..., "low": ..., "high": ...}}, ...},
     "interval": {"level": 90, "whole": {"held": 89.1, "low": ..., "high": ...}, "each": {}},
     "forecasts": {"model": "LSTM", "lines": [...], ...},
     "units": {"why": "", "windows": [...], "layers": [...], ...},
     "seeds": [{"OT": {"MAE": ..., ...}}, ...],
     "ensemble": {"members": 3, "share": 0.8, "scores": {"OT": ...}},
     "adds_nothing": false, "sentences": ["..."]}

`ratio` is the error of the LSTM over that of the floor, `low` and `high` are the ends of its 95 % interval;
what is no finite number is null. `linear_alone` is true where no epoch of the best trial was better than the
linear forecast that it began at. `interval` has the percentage of what came that lay in prediction intervals,
by target and series, and what chance makes of it (`models.intervals`). `forecasts` is a `ForecastRecord`,
`units` a `UnitRecord`; they are what pictures are drawn from, and `RunFolder.answer` leaves them out. `seeds`
has the scores of the same network with other seeds, `ensemble` those of all of them together. `adds_nothing`
is true where a linear forecast is as good, so that no width is recommended.

The metric that decides is the one the training loss stands for: RMSE for mse, MAE for mae and huber; of
series that are counted in their own size it is MASE, their mean, since the others would be those of the
largest. `by_series` has the scores of the best trial for each of several series (`by_series`). A
command in a sentence says RUN where the folder of the run belongs: a run may be moved, and `RunFolder.answer`
puts in where it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...search_spaces.plain import to_plain
from ..models.rebuilt import test_forecast
from . import against_words, seeds
from .advice import at_an_end, close_trials, few_windows, margin, of_folds, of_repeats
from .against import with_floors
from .kept_forecasts import kept_forecasts
from .kept_units import units_of
from .panel_scores import by_series, metric_of, panel_sentences
from .widths import reads, sentences

if TYPE_CHECKING:
    from ..engines.base import Engine
    from ..runs.folder import RunFolder
    from .beyond_linear import BeyondLinear
    from .blend import Together


def answer(
    run: RunFolder, engine: Engine, beyond: BeyondLinear | None, both: Together | None
) -> dict[str, Any] | None:
    """Return the answer of a run as JSON-able data; None when no trial has a score.

    Args:
        run: with at least one finished trial.
        engine: forecasts the test windows with the weights of the best trial.
        beyond: how that compares with a linear forecast; None where the search had none.
        both: the networks of the best trial together.
    """
    ranked = run.store.best(run.store.count())
    if not ranked:
        return None
    best = ranked[0]
    windows = engine.windows
    rows = windows.parts["test"]
    model = "LSTM" if engine.space.is_stack else "model"
    metric = metric_of(run.job["identity"]["loss"], windows)
    forecast = test_forecast(run, engine, best)
    against, floors = with_floors(model, forecast, windows, rows, metric)
    covered, said_of_them = against_words.covered(forecast, windows)
    narrowing = run.recorded_trial(best).narrowing
    nothing = beyond is not None and beyond.nothing
    of_seeds, told = seeds.told(run, engine, ranked, metric, both, nothing=nothing)
    said = [
        *against_words.told(against, floors.reads, windows.lookback),
        *panel_sentences(against, forecast, windows),
        *said_of_them,
        *told,
        *margin(ranked),
    ]
    said += [*of_repeats(ranked), *of_folds(best), *few_windows(windows, best, len(ranked))]
    if beyond is not None and nothing:
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
        "best_val_loss": best.score,
        "linear_alone": best.best_epoch == 0,
        "metric": metric,
        "windows": len(rows),
        "scores": against.table,
        "against_floors": against.plain,
        "by_series": by_series(forecast, windows),
        "interval": None if covered is None else covered.plain,
        "forecasts": to_plain(kept_forecasts({model: forecast} | floors.forecasts, against, windows)),
        "units": to_plain(units_of(run, engine, best, forecast, metric)),
        **of_seeds,
        "adds_nothing": nothing,
        "sentences": said,
    }
