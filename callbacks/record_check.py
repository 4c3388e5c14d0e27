"""Whether a search's event files say what is known of it.

Compared is what cannot have changed since it was written: of each trial its epochs, its best loss and
whether it succeeded; of the search its trials and its answer. Event files are derived: they are
mended by writing them anew (`SearchRecord`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from tensorboard.compat.proto import event_pb2
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2

from ..search_spaces.trial import Epoch, Status
from .event_reading import NotWhole, read_events
from .events import NAME
from .kept_runs import KeptRuns
from .recorded import RecordedSearch, RecordedTrial
from .search_record import runs_by_trial
from .tab_record import RUN, SEARCH_TAG, TRIALS_TAG

_CURVES = ("loss/train", "loss/validation")
DIFFERS = "does not say what the store says"


@dataclass(frozen=True)
class Fault:
    """What is wrong with a run directory.

    Args:
        name: of the directory.
        what: is wrong, to be said of it.
        number: of the trial; None for the record of all trials.
        foreign: what of somebody else's lies in its place or in it, which writing it anew would remove.
    """

    name: str
    what: str
    number: int | None = None
    foreign: str = ""


def faults(
    folder: Path, search: RecordedSearch, epochs: Callable[[int], Sequence[Epoch] | None], most: int | None
) -> list[Fault]:
    """Return what is wrong below TensorBoard's log directory, the record of all trials first.

    Args:
        folder: the log directory.
        search: with the trials that have ended.
        epochs: of a trial; None where they are not known, and its run is not looked at.
        most: trials that keep a run of their own; None where the search kept no record, and none is missed.
    """
    runs = runs_by_trial(folder)
    there = [trial for trial in search.trials if _name(trial) in runs]
    found = []
    if runs.get(RUN) or most is not None:
        what = _wrong(folder / RUN, partial(_says_all, search=search))
        found += [Fault(RUN, what, foreign=_foreign([folder / RUN]))] if what else []
    for trial in _wanted(search.trials, there, most):
        own, known = runs.get(_name(trial), []), epochs(trial.number)
        if known is None:
            continue
        if len(own) == 1:
            what = _wrong(own[0], partial(_says, trial=trial, epochs=known))
        else:
            what = "has two folders" if own else "is not there"
        if what:
            name = own[0].name if own else trial.name
            found.append(Fault(name, what, trial.number, _foreign(own)))
    return found


def _name(trial: RecordedTrial) -> str:
    return f"t{trial.number:04d}"


def _wanted(
    ended: Sequence[RecordedTrial], there: Sequence[RecordedTrial], most: int | None
) -> Iterable[RecordedTrial]:
    """Return the trials that have a run of their own, or should have one."""
    if most is None or (len(ended) > most and len(there) >= most):
        return there
    kept, runs = {trial.number: trial for trial in ended}, KeptRuns(most)
    for trial in ended:
        if (gone := runs.add(trial)) is not None:
            del kept[gone]
    return [kept[number] for number in sorted(kept | {trial.number: trial for trial in there})]


def _wrong(run: Path, says: Callable[[Sequence[event_pb2.Event]], bool]) -> str:
    """Return what is wrong with a run directory; empty when nothing is."""
    files = sorted(run.glob(f"{NAME}*")) if run.is_dir() else []
    if len(files) != 1:
        return f"has {len(files)} event files" if files else "has no event file"
    try:
        if not files[0].is_file():
            return "has no event file"
        return "" if says(read_events(files[0])) else DIFFERS
    except NotWhole:
        return "has an event file that is damaged or cut short"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    except (ValueError, KeyError, TypeError, RecursionError):
        return DIFFERS


def _foreign(runs: Iterable[Path]) -> str:
    for run in runs:
        if run.exists() and not run.is_dir():
            return str(run)
        for path in run.iterdir() if run.is_dir() else ():
            ours = path.name.startswith(NAME) and (
                path.is_file() or (path.is_dir() and not any(path.iterdir()))
            )
            if not ours:
                return str(path)
    return ""


def _says(events: Iterable[event_pb2.Event], trial: RecordedTrial, epochs: Sequence[Epoch]) -> bool:
    """Whether the events of a trial's run are those of this trial, to its end."""
    curves, begun, end, best = {}, False, None, None
    for event in events:
        for value in event.summary.value:
            if value.tag in _CURVES:
                curves[value.tag, event.step] = value.simple_value
            elif value.tag == "best/val_loss":
                best = value.simple_value
            elif value.metadata.plugin_data.plugin_name == metadata.PLUGIN_NAME:
                data = plugin_data_pb2.HParamsPluginData.FromString(value.metadata.plugin_data.content)
                begun |= data.HasField("session_start_info")
                end = data.session_end_info.status or end
    expected = {
        (tag, epoch.epoch): loss
        for epoch in epochs
        for tag, loss in zip(_CURVES, (epoch.loss, epoch.val_loss), strict=True)
    }
    ended = api_pb2.STATUS_FAILURE if trial.status == Status.FAILED else api_pb2.STATUS_SUCCESS
    loss = trial.best_val_loss
    has_best = loss is not None and math.isfinite(loss)
    return (
        begun
        and end == ended
        and curves.keys() == expected.keys()
        and all(_same(curves[key], expected[key]) for key in expected)
        and (_same(best, loss) if has_best else best is None)
    )


def _same(written: float | None, known: float | None) -> bool:
    """Whether a number is another one as TensorBoard keeps it, in single precision."""
    if written is None or known is None:
        return written is known
    with np.errstate(over="ignore"):
        return bool(np.array_equal(np.float32(written), np.float32(known), equal_nan=True))


def _says_all(events: Iterable[event_pb2.Event], search: RecordedSearch) -> bool:
    """Whether the events of the record of all trials are those of this search."""
    told: dict[int, tuple[Any, ...]] = {}
    head: dict[str, Any] = {}
    for event in events:
        for value in event.summary.value:
            if value.tag == TRIALS_TAG:
                trial = json.loads(value.tensor.string_val[0])
                told[trial["number"]] = _short(trial)
            elif value.tag == SEARCH_TAG:
                head = json.loads(value.tensor.string_val[0])
    known = {trial.number: _short(json.loads(trial.to_json())) for trial in search.trials}
    return told == known and _head(head) == _head(json.loads(search.head_json()))


def _short(trial: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(trial[name] for name in ("values", "status", "best_val_loss", "best_epoch", "parameters"))


def _head(head: dict[str, Any]) -> tuple[Any, ...]:
    # The title and commands in the answer say where the run was then.
    answer = head["answer"] or {}
    return (
        head["loss"],
        answer.get("trial"),
        answer.get("scores"),
        head["forecasts"],
        head["units"],
        len(head.get("studies", ())),
        head["asked"],
        head["notes"],
    )
