"""Many series: how long they take to be prepared, and whether one network for all of them is any good.

The panel is made up: hourly series with a daily and a weekly season of their own, levels over five decades,
and noise in proportion to the level that goes on from hour to hour.
"""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from apart import Row, call

HOURLY = {"series": 400, "rows": 1000}
DAY, WEEK = 24, 168
MINUTES = 7.0
"""Of searching; other seeds and the answer come after it, ten in all."""


def prepared_rows() -> list[Row]:
    """Reading and cutting many series, the linear forecast chosen, until a search could begin."""
    found = []
    for count, length in ((1_000, 1_000), (10_000, 100), (1_000, 5_000)):
        one = call("panels", "prepared", count, length)
        found.append(
            (
                f"{count:,} series of {length:,} rows, {one['format']}, {one['megabytes']:.0f} MB",
                f"{one['secs']:.1f} s",
                "< 60 s",
                f"read {one['read_secs']:.1f} s, floor and windows {one['secs'] - one['read_secs']:.1f} s; "
                f"{one['before']:.0f} MB before, {one['most']:.0f} MB at most",
            )
        )
    return found


def panel_rows() -> list[Row]:
    """One network for 400 made-up hourly series over five decades of level, a day ahead.

    OWA is of sMAPE and MASE as means over series; the seasonal naive forecast on the same windows has 1.
    """
    found = call("panels", "searched")
    owa = found["owa"]
    others = ", ".join(f"{name} {value:.3f}" for name, value in owa.items() if name != "LSTM")
    shared = found["shared"]
    return [
        (
            f"OWA of the best trial after {found['secs'] / 60:.1f} min, {found['trials']} trials",
            f"{owa['LSTM']:.3f}",
            "< 0.9 in 10 min",
            f"{found['name']}; {others}; sMAPE {found['smape']:.1f}; worse than the seasonal naive "
            f"forecast for {found['worse']} of {found['series']} series",
        ),
        (
            "the same with one scaling for all, two trials",
            f"{shared['owa']:.3f}",
            "",
            f"sMAPE {shared['smape']:.1f}, validation loss {shared['loss']:.2g}",
        ),
    ]


def prepared(count: int, length: int) -> dict[str, Any]:
    """Write a file of many series and prepare a search on it, a day ahead or what a short part has room for;
    return seconds and megabytes."""
    import polars as pl

    from narrows.tuning.job import Job
    from narrows.tuning.series.reading import read_series

    table = pl.DataFrame(columns(count, length))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "panel.csv"
        table.write_csv(path)
        size = path.stat().st_size / 1e6
        del table
        before = _resident()
        began = time.perf_counter()
        read_series(str(path), target="value", time="hour", id="series")
        read = time.perf_counter() - began
        began = time.perf_counter()
        job = Job(str(path), target="value", time="hour", id="series", horizon=min(DAY, length // 16))
        job.prepare()
        secs = time.perf_counter() - began
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return {
        "secs": secs,
        "read_secs": read,
        "before": before,
        "most": most,
        "megabytes": size,
        "format": "CSV",
    }


def searched() -> dict[str, Any]:
    """Search the panel for `MINUTES`; return scores of its answer, and of a short search in one unit."""
    import narrows

    data = columns(HOURLY["series"], HOURLY["rows"])
    asked: dict[str, Any] = {"target": "value", "time": "hour", "id": "series", "horizon": DAY}
    asked |= {"progress": False}
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        run = narrows.tune(data, **asked, minutes=MINUTES, out=Path(folder) / "own")
        secs = time.perf_counter() - began
        answer, best, trials = run.answer, run.best, len(run.trials)
        short = narrows.tune(
            data,
            **asked,
            levels="shared",
            trials=2,
            epochs=5,
            space={"linear": "none"},
            out=Path(folder) / "shared",
        )
        one_unit, loss = short.answer, min(one.score for one in short.trials if one.score is not None)
    assert answer is not None and one_unit is not None and best is not None
    each = answer["by_series"]["value"]
    return {
        "secs": secs,
        "trials": trials,
        "name": best.name,
        "owa": {name: of["value"]["OWA"] for name, of in answer["scores"].items()},
        "smape": answer["scores"]["LSTM"]["value"]["sMAPE"],
        "worse": sum((one["OWA"] or 0) > 1 for one in each.values()),
        "series": len(each),
        "shared": {
            "owa": one_unit["scores"]["LSTM"]["value"]["OWA"],
            "smape": one_unit["scores"]["LSTM"]["value"]["sMAPE"],
            "loss": loss,
        },
    }


def columns(count: int, length: int) -> dict[str, np.ndarray]:
    """Return the panel as columns: `series`, `hour`, `value`."""
    rng, t = np.random.default_rng(0), np.arange(length)

    def wave(period: float) -> np.ndarray:
        return np.sin(2 * np.pi * (t / period + rng.uniform(size=(count, 1))))

    day = 1 + rng.uniform(0.2, 0.7, (count, 1)) * wave(DAY) + 0.2 * wave(DAY / 2)
    week = 1 + 0.25 * wave(WEEK)
    noise = rng.normal(0, 0.08, (count, length))
    for step in range(1, length):
        noise[:, step] += 0.7 * noise[:, step - 1]
    level = np.logspace(1, 6, count)[:, None]
    values = level * np.maximum(day * week, 0.05) * np.exp(noise)
    hours = np.datetime64("2024-01-01T00", "us") + t * np.timedelta64(1, "h")
    return {
        "series": np.repeat([f"s{number:05d}" for number in range(count)], length),
        "hour": np.tile(hours, count),
        "value": values.ravel(),
    }


def _resident() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
