"""The adding problem: a row of values ~ U[0, 1], two of them marked; the target is the sum of the two.

Source: Hochreiter and Schmidhuber, "Long short-term memory", 1997, section 5.4; with values from
[0, 1] and one mark in each half as in Arjovsky, Shah and Bengio, "Unitary evolution recurrent neural
networks", 2016. The best constant forecast, 1, has MSE 1/6; below .01 counts as solved.

Each sequence is one stretch of length + 1 rows under a running count t: `length` rows of `value` and
`mark`, then one row whose `sum` is the target. Use lookback = `length` and horizon = 1: then a stretch has
exactly one window. The rows before the last must hold something in the target column: 1 + 1/sqrt(6) and
1 - 1/sqrt(6) in turn. This filler has the mean and the variance of the sum, so that scaling is right, is
the same in every sequence, and tells nothing. With a shorter lookback there are windows that forecast the
filler, and the scores mean nothing.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np

from ....search_spaces.errors import UserError
from ..series import Series
from ._parameters import Range, Rows, Seed


def series(*, rows: Rows = 22_000, seed: Seed = 0, length: Annotated[int, Range(2, 10_000)] = 10) -> Series:
    """Return `rows // (length + 1)` sequences; the default is 2000 of them, one window each.

    Raises:
        UserError: when `rows` is below `length` + 1.
    """
    count = rows // (length + 1)
    if not count:
        raise UserError(
            f"synthetic:adding: rows={rows} does not hold one sequence of length + 1 = {length + 1} rows"
        )
    rng = np.random.default_rng(seed)
    value = rng.uniform(size=(count, length + 1))
    mark = np.zeros_like(value)
    sequences = np.arange(count)
    mark[sequences, rng.integers(0, length // 2, count)] = 1.0
    mark[sequences, rng.integers(length // 2, length, count)] = 1.0
    total = np.empty_like(value)
    total[:, :-1] = 1.0 + np.where(np.arange(length) % 2, -1.0, 1.0) / np.sqrt(6.0)
    total[:, -1] = (value * mark).sum(axis=1)
    return Series(
        name="adding",
        targets=("sum",),
        features=("value", "mark"),
        values=np.stack([total, value, mark], axis=-1).reshape(-1, 3),
        starts=sequences * (length + 1),
        ids=tuple(f"{sequence:07d}" for sequence in range(count)),
        id_column="sequence",
        times=np.arange(count * (length + 1), dtype=np.int64),
        time_columns=("t",),
        frequency="1",
        lookback=length,
    )
