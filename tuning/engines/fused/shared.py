"""Programs that all engines of this process share.

TensorFlow keeps what it compiled until the process ends. So an engine that needs a program which another one
has made, for the next fold, the next search or the next series of a loop in Python, takes that.

Each program holds some 200 memory mappings, of which Linux gives a process 65,530; beyond, the process would
be ended in the middle of a compilation (seen after some 70 searches, one after the other). So before that a
sentence says what to do.
"""

from __future__ import annotations

from functools import lru_cache

from ....search_spaces.errors import UserError
from ....search_spaces.machine import mappings
from .kept_programs import KeptPrograms
from .program import Program
from .shape import Shape

MOST = 200
"""Programs that are remembered; of the others TensorFlow keeps the code all the same."""
FULL = 0.9
"""Share of the mappings from which on none is made."""


@lru_cache(maxsize=MOST)
def program(shape: Shape, rows: int, kept: KeptPrograms | None) -> Program:
    """Return the program of a shape.

    Args:
        shape: what it is compiled for.
        rows: of the series, as `program.resident` has them; a program is compiled for these, too.
        kept: where compiled programs are looked for and kept; None is nowhere.

    Raises:
        UserError: when this process can hold no more of them.
    """
    if mappings() > FULL:
        raise UserError(
            "this process has compiled as many programs as the system lets it hold: go on in a new process; "
            "what finished is kept, and the same search goes on there"
        )
    return Program(shape, kept)
