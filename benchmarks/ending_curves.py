"""Learning curves of whole searches in which nothing ends early, to replay on them what would have ended.

Random search in the default space, every trial trained for all its epochs by the fused engine, two at once as
on any machine of two cores. Curves are kept in a folder outside of the repository, one JSON file a set, and
trained once; validation losses alone are kept, so nothing here can be tuned on a test part.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from workloads import ETTH1, SMALL, SMALL_WINDOWS, small_columns

from narrows.search_spaces.stack_parts import DEFAULTS

SUNSPOTS = ETTH1.with_name("sunspots_monthly.csv")


@dataclass(frozen=True)
class Curve:
    """One trial, trained for all its epochs.

    Args:
        values: hyperparameters.
        losses: validation loss after each epoch; NaN and infinity from where it diverged.
        secs: seconds of each epoch.
        parameters: trainable ones.
    """

    values: dict[str, Any]
    losses: list[float]
    secs: list[float]
    parameters: int

    @property
    def epoch_secs(self) -> float:
        """Seconds of an epoch: the median, since the first ones compile."""
        return median(self.secs)


@dataclass(frozen=True)
class CurveSet:
    """A search to record.

    Args:
        name: of its file.
        trials: how many.
        epochs: of each.
        close: share of the best loss within which another one is as good: about what the seed does.
        options: of `read_series`.
        windows: of `Windows`.
    """

    name: str
    trials: int
    epochs: int
    close: float
    options: dict[str, Any]
    windows: dict[str, Any]

    @property
    def there(self) -> bool:
        """Whether its data are there; files are not part of this repository."""
        return "source" not in self.options or Path(self.options["source"]).exists()

    def patience(self, steps: int) -> int:
        """Return the patience that the package takes by itself, by the steps of an epoch."""
        from narrows.tuning.defaults import LEAST_PATIENCE, MOST_PATIENCE, PATIENT_STEPS

        return min(max(math.ceil(PATIENT_STEPS / steps), LEAST_PATIENCE), MOST_PATIENCE)

    def path(self, folder: Path) -> Path:
        """Return the file of its curves, named by what they depend on, the default space too."""
        options = {name: value for name, value in self.options.items() if name != "source"}
        told = repr((self.epochs, options, self.windows, sorted(DEFAULTS.items())))
        return folder / f"{self.name}-{hashlib.sha256(told.encode()).hexdigest()[:12]}.json"

    def data(self) -> Any:
        """Return the `Windows`.

        Raises:
            UserError: without the file, which is not part of this repository.
        """
        from narrows.tuning.series.reading import read_series
        from narrows.tuning.series.windows import Windows

        source = small_columns() if self.name == "small" else self.options["source"]
        rest = {name: value for name, value in self.options.items() if name != "source"}
        return Windows(read_series(source, **rest), **self.windows)


SETS = {
    one.name: one
    for one in (
        CurveSet("small", 45, 120, 0.1, SMALL, SMALL_WINDOWS),
        CurveSet(
            "sunspots",
            45,
            130,
            0.02,
            {"source": str(SUNSPOTS), "target": "Sunspots", "time": "Month"},
            {"lookback": 24, "horizon": 1, "split": "0.7,0.15,0.15"},
        ),
        CurveSet(
            "etth1",
            40,
            12,
            0.01,
            {"source": str(ETTH1), "target": "OT", "time": "date"},
            {"lookback": 48, "horizon": 24, "split": "8640,2880,2880"},
        ),
    )
}


def kept(folder: Path, name: str) -> tuple[list[Curve], int]:
    """Return the curves of a set that are there, by number, and the steps of an epoch."""
    path = SETS[name].path(folder)
    if not path.exists():
        return [], 0
    found = json.loads(path.read_text())
    curves = {int(number): Curve(**one) for number, one in found["curves"].items()}
    return [curves[number] for number in sorted(curves)], int(found["steps"])


def record(folder: str, name: str) -> int:
    """Train what is missing of a set, keep it and return how many curves there are."""
    from narrows.search_spaces import StackedLSTM
    from narrows.search_spaces.trial import GO_ON, Decision, Epoch, Outcome
    from narrows.tuning import algorithms, engines
    from narrows.tuning.engines.base import Task
    from narrows.tuning.series.epoch_rows import training_steps

    one = SETS[name]
    data = one.data()
    space = StackedLSTM().shaped(data.input_shape, data.output_shape)
    engine = engines.make("fused", space, data)
    algorithm = algorithms.make("random", space, seed=0, epochs=one.epochs)
    proposals = [algorithm.ask() for _ in range(one.trials)]
    path = one.path(Path(folder))
    path.parent.mkdir(parents=True, exist_ok=True)
    done = json.loads(path.read_text())["curves"] if path.exists() else {}
    waiting = [each for each in proposals if each is not None and str(each.number) not in done]
    values = {each.number: dict(each.values) for each in waiting}
    epochs: dict[int, list[Epoch]] = {}

    def ask() -> Task | None:
        return Task(**vars(waiting.pop(0))) if waiting else None

    def report(epoch: Epoch) -> Decision:
        epochs.setdefault(epoch.number, []).append(epoch)
        return GO_ON

    def end(outcome: Outcome) -> None:
        seen: Sequence[Epoch] = epochs.pop(outcome.number, [])
        losses, secs = [each.val_loss for each in seen], [each.secs for each in seen]
        done[str(outcome.number)] = asdict(Curve(values[outcome.number], losses, secs, outcome.parameters))
        beside = path.with_suffix(f".{os.getpid()}.partial")
        beside.write_text(json.dumps({"steps": training_steps(data, 32), "curves": done}))
        os.replace(beside, path)

    engine.train(ask, report, end)
    return len(done)
