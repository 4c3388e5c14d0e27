"""StudiedLSTM: stacked LSTMs trained so that widths can be compared fairly.

Two things of the ordinary training favour some widths over others. The learning rate that is best for a
narrow layer is several times that of a wide one, and a constant rate ends in noise that depends on it: here
it falls to zero along a cosine over a fixed number of steps. And Keras draws the first kernel the smaller
the more units the layer has: here it is drawn equally strong for all (`network.build_network`). Where the
rate falls to zero the weights settle by themselves, and no average of them is looked at.
"""

from __future__ import annotations

from typing import Any

from .stacked_lstm import StackedLSTM


class StudiedLSTM(StackedLSTM):
    """A `StackedLSTM` for a study.

    Args:
        decay_steps: of a whole training; after them the learning rate is 0.
        given: as of `StackedLSTM`.
    """

    even_start = True
    averages = False

    def __init__(self, *, decay_steps: int, **given: Any) -> None:
        super().__init__(**given)
        self.decay_steps = decay_steps
