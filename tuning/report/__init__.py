"""The report: a run as one HTML file that can be sent to someone who has neither the run nor `narrows`.

`report.py` writes the file, `page.py` is its frame, `about.py`, `studies.py`, `pictures.py`, `trials.py` its
chapters. `card.py` is the short one that a notebook shows.
"""

from __future__ import annotations

from .report import report

__all__ = ["report"]
