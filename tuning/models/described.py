"""What a user of a model must know: its columns, shapes, rows, and how good it was."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from ...search_spaces.plain import to_plain
from ...search_spaces.trial import Trial
from ..runs.folder import RunFolder
from ..series.ahead import input_columns
from ..series.splits import PARTS
from ..series.words import counted, time_text
from .formats import FORMATS, Format

if TYPE_CHECKING:
    from ..series.windows import Windows


def describe(
    run: RunFolder, trial: Trial, format: str, level: float | None, scaled: Windows | None = None
) -> dict[str, Any]:
    """Return what a user of the exported model must know, JSON-able.

    Args:
        run: of the trial.
        trial: whose model it is.
        format: one of `FORMATS`, or `run`.
        level: of its prediction interval, percent; None where it has none.
        scaled: what its scaling was fitted on; None are the windows of the run.
    """
    from ..series.calendar import column_names
    from ..series.scaler import category_texts

    series, windows, answer = run.series, run.windows, run.answer
    texts = category_texts(series, (scaled or windows).scaler)
    kind = FORMATS.get(format, FORMATS["savedmodel"])
    return {
        "format": format,
        "trial": trial.name,
        "profile": trial.profile,
        "parameters": trial.parameters,
        "hyperparameters": trial.values,
        "best_val_loss": trial.score,
        "test_scores": answer["scores"] if answer and answer["trial"] == trial.number else None,
        "lookback": windows.lookback,
        "horizon": windows.horizon,
        "targets": list(series.targets),
        "values": list(series.columns),
        "categories": {name: list(known) for name, known in zip(series.categorical, texts, strict=True)},
        "known": [name for name in series.ahead if name not in column_names(series.calendar)],
        "static": list(series.static),
        "calendar": list(series.calendar),
        "time": list(series.time_columns),
        "id": series.id_column,
        "frequency": series.frequency,
        "season": series.season,
        "zone": series.zone,
        "missing": run.job["missing"],
        "conventions": to_plain(series.conventions),
        "wide": run.job["wide"],
        "unseen": _unseen(scaled or windows),
        "inputs": _inputs(windows, kind),
        "level": level,
        "outputs": {
            name: {"dtype": kind.forecast, "shape": [kind.windows, *windows.output_shape]}
            for name in ("forecast", *(() if level is None else ("lower", "upper")))
        },
        "versions": {name: version(name) for name in ("narrows", "tensorflow", "keras", "numpy")},
    }


def _inputs(windows: Windows, kind: Format) -> dict[str, Any]:
    rows = {"values": windows.lookback, "categories": windows.lookback}
    texts = "int32" if kind.portable else "string"
    return {
        name: {
            "dtype": texts if name.endswith("categories") else kind.values,
            "shape": [kind.windows, rows.get(name, windows.horizon), len(columns)],
            "columns": [*columns],
        }
        for name, columns in input_columns(windows.series).items()
    }


def _unseen(windows: Windows) -> str:
    """Return in words which rows of the data a model neither learned from nor was chosen by."""
    series, test = windows.series, windows.part_of_row >= PARTS.index("test")
    if windows.learned[test].any():
        return "those that came after the data it was trained on"
    if series.times is None:
        return f"the last {counted(int(test.sum()), 'row')} of the data it was trained on, and later ones"
    return f"those from {time_text(series.times[test].min())} on"
