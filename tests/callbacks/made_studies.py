"""Made-up studies: of the layer of a network, of an added layer, of shapes; their numbers are made by hand.

They are modelled on one of `32-32`, whose second layer passes on four things: 4 units are enough.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import t as student

from narrows.callbacks.studied import Arm, RecordedStudy, TriedRate

GRID = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1)
LAGS = tuple(range(24))
WIDTHS = {32: 0.0, 16: -0.004, 8: 0.012, 4: 0.12, 2: 0.85, 1: 2.4}
"""Cost by width."""
ENOUGH_WIDTH = 8
SHAPES = {
    "equal 32-32-32": 0.0,
    "decreasing 44-29-19": -0.06,
    "bulging 26-44-26": 0.01,
    "pinched 39-20-39": 0.3,
}


def layer_study(
    costs: dict[int, float] = WIDTHS, *, name: str = "layer 2", seeds: int = 8, seed: int = 0
) -> RecordedStudy:
    """Return a study of a layer's widths, of which those that cost less than 2 % are enough."""
    rng = np.random.default_rng(seed)
    arms = []
    for width, cost in costs.items():
        word = "reference" if not arms else "enough" if cost < 0.02 else "too narrow"
        arm = _arm(rng, str(width), f"32-{width}", cost, word, seeds)
        arms.append(
            arm | {"width": width, "measures": _measures(width), "parameters": 4 * width * (33 + width)}
        )
    if len(arms) > 3 and arms[3]["word"] == "too narrow":
        arms[3] |= {"word": "not shown", "further_seeds": 14, "low": -0.02}
    enough = [arm["label"] for arm in arms if arm["word"] == "enough"]
    return _study(
        arms,
        name=name,
        title=f"How many units does {name} of 32-32 need?",
        axis=f"units of {name}",
        enough=enough[-1] if enough else None,
        sentences=(
            "Layer 2: 8 units are enough (loss +1.2 %, at most +3.9 %, 8 seeds); 2 cost +85 %.",
            "Keeping 32 buys nothing that could be shown.",
        ),
    )


def bottleneck_study(seeds: int = 8) -> RecordedStudy:
    """Return a study of one more layer, after the first or the second layer of 32-32."""
    rng = np.random.default_rng(1)
    arms = [_arm(rng, "none", "32-32", 0.0, "reference", seeds)]
    for place, costs in ((1, {16: 0.01, 4: 0.02, 1: 0.3}), (2, {16: 0.02, 4: 0.5, 1: 3.1})):
        for width, cost in costs.items():
            units = [32, 32]
            units.insert(place, width)
            word = "enough" if cost < 0.03 else "too narrow"
            label = f"{width} after layer {place}"
            arm = _arm(rng, label, "-".join(map(str, units)), cost, word, seeds)
            arms.append(arm | {"width": width, "place": place, "measures": _measures(width)})
    return _study(
        arms,
        name="bottleneck",
        title="How narrow may one more layer in 32-32 be?",
        axis="units of the added layer",
    )


def shape_study(costs: dict[str, float] = SHAPES, seeds: int = 8) -> RecordedStudy:
    """Return a study of shapes, whose arms are no numbers."""
    rng = np.random.default_rng(2)
    arms = []
    for label, cost in costs.items():
        word = "better" if cost < -0.05 else "about equal" if cost < 0.05 else "worse"
        arms.append(_arm(rng, label, label.split()[-1], cost, word if arms else "reference", seeds))
    return _study(
        arms,
        name="shape",
        title="Which shape is best for 3 layers with the 20,000 parameters of 32-32-32?",
        axis="shape of the stack",
        numeric=False,
    )


def _arm(
    rng: np.random.Generator, label: str, profile: str, cost: float, word: str, seeds: int
) -> dict[str, Any]:
    """Return the fields of an arm whose seeds have `cost` for a geometric mean, and their t-interval."""
    d = rng.normal(0, 0.02 + 0.1 * abs(math.log1p(cost)), seeds)
    d = math.log1p(cost) + d - d.mean()
    reach = student.ppf(0.975, seeds - 1) * d.std(ddof=1) / math.sqrt(seeds) if seeds > 1 else 0.0
    is_base = word == "reference"
    rate = int(rng.integers(3, 6))
    return {
        "label": label,
        "profile": profile,
        "width": None,
        "parameters": 12_000,
        "rate": GRID[rate],
        "rates": tuple(
            TriedRate(GRID[place], 0.05 * (1 + cost) * (1 + abs(place - rate) ** 2 / 5))
            for place in range(rate - 1, rate + 2)
        ),
        "losses": tuple((0.05 * np.exp(np.zeros(seeds) if is_base else d)).tolist()),
        "ratios": () if is_base else tuple(np.exp(d).tolist()),
        "cost": cost,
        "low": 0.0 if is_base else math.expm1(math.log1p(cost) - reach),
        "high": 0.0 if is_base else math.expm1(math.log1p(cost) + reach),
        "word": word,
    }


def _measures(width: int) -> dict[str, Any]:
    return {
        "units": min(width, 12 + width / 8),
        "fill": min(1.0, 12 / width + 0.1),
        "kept": 1 - math.exp(-width / 6),
        "target": min(width, 4) / 4 * 0.93,
        "lags": list(LAGS),
        "memory": [math.exp(-lag / width) for lag in LAGS],
    }


def _study(arms: Sequence[dict[str, Any]], **fields: Any) -> RecordedStudy:
    about = {
        "profile": "32-32", "reference": arms[0]["label"], "enough": None, "delta": 0.05, "margin": 0.05,
        "spread": 1.0, "loss": "mse", "steps": 1000, "seeds": len(arms[0]["losses"]), "trainings": 143,
        "windows": 2785, "numeric": True, "sentences": ("One more sentence.",),
    }  # fmt: skip
    return RecordedStudy(**about | fields, arms=tuple(Arm(**arm) for arm in arms))
