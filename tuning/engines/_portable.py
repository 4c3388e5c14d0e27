"""Errors on their way from a process that trains to the one that asked for it."""

from __future__ import annotations

import pickle
import traceback

import cloudpickle


def portable(error: BaseException) -> bytes:
    """Pickle `error` with its traceback as a note; one that cannot be pickled, as a `RuntimeError`."""
    story = "".join(traceback.format_exception(error))
    error.add_note(f"\nIn the process that trained the trial:\n{story}")
    try:
        data = cloudpickle.dumps(error)
        pickle.loads(data)
    except Exception:
        return pickle.dumps(RuntimeError(story))
    return data
