"""What the recurrent layers of a trained model hold, for the measures that a watcher takes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ...callbacks.model_states import ModelStates
from ...callbacks.narrowing import States, rows_for
from ...search_spaces.errors import UserError
from ..series.epoch_rows import measured_rows
from ..series.windows import Windows

if TYPE_CHECKING:
    import keras

logger = logging.getLogger(__name__)


def states_of_model(model: keras.Model, windows: Windows, *, full: bool = False) -> States | None:
    """Return the states of a model's recurrent layers; None where it has no stack of them to be read.

    Args:
        model: with the weights to be measured.
        windows: the data.
        full: see `callbacks.narrowing.rows_for`.
    """
    try:
        reader = ModelStates(model)
        return reader.states(windows.inputs(measured_rows(windows, rows_for(max(reader.units), full=full))))
    except UserError:
        return None
    except Exception:
        # Any class: models are of all kinds, and one that cannot be read must not cost its trial.
        logger.warning("the states of a model could not be read", exc_info=True)
        return None
