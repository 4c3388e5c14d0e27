"""Keras, once it is certain that it computes with TensorFlow.

Keras fixes its backend when it is imported, and fails deep inside where another one is set but not
installed. So whatever imports Keras or KerasTuner first takes them from here (`from .backend import keras`),
and a search asks before it begins, also whether KerasTuner's environment makes its process one of many.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import UserError

if TYPE_CHECKING:
    import keras
    import keras_tuner

__all__ = ["check_alone", "check_backend", "keras", "keras_tuner"]

CHIEF = ("KERASTUNER_TUNER_ID", "KERASTUNER_ORACLE_IP", "KERASTUNER_ORACLE_PORT")
"""What makes a process a chief or a worker of KerasTuner."""


def __getattr__(name: str) -> Any:
    if name in ("keras", "keras_tuner"):
        check_backend()
        return import_module(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def check_backend() -> None:
    """See that Keras computes with TensorFlow, and TensorFlow at once. Imports neither.

    Raises:
        UserError: when another backend is chosen or was imported, or when eager execution is off.
    """
    imported = getattr(sys.modules.get("keras"), "config", None)
    if imported is not None and imported.backend() != "tensorflow":
        raise UserError(
            f"Keras was imported with the backend {imported.backend()!r}, and narrows computes with "
            "TensorFlow: set KERAS_BACKEND=tensorflow before Python starts"
        )
    chosen, where = ("tensorflow", "") if imported is not None else _chosen()
    if chosen != "tensorflow":
        raise UserError(
            f"the backend of Keras is set to {chosen!r} by {where}, and narrows computes with TensorFlow: "
            "set KERAS_BACKEND=tensorflow"
        )
    eager = getattr(sys.modules.get("tensorflow"), "executing_eagerly", None)
    if eager is not None and not eager():
        raise UserError(
            "TensorFlow's eager execution is off here, and narrows needs it on: leave out "
            "tf.compat.v1.disable_eager_execution(), and call narrows outside of tf.function and tf.Graph"
        )


def check_alone() -> None:
    """See that the process is no chief or worker of KerasTuner.

    Raises:
        UserError: when the environment says that it is one.
    """
    if found := [name for name in CHIEF if name in os.environ]:
        raise UserError(
            f"the environment sets {' and '.join(found)}, by which KerasTuner searches on several machines; "
            "narrows does not, since that way lets in anybody on the network and hangs when a worker dies: "
            "unset it, and train on a Ray cluster with --cluster auto (from Python cluster='auto')"
        )


def _chosen() -> tuple[str, str]:
    """The backend that Keras will take, and what says so, in the order in which Keras itself looks."""
    if backend := os.environ.get("KERAS_BACKEND"):
        return backend, "KERAS_BACKEND"
    home = os.path.expanduser("~")
    folder = os.environ.get(
        "KERAS_HOME", os.path.join(home if os.access(home, os.W_OK) else "/tmp", ".keras")
    )
    path = Path(folder, "keras.json").expanduser()
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["backend"]), str(path)
    except (OSError, ValueError, KeyError, TypeError):
        # Keras itself goes on without a file that it cannot read, or that names no backend.
        return "tensorflow", ""
