"""Calls in fresh processes, so that no side of a comparison pays or gains by another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Row = tuple[str, str, str, str]
"""What was measured, the figure, the goal, more on it."""


def call(module: str, function: str, *arguments: Any) -> Any:
    """Return what `module.function(*arguments)` returns in a fresh process, TensorFlow imported before."""
    return finish(begin(module, function, *arguments))


def begin(module: str, function: str, *arguments: Any) -> tuple[subprocess.Popen[bytes], Path]:
    """Start such a process; `finish` waits for it."""
    folder = Path(tempfile.mkdtemp())
    (folder / "arguments.json").write_text(json.dumps(arguments))
    code = (
        "import json, sys, pathlib, tensorflow; folder = pathlib.Path(sys.argv[1]); "
        f"import {module}; given = json.loads((folder / 'arguments.json').read_text()); "
        f"result = {module}.{function}(*given); "
        "(folder / 'result.json').write_text(json.dumps(result))"
    )
    # A cache folder of its own: nothing was compiled before.
    return subprocess.Popen([sys.executable, "-c", code, str(folder)], env=environment(folder)), folder


def typed(words: Sequence[str], cache: Path) -> float:
    """Run `narrows WORDS` as a user types it; return the seconds from its start to its end.

    Args:
        words: that follow `narrows`.
        cache: the user's cache folder, in which earlier commands may have kept programs.
    """
    code = "from narrows.tuning.cli import main; main()"
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *words], env=environment(cache), capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"narrows {' '.join(words)} ended with {done.returncode}: {done.stderr}")
    return time.perf_counter() - began


def environment(cache: Path) -> dict[str, str]:
    """Return the environment of a process that has the user's cache folder at `cache`."""
    path = os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])])
    ours = {"PYTHONPATH": path, "XDG_CACHE_HOME": str(cache)}
    return {"TF_CPP_MIN_LOG_LEVEL": "3", **os.environ, **ours}


def finish(started: tuple[subprocess.Popen[bytes], Path]) -> Any:
    """Return the result of a process from `begin`."""
    process, folder = started
    if process.wait():
        raise SystemExit(f"a benchmark failed with exit code {process.returncode}")
    return json.loads((folder / "result.json").read_text())
