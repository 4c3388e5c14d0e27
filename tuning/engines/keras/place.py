"""Where in the user's own code an error came from."""

from __future__ import annotations

import sysconfig
import traceback
from pathlib import Path

OURS = __name__.split(".")[0]
INSTALLED = tuple(sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib"))


def place_of(error: BaseException) -> str:
    """Return `, in NAME (FILE, line 12)` of the last step that was the user's, empty where none was."""
    found = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        code, module = frame.f_code, str(frame.f_globals.get("__name__"))
        if module.split(".")[0] != OURS and not code.co_filename.startswith((*INSTALLED, "<frozen")):
            found = f", in {code.co_name} ({Path(code.co_filename).name}, line {line})"
    return found
