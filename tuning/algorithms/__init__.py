"""Algorithms: which trial comes next. Each file of this folder without an underscore is one.

`names` and `make` are all that a search needs; `base` says what a new algorithm must do. Nothing
here loads TensorFlow until `make` is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...search_spaces.by_file import class_in, file_names
from ...search_spaces.errors import UserError, did_you_mean

if TYPE_CHECKING:
    from ...search_spaces.space import Space
    from .base import Algorithm

__all__ = ["DEFAULT", "halves", "make", "names"]

DEFAULT = "tpe"


def names() -> list[str]:
    """Return the names of all algorithms, sorted. Imports none of them."""
    return file_names(__package__)


def halves(name: str) -> bool:
    """Whether an algorithm ends trials by successive halving itself. Imports none of them."""
    return name == "hyperband"


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
    from .base import Algorithm

    if name not in names():
        raise UserError(f"there is no algorithm {name!r}{did_you_mean(name, names())}")
    kind: Any = class_in(__package__, name, Algorithm)
    made: Algorithm = kind(space, seed=seed, epochs=epochs, trials=trials)
    return made
