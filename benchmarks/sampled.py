"""A command in a process of its own, looked at once a second until it ends.

What is sampled is read from `/proc` and from the folders that the command writes; the command knows nothing
of it. When its trials ended is read from the lines that it prints (`--json`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from apart import environment

EVERY_SECS = 1.0
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Sample:
    """A command at one moment.

    Args:
        trials: that had ended.
        values: of each quantity that is looked at, by name.
    """

    trials: int
    values: dict[str, float]


@dataclass
class Sampled:
    """What was seen of a command.

    Args:
        began: when its search began, in seconds of `time.monotonic`.
        ends: when each trial ended, likewise.
        samples: once a second while the search was searching; what follows, the answer, is in `after`.
        after: once a second from the end of the last trial to that of the process.
    """

    began: float = 0.0
    ends: list[float] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    after: list[Sample] = field(default_factory=list)


def sampled(words: Sequence[str], run: Path, cache: Path) -> Sampled:
    """Run `narrows WORDS --json` and look at it until it ends.

    Args:
        words: that follow `narrows`.
        run: the run folder that they name.
        cache: the user's cache folder.

    Raises:
        SystemExit: when the command fails.
    """
    found, lines = Sampled(), cache / "stderr"
    code = "from narrows.tuning.cli import main; main()"
    typed = [sys.executable, "-c", code, *words, "--json"]
    with (
        lines.open("w") as errors,
        subprocess.Popen(typed, env=environment(cache), stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        reader = threading.Thread(target=_read, args=(process, found), daemon=True)
        reader.start()
        try:
            while process.poll() is None:
                time.sleep(EVERY_SECS)
                if (one := _looked(process.pid, len(found.ends), run, cache)) is not None and found.began:
                    found.samples.append(one)
        finally:
            process.kill()
            reader.join()
    if process.returncode:
        raise SystemExit(f"narrows {' '.join(words)} ended with {process.returncode}: {lines.read_text()}")
    count = len(found.ends)
    found.after = [one for one in found.samples if one.trials == count]
    found.samples = [one for one in found.samples if one.trials < count]
    return found


def _read(process: subprocess.Popen[bytes], found: Sampled) -> None:
    """Note when the search began and when each trial ended."""
    assert process.stdout is not None
    for line in process.stdout:
        event = json.loads(line).get("event")
        if event == "start":
            found.began = time.monotonic()
        elif event == "trial":
            found.ends.append(time.monotonic())


def _looked(pid: int, trials: int, run: Path, cache: Path) -> Sample | None:
    """Return what there is to see now; None when the process is about to end."""
    proc = Path("/proc", str(pid))
    try:
        values: dict[str, float] = {
            "resident memory, MB": int((proc / "statm").read_text().split()[1]) * PAGE / 1e6,
            "open files": len(os.listdir(proc / "fd")),
            "threads": len(os.listdir(proc / "task")),
            "memory mappings": (proc / "maps").read_bytes().count(b"\n"),
        }
    except OSError:
        return None
    size, count = _below(run)
    values |= {"run folder, MB": size / 1e6, "files and folders of the run": count}
    return Sample(trials, values | {"cache folder, MB": _below(cache / "narrows")[0] / 1e6})


def _below(folder: Path) -> tuple[int, int]:
    """Return the bytes of the files below a folder, and the number of files and folders."""
    size = count = 0
    for above, folders, files in os.walk(folder):
        count += len(folders) + len(files)
        for name in files:
            try:
                size += os.lstat(os.path.join(above, name)).st_size
            except FileNotFoundError:  # removed meanwhile
                continue
    return size, count
