"""What is shown beside the loss of a network: what its layer in question holds, and what came to it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...callbacks.narrowing import Narrowing
from ...callbacks.narrowing.budget import budget
from ...callbacks.narrowing.measures.fill import Fill
from ...callbacks.narrowing.measures.memory import Memory
from ...callbacks.narrowing.measures.target import TargetProbe
from ..models.measuring import narrowing_of, one_thread
from ..models.samples import Samples

if TYPE_CHECKING:
    from ..series.windows import Windows

logger = logging.getLogger(__name__)


class Measures:
    """Measures trained networks, always on the same windows.

    Args:
        windows: the data.
        loss: that the networks are trained by.
        steps: that each of them is trained for.
    """

    def __init__(self, windows: Windows, loss: str, steps: int) -> None:
        self._samples, self._steps = Samples(windows, loss), steps

    def of(
        self, values: Mapping[str, Any], weights: Sequence[np.ndarray], layer: int
    ) -> dict[str, Any] | None:
        """Return `measures_of` a layer, from 0, of a trained network; None where it could not be measured."""
        parameters = sum(one.size for one in weights)
        lookback = self._samples.windows.lookback // int(values.get("segment", 1))
        most = budget(parameters, lookback, self._steps * int(values["batch_size"]))
        try:
            with one_thread():
                return measures_of(narrowing_of(values, weights, self._samples, full=True, most=most), layer)
        except Exception:
            # Any class: a fault in a measure must not cost its owner a study.
            logger.warning("a network of a study could not be measured", exc_info=True)
            return None


def measures_of(narrowing: Narrowing, layer: int) -> dict[str, Any]:
    """Return what is shown beside the loss of a network, of one of its layers, from 0; see `Arm.measures`."""
    measured = narrowing.layers[layer]
    before = narrowing.boundaries[layer - 1] if layer else narrowing.entry
    # What is read on of the last layer is its present state alone.
    read = "instant" if layer == len(narrowing.layers) - 1 else "trajectory"
    memory, fill = measured.get(Memory), measured[Fill]
    return {
        "units": _rounded(fill.effective_rank),
        "fill": _rounded(fill.effective_rank / measured.units),
        "kept": None if before is None else _rounded(before.kept.shown),
        "verdict": None if before is None else before.verdict.word,
        "target": _rounded(getattr(measured[TargetProbe], read).shown),
        "lags": None if memory is None else list(memory.lags),
        "memory": None if memory is None else [_rounded(value) for value in getattr(memory, read)],
    }


def _rounded(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
