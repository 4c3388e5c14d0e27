"""The one place that knows where a run keeps what."""

from __future__ import annotations

from pathlib import Path


class RunPaths:
    """Paths inside a run folder.

    job.json             what the run was asked to do
    run.sqlite           trials, epochs and the answer
    series.npz           the data, as they were read
    run.lock             name and pid of the process that writes
    trials/0007/         weights.npz of the best epoch, state.npz while Hyperband may go on from it
    tensorboard/         one folder for each trial
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.job = self.folder / "job.json"
        self.store = self.folder / "run.sqlite"
        self.series = self.folder / "series.npz"
        self.lock = self.folder / "run.lock"
        self.trials = self.folder / "trials"
        self.tensorboard = self.folder / "tensorboard"

    def weights(self, number: int) -> Path:
        """Best-epoch weights of a trial."""
        return self.trials / f"{number:04d}" / "weights.npz"

    def state(self, number: int) -> Path:
        """Last-epoch weights and optimizer variables of a trial."""
        return self.trials / f"{number:04d}" / "state.npz"
