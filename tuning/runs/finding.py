"""Where runs are, and where the next one may be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...search_spaces.errors import UserError
from .job_file import read_job
from .paths import RunPaths


def find_runs(folder: Path) -> list[Path]:
    """Return the run folders at or below `folder`, two levels deep, by name."""
    found = {
        path.parent for pattern in ("job.json", "*/job.json", "*/*/job.json") for path in folder.glob(pattern)
    }
    return sorted(found)


def free_folder(wanted: Path, identity: Mapping[str, Any]) -> Path:
    """Return `wanted`, or `wanted-2` and so on: the first that is free or the run of the same job."""
    for count in range(1, 10_000):
        folder = wanted if count == 1 else wanted.with_name(f"{wanted.name}-{count}")
        paths = RunPaths(folder)
        if paths.job.is_file():
            if read_job(paths)["identity"] == identity:
                return folder
        elif not folder.exists() or (folder.is_dir() and not paths.foreign()):
            return folder
    raise UserError(f"too many runs are called {wanted}; give --out")
