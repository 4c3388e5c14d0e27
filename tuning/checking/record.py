"""Looks at the event files of a run, and writes anew from the store those that do not say what it says.

TensorFlow is imported only where something is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

from ...search_spaces.errors import UserError
from ...search_spaces.quiet import load_tensorflow
from ...search_spaces.trial import Epoch
from ..runs.folder import RunFolder
from ..runs.paths import RunPaths
from .findings import Findings

if TYPE_CHECKING:
    from ...callbacks.record_check import Fault

SHOWN = 5


def check_record(paths: RunPaths, found: Findings, space: Any) -> None:
    """Look at every event file.

    Args:
        paths: of a run that can be opened.
        found: is told.
        space: what builds the models, for a run that searched a space of the user's own.
    """
    from ...callbacks.record_check import faults

    with closing(RunFolder(paths.folder)) as run:
        run.given_space = space
        wrong = faults(
            paths.tensorboard, run.recorded(), partial(_epochs, run), run.store.meta("record", int)
        )
        movable = [one for one in wrong if not one.foreign]
        blocked = next((one for one in wrong if one.foreign and one.number is None), None)
        for one in wrong if blocked else [one for one in wrong if one.foreign]:
            lies = one.foreign or (blocked.foreign if blocked else "")
            found.remains(
                paths.name(paths.tensorboard / one.name),
                f"{one.what}, and cannot be written anew while {lies} is there, which is not of the run: "
                "move it away, and check again",
            )
        if movable and not blocked:
            told = "; ".join(f"{one.name} {one.what}" for one in movable[:SHOWN])
            more = f"; and {len(movable) - SHOWN:,} more" if len(movable) > SHOWN else ""
            found.mend(
                paths.tensorboard.name,
                f"{told}{more}",
                "written anew from the store",
                partial(_write, run, movable),
            )


def _epochs(run: RunFolder, number: int) -> list[Epoch] | None:
    try:
        return run.store.epochs(number)
    except UserError:
        return None  # damaged, which was told


def _write(run: RunFolder, wrong: Sequence[Fault]) -> None:
    numbers = [one.number for one in wrong if one.number is not None]
    load_tensorflow()
    if not numbers:
        from ...callbacks.tab_record import TabRecord

        TabRecord(run.paths.tensorboard, run.recorded()).close()
        return
    from ...callbacks.search_record import SearchRecord
    from ..models.rebuilt import space_of_run

    hyperparameters = space_of_run(run).hyperparameters()
    search = run.recorded()
    # More than there are, so that none goes.
    with closing(
        SearchRecord(run.paths.tensorboard, hyperparameters, search, most=2 * len(search.trials))
    ) as record:
        for number in numbers:
            trial = search.trial(number)
            if trial is not None:
                record.write_again(trial, run.store.epochs(number))
