"""The stacks whose verdicts are held against truth, drawn once and for all from a fixed seed.

A stack is a network of a `Source`: widths, learning rate, epochs. A boundary is the place before one of its
layers; its wider stack differs in that layer alone. Stacks of one source have one depth, so that they
share compiled programs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from verdict_series import Source

WIDTHS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 24)
CHANCES = (3, 4, 5, 5, 3, 4, 5, 2, 4, 2, 2, 1)
RATES = (0.005, 0.01, 0.02)
WIDEST_ENTRY = 14


@dataclass(frozen=True)
class Stack:
    """One network to be trained.

    Args:
        source: its series.
        units: of its layers.
        rate: learning rate.
        epochs: of its training.
        last: whether the weights of the last epoch are taken, not those of the best on validation.
        state: `trained`, `untrained`, `undertrained` or `overtrained`.
    """

    source: Source
    units: tuple[int, ...]
    rate: float
    epochs: int = 30
    last: bool = False
    state: str = "trained"

    @property
    def family(self) -> str:
        """What it is counted under: its state, where that is not `trained`, else the family of its series."""
        return self.source.family if self.state == "trained" else self.state

    @property
    def values(self) -> dict[str, Any]:
        """Hyperparameters."""
        return {
            "num_layers": len(self.units),
            **{f"units_{layer}": units for layer, units in enumerate(self.units, start=1)},
            "bottleneck": 0,
            "learning_rate": self.rate,
            "batch_size": 64,
            "dropout": 0.0,
            "scaling": "last" if self.source.family == "walk" else "standard",
        }

    def wider(self, before: int) -> Stack:
        """Return the stack with a wider layer after a boundary.

        A layer that is narrower than the one before gets the width of that one, any other 16 units or
        twice its own.

        Args:
            before: the layer before the boundary, from 1; 0 is the input.
        """
        own = self.units[before]
        narrows = before > 0 and own < self.units[before - 1]
        width = self.units[before - 1] if narrows else max(16, 2 * own)
        return replace(self, units=(*self.units[:before], width, *self.units[before + 1 :]))


def stacks() -> list[Stack]:
    """Return all stacks; those of one source follow each other."""
    rng = np.random.default_rng(13)
    return [stack for source, count, kind in _sources(rng) for stack in _drawn(source, count, kind, rng)]


def _sources(rng: np.random.Generator) -> Iterator[tuple[Source, int, str]]:
    """Yield sources, how many stacks each gets and the state of their training."""
    noises = (0.0, 0.1, 0.3)
    for k, n in enumerate((2, 3, 4, 5, 6, 7) * 2):
        source = Source("streams", 100 + k, n=n, delay=1 + k % 3, noise=noises[(k + k // 6) % 3])
        yield source, 3, "trained"
    for k, (n, rank) in enumerate(((4, 2), (6, 3), (3, 1), (5, 4))):
        yield Source("rank", 200 + k, n=n, rank=rank, delay=1 + k % 2, noise=0.1 * (k % 2)), 3, "trained"
    for k, (n, copies) in enumerate(((2, 4), (3, 3), (4, 2), (2, 6))):
        yield Source("redundant", 300 + k, n=n, copies=copies, delay=1 + k % 2), 3, "trained"
    for k, (delay, horizon) in enumerate(((4, 2), (6, 3), (5, 4), (8, 2), (3, 3))):
        source = Source("lags", 400 + k, delay=delay, horizon=horizon, noise=noises[k % 3])
        yield source, 3, "trained"
    for k, n in enumerate((1, 2, 3, 2, 1)):
        yield Source("products", 500 + k, n=n, delay=1 + k % 2, noise=0.1 * (k % 2)), 3, "trained"
    for k, n in enumerate((2, 3, 5, 4)):
        yield Source("smooth", 600 + k, n=n, delay=1 + k % 3, noise=0.1 * (k % 2)), 3, "trained"
    for k in range(2):
        yield Source("walk", 700 + k), 3, "trained"
        yield Source("noise", 710 + k), 3, "trained"
    for k, n in enumerate((4, 3, 6)):
        yield Source("streams", 800 + k, n=n, windows=512), 4, "untrained"
    for k, n in enumerate((3, 5, 4, 2)):
        yield Source("streams", 820 + k, n=n, delay=1 + k % 2), 4, "undertrained"
    for k, n in enumerate((2, 4, 3, 5)):
        source = Source("streams", 840 + k, n=n, delay=1 + k % 3, noise=noises[k % 3], windows=512)
        yield source, 3, "overtrained"


def _drawn(source: Source, count: int, state: str, rng: np.random.Generator) -> Iterator[Stack]:
    depth = int(rng.choice((2, 3, 4), p=(0.4, 0.38, 0.22)))
    chances = np.array(CHANCES) / sum(CHANCES)
    seen: set[tuple[int, ...]] = set()
    while len(seen) < count:
        units = tuple(int(width) for width in rng.choice(WIDTHS, depth, p=chances))
        rate = float(rng.choice(RATES))
        if units[0] > WIDEST_ENTRY or units in seen:
            continue
        seen.add(units)
        epochs = {"untrained": 1, "undertrained": 2 + len(seen) % 3, "overtrained": 90}.get(state, 30)
        yield Stack(source, units, rate, epochs, state == "overtrained", state)
