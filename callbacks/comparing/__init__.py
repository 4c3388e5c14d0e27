"""Trials of one search side by side, or two searches: what differs, which is better, and whether it is luck.

`sides` says what is compared, `trials` and `searches` make the facts of a page in words and numbers, `chance`
says what another seed may do, and `figures` has a picture in each file.
"""

from .searches import searches_compared
from .sides import CannotCompare, Side, of_searches, of_trials
from .trials import trials_compared

__all__ = ["CannotCompare", "Side", "of_searches", "of_trials", "searches_compared", "trials_compared"]
