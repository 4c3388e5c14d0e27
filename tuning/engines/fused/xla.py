"""XLA as the programs want it: its flags, the device they run on, and a thread to trace them in."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import tensorflow as tf

Given = TypeVar("Given")

TRIED = tf.__version__.startswith("2.21.")
"""Whether this is the version whose younger flags, and parts that are not public, were tried: a flag that XLA
does not know ends the process."""

# Measured on stacks of 8 to 64 units: at level 1 a program compiles in about three quarters of the time, and
# its steps take 73 to 90 %; where the processor has vectors of 512 bits, using them makes steps of two layers
# of 32 or 64 units 3 to 11 % quicker. The pass would cut loops into as many parts as there are threads:
# without it programs are the same for any number of them (`products`), and no slower where each core has a
# trial.
FLAGS = "--xla_backend_optimization_level=1 --xla_disable_hlo_passes=cpu-parallel-task-assigner"
if TRIED:
    FLAGS += " --xla_cpu_prefer_vector_width=512"

_users = os.environ.get("XLA_FLAGS", "").strip()
# XLA reads its flags when it compiles for the first time; of two that contradict each other the last one, so
# the user's. They may also stand in a file, which is then all there is.
if not _users.startswith(FLAGS) and (not _users or _users.startswith("-")):
    os.environ["XLA_FLAGS"] = f"{FLAGS} {_users}".strip()

DEVICE = "/CPU:0"
"""Where programs run, and where what they are given must lie."""


def apart(function: Callable[[], Given]) -> Given:
    """Return what `function` returns in a thread of its own, on `DEVICE`.

    What changes how a thread traces is not there: `tf.debugging.enable_check_numerics` would write into a
    program what XLA cannot compile, a device scope would place it elsewhere.
    """

    def call() -> Given:
        with tf.device(DEVICE):
            return function()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(call).result()
