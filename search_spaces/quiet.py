"""TensorFlow and Optuna without what they say on their own, which means nothing to users of a search."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quietly() -> Iterator[None]:
    """Keep what native code writes to standard error while the body runs off the terminal."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


_one_at_a_time = threading.Lock()


@contextmanager
def without_lines(*noise: str) -> Iterator[None]:
    """Keep lines that hold one of `noise` off standard error; all others come when the body ends."""
    with _one_at_a_time, tempfile.TemporaryFile() as held:
        sys.stderr.flush()
        kept = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            held.seek(0)
            rest = [line for line in held if not any(one.encode() in line for one in noise)]
            os.write(2, b"".join(rest))


def logs_errors() -> bool:
    """Return whether TensorFlow's native code writes its errors to standard error."""
    return os.environ.get("TF_CPP_MIN_LOG_LEVEL", "0") < "3"


def load_tensorflow() -> None:
    """Import TensorFlow, quietly; its advice on tracing is for those who write the models.

    Whoever imported it before has chosen how much it says, and that stays.
    """
    if "tensorflow" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with quietly():
        import tensorflow
    tensorflow.get_logger().setLevel("ERROR")


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Keep back Optuna's messages and warnings while the body runs. Imports Optuna."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(before)
