"""job.json: what a run was asked to do, and how it differs from what another job asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...search_spaces.errors import UserError, line_of
from ...search_spaces.plain import Unreadable, from_plain, read_json, to_json
from ...search_spaces.whole_file import write_whole
from .digests import KeptFiles
from .kept import KeptJob, Versioned
from .paths import RunPaths

VERSION = 3


def write_job(paths: RunPaths, described: Mapping[str, Any], files: KeptFiles) -> None:
    """Write `described`, from `Job.describe`; the file appears whole or not at all."""
    content = f"{to_json({'version': VERSION} | dict(described), indent=2)}\n".encode()
    files.will_write(paths.job, content)
    write_whole(paths.job, content)


def read_job(paths: RunPaths) -> dict[str, Any]:
    """Return the content of `job.json`.

    Raises:
        UserError: when the folder is not a run, or was written by another version.
    """
    if not paths.job.is_file():
        what = "is not a run (it has no job.json)" if paths.folder.exists() else "does not exist"
        near = [str(path.parent) for path in sorted(paths.folder.parent.glob("*/job.json"))[:5]]
        hint = (
            f"; runs beside it: {', '.join(near)}" if near else "; `narrows runs` lists the runs of a folder"
        )
        raise UserError(f"{paths.folder} {what}{hint}")
    try:
        job = read_json(paths.job.read_bytes())
        version = from_plain(Versioned, job)["version"]
        if version == VERSION:
            from_plain(KeptJob, job)
    except (OSError, Unreadable) as error:
        raise UserError(f"{paths.job} cannot be read as the job of a run: {line_of(error)}") from None
    if version != VERSION:
        raise UserError(
            f"{paths.job} was written by another version of narrows (job {version}, here {VERSION})"
        )
    return dict(job)


def differences(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Return one line for each value that differs between two identities."""
    lines: list[str] = []
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            lines += differences(before, after, f"{prefix}{name}.")
        elif before != after:
            lines.append(f"{prefix}{name}: the run has {before}, the job asks for {after}")
    return lines
