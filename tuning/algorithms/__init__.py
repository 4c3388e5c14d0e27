"""Algorithms: which trial comes next. Each file of this folder without an underscore is one.

`names` and `make` are all that a search needs; `base` says what a new algorithm must do. Nothing
here loads TensorFlow until `make` is called.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from ...search_spaces.errors import UserError, did_you_mean
from .base import Algorithm, PastTrial, Proposal

if TYPE_CHECKING:
    from ...search_spaces.space import Space

__all__ = ["DEFAULT", "Algorithm", "PastTrial", "Proposal", "make", "names"]

DEFAULT = "tpe"


def names() -> list[str]:
    """Return the names of all algorithms, sorted."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in found if name != "base" and not name.startswith("_"))


def make(name: str, space: Space, *, seed: int, epochs: int, trials: int | None = None) -> Algorithm:
    """Return a new algorithm.

    Args:
        name: one of `names()`.
        space: what is searched.
        seed: decides every choice; 0 is a seed like any other.
        epochs: the most epochs a trial is trained.
        trials: the most trials the search will run, None when only time ends it. Algorithms plan
            with it (Bayesian its random start, Hyperband its brackets); the caller enforces it.

    Raises:
        UserError: "there is no algorithm ...".
    """
    known = names()
    if name not in known:
        raise UserError(f"there is no algorithm {name!r}{did_you_mean(name, known)}")
    module = importlib.import_module(f".{name}", __name__)
    return module.Search(space, seed=seed, epochs=epochs, trials=trials)
