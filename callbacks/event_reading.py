"""An event file as it is on disk, read to its end, each sum compared.

TensorBoard's own readers stop without a word at the first record that is not whole. A record is

    length (8 bytes, little-endian), sum of these 8 (4), event (as many as the length says), its sum (4)

as `events` has it written. Nothing here imports TensorFlow.
"""

from __future__ import annotations

import struct
from pathlib import Path

from google.protobuf.message import DecodeError
from tensorboard.compat.proto import event_pb2
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

_HEAD, _TAIL = 12, 4


class NotWhole(Exception):
    """An event file that was altered or cut short."""


def read_events(path: Path) -> list[event_pb2.Event]:
    """Return the events of a file, in order.

    Raises:
        NotWhole: when a record is not as it was written, or the last one is cut short; also for a file
            without a record.
        OSError: when it cannot be read.
    """
    data, place, found = path.read_bytes(), 0, []
    while place < len(data):
        record = _record(data, place)
        place += _HEAD + len(record) + _TAIL
        try:
            found.append(event_pb2.Event.FromString(record))
        except DecodeError:
            raise NotWhole from None
    if not found:
        raise NotWhole
    return found


def _record(data: bytes, place: int) -> bytes:
    head = data[place : place + _HEAD]
    if len(head) < _HEAD or struct.unpack("<I", head[8:])[0] != masked_crc32c(head[:8]):
        raise NotWhole
    (length,) = struct.unpack("<Q", head[:8])
    record = data[place + _HEAD : place + _HEAD + length]
    tail = data[place + _HEAD + length : place + _HEAD + length + _TAIL]
    if len(tail) < _TAIL or struct.unpack("<I", tail)[0] != masked_crc32c(record):
        raise NotWhole
    return record
