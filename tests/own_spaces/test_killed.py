"""A search of a space that grows, killed again and again, is the search that was not."""

import subprocess
import sys

from narrows.tuning.algorithms import names

SCRIPT = """
import os, signal, sys, threading
import keras
import numpy as np
from narrows.search_spaces.trial import Epoch, Outcome, Status
from narrows.tuning import engines, tune
from narrows.tuning.answers import concluding
from narrows.tuning.engines.base import Engine

class Quick(Engine):
    # A trial's loss is a formula of its values.
    def train(self, ask, report, end):
        while (task := ask()) is not None:
            for epoch in range(task.first_epoch + 1, task.epochs + 1):
                loss = sum(v for n, v in task.values.items() if n.startswith("units")) + 1 / epoch
                report(Epoch(task.number, epoch, loss, loss, 0.1, 0.01))
            state = [np.ones(1)] if task.keep_state else None
            end(Outcome(task.number, Status.COMPLETED, "", [np.ones(1)], task.epochs, loss, state=state))

    def predict(self, values, weights, rows):
        return np.zeros((len(rows), *self.windows.output_shape), np.float32)

def space(hp):
    for layer in range(hp.Int("layers", 1, 3)):
        hp.Int(f"units_{layer}", 4, 16)
    if hp.Boolean("deep") and hp.get("layers") == 2:
        hp.Float("late", 0.0, 1.0)
    last = [keras.layers.Flatten(), keras.layers.Dense(1), keras.layers.Reshape((1, 1))]
    return keras.Sequential([keras.Input((12, 1)), *last])

def search(algorithm):
    return tune("synthetic:sines,rows=300", out=os.path.join(folder, algorithm), space=space, lookback=12,
                trials=30, epochs=9, progress=False, seed=5, algorithm=algorithm)

engines.make = lambda name, *rest: Quick(*rest)
engines.refusal = lambda *_: ""
concluding.measure_best = lambda *_: []
folder, kills, *algorithms = sys.argv[1:]
for algorithm in algorithms:
    died = 0
    for secs in map(float, kills.split()):
        pid = os.fork()
        if pid == 0:
            threading.Timer(secs, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
            search(algorithm)
            os._exit(0)
        died += os.waitpid(pid, 0)[1] == signal.SIGKILL
    for one in search(algorithm).trials:
        print(algorithm, one.number, one.values, one.seed, one.status, one.best_val_loss)
    print(algorithm, "died", died, file=sys.stderr)
"""


def test_a_search_that_is_killed_goes_on_as_if_it_was_not(tmp_path):
    def table(folder, kills):
        command = [sys.executable, "-c", SCRIPT, str(tmp_path / folder), kills, *names()]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout, done.stderr.count("died 3")

    (whole, _), (killed, times) = table("whole", ""), table("killed", "0.3 0.5 0.7")
    assert killed == whole and times, "some search was killed each time"
    rows = whole.splitlines()
    assert len(rows) == 30 * len(names())
    for algorithm in names():
        own = [row for row in rows if row.startswith(algorithm)]
        assert all(any(name in row for row in own) for name in ("units_1", "units_2")), algorithm
    assert "late" in whole
