"""Searches on real Ray nodes of one machine: what a second worker gains, what the driver pays, what is lost.

Nodes of one core each; the head trains nothing. The driver is a process of its own, which takes its share of
the same cores as the workers.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import driver
import workloads
from apart import Row, call

from narrows.tuning.engines._setup import Setup

REPEATS = 3
WARM, LAST = 6, 3
"""Trials at the beginning, while workers load, and at the end, while one is idle, that are not counted."""
REMOVALS = 20
TRIALS = 5400
SEARCHES: dict[str, dict[str, Any]] = {
    "small": {"source": workloads.small_columns, **workloads.SMALL, **workloads.SMALL_WINDOWS}
    | {"trials": 60, "epochs": 10, "space": {"num_layers": (1, 3), "units": (4, 64), "bottleneck": 0}},
    "etth1": {"source": lambda: workloads.ETTH1, **workloads.OT, **workloads.OT_WINDOWS}
    | {"trials": 24, "epochs": 2, "space": {"num_layers": (1, 3), "units": (16, 64), "batch_size": 128}},
}


def rows() -> list[Row]:
    """Searches on one and on two workers of one core each, on nodes of one machine.

    Random search, every trial to its last epoch, programs compiled before; seconds between the end of the
    sixth trial and that of the third last.
    """
    found = []
    for name in SEARCHES:
        secs = call("clusters", "seconds", name)
        one, two = (median(secs[workers]) for workers in ("1", "2"))
        shown = "; ".join(f"{each} workers: " + ", ".join(f"{s:.1f} s" for s in secs[each]) for each in secs)
        gain = f"{one / two:.2f} times as fast, {one / two / 2:.0%}"
        found.append((f"{name}: two workers of one core against one", gain, ">= 90 %", shown))
    return found


def driver_rows() -> list[Row]:
    """CPU of the process that searches, of searches whose trials train nothing, in it or on two workers."""
    found = []
    for cluster in (False, True):
        ms = call("clusters", "driver_ms", cluster)
        where = "on two workers" if cluster else "in this process"
        told = f"{ms['first']:.1f} ms in the first tenth, {ms['last']:.1f} in the last, of {TRIALS:,} trials"
        goal = "< 5 ms" if cluster else "-"
        found.append(
            (
                f"the driver's CPU a trial, trials that train nothing {where}",
                f"{ms['all']:.1f} ms",
                goal,
                told,
            )
        )
    return found


def removals() -> list[Row]:
    """Nodes that are taken away without a word, and others that join, while a search goes on.

    Random search on the small workload on two nodes. Lost are trials of the search in one process that are
    not there; told twice are epochs; others are those whose values, status, losses or best epoch differ.
    """
    found = call("clusters", "removed", REMOVALS)
    more = f"{found['trials']} trials, {found['epochs']:,} epochs, {found['secs']:.0f} s"
    what = f"{found['removals']} nodes removed: trials lost, epochs told twice, trials that differ"
    return [(what, f"{found['lost']}, {found['twice']}, {found['differ']}", "0, 0, 0", more)]


@contextmanager
def nodes(count: int) -> Iterator[Any]:
    """Return a cluster of so many nodes of one core."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    try:
        cluster.trains = [cluster.add_node(num_cpus=1) for _ in range(count)]
        yield cluster
    finally:
        cluster.shutdown()


@dataclass
class Watched:
    """When trials ended, and the process's CPU then."""

    at: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def _search(name: str, folder: Path, address: str | None, **changed: Any) -> tuple[Any, Watched]:
    """Search and return the run and what was seen."""
    from narrows.tuning import tune
    from narrows.tuning.progress.base import Progress

    watched = Watched()

    class Watch(Progress):
        def ended(self, trial: Any, outcome: Any) -> None:
            super().ended(trial, outcome)
            watched.at.append(time.perf_counter())
            watched.cpu.append(time.process_time())

    asked = {
        **SEARCHES[name],
        "algorithm": "random",
        "halving": False,
        "confirm": False,
        "patience": 0,
    } | changed
    source: Callable[[], Any] = asked.pop("source")
    return tune(source(), **asked, cluster=address, out=folder, progress=Watch()), watched


def seconds(name: str) -> dict[str, list[float]]:
    """Return the seconds of a search on one and on two workers, again and again in turn."""
    found: dict[str, list[float]] = {"1": [], "2": []}
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(-1, REPEATS):
            for workers in (1, 2):
                with nodes(workers) as cluster:
                    _, seen = _search(name, Path(folder) / f"{workers}-{repeat}", cluster.address)
                if repeat >= 0:
                    found[str(workers)].append(seen.at[-LAST] - seen.at[WARM])
    return found


class Untrained(Setup):
    """A setup whose trials train nothing; see `driver`."""

    def engine(self) -> Any:
        """Return the engine that trains nothing."""
        space, windows = self.folds[0]
        return driver._untrained(space, windows)


def driver_ms(cluster: bool) -> dict[str, float]:
    """Return the CPU milliseconds a trial of a search whose trials train nothing."""
    import narrows.tuning.folded as folded
    from narrows.tuning.watchers.measures import Measures

    folded.Setup = Untrained  # type: ignore[attr-defined]
    Measures.of = classmethod(lambda kind, start: None)  # type: ignore[assignment, method-assign]
    asked = {"trials": TRIALS, "epochs": driver.EPOCHS, "halving": True}
    with tempfile.TemporaryDirectory() as folder:
        if cluster:
            with nodes(2) as there:
                _, seen = _search("small", Path(folder) / "run", there.address, **asked)
        else:
            _, seen = _search("small", Path(folder) / "run", None, **asked)
    tenth, ms = len(seen.cpu) // 10, [1e3 * secs for secs in seen.cpu]
    return {
        "all": (ms[-1] - ms[0]) / (len(ms) - 1),
        "first": (ms[tenth] - ms[0]) / tenth,
        "last": (ms[-1] - ms[-1 - tenth]) / tenth,
    }


def removed(count: int) -> dict[str, float]:
    """Take away nodes while a search goes on; return how it differs from one in this process."""
    began = time.perf_counter()
    asked = {"trials": 150, "epochs": 60, "halving": True, "patience": 12}
    got: list[Any] = []
    with tempfile.TemporaryDirectory() as folder, nodes(2) as cluster:
        there = Path(folder) / "there"
        thread = threading.Thread(
            target=lambda: got.append(_search("small", there, cluster.address, **asked))
        )
        thread.start()
        done = 0
        while thread.is_alive() and done < count:
            thread.join(15)
            if thread.is_alive():
                cluster.remove_node(cluster.trains.pop(0), allow_graceful=False)
                cluster.trains.append(cluster.add_node(num_cpus=1))
                done += 1
        thread.join()
        run, _ = got[0]
        here, _ = _search("small", Path(folder) / "here", None, **asked)
        epochs = [run.store.epochs(trial.number) for trial in run.trials]
        pairs = list(zip(run.trials, here.trials, strict=False))
    return {
        "removals": done,
        "trials": len(run.trials),
        "epochs": sum(map(len, epochs)),
        "secs": time.perf_counter() - began,
        "lost": len(here.trials) - len(run.trials),
        "twice": sum(len(one) - len({epoch.epoch for epoch in one}) for one in epochs),
        "differ": sum(_facts(there) != _facts(here) for there, here in pairs),
    }


def _facts(trial: Any) -> tuple[Any, ...]:
    return trial.values, trial.status, trial.reason, trial.best_epoch, trial.best_val_loss
