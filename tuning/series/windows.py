"""Windows: direct multi-step views (lookback, inputs) -> (horizon, targets) of a Series.

A window is one number: the row of its first target. Its inputs are the `lookback` rows before, its
targets the `horizon` rows from there. Windows are gathered when they are needed, so memory grows
with the rows of the series and not with rows x lookback.

All targets of a window lie in one part (train, validation or test). The inputs of the first windows
of validation and test reach back into the part before, as a forecaster's would; the inputs of
training windows lie in train. Windows that are not true of measured data are left out (`measured`).
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ...search_spaces.errors import UserError, raise_all
from .ahead import ahead_columns, looking_ahead, own_columns
from .extremes import refuse_extremes, refuse_far
from .measured import LeftOut, left_out_notes, measured_windows, none_measured
from .scaler import Scaler
from .series import MEASURED, Series
from .splits import PARTS, Split
from .words import counted, shown

LEARNED = {"train": 0, "validation": 1, "all": 3}
"""Up to which part, as `Split.parts_of` numbers them, rows are learned from."""


def past(rows: np.ndarray, lookback: int) -> np.ndarray:
    """Return the rows that each window looks back on, (windows, lookback), oldest first.

    Args:
        rows: int (windows,), the row of the first target of each window. Of an array an int64 array is
            made, of a TensorFlow tensor a tensor of its own integer type.
        lookback: rows of input.
    """
    return rows[:, None] + np.arange(-lookback, 0)


def ahead(rows: np.ndarray, horizon: int) -> np.ndarray:
    """Return the rows of the targets of each window, (windows, horizon); `rows` as for `past`."""
    return rows[:, None] + np.arange(horizon)


class Windows:
    """All windows of a Series, cut in time order, with scaling fitted on train.

    Args:
        series: the data.
        lookback: rows of input, at least 1.
        horizon: rows of target, at least 1.
        split: how to cut; a `Split` or its text.
        learn: what is learned from: `train`; `validation`, that part too; or `all` rows. Beyond `train` the
            other parts are the same windows as before, but no longer unseen.

    Attributes:
        parts: dict from `train`, `validation`, `test` to int64 (windows,), the row of the first
            target of each window, in row order.
        learned: bool (rows,), the training rows.
        left_out: how many windows of each part were left out because of values that were filled in.
        notes: that in sentences, for the user.
        scaler: `Scaler` fitted on what was measured in the training rows.
        data: float32 (rows, inputs), scaled; the targets are its first columns.

    Raises:
        UserError: when a part has no window (says how many rows are needed), when lookback or
            horizon is below 1, when a target is constant in the training rows, or for numbers
            that `extremes` refuses.
    """

    def __init__(
        self, series: Series, lookback: int, horizon: int, split: Split | str, learn: str = "train"
    ) -> None:
        if lookback < 1 or horizon < 1:
            raise UserError(f"lookback and horizon must be at least 1, not {lookback} and {horizon}")
        self.series = series
        self.lookback = lookback
        self.horizon = horizon
        self.split = Split.parse(split) if isinstance(split, str) else split
        self.refuse_short(lookback)
        needed = lookback + horizon
        series.require_rows(needed, f"lookback {lookback} + horizon {horizon}")
        self.part_of_row = self.split.parts_of(series)
        self.learned = self.part_of_row <= LEARNED[learn]
        self.parts: dict[str, np.ndarray] = {}
        self.left_out: dict[str, LeftOut] = {}
        for number, part in enumerate(PARTS):
            rows, left_out = measured_windows(series, self._first_targets(number), horizon)
            if not len(rows):
                told = none_measured(series.name, part, left_out, horizon)
                raise UserError(told if left_out.all else self._empty_part(part))
            self.parts[part], self.left_out[part] = rows, left_out
        self.notes = left_out_notes(self.left_out)
        self._refuse_constant_targets(self.learned)
        refuse_extremes(series, self.learned)
        self.scaler = Scaler.fit(series, self.learned)
        refuse_far(series, self.scaler)

    @cached_property
    def moments(self) -> np.ndarray:
        """int64 (rows,): when each row is: the rank of its time among all times of the data.

        Without times it is the place of the row in its own series, gaps not counted.
        """
        if self.series.times is not None:
            return np.unique(self.series.times, return_inverse=True)[1].astype(np.int64)
        names, owner = np.unique(self.series.ids, return_inverse=True)
        owner = np.repeat(owner, self.series.ends - self.series.starts)
        moments = np.empty(self.series.rows, np.int64)
        for number in range(len(names)):
            own = owner == number
            moments[own] = np.arange(own.sum())
        return moments

    def reach(self, rows: np.ndarray) -> int:
        """Return the most moments that one of these windows spans, its targets included."""
        return int((self.moments[rows + self.horizon - 1] - self.moments[rows - self.lookback]).max()) + 1

    @cached_property
    def data(self) -> np.ndarray:
        """float32 (rows, inputs), scaled: targets, features, one-hot columns, what is known `ahead`."""
        return self.exact_data().astype(np.float32)

    def exact_data(self) -> np.ndarray:
        """Return `data` in float64."""
        z = self.scaler.exact_inputs(self.series)
        own, later = own_columns(self.series, self.scaler), ahead_columns(self.series, self.scaler)
        return looking_ahead(z, own, later, self.series.ends_of_rows, self.horizon)

    @cached_property
    def input_names(self) -> tuple[str, ...]:
        """Names of the columns of `data`."""
        names = self.scaler.input_names(self.series)
        later = f"{self.horizon} row{'s' * (self.horizon > 1)} later"
        own, ahead = own_columns(self.series, self.scaler), ahead_columns(self.series, self.scaler)
        return (*(names[n] for n in own), *(f"{names[n]}, {later}" for n in ahead))

    @property
    def input_moments(self) -> tuple[np.ndarray, np.ndarray]:
        """Raw mean and deviation of each column of `data`, float64 (inputs,); 0 and 1 of one-hot ones."""
        own, ahead = own_columns(self.series, self.scaler), ahead_columns(self.series, self.scaler)
        one_hot = len(self.scaler.input_names(self.series)) - len(self.scaler.mean)
        mean = np.append(self.scaler.mean, np.zeros(one_hot))
        std = np.append(self.scaler.std, np.ones(one_hot))
        return mean[[*own, *ahead]], std[[*own, *ahead]]

    @property
    def input_shape(self) -> tuple[int, int]:
        """(lookback, inputs) of one window."""
        return self.lookback, len(self.input_names)

    @property
    def output_shape(self) -> tuple[int, int]:
        """(horizon, targets) of one window."""
        return self.horizon, len(self.series.targets)

    def refuse_short(self, lookback: int) -> None:
        """Raise a `UserError` unless so many rows hold what is known of the rows to forecast."""
        known = self.series.ahead
        if known and lookback < self.horizon:
            raise UserError(
                f"{self.series.name}: {shown(known)} {'is' if len(known) == 1 else 'are'} known for "
                f"{counted(self.horizon, 'row')} ahead, and a lookback of {counted(lookback, 'row')} cannot "
                f"hold them: --lookback must be at least the horizon, {self.horizon}"
            )

    def inputs(self, rows: np.ndarray) -> np.ndarray:
        """Return float32 (windows, lookback, inputs), scaled, for the given first-target rows."""
        return self.data[past(rows, self.lookback)]

    def targets(self, rows: np.ndarray) -> np.ndarray:
        """Return float32 (windows, horizon, targets), scaled."""
        return self.data[ahead(rows, self.horizon), : len(self.series.targets)]

    def raw_targets(self, rows: np.ndarray) -> np.ndarray:
        """Return float64 (windows, horizon, targets) in raw units."""
        return self.series.values[ahead(rows, self.horizon), : len(self.series.targets)]

    def _first_targets(self, part: int) -> np.ndarray:
        """Return the rows at which a window of `part` may have its first target.

        A row qualifies when the rows from -lookback (train: all of them in train) to +horizon lie in
        one stretch and the `horizon` rows from it lie in `part`.
        """
        rows = self.series.rows
        lengths = self.series.ends - self.series.starts
        first, last = np.repeat(self.series.starts, lengths), self.series.ends_of_rows
        row = np.arange(rows)
        fits = (row - self.lookback >= first) & (row + self.horizon <= last)
        inside = np.concatenate([[0], np.cumsum(self.part_of_row == part if part else self.learned)])
        candidates = row[fits]
        back = self.lookback if part == 0 else 0
        count = inside[candidates + self.horizon] - inside[candidates - back]
        return candidates[count == self.horizon + back]

    def _empty_part(self, part: str) -> str:
        have = int((self.part_of_row == PARTS.index(part)).sum())
        lookback, horizon = self.lookback, self.horizon
        if part == "train":
            needs = f"lookback {lookback} + horizon {horizon} needs {lookback + horizon} rows"
        else:
            needs = f"horizon {horizon} needs {horizon} rows after {lookback} rows of lookback,"
        return (
            f"{self.series.name}: the {part} part has no complete window: {needs} in a row; "
            f"the part has {have} of the {self.series.rows} rows; use a smaller lookback or horizon, "
            "more data, or another --split"
        )

    def _refuse_constant_targets(self, train: np.ndarray) -> None:
        series = self.series
        found = {}
        for column, name in enumerate(series.targets):
            there = train if series.filled is None else train & (series.filled[:, column] == MEASURED)
            found[name] = series.values[there, column]
        raise_all(
            [
                f"{series.name}: target {name!r} is constant ({values[0]:g}) in the training part; "
                "there is nothing to learn"
                for name, values in found.items()
                if values.min() == values.max()
            ]
        )
