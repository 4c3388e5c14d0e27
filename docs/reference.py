"""Write the reference of everything public, from its docstrings, as pages of HTML: `make reference`.

pdoc reads the members of a package from its `__dict__`, and ours are imported when first asked for: so each
is asked for here.

    python docs/reference.py build/reference
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pdoc

from narrows.search_spaces.quiet import load_tensorflow

PACKAGES = ("narrows", "narrows.tuning", "narrows.search_spaces", "narrows.callbacks")


def main(out: Path) -> None:
    """Write the pages into the folder `out`."""
    load_tensorflow()
    for package in map(import_module, PACKAGES):
        vars(package).update({name: getattr(package, name) for name in dir(package)})
    pdoc.render.configure(docformat="google", show_source=False, footer_text="narrows")
    pdoc.pdoc(PACKAGES[0], output_directory=out)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
