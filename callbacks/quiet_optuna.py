"""Optuna without its messages: what it says of studies and options means nothing to users of a search."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager


def import_tqdm() -> None:
    """Import what Optuna imports to show its progress, without the warning that a notebook lacks ipywidgets.

    To be called before Optuna is imported where that may be in a notebook: nothing here needs ipywidgets.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import tqdm.auto  # noqa: F401


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Keep back Optuna's message about each new study, and its warnings."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(before)
