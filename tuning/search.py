"""The loop: algorithm -> engine -> watchers.

The engine asks for trials and reports; `Search` passes the questions on to the schedule and the stopping
rules, and puts down what happened for the store and the watchers, which hear of it in a thread of their own.
"""

from __future__ import annotations

import logging
import math
import time
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ..search_spaces.trial import GO_ON, Decision, Epoch, Outcome, Proposal, Status, Trial
from . import algorithms
from .answers.concluding import conclude
from .engines.base import Task
from .folded import engine_of
from .models.measuring import one_thread
from .models.rebuilt import space_of
from .schedule import Schedule, lag_for
from .stopping import Limits, Rules
from .watchers import Start, Telling, watchers

if TYPE_CHECKING:
    from .job import Job
    from .prepared import Prepared
    from .progress.base import Progress
    from .runs.folder import RunFolder

logger = logging.getLogger(__name__)

SEARCHED = 0.85
"""Of the minutes of a search: the rest is for training its best trials again, which took up to 14 %."""
KEEP_SECS = 60.0
"""Of a trial's training: so often what it goes on from after a kill is kept, at an epoch's end."""


def search(job: Job, prepared: Prepared, run: RunFolder, progress: Progress) -> None:
    """Search until the budget is spent or the space is finished; leave the answer in the run.

    Ctrl-C ends it between two batches: what finished is kept, and the same job goes on later. A run
    that has all its trials, its answer and the weights of its best trial is left as it is.
    """
    logger.info("tune with %s", job.asked())
    if run.answer is not None and run.is_done(job.trials) and run.has_best_weights:
        return
    run.store.set_meta("answer", None)
    # Watchers measure in a thread of their own until the last event is told: the limit must outlast them, as
    # the numbers depend, by rounding, on how many threads made them.
    with one_thread(), closing(Search(job, prepared, run, progress)) as one:
        progress.start(run, job.trials)
        try:
            one.engine.train(one.ask, one.report, one.end)
            logger.info("trials are over%s", ", as the time is" if one.rules.closed else "")
            one.conclude()
        except KeyboardInterrupt:
            progress.interrupted()
            raise


