"""Runs a command of `narrows`, and kills itself where it would write for the n-th time.

    python benchmarks/kills_program.py KEEP_SECS WRITE tune SOURCE ...

Before it begins it sets two constants: how often where a trial stands is kept, so that short trials go on
inside themselves, and how many steps a trial is waited for, so that short ones end early. WRITE 0 is
never. A write is what puts a file in place or takes one away, what ends a transaction, and an event of
TensorBoard. It says `loaded` when TensorFlow is there, and at the end on standard error how often it
wrote.

The command `own` is a search of a space of the user's own, in child processes: `own --out FOLDER --seed
SEED`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

PATIENT_STEPS = 30
WRITES = ("COMMIT", "INSERT", "UPDATE", "DELETE")


class Writes:
    """Counts what this process writes.

    Args:
        last: the write before which it dies; 0 is none.
    """

    def __init__(self, last: int) -> None:
        self.count, self._last = 0, last
        self._one_at_a_time = threading.Lock()

    def before(self, writing: Callable[..., Any], counts: Callable[..., bool]) -> Callable[..., Any]:
        """Return `writing` that is counted before it begins, where its arguments say that it `counts`."""

        def counted(*given: Any, **named: Any) -> Any:
            if counts(*given):
                with self._one_at_a_time:
                    self.count += 1
                    if self.count == self._last:
                        os.kill(os.getpid(), signal.SIGKILL)
            return writing(*given, **named)

        return counted

    def watch(self) -> None:
        """Count from now on."""
        from narrows.callbacks.events import EventFile
        from narrows.tuning.runs.database import Database

        def ends(database: Database, statement: str, *_: Any) -> bool:
            # What stands inside a transaction is written when that ends.
            is_write = statement.lstrip().startswith(WRITES)
            return is_write and (statement == "COMMIT" or not database.in_transaction)

        def always(*_: Any) -> bool:
            return True

        setattr(os, "replace", self.before(os.replace, always))  # noqa: B010
        setattr(os, "unlink", self.before(os.unlink, always))  # noqa: B010
        for kind, name, counts in (
            (Database, "execute", ends),
            (Database, "executescript", always),
            (EventFile, "_write", always),
        ):
            setattr(kind, name, self.before(getattr(kind, name), counts))


def own_space(hp: Any) -> Any:
    """Return a model with dropout and with weights that are not trained, as a user's own may be."""
    import keras

    layers = [keras.Input((8, 1)), keras.layers.GRU(hp.Int("units", 2, 6)), keras.layers.BatchNormalization()]
    last = [keras.layers.Dropout(0.2), keras.layers.Dense(1), keras.layers.Reshape((1, 1))]
    model = keras.Sequential([*layers, *last])
    model.compile(keras.optimizers.Adam(0.01), "mse")
    return model


def own(folder: str, seed: int) -> None:
    """Search a space of the user's own."""
    from narrows.tuning import tune

    tune(
        "synthetic:sines,rows=300",
        out=folder,
        space=own_space,
        engine="keras",
        lookback=8,
        trials=4,
        epochs=5,
        algorithm="random",
        seed=seed,
        progress=False,
    )


def main() -> None:
    """Run the command."""
    from narrows.search_spaces.quiet import load_tensorflow

    load_tensorflow()
    from narrows.tuning import defaults, search
    from narrows.tuning.cli import main as narrows

    keep_secs, write, *command = sys.argv[1:]
    search.KEEP_SECS, defaults.PATIENT_STEPS = float(keep_secs), PATIENT_STEPS
    writes = Writes(int(write))
    writes.watch()
    sys.stdout.write("loaded\n")
    sys.stdout.flush()
    try:
        if command[0] == "own":
            own(command[2], int(command[4]))
        else:
            sys.argv = ["narrows", *command]
            narrows()
    finally:
        sys.stderr.write(f"writes {writes.count}\n")


if __name__ == "__main__":
    main()
