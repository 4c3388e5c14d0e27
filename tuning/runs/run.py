"""Run: what one job did and keeps on disk. Opened to read, or started to write."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...search_spaces.errors import UserError, did_you_mean
from ...search_spaces.whole_file import write_whole
from ..job import VERSION, Job, Prepared, differences
from ..series.series import Series
from ..series.windows import Windows
from .arrays import load_arrays
from .lock import sole_writer
from .paths import RunPaths
from .recorded import recorded_search, recorded_trial
from .snapshot import load_series, save_series
from .store import RUNNING, Store, TrialRow

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ...callbacks.narrowing import Narrowing
    from ...search_spaces.space import Space
    from ..engines.base import Engine


class Run:
    """A run folder.

    Args:
        folder: of the run.
        read_only: whether the store may be written; `start` is the way to a run that is written.

    Raises:
        UserError: when the folder is not a run.
    """

    def __init__(self, folder: str | Path, *, read_only: bool = True) -> None:
        self.paths = RunPaths(folder)
        self.job = read_job(self.paths)
        self.store = Store(self.paths.store, read_only=read_only)
        self._space: Space | None = None

    @classmethod
    def start(cls, folder: str | Path, job: Job, prepared: Prepared) -> Run:
        """Create the run of `job`, or open the run that the same job began.

        Raises:
            UserError: when the folder holds something else or the run of another job (every
                difference is named), or cannot be written.
        """
        paths = RunPaths(folder)
        if paths.job.exists():
            changed = differences(read_job(paths)["identity"], prepared.identity)
            if changed:
                lines = "\n".join(f"  - {line}" for line in changed)
                raise UserError(
                    f"{folder} is the run of another job:\n{lines}\n"
                    "give another --out, or repeat the job as it was"
                )
        elif paths.folder.exists() and (not paths.folder.is_dir() or any(paths.folder.iterdir())):
            raise UserError(f"{folder} exists and is not a run; give another --out")
        try:
            paths.folder.mkdir(parents=True, exist_ok=True)
            if not paths.series.exists():
                save_series(paths.series, prepared.series)
            text = json.dumps(job.describe(prepared), indent=2) + "\n"
            write_whole(paths.job, text.encode())
        except OSError as error:
            raise UserError(f"{folder} cannot be written: {error.strerror}; give another --out") from None
        return cls(folder, read_only=False)

    @property
    def folder(self) -> Path:
        """Where the run is."""
        return self.paths.folder

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only process that writes this run while the body runs."""
        with sole_writer(self.paths.lock):
            yield

    @property
    def trials(self) -> list[TrialRow]:
        """Every trial, by number."""
        return self.store.trials()

    def is_done(self, trials: int) -> bool:
        """Whether at least `trials` trials were begun and all of them ended."""
        rows = self.store.trials()
        return len(rows) >= trials and all(row.status != RUNNING for row in rows)

    @property
    def best(self) -> TrialRow | None:
        """The trial of the smallest validation loss, or None."""
        return next(iter(self.store.best()), None)

    @property
    def answer(self) -> dict[str, Any] | None:
        """What the search ended with, see `tuning.answer`; None while it has not."""
        return self.store.meta("answer")

    def export(self, dest: str | Path, **options: Any) -> dict[str, Any]:
        """Write a trial's model, the best one's by default; see `tuning.export.export`."""
        from ..export import export

        return export(self, dest, **options)

    def forecast(self, source: Any, trial: int | None = None) -> str:
        """Return what comes after the last row of `source` as CSV text; see `tuning.forecast`."""
        from ..forecast import forecast

        return forecast(self.folder, source, trial=trial)

    @cached_property
    def series(self) -> Series:
        """The data of the run, as they were read."""
        return load_series(self.paths.series)

    @cached_property
    def windows(self) -> Windows:
        """The windows every trial was trained on."""
        identity = self.job["identity"]
        return Windows(self.series, identity["lookback"], identity["horizon"], identity["split"])

    def use_space(self, space: Any) -> None:
        """Say what builds the models; needed only for a space of the user's own."""
        from ...search_spaces.space import as_space

        self._space = as_space(space)

    def engine(self) -> Engine:
        """Return an engine of the kind this run used, with its space and windows.

        Raises:
            UserError: when the run searched a space of the user's own that was not given.
        """
        from .. import engines

        name = "keras" if engines.refusal(self.job["engine"], self.space()) else self.job["engine"]
        return engines.make(name, self.space(), self.windows)

    def space(self) -> Space:
        """Return what builds the models of this run, shaped for its windows."""
        if self._space is None:
            from ..space import stacked_lstm_of

            self._space = stacked_lstm_of(self.job["identity"], self.windows)
        return self._space

    def trial(self, number: int | None = None) -> TrialRow:
        """Return one trial, the best one when no number is given.

        Raises:
            UserError: when there is no such trial, or none has a score yet.
        """
        if number is None:
            if self.best is None:
                raise UserError(f"{self.folder} has no trial with a score yet")
            return self.best
        row = self.store.trial(number)
        if row is None:
            count = len(self.trials)
            raise UserError(f"{self.folder} has no trial {number}; it has trials 0 to {count - 1}")
        return row

    def weights(self, row: TrialRow) -> list[Any]:
        """Return the best-epoch weights of a trial.

        Raises:
            UserError: when they were not kept.
        """
        path = self.paths.weights(row.number)
        if not path.exists():
            kept = self.job["budget"]["keep"]
            why = (
                f"it {row.status}" if row.status != "completed" else f"only the best {kept} are kept (--keep)"
            )
            raise UserError(f"the weights of trial {row.name} are not there: {why}")
        return load_arrays(path)

    def narrowing(self, row: TrialRow) -> Narrowing | None:
        """Return what was measured of a trial's widths, None when nothing was."""
        return recorded_trial(row, self.store.narrowing(row.number)).narrowing

    def figure(self, name: str, trial: int | None = None, *, dark: bool = False) -> go.Figure:
        """Return a picture of this run as a plotly figure, which a notebook shows.

        Args:
            name: `history`, `funnel`, ...: one of `narrows.callbacks.figures.pictures()`.
            trial: number of the trial, for a picture of one trial; the best one when none is given.
            dark: for a dark page.

        Raises:
            UserError: for an unknown name, an unknown trial, or when there is nothing to show.
        """
        from ...callbacks import figures

        known = figures.pictures()
        if name not in known:
            raise UserError(
                f"there is no figure {name!r}{did_you_mean(name, known)}; there are: {', '.join(known)}"
            )
        search = recorded_search(self)
        shown = search.trial(self.trial(trial).number) if known[name].view == "trial" else None
        try:
            return figures.draw(name, search, shown, dark=dark)
        except figures.NothingToShow as nothing:
            raise UserError(f"{self.folder} has no {name} to show: {nothing}") from None

    def close(self) -> None:
        """Close the store."""
        self.store.close()


