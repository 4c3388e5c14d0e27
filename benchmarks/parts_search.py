"""Parts of `run.py` on long searches: what is not training in them, and whether they slow down."""

from __future__ import annotations

import numpy as np
from apart import Row, call


def many() -> list[Row]:
    """A search of the size of Greff et al. (2017), through store and record; what is not training in it."""
    return [_long("random", 5400)]


def tpe() -> list[Row]:
    """The same with the default algorithm, which looks back on its history."""
    return [_long("tpe", 3000)]


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
