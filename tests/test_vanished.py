"""A run folder that is removed while a search writes it: one message, and nothing of it comes back."""

import shutil

import pytest

from narrows.search_spaces.errors import UserError
from narrows.tuning import tune
from narrows.tuning.progress.base import Progress

SPACE = {"num_layers": 1, "units": (4, 8), "bottleneck": 0, "scaling": "last"}


class Removes(Progress):
    """Removes the folder when a trial has ended, or when the best are trained again."""

    def __init__(self, folder, when):
        self.folder, self.when = folder, when

    def ended(self, trial, outcome):
        if trial.number == self.when:
            shutil.rmtree(self.folder)

    def note(self, text):
        if self.when == "again" and "again with" in text:
            shutil.rmtree(self.folder)


@pytest.mark.parametrize("when", [0, 9, "again"])
def test_a_search_whose_folder_is_removed_ends_without_an_answer(tmp_path, when):
    folder = tmp_path / "run"
    with pytest.raises(UserError, match=f"{folder} was removed or replaced while it was being written"):
        tune(
            "synthetic:trend,rows=120", lookback=4, space=SPACE, trials=10, epochs=2, algorithm="random",
            out=folder, progress=Removes(folder, when),
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []
