"""The loop: algorithm -> engine -> run.

The engine asks for trials and reports; `Search` passes the questions on to the algorithm and the
reports on to the store, to TensorBoard and to the progress display. What the store does not know has
not happened: it is written before anything else is told.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from ..callbacks import hparams
from ..callbacks.record import SearchRecord
from ..search_spaces.profile import Profile
from ..search_spaces.stacked_lstm import StackedLSTM
from . import algorithms, engines
from .algorithms.base import Proposal
from .answer import conclude
from .engines.base import FAILED, STOPPED, Epoch, Outcome, Trial
from .job import Job, Prepared
from .narrowing import Samples, measure_best, measure_trial, one_thread
from .progress.base import Progress
from .runs.arrays import load_arrays, save_arrays
from .runs.recorded import recorded_search, recorded_trial
from .runs.run import Run
from .runs.store import TrialRow, running_row
from .schedule import Schedule
from .space import space_of


def search(job: Job, prepared: Prepared, run: Run, progress: Progress) -> None:
    """Search until the budget is spent or the space is finished; leave the answer in the run.

    Ctrl-C ends it between two batches: what finished is kept, and the same job goes on later. A run
    that has all its trials and its answer is left as it is.
    """
    with run.writing():
        if run.answer is not None and run.is_done(job.trials):
            return
        run.store.set_meta("answer", None)
        one = Search(job, prepared, run, progress)
        progress.start(run, job.trials)
        try:
            one.engine.train(one.ask, one.report, one.end)
        except KeyboardInterrupt:
            progress.interrupted()
            raise
        else:
            one.conclude()
        finally:
            one.close()
            progress.finish()


class Search:
    """One start of a search; its methods are what an engine calls."""

    def __init__(self, job: Job, prepared: Prepared, run: Run, progress: Progress) -> None:
        self.job, self.run, self.progress = job, run, progress
        self.space = space_of(job.space, prepared.identity, prepared.windows)
        run.use_space(self.space)
        refusal = engines.refusal(job.engine, self.space)
        if refusal:
            progress.note(f"{refusal}; this space is trained by the keras engine")
        engine = "keras" if refusal else job.engine
        self.engine = engines.make(engine, self.space, prepared.windows, prepared.patience)
        self.samples = Samples(prepared.windows)
        algorithm = algorithms.make(
            job.algorithm, self.space, seed=job.seed, epochs=prepared.epochs, trials=job.trials
        )
        hyperparameters = self.space.hyperparameters()
        run.store.set_meta("hyperparameters", [asdict(one) for one in hparams.declared(hyperparameters)])
        self.schedule = Schedule(algorithm, run.store.trials(), run.store.meta("algorithm"))
        self.record = SearchRecord(
            run.paths.tensorboard, hyperparameters, recorded_search(run), most=job.record
        )
        self.deadline = math.inf if job.minutes is None else time.monotonic() + 60 * job.minutes

    def ask(self, place: int) -> Trial | None:
        """Return the next trial for a free place, None when there is nothing for now."""
        while time.monotonic() < self.deadline:
            proposal = self.schedule.next(self.job.trials)
            if proposal is None:
                return None
            trial = self._begin(proposal)
            if trial is not None:
                return trial
        return None

    def report(self, epoch: Epoch) -> bool:
        """Keep one epoch; return whether the trial may go on."""
        self.run.store.epoch(epoch)
        self.record.epoch(
            epoch.number, epoch.epoch, epoch.loss, epoch.val_loss, epoch.learning_rate, epoch.secs
        )
        self.progress.epoch(epoch)
        return time.monotonic() < self.deadline

    def end(self, outcome: Outcome) -> None:
        """Keep how a trial ended: its weights first, then the store, then TensorBoard."""
        if outcome.status == STOPPED:
            outcome = replace(outcome, reason="the time budget was spent")
        keeps = self._keeps(outcome)
        if keeps:
            save_arrays(self.run.paths.weights(outcome.number), outcome.weights)
        if outcome.state is not None and outcome.status != FAILED:
            save_arrays(self.run.paths.state(outcome.number), outcome.state)
        failed = outcome.status == FAILED or not outcome.best_epoch
        self.schedule.ended(outcome.number, None if failed else outcome.best_val_loss)
        row = self.run.store.trial(outcome.number)
        assert row is not None
        profile = row.profile or (str(Profile(outcome.units)) if outcome.units else "")
        narrowing = None if failed else self._narrowing(row.values, outcome)
        self.run.store.end(outcome, profile, self.schedule.state(), narrowing)
        if keeps:
            self._drop_weights(self.run.store.best(self.job.keep + 1)[self.job.keep :])
        row = self.run.trial(outcome.number)
        self.record.end(recorded_trial(row, narrowing))
        self.progress.trial_ended(row, self.run.best)

    def conclude(self) -> None:
        """Take all measures of the best trials, then find the answer."""
        store = self.run.store
        if isinstance(self.space, StackedLSTM):
            for row in measure_best(self.run, self.samples):
                self.record.measured(recorded_trial(row, store.narrowing(row.number)))
        store.set_meta("answer", conclude(self.run, self.engine))
        self.record.conclude(recorded_search(self.run))

    def close(self) -> None:
        """Let go of what was in training, and of states that no trial will go on from."""
        self.engine.close()
        self.record.close()
        # A smaller `keep` than that of an earlier start, or a process that was killed, leaves more.
        self._drop_weights(self.run.store.trials(), but=self.run.store.best(self.job.keep))
        if self.schedule.finished:
            for state in self.run.paths.trials.glob("*/state.npz"):
                state.unlink()

    def _begin(self, proposal: Proposal) -> Trial | None:
        """Record the start of a trial; None when it ended at once because it is too large."""
        values, paths = proposal.values, self.run.paths
        profile = self.space.profile(values)
        parameters = self.space.parameters(values) if isinstance(self.space, StackedLSTM) else 0
        parent = proposal.parent
        seed = trial_seed(self.job.seed, proposal.number) if parent is None else self.run.trial(parent).seed
        row = running_row(
            proposal.number,
            values,
            seed,
            proposal.epochs,
            first_epoch=self._epochs_done(parent),
            parent=parent,
            profile="" if profile is None else str(profile),
            parameters=parameters,
        )
        self.run.store.begin(row, self.schedule.state())
        self.record.begin(row.number, values, profile)
        if parameters > self.job.max_parameters:
            reason = (
                f"{parameters} parameters, more than the {self.job.max_parameters} allowed (max_parameters)"
            )
            self.end(Outcome(row.number, FAILED, reason, parameters=parameters))
            return None
        self.progress.trial_began(row)
        state = None if parent is None else load_arrays(paths.state(parent))
        return Trial(
            number=row.number,
            values=values,
            seed=seed,
            epochs=proposal.epochs,
            first_epoch=row.first_epoch,
            state=state,
            keep_state=self.schedule.algorithm.keeps_states,
        )

    def _epochs_done(self, parent: int | None) -> int:
        """Return the last epoch of `parent`, which early stopping may have put before its last one."""
        epochs = [] if parent is None else self.run.store.epochs(parent)
        return epochs[-1].epoch if epochs else 0

    def _narrowing(self, values: Mapping[str, Any], outcome: Outcome) -> str | None:
        """Return what the widths of a trial did, as the store keeps it; None where it cannot be measured."""
        if not isinstance(self.space, StackedLSTM) or not outcome.weights:
            return None
        with one_thread():
            return measure_trial(values, outcome.weights, self.samples)

    def _keeps(self, outcome: Outcome) -> bool:
        """Whether a trial that ends is among the best ones, whose weights are kept."""
        if not outcome.weights or outcome.status == FAILED:
            return False
        worst = self.run.store.loss_of_rank(self.job.keep)
        return worst is None or outcome.best_val_loss <= worst

    def _drop_weights(self, rows: list[TrialRow], but: Sequence[TrialRow] = ()) -> None:
        kept = {row.number for row in but}
        for row in rows:
            if row.number not in kept:
                self.run.paths.weights(row.number).unlink(missing_ok=True)


def trial_seed(seed: int, number: int) -> int:
    """Return the seed of trial `number` in a run with `seed`: independent, and the same in any order."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0] >> 1)
