"""A clock that is set back and forward by a day and by ten years changes nothing but the times that are told.

A search of two starts whose engine trains nothing is run twice: with a clock that jumps whenever it is looked
at, the files of the run dated anew between the starts, and without.
"""

import itertools
import math
import os
import re
import sys
import time

import pytest
from tensorboard.util import tensor_util

import narrows.tuning.search as search_module
from narrows.callbacks.event_reading import read_events
from narrows.callbacks.recorded import RecordedTrial
from narrows.search_spaces.trial import Status, Trial
from narrows.tuning import Run, engines, tune
from narrows.tuning.cli import main
from narrows.tuning.report.about import _time
from narrows.tuning.watchers.measures import Measures

from .test_long_search import Untrained

DAY, YEARS = 86_400.0, 10 * 365 * 86_400.0
JUMPS = (0.0, -DAY, DAY, -YEARS, YEARS)
STARTS = (6, 9)
"""Trials in all, of each start."""


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The run with the clock that jumps, and the one without."""
    made = {}
    for jumps in (True, False):
        made[jumps] = tmp_path_factory.mktemp("clock") / "run"
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(engines, "make", lambda name, *rest: Untrained(*rest))
            patched.setattr(engines, "refusal", lambda *_: "")
            patched.setattr(Measures, "of", lambda _: None)  # the weights are those of no network
            patched.setattr(search_module, "conclude", lambda *_, **__: None)
            for trials in STARTS:
                if jumps:
                    now, offsets = time.time(), itertools.cycle(JUMPS)
                    patched.setattr(time, "time", lambda now=now, offsets=offsets: now + next(offsets))
                tune(
                    "synthetic:trend,rows=200", epochs=3, trials=trials, minutes=60, record=4,
                    out=made[jumps], progress=False,
                )  # fmt: skip
                for jump, path in zip(itertools.cycle(JUMPS), made[jumps].rglob("*"), strict=False):
                    if jumps:
                        os.utime(path, times=(now + jump, now + jump))
    return made


def known(trial):
    return trial.number, trial.values, trial.status, trial.units, trial.best_val_loss, trial.best_epoch


def test_the_trials_are_the_same_in_the_same_order_and_none_is_cut_off(folders):
    jumped, plain = (Run(folder) for folder in folders.values())
    assert [known(trial) for trial in jumped.trials] == [known(trial) for trial in plain.trials]
    assert len(jumped.trials) == STARTS[-1] and jumped.best.number == plain.best.number
    assert all(trial.status in (Status.COMPLETED, Status.STOPPED) for trial in jumped.trials)
    assert not any("time budget" in trial.reason for trial in jumped.trials)


def test_the_table_of_trials_is_the_same(folders, capsys, monkeypatch):
    told = []
    for folder in folders.values():
        monkeypatch.setattr(sys, "argv", ["narrows", "trials", str(folder)])
        with pytest.raises(SystemExit):
            main()
        told.append(capsys.readouterr().out.replace(str(folder), "RUN"))
    assert told[0] == told[1]


def test_no_time_that_was_spent_is_below_nothing_or_beyond_sense(folders):
    run = Run(folders[True])
    assert all(0 <= trial.secs < 60 for trial in run.trials)
    spent = [float(secs) for secs in re.findall(r"(-?[\d.]+) s\b", (folders[True] / "log.txt").read_text())]
    assert spent and all(0 <= secs < 600 for secs in spent)


def test_the_tab_is_told_of_every_trial_once_in_its_order(folders):
    (file,) = (folders[True] / "tensorboard" / "search").iterdir()
    found = [
        RecordedTrial.from_json(tensor_util.make_ndarray(value.tensor)[0]).number
        for event in read_events(file)
        for value in event.summary.value
        if value.tag == "trials"
    ]
    assert found == list(range(STARTS[-1]))


def test_each_run_in_tensorboard_has_one_file_in_which_time_never_falls(folders):
    runs = [run for run in (folders[True] / "tensorboard").iterdir() if run.is_dir()]
    assert len(runs) == 1 + 4
    for run in runs:
        (file,) = run.iterdir()
        times = [event.wall_time for event in read_events(file)]
        assert times == sorted(times)


@pytest.mark.parametrize("started", [-YEARS, 0.0, YEARS, 1e18, 1e308, math.inf])
def test_a_report_tells_when_a_run_began_or_leaves_it_out(started):
    class Begun:
        trials = (Trial(0, {}, 3, started=started, secs=5.0),)

    told = _time(Begun())
    assert told.endswith("of training, all trials added up")
    assert told.startswith("begun ") == (abs(started) < 1e12)
