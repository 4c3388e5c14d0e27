"""Errors on the test part of ETTh1 of what one `narrows tune` command of ten minutes hands over.

The split is that of the literature: 8640 rows to train on, 2880 to validate on and 2880 to test on. Errors
are mean squared ones over all test windows, steps of the horizon and targets, in standard deviations of the
training rows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import workloads
from apart import Row, typed

COMMON = "--time date --split 8640,2880,2880 --minutes 10 --trials 1000"
"""The minutes end the search; 30 trials, the default, may be done before."""
SEVEN = " ".join(f"--target {name}" for name in ("HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT"))
ASKED: dict[str, tuple[str, float]] = {
    "OT, horizon 24": ("--target OT --horizon 24 --lookback 96,336", 0.026),
    "OT, horizon 48": ("--target OT --horizon 48 --lookback 96,336", 0.039),
    "OT, horizon 168": ("--target OT --horizon 168 --lookback 96,336", 0.065),
    "seven targets, horizon 96": (f"{SEVEN} --horizon 96 --lookback 96,336", 0.375),
}
"""What each command says, and the largest error wanted. No option was chosen by an error on the test part."""
MODEL, RIDGE = "LSTM", "ridge autoregression"
SHOWN = ("lookback", "segment", "channels", "linear", "scaling")
"""Of the best trial's values, beside its widths, where they are searched."""


def rows() -> list[Row]:
    """Mean squared error on the test part of ETTh1 of what is handed over after one command of 10 minutes.

    In standard deviations of the training rows. Handed over is what the export that the answer names writes;
    it was chosen on validation. The ridge is fitted on the longest lookback. Minutes are those of the whole
    command, the answer included.
    """
    if not workloads.ETTH1.exists():
        return [
            (f"ETTh1 {name}", f"not run: {workloads.ETTH1.name} is not there", f"<= {goal:g}", "")
            for name, (_, goal) in ASKED.items()
        ]
    return [_row(name, options, goal) for name, (options, goal) in ASKED.items()]


def mse(scores: Mapping[str, Mapping[str, float]], std: Sequence[float]) -> float:
    """Return the mean squared error over windows, steps and targets, in standard deviations.

    Args:
        scores: metrics of each target, RMSE in raw units; all are means over as many windows and steps.
        std: raw units, of each target in the same order.
    """
    each = [(one["RMSE"] / unit) ** 2 for one, unit in zip(scores.values(), std, strict=True)]
    return sum(each) / len(each)


def _row(name: str, options: str, goal: float) -> Row:
    from narrows import Run

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        words = f"{options} {COMMON}".split()
        secs = typed(["tune", str(workloads.ETTH1), *words, "--out", str(folder / "run")], folder)
        run = Run(folder / "run")
        answer, best, ended = run.answer, run.best, sum(trial.status.ended for trial in run.trials)
        std = run.windows.scaler.std.tolist()[: run.windows.output_shape[1]]
        run.close()
    if answer is None or best is None:
        raise SystemExit(f"`narrows tune` had no answer for {name}")
    alone, ridge = (mse(answer["scores"][model], std) for model in (MODEL, RIDGE))
    nothing = "; the LSTM adds nothing that counts" if answer["adds_nothing"] else ""
    both, found, what = answer["ensemble"], alone, "the best trial"
    if both:
        found, what = mse(both["scores"], std), _shares(both["share"])
    return (
        f"ETTh1 {name}: test MSE of what is handed over",
        f"{found:.5f}",
        f"<= {goal:g}",
        f"{what}; the best trial alone {alone:.5f}, the ridge {ridge:.5f}; {best.name} of {ended} trials"
        f"{_values(best)}; validation loss {best.best_val_loss:.4f}; {answer['windows']} test windows; "
        f"{secs / 60:.1f} min{nothing}; `{options.replace(SEVEN, 'all seven')}`",
    )


def _shares(share: float) -> str:
    return f"{share:.0%} of the mean of its seeds, the rest linear"


def _values(trial: Any) -> str:
    return "".join(f", {name} {trial.values[name]}" for name in SHOWN if name in trial.values)
