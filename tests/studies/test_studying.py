"""Whole studies: kept and gone on with, the same on any number of places, and right on what is known."""

import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import narrows
from narrows.search_spaces.errors import UserError
from narrows.search_spaces.plain import to_json
from narrows.tuning.engines.fused.engine import FusedEngine
from narrows.tuning.progress.study import StudyProgress
from narrows.tuning.run import Run
from narrows.tuning.study_api import study

STREAMS = {"lookback": 4, "profile": "8-8", "seeds": 3, "steps": 600, "progress": False}


def told(found):
    return [to_json(one) for one in found]


@pytest.fixture(scope="module")
def streams(tmp_path_factory):
    folder = tmp_path_factory.mktemp("studies") / "streams"
    found = study("synthetic:streams,n=2,rows=1200", layer=2, widths="1,2,8", out=folder, **STREAMS)
    return folder, found


def test_two_streams_need_two_units_in_the_last_layer(streams):
    """A readout of one number cannot tell two: half of the variance stays, whatever is trained."""
    (one,) = streams[1]
    left = {arm.width: np.mean(arm.losses) / one.spread for arm in one.arms}
    assert abs(left[1] - 0.5) < 0.03 and left[2] < 0.05
    assert one.enough == "2" and [arm.word for arm in one.arms] == ["reference", "enough", "too narrow"]
    assert "2 units are enough" in one.sentences[0] and "1 leaves" in one.sentences[0]
    assert ", 8 leave 0" in one.sentences[0]


def test_measures_stand_beside_the_losses(streams):
    (one,) = streams[1]
    measures = {arm.width: arm.measures for arm in one.arms}
    assert measures[1]["fill"] == 1 and measures[8]["fill"] < 1
    assert measures[1]["target"] < 0.6 < measures[8]["target"]
    assert len(measures[2]["lags"]) == len(measures[2]["memory"]) == 4


def test_the_same_call_trains_nothing_twice(streams, monkeypatch):
    folder, found = streams
    monkeypatch.setattr(
        FusedEngine,
        "_begin",
        lambda self, ask, report, end: None if ask() is None else pytest.fail("trained"),
    )
    again = study(folder, layer=2, widths="1,2,8", **{n: v for n, v in STREAMS.items() if n != "lookback"})
    assert told(again) == told(found)


def test_a_study_is_kept_in_the_run_with_its_record(streams):
    folder, found = streams
    run = Run(folder)
    assert run.studies == found and run.recorded().studies == found
    assert run.figure("study_loss", study="layer 2 of 8-8").data
    with pytest.raises(UserError, match="there is no study 'layer 9'"):
        run.figure("study_loss", study="layer 9")


def test_a_study_whose_folder_is_removed_ends_with_a_message_and_makes_nothing_anew(streams, tmp_path):
    folder = shutil.copytree(streams[0], tmp_path / "run")

    class Removes(StudyProgress):
        def counted(self, done, wanted):
            if done:
                shutil.rmtree(folder, ignore_errors=True)

    with pytest.raises(UserError, match=f"{folder} was removed or replaced while it was being written"):
        study(folder, profile="8-8", layer=1, widths="2,8", seeds=2, steps=100, progress=Removes())
    assert list(tmp_path.iterdir()) == []


def test_one_place_and_two_give_the_same_study(streams, tmp_path, monkeypatch):
    monkeypatch.setattr("narrows.tuning.engines.fused.engine.cores", lambda: 1)
    again = study("synthetic:streams,n=2,rows=1200", layer=2, widths="1,2,8", out=tmp_path / "one", **STREAMS)
    assert told(again) == told(streams[1])


SCRIPT = """
import sys
from narrows.tuning.study_api import study
study("synthetic:streams,n=2,rows=1200", layer=2, widths="1,2,8", out=sys.argv[1], lookback=4, profile="8-8",
      seeds=3, steps=600, progress=False)
"""


def test_a_study_that_is_killed_goes_on_to_the_same_end(streams, tmp_path):
    folder = tmp_path / "killed"
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(folder)])
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        store = folder / "run.sqlite"
        if store.exists() and len(list((folder / "studies").glob("*.npz"))) >= 2:
            os.kill(process.pid, signal.SIGKILL)
            break
        time.sleep(0.02)
    process.wait()
    assert process.returncode == -signal.SIGKILL, "it must be killed in the middle"
    found = study("synthetic:streams,n=2,rows=1200", layer=2, widths="1,2,8", out=folder, **STREAMS)
    assert told(found) == told(streams[1])


def test_a_study_whose_time_is_up_says_so_and_goes_on(tmp_path, streams):
    given = {"layer": 2, "widths": "1,2,8", "out": tmp_path / "short", **STREAMS}
    (one,) = study("synthetic:streams,n=2,rows=1200", minutes=1e-9, **given)
    assert one.stopped == "the time was up" and "goes on" in one.sentences[-1]
    assert told(study("synthetic:streams,n=2,rows=1200", **given)) == told(streams[1])


