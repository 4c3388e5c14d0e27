"""All trials of a search in one run of TensorBoard, for the Narrowing tab.

    tensorboard/search/events.out.tfevents...

One event for each trial that has ended (tag `trials`, JSON of a `RecordedTrial`), and one for the search
itself (tag `search`, `RecordedSearch.head_json`). The tab so needs no run for each trial, of which
TensorBoard shows no more than 500. A later event of the same trial takes the place of the earlier one.

Steps count events: TensorBoard drops what it has when a step does not rise. Each start of a search
writes the folder anew from what the run knows, so that it never tells of a trial that is trained again. Every
event carries the number of its start, which rises from one to the next whatever the clock does.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tensorboard.compat.proto import summary_pb2
from tensorboard.util import tensor_util

from .events import EventFile, Value, next_number
from .recorded import RecordedSearch, RecordedTrial

PLUGIN = "narrowing"
RUN = "search"
SEARCH_TAG, TRIALS_TAG = "search", "trials"


class TabRecord:
    """The record of all trials of one search; the only writer of its folder.

    Args:
        folder: TensorBoard's log directory; the folder `search` in it is written anew.
        search: what is known when the search starts, with the trials of earlier starts.
    """

    def __init__(self, folder: Path, search: RecordedSearch) -> None:
        self._start = next_number(folder / RUN)
        shutil.rmtree(folder / RUN, ignore_errors=True)
        self._events = EventFile(folder / RUN, self._start)
        self._count = 0
        self.tell(search)
        for trial in search.trials:
            self.add(trial)

    def add(self, trial: RecordedTrial) -> None:
        """Write a trial that has ended, or what was measured of it since."""
        self._write(TRIALS_TAG, trial.to_json())

    def tell(self, search: RecordedSearch) -> None:
        """Write all but the trials once more: a search that is over has its answer."""
        self._write(SEARCH_TAG, search.head_json())

    def close(self) -> None:
        """Close the file."""
        self._events.close()

    def _write(self, tag: str, text: str) -> None:
        self._events.write((_value(tag, text, self._start),), step=self._count)
        self._count += 1


def _value(tag: str, text: str, start: int) -> Value:
    # Without a data class, TensorBoard's loaders leave a summary of another plugin out.
    about = summary_pb2.SummaryMetadata(
        plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name=PLUGIN),
        data_class=summary_pb2.DATA_CLASS_TENSOR,
    )
    return Value(
        tag=tag, metadata=about, tensor=tensor_util.make_tensor_proto([text.encode(), b"%d" % start])
    )
