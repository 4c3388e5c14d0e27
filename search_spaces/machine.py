"""What this process may use of the machine: cores, memory, mappings, files, not what the machine has.

`taskset` and batch systems bind a process to some cores; containers and services are held by control groups.
The kernel tells of these in files, in two layouts (v1 and v2), for the group of the process and all groups
above it; the least of them holds. Inside a container only its own group can be seen, as the root.
"""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterator
from pathlib import Path


def cores(root: Path = Path("/")) -> int:
    """Return how many cores this process may use, at least 1.

    That is the least of the cores it is bound to and, rounded up, the time on cores that its control groups
    are given (1.5 cores count as 2: with 1, half a core would never be used).

    Args:
        root: of the file system; another one for tests.
    """
    # Where there is no affinity (macOS), the machine's cores are its own.
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    shares = [share for folder in _groups(root, "cpu") if (share := _share(folder)) is not None]
    return max(1, min([bound, *map(math.ceil, shares)]))


def memory(root: Path = Path("/")) -> int:
    """Return how many bytes of memory this process may use.

    That is the least of the machine's memory and the limits of its control groups.

    Args:
        root: of the file system; another one for tests.
    """
    names = ("memory.max", "memory.limit_in_bytes")
    # A group without a limit says "max" (v2), or a number beyond any machine's memory (v1).
    limits = [
        int(words[0])
        for folder in _groups(root, "memory")
        for name in names
        if (words := _words(folder / name)) and words[0].isdigit()
    ]
    return min([os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), *limits])


def processor(root: Path = Path("/")) -> str:
    """Return what the processor is called, or its kind where the system does not tell.

    Args:
        root: of the file system; another one for tests.
    """
    named = (line.partition(":")[2].strip() for line in _lines(root / "proc/cpuinfo") if "model name" in line)
    return next(named, "") or platform.processor() or platform.machine()


def mappings(root: Path = Path("/")) -> float:
    """Return the share of its memory mappings that this process has taken; 0 where the system does not tell.

    Linux gives a process so many (65,530 by default), and what is refused one more, ends.

    Args:
        root: of the file system; another one for tests.
    """
    most = _words(root / "proc/sys/vm/max_map_count")
    taken = len(_lines(root / "proc/self/maps"))
    return taken / int(most[0]) if most and taken else 0.0


def may_open(files: int) -> bool:
    """Whether this process may hold so many files open; where it may raise its limit to that, it does so.

    Systems begin with 1,024 as a rule, and let a process have a thousand times as many that asks for them.
    """
    try:
        import resource
    except ImportError:  # Windows
        return True
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files > now != resource.RLIM_INFINITY:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
        except (OSError, ValueError):
            return False
    return True


def _share(folder: Path) -> float | None:
    """Cores that one group is given, None when it is not limited: `QUOTA PERIOD`, `max` or -1 is no limit."""
    quota, period = (*_words(folder / "cpu.max"), "", "")[:2]  # v2
    if not quota:
        quota = " ".join(_words(folder / "cpu.cfs_quota_us"))  # v1
        period = " ".join(_words(folder / "cpu.cfs_period_us"))
    return int(quota) / int(period) if quota.isdigit() and period.isdigit() and int(period) else None


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """The folders of this process's groups that may limit what `controller` counts, and all above them."""
    mounted = root / "sys/fs/cgroup"
    for line in _lines(root / "proc/self/cgroup"):
        # `4:memory:/a/b` is v1; `0::/a/b` is v2, below the mount or, on machines with both, `unified`.
        number, controllers, group = line.split(":", 2)
        if number == "0":
            tops = [mounted, mounted / "unified"]
        elif controller in controllers.split(","):
            tops = [mounted / controller]
        else:
            continue
        own = Path(group.strip("/"))
        yield from (top / above for top in tops for above in (own, *own.parents))


def _words(path: Path) -> list[str]:
    return " ".join(_lines(path)).split()


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
