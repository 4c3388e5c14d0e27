"""Nothing that is read from disk is unpickled or run: a scan of the whole source, with its few exceptions.

Found are calls that could run what they are given, by the names under which they were imported, also in
programs that stand in a text. Each exception is named with its reason, and one that is no longer met fails.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("search_spaces", "callbacks", "tuning", "package", "benchmarks")

OWN_PROCESSES = "what a process of ours says to another through a pipe that nobody else can open"
EXCEPTIONS = {
    ("tuning/engines/keras/child.py", "pickle.loads"): OWN_PROCESSES,
    ("tuning/engines/keras/child.py", "recv"): OWN_PROCESSES,
    ("tuning/engines/keras/process.py", "recv"): OWN_PROCESSES,
    ("tuning/engines/_alive.py", "recv"): OWN_PROCESSES,
    ("tuning/engines/_portable.py", "pickle.loads"): "what this process has just pickled",
    (
        "tuning/cluster/pool.py",
        "pickle.loads",
    ): "what a worker of this search sent; whoever reaches Ray runs code",
    ("benchmarks/drawing.py", "spec_from_file_location"): "a module of the tests beside it",
    ("tuning/cli/ending.py", "recv"): "the bytes of a socket; of the number of a signal",
    (
        "tuning/engines/fused/module.py",
        "xla_call_module",
    ): "programs kept in a folder that is the user's alone",
    ("tuning/models/loaded.py", "load_model"): "a model is code: behind `trust.check_trusted`",
    ("tuning/models/loaded.py", "saved_model.load"): "a model is code: behind `trust.check_trusted`",
    ("tuning/models/check.py", "load_model"): "the model that this process has just written",
    ("tuning/models/check.py", "saved_model.load"): "the model that this process has just written",
}

PICKLES = ("pickle", "cloudpickle", "joblib", "marshal", "shelve", "dill")
LAST = (
    *("load_model", "load_weights", "model_from_json", "deserialize_keras_object", "xla_call_module"),
    *("enable_unsafe_deserialization", "read_pickle", "recv", "import_graph_def", "spec_from_file_location"),
    "run_path",
)
ENDS = ("saved_model.load", "os.system", "os.popen", "yaml.load", "yaml.unsafe_load", "yaml.full_load")
BUILTINS = ("eval", "exec", "compile", "__import__")


def found_in(tree: ast.AST) -> Iterator[str]:
    """What of a program could run what it is given."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                top = one.name.partition(".")[0]
                names[one.asname or top] = one.name if one.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "import " in node.value:
            yield from found_in_text(node.value)
        elif isinstance(node, ast.Call):
            yield from found_in_call(node, names)


def found_in_text(text: str) -> Iterator[str]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    yield from found_in(tree)


def found_in_call(node: ast.Call, names: dict[str, str]) -> Iterator[str]:
    name = dotted(node.func, names)
    first, last = name.partition(".")[0], name.rpartition(".")[2]
    given = {one.arg: one.value for one in node.keywords}
    if first in PICKLES and last in ("load", "loads", "Unpickler", "open"):
        yield name
    if name in BUILTINS:
        yield name
    if last in LAST:
        yield last
    yield from (end for end in ENDS if name == end or name.endswith(f".{end}"))
    if name in ("numpy.load", "numpy.lib.format.read_array") and not is_false(given.get("allow_pickle")):
        yield name
    elif name != "numpy.load" and "allow_pickle" in given and not is_false(given["allow_pickle"]):
        yield "allow_pickle"
    if "shell" in given and not is_false(given["shell"]):
        yield "shell=True"
    if "safe_mode" in given:
        yield "safe_mode"


def dotted(node: ast.expr, names: dict[str, str]) -> str:
    """The whole name of what is called; of what is called on a value the attribute alone, after a dot."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value, names)}.{node.attr}"
    return ""


def is_false(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def sources() -> dict[str, Path]:
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    return {path.relative_to(ROOT).as_posix(): path for path in [*paths, ROOT / "setup.py"]}


def test_nothing_that_is_read_from_disk_is_unpickled_or_run():
    found = {
        (name, what)
        for name, path in sources().items()
        for what in found_in(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert len(sources()) > 300
    assert found == EXCEPTIONS.keys()


@pytest.mark.parametrize(
    ("program", "what"),
    [
        ("import pickle\npickle.load(file)", "pickle.load"),
        ("import pickle as p\np.Unpickler(file)", "pickle.Unpickler"),
        ("from cloudpickle import loads as made\nmade(text)", "cloudpickle.loads"),
        ("def f():\n    import joblib\n    joblib.load(path)", "joblib.load"),
        ("import marshal\nmarshal.loads(text)", "marshal.loads"),
        ("import shelve\nshelve.open(path)", "shelve.open"),
        ("import numpy as np\nnp.load(path)", "numpy.load"),
        ("import numpy\nnumpy.load(path, allow_pickle=True)", "numpy.load"),
        ("from numpy import load\nload(path, allow_pickle=asked)", "numpy.load"),
        ("import numpy as np\nnp.savez(path, allow_pickle=True)", "allow_pickle"),
        ("eval(text)", "eval"),
        ("exec(compiled)", "exec"),
        ("compile(text, 'file', 'exec')", "compile"),
        ("__import__(name)", "__import__"),
        ("import yaml\nyaml.load(text)", "yaml.load"),
        ("import keras\nkeras.models.load_model(path)", "load_model"),
        ("from keras.models import load_model\nload_model(path)", "load_model"),
        ("import tensorflow as tf\ntf.saved_model.load(path)", "saved_model.load"),
        ("keras.models.load(path, safe_mode=False)", "safe_mode"),
        ("import subprocess\nsubprocess.run(text, shell=True)", "shell=True"),
        ("import os\nos.system(text)", "os.system"),
        ("import polars\npolars.read_pickle(path)", "read_pickle"),
        ("RUN = 'import pickle; pickle.load(open(0))'", "pickle.load"),
        ("connection.recv()", "recv"),
    ],
)
def test_the_scan_finds(program, what):
    assert what in list(found_in(ast.parse(program)))


@pytest.mark.parametrize(
    "program",
    [
        "import re\nre.compile('x')",
        "model.compile('adam')",
        "import json\njson.loads(text)",
        "import numpy as np\nnp.load(path, allow_pickle=False)",
        "import pickle\npickle.dumps(one)",
        "import subprocess\nsubprocess.run([command], shell=False)",
        "self.eval(text)",
    ],
)
def test_the_scan_lets_be(program):
    assert list(found_in(ast.parse(program))) == []
