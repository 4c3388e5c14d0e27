"""The tab key and `--version`: names of values, at once, in the shells that people use."""

import subprocess
import sys

import pytest
import typer.testing

import narrows
from narrows.search_spaces.stack_parts import LOSSES, SCALINGS
from narrows.tuning import algorithms, engines
from narrows.tuning.cli import app
from narrows.tuning.models.formats import FORMATS
from narrows.tuning.series.reading import POLICIES


def completed(words, shell="bash"):
    """What the shell is offered for the last of `words`."""
    asked = {
        "bash": {"COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)},
        "zsh": {"_TYPER_COMPLETE_ARGS": " ".join(words)},
    }[shell]
    env = asked | {"_NARROWS_COMPLETE": f"complete_{shell}"}
    return typer.testing.CliRunner().invoke(app, [], prog_name="narrows", env=env).output


@pytest.mark.parametrize(
    ("words", "known"),
    [
        (["tune", "x.csv", "--algorithm"], algorithms.names()),
        (["tune", "x.csv", "--engine"], engines.names()),
        (["tune", "x.csv", "--loss"], LOSSES),
        (["tune", "x.csv", "--missing"], POLICIES),
        (["tune", "x.csv", "--scaling"], SCALINGS),
        (["study", "run", "--cluster"], ["auto"]),
        (["export", "run", "model", "--format"], FORMATS),
    ],
)
def test_a_value_that_has_a_name_is_completed(words, known):
    assert set(completed(["narrows", *words, ""]).split()) == set(known)
    first = min(known)
    assert first in completed(["narrows", *words, first[:2]]).split()


def test_commands_and_options_are_completed_and_paths_are_left_to_the_shell():
    assert completed(["narrows", "ex"]).split() == ["export"]
    assert "--max-parameters" in completed(["narrows", "tune", "--max"]).split()
    assert completed(["narrows", "board", "ru"]).split() == []
    assert "hyperband" in completed(["narrows", "tune", "x.csv", "--algorithm", "hy"], shell="zsh")


def test_the_version_is_that_of_the_package():
    assert typer.testing.CliRunner().invoke(app, ["--version"]).output == f"narrows {narrows.__version__}\n"


def test_completing_imports_neither_numpy_nor_tensorflow():
    script = (
        "import os, sys; sys.argv = ['narrows']\n"
        "os.environ.update(_NARROWS_COMPLETE='complete_bash', COMP_CWORD='4',\n"
        "                  COMP_WORDS='narrows tune x.csv --algorithm t')\n"
        "from narrows.tuning.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'numpy', 'polars', 'tensorflow', 'keras', 'keras_tuner'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["tpe", "[]"]
