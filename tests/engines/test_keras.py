"""The keras engine's child processes: side by side, alone in death, and none left behind."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from multiprocessing import Pipe
from pathlib import Path
from typing import ClassVar

import keras
import numpy as np
import pytest
import tensorflow as tf

from narrows.search_spaces.errors import UserError
from narrows.search_spaces.own_space import as_space
from narrows.search_spaces.trial import GO_ON, Decision, Epoch, Outcome, Status
from narrows.tuning import engines
from narrows.tuning.engines.base import Task
from narrows.tuning.engines.keras import child, process
from narrows.tuning.engines.keras import engine as keras_engine
from narrows.tuning.engines.keras.training import Training
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows

pytestmark = pytest.mark.skipif(
    bool(tf.config.list_physical_devices("GPU")), reason="on a GPU the engine has no child processes"
)


@pytest.fixture(scope="module")
def windows():
    wave = np.sin(np.arange(120.0))[:, None]
    return Windows(Series("wave", ("y",), wave), lookback=6, horizon=1, split="0.6,0.2,0.2")


@pytest.fixture(scope="module")
def pids(tmp_path_factory):
    """A folder with a file for each process that was asked to build a model; its name is the pid."""
    return tmp_path_factory.mktemp("pids")


@pytest.fixture(scope="module")
def space(pids):
    """A space whose only hyperparameter says what building the model does on the way."""

    # In here, so that it reaches the children by value, as a function of a notebook does.
    def build(hp):
        import keras

        (pids / str(os.getpid())).touch()
        act = hp.Choice("act", ["train", "meet", "die", "mistake", "stop", "sleep"])
        if act == "meet":
            for _ in range(600):
                time.sleep(0.1)
                if len(list(pids.iterdir())) == 2:
                    break
            else:
                raise ValueError("no other trial came")
        elif act == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        elif act == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        elif act == "sleep":
            time.sleep(15)
        elif act == "mistake":
            raise UserError("act must not be mistake")
        layers = [keras.layers.Flatten(), keras.layers.Dropout(0.2), keras.layers.Dense(1)]
        model = keras.Sequential([*layers, keras.layers.Reshape((1, 1))])
        model.compile(keras.optimizers.Adam(hp.Float("undeclared", 0.01, 0.1)), "mse")
        return model

    return as_space(build)


def make(space, windows, places=2):
    engine = engines.make("keras", space, windows)
    engine.places = places
    return engine


@pytest.fixture(scope="module")
def engine(space, windows):
    """Shared, since its children take seconds to start."""
    return make(space, windows)


def trials(*acts):
    return [Task(number, {"act": act}, seed=7, epochs=2) for number, act in enumerate(acts)]


def run(engine, some):
    waiting, losses, outcomes = list(some), {}, {}

    def report(epoch):
        losses.setdefault(epoch.number, []).append((epoch.loss, epoch.val_loss))
        return GO_ON

    def end(outcome):
        outcomes[outcome.number] = outcome

    engine.train(lambda: waiting.pop(0) if waiting else None, report, end)
    return losses, outcomes


def children():
    """Pids of all children of this process, dead ones that nobody waited for included."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def test_two_trials_are_trained_at_the_same_time_in_processes_of_their_own(engine, pids):
    for old in pids.iterdir():
        old.unlink()
    _, outcomes = run(engine, trials("meet", "meet"))
    assert [outcomes[n].status for n in (0, 1)] == [Status.COMPLETED] * 2, outcomes
    assert str(os.getpid()) not in {path.name for path in pids.iterdir()}


def test_children_give_the_numbers_of_this_process(engine, space, windows):
    expected = []
    outcome = Training(space, windows).train(
        trials("train")[0], lambda epoch: expected.append((epoch.loss, epoch.val_loss)) or GO_ON
    )
    losses, outcomes = run(engine, trials("train", "train", "train"))
    assert losses == dict.fromkeys(range(3), expected)
    for found in outcomes.values():
        for mine, theirs in zip(found.weights, outcome.weights, strict=True):
            np.testing.assert_array_equal(mine, theirs)


