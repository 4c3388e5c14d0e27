"""The log beside the store, where SQLite writes first: how much of it is whole.

A process that is killed leaves its log, and the next one takes over from it what is whole, silently. What
follows a damaged entry is lost; this says so. After a header of 32 bytes

    magic, version, page size, number, two salts, two sums      big-endian, 4 bytes each

there are entries: 24 bytes (page, size of the database after a transaction or 0, the salts, two sums) and the
page. The sums go on from those before, over all bytes but themselves; entries with other salts are older
(sqlite.org/fileformat2.html, section 4).
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

_HEAD, _ENTRY = 32, 24
_MAGIC = 0x377F0682
"""Of logs whose sums are over little-endian words; one more where they are big-endian."""


def lost_entries(log: Path) -> int:
    """Return how many entries of a log are not whole, or follow one that is not; 0 without a log."""
    if not log.is_file():
        return 0
    data = log.read_bytes()
    if not data:
        return 0
    magic, _, page = struct.unpack(">3I", data[:12].ljust(12, b"\0"))
    each = _ENTRY + page
    if len(data) < _HEAD or magic | 1 != _MAGIC | 1 or page not in {2**power for power in range(9, 17)}:
        return 1
    words = np.dtype(">u4" if magic & 1 else "<u4")
    sums = _sums(data[:24], words, (0, 0))
    salts = data[16:24]
    if struct.pack(">2I", *sums) != data[24:_HEAD]:
        return -(-(len(data) - _HEAD) // each) or 1
    entries = [data[at : at + each] for at in range(_HEAD, len(data), each)]
    for place, entry in enumerate(entries):
        if len(entry) >= 16 and entry[8:16] != salts:
            # An older entry, unless those after it are of now.
            return len(entries) - place if any(one[8:16] == salts for one in entries[place:]) else 0
        sums = _sums(entry[:8] + entry[_ENTRY:], words, sums) if len(entry) == each else (-1, -1)
        if sums[0] < 0 or struct.pack(">2I", *sums) != entry[16:_ENTRY]:
            return len(entries) - place
    return 0


def _sums(content: bytes, words: np.dtype, before: tuple[int, int]) -> tuple[int, int]:
    first, second = before
    for one, other in np.frombuffer(content, words).reshape(-1, 2).tolist():
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return first, second
