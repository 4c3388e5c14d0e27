"""A display for a notebook: one small output that is replaced as the search goes on."""

from __future__ import annotations

import html
import sys
import time
import warnings
from typing import Any

from ..runs.folder import RunFolder
from .in_place import InPlace
from .lines import duration

REFRESH_SECS = 0.25
"""Between two drawings at least; small trials end epochs a hundred times as often."""


def in_notebook() -> bool:
    """Whether this is Python behind a notebook, which shows HTML and replaces it."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


def _import_tqdm() -> None:
    """Import what Optuna imports to show its progress, without the warning that a notebook lacks ipywidgets.

    To be called before Optuna is imported: nothing here needs ipywidgets.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import tqdm.auto  # noqa: F401


class NotebookProgress(InPlace):
    """Draws in the output of the cell that called."""

    def __init__(self) -> None:
        _import_tqdm()
        self.notes: list[str] = []
        self.handle: Any = None

    def start(self, run: RunFolder, trials: int) -> None:
        """Begin to draw."""
        from IPython.display import display

        super().start(run, trials)
        self.drawn = self.began_at = time.monotonic()
        self.handle = display(self._drawing(), raw=True, display_id=True)

    def note(self, text: str) -> None:
        """Show the sentence from now on."""
        self.notes.append(text)

    def redraw(self) -> None:
        """Draw, unless that was done a moment ago."""
        if time.monotonic() - self.drawn >= REFRESH_SECS:
            self._draw()

    def interrupted(self) -> None:
        """Say how to go on."""
        self.notes.append("interrupted; the same call goes on where it stopped")

    def finished(self) -> None:
        """Leave what there is to say in the end."""
        if self.handle is not None:
            self.training.clear()
            self._draw()

    def _draw(self) -> None:
        self.drawn = time.monotonic()
        self.handle.update(self._drawing(), raw=True)

    def _drawing(self) -> dict[str, str]:
        """Return what is shown, as HTML and for those who cannot show that as text."""
        spent = f"{duration(time.monotonic() - self.began_at)}"
        ended = self.pace.done >= self.pace.trials
        head = "  ".join(part for part in (self.counted, spent if ended else self.speed) if part)
        lines = [line for line in (*self.notes, *self.in_training, self.best_line) if line]
        bar = f'<progress value="{self.pace.done}" max="{self.pace.trials}"></progress>'
        text = "\n".join(html.escape(line) for line in lines)
        return {
            "text/html": f"<div>{bar} {html.escape(head)}</div><pre>{text}</pre>",
            "text/plain": "\n".join([head, *lines]),
        }
