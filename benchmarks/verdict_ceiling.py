"""What any rule could tell of a layer from the measures of one trained network.

Two learners of scikit-learn, a linear one and one of trees, get all measures and the truth of the stacks of
one half, and are judged on the other half; then the other way round. The threshold is the one whose worse
one of precision and recall is best where they learn, on forecasts for stacks that were left out. It is no
bound in the strict sense, but a rule made by hand that does clearly better in both has been lucky.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from apart import Row
from verdict_rules import Counts, Record, gap_of

FOLDS = 8


def rows(records: Sequence[Record]) -> Iterator[Row]:
    """Yield precision and recall of learned rules on the halves that they did not learn from."""
    for name, learner in _learners().items():
        said = _said(records, learner)
        clear, every = (
            Counts.of(
                (word for word, one in zip(said, records, strict=True) if one["clear"] or not only_clear),
                (one["helps"] for one in records if one["clear"] or not only_clear),
            )
            for only_clear in (True, False)
        )
        yield f"what any rule on these measures can tell: {name}", f"clear: {clear}", "", f"all: {every}"


def features(record: Record) -> list[float]:
    """Return the measures of a boundary as numbers."""
    before, units, fill = record["before"], record["units"], record["fill"]
    own, gap, last = record["own"], gap_of(record), len(units) - 1
    read = record["instant" if before == last else "trajectory"]
    around = [units[place] if 0 <= place <= last else 8 for place in (before - 1, before, before + 1)]
    full = [each >= 0.9 for each in fill]
    found = [
        own, record["window"], gap, gap / max(0.005, 0.05 * (1 - own)), np.log(max(gap, 1e-6)),
        np.log(1 - own + 1e-6), fill[before], fill[before] * units[before], *np.log(around),
        before == 0, before == last, before, len(units), read[before], read[before] - own,
        read[before] - record["instant"][-1], record["kept"], fill[min(before + 1, last)], np.mean(fill),
        max(fill), sum(full), full[before], min(units), units[before] == min(units),
        units[before] / max(units), sum(units),
    ]  # fmt: skip
    return [float(value) if value is not None and np.isfinite(value) else -1.0 for value in found]


def _learners() -> dict[str, Any]:
    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    trees = GradientBoostingClassifier(
        n_estimators=150, max_depth=3, learning_rate=0.05, subsample=0.7, random_state=0
    )
    line = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=5000))
    return {"logistic regression": line, "boosted trees": trees}


def _said(records: Sequence[Record], learner: Any) -> list[bool]:
    """Return for each boundary what was learned from the other half of the stacks."""
    from sklearn.model_selection import GroupKFold, cross_val_predict

    x = np.array([features(one) for one in records])
    helps, clear, stack = (np.array([one[name] for one in records]) for name in ("helps", "clear", "stack"))
    said = np.zeros(len(records), bool)
    for half in (0, 1):
        home, away = stack % 2 == half, stack % 2 != half
        apart = cross_val_predict(
            learner, x[home], helps[home], groups=stack[home], cv=GroupKFold(FOLDS), method="predict_proba"
        )
        threshold = _balanced(apart[clear[home], 1], helps[home & clear])
        said[away] = learner.fit(x[home], helps[home]).predict_proba(x[away])[:, 1] >= threshold
    return [bool(one) for one in said]


def _balanced(chances: np.ndarray, helps: np.ndarray) -> float:
    """Return the threshold whose worse one of precision and recall is best."""

    def worse(threshold: float) -> float:
        counts = Counts.of((bool(one) for one in chances >= threshold), (bool(one) for one in helps))
        return min(counts.precision, counts.recall)

    return float(max(np.unique(chances), key=worse))
