"""`make bench`: run the comparisons, print their table and write it to `benchmarks/RESULTS.md`.

    python benchmarks/run.py                     all rows
    python benchmarks/run.py small steps         some rows, by the names in PARTS
    python benchmarks/run.py verdicts --trained FOLDER

Each side runs in a fresh process and nothing runs beside it. Figures are ratios of one run on one
machine; a row that was not run keeps what an earlier run wrote.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import answers
import clusters
import default_space
import drawing
import driver
import ending
import etth1_errors
import panel_intervals
import panels
import parts_engine
import parts_search
import parts_studies
import places
import shares
import soak
import sooner
import twice
import verdicts
from apart import HERE, Row

RESULTS = HERE / "RESULTS.md"
ROWS = HERE / "rows.json"
PACKAGES = ("tensorflow", "keras", "keras-tuner", "optuna", "numpy")

PARTS: dict[str, Callable[[], list[Row]]] = {
    "small": parts_engine.small,
    "twice": twice.rows,
    "ranks": parts_engine.ranks,
    "steps": parts_engine.steps,
    "etth1": parts_engine.etth1,
    "keras": parts_engine.keras,
    "many": parts_search.many,
    "tpe": parts_search.tpe,
    "driver": driver.rows,
    "soak": soak.rows,
    "soak_hour": soak.hour,
    "studies": parts_studies.studies,
    "agreement": parts_studies.agreement,
    "errors": parts_studies.errors,
    "verdicts": verdicts.rows,
    "ending": ending.rows,
    "sooner": sooner.small,
    "sooner_etth1": sooner.etth1,
    "default_space": default_space.rows,
    "etth1_errors": etth1_errors.rows,
    "answers": answers.rows,
    "controls": answers.control_rows,
    "shares": shares.rows,
    "prepared": panels.prepared_rows,
    "panel": panels.panel_rows,
    "places": places.rows,
    "places_lags": places.lags,
    "places_knowing_less": places.knowing_less,
    "places_as_they_come": places.as_they_come,
    "panel_intervals": panel_intervals.rows,
    "clusters": clusters.rows,
    "clusters_driver": clusters.driver_rows,
    "clusters_removals": clusters.removals,
    "drawing": drawing.rows,
}


def machine() -> str:
    """Return processor, cores, system and versions in a line."""
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"{model}, {os.cpu_count()} cores; Python {platform.python_version()}, {versions}"


def main() -> None:
    """Run what was asked for and write all rows there are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="rows to run; none is all")
    parser.add_argument("--trained", type=Path, help="folder that keeps what `verdicts` trains")
    kept = json.loads(ROWS.read_text()) if ROWS.exists() else {}
    options = parser.parse_args()
    parts = dict(PARTS)
    if options.trained:
        parts["verdicts"] = partial(verdicts.rows, options.trained)
    for part in options.parts or parts:
        rows = parts[part]()
        kept[part] = {"rows": rows, "machine": machine()}
        sys.stdout.write("".join(f"| {' | '.join(row)} |\n" for row in rows))
        sys.stdout.flush()
        ROWS.write_text(json.dumps(kept, indent=1) + "\n")
        RESULTS.write_text(_page(kept))


def _page(kept: dict[str, Any]) -> str:
    lines = ["# Benchmarks", "", (__doc__ or "").split("\n\n")[2].strip(), ""]
    for part, found in kept.items():
        said = " ".join((PARTS[part].__doc__ or "").split("Args:")[0].split())
        lines += [f"## {part}", "", f"{said} On {found['machine']}.", ""]
        lines += ["| what | figure | goal | more |", "|---|---|---|---|"]
        lines += [f"| {' | '.join(row)} |" for row in found["rows"]] + [""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