def read_job(paths: RunPaths) -> dict[str, Any]:
    """Return the content of `job.json`.

    Raises:
        UserError: when the folder is not a run, or was written by another version.
    """
    if not paths.job.is_file():
        what = "is not a run (it has no job.json)" if paths.folder.exists() else "does not exist"
        near = [str(path.parent) for path in sorted(paths.folder.parent.glob("*/job.json"))[:5]]
        hint = (
            f"; runs beside it: {', '.join(near)}" if near else "; `narrows runs` lists the runs of a folder"
        )
        raise UserError(f"{paths.folder} {what}{hint}")
    try:
        job = json.loads(paths.job.read_text(encoding="utf-8"))
        version = job["version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{paths.job} cannot be read: {error}") from None
    if version != VERSION:
        raise UserError(
            f"{paths.job} was written by another version of narrows (job {version}, here {VERSION})"
        )
    return job


def find_runs(folder: Path) -> list[Path]:
    """Return the run folders at or below `folder`, two levels deep, by name."""
    found = {
        path.parent for pattern in ("job.json", "*/job.json", "*/*/job.json") for path in folder.glob(pattern)
    }
    return sorted(found)


def free_folder(wanted: Path, identity: Mapping[str, Any]) -> Path:
    """Return `wanted`, or `wanted-2` and so on: the first that is free or the run of the same job."""
    for count in range(1, 10_000):
        folder = wanted if count == 1 else wanted.with_name(f"{wanted.name}-{count}")
        paths = RunPaths(folder)
        if paths.job.is_file():
            if read_job(paths)["identity"] == identity:
                return folder
        elif not folder.exists() or (folder.is_dir() and not os.listdir(folder)):
            return folder
    raise UserError(f"too many runs are called {wanted}; give --out")
