"""Products of matrices: right, and the same to the last digit with any number of threads."""

import os
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from narrows.tuning.engines.fused.products import MOST, over_rows, product

INNER = [1, 7, MOST - 1, MOST, MOST + 1, 2 * MOST, 5 * MOST + 3]

# Shapes whose sums Eigen cuts by threads: few weights over many windows and steps, and many weights.
TRAINED = """
import os, warnings
import numpy as np
from narrows.search_spaces import StackedLSTM
from narrows.search_spaces.trial import GO_ON
from narrows.tuning import engines
from narrows.tuning.engines.base import Task
from narrows.tuning.series.series import Series
from narrows.tuning.series.shaped import shaped
from narrows.tuning.series.windows import Windows

warnings.simplefilter("error")
time = np.arange(700)
waves = np.stack([np.sin(time / 5), np.cos(time / 7), np.sin(time / 3)], axis=1)
waves += 0.1 * np.random.default_rng(0).normal(size=waves.shape)
series = Series("waves", ("a", "b"), waves, features=("c",))
windows = Windows(series, lookback=140, horizon=2, split="0.6,0.2,0.2")
engine = engines.make("fused", shaped(StackedLSTM(linear=["none", "ridge"]), windows), windows)
waiting = []
for number, (units, linear) in enumerate([((32,), "none"), ((30, 32), "ridge"), ((130,), "ridge")]):
    values = {f"units_{n}": u for n, u in enumerate(units, 1)} | {"num_layers": len(units), "linear": linear}
    values |= {"learning_rate": 0.01, "batch_size": 32, "dropout": 0.0, "scaling": "standard"}
    values |= {"bottleneck": 0}
    waiting.append(Task(number, values, seed=3, epochs=1))
epochs, ended = [], []

def report(epoch):
    epochs.append((epoch.number, epoch.loss, epoch.val_loss))
    return GO_ON

engine.train(lambda: waiting.pop(0) if waiting else None, report, ended.append)
assert len(ended) == 3 and all(one.status.value == "completed" for one in ended), ended
print(sorted(epochs), [sum(map(np.sum, one.weights)) for one in sorted(ended, key=lambda one: one.number)])
print(os.environ["XLA_FLAGS"])
"""


@pytest.mark.parametrize("inner", INNER)
def test_they_are_products(inner):
    rng = np.random.default_rng(inner)
    a, b = rng.normal(size=(6, inner)), rng.normal(size=(inner, 5))
    np.testing.assert_allclose(product(tf.constant(a), tf.constant(b)), a @ b, atol=1e-12)
    np.testing.assert_allclose(over_rows(tf.constant(a.T), tf.constant(b)), a @ b, atol=1e-12)
    many = rng.normal(size=(3, inner, 4)), rng.normal(size=(3, inner, 2))
    expected = np.einsum("tka,tkb->tab", *many)
    np.testing.assert_allclose(over_rows(*map(tf.constant, many)), expected, atol=1e-12)


def test_no_digit_depends_on_the_number_of_threads():
    """Nor on flags that the user has set."""
    mine = "--xla_cpu_enable_fast_math=false"
    numbers, flags = _trained(threads="1")
    assert _trained(threads="3", flags=mine) == [numbers, f"{flags} {mine}"]


def _trained(threads, flags=""):
    others = {"TF_NUM_INTRAOP_THREADS": threads, "XLA_FLAGS": flags}
    command = [sys.executable, "-c", TRAINED]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | others)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.splitlines()[-2:]
