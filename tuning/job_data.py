"""The data of a job: what was said of how they are written and split, and reading them."""

from __future__ import annotations

from typing import Any

from ..search_spaces.plain import to_plain
from .job_options import JobOptions
from .series.conventions import Conventions, said
from .series.reading import POLICIES, read_series
from .series.series import Series
from .series.splits import Split

__all__ = ["POLICIES", "conventions_of", "read_data", "said_of", "split_of"]


def conventions_of(job: JobOptions) -> Conventions:
    """Return what was said of how the cells of the data are written.

    Raises:
        UserError: for a time zone that nobody knows.
    """
    return said(job.missing_values, job.categorical, job.day_first, job.zone)


def said_of(job: JobOptions) -> dict[str, Any]:
    """Return the same, JSON-able, without what was not said."""
    plain = to_plain(conventions_of(job))
    return {name: value for name, value in plain.items() if value not in (None, [])}


def split_of(job: JobOptions) -> Split:
    """Return how the windows are split into train, validation and test.

    Raises:
        UserError: where that is not understood.
    """
    return Split.parse(job.split)


def read_data(job: JobOptions) -> Series:
    """Read the data of a job.

    Raises:
        UserError: for anything in them that the user can mend.
    """
    return read_series(
        job.source,
        target=job.target,
        time=job.time,
        id=job.id,
        wide=job.wide,
        features=job.features,
        known=job.known,
        static=job.static,
        calendar=job.calendar,
        missing=job.missing,
        missing_values=job.missing_values,
        categorical=job.categorical,
        day_first=job.day_first,
        zone=job.zone,
        season=job.season,
    )
