"""An event file of TensorBoard, and the summaries that go into it.

`tf.summary` needs 1.9 ms for what one epoch writes, TensorBoard's `EventFileWriter` a thread and a
queue for each open file, and its `RecordWriter` 0.2 ms for the checksum of 2 kB, in Python. Here every
write goes straight to the operating system, as a record of the same format (length, checksum, event,
checksum), so that a killed process has lost nothing it wrote. A reader stops at a torn last record and
goes on when the file grows. The times in a file never fall, also where the clock is set back.
"""

from __future__ import annotations

import errno
import os
import textwrap
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.text import metadata as text_metadata
from tensorboard.util import tensor_util

Value: TypeAlias = summary_pb2.Summary.Value
NAME = "events.out.tfevents."


class EventFile:
    """One new event file in a run directory.

    Args:
        folder: the run directory, made when absent. Without `--reload_multifile`, TensorBoard follows
            only the newest file of a directory, so a directory should hold one.
        number: that its name ends with; None is `next_number`.

    Raises:
        OSError: from here and from each write, when the disk is full.
    """

    def __init__(self, folder: Path, number: int | None = None) -> None:
        import tensorflow as tf  # what only reads events imports this module without it

        self._full = tf.errors.ResourceExhaustedError
        folder.mkdir(parents=True, exist_ok=True)
        self._now = 0.0
        number = next_number(folder) if number is None else number
        self._records = tf.io.TFRecordWriter(str(folder / f"{NAME}{number}"))
        self._write(event_pb2.Event(wall_time=self.now(), file_version="brain.Event:2"))

    def write(self, values: Iterable[Value], step: int = 0) -> None:
        """Append one event with `values`; it survives the process once this returns."""
        summary = summary_pb2.Summary(value=values)
        self._write(event_pb2.Event(wall_time=self.now(), step=step, summary=summary))

    def now(self) -> float:
        """Return the time, in seconds since 1970, or that of the last event where the clock was set back."""
        self._now = max(self._now, time.time())
        return self._now

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._told(self._records.close)

    def _write(self, event: event_pb2.Event) -> None:
        self._told(self._records.write, event.SerializeToString())
        self._told(self._records.flush)

    def _told(self, call: Callable[..., None], *given: bytes) -> None:
        """Call, and tell what TensorFlow says of a full disk as Python says it of every other file."""
        try:
            call(*given)
        except self._full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None


def next_number(folder: Path) -> int:
    """Return a number for the next event file in `folder`: the time, or one more than the newest file has."""
    names = os.listdir(folder) if folder.is_dir() else ()
    numbers = [name.removeprefix(NAME) for name in names if name.startswith(NAME)]
    return max([time.time_ns(), *(int(number) + 1 for number in numbers if number.isdecimal())])


def scalar(tag: str, value: float) -> Value:
    """Return a point of a curve; TensorBoard keeps it as float32."""
    return Value(tag=tag, simple_value=value)


def text(tag: str, content: str) -> Value:
    """Return a text that TensorBoard, which reads Markdown, shows literally."""
    return Value(
        tag=tag,
        metadata=text_metadata.create_summary_metadata(display_name="", description=""),
        tensor=tensor_util.make_tensor_proto([textwrap.indent(content, "    ")]),
    )
