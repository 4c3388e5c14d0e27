"""The one place that knows where a run keeps what."""

from __future__ import annotations

import os
import re
from pathlib import Path

_UNFINISHED = re.compile(
    r"\.(job\.json|series\.npz|run\.holder|(weights|state)(\.\d+)?(\.fold-\d+)?\.npz|[0-9a-f]{24}\.npz)\.\d+"
)
_KEPT = re.compile(
    r"trials/(\d{4,})/(weights(\.\d+(\.fold-\d+)?)?|state\.\d+)\.npz|studies/[0-9a-f]{24}\.npz"
)


class RunPaths:
    """Paths inside a run folder.

    job.json             what the run was asked to do; written last, so that a folder with it is a run
    run.sqlite           trials, epochs and the answer
    series.npz           the data, as they were read
    run.lock             held by the process that writes
    run.holder           name and pid of that process
    log.txt, log.1.txt   what happened, for a maintainer, and what happened before that
    trials/0007/         weights.npz of the best epoch, weights.1.npz ... of the same network trained again
                         with other seeds, state.12.npz after epoch 12 while it, or a later trial, may go on
                         from there
    studies/             weights of trainings that studies measure
    tensorboard/         one folder for each trial
    damaged/             what `narrows check` took out of the folders above, each below its name there
    report.html          what `narrows report` writes unless it is told where
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.job = self.folder / "job.json"
        self.store = self.folder / "run.sqlite"
        self.series = self.folder / "series.npz"
        self.lock = self.folder / "run.lock"
        self.holder = self.folder / "run.holder"
        self.log = self.folder / "log.txt"
        self.older_log = self.folder / "log.1.txt"
        self.trials = self.folder / "trials"
        self.tensorboard = self.folder / "tensorboard"
        self.studies = self.folder / "studies"
        self.damaged = self.folder / "damaged"
        self.report = self.folder / "report.html"

    def weights(self, number: int) -> Path:
        """Best-epoch weights of a trial."""
        return self.trials / f"{number:04d}" / "weights.npz"

    def seed_weights(self, number: int, seed: int, fold: int = 0) -> Path:
        """Best-epoch weights of a trial's network with another seed, from 1; on an older fold, from 1."""
        older = f".fold-{fold}" if fold else ""
        return self.trials / f"{number:04d}" / f"weights.{seed}{older}.npz"

    def all_weights(self, number: int) -> list[Path]:
        """All files of weights of a trial that are there."""
        return list((self.trials / f"{number:04d}").glob("weights*.npz"))

    def state(self, number: int, epoch: int) -> Path:
        """What goes on from an epoch of a trial."""
        return self.trials / f"{number:04d}" / f"state.{epoch}.npz"

    def studied(self, key: str) -> Path:
        """Best-epoch weights of a training of a study."""
        return self.studies / f"{key}.npz"

    def with_weights(self) -> set[int]:
        """Numbers of the trials whose weights are there."""
        return self._trials_with("weights.npz")

    def with_state(self) -> set[tuple[int, int]]:
        """Numbers and epochs of the trials whose state is there."""
        found = [(path.parent.name, path.name.split(".")[1]) for path in self.trials.glob("*/state.*.npz")]
        return {(int(number), int(epoch)) for number, epoch in found if (number + epoch).isdecimal()}

    def _trials_with(self, name: str) -> set[int]:
        found = [path.parent.name for path in self.trials.glob(f"*/{name}")]
        return {int(folder) for folder in found if folder.isdecimal()}

    def own(self) -> list[Path]:
        """Files and folders of a run right below its folder, whether or not they are there."""
        return [self.job, *self._first(), *self.folders()]

    def folders(self) -> list[Path]:
        """Folders of a run, whether or not they are there."""
        return [self.trials, self.studies, self.tensorboard, self.damaged]

    def name(self, path: Path) -> str:
        """Name of a path inside the folder, with slashes."""
        return path.relative_to(self.folder).as_posix()

    def is_kept(self, name: str) -> bool:
        """Whether `name` is one that weights, states and trainings of studies have."""
        return _KEPT.fullmatch(name) is not None

    def trial_of(self, name: str) -> int | None:
        """Number of the trial whose file `name` is, None for a file of a study or no file of ours."""
        found = _KEPT.fullmatch(name)
        return int(found[1]) if found and found[1] else None

    def aside(self, name: str) -> Path:
        """Where the file `name` goes when it is damaged: a path that is free."""
        wanted, count = self.damaged / name, 2
        free = wanted
        while os.path.lexists(free):
            free, count = wanted.with_name(f"{wanted.name}.{count}"), count + 1
        return free

    def empty(self) -> list[Path]:
        """Folders of trials that hold nothing; under the lock they may be removed."""
        found = [path for path in self.trials.glob("*") if path.is_dir() and path.name.isdecimal()]
        return [path for path in found if not any(path.iterdir())]

    def _first(self) -> list[Path]:
        """Files that there are before `job.json`."""
        beside = [self.store.with_name(f"{self.store.name}{end}") for end in ("-wal", "-shm", "-journal")]
        return [self.store, *beside, self.series, self.lock, self.holder, self.log, self.older_log]

    def foreign(self) -> list[str]:
        """Names in the folder that the start of a run, cut off before it was one, does not leave."""
        ours = {path.name for path in self._first()}
        found = sorted(path.name for path in self.folder.iterdir())
        return [name for name in found if name not in ours and not _UNFINISHED.fullmatch(name)]

    def unfinished(self) -> list[Path]:
        """Files that a process was writing when it was killed; under the lock they may be removed."""
        found = [*self.folder.iterdir(), *self.trials.glob("*/.*"), *self.studies.glob(".*")]
        return [path for path in found if path.is_file() and _UNFINISHED.fullmatch(path.name)]
