"""Keras with another backend than TensorFlow: one sentence before any import, from every entrance."""

import ast
import importlib
import json
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from narrows.search_spaces import backend
from narrows.search_spaces.backend import check_backend
from narrows.search_spaces.errors import UserError
from narrows.tuning import tune
from narrows.tuning.cli import main

ROOT = Path(__file__).resolve().parents[2]
BY_VARIABLE = (
    "the backend of Keras is set to 'torch' by KERAS_BACKEND, and narrows computes with TensorFlow: "
    "set KERAS_BACKEND=tensorflow"
)


@pytest.fixture
def unimported(monkeypatch, tmp_path):
    """As in a process that imported neither Keras nor TensorFlow, with an empty home; gives the home."""
    for name in ("keras", "tensorflow"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def configure(folder, **content):
    folder.mkdir(parents=True)
    (folder / "keras.json").write_text(json.dumps(content))


def said():
    with pytest.raises(UserError) as raised:
        check_backend()
    return str(raised.value)


def test_the_variable_is_told(unimported, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert said() == BY_VARIABLE


def test_the_file_in_the_home_is_told_and_the_variable_goes_before_it(unimported, monkeypatch):
    configure(unimported / ".keras", backend="jax")
    assert said() == (
        f"the backend of Keras is set to 'jax' by {unimported / '.keras' / 'keras.json'}, "
        "and narrows computes with TensorFlow: set KERAS_BACKEND=tensorflow"
    )
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    check_backend()


def test_the_file_in_the_folder_of_keras_is_told(unimported, monkeypatch):
    configure(unimported / "other", backend="jax")
    monkeypatch.setenv("KERAS_HOME", "~/other")
    assert str(unimported / "other" / "keras.json") in said()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"floatx": "float32"}', '{"backend": "tensorflow"}'])
def test_a_file_that_chooses_nothing_else_is_no_mistake(unimported, text):
    (unimported / ".keras").mkdir()
    (unimported / ".keras" / "keras.json").write_text(text)
    check_backend()


def test_what_was_imported_counts_whatever_is_set_since(unimported, monkeypatch):
    config = types.SimpleNamespace(backend=lambda: "jax")
    monkeypatch.setitem(sys.modules, "keras", types.SimpleNamespace(config=config))
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    assert said() == (
        "Keras was imported with the backend 'jax', and narrows computes with TensorFlow: "
        "set KERAS_BACKEND=tensorflow before Python starts"
    )
    config.backend = lambda: "tensorflow"
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    check_backend()


def test_the_two_are_what_they_are_called():
    assert (backend.keras, backend.keras_tuner) == tuple(
        map(importlib.import_module, ["keras", "keras_tuner"])
    )
    check_backend()


def test_inside_a_graph_nothing_can_be_searched():
    tf = importlib.import_module("tensorflow")
    with tf.Graph().as_default():
        assert said().startswith("TensorFlow's eager execution is off here, and narrows needs it on:")


def test_a_search_is_refused_before_it_reads_its_data(unimported, monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    with pytest.raises(UserError, match="KERAS_BACKEND"):
        tune("no such file.csv", out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_command_ends_with_two_and_the_sentence_alone(unimported, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.setattr(sys, "argv", ["narrows", "tune", "synthetic:sines", "--out", str(tmp_path / "run")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr() == ("", f"narrows: {BY_VARIABLE}\n")
    assert not (tmp_path / "run").exists()


ENTRANCES = [
    "from narrows.search_spaces import StackedLSTM",
    "from narrows.search_spaces.stacked_lstm import StackedLSTM",
    "from narrows.search_spaces import as_space",
    "from narrows.callbacks import NarrowingProbe",
    "from narrows.tuning.search import search",
    "from narrows.tuning.models.rebuilt import trained_network",  # Run.export
    "from narrows.tuning.models.raw import raw_model",  # Run.export, Run.forecast
    "from narrows.tuning.models.forecast import forecast",
]


def test_every_entrance_says_it_where_the_other_backend_is_not_installed(tmp_path):
    script = (
        "import sys\n"
        "from narrows.search_spaces.errors import UserError\n"
        f"for line in {ENTRANCES!r}:\n"
        "    try:\n        exec(line)\n    except UserError as error:\n        print(error)\n"
        "print(sorted({'keras', 'keras_tuner', 'tensorflow'} & set(sys.modules)))\n"
    )
    environment = {**os.environ, "KERAS_BACKEND": "torch"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == [*[BY_VARIABLE] * len(ENTRANCES), "[]"], done.stderr


REACHED = ("tuning/algorithms", "tuning/engines")
"""Made for a space, which came through `search_spaces.space`."""


def test_what_may_be_imported_first_takes_keras_from_here():
    found = []
    for folder in ("search_spaces", "callbacks", "tuning"):
        for path in (ROOT / folder).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if name == "search_spaces/backend.py" or name.startswith(REACHED):
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"))
            types_only = {
                inner
                for node in ast.walk(tree)
                if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
                for inner in ast.walk(node)
            }
            for node in set(ast.walk(tree)) - types_only:
                if isinstance(node, ast.Import):
                    tops = [alias.name for alias in node.names]
                else:
                    tops = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
                found += [f"{name}: {top}" for top in tops if top.split(".")[0] in ("keras", "keras_tuner")]
    assert not found, "Keras is imported past search_spaces/backend.py"
