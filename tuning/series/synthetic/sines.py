"""A sum of sines, x_t = sum_i sin(a_i t) + noise e_t, with a = .2 .311 .42 .51 .63 .74 .85 .97.

Source: multiple superimposed oscillators, with two to four waves in Schmidhuber, Wierstra and Gomez,
"Evolino", 2005; these eight in Koryakin, Lohmann and Butz, "Balanced echo state networks", 2012.
The periods have no small common multiple, so there is no season. Without noise (the default, and then
`seed` changes nothing) the series is exactly linear: with k waves, the autoregression of order 2k whose
polynomial is the product of (1 - 2 cos(a_i) z + z^2) has no error. A network can only come close.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np

from ..series import Series
from ._parameters import Noise, Range, Rows, Seed

RATES = np.array([0.2, 0.311, 0.42, 0.51, 0.63, 0.74, 0.85, 0.97])
"""Angle that each wave advances in a row, radians."""


def series(
    *, rows: Rows = 2000, seed: Seed = 0, waves: Annotated[int, Range(1, 8)] = 8, noise: Noise = 0.0
) -> Series:
    """Return one series with target x, the sum of the first `waves` sines."""
    t = np.arange(rows)
    x = sum((np.sin(rate * t) for rate in RATES[:waves]), start=np.zeros(rows))
    x += noise * np.random.default_rng(seed).standard_normal(rows)
    return Series(name="sines", targets=("x",), values=x[:, None])