def test_choices_are_compared_with_the_network_at_hand(tmp_path):
    given = {"out": tmp_path / "run", **STREAMS} | {"seeds": 2, "steps": 60, "profile": "6-6"}
    (depth,) = study("synthetic:streams,n=2,rows=600", layer="depth", **given)
    assert depth.reference == "2 layers of 6" and not depth.numeric
    assert [arm.label for arm in depth.arms[1:]] == ["1 layer of 10", "3 layers of 5", "4 layers of 4"]
    (shape,) = study("synthetic:streams,n=2,rows=600", layer="shape", **given)
    sizes = [arm.parameters for arm in shape.arms]
    assert max(sizes) / min(sizes) < 1.35, "as equal as whole units allow"
    (added,) = study("synthetic:streams,n=2,rows=600", layer="bottleneck", widths=[1], **given)
    assert [arm.profile for arm in added.arms] == ["6-6", "6-1-6", "6-6-1"]
    assert [arm.place for arm in added.arms] == [None, 1, 2]
    (feature,) = study("synthetic:streams,n=2,rows=600", feature="x2", **given)
    assert [arm.label for arm in feature.arms] == ["with x2", "without x2"]
    assert feature.arms[1].word == "worse" and feature.arms[1].parameters < feature.arms[0].parameters
    assert [one.name for one in Run(tmp_path / "run").studies] == [
        "depth of 6-6",
        "shape of 6-6",
        "bottleneck of 6-6",
        "feature x2 of 6-6",
    ]


def test_the_networks_of_a_study_read_as_the_best_trial_of_the_run_does(tmp_path):
    t = np.arange(700)
    noise = np.random.default_rng(0).normal(size=(2, t.size))
    data = {"a": np.sin(t / 3) ** 3 + 0.1 * noise[0], "b": np.sin(t / 5) ** 3 + 0.1 * noise[1]}
    read = {"linear": "ridge", "segment": 3, "channels": "apart"}
    space = {"num_layers": 1, "units": 6, "bottleneck": 0, "learning_rate": 0.02, "scaling": "last", **read}
    options = {"target": ["a", "b"], "lookback": 6, "horizon": 2, "trials": 1, "epochs": 8}
    run = narrows.tune(data, space=space, out=tmp_path / "run", progress=False, **options)
    said = " ".join(run.answer["sentences"])
    if not run.answer["adds_nothing"]:
        assert "The LSTM reads 3 rows at a step (segment)" in said
        assert "Each of the 2 targets is forecast by itself" in said
    (one,) = study(tmp_path / "run", layer=1, widths=[2, 6], seeds=2, steps=100, progress=False)
    assert one.about.endswith(
        "each adds to a linear forecast, 3 rows a step, one network for all targets, each by itself"
    )
    # Four gates of 3 numbers of one target, the units and a bias; then the readout of two rows.
    assert [arm.parameters for arm in one.arms] == [4 * u * (3 + u + 1) + 2 * (u + 1) for u in (6, 2)]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"layer": 3}, "there is no layer 3: 8-8 has 2"),
        ({"layer": "deptth"}, "did you mean"),
        ({"feature": "x9"}, "there is no feature 'x9': the features are x1, x2"),
        ({"seeds": 1}, "seeds must be a whole number from 2"),
        ({"widths": "1,two"}, "widths are written like 1,2,4,8"),
        ({"widths": "0"}, "widths must be from 1"),
        ({"profile": "32x32"}, "a profile is written like 64-8-32"),
        ({"match": "size"}, "match: 'size' is not one of width, parameters"),
        ({"delta": 5}, "delta must be above 0 and at most 1"),
        ({"minutes": -1}, "minutes must be above 0"),
        ({"target": "y1"}, "is a run, which knows its data: leave out target"),
    ],
)
def test_mistakes_are_told_before_anything_is_trained(streams, options, said):
    given = {"profile": "8-8", "progress": False} | options
    with pytest.raises(UserError, match=said):
        study(streams[0], **given)


def test_a_folder_that_is_no_run_and_an_unknown_option_are_told(tmp_path):
    with pytest.raises(UserError, match="is not a run"):
        study(tmp_path)
    with pytest.raises(UserError, match="no option 'layers'; did you mean 'layer'"):
        study(tmp_path, layers=2)


def test_a_run_of_a_space_of_the_users_own_is_refused_by_name(tmp_path):
    import keras

    def build(hp):
        model = keras.Sequential(
            [keras.Input((4, 2)), keras.layers.LSTM(hp.Int("n", 2, 3)), keras.layers.Dense(1)]
        )
        model.add(keras.layers.Reshape((1, 1)))
        model.compile("adam", "mse")
        return model

    values = np.random.default_rng(0).normal(size=(120, 2))
    data = {"a": values[:, 0], "b": values[:, 1]}
    narrows.tune(
        data,
        target="a",
        features="b",
        lookback=4,
        space=build,
        trials=1,
        epochs=1,
        out=tmp_path / "own",
        progress=False,
    )
    with pytest.raises(UserError, match="searched a space of your own"):
        study(tmp_path / "own", progress=False)


def test_a_network_that_cannot_be_trained_is_no_finding(tmp_path, monkeypatch):
    """Memory that ran out says nothing of a width: the study ends with the reason and keeps nothing."""
    from narrows.tuning.engines.fused.training import Training

    def fails(self, number, stopping):
        raise MemoryError("no room for a matrix")

    given = {"layer": 2, "widths": "1,2,8", "out": tmp_path / "run", **STREAMS}
    with monkeypatch.context() as patched:
        patched.setattr(Training, "epoch", fails)
        with pytest.raises(UserError, match="could not be trained: out of memory: no room for a matrix"):
            study("synthetic:streams,n=2,rows=1200", **given)
    run = Run(tmp_path / "run")
    assert not list(run.store._db.execute("SELECT key FROM trainings"))


def test_where_the_fused_engine_refuses_plain_keras_trains(tmp_path, monkeypatch):
    monkeypatch.setattr(FusedEngine, "refuses", classmethod(lambda cls, *_: "it does not want to"))
    given = {"out": tmp_path / "run", **STREAMS} | {"seeds": 2, "steps": 20, "profile": "3", "rates": 1}
    (one,) = study("synthetic:streams,n=2,rows=300", layer=1, widths=[1, 3], **given)
    assert len(one.arms) == 2 and all(arm.losses for arm in one.arms)
