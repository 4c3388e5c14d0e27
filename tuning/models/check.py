"""The proof of an export.

The network that is exported has the validation loss that its training recorded, and in a fresh process, which
cannot import this package, the exported model gives the same forecasts.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..series.epoch_rows import EVALUATION_BATCH, validation_rows

if TYPE_CHECKING:
    import keras

    from ..series.windows import Windows

TOLERANCE = 1e-5

# Runs in the fresh process: argv is folder, format, inputs file, outputs file.
_SCRIPT = """
import os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "narrows":
            raise ImportError("the exported model must not need " + name)

sys.meta_path.insert(0, Refuse())
import numpy as np
folder, format, given, result = sys.argv[1:]
with np.load(given, allow_pickle=False) as stored:
    inputs = {name: stored[name] for name in stored.files}
file = os.path.join(folder, "model." + format)
if format == "onnx":
    import onnxruntime
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    (forecast,) = session.run(["forecast"], inputs)
elif format == "tflite":
    import tensorflow as tf
    serve = tf.lite.Interpreter(file).get_signature_runner()
    windows = zip(*(array[:, None] for array in inputs.values()))
    forecast = np.concatenate([serve(**dict(zip(inputs, window)))["forecast"] for window in windows])
elif format == "keras":
    import keras, tensorflow as tf  # not tf.keras, which TF_USE_LEGACY_KERAS makes another one
    tensors = {name: tf.constant(array) for name, array in inputs.items()}
    forecast = keras.models.load_model(file)(tensors)["forecast"].numpy()
else:
    import tensorflow as tf
    tensors = {name: tf.constant(array) for name, array in inputs.items()}
    forecast = tf.saved_model.load(folder).signatures["serving_default"](**tensors)["forecast"].numpy()
np.save(result, forecast)
"""


def forecast_elsewhere(folder: Path, format: str, inputs: dict[str, np.ndarray]) -> np.ndarray:
    """Return what the model in `folder` forecasts in a fresh process without this package.

    Raises:
        RuntimeError: when it cannot be loaded or run there, with that process's last words.
    """
    with tempfile.TemporaryDirectory() as scratch:
        given, result = Path(scratch, "given.npz"), Path(scratch, "result.npy")
        plain = {
            name: array.astype(str) if array.dtype == object else array for name, array in inputs.items()
        }
        np.savez(given, allow_pickle=False, **plain)
        command = [sys.executable, "-I", "-c", _SCRIPT, str(folder), format, str(given), str(result)]
        # On the CPU, as the engines forecast: a GPU multiplies in fewer digits than are asked for here.
        environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"the exported model does not load in a fresh process:\n{done.stderr[-2000:]}")
        return np.load(result, allow_pickle=False)


def validation_loss(network: keras.Model, windows: Windows) -> float:
    """Return the loss of a compiled network on the windows that each epoch is validated on, as `fit` does."""
    import tensorflow as tf

    rows = validation_rows(windows)
    x, y = windows.inputs(rows), windows.targets(rows)
    with tf.device("/CPU:0"):
        told = network.evaluate(x, y, batch_size=EVALUATION_BATCH, verbose=0, return_dict=True)
    return float(told["loss"])


def is_same_loss(loss: float, recorded: float) -> bool:
    """Whether two losses are equal but for rounding: an error of z in float32 is off by about 1e-6.

    A loss of squares that is small is off by more of itself than its errors are.
    """
    return abs(loss - recorded) <= TOLERANCE * (abs(recorded) + math.sqrt(abs(recorded)))


def worst_difference(actual: np.ndarray, expected: np.ndarray, std: np.ndarray) -> float:
    """Return the largest |actual - expected| / max(|expected|, std).

    Args:
        actual: (windows, horizon, targets).
        expected: of the same shape.
        std: the spread of each target, or of it in each window, broadcast with both; where a forecast passes
            through zero, it is what an error is large or small against.
    """
    if actual.shape != expected.shape:
        raise RuntimeError(f"the exported model gives {actual.shape} where {expected.shape} was expected")
    return float((np.abs(actual - expected) / np.maximum(np.abs(expected), std)).max())
