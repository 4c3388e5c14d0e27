"""What a default command hands over on real files, against the tuned ridge, and on series without a rule.

Errors are those of the test part, which chose nothing. The ridge is the floor of that name: it chooses its
lookback, form and penalty on validation.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from apart import Row, begin, call, finish
from workloads import ETTH1

DATA = ETTH1.parent
FILES: dict[str, dict[str, Any]] = {
    "airline": {"source": "airline_passengers.csv", "target": "Passengers", "time": "Month", "horizon": 12},
    "sunspots": {"source": "sunspots_monthly.csv", "target": "Sunspots", "time": "Month"},
    "gas furnace": {
        "source": "gasrate_co2.csv", "target": "CO2%", "features": "GasRate(ft3/min)", "horizon": 6,
    },
    "ETTh1 OT": {
        "source": "ETTh1.csv", "target": "OT", "time": "date", "horizon": 24, "split": "8640,2880,2880",
    },
    "Beijing PM2.5": {
        "source": "beijing_pm25.csv", "target": "pm2.5", "time": "year,month,day,hour", "horizon": 24,
        "features": "DEWP,TEMP,PRES,cbwd,Iws,Is,Ir", "missing": "ffill",
    },
    "Taylor": {"source": "taylor.csv", "target": "Y", "season": 48, "horizon": 48},
    "ILI": {"source": "national_illness.csv", "target": "OT", "time": "date", "horizon": 12},
}  # fmt: skip
SEEDS = (0, 1, 2, 3, 4)
CONTROLS = {"random walk": "synthetic:random_walk,rows=600", "white noise": ""}
CONTROL_SEEDS, CONTROL_TRIALS, SEEDS_A_PROCESS = 100, 10, 20


def rows() -> list[Row]:
    """Test RMSE of what is handed over, and of the best trial alone, in units of the tuned ridge's.

    `narrows tune` as it comes, 30 trials, and the export that its answer names; on sunspots with five seeds.
    """
    found = [_file(name) for name in FILES]
    return [*found, *_seeds(), _covered()]


def control_rows() -> list[Row]:
    """How often a search says that it beats every floor where nothing can be found.

    Random walks and white noise of 600 rows, 10 trials each.
    """
    # Side by side, as nothing is timed, and in several processes, since one keeps all that it compiled.
    said: dict[str, list[bool]] = {name: [] for name in CONTROLS}
    for first in range(0, CONTROL_SEEDS, SEEDS_A_PROCESS):
        begun = {name: begin("answers", "controls", name, first) for name in CONTROLS}
        for name, started in begun.items():
            said[name] += finish(started)
    return [
        (
            f"{name}: searches that said they beat every floor",
            f"{sum(each)} of {len(each)}",
            "<= 5 of 100",
            "",
        )
        for name, each in said.items()
    ]


def searched(name: str, seed: int) -> dict[str, Any]:
    """Search one of the files; return RMSEs on the test part and the share of time that other seeds took."""
    import narrows

    options = dict(FILES[name])
    source = DATA / options.pop("source")
    for several in ("time", "features"):
        if several in options and "," in options[several]:
            options[several] = options[several].split(",")
    with tempfile.TemporaryDirectory() as folder:
        run = narrows.tune(source, **options, seed=seed, out=Path(folder) / "run", progress=False)
        answer, trials = run.answer, sum(trial.secs for trial in run.trials)
        again = [json.loads(text) for text in run.store.trainings()]
        run_folds = run.job["identity"]["folds"]
        run.close()
    assert answer is not None
    (target,) = answer["scores"]["LSTM"]
    rmse = {name: each[target]["RMSE"] for name, each in answer["scores"].items()}
    together = answer["ensemble"]
    secs = sum(one["secs"] for one in again)
    return {
        "rmse": rmse,
        "handed": together["scores"][target]["RMSE"] if together else rmse["LSTM"],
        "share": together["share"] if together else 1.0,
        "members": together["members"] if together else 1,
        "folds": run_folds,
        "again": secs / (secs + trials),
        "said": answer["sentences"][0],
        "adds_nothing": answer["adds_nothing"],
    }


def control(name: str, seed: int) -> bool:
    """Whether the answer of a search in which nothing can be found says that every floor is beaten."""
    import numpy as np

    import narrows

    noise = {"y": np.random.default_rng(seed).normal(size=600)}
    source: Any = f"{CONTROLS[name]},seed={seed}" if CONTROLS[name] else noise
    target: dict[str, Any] = {} if CONTROLS[name] else {"target": "y"}
    with tempfile.TemporaryDirectory() as folder:
        run = narrows.tune(
            source, **target, seed=seed, trials=CONTROL_TRIALS, out=Path(folder) / "run", progress=False
        )
        said = bool(run.answer) and any("beats every" in one for one in run.answer["sentences"])  # type: ignore[index]
        run.close()
    return said


def controls(name: str, first: int) -> list[bool]:
    """Return what `control` says for the seeds of a process, from the first one on."""
    return [control(name, seed) for seed in range(first, first + SEEDS_A_PROCESS)]


def coverages() -> dict[str, float | None]:
    """Search each synthetic family with half of its rows to test on; return the mean coverage, percent."""
    import narrows
    from narrows.tuning.series.synthetic import names

    found: dict[str, float | None] = {}
    for name in names():
        with tempfile.TemporaryDirectory() as folder:
            run = narrows.tune(
                f"synthetic:{name}", split="0.4,0.1,0.5", trials=10, out=Path(folder) / "run", progress=False
            )
            told = run.answer and run.answer["interval"]
            run.close()
        found[name] = told["whole"]["held"] if told else None
    return found


def _covered() -> Row:
    found = call("answers", "coverages")
    known = [share for share in found.values() if share is not None]
    return (
        "coverage of 90 % intervals on the synthetic families",
        f"{min(known):.1f} to {max(known):.1f} %, median {median(known):.1f} %",
        "88 to 92 %",
        ", ".join(f"{name} {'-' if one is None else f'{one:.1f}'}" for name, one in found.items()),
    )


def _file(name: str) -> Row:
    if not (DATA / FILES[name]["source"]).exists():
        return (f"{name}: test RMSE in units of the tuned ridge's", "not run: the file is not there", "", "")
    found = call("answers", "searched", name, 0)
    return (f"{name}: test RMSE in units of the tuned ridge's", *_told(found))


def _told(found: dict[str, Any]) -> tuple[str, str, str]:
    ridge = found["rmse"]["ridge autoregression"]
    nothing = "; the answer: the LSTM adds nothing that counts" if found["adds_nothing"] else ""
    more = (
        f"the best trial alone {found['rmse']['LSTM'] / ridge:.3f}; {found['share']:.0%} of the mean of "
        f"{found['members']}, the rest linear; folds: {found['folds']}; other seeds took "
        f"{found['again']:.0%} of the training time{nothing}; {found['said']}"
    )
    return f"{found['handed'] / ridge:.3f}", "<= 1.05; <= 1.01 on six of seven, <= .97 on three", more


def _seeds() -> list[Row]:
    if not (DATA / FILES["sunspots"]["source"]).exists():
        return []
    each = [call("answers", "searched", "sunspots", seed) for seed in SEEDS]
    ridge = [one["rmse"]["ridge autoregression"] for one in each]
    ratios = [one["handed"] / floor for one, floor in zip(each, ridge, strict=True)]
    alone = [one["rmse"]["LSTM"] / floor for one, floor in zip(each, ridge, strict=True)]
    return [
        (
            f"sunspots, seeds {SEEDS[0]} to {SEEDS[-1]}: test RMSE in units of the tuned ridge's",
            f"{_listed(ratios)}: largest by smallest {max(ratios) / min(ratios):.3f}",
            "each <= 1, largest by smallest <= 1.03",
            f"the best trials alone: {_listed(alone)}; shares {_listed([one['share'] for one in each])}",
        )
    ]


def _listed(numbers: list[float]) -> str:
    return ", ".join(f"{one:.3f}" for one in numbers)
