"""Notes: what the user writes of a trial. They are kept in the run, and shown wherever its trials are."""

from __future__ import annotations

from ..search_spaces.errors import UserError
from ..search_spaces.quiet import load_tensorflow
from .runs.start import held

MOST = 500
"""Letters of a note."""


def write_note(folder: str, number: int, text: str) -> str:
    """Keep a note on a trial in place of the one before, and write the Narrowing tab's record anew.

    Args:
        folder: of the run.
        number: of the trial.
        text: of the note, at most `MOST` letters; line breaks become spaces, and an empty one takes it away.

    Returns:
        What was done, as a sentence.

    Raises:
        UserError: when the note is too long, there is no such trial or run, or another process writes it.
    """
    note = " ".join(text.split())
    if len(note) > MOST:
        raise UserError(f"a note has at most {MOST} letters, and this one {len(note):,}: make it shorter")
    with held(folder) as run:
        name = run.trial(number).name
        notes = {one: told for one, told in run.notes.items() if one != str(number)}
        run.store.set_meta("notes", notes | ({str(number): note} if note else {}))
        if run.store.meta("record") is not None:
            load_tensorflow()
            from ..callbacks.tab_record import TabRecord

            TabRecord(run.paths.tensorboard, run.recorded()).close()
    return f"{name}: {note}" if note else f"{name} has no note any more"
