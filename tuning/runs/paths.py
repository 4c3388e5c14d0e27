"""The one place that knows where a run keeps what."""

from __future__ import annotations

import re
from pathlib import Path

_UNFINISHED = re.compile(
    r"\.(job\.json|series\.npz|run\.holder|(weights|state)(\.\d+)?(\.fold-\d+)?\.npz|[0-9a-f]{24}\.npz)\.\d+"
)


class RunPaths:
    """Paths inside a run folder.

    job.json             what the run was asked to do; written last, so that a folder with it is a run
    run.sqlite           trials, epochs and the answer
    series.npz           the data, as they were read
    run.lock             held by the process that writes
    run.holder           name and pid of that process
    trials/0007/         weights.npz of the best epoch, weights.1.npz ... of the same network trained again
                         with other seeds, state.12.npz after epoch 12 while it, or a later trial, may go on
                         from there
    studies/             weights of trainings that studies measure
    tensorboard/         one folder for each trial
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.job = self.folder / "job.json"
        self.store = self.folder / "run.sqlite"
        self.series = self.folder / "series.npz"
        self.lock = self.folder / "run.lock"
        self.holder = self.folder / "run.holder"
        self.trials = self.folder / "trials"
        self.tensorboard = self.folder / "tensorboard"
        self.studies = self.folder / "studies"

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
        return {int(path.parent.name) for path in self.trials.glob("*/weights.npz")}

    def with_state(self) -> set[tuple[int, int]]:
        """Numbers and epochs of the trials whose state is there."""
        found = [(path.parent.name, path.name.split(".")[1]) for path in self.trials.glob("*/state.*.npz")]
        return {(int(number), int(epoch)) for number, epoch in found}

    def own(self) -> list[Path]:
        """Files and folders of a run right below its folder, whether or not they are there."""
        folders = (self.trials, self.studies, self.tensorboard)
        return [self.job, *self._first(), *folders]

    def _first(self) -> list[Path]:
        """Files that there are before `job.json`."""
        logs = [self.store.with_name(f"{self.store.name}{end}") for end in ("-wal", "-shm", "-journal")]
        return [self.store, *logs, self.series, self.lock, self.holder]

    def foreign(self) -> list[str]:
        """Names in the folder that the start of a run, cut off before it was one, does not leave."""
        ours = {path.name for path in self._first()}
        found = sorted(path.name for path in self.folder.iterdir())
        return [name for name in found if name not in ours and not _UNFINISHED.fullmatch(name)]

    def unfinished(self) -> list[Path]:
        """Files that a process was writing when it was killed; under the lock they may be removed."""
        found = [*self.folder.iterdir(), *self.trials.glob("*/.*"), *self.studies.glob(".*")]
        return [path for path in found if path.is_file() and _UNFINISHED.fullmatch(path.name)]