class Search:
    """One start of a search; its methods are what an engine calls."""

    def __init__(self, job: Job, prepared: Prepared, run: RunFolder, progress: Progress) -> None:
        self.job, self.run, self.progress = job, run, progress
        run.given_space = prepared.space
        self.space = space_of(prepared.space, prepared.identity, prepared.windows)
        name, self.engine = engine_of(job, prepared, self.space, progress.note)
        run.store.set_meta("engine", name)
        run.store.set_meta("device", self.engine.device)
        begun, self.states = run.trials, run.states
        self._stood = {trial.number: self._as_it_stood(trial) for trial in begun if not trial.status.ended}
        at, most, folds = f"{name} on {self.engine.device}", prepared.epochs, 1 + len(prepared.older)
        logger.info("engine %s, places: %d; cache: %s", at, self.engine.places, job.cache)
        logger.info("epochs: %d at most, patience: %d, folds: %d", most, prepared.patience, folds)
        logger.info("%d of %d trials were begun before", len(begun), job.trials)
        self.engine.recall([trial for trial in begun if self._fits(trial.parameters)])
        algorithm = algorithms.make(
            job.algorithm, self.space, seed=job.seed, epochs=prepared.epochs, trials=job.trials
        )
        minutes = None if job.minutes is None else job.minutes * (SEARCHED if job.confirm else 1)
        self._until = math.inf if job.minutes is None else time.monotonic() + 60 * job.minutes
        self.rules = Rules(Limits(prepared.patience, minutes, prepared.rung))
        self.rules.recall(begun, run.store.epochs)
        with run.store.reading("algorithm"):
            known, ordered = run.store.meta("algorithm"), job.cluster is None
            self.schedule = Schedule(algorithm, self._lag(), begun, known, ordered=ordered)
        self._training: dict[int, Trial] = {}
        start = Start(run, self.space, prepared.windows, job.keep, job.record)
        self._watchers = [*watchers(start), progress]
        self.telling = Telling(run.store, self._watchers)
        self._tidy()

    def ask(self) -> Task | None:
        """Return the next trial to train, None when there is nothing for now."""
        while not self.rules.closed:
            proposal = self.schedule.next(self.job.trials)
            paused = [one for one in self._stood.values() if one.status == Status.PAUSED]
            if proposal is None and paused:
                proposal = paused[0].proposal
            if proposal is None:
                return None
            task = self._begin(proposal)
            if task is not None:
                return task
        return None

    def report(self, epoch: Epoch) -> Decision:
        """Put down an epoch; return whether its trial goes on."""
        trial = self._training[epoch.number] = self._training[epoch.number].after(epoch)
        self.telling.epoch(epoch if epoch.standing is None else replace(epoch, standing=None))
        asked = epoch.finite and epoch.epoch < trial.epochs
        return self._judged(trial, epoch) if asked else GO_ON

    def _judged(self, trial: Trial, epoch: Epoch) -> Decision:
        """Return what the rules say; a trial that waits for its other folds is waited for by none."""
        training, held = self._training, self.engine.held
        if held:
            training = {number: one for number, one in training.items() if number not in held}
        decision = self.rules.judge(trial, epoch, training)
        if decision.again is not None:
            return replace(decision, again=partial(self._judged, trial, epoch))
        # Kept once it is sure to go on from there: how a trial ends is not decided anew.
        if decision.ends is None and epoch.standing is not None:
            self.telling.later(partial(self.states.save, trial.number, epoch.epoch, epoch.standing))
            self._tidy()
        return decision

    def end(self, outcome: Outcome) -> None:
        """Put down how a training ended."""
        trial = self._training.pop(outcome.number).ended(outcome)
        if trial.status.ended:
            self.schedule.ended(trial)
        else:
            self._stood[trial.number] = trial
        self.telling.ended(trial, outcome, self.schedule.state())
        self._tidy()

    def conclude(self) -> None:
        """Take all measures of the best trials once everything is told, then find the answer."""
        self.telling.wait()
        conclude(self.run, self.engine, self.progress.note, again=self.job.confirm, until=self._until)

    def close(self) -> None:
        """Let go of what was in training, and of states that no trial will go on from."""
        with ExitStack() as last:
            for watcher in reversed(self._watchers):
                last.callback(watcher.finished)
            last.callback(self.telling.close)
            self.engine.close()
        if self.schedule.finished:
            self.states.keep(set())

    def _begin(self, proposal: Proposal) -> Task | None:
        """Put down the start of a trial; None when it ended at once because it is too large."""
        stood = self._stood.pop(proposal.number, None)
        task = self._gone_on(stood) if stood else None
        trial = stood if task else None
        if task is None or trial is None:
            task = self._new(proposal)
            trial = self._trial(replace(proposal, first_epoch=task.first_epoch))
        self._training[trial.number] = replace(trial, status=Status.RUNNING, reason="")
        self.telling.began(self._training[trial.number], self.schedule.state())
        if not self._fits(trial.parameters):
            reason = (
                f"{trial.parameters} parameters, more than the {self.job.max_parameters} allowed "
                "(max_parameters)"
            )
            self.end(Outcome(trial.number, Status.FAILED, reason))
            return None
        return task

    def _new(self, proposal: Proposal) -> Task:
        """Return what begins, or goes on from another trial, which early stopping may have cut short."""
        if proposal.parent is None:
            return self._task(proposal)
        self.telling.wait()
        if self.states.newest(proposal.parent) is None:  # it was damaged
            return self._task(proposal, first_epoch=0)
        epoch, parent = self.states.load(proposal.parent)
        return self._task(proposal, first_epoch=epoch, state=parent.state)

    def _gone_on(self, stood: Trial) -> Task | None:
        """Return what goes on where it stood; None where nothing was kept of it yet, and it begins again."""
        self.telling.wait()
        if self.states.newest(stood.number) is None:
            return None
        epoch, standing = self.states.load(stood.number)
        return self._task(stood.proposal, first_epoch=epoch, state=standing.state, stood=standing)

    def _task(self, proposal: Proposal, **held: Any) -> Task:
        held |= {
            "keep_state": proposal.number in self.schedule.goes_on(),
            "keep_secs": KEEP_SECS,
            "measure": True,
        }
        return Task(**vars(proposal) | held)

    def _as_it_stood(self, trial: Trial) -> Trial:
        """Return a trial that has not ended as it stood where it goes on; the store forgets the rest."""
        epoch = self.states.newest(trial.number)
        self.run.store.go_back(trial.number, -1 if epoch is None else epoch)
        trial = replace(trial, best_val_loss=None, best_epoch=0, secs=0.0)
        for one in self.run.store.epochs(trial.number):
            trial = trial.after(one)
        return trial

    def _trial(self, proposal: Proposal) -> Trial:
        profile = self.space.profile(proposal.values)
        return Trial(
            **vars(proposal),
            units=() if profile is None else profile.units,
            parameters=self.space.parameters(proposal.values) or 0,
            started=time.time(),
        )

    def _fits(self, parameters: int) -> bool:
        return parameters <= self.job.max_parameters

    def _tidy(self) -> None:
        """Have the states removed that nothing goes on from any more."""
        under_way = self._training | self._stood
        parents = {trial.parent for trial in under_way.values() if trial.parent is not None}
        self.telling.later(partial(self.states.keep, self.schedule.goes_on() | parents | set(under_way)))

    def _lag(self) -> int:
        """Return the lag of the search: that of the engine's places when it began, wherever it goes on."""
        lag: int | None = self.run.store.meta("lag", int)
        if lag is None:
            lag = lag_for(self.engine.places)
            self.run.store.set_meta("lag", lag)
        return lag