def test_a_killed_child_fails_its_trial_alone_and_the_next_trial_has_a_new_one(engine):
    losses, outcomes = run(engine, trials("die", "train", "train", "train"))
    assert outcomes[0].status == Status.FAILED and 0 not in losses
    assert outcomes[0].reason == (
        "the process that trained it was killed by signal 9; memory may have run out"
    )
    assert [outcomes[n].status for n in (1, 2, 3)] == [Status.COMPLETED] * 3


def test_a_child_without_a_sign_of_life_is_ended_and_a_slow_one_is_not(monkeypatch, engine):
    monkeypatch.setattr(process, "SILENT_SECS", 10)
    run(engine, trials("train", "train"))  # both children have started
    _, outcomes = run(engine, trials("stop", "sleep", "train"))
    assert (outcomes[0].status, outcomes[0].reason) == (
        Status.FAILED,
        "the process that trained it gave no sign of life for 10 s and was ended",
    )
    assert [outcomes[n].status for n in (1, 2)] == [Status.COMPLETED] * 2


SAYS = "import os, signal, sys; from multiprocessing.connection import Connection; "
SAYS += "one = Connection(int(sys.argv[1])); one.send(None); "


@pytest.mark.parametrize(
    "then",
    [
        "os.kill(os.getpid(), signal.SIGSTOP)",  # before it read what it was sent
        "one.recv_bytes(); os.write(one.fileno(), bytes([0, 0, 1, 0])); os.kill(os.getpid(), signal.SIGSTOP)",
    ],
)
def test_half_a_message_holds_nobody_for_good(monkeypatch, then):
    monkeypatch.setattr(process, "START", SAYS + then)
    monkeypatch.setattr(process, "SILENT_SECS", 1)
    stopped = process.ChildProcess(bytes(2**23))
    stopped.take(trials("train")[0])
    assert stopped.hear() is None
    with pytest.raises(EOFError):
        stopped.hear()
    assert stopped.why_dead() == "the process that trained it gave no sign of life for 1 s and was ended"
    stopped.end()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_child_leaves_signals_that_end_a_command_to_the_engine(number):
    code = "import os, socket; from narrows.tuning.engines._alive import Voice; a, b = socket.socketpair(); "
    code += f"Voice(a.detach()); os.kill(os.getpid(), {int(number)})"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_child_ends_in_the_middle_of_an_epoch_once_nobody_hears_it():
    code = "import socket, sys, time; from narrows.tuning.engines._alive import Voice; "
    code += "a, b = socket.socketpair(); Voice(a.detach()); b.close(); time.sleep(60)"
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert time.monotonic() - began < 20


def test_a_mistake_in_the_space_ends_the_search_and_all_children(engine):
    run(engine, trials("train", "train"))
    before = children()
    with pytest.raises(UserError) as raised:
        run(engine, trials("mistake", "train"))
    assert str(raised.value) == "act must not be mistake"
    assert "In the process that trained the trial:\nTraceback" in raised.value.__notes__[0]
    assert len(before - children()) == 2 and not children() - before


def test_a_space_that_cannot_be_pickled_is_trained_here_and_the_user_is_told(space, windows, pids):
    space.lock = threading.Lock()
    try:
        engine, before = make(space, windows), children()
        with pytest.warns(
            UserWarning, match="one after the other in this process.*cannot pickle '_thread.lock'"
        ):
            _, outcomes = run(engine, trials("train", "train"))
    finally:
        del space.lock
    assert outcomes[0].status == Status.COMPLETED
    assert children() == before and (pids / str(os.getpid())).exists()


class NotThere:
    """Pickles as a name that no process finds."""

    def __reduce__(self):
        return (__import__, ("no_module_of_this_name",))


