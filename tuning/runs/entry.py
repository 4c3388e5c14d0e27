"""What is looked at before a run folder is entered.

No link leads out of it, so that nothing outside is ever written or removed. A run may be somebody else's: a
link in it, such as `tensorboard` to a folder elsewhere, would have a search that goes on there remove and
write what is not of the run.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ...search_spaces.errors import UserError
from .job_file import read_job
from .paths import RunPaths


def enter(paths: RunPaths) -> dict[str, Any]:
    """Return the content of `job.json` of a run whose folder may be read.

    Raises:
        UserError: when the folder is not a run, a name in it is a link, or the store is gone.
    """
    job = read_job(paths)
    refuse_links(paths)
    refuse_no_store(paths)
    return job


def refuse_links(paths: RunPaths, *, below: bool = False) -> None:
    """Raise a `UserError` when a name in a run folder that belongs to the run is a link.

    The folder itself may be one: that is where its owner put it.

    Args:
        paths: of the run; it need not be there.
        below: also look below its folders, in which whoever writes the run writes and removes.
    """
    for folder in paths.folders():
        if folder.exists() and not folder.is_dir():
            raise UserError(
                f"{folder} is not a folder, as it is in a run: put it back, or search in another one"
            )
    found = next((path for path in paths.own() if path.is_symlink()), None)
    if below:
        for folder in paths.folders():
            found = found or _link_below(folder)
    if found is not None:
        raise UserError(
            f"{found} is a link to {os.readlink(found)}, and a run keeps to its folder: put in its place "
            "what it leads to, or search in another folder"
        )


def refuse_no_store(paths: RunPaths) -> None:
    """Raise a `UserError` where the store is gone: a run that began anew would train all of it again."""
    if paths.store.is_file() and paths.store.stat().st_size:
        return
    what = "is empty" if paths.store.is_file() else "is not there"
    raise UserError(
        f"{paths.store} {what}, and {paths.job.name} beside it tells of a run: what was trained is not known "
        "any more. Put the file back, or search again in another folder"
    )


def _link_below(folder: Path) -> Path | None:
    for above, folders, files in os.walk(folder):
        for name in (*folders, *files):
            if os.path.islink(os.path.join(above, name)):
                return Path(above, name)
    return None
