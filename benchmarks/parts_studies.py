"""Parts of `run.py` on studies: how long they take, how often they err, and whether single verdicts agree."""

from __future__ import annotations

from typing import Any

import numpy as np
from apart import HERE, Row, call


def studies() -> list[Row]:
    """Studies of both layers of 32-32 on ETTh1 `OT` (6 widths, 3 rates, 8 seeds, 1,068 steps) and of streams.

    Keras trains six networks of the first, one after the other, and is taken to train all at that pace.
    """
    from workloads import ETTH1

    streams = call("study_sides", "study_streams")
    rows = [("study of the three layers of 16-16-16 on 4 streams", _minutes(streams), "< 5 min", "")]
    if not ETTH1.exists():
        return [*rows, ("study of ETTh1 OT", f"not run: {ETTH1.name} is not there", "< 12 min", "")]
    ours = call("study_sides", "study_etth1")
    theirs = call("study_sides", "study_keras")
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
        found = call("study_sides", "small_studies", series, 1 if "streams" in series else 2, 100)
        counts = ", ".join(f"{count} {said}" for said, count in sorted(found.items()))
        rows.append((f"{name}: called {word}", f"{found.get(word, 0)} of 100", goal, counts))
    return rows


def agreement() -> list[Row]:
    """What single networks say of a layer against the study of that layer.

    They are the networks of the first seed in the studies that `make answer` keeps in `demo/answer`.
    """
    found = call("study_sides", "agreement", str(HERE.parent / "demo" / "answer"))
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
