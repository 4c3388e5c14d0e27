"""A run as an Optuna study, for what reads those: Optuna's dashboard, its plots, its importances.

Optuna counts the trials of a study itself, so what would leave a gap stands in it as a failed trial that says
why. It knows one rule of which trial is the best, the least value of those that are complete and keep to all
constraints; so trials that `search_spaces.best` passed over break one of this name, and the best trial is
complete also where it ended early.
"""

from __future__ import annotations

import math
import os
import re
import shlex
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState

from ..search_spaces.best import best_of
from ..search_spaces.errors import UserError, line_of
from ..search_spaces.plain import Unreadable
from ..search_spaces.quiet import quiet_optuna
from ..search_spaces.repeat import of_repeat
from ..search_spaces.trial import Status, Trial

if TYPE_CHECKING:
    from ..callbacks.recorded import Declared
    from .runs.folder import RunFolder

SQLITE, EXAMPLE = re.compile(r"sqlite(?:\+\w+)?:///([^?]+)"), "sqlite:///trials.db"
PASSED_OVER = "passed over"
"""The constraint that complete trials break whose loss is not above that of the best one."""
ALL_EPOCHS = "all its epochs were trained"
NOT_ENDED = "it had not ended when this study was written"
UNKNOWN = "nothing is known of it any more"


def to_study(run: RunFolder, storage: Any) -> optuna.Study:
    """Write the trials of a run that have ended as a study; see `Run.to_optuna`."""
    file = SQLITE.match(str(storage))
    if file and os.path.exists(file[1]) and os.path.samefile(file[1], run.paths.store):
        raise UserError(f"{storage} is where the run itself is kept: name another file, {EXAMPLE}")
    trials = run.trials
    if not any(one.status.ended for one in trials):
        raise UserError(f"{run.folder} has no trial that has ended yet: try again when it has one")
    with run.store.reading("trials"):
        try:
            made = _frozen_trials(run, list(_in_a_row(trials)))
        except (OverflowError, TypeError, ValueError) as error:
            # A time beyond the calendar, a value that is a list: the folder may be somebody else's.
            raise Unreadable(line_of(error)) from None
    with quiet_optuna():
        study = _created(run.name, storage)
        try:
            study.add_trials(made)
        except BaseException as error:
            # Part of a study would be taken for the whole of it.
            with suppress(Exception):
                optuna.delete_study(study_name=run.name, storage=storage)
            if isinstance(error, optuna.exceptions.StorageInternalError):
                why = line_of(error.__cause__ or error)
                raise UserError(f"{storage} could not take the whole study ({why}), so it has none") from None
            raise
    return study


def _created(name: str, storage: Any) -> optuna.Study:
    try:
        return optuna.create_study(storage=storage, study_name=name, direction="minimize")
    except optuna.exceptions.DuplicatedStudyError:
        remove = shlex.join(["optuna", "delete-study", "--study-name", name, "--storage", str(storage)])
        raise UserError(
            f"{storage} has a study {name!r} already: name another storage, or remove it with `{remove}`"
        ) from None
    except Exception as error:
        # Any class: a URL leads to a database, and to its driver.
        raise UserError(
            f"{storage} cannot be used as the storage of an Optuna study ({line_of(error)}): a file is "
            f"written {EXAMPLE}"
        ) from None


def _in_a_row(trials: Sequence[Trial]) -> Iterator[Trial]:
    """Yield each number up to that of the last trial that has ended; what has not ended has failed."""
    known = {one.number: one for one in trials}
    before = trials[0]
    for number in range(1 + max(one.number for one in trials if one.status.ended)):
        one = known.get(number) or Trial(number, {}, 0, started=before.started)
        why = NOT_ENDED if number in known else UNKNOWN
        yield one if one.status.ended else replace(one, status=Status.FAILED, reason=why)
        before = one