def test_a_child_says_that_it_cannot_load_the_space(windows):
    ours, theirs = Pipe()
    ours.send_bytes(child.packed(NotThere(), windows))
    child._serve(theirs)
    assert ours.recv() is None
    assert str(ours.recv()) == "ModuleNotFoundError: No module named 'no_module_of_this_name'"


class Stub:
    """A child without a process: it says at once what `say` gives for its trial."""

    alive, trained = True, 0
    made: ClassVar[list] = []
    ends: ClassVar[list] = []

    def __init__(self, setup):
        self.task = None
        self.connection, self._other_end = Pipe()
        self._other_end.send(None)
        self.made.append(self)

    def take(self, task):
        self.task = task

    def hear(self):
        return self.say(self.task)

    def ended(self):
        self.task, self.trained = None, self.trained + 1

    def end(self):
        self.ends.append(self)


@pytest.fixture
def stub(monkeypatch):
    monkeypatch.setattr(Stub, "made", [])
    monkeypatch.setattr(Stub, "ends", [])
    monkeypatch.setattr(keras_engine, "ChildProcess", Stub)
    return Stub


def test_what_children_cannot_load_is_trained_here_and_the_user_is_told_once(stub, space, windows):
    stub.say = lambda self, trial: child.CannotLoadError("no such module")
    with pytest.warns(UserWarning, match="no such module") as told:
        _, outcomes = run(make(space, windows), trials("train", "train"))
    assert [outcomes[n].status for n in (0, 1)] == [Status.COMPLETED] * 2
    assert len(told) == 1


def test_what_children_cannot_load_is_trained_here_in_the_order_of_numbers(stub, monkeypatch, space, windows):
    """A trial may wait for lower numbers, which must not be behind it."""
    spoke = []

    def say(self, trial):
        if trial.number == 0 and not spoke:
            return None  # the other child says first that it cannot load the space
        spoke.append(trial.number)
        return child.CannotLoadError("no such module")

    stub.say = say
    engine, begun = make(space, windows), []
    train = Training.train
    monkeypatch.setattr(
        Training, "train", lambda self, task, report: begun.append(task.number) or train(self, task, report)
    )
    with pytest.warns(UserWarning, match="no such module"):
        _, outcomes = run(engine, trials("train", "train", "train"))
    assert spoke == [1, 0] and begun == [0, 1, 2]
    assert [outcomes[n].status for n in range(3)] == [Status.COMPLETED] * 3


def test_a_child_that_dies_while_its_trial_waits_fails_that_trial_alone(stub, space, windows):
    said = {number: [Epoch(number, 1, 1.0, 1.0, 0.1, 0.1)] for number in range(3)}
    asked = []

    def say(self, trial):
        if said[trial.number]:
            return said[trial.number].pop()
        if trial.number == 1:
            raise EOFError
        return None if 1 not in outcomes else Outcome(trial.number, Status.COMPLETED)

    def waits():
        asked.append(1 in outcomes)
        return Decision(again=waits, behind=0)

    stub.say = say
    stub.why_dead = lambda self: "it was killed"
    stub.answer = lambda self, what: None
    outcomes, left = {}, trials("train", "train", "train")
    make(space, windows).train(
        lambda: left.pop(0) if left else None,
        lambda epoch: waits() if epoch.number == 1 else GO_ON,
        lambda outcome: outcomes.setdefault(outcome.number, outcome),
    )
    assert (outcomes[1].status, outcomes[1].reason) == (Status.FAILED, "it was killed")
    assert len(outcomes) == 3 and asked and not any(asked)


def test_a_child_is_replaced_before_its_memory_grows_and_none_outlives_the_engine(stub, space, windows):
    stub.say = lambda self, trial: Outcome(trial.number, Status.COMPLETED)
    engine = make(space, windows, places=1)
    _, outcomes = run(engine, trials(*["train"] * 40))
    assert len(outcomes) == 40
    assert [one.trained for one in stub.made] == [16, 16, 8]
    assert stub.ends == stub.made[:2]
    del engine
    gc.collect()
    assert stub.ends == stub.made


