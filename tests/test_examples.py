"""The notebooks of examples/ run from top to bottom, and hold nothing of the machine that ran them."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).resolve().parents[1] / "examples").glob("*.ipynb"))
assert EXAMPLES
MOST_BYTES = 10_000


def cells(path, kind):
    """The sources of the cells of a kind."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_a_notebook_is_small_and_holds_no_output_and_no_path_of_a_machine(path):
    text = path.read_text(encoding="utf-8")
    held = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in held)
    assert len(text.encode()) < MOST_BYTES
    strings = [
        node.value
        for source in cells(path, "code")
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert not [one for one in strings if one.startswith(("/", "~")) or re.match(r"[A-Za-z]:[\\/]", one)]
    assert not re.search(r"/(home|Users|root|tmp|work)\b", text)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_a_notebook_runs_from_top_to_bottom(path, tmp_path):
    script = "\n".join(cells(path, "code"))
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "model" / "saved_model.pb").exists()
    assert re.search(r"^day 7: +\d+ units, 90 % between +\d+ and +\d+$", done.stdout, re.MULTILINE)
    assert not re.search(r"Warning|Traceback|absl|^[IWE]\d{4} ", done.stderr, re.MULTILINE), done.stderr
