"""`tune`: a whole tuning job in one call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..search_spaces.backend import check_backend
from ..search_spaces.errors import UserError
from .job import Job, Prepared
from .progress.base import Progress
from .run import Run
from .runs.folder import RunFolder, free_folder
from .runs.start import started


def tune(
    source: Any, *, out: str | Path | None = None, progress: Progress | None = None, **options: Any
) -> Run:
    """Search stacked LSTMs on a series and return the run.

    Args:
        source: path of a CSV or Parquet file, a data frame, arrays, or `synthetic:NAME`.
        out: folder of the run; None takes a free one below `runs/`, or the one the same job began.
        progress: what shows the progress; None shows nothing.
        options: everything else of a `Job`: target, time, features, horizon, space, trials, ...

    Returns:
        The finished run: `run.best`, `run.trials`, `run.answer`.

    Raises:
        UserError: for anything the user can mend, before the search starts.
    """
    check_backend()
    try:
        job = Job(source, **options)
    except TypeError as error:
        raise UserError(f"tune: {str(error).removeprefix('Job.__init__() ')}") from None
    prepared = job.prepare()
    folder = Path(out) if out else default_folder(job, prepared)
    with started(folder, job.describe(prepared), prepared.series) as run:
        search_into(run, job, prepared, progress or Progress())
    finished = Run(folder)
    finished.given_space = job.space
    return finished


def search_into(run: RunFolder, job: Job, prepared: Prepared, progress: Progress) -> None:
    """Run the search of `job` in `run`, which is held for writing. Imports TensorFlow."""
    from .search import search

    search(job, prepared, run, progress)


def default_folder(job: Job, prepared: Prepared) -> Path:
    """Return `runs/NAME`, or `runs/NAME-2` and so on when another job has it."""
    return free_folder(Path("runs") / prepared.series.name.replace("/", "-"), prepared.identity)
