"""What a child process of the keras engine runs: one trial after the other, until it is let go.

It says None when it is ready and is then sent a setup (`packed`); then a `Task` again and
again. For each it says an `Epoch`, which is answered with a `Decision`, as often as there are
epochs, and at last an `Outcome`, or the exception that ended it. Between all this it says that it lives
(`_alive`). When the engine's process is gone, so is the child, within seconds.
"""

from __future__ import annotations

import pickle

import cloudpickle
import keras
import tensorflow as tf

from ....search_spaces.space import Space
from ....search_spaces.trial import Decision, Epoch
from ...series.windows import Windows
from .._alive import Voice
from .._portable import portable
from ..base import reason_of
from .training import Training
from .user_callbacks import Callbacks


class CannotLoadError(Exception):
    """The space arrived, but this process cannot make it again, such as without a module of the user's."""


def main(voice: Voice) -> None:
    """Serve the engine at the other end."""
    # The other cores are for the other children; and no result depends on how many there are.
    tf.config.threading.set_intra_op_parallelism_threads(1)
    # Children are for the CPU: a GPU that is hidden from the engine's process alone would be seen here again.
    tf.config.set_visible_devices([], "GPU")
    try:
        _serve(voice)
    except (EOFError, ConnectionError):
        return  # The engine let go, or its process was killed.


def packed(space: Space, windows: Windows, callbacks: Callbacks = None) -> bytes:
    """Return the setup of a child: what it trains, and the types in which Keras computes here.

    Raises:
        Exception: of any kind, from a space of the user's own that cannot be pickled.
    """
    return cloudpickle.dumps((space, windows, callbacks, keras.config.floatx(), keras.config.dtype_policy()))


def _serve(voice: Voice) -> None:
    def report(epoch: Epoch) -> Decision:
        voice.send(epoch)
        decision: Decision = voice.recv()
        return decision

    voice.send(None)
    setup = voice.recv_bytes()
    try:
        training = _unpacked(setup)
    except Exception as error:
        # Any class: making it again runs the code of whatever the user's space holds.
        voice.send(CannotLoadError(reason_of(error)))
        return
    while True:
        task = voice.recv()
        try:
            said = pickle.dumps(training.train(task, report))
        except BaseException as error:
            said = portable(error)
        voice.send_bytes(said)


def _unpacked(setup: bytes) -> Training:
    space, windows, callbacks, floatx, policy = pickle.loads(setup)
    keras.config.set_floatx(floatx)
    keras.config.set_dtype_policy(policy)
    return Training(space, windows, callbacks)
