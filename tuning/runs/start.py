"""The start of a run: lock first, then look, then write.

Whoever does not get the lock changes nothing. Until `job.json` is there, the last file that is written, the
folder is no run: what a start that was killed left of itself is taken over.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...search_spaces.errors import UserError
from .digests import KeptFiles
from .entry import refuse_links
from .folder import RunFolder
from .job_file import differences, read_job, write_job
from .lock import sole_writer
from .log import logged
from .paths import RunPaths
from .snapshot import save_series
from .store import Store

if TYPE_CHECKING:
    from ..series.series import Series


@contextmanager
def started(folder: str | Path, described: Mapping[str, Any], series: Series) -> Iterator[RunFolder]:
    """Be the only process that writes the run while the body runs.

    Creates the run of a job, or opens the run that the same job began.

    Args:
        folder: of the run.
        described: from `Job.describe`.
        series: the data.

    Raises:
        UserError: when another process writes the run, or the folder holds something else or the run of
            another job (every difference is named), or cannot be written, or something of it was altered.
    """
    paths = RunPaths(folder)
    _refuse_foreign(paths)
    refuse_links(paths, below=True)
    with ExitStack() as held:
        try:
            paths.folder.mkdir(parents=True, exist_ok=True)
            held.enter_context(sole_writer(paths.lock, paths.holder))
            held.enter_context(logged(paths))
            _begin(paths, described, series)
        except OSError as error:
            raise UserError(f"{folder} cannot be written: {error.strerror}; give another --out") from None
        with _room(paths), closing(RunFolder(folder, read_only=False)) as run:
            yield run
            run.store.check_there()


@contextmanager
def held(folder: str | Path) -> Iterator[RunFolder]:
    """Be the only process that writes a run that is there, while the body runs.

    Raises:
        UserError: when the folder is not a run, another process writes it, it cannot be written, or something
            of it was altered.
    """
    paths = RunPaths(folder)
    read_job(paths)
    refuse_links(paths, below=True)
    with ExitStack() as resources:
        try:
            resources.enter_context(sole_writer(paths.lock, paths.holder))
        except OSError as error:
            raise UserError(f"{folder} cannot be written: {error.strerror}") from None
        resources.enter_context(logged(paths))
        resources.enter_context(_room(paths))
        run = resources.enter_context(closing(RunFolder(folder, read_only=False)))
        run.check_files()
        yield run
        run.store.check_there()


@contextmanager
def _room(paths: RunPaths) -> Iterator[None]:
    """Tell a full disk as what the user can mend."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise UserError(
            f"{paths.folder} cannot be written: {error.strerror}; what was finished is kept, and the same "
            "command goes on when there is room"
        ) from None


def _begin(paths: RunPaths, described: Mapping[str, Any], series: Series) -> None:
    """Write what a new run begins with, or see that the one there is of the same job."""
    _refuse_foreign(paths)
    for path in paths.unfinished():
        path.unlink(missing_ok=True)
    for folder in paths.empty():
        folder.rmdir()
    if paths.job.exists():
        with closing(RunFolder(paths.folder, read_only=False)) as run:
            _refuse_other(run, described["identity"])
            run.check_files()
            write_job(paths, described, run.files)
        return
    for path in paths.folder.glob(f"{paths.store.name}*"):
        path.unlink()
    save_series(paths.series, series)
    with closing(Store(paths.store)) as store:
        files = KeptFiles(paths.folder, store)
        files.wrote(paths.series)
        write_job(paths, described, files)


def _refuse_other(run: RunFolder, identity: Mapping[str, Any]) -> None:
    """Raise a `UserError` that names every difference when a run is of another job."""
    changed = differences(run.job["identity"], identity)
    if changed:
        lines = "\n".join(f"  - {line}" for line in changed)
        raise UserError(
            f"{run.folder} is the run of another job:\n{lines}\n"
            "give another --out, or repeat the job as it was"
        )


def _refuse_foreign(paths: RunPaths) -> None:
    folder = paths.folder
    if not folder.exists() or paths.job.exists():
        return
    foreign = paths.foreign() if folder.is_dir() else [folder.name]
    if foreign:
        raise UserError(f"{folder} exists and is not a run; give another --out")
