"""An answer, with other seeds and folds, under a clock that jumps by ten years whenever it is looked at.

Two searches that train in earnest, with a budget of time, are the same but for the moments that they tell.
"""

import itertools
import json
import time

import pytest
from tensorboard.util import tensor_util

from narrows.callbacks.event_reading import read_events
from narrows.tuning import Run, tune

YEARS = 10 * 365 * 86_400.0
JUMPS = (0.0, -YEARS, YEARS)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The run with the clock that jumps, the one without, and the seconds that passed in the first."""
    made = []
    for jumps in (True, False):
        out = tmp_path_factory.mktemp("clock") / "run"
        with pytest.MonkeyPatch.context() as patched:
            now, offsets, began = time.time(), itertools.cycle(JUMPS), time.monotonic()
            if jumps:
                patched.setattr(time, "time", lambda now=now, offsets=offsets: now + next(offsets))
            tune(
                "synthetic:trend,rows=200", space={"num_layers": 1, "units": (4, 8), "linear": ["none"]},
                trials=10, epochs=3, folds=2, minutes=60, out=out, progress=False,
            )  # fmt: skip
            made += [Run(out), time.monotonic() - began]
    return made[0], made[2], made[1]


def test_the_answer_and_what_confirmed_it_are_the_same(runs):
    jumped, plain, _ = runs
    assert jumped.answer is not None and jumped.answer["trial"] == plain.answer["trial"]
    known = [json.dumps({**run.answer, "sentences": []}, sort_keys=True) for run in (jumped, plain)]
    assert known[0] == known[1]
    for run in (jumped, plain):
        assert any(trial.again for trial in run.trials), "the time was not taken to be over"
        assert all(len(trial.folds) == 2 for trial in run.trials)
    assert [one.again for one in jumped.trials] == [one.again for one in plain.trials]


def test_no_training_took_longer_than_the_whole_search(runs):
    jumped, _, passed = runs
    others = [json.loads(text)["secs"] for text in jumped.store.trainings()]
    assert others and all(0 <= secs < passed for secs in (*others, *(one.secs for one in jumped.trials)))


def test_the_tab_is_told_the_answer_last_and_time_never_falls(runs):
    jumped, _, _ = runs
    (file,) = (jumped.paths.tensorboard / "search").iterdir()
    events = read_events(file)
    heads = [
        json.loads(tensor_util.make_ndarray(value.tensor)[0])
        for event in events
        for value in event.summary.value
        if value.tag == "search"
    ]
    assert heads[0]["answer"] is None and heads[-1]["answer"]["trial"] == jumped.best.number
    times = [event.wall_time for event in events]
    assert times == sorted(times)