def _frozen_trials(run: RunFolder, trials: Sequence[Trial]) -> list[FrozenTrial]:
    """Return trials in Optuna's terms."""
    declared = {one.name: one for one in run.hyperparameters}
    had: defaultdict[str, list[Any]] = defaultdict(list)
    for trial in trials:
        for name, value in trial.values.items():
            had[name].append(value)
    distributions = {name: _distribution(declared.get(name), values) for name, values in had.items()}
    # Optuna warns of, and draws an axis for, a parameter that has one value.
    searched = {name for name, one in distributions.items() if not one.single()}
    losses, best = run.store.losses(), best_of(trials)
    made = []
    for trial in trials:
        known, started = losses.get(trial.number, []), datetime.fromtimestamp(trial.started)
        fixed = {name: value for name, value in trial.values.items() if name not in searched}
        one = FrozenTrial(
            number=trial.number,
            trial_id=-1,
            state=_state(trial, best),
            value=_score(trial),
            datetime_start=started,
            datetime_complete=started + timedelta(seconds=trial.secs),
            params={name: value for name, value in trial.values.items() if name in searched},
            distributions={name: distributions[name] for name in trial.values if name in searched},
            user_attrs=fixed | _told(trial, {epoch: loss for epoch, loss, _ in known}),
            system_attrs={},
            intermediate_values={epoch: loss for epoch, _, loss in known if loss is not None},
        )
        made.append(one)
    _constrain([one for one in made if one.state == TrialState.COMPLETE], best)
    return made


def _score(trial: Trial) -> float | None:
    return None if trial.score is None or math.isnan(trial.score) else trial.score


def _state(trial: Trial, best: Trial | None) -> TrialState:
    if _score(trial) is None:
        return TrialState.FAIL
    return TrialState.PRUNED if trial.status == Status.STOPPED and trial is not best else TrialState.COMPLETE


def _constrain(complete: Sequence[FrozenTrial], best: Trial | None) -> None:
    """Say of complete trials whether they were passed over, where any was."""
    passed = [
        best is not None and one.number != best.number and one.value <= best.score  # type: ignore[operator]
        for one in complete
    ]
    for one, was in zip(complete, passed, strict=True):
        if any(passed):
            one.set_constraint(PASSED_OVER, float(was))


def _told(trial: Trial, losses: Mapping[int, float | None]) -> dict[str, Any]:
    """Return what Optuna has no place of its own for.

    Args:
        trial: that has ended.
        losses: train losses by epoch.
    """
    told = {
        "profile": trial.profile,
        "layers": len(trial.units) or None,
        "bottleneck": trial.values.get("bottleneck"),
        "parameters": trial.parameters or None,
        "train_loss": losses.get(trial.best_epoch),
        "best_epoch": trial.best_epoch if trial.score is not None else None,
        "ended": trial.reason or ALL_EPOCHS,
        "node": trial.node,
        "seed": trial.seed,
        "other_seeds": list(trial.again),
        "folds": list(trial.folds),
        "goes_on_from": trial.parent,
        "note": of_repeat(trial),
    }
    return {name: value for name, value in told.items() if value not in (None, "", [])}


def _distribution(declared: Declared | None, values: Sequence[Any]) -> BaseDistribution:
    """Return what a hyperparameter is drawn from: what was declared of it, and all values that trials had."""
    options = declared.options if declared else ()
    if options or not all(isinstance(one, int | float) and not isinstance(one, bool) for one in values):
        return CategoricalDistribution(list(dict.fromkeys([*options, *values])))
    ends, whole, log, step = [], True, False, None
    if declared:
        ends = [end for end in (declared.low, declared.high) if end is not None]
        whole, log, step = declared.whole or not ends, declared.log, declared.step
    low, high = min([*ends, *values]), max([*ends, *values])
    if step is not None:
        steps = [(value - low) / step for value in values]
        step = step if all(math.isclose(one, round(one), abs_tol=1e-9) for one in steps) else None
    if step is not None:
        high = low + math.floor((high - low) / step + 1e-9) * step
    log = log and low > 0
    if whole and all(isinstance(one, int) for one in values):
        return IntDistribution(int(low), int(high), log=log, step=int(step or 1))
    return FloatDistribution(low, high, log=log, step=step)
