"""How much of a linear forecast what is handed over should have: the rule of `answers.blend` on other parts.

The rule was chosen on rows that come before the test parts of the files: a part of each file is cut off, at
its test part or before, and searched as if it were all there is. So the errors below are of rows that later
train and validate, never of those that other figures are told of.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import geometric_mean
from typing import Any

from answers import DATA, FILES
from apart import Row, call

SHARE_BEFORE_TEST, ETTH1_BEFORE_TEST = 0.85, 11_520
"""Of the rows of a file, by the default split; rows, by that of the literature."""
CUTS = (1.0, 0.85, 0.7)
"""Shares of these rows that are taken, each with a seed of its own."""
MORE: dict[str, dict[str, Any]] = {
    "sunspots, a year": {**FILES["sunspots"], "horizon": 12},
    "ETTh1 OT, 48": {**FILES["ETTh1 OT"], "horizon": 48},
    "ETTh1 HUFL, 96": {**FILES["ETTh1 OT"], "target": "HUFL", "horizon": 96},
}
NOISE = ("white noise", "random walk")
TRIALS = 12


def rows() -> list[Row]:
    """Test RMSE in units of the linear forecast's on rows before the test parts, of blends with it.

    12 trials a search; three cuts of each file, white noise and random walks of three seeds.
    """
    named = [*FILES, *MORE, *NOISE]
    found = {name: [call("shares", "cut", name, seed) for seed in range(len(CUTS))] for name in named}
    every = [one for each in found.values() for one in each if one]
    lines = [_row(name, [one for one in each if one]) for name, each in found.items()]
    handed = [one["handed"] for one in every]
    return [
        (
            "all: what is handed over, in units of the linear forecast's RMSE",
            f"geometric mean {geometric_mean(handed):.3f}, largest {max(handed):.3f}",
            "largest <= 1.05",
            f"{len(every)} searches; half and half {_told(every, 'half')}; the networks alone "
            f"{_told(every, 'networks')}",
        ),
        *lines,
    ]


def cut(name: str, seed: int) -> dict[str, float] | None:
    """Search the rows before a cut; return errors in units of the linear forecast's, and the share.

    None where the best trial is a linear forecast alone, which is handed over as it is.
    """
    import numpy as np

    import narrows
    from narrows.tuning.models.ensemble import Ensemble, Members, blended, linear_of
    from narrows.tuning.models.rebuilt import engine_of_run
    from narrows.tuning.runs.folder import RunFolder

    with tempfile.TemporaryDirectory() as folder:
        source, options = _source(name, seed, Path(folder))
        out = Path(folder) / "run"
        narrows.tune(source, **options, seed=seed, trials=TRIALS, out=out, progress=False).close()
        run = RunFolder(out, read_only=True)
        members = None if run.best is None else Members.of(run, run.best)
        if members is None:
            return None
        engine, share = engine_of_run(run), (run.answer or {})["ensemble"]["share"]
        test = engine.windows.parts["test"]
        networks, linear = Ensemble(members, 1.0).forecast(engine, test), linear_of(engine.windows, test)
        actual = engine.windows.targets(test)

        def error(share: float) -> float:
            return float(np.sqrt(np.mean((blended(networks, linear, share) - actual) ** 2)))

        shares = {"handed": share, "half": 0.5, "networks": 1.0}
        return {"share": share} | {one: error(each) / error(0.0) for one, each in shares.items()}


def _source(name: str, seed: int, folder: Path) -> tuple[Any, dict[str, Any]]:
    """The data up to a cut, and the options of a search in them."""
    import numpy as np

    if name in NOISE:
        steps = np.random.default_rng(100 + seed).normal(size=600)
        return {"y": np.cumsum(steps) if name == "random walk" else steps}, {"target": "y"}
    options = dict(FILES.get(name) or MORE[name])
    options.pop("split", None)
    for several in ("time", "features"):
        if "," in options.get(several, ""):
            options[several] = options[several].split(",")
    head, *lines = (DATA / options.pop("source")).read_text().splitlines()
    before = ETTH1_BEFORE_TEST if name.startswith("ETTh1") else int(SHARE_BEFORE_TEST * len(lines))
    path = folder / "cut.csv"
    path.write_text("\n".join([head, *lines[: int(CUTS[seed] * before)]]) + "\n")
    return path, options


def _row(name: str, found: list[dict[str, float]]) -> Row:
    if not found:
        return (f"{name}", "the linear forecast alone is the best trial", "", "")
    told = "; ".join(
        f"share {one['share']:.0%}: {one['handed']:.3f} (half {one['half']:.3f}, the networks "
        f"{one['networks']:.3f})"
        for one in found
    )
    return (name, f"{geometric_mean(one['handed'] for one in found):.3f}", "<= 1.01", told)


def _told(found: list[dict[str, float]], name: str) -> str:
    each = [one[name] for one in found]
    return f"{geometric_mean(each):.3f}, largest {max(each):.3f}"
