"""`make bench`: run the comparisons, print their table and write it to `benchmarks/RESULTS.md`.

    python benchmarks/run.py                     all rows
    python benchmarks/run.py small steps         some rows, by the names in PARTS
    python benchmarks/run.py verdicts --trained FOLDER

Each side runs in a fresh process and nothing runs beside it. Figures are ratios of one run on one
machine; a row that was not run keeps what an earlier run wrote.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import twice
from apart import HERE, Row, begin, call, finish

RESULTS = HERE / "RESULTS.md"
ROWS = HERE / "rows.json"
TRAINED = Path(tempfile.gettempdir()) / "narrows-verdicts"
CURVES = TRAINED.with_name("narrows-curves")
PACKAGES = ("tensorflow", "keras", "keras-tuner", "numpy")


def small() -> list[Row]:
    """64 and 16 small trials against stock KerasTuner, which is timed once: its first 16 are the 16.

    It shuffles batches its own way, so losses differ by more than rounding; `ranks` compares them on the
    same batches.
    """
    theirs = call("sides", "stock", "small", 64)
    return [_compared("small", count, theirs, {64: 10, 16: 6}[count]) for count in (64, 16)]


def ranks() -> list[Row]:
    """16 small trials on the very same batches, for their losses alone."""
    from scipy.stats import spearmanr

    theirs = call("sides", "stock_same_batches", "small", 16)
    ours = np.array(call("sides", "fused", "small", theirs["values"])["losses"])
    losses = np.array(theirs["losses"])
    return [
        (
            "small, 16 trials on the same batches as stock KerasTuner: rank correlation of their losses",
            f"{spearmanr(losses, ours).statistic:.4f}",
            ">= 0.95",
            f"largest relative difference of a loss {np.abs(ours / losses - 1).max():.1e}",
        )
    ]


def etth1() -> list[Row]:
    """32 compute-bound trials against stock KerasTuner."""
    from workloads import ETTH1

    if not ETTH1.exists():
        return [("ETTh1 OT", f"not run: {ETTH1.name} is not there", ">= 3.5 times", "")]
    return [_compared("etth1", 32, call("sides", "stock", "etth1", 32), 3.5)]


def _compared(workload: str, count: int, theirs: dict[str, Any], goal: float) -> Row:
    from scipy.stats import spearmanr

    ours = call("sides", "fused", workload, theirs["values"][:count])
    ratio = theirs["ends"][count - 1] / ours["secs"]
    losses = np.array(theirs["losses"][:count]), np.array(ours["losses"])
    rank = spearmanr(*losses).statistic
    return (
        f"{workload}, {count} trials: trials a minute against stock KerasTuner",
        f"{ratio:.1f} times ({theirs['ends'][count - 1]:.0f} s against {ours['secs']:.0f} s)",
        f">= {goal} times",
        f"rank correlation of losses {rank:.3f}; best {losses[0].min():.5f} theirs, "
        f"{losses[1].min():.5f} ours; median ratio of losses {np.median(losses[1] / losses[0]):.3f}",
    )


def steps() -> list[Row]:
    """Step time of two layers; ours with a trial on every core, median of three runs a side."""
    rows = []
    for units, goal in {8: 20, 32: 7, 64: 5, 128: 3}.items():
        runs = [
            (call("sides", "steps_stock", units, 6)["secs"], call("sides", "steps_fused", units, 8)["secs"])
            for _ in range(3)
        ]
        theirs, ours = np.median(runs, axis=0)
        spread = sorted(a / b for a, b in runs)
        rows.append(
            (
                f"step of two layers of {units} units against plain `fit`",
                f"{theirs / ours:.1f} times ({theirs * 1e3:.1f} ms against {ours * 1e3:.2f} ms)",
                f">= {goal} times",
                f"{spread[0]:.1f} to {spread[-1]:.1f} in three runs",
            )
        )
    return rows


def keras() -> list[Row]:
    """Keras at its best: compiled by XLA, an epoch a call, in two processes."""
    given = call("sides", "stock", "small", 16)["values"]
    halves = [begin("sides", "best_keras", "small", given[part::2]) for part in (0, 1)]
    theirs = max(finish(half)["secs"] for half in halves)
    ours = call("sides", "fused", "small", given)["secs"]
    return [
        (
            "small, 16 trials: against Keras with jit_compile, an epoch a call, two processes",
            f"{theirs / ours:.1f} times ({theirs:.0f} s against {ours:.0f} s)",
            ">= 4 times",
            "",
        )
    ]


def many() -> list[Row]:
    """A search of the size of Greff et al. (2017), through store and record; what is not training in it."""
    return [_long("random", 5400)]


def tpe() -> list[Row]:
    """The same with the default algorithm, which looks back on its history."""
    return [_long("tpe", 3000)]


def studies() -> list[Row]:
    """Studies of both layers of 32-32 on ETTh1 `OT` (6 widths, 3 rates, 8 seeds, 1,068 steps) and of streams.

    Keras trains six networks of the first, one after the other, and is taken to train all at that pace.
    """
    from workloads import ETTH1

    streams = call("sides", "study_streams")
    rows = [("study of the three layers of 16-16-16 on 4 streams", _minutes(streams), "< 5 min", "")]
    if not ETTH1.exists():
        return [*rows, ("study of ETTh1 OT", f"not run: {ETTH1.name} is not there", "< 12 min", "")]
    ours = call("sides", "study_etth1")
    theirs = call("sides", "study_keras")
    each = float(np.mean(theirs["secs"]))
    ratio = each * ours["trainings"] / ours["secs"]
    said = f"{each:.0f} s a training by Keras"
    return [
        *rows,
        ("study of both layers of 32-32 on ETTh1 OT", _minutes(ours), "< 12 min", ""),
        (
            "the same trainings with Keras' `fit`, one after the other",
            f"{ratio:.1f} times",
            ">= 8 times",
            said,
        ),
    ]


def errors() -> list[Row]:
    """A hundred small studies each, on series made from a hundred seeds, of a layer whose truth is known."""
    cases = {
        "2 units of 8 on a random walk": ("random_walk,rows=500", "too narrow", "at most 9 of 100"),
        "2 units of 8 on a straight line": ("trend,rows=500", "too narrow", "at most 9 of 100"),
        "1 unit of 8 for two streams": ("streams,n=2,rows=700", "too narrow", "at least 90 of 100"),
    }
    rows = []
    for name, (series, word, goal) in cases.items():
        found = call("sides", "small_studies", series, 1 if "streams" in series else 2, 100)
        counts = ", ".join(f"{count} {said}" for said, count in sorted(found.items()))
        rows.append((f"{name}: called {word}", f"{found.get(word, 0)} of 100", goal, counts))
    return rows


def agreement() -> list[Row]:
    """What single networks say of a layer against the study of that layer.

    They are the networks of the first seed in the studies that `make answer` keeps in `demo/answer`.
    """
    found = call("sides", "agreement", str(HERE.parent / "demo" / "answer"))
    rows = []
    for word, counts in sorted(found["words"].items()):
        told = ", ".join(f"{count} {said}" for said, count in sorted(counts.items()))
        rows.append(
            (f"one network says “{word}”", f"{sum(counts.values())} networks", "", f"the study: {told}")
        )
    agreed = f"{found['agreed']} of {found['decided']} ({found['agreed'] / max(found['decided'], 1):.0%})"
    series = f"{found['series']} series; both say something of {found['decided']} of {found['all']} networks"
    return [("single verdicts that agree with the study of the layer", agreed, "", series), *rows]


def _minutes(found: dict[str, Any]) -> str:
    return f"{found['secs'] / 60:.1f} min ({found['trainings']} trainings)"


def _long(algorithm: str, count: int) -> Row:
    found = call("many", "many", count, algorithm)
    ends, resident = np.array(found["ends"]), np.array(found["resident"]) / 1e6
    training, measuring = np.array(found["training"]) / found["cores"], np.array(found["measuring"])
    start = min(500, count // 2)

    def each(times: np.ndarray, first: int, last: int) -> float:
        return (times[last - 1] - times[first]) / (last - 1 - first) * 1e3

    rest = ends - training - measuring / found["cores"]
    spans = {f"trials 100 to {start}": (100, start), "the last 500": (count - 500, count)}
    idle = "; ".join(
        f"{each(rest, *span):.1f} ms ({each(rest, *span) / each(ends, *span):.1%}) in {name}"
        for name, span in spans.items()
    )
    return (
        f"{count} small trials of 2 epochs, {algorithm}",
        f"{ends[-1] / 60:.1f} min; {each(ends, count - 500, count):.0f} ms a trial in the last 500, "
        f"{each(ends, start, 1000):.0f} in trials {start} to 1000",
        "< 20 min for 5,400; within 10 %",
        f"search, store and record: {idle}; measuring {measuring[-1] / found['cores'] / ends[-1]:.1%} of "
        f"the time; resident {resident[start]:.0f} MB at trial {start}, {resident[-1]:.0f} at the end",
    )


def verdicts(folder: Path = TRAINED) -> list[Row]:
    """Verdicts on layers of trained networks against networks trained again with the wider layer.

    A wider layer helps when it lowers the loss on fresh windows by more than 5 % and by more than .005 of the
    target's variance, in the mean of three seeds that are not the one judged; a case is clear when it is off
    both bounds by more than two standard errors. In brackets 95 % intervals (Wilson), as if boundaries were
    independent. `untrained` networks saw 8 batches, `undertrained` ones two to four epochs, `overtrained`
    ones 90 epochs of 512 windows; their wider ones were trained as long.

    Args:
        folder: keeps what was trained, so that it is trained once.
    """
    import verdicts as judged

    return judged.rows(folder)


def ending(folder: Path = CURVES) -> list[Row]:
    """Ways to end hopeless trials early, replayed on the recorded curves of whole searches.

    Seconds for 30 trials of the default space on two places, compiling not counted; regret against the best
    of the same 30 trained in full, median and 90th percentile of 100 random orders; seconds until a loss as
    good as the best of all is found, median. All but `no ending` and Hyperband have the product's patience
    beside them; Hyperband's 30 trials include those that go on. `etth1` is `OT`, horizon 24, 12 epochs; the
    others have the epochs of the product. Validation losses only; recorded beside other work. A first rung of
    250 steps was planned; that of 750, the patience of the product, was chosen on `small`.

    Args:
        folder: keeps the curves, so that they are trained once.
    """
    import ending as held

    return held.rows(folder)


PARTS: dict[str, Callable[[], list[Row]]] = {
    "small": small,
    "twice": twice.rows,
    "ranks": ranks,
    "steps": steps,
    "etth1": etth1,
    "keras": keras,
    "many": many,
    "tpe": tpe,
    "studies": studies,
    "agreement": agreement,
    "errors": errors,
    "verdicts": verdicts,
    "ending": ending,
}


def machine() -> str:
    """Return processor, cores, system and versions in a line."""
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"{model}, {os.cpu_count()} cores; Python {platform.python_version()}, {versions}"


def main() -> None:
    """Run what was asked for and write all rows there are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="rows to run; none is all")
    parser.add_argument("--trained", type=Path, help="folder that keeps what `verdicts` trains")
    kept = json.loads(ROWS.read_text()) if ROWS.exists() else {}
    options = parser.parse_args()
    parts = dict(PARTS)
    if options.trained:
        parts["verdicts"] = partial(verdicts, options.trained)
    for part in options.parts or parts:
        rows = parts[part]()
        kept[part] = {"rows": rows, "machine": machine()}
        sys.stdout.write("".join(f"| {' | '.join(row)} |\n" for row in rows))
        sys.stdout.flush()
        ROWS.write_text(json.dumps(kept, indent=1) + "\n")
        RESULTS.write_text(_page(kept))


def _page(kept: dict[str, Any]) -> str:
    lines = ["# Benchmarks", "", (__doc__ or "").split("\n\n")[2].strip(), ""]
    for part, found in kept.items():
        said = " ".join((PARTS[part].__doc__ or "").split("Args:")[0].split())
        lines += [f"## {part}", "", f"{said} On {found['machine']}.", ""]
        lines += ["| what | figure | goal | more |", "|---|---|---|---|"]
        lines += [f"| {' | '.join(row)} |" for row in found["rows"]] + [""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
