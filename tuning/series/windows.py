"""Windows: direct multi-step views (lookback, inputs) -> (horizon, targets) of a Series.

A window is one number: the row of its first target. Its inputs are the `lookback` rows before, its
targets the `horizon` rows from there. Windows are gathered when they are needed, so memory grows
with the rows of the series and not with rows x lookback. Which windows each part has is told by
`window_parts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ...search_spaces.errors import UserError
from .ahead import ahead_columns, looking_ahead, own_columns, refuse_short
from .extremes import refuse_constant, refuse_extremes, refuse_far
from .measured import left_out_notes
from .own_scale import OwnScale, Size, scaled, size_of
from .panel_notes import panel_notes
from .scaler import Scaler
from .series import Series
from .splits import Split, moments_of
from .window_parts import window_parts

LEARNED = {"train": 0, "validation": 1, "all": 3}
"""Up to which part, as `Split.parts_of` numbers them, rows are learned from."""
CHUNK = 4096


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
        own: whether each window is counted in its own size (`own_scale`), for series that differ in it.
        like: whose rows of a window tell its size, and whose features are counted so; see `OwnScale.fit`.

    Attributes:
        parts: dict from `train`, `validation`, `test` to int64 (windows,), the row of the first
            target of each window, in row order.
        learned: bool (rows,), the training rows.
        left_out: how many windows of each part were left out because of values that were filled in.
        notes: that in sentences, and how the series differ in size, for the user.
        scaler: `Scaler` fitted on what was measured in the training rows; it leaves as they are the columns
            that are counted in the own size of windows.
        own: that size; None where the scaler serves all.
        data: (rows, inputs), scaled; the targets are its first columns. It is float32, or float64 where the
            windows are yet to be counted in their own size (`of_own_size`).

    Raises:
        UserError: when a part has no window (says how many rows are needed), when lookback or
            horizon is below 1, when a target is constant in the training rows, or for numbers
            that `extremes` refuses.
    """

    def __init__(
        self,
        series: Series,
        lookback: int,
        horizon: int,
        split: Split | str,
        learn: str = "train",
        *,
        own: bool = False,
        like: OwnScale | None = None,
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
        self.parts, self.left_out = window_parts(series, self.part_of_row, self.learned, lookback, horizon)
        refuse_constant(series, self.learned)
        refuse_extremes(series, self.learned)
        self.scaler = Scaler.fit(series, self.learned)
        refuse_far(series, self.scaler)
        self.own: OwnScale | None = None
        if own:
            self.own = OwnScale.fit(series, self.learned, self._columns, lookback, horizon, like)
            counted = {*series.targets, *self.own.features}
            self.scaler = self.scaler.without([n for n, name in enumerate(series.columns) if name in counted])

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of these windows, in sentences."""
        needed = self.lookback + self.horizon, self.horizon
        features = None if self.own is None else self.own.features
        of_panel = panel_notes(self.series, self.part_of_row, self.parts, needed, features)
        return (*left_out_notes(self.left_out), *of_panel)

    def cut(
        self,
        *,
        series: Series | None = None,
        lookback: int | None = None,
        split: Split | None = None,
        learn: str = "train",
        own: bool | None = None,
    ) -> Windows:
        """Return windows that differ from these in what is said.

        Their size is told by as many rows as that of these, and the same features are counted in it, unless
        `own` is said: then all rows tell it.
        """
        return Windows(
            series or self.series,
            lookback or self.lookback,
            self.horizon,
            split or self.split,
            learn,
            own=self.own is not None if own is None else own,
            like=None if own else self.own,
        )

    @cached_property
    def moments(self) -> np.ndarray:
        """int64 (rows,), when each row is, see `moments_of`."""
        return moments_of(self.series)

    def reach(self, rows: np.ndarray) -> int:
        """Return the most moments that one of these windows spans, its targets included."""
        return int((self.moments[rows + self.horizon - 1] - self.moments[rows - self.lookback]).max()) + 1

    @cached_property
    def data(self) -> np.ndarray:
        """(rows, inputs), scaled: targets, features, one-hot columns, what is known `ahead`."""
        exact = self.exact_data()
        return exact.astype(np.float32) if self.own is None else exact

    def exact_data(self) -> np.ndarray:
        """Return `data` in float64."""
        z = self.scaler.exact_inputs(self.series)
        return looking_ahead(z, *self._columns, self.series.ends_of_rows, self.horizon)

    @property
    def _columns(self) -> tuple[list[int], list[int]]:
        """The scaled columns that `data` is made of: those that are read as they are, and those ahead."""
        return own_columns(self.series, self.scaler), ahead_columns(self.series, self.scaler)

    @cached_property
    def input_names(self) -> tuple[str, ...]:
        """Names of the columns of `data`."""
        names = self.scaler.input_names(self.series)
        later = f"{self.horizon} row{'s' * (self.horizon > 1)} later"
        own, ahead = self._columns
        return (*(names[n] for n in own), *(f"{names[n]}, {later}" for n in ahead))

    @property
    def input_moments(self) -> tuple[np.ndarray, np.ndarray]:
        """Raw mean and deviation of each column of `data`, float64 (inputs,); 0 and 1 of one-hot ones."""
        own, ahead = self._columns
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
        refuse_short(self.series, lookback, self.horizon)

    def inputs(self, rows: np.ndarray) -> np.ndarray:
        """Return float32 (windows, lookback, inputs), scaled, for the given first-target rows."""
        return self.of_own_size(self.data[past(rows, self.lookback)]).astype(np.float32, copy=False)

    def targets(self, rows: np.ndarray) -> np.ndarray:
        """Return float32 (windows, horizon, targets), scaled."""
        targets = self.data[ahead(rows, self.horizon), : len(self.series.targets)]
        if self.own is not None:
            targets = scaled(targets, self.size(rows)).astype(np.float32)
        return targets

    def newest(self, rows: np.ndarray) -> np.ndarray:
        """Return float32 (windows, 1, targets), scaled: the targets in the row before each window's first."""
        last = self.data[rows - 1][:, None, : len(self.series.targets)]
        return last if self.own is None else scaled(last, self.size(rows)).astype(np.float32)

    def of_own_size(
        self, windows: np.ndarray, more: int = 0, inputs: Sequence[int] | None = None
    ) -> np.ndarray:
        """Return windows of what the scaler made in their own size, changed in place.

        Args:
            windows: float64 (windows, rows + more, inputs).
            more: rows from the first target on.
            inputs: numbers of those that are there, features all or none; None is all of them.
        """
        if self.own is not None:
            own = self.own if inputs is None else self.own.of(inputs)
            place = [*own.counted.inputs]
            size = own.counted.size(windows[:, : windows.shape[1] - more], own.floor)
            windows[..., place] = scaled(windows[..., place], size)
        return windows

    def size(self, rows: np.ndarray) -> Size:
        """Return how z of the windows at `rows` become raw: float64, broadcast with (windows, horizon,
        targets)."""
        targets = len(self.series.targets)
        if self.own is None:
            return Size(self.scaler.mean[:targets], self.scaler.std[:targets])
        # In pieces: the rows of all windows at once would be many times the series.
        pieces = np.array_split(rows, len(rows) // CHUNK + 1)
        values, told, floor = self.series.values[:, :targets], self.own.counted.rows, self.own.floor[:targets]
        found = [size_of(values[past(some, told)], floor) for some in pieces]
        return Size(*(np.concatenate(one) for one in zip(*found, strict=True)))

    def unit(self, rows: np.ndarray) -> Any:
        """Return what an error in raw units is divided by to be comparable: 1, or the size of its window."""
        return 1.0 if self.own is None else self.size(rows).scale

    def raw(self, z: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return forecasts z (windows, horizon, targets) of the windows at `rows` in raw units, float64."""
        size = self.size(rows)
        return np.asarray(z, np.float64) * size.scale + size.level

    def raw_targets(self, rows: np.ndarray) -> np.ndarray:
        """Return float64 (windows, horizon, targets) in raw units."""
        return self.series.values[ahead(rows, self.horizon), : len(self.series.targets)]
