"""Studies that `parts_studies` times and counts, each in a process of its own."""

from __future__ import annotations

import tempfile
import time
from typing import Any

import workloads


def study_etth1() -> dict[str, Any]:
    """Study both layers of 32-32 on ETTh1; return the seconds and how many trainings that took."""
    return _study(
        workloads.ETTH1, profile="32-32", widths="1,2,4,8,16,32", **workloads.OT, **workloads.OT_WINDOWS
    )


def study_streams() -> dict[str, Any]:
    """Study the three layers of 16-16-16 on four streams."""
    return _study("synthetic:streams,n=4", profile="16-16-16", widths="1,2,3,4,8,16")


def _study(source: Any, **options: Any) -> dict[str, Any]:
    import narrows

    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        found = narrows.study(source, out=f"{folder}/run", progress=False, **options)
        return {"secs": time.perf_counter() - began, "trainings": sum(one.trainings for one in found)}


def study_keras() -> dict[str, Any]:
    """Train six networks of the ETTh1 study by Keras' `fit`, in turn; return the seconds of each."""
    from narrows.search_spaces.studied_lstm import StudiedLSTM
    from narrows.search_spaces.trial import GO_ON
    from narrows.tuning.engines.base import Task
    from narrows.tuning.engines.keras.training import Training
    from narrows.tuning.series.reading import read_series
    from narrows.tuning.series.shaped import shaped
    from narrows.tuning.series.windows import Windows

    windows = Windows(read_series(workloads.ETTH1, **workloads.OT), **workloads.OT_WINDOWS)
    # What the study trains: four epochs of 267 steps, the rate falling to zero.
    space = shaped(StudiedLSTM(decay_steps=4 * 267), windows)
    secs = []
    for number, units in enumerate([(32, 32), (8, 32), (1, 32), (32, 16), (32, 4), (32, 2)]):
        values = {
            "num_layers": 2, "units_1": units[0], "units_2": units[1], "bottleneck": 0, "learning_rate": 0.01,
            "batch_size": 32, "dropout": 0.0, "scaling": "last",
        }  # fmt: skip
        began = time.perf_counter()
        Training(space, windows).train(Task(number, values, 4), lambda epoch: GO_ON)
        secs.append(time.perf_counter() - began)
    return {"secs": secs}


SAYS_NARROW, SAYS_FINE = ("too narrow", "widening helps"), ("nothing lost", "nothing to gain")


def agreement(folder: str) -> dict[str, Any]:
    """Count what one network of each width says of its layer, by what the study says of that width."""
    import collections
    from pathlib import Path

    from narrows import Run

    words: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    series: set[str] = set()
    for path in sorted(Path(folder).glob("*/job.json")):
        for study in Run(path.parent).studies:
            for arm in study.arms if study.numeric else ():
                said = (arm.measures or {}).get("verdict")
                if said and arm.label != study.reference:
                    words[said][arm.word] += 1
                    series.add(path.parent.name)
    narrow = [(said, counts) for said, counts in words.items() if said in SAYS_NARROW]
    fine = [(said, counts) for said, counts in words.items() if said in SAYS_FINE]
    agreed = sum(c["too narrow"] for _, c in narrow) + sum(c["enough"] for _, c in fine)
    decided = agreed + sum(c["enough"] for _, c in narrow) + sum(c["too narrow"] for _, c in fine)
    everything = sum(sum(counts.values()) for counts in words.values())
    counted = {said: dict(counts) for said, counts in words.items()}
    return {"words": counted, "series": len(series), "agreed": agreed, "decided": decided, "all": everything}


def small_studies(series: str, width: int, count: int) -> dict[str, int]:
    """Study one layer of 8 units against fewer on `count` series, one for each seed; count the words."""
    import collections

    import narrows

    words: collections.Counter[str] = collections.Counter()
    for seed in range(count):
        with tempfile.TemporaryDirectory() as folder:
            (study,) = narrows.study(
                f"synthetic:{series},seed={seed}", profile="8", widths=[width, 8], seeds=6, steps=200,
                lookback=4, seed=seed, out=f"{folder}/run", progress=False,
            )  # fmt: skip
        words[study.arms[1].word] += 1
    return dict(words)
