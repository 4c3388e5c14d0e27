"""A search of a space that grows, killed again and again, is the search that was not."""

import subprocess
import sys
from pathlib import Path

from narrows.tuning.algorithms import names

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"

SCRIPT = """
import os, signal, sys
import keras
import numpy as np
from narrows.search_spaces.trial import Epoch, Outcome
from narrows.tuning import engines, search as search_module, tune
from narrows.tuning.answers import concluding
from narrows.tuning.engines.base import Engine, Judge

class Quick(Engine):
    # A trial's loss is a formula of its values.
    def train(self, ask, report, end):
        while (task := ask()) is not None:
            judge = Judge(task)
            while judge.status is None:
                loss = sum(v for n, v in task.values.items() if n.startswith("units")) + 1 / (judge.last + 1)
                epoch = Epoch(task.number, judge.last + 1, loss, loss, 0.1, 0.01)
                judge.sees(epoch, lambda: [np.ones(1)])
                judge.obeys(report(judge.told(epoch, lambda: [np.ones(1)])))
            best = judge.best_weights, judge.best_epoch, judge.best_val_loss
            state = [np.ones(1)] if judge.keeps_state else None
            end(Outcome(task.number, judge.status, judge.reason, *best, state=state))

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
                trials=18, epochs=9, progress=False, seed=5, algorithm=algorithm)

engines.make = lambda name, *rest: Quick(*rest)
engines.refusal = lambda *_: ""
concluding.measure_best = lambda *_: []
search_module.KEEP_SECS = 0.02
benchmarks, folder, kills, *algorithms = sys.argv[1:]
sys.path.append(benchmarks)
from kills_program import Writes
for algorithm in algorithms:
    died = 0
    for write in map(int, kills.split()):
        pid = os.fork()
        if pid == 0:
            Writes(write).watch()
            search(algorithm)
            os._exit(0)
        died += os.waitpid(pid, 0)[1] == signal.SIGKILL
    for one in search(algorithm).trials:
        print(algorithm, one.number, one.values, one.seed, one.status, one.best_val_loss, one.best_epoch)
    print(algorithm, "died", died, file=sys.stderr)
"""


WRITES = (2, 43, 130)
"""Each start is killed before it writes for that time; the first one while the run is made."""


def test_a_search_that_is_killed_where_it_writes_goes_on_as_if_it_was_not(tmp_path):
    def table(folder, kills):
        given = [str(BENCHMARKS), str(tmp_path / folder), " ".join(map(str, kills)), *names()]
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, *given], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout, done.stderr.count(f"died {len(WRITES)}\n")

    (whole, _), (killed, times) = table("whole", ()), table("killed", WRITES)
    assert killed == whole and times == len(names()), "each search was killed each time"
    rows = whole.splitlines()
    assert len(rows) == 18 * len(names())
    for algorithm in names():
        own = [row for row in rows if row.startswith(algorithm)]
        assert all(any(name in row for row in own) for name in ("units_1", "units_2")), algorithm
    assert "late" in whole
