"""A command that a message suggests can be pasted into a shell, whatever the folder is called."""

from __future__ import annotations

import shlex
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from narrows.search_spaces.trial import Status
from narrows.tuning.checking.store import check_trials


@pytest.mark.parametrize("folder", ["plain", "my run's", 'a "b" $HOME'])
def test_the_next_best_trial_is_exported_from_a_folder_of_any_name(folder: str) -> None:
    trials = [
        SimpleNamespace(number=number, name=f"t000{number}", status=Status.COMPLETED, best_val_loss=1.0)
        for number in range(2)
    ]
    told: list[str] = []
    paths: Any = SimpleNamespace(folder=Path(folder), store=Path("run.sqlite"), weights=str)
    store: Any = SimpleNamespace(trials=lambda: trials, best=lambda _: trials)
    files: Any = SimpleNamespace(has=lambda path: path == "1")
    found: Any = SimpleNamespace(note=lambda _, text: told.append(text), remains=lambda *_: None)
    check_trials(paths, store, files, found)
    command = told[0].partition("hand over the next best: ")[2]
    assert shlex.split(command) == ["narrows", "export", folder, "model", "--trial", "1"]
