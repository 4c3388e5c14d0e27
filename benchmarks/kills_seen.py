"""What a run holds: all that must be the same however it was interrupted, and what has ended by now."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from pathlib import Path
from typing import Any

from narrows.tuning.runs.folder import RunFolder

CLOCK = ("secs", "started", "fold_secs")
Facts = dict[str, Any]


def content(folder: Path) -> Facts:
    """Return all that must be the same, however a run was interrupted."""
    found: Facts = {}
    with closing(RunFolder(folder)) as run:
        found["answer"] = run.store.meta("answer")
        for trial in run.trials:
            losses = [
                (one.epoch, repr(one.loss), repr(one.val_loss)) for one in run.store.epochs(trial.number)
            ]
            known = {name: value for name, value in vars(trial).items() if name not in CLOCK}
            known |= {"losses": losses, "narrowing": run.store.narrowing(trial.number)}
            found |= {f"trial {trial.number}: {name}": value for name, value in known.items()}
        texts = [("training", one) for one in run.store.trainings()] + [
            ("study", one) for one in run.store.studies()
        ]
        for kind, text in texts:
            plain = json.dumps(_without_clock(json.loads(text)), sort_keys=True)
            found[f"{kind} {hashlib.sha256(plain.encode()).hexdigest()[:12]}"] = plain
        for path in sorted([*run.paths.trials.glob("*/*"), *run.paths.studies.glob("*")]):
            found[str(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def ended(folder: Path) -> Facts:
    """Return what has ended by now, clock included: whatever is trained again has other seconds."""
    if not (folder / "job.json").exists():
        return {}
    with closing(RunFolder(folder)) as run:
        trials = {
            f"trial {one.number}": repr((one.started, one.secs, one.status))
            for one in run.trials
            if one.status.ended
        }
        return trials | {f"training {one}": one for one in run.store.trainings()}


def differences(whole: Facts, other: Facts) -> list[str]:
    """Return a line for each thing that differs."""
    return [
        f"{name}: {str(whole.get(name))[:300]} alone, {str(other.get(name))[:300]} after kills"
        for name in {**whole, **other}
        if whole.get(name) != other.get(name)
    ]


def _without_clock(plain: Any) -> Any:
    if isinstance(plain, dict):
        return {name: _without_clock(value) for name, value in plain.items() if name not in CLOCK}
    return [_without_clock(one) for one in plain] if isinstance(plain, list) else plain
