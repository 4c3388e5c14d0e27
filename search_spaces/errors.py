"""The one class of mistakes that the user can mend, on the ground floor of the three packages.

The command line prints such an error as one message and exits with 2; anything else is a bug
and keeps its traceback. The class does not derive from KerasTuner's `FatalError`: importing
KerasTuner imports TensorFlow (seconds), and these errors are raised before that.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

_NOISE = re.compile(r"\x1b\[[0-9;]*m|\{\{function_node [^}]*\}\} ?")
REPORT = "narrows: this is a fault of narrows; please report it with all lines above"


class UserError(Exception):
    """A mistake that the user can mend: what happened, the value met, what was expected, how to mend it.

    try:
        run = narrows.tune("sales.csv", target="units")
    except narrows.UserError as error:
        print(error)
    """


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'X'?` for the closest known name, else the list of known names.

    Args:
        name: what the user wrote.
        known: the names that would have been right.

    Returns:
        Text to append to a message, beginning with `;`.
    """
    names = [str(option) for option in known]
    by_lower = {option.lower(): option for option in reversed(names)}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {by_lower[close[0]]!r}?"
    shown = ", ".join(names[:20]) + (f", ... ({len(names)} in all)" if len(names) > 20 else "")
    return f"; known: {shown}" if names else ""


def raise_all(mistakes: list[str]) -> None:
    """Raise one `UserError` that tells all `mistakes`, or return when there are none."""
    if not mistakes:
        return
    if len(mistakes) == 1:
        raise UserError(mistakes[0])
    raise UserError("\n".join(["several things need mending:", *(f"  - {line}" for line in mistakes)]))


def ask_for_report(error: BaseException, log: object = None) -> None:
    """Add to an error that the user cannot mend what its reporter should send, below its traceback.

    Args:
        error: noted once, by whoever knows of it first.
        log: path of the log of the run that was written; None where none was.
    """
    if not any(note.startswith(REPORT) for note in getattr(error, "__notes__", ())):
        error.add_note(f"{REPORT}{f' and {log}, once you have looked through it' if log else ''}")


def line_of(error: BaseException) -> str:
    """Return what an error says, in one line; of what Keras wraps around an error, the error itself."""
    lines = [_NOISE.sub("", line).strip() for line in str(error).splitlines()]
    told = [line for line in lines if line] or [type(error).__name__]
    wrapped = told[0].startswith("Exception encountered when calling") and len(told) > 1
    return told[1 if wrapped else 0][:300]
