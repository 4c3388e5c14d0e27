"""Searches in a log directory, read through TensorBoard's data provider.

A run that has the tag `search` is a search (`callbacks.tab_record`). Its version changes with every
event, so that what was read, and every page made of it, holds as long as the version does.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tensorboard.data import provider

from ...search_spaces.errors import line_of
from ...search_spaces.plain import Unreadable
from ..recorded import RecordedSearch, RecordedTrial
from ..tab_record import PLUGIN, SEARCH_TAG, TRIALS_TAG

ALL = 1_000_000
"""More events than a search has; the data provider wants a number."""
KEPT = 3
"""Searches that are held in memory; one of 5,400 trials takes about 100 MB."""


class NotThere(Exception):
    """What was asked for is not in the log directory; says so in a sentence for the user."""


@dataclass(frozen=True)
class Listed:
    """A search as it is listed.

    Args:
        run: TensorBoard's name of the run: the path below the log directory.
        title: of the search.
        version: of its data.
        written: when it was written to last, in seconds since 1970.
    """

    run: str
    title: str
    version: str
    written: float


@dataclass(frozen=True)
class Read:
    """A search as it was read.

    Args:
        version: of its data.
        search: the search.
        made: what was made of it, to be kept as long as it is.
        lock: to be held while something is made of it.
    """

    version: str
    search: RecordedSearch
    made: dict[Any, bytes] = field(default_factory=dict)
    lock: Any = field(default_factory=threading.Lock)


class Searches:
    """The searches of a data provider; safe to ask from several threads.

    Args:
        data: TensorBoard's data provider.
    """

    def __init__(self, data: provider.DataProvider) -> None:
        self._data = data
        self._lock = threading.Lock()
        self._read: OrderedDict[tuple[str, str], Read] = OrderedDict()
        self._listings: dict[tuple[str, str], Listed] = {}

    def listed(self, context: Any, experiment: str) -> list[Listed]:
        """Return all searches, by run; reads no trial."""
        runs = self._runs(context, experiment)
        with self._lock:
            return [self._listed(context, experiment, run, tags) for run, tags in runs.items()]

    def read(self, context: Any, experiment: str, run: str) -> Read:
        """Return a search.

        Raises:
            NotThere: when there is no such search.
        """
        with self._lock:
            runs = self._runs(context, experiment)
            if run not in runs:
                raise NotThere(f"There is no search in the run “{run}”.")
            key, version = (experiment, run), _version(runs[run])
            if key not in self._read or self._read[key].version != version:
                self._read[key] = Read(version, self._fresh(context, experiment, run))
            self._read.move_to_end(key)
            while len(self._read) > KEPT:
                self._read.popitem(last=False)
            return self._read[key]

    def _runs(self, context: Any, experiment: str) -> dict[str, list[provider.TensorTimeSeries]]:
        runs = self._data.list_tensors(context, experiment_id=experiment, plugin_name=PLUGIN)
        return {
            run: [tags[tag] for tag in sorted(tags)]
            for run, tags in sorted(runs.items())
            if SEARCH_TAG in tags
        }

    def _listed(
        self, context: Any, experiment: str, run: str, tags: list[provider.TensorTimeSeries]
    ) -> Listed:
        title, version, written = run, _version(tags), max(tag.max_wall_time for tag in tags)
        held = self._listings.get((experiment, run))
        if held is None or held.version != version:
            # One search that cannot be read must not hide the others; whoever asks for it is told why.
            with suppress(NotThere, Unreadable):
                head = _newest(self._events(context, experiment, run, [SEARCH_TAG])[SEARCH_TAG])
                title = RecordedSearch.from_head(_text(head), ()).title
            held = Listed(run, title, version, written)
            self._listings[experiment, run] = held
        return held

    def _fresh(self, context: Any, experiment: str, run: str) -> RecordedSearch:
        try:
            events = self._events(context, experiment, run, [SEARCH_TAG, TRIALS_TAG])
            heads = events[SEARCH_TAG]
            return RecordedSearch.from_head(_text(_newest(heads)), _trials(events.get(TRIALS_TAG, ()), heads))
        except Unreadable as error:
            raise _damaged(run, error) from None

    def _events(
        self, context: Any, experiment: str, run: str, tags: list[str]
    ) -> dict[str, list[provider.TensorDatum]]:
        """Return the events of a search by tag.

        Raises:
            NotThere: when it has none.
            Unreadable: when TensorBoard cannot make arrays of them.
        """
        try:
            found = self._data.read_tensors(
                context,
                experiment_id=experiment,
                plugin_name=PLUGIN,
                downsample=ALL,
                run_tag_filter=provider.RunTagFilter(runs=[run], tags=tags),
            )
        except (LookupError, MemoryError, OverflowError, TypeError, ValueError) as error:
            raise Unreadable(f"an event: {line_of(error)}") from None
        if not found.get(run, {}).get(SEARCH_TAG):
            raise NotThere(f"The run “{run}” has just been removed or is written anew.")
        return found[run]


def _trials(
    events: Iterable[provider.TensorDatum], heads: Iterable[provider.TensorDatum]
) -> tuple[RecordedTrial, ...]:
    """Return the trials in order; of each its newest event.

    A search that is started again writes its record anew. TensorBoard may still hold events of the earlier
    start, which are of trials that are trained again.
    """
    start = max(map(_start, heads), default=0)
    trials = {}
    for event in sorted(events, key=_place):
        if _start(event) == start:
            trial = RecordedTrial.from_json(_text(event))
            trials[trial.number] = trial
    return tuple(trials[number] for number in sorted(trials))


def _damaged(run: str, error: Unreadable) -> NotThere:
    return NotThere(
        f"The record of the run “{run}” is damaged ({error}): give the command again that searched there, "
        "which writes it anew."
    )


def _version(tags: Iterable[provider.TensorTimeSeries]) -> str:
    return " ".join(f"{tag.max_step}-{tag.max_wall_time!r}" for tag in tags)


def _newest(events: Iterable[provider.TensorDatum]) -> provider.TensorDatum:
    return max(events, key=_place)


def _place(event: provider.TensorDatum) -> tuple[int, int]:
    """Return what orders events; no time, since a clock may be set back."""
    return _start(event), event.step


def _start(event: provider.TensorDatum) -> int:
    """Return the number of the start that wrote an event (`tab_record`); 0 in records of earlier versions."""
    try:
        return int(event.numpy[1]) if len(event.numpy) > 1 else 0
    except (OverflowError, TypeError, ValueError):
        return 0


def _text(event: provider.TensorDatum) -> bytes:
    texts = event.numpy
    if texts.ndim != 1 or not len(texts) or not isinstance(texts[0], bytes):
        raise Unreadable("an event without a text")
    return texts[0]
