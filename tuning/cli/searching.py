"""A job, done: what is said before it, while it runs, and when it ended or was interrupted."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from ...search_spaces.quiet import load_tensorflow
from .output import say_how_to_go_on
from .tune_words import conclude, interrupted, introduce

if TYPE_CHECKING:
    from ..job import Job


def search(job: Job, out: str | None, *, quiet: bool, as_json: bool) -> None:
    """Search, then say the answer and the next commands.

    Args:
        job: not checked yet.
        out: folder of the run; None takes a free one, or the one that the same job began.
        quiet: whether only the answer is said.
        as_json: whether it is said as JSON.
    """
    from ..api import default_folder, search_into
    from ..progress import display
    from ..runs.start import started

    prepared = job.prepare()
    folder = Path(out) if out else default_folder(job, prepared)
    with started(folder, job.describe(prepared), prepared.series) as run:
        progress = display(quiet, as_json)
        if not (quiet or as_json):
            introduce(job, prepared, run)
        told = not (quiet or as_json)  # by the display, once the search has begun
        try:
            with say_how_to_go_on():
                load_tensorflow()
            with nullcontext() if told else say_how_to_go_on():
                search_into(run, job, prepared, progress)
        except KeyboardInterrupt:
            interrupted(run, as_json)
            raise
        conclude(run, as_json)
