"""`check`: looks at everything in a run folder, in the order in which one thing rests on another.

Under the lock, as whoever writes: what a search is writing is not judged. Where the folder cannot be written
the same is looked at, and told.
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from ...search_spaces.errors import UserError
from ..runs.digests import KeptFiles
from ..runs.entry import refuse_links
from ..runs.job_file import read_job
from ..runs.lock import Held, sole_writer
from ..runs.paths import RunPaths
from .files import Files
from .findings import Checked, Findings
from .record import check_record
from .store import check_log, check_trials, opened

STILL = "what was exported works as before, and `tensorboard --logdir {}` shows the curves"


def check(folder: str | Path, *, repair: bool = True, space: Any = None) -> Checked:
    """Look at everything in a run folder and mend what can be made again.

    A damaged file of weights, of a state or of a study moves to `damaged/` in the run, which from then on has
    no such file; event files are written anew from the store. Links are not followed.

    Args:
        folder: of the run.
        repair: whether anything is changed.
        space: what builds the models, for a run that searched a space of the user's own.

    Returns:
        What was found, and what became of it.

    Raises:
        UserError: when the folder is not a run.
    """
    paths = RunPaths(folder)
    if not any(path.exists() or path.is_symlink() for path in (paths.job, paths.store)):
        read_job(paths)  # which tells that this is no run
    found = Findings(repair)
    with ExitStack() as held:
        try:
            refuse_links(paths, below=True)
        except UserError as error:
            found.remains("", f"{error}. Nothing else was looked at")
            return Checked(paths.folder, tuple(found.found))
        try:
            held.enter_context(sole_writer(paths.lock, paths.holder))
        except Held as error:
            found.repairs = False
            found.note(
                "",
                f"the run is being written by {error.holder}: only its store, job and data were looked at, "
                "and nothing was changed; check again when it has ended",
            )
            _rests_on(paths, found, held)
            return Checked(paths.folder, tuple(found.found))
        except OSError as error:
            found.repairs = False
            found.note(
                "", f"nothing can be changed in this folder ({error.strerror}), so nothing is repaired"
            )
        _whole(paths, found, held, space)
    return Checked(paths.folder, tuple(found.found))


def _whole(paths: RunPaths, found: Findings, held: ExitStack, space: Any) -> None:
    check_log(paths, found)  # which nobody is writing
    kept = _rests_on(paths, found, held)
    if kept is None:
        return
    store, files, has_job = kept
    running = {trial.number for trial in store.trials() if not trial.status.ended}
    beside = Files(paths, store, files, found)
    beside.check(running)
    beside.left()
    check_trials(paths, store, files, found)
    if has_job:
        check_record(paths, found, space)


def _rests_on(paths: RunPaths, found: Findings, held: ExitStack) -> tuple[Any, KeptFiles, bool] | None:
    """Look at what all else rests on; return the store, the files, and whether the job is whole."""
    store = opened(paths, found, STILL.format(paths.tensorboard))
    if store is None:
        return None
    held.enter_context(closing(store))
    files = KeptFiles(paths.folder, store)
    has_job = True
    for path, needs in (
        (paths.job, STILL.format(paths.tensorboard)),
        (
            paths.series,
            "`narrows trials`, `board` and `report` work as before; forecasts and exports need it",
        ),
    ):
        try:
            files.check(path)
            if path == paths.job:
                read_job(paths)
        except UserError as error:
            has_job &= path != paths.job
            found.remains("", f"{error}. Until then, {needs}")
    return store, files, has_job
