"""Looks at the files of a run beside its store, and at what lies in the folder that is none of them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path

from ...search_spaces.errors import UserError
from ..runs.digests import KeptFiles
from ..runs.paths import RunPaths
from ..runs.store import Store
from .findings import Findings

SHOWN = 5
"""Names of files that nobody knows of; beyond them the number alone is told."""


class Files:
    """The files of a run.

    Args:
        paths: of the run.
        store: knows which there are.
        files: of the run.
        found: is told.
    """

    def __init__(self, paths: RunPaths, store: Store, files: KeptFiles, found: Findings) -> None:
        self._paths, self._store, self._files, self._found = paths, store, files, found

    def check(self, running: Collection[int]) -> None:
        """Set aside what is not what the run wrote.

        Args:
            running: trials whose files a process may have replaced and been killed before it said so.
        """
        for name in self._store.digests():
            if self._paths.is_kept(name) and self._paths.trial_of(name) not in running:
                self._check(name, self._paths.folder / name)

    def _check(self, name: str, path: Path) -> None:
        if not os.path.lexists(path):
            self._found.mend(name, f"is gone: {self._without(name)}", "noted in the store",
                             partial(self._files.forget, path))  # fmt: skip
            return
        try:
            self._files.check(path)
        except UserError as error:
            if path.is_file() and not os.access(path, os.R_OK):
                self._found.remains(name, str(error))
                return
            what = (
                "is not what this run wrote, but damaged, replaced or copied here"
                if path.is_file()
                else ("is not a file")
            )
            aside = self._paths.name(self._paths.aside(name))
            self._found.mend(
                name,
                f"{what}: {self._without(name)}",
                f"moved to {aside}",
                partial(self._files.set_aside, path),
            )

    def _without(self, name: str) -> str:
        """What can no longer be done without a file."""
        number = self._paths.trial_of(name)
        if number is None:
            return "a study that measures this network leaves its measures out"
        if "/state." in name:
            return f"what goes on from there in trial {number} begins at its first epoch"
        if name.endswith("weights.npz"):
            return f"trial {number} cannot be exported, and forecasts nothing"
        return f"trial {number} is handed over without its other seeds"

    def left(self) -> None:
        """Remove what a kill left unfinished; tell what nobody knows of."""
        if unfinished := self._paths.unfinished():
            self._found.mend("", f"{_counted(unfinished, 'file')} half written by a process that was killed",
                             "removed", partial(_removed, unfinished))  # fmt: skip
        if empty := self._paths.empty():
            self._found.mend("", f"{_counted(empty, 'folder')} of trials without a file", "removed",
                             partial(_left, empty))  # fmt: skip
        known = {*self._store.digests(), *(self._paths.name(path) for path in self._paths.own())}
        known |= {self._paths.name(path) for path in (*unfinished, self._paths.report)}
        running = {trial.number for trial in self._store.trials() if not trial.status.ended}
        strange = [
            name for name in self._names() if name not in known and self._paths.trial_of(name) not in running
        ]
        if strange:
            shown = ", ".join(strange[:SHOWN]) + (", ..." if len(strange) > SHOWN else "")
            verb = "is" if len(strange) == 1 else "are"
            said = f"{_counted(strange, 'file')} that the run knows nothing of {verb} left alone: {shown}"
            self._found.note("", said)

    def _names(self) -> Iterator[str]:
        """Yield what lies in the folder; of a folder of somebody else's its name alone."""
        for path in sorted(self._paths.folder.iterdir()):
            if path not in (self._paths.trials, self._paths.studies):
                yield path.name
        for path in sorted([*self._paths.trials.glob("*"), *self._paths.studies.glob("*")]):
            if path.is_dir() and path.parent == self._paths.trials and path.name.isdecimal():
                yield from (self._paths.name(below) for below in sorted(path.iterdir()))
            else:
                yield self._paths.name(path)


def _counted(things: Collection[object], noun: str) -> str:
    return f"1 {noun}" if len(things) == 1 else f"{len(things):,} {noun}s"


def _removed(paths: Collection[Path]) -> None:
    for path in paths:
        path.unlink()


def _left(folders: Collection[Path]) -> None:
    for folder in folders:
        folder.rmdir()
