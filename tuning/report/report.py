"""`narrows report`: write a run as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...search_spaces.errors import UserError
from ...search_spaces.whole_file import write_whole

if TYPE_CHECKING:
    from ..run import Run


def report(run: Run, dest: str | Path, *, force: bool = False) -> Path:
    """Write what a run found, with its figures, as one HTML file that needs no other; about 5 MB.

    Neither TensorFlow nor Keras is imported. A run that is being written may be reported.

    Args:
        run: with at least one trial that has ended, or a study.
        dest: the file to write; it appears whole or not at all.
        force: whether to replace a file that is there.

    Returns:
        `dest`.

    Raises:
        UserError: when there is neither an ended trial nor a study, or the file is there, or cannot be
            written.
    """
    dest = Path(dest)
    if dest.is_dir():
        raise UserError(f"{dest} is a folder; give the name of a file, such as {dest / 'report.html'}")
    if dest.exists() and not force:
        raise UserError(f"{dest} exists; give another --out, or --force to replace it")
    search = run.recorded()
    if not search.trials and not search.studies:
        raise UserError(f"{run.folder} has nothing to report: none of its trials has ended yet")
    from .page import document

    with run.store.reading("measures"):
        text = document(run, search)
    try:
        # The name of a folder may hold bytes that are no text.
        write_whole(dest, text.encode("utf-8", errors="replace"))
    except OSError as error:
        raise UserError(f"{dest} cannot be written: {error.strerror}") from None
    return dest
