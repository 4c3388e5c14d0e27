"""`narrows check`: whether a run is as it was written, and mending what can be made again."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from typer import Argument, Exit, Option

from ...search_spaces.plain import to_json
from .output import say


def check(
    run: Annotated[str, Argument(help="Run folder.")],
    dry_run: Annotated[bool, Option("--dry-run", help="Tell what is damaged and change nothing.")] = False,
    as_json: Annotated[bool, Option("--json", help="As JSON.")] = False,
) -> None:
    """Look at every file of a run, say what is damaged, and mend what can be made again.

    A damaged file of weights moves to damaged/ in the run. TensorBoard's files are written anew. The exit
    code is 1 where something stays damaged.

    Examples:

      narrows check runs/fibonacci

      narrows check runs/fibonacci --dry-run
    """
    from ..checking import check as look

    checked = look(run, repair=not dry_run)
    if as_json:
        findings = [asdict(finding) for finding in checked.findings]
        say(to_json({"run": run, "is_well": checked.is_well, "findings": findings}, indent=2))
    else:
        for finding in checked.findings:
            say(f"{finding.state}: {finding}")
        say(f"{run}: {checked.summary}")
    if not checked.is_well:
        raise Exit(1)
