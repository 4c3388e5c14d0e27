"""narrows.json: what a user of an exported model must know, held to the model that it stands beside."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from ...search_spaces.errors import UserError, line_of
from ...search_spaces.plain import Unreadable, from_plain, read_json, to_json
from ..series.conventions import Conventions
from ..series.reading import POLICIES
from .formats import FORMATS

if TYPE_CHECKING:
    pass

ABOUT = "narrows.json"


class KeptAbout(TypedDict):
    """What of it is read again."""

    format: str
    lookback: int
    horizon: int
    targets: list[str]
    values: list[str]
    categories: dict[str, list[str]]
    known: list[str]
    static: list[str]
    calendar: list[str]
    time: list[str]
    id: str | None
    frequency: str | None
    season: int
    zone: str | None
    missing: str
    conventions: Conventions
    unseen: str
    wide: str | None
    level: float | None
    files: list[str]
    digest: str


def write_about(folder: Path, about: dict[str, Any]) -> dict[str, Any]:
    """Write what is said of the model in `folder`, when all of its files are there, and return all of it."""
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    held = json.loads(to_json(about | {"files": files}))
    held["digest"] = _digest(folder, held)
    (folder / ABOUT).write_text(f"{to_json(held, indent=2)}\n", encoding="utf-8")
    return held


def read_about(folder: Path) -> dict[str, Any]:
    """Return what is said of the model in `folder`. Files that are none of the model's may stand beside it.

    Raises:
        UserError: when it cannot be read, or the model or what is said of it is no longer what was exported.
    """
    path = folder / ABOUT
    try:
        about = read_json(path.read_bytes())
        from_plain(KeptAbout, about)
        if about["format"] not in FORMATS or about["missing"] not in POLICIES:
            raise Unreadable(f"format {about['format']!r}, missing {about['missing']!r}")
        digest, files = about.pop("digest"), [folder / name for name in about["files"]]
        if any(not file.resolve().is_relative_to(folder.resolve()) for file in files):
            raise Unreadable("it tells of files that are not in its folder")
        missing = [file for file in files if not file.is_file()]
    except (OSError, ValueError, Unreadable) as error:  # ValueError: of a name that no file can have
        raise UserError(
            f"{path} cannot be read as that of an export: {line_of(error)}; export the run again"
        ) from None
    if missing:
        raise UserError(
            f"{missing[0]} is not there, and is part of the model that {ABOUT} beside it tells of: "
            "copy the folder as a whole, or export the run again"
        )
    if digest != _digest(folder, about):
        raise UserError(
            f"{path} does not belong to the model beside it: one of the two was changed or copied here since "
            "the export; export the run again"
        )
    return about


def _digest(folder: Path, about: dict[str, Any]) -> str:
    """Return the digest of what is said of a model, the names of its files included, and of each of them."""
    digest = hashlib.sha256(to_json(about).encode())
    for name in about["files"]:
        digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return digest.hexdigest()
