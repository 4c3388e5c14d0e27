"""The fused engine against stock `keras_tuner.RandomSearch` on the very same trials, in one run.

    python benchmarks/against_kerastuner.py --trials 16

Workload "small": 2,000 training windows of 32 x 2, batch 32, 10 epochs, 1 to 3 layers of 4 to 64 units.
Both sides run in a fresh process; importing TensorFlow is not counted, compiling is. KerasTuner chooses
the trials; the fused engine is given the same values. Seeds differ, so losses agree in rank, not in
digits (the tests hold digits). Prints one row of a table; absolute times say little on a shared machine.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

EPOCHS = 10
SPACE: dict[str, Any] = {
    "num_layers": (1, 3),
    "units": (4, 64),
    "bottleneck": 0,
    "batch_size": 32,
    "scaling": "standard",
}


def windows() -> Any:
    """2,000 training, 400 validation and 100 test windows of 32 rows and 2 columns."""
    from narrows.tuning.series.series import Series
    from narrows.tuning.series.windows import Windows

    t = np.arange(32 + 2000 + 400 + 100)
    noise = np.random.default_rng(0).normal(size=(t.size, 2))
    values = np.stack([np.sin(t / 7) + 0.5 * np.sin(t / 3.1), np.cos(t / 11)], axis=1) + 0.1 * noise
    series = Series("small", ("a",), values, features=("b",))
    return Windows(series, lookback=32, horizon=1, split="2032,400,100")


def space(data: Any) -> Any:
    """The space of the workload, shaped for `data`."""
    from narrows.search_spaces import StackedLSTM

    return StackedLSTM(**SPACE).shaped(data.input_shape, data.output_shape)


def stock(trials: int) -> dict[str, Any]:
    """Search with KerasTuner; return seconds, and the values and best loss of each trial."""
    import keras_tuner

    data = windows()
    train, validation = data.parts["train"], data.parts["validation"]
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        tuner = keras_tuner.RandomSearch(
            space(data), objective="val_loss", max_trials=trials, seed=1, directory=folder
        )
        tuner.search(
            data.inputs(train),
            data.targets(train),
            validation_data=(data.inputs(validation), data.targets(validation)),
            epochs=EPOCHS,
            verbose=0,
        )
        secs = time.perf_counter() - began
        found = tuner.oracle.trials.values()
        return {"secs": secs, "trials": [(t.hyperparameters.values, t.score) for t in found]}


def fused(given: list[Any]) -> dict[str, Any]:
    """Train the given values with the fused engine; return seconds and the best loss of each."""
    from narrows.tuning import engines
    from narrows.tuning.engines.base import Trial

    data = windows()
    waiting = [Trial(n, values, seed=n, epochs=EPOCHS) for n, (values, _) in enumerate(given)]
    scores: dict[int, float] = {}
    began = time.perf_counter()
    engine = engines.make("fused", space(data), data)
    engine.train(
        lambda place: waiting.pop(0) if waiting else None,
        lambda epoch: True,
        lambda outcome: scores.__setitem__(outcome.number, outcome.best_val_loss),
    )
    secs = time.perf_counter() - began
    return {"secs": secs, "trials": [(values, scores[n]) for n, (values, _) in enumerate(given)]}


def main() -> None:
    """Run both sides, each in a process of its own, and print the row."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=64)
    parser.add_argument("--side", choices=("stock", "fused"))
    parser.add_argument("--file", type=Path)
    asked = parser.parse_args()
    if asked.side:
        import tensorflow  # noqa: F401

        done = (
            stock(asked.trials)
            if asked.side == "stock"
            else fused(json.loads(asked.file.read_text())["trials"])
        )
        asked.file.write_text(json.dumps(done))
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trials.json"
        results = {}
        for side in ("stock", "fused"):
            command = [
                sys.executable,
                __file__,
                "--side",
                side,
                "--trials",
                str(asked.trials),
                "--file",
                str(file),
            ]
            subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
            results[side] = json.loads(file.read_text())
    sys.stdout.write(row(results, asked.trials))


def row(results: dict[str, Any], trials: int) -> str:
    """Return the figures as a row of Markdown."""
    from scipy.stats import spearmanr

    theirs, ours = ([score for _, score in results[side]["trials"]] for side in ("stock", "fused"))
    ratio = results["stock"]["secs"] / results["fused"]["secs"]
    return (
        f"| small, {trials} trials | {ratio:.1f} times KerasTuner's trials a minute "
        f"({results['stock']['secs']:.0f} s against {results['fused']['secs']:.0f} s) | rank correlation "
        f"{spearmanr(theirs, ours).statistic:.3f} | best {min(theirs):.5f} against {min(ours):.5f} |\n"
    )


if __name__ == "__main__":
    main()