def test_on_a_gpu_trials_are_trained_one_after_the_other(monkeypatch, space, windows):
    assert (make(space, windows).device, make(space, windows).remark) == ("CPU", "")
    with monkeypatch.context() as patched:
        patched.setattr(tf.config, "get_visible_devices", lambda kind: ["one"] if kind == "GPU" else [])
        engine = engines.make("keras", space, windows)
    assert engine.device == "GPU"
    assert engine.remark == "a GPU is visible: the keras engine trains on it, one trial after the other"
    before = children()
    _, outcomes = run(engine, trials("train"))
    assert engine.places == 1 and outcomes[0].status == Status.COMPLETED
    assert children() == before


@pytest.mark.parametrize(
    ("name", "setting"),
    [("KERAS_MAX_EPOCHS", "max_epochs"), ("KERAS_MAX_STEPS_PER_EPOCH", "max_steps_per_epoch")],
)
def test_trainings_that_keras_would_cut_short_are_refused(monkeypatch, space, windows, name, setting):
    monkeypatch.setattr(keras.config, setting, lambda: 1)
    with pytest.raises(
        UserError, match=f"{name} is set to 1, which cuts every training of Keras short: unset it"
    ):
        run(make(space, windows), trials("train"))


def test_a_child_is_for_the_cpu_whatever_its_engine_hides(monkeypatch):
    hidden = []
    monkeypatch.setattr(tf.config.threading, "set_intra_op_parallelism_threads", lambda count: None)
    monkeypatch.setattr(tf.config, "set_visible_devices", lambda *told: hidden.append(told))
    monkeypatch.setattr(child, "_serve", lambda connection: None)
    _ours, theirs = Pipe()
    child.main(theirs)
    assert hidden == [([], "GPU")]


@pytest.mark.parametrize(
    ("bound", "bytes_", "places"), [(8, 2**36, 8), (1, 2**36, 1), (8, 3 * 2**30 + 5, 3), (8, 2**20, 1)]
)
def test_there_are_as_many_places_as_cores_and_memory_allow(
    monkeypatch, space, windows, bound, bytes_, places
):
    monkeypatch.setattr(keras_engine, "cores", lambda: bound)
    monkeypatch.setattr(keras_engine, "memory", lambda: bytes_)
    assert engines.make("keras", space, windows).places == places


SCRIPT = """
import os, signal, sys
from pathlib import Path
import keras, keras_tuner
import numpy as np
from narrows.tuning import tune
from narrows.tuning.progress.base import Progress

class Mine(keras_tuner.HyperModel):
    def build(self, hp):
        (Path(sys.path[0]) / f"pid {os.getpid()}").touch()
        hp.Int("unused", 1, 9)
        layers = [keras.layers.Flatten(), keras.layers.Dense(HORIZON), keras.layers.Reshape((HORIZON, 1))]
        model = keras.Sequential(layers)
        model.compile("adam", "mse")
        return model

HORIZON = 1

class Dies(Progress):
    def epoch(self, epoch):
        if epoch.epoch == 5:
            os.kill(os.getpid(), signal.SIGKILL)

(Path(sys.path[0]) / f"script {os.getpid()}").touch()
out = Path(sys.path[0]) / "run"
tune(np.sin(np.arange(99.0)), target="y", space=Mine(), trials=1, epochs=10**7, out=out, progress=Dies())
"""


def test_a_script_without_a_guard_trains_a_model_of_its_own_and_leaves_no_child_even_when_killed(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, str(tmp_path / "script.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(list(tmp_path.glob("script *"))) == 1, "no child ran the script again"
    pids = [int(path.name.split()[1]) for path in tmp_path.glob("pid *")]
    assert len(pids) == 2, "the script itself, to learn the hyperparameters, and one child"
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < deadline, "a child outlived its parent"
        time.sleep(0.1)
