"""The user's own Keras callbacks: a list of them, or a function that gives one for each trial.

tune(..., callbacks=[keras.callbacks.ReduceLROnPlateau()])
tune(..., callbacks=lambda trial: [keras.callbacks.CSVLogger(f"log{trial.number}.csv")])
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import keras

from ....search_spaces.errors import UserError
from ....search_spaces.trial import Proposal

Callbacks = Sequence[keras.callbacks.Callback] | Callable[[Proposal], Any] | None


def callbacks_of(given: Callbacks, trial: Proposal) -> list[keras.callbacks.Callback]:
    """Return the callbacks of one trial; those of a list are copied, since each keeps what it saw.

    Args:
        given: by the user.
        trial: that begins.

    Raises:
        UserError: when something else than callbacks is given.
    """
    made = given(trial) if callable(given) else copy.deepcopy(given)
    found = [] if made is None else [made] if isinstance(made, keras.callbacks.Callback) else list(made)
    for one in found:
        if not isinstance(one, keras.callbacks.Callback):
            raise UserError(f"callbacks must be Keras callbacks, and {one!r} is none")
    return found
