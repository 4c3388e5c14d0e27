"""Compiled programs that outlive their process: nothing is compiled twice, and no number changes."""

import ast
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import narrows
from narrows.search_spaces import StackedLSTM
from narrows.search_spaces.trial import GO_ON
from narrows.tuning import engines, folded
from narrows.tuning.engines.base import Task
from narrows.tuning.engines.fused import compiled, program
from narrows.tuning.engines.fused import kept_programs as module
from narrows.tuning.engines.fused.kept_files import SUFFIX, KeptFiles
from narrows.tuning.engines.fused.program import resident
from narrows.tuning.series.series import Series
from narrows.tuning.series.shaped import shaped
from narrows.tuning.series.windows import Windows
from narrows.tuning.studies import engine as studied

# Each process prints what its searches gave: where programs came from, and a digest of every number.
SCRIPT = """
import hashlib, json, os, sys, warnings
import numpy as np
import tensorflow as tf
from narrows.search_spaces import StackedLSTM
from narrows.search_spaces.trial import GO_ON
from narrows.tuning import engines
from narrows.tuning.engines.base import Task
from narrows.tuning.engines.fused import kept_programs, shared
from narrows.tuning.engines.fused.program import Program
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows

warnings.simplefilter("error")
time = np.arange(int(sys.argv[2]))
wave = np.stack([np.sin(time / 5), np.cos(time / 7)], axis=1)
windows = Windows(Series("wave", ("y",), wave, features=("x",)), lookback=6, horizon=2, split="60,20,20")
space = StackedLSTM().shaped(windows.input_shape, windows.output_shape)
# As a `tf.function` the last one rounds another way.
networks = [((5, 3), 0.0), ((9,), 0.3), ((24, 8), 0.0)]
traced = []

def counted(function):
    return lambda *given: traced.append(1) or function(*given)

Program._steps, Program._forecast = counted(Program._steps), counted(Program._forecast)

def searched(cache):
    shared.program.cache_clear()  # as in another process
    engine = engines.make("fused", space, windows, cache=cache)
    tasks, epochs, ended = [], {}, {}
    for number, (units, dropout) in enumerate(networks):
        values = {f"units_{n}": u for n, u in enumerate(units, 1)}
        values |= {"num_layers": len(units), "learning_rate": 0.01, "batch_size": 16, "dropout": dropout}
        values |= {"scaling": "standard", "bottleneck": 0}
        tasks.append(Task(number, values, seed=3, epochs=2))
        epochs[number] = []
    waiting = list(tasks)

    def report(epoch):
        epochs[epoch.number].append((epoch.loss, epoch.val_loss))
        return GO_ON

    def end(outcome):
        ended[outcome.number] = outcome

    engine.train(lambda: waiting.pop(0) if waiting else None, report, end)
    found = hashlib.sha256()
    for task in tasks:
        outcome = ended[task.number]
        assert outcome.status.value == "completed", outcome
        forecast = engine.predict(task.values, outcome.weights, windows.parts["test"])
        found.update(repr(epochs[task.number]).encode())
        for array in (*outcome.weights, forecast):
            found.update(array.tobytes())
    return dict(engine.origins), found.hexdigest()

before = dict(os.environ)
tf.random.set_seed(5)
said = {"first": searched(True), "traced": len(traced), "drawn": float(tf.random.uniform(()))}
assert dict(os.environ) == before, "processes that are started from here have nothing to do with it"
said["again"] = searched(True)
said["left"] = tf.io.gfile.listdir(kept_programs.FOLDER)
if sys.argv[1] == "cold":
    said["off"] = searched(False)
if sys.argv[1] == "warm":
    # Whatever else a program has TensorFlow do.
    tf.debugging.enable_check_numerics()
    tf.config.run_functions_eagerly(True)
    said["elsewhere"] = searched(True)
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def process(folder):
    def run(*arguments):
        environment = os.environ | {"XDG_CACHE_HOME": str(folder), "TF_CPP_MIN_LOG_LEVEL": "0"}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, *arguments], env=environment, capture_output=True
        )
        assert done.returncode == 0, done.stderr[-3000:]
        said = done.stderr.decode(errors="replace")
        assert "StreamExecutor" in said, "what TensorFlow logs is seen"
        return json.loads(done.stdout) | {"said": said}

    return run


@pytest.fixture(scope="module")
def cold(process):
    """What the first process on these shapes gives: three networks, two programs each."""
    return process("cold", "120")


def test_the_first_process_compiles_and_keeps_and_numbers_are_those_of_a_search_without(cold, folder):
    digest = cold["first"][1]
    assert cold["first"][0] == {"compiled": 6}
    assert cold["again"] == [{"loaded": 6}, digest]
    assert cold["off"] == [{"compiled": 6}, digest]
    assert cold["left"] == []
    assert len([*(folder / "narrows" / "programs").iterdir()]) == 6


def test_the_next_process_compiles_nothing_also_with_some_rows_more(cold, process):
    warm = process("warm", "127")
    assert warm["first"] == warm["elsewhere"] == [{"loaded": 6}, cold["first"][1]]
    assert warm["traced"] == 0 and warm["left"] == []
    assert not [line for line in warm["said"].splitlines() if line[:1] in "EF" and "SIGILL" in line]
    assert warm["drawn"] == cold["drawn"], "the user's random numbers are left alone"


def test_what_is_spoilt_is_compiled_again(cold, process, folder):
    files = KeptFiles(folder / "narrows" / "programs")
    useless, misnamed, cut, *_ = names = sorted(path.stem for path in files.folder.iterdir())
    kept = {name: module._unpacked(files.read(name)) for name in names}
    kind, file, code = kept[useless]
    files.write(useless, module._packed(kind, file, b"\xff" + code[1:]))
    kind, file, code = kept[misnamed]
    files.write(misnamed, module._packed(kind, "xla_compile_cache__1__2__XLA_CPU_JIT.pb", code))
    path = files.folder / f"{cut}{SUFFIX}"
    path.write_bytes(path.read_bytes()[:-1])
    mended = process("spoilt", "120")
    assert mended["first"] == [{"compiled": 3, "loaded": 3}, cold["first"][1]]
    assert mended["again"] == [{"loaded": 6}, cold["first"][1]], "each was kept again"
    assert module._unpacked(files.read(misnamed))[:2] == kept[misnamed][:2]


def test_with_another_tensorflow_a_function_is_compiled_as_its_graph(monkeypatch):
    monkeypatch.setattr(compiled, "TRIED", False)
    function = compiled.Compiled(lambda a, b: (b, a + b), lambda given: given, "sum", None)
    for _ in range(2):
        found = function(tf.constant(1.0), tf.constant(2.0))
        assert [one.numpy() for one in found] == [2, 3]
    assert function.origin == "compiled"


@pytest.fixture
def windows():
    wave = np.sin(np.arange(150.0) / 4)[:, None]
    return Windows(Series("wave", ("y",), wave), lookback=6, horizon=2, split="0.6,0.2,0.2")


VALUES = {
    "num_layers": 2,
    "units_1": 12,
    "units_2": 3,
    "learning_rate": 0.01,
    "batch_size": 16,
    "dropout": 0.1,
    "scaling": "last",
    "bottleneck": 0,
}


def test_rows_that_are_added_below_the_series_change_no_number(windows):
    found = []
    longer = np.pad(windows.data, ((0, 400), (0, 0)), constant_values=np.nan)
    for data in (tf.constant(windows.data), resident(windows.data), tf.constant(longer)):
        engine = engines.make("fused", shaped(StackedLSTM(), windows), windows)
        engine._data = data
        epochs, ended, waiting = [], [], [Task(0, VALUES, seed=1, epochs=3)]
        engine.train(
            lambda waiting=waiting: waiting.pop() if waiting else None,
            lambda epoch, epochs=epochs: epochs.append((epoch.loss, epoch.val_loss)) or GO_ON,
            ended.append,
        )
        forecast = engine.predict(VALUES, ended[0].weights, windows.parts["test"])
        found.append((epochs, [array.tobytes() for array in (*ended[0].weights, forecast)]))
    assert found[0] == found[1] == found[2]


def test_a_series_gets_rows_to_grow_into_but_never_a_quarter_more():
    for rows in (*range(1, 300), 999, 17_420, 70_001):
        data = np.random.default_rng(rows).normal(size=(rows, 2)).astype(np.float32)
        found = resident(data).numpy()
        assert rows <= len(found) <= max(1.25 * rows, rows + 1)
        np.testing.assert_array_equal(found[:rows], data)
        assert not found[rows:].any() and found.dtype == np.float32
    assert len(resident(np.zeros((17_420, 1)))) == len(resident(np.zeros((17_420 + 24 * 90, 1))))


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Ask what would be kept by a process that has not computed yet; TensorFlow is not asked."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(module, "_xla_keeps", lambda flags: True)
    return module.kept_programs.__wrapped__


def test_the_name_tells_whatever_else_machine_code_depends_on(monkeypatch, asked):
    name = asked()._machine
    assert asked()._machine == name
    changes = [
        lambda patched: patched.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true"),
        lambda patched: patched.setenv("TF_XLA_FLAGS", "--tf_xla_auto_jit=2"),
        lambda patched: patched.setattr(tf, "__version__", "2.21.9"),
        lambda patched: patched.setattr(module, "_processor", lambda: ["flags : sse avx"]),
        lambda patched: patched.setattr(module, "_sources", lambda: "others"),
    ]
    names = {name}
    for change in changes:
        with monkeypatch.context() as patched:
            change(patched)
            names.add(asked()._machine)
    assert len(names) == 1 + len(changes)
    kept, one = asked(), tf.zeros((2, 3))
    others = [
        kept.name("b", [one]),
        kept.name("a", [tf.zeros((2, 4))]),
        kept.name("a", [tf.zeros((2, 3), tf.int32)]),
        kept.name("a", [one, one]),
    ]
    assert len({kept.name("a", [one]), *others}) == 5


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("TF_XLA_FLAGS", "--tf_xla_persistent_cache_directory=/somewhere"),
        ("TF_XLA_FLAGS", "/a/file/of/flags"),
        ("XLA_FLAGS", "/a/file/of/flags"),
    ],
)
def test_flags_of_the_users_own_go_before(monkeypatch, asked, name, flags):
    monkeypatch.setenv(name, flags)
    assert asked() is None


def test_without_a_folder_or_sources_or_with_another_tensorflow_nothing_is_kept(monkeypatch, asked, tmp_path):
    for name, other in (("TRIED", False), ("_sources", str), ("kept_files", lambda: None)):
        with monkeypatch.context() as patched:
            patched.setattr(module, name, other)
            assert asked() is None
    assert asked() is not None


def test_once_tensorflow_has_read_its_flags_nothing_is_kept_and_they_are_as_before(monkeypatch):
    tf.zeros(1)
    for flags in (None, "--tf_xla_auto_jit=0"):
        if flags is None:
            monkeypatch.delenv("TF_XLA_FLAGS", raising=False)
        else:
            monkeypatch.setenv("TF_XLA_FLAGS", flags)
        assert not module._xla_keeps(flags or "")
        assert os.environ.get("TF_XLA_FLAGS") == flags


def test_whatever_a_program_imports_of_ours_is_in_its_name():
    hashed, seen = set(module._source_files()), set()
    waiting = [Path(inspect.getfile(program))]
    while waiting:
        path = waiting.pop()
        seen.add(path)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom) and node.level:
                home = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
                named = [home / one.name for one in node.names]
                files = [one.with_suffix(".py") for one in (home, *named)]
                waiting += [file for file in files if file.exists() and file not in seen]
    assert len(seen) > 8 and seen <= hashed


class Enough(Exception):
    pass


@pytest.mark.parametrize("given", [{}, {"cache": True}, {"cache": False}])
def test_a_search_and_a_study_ask_their_engine_to_keep_unless_told_not_to(monkeypatch, tmp_path, given):
    asked = []

    def stop(name, space, windows, callbacks=None, cache=False):
        asked.append(cache)
        raise Enough

    monkeypatch.setattr(engines, "make", stop)
    assert folded.engines.make is studied.engines.make is stop
    for call, options in ((narrows.tune, {}), (narrows.study, {"profile": "4"})):
        with pytest.raises(Enough):
            out = tmp_path / call.__name__
            call("synthetic:sines,rows=300", progress=False, out=out, **options, **given)
    assert asked == [given.get("cache", True)] * 2
