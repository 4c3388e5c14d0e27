"""Run: what one job did, for the user: its trials, its answer, its figures, its model."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..search_spaces.errors import UserError, did_you_mean
from .runs.folder import RunFolder

if TYPE_CHECKING:
    import optuna
    import plotly.graph_objects as go

    from ..callbacks.narrowing import Narrowing
    from ..search_spaces.trial import Trial
    from .checking import Checked

logger = logging.getLogger(__name__)


class Run(RunFolder):
    """A run folder, opened to read, also while its search goes on.

        run = narrows.Run("runs/sales")
        print(run.best.name, run.best.score, run.best.values)
        losses = {trial.name: trial.score for trial in run.trials}
        run.figure("funnel").show()

    Args:
        folder: of the run.

    Attributes:
        trials: every trial, by number: its name, values, status, reason, units, parameters, score (validation
            loss in training standard deviations, None where there is none), best_epoch, secs and node (of a
            cluster, that trained it).
        best: the best trial; None while none has a score.
        answer: what the search ended with, its sentences under `sentences`; None while it has not.
        studies: what `study` found out, the newest last.
        series: the data.
        windows: what the trials were trained on, (lookback, columns) -> (horizon, targets).
        name: what the run is called.

    Raises:
        UserError: when the folder is not a run.
    """

    def __init__(self, folder: str | Path) -> None:
        super().__init__(folder)

    def __repr__(self) -> str:
        name = f"Run({str(self.folder)!r})"
        return (
            f"{name}, closed" if self.store.closed else f"{name}: {self.state}\n{'  '.join(self.next_steps)}"
        )

    def _repr_html_(self) -> str | None:
        """Return what a notebook shows; None, which makes it show the text, of a run that was closed."""
        if self.store.closed:
            return None
        from .report.card import card

        return card(self, self.next_steps)

    @property
    def next_steps(self) -> list[str]:
        """What may be typed next."""
        if self.best is None:
            return ["run.trials"]
        more = ["run.answer"] if self.answer else []
        return [*more, "run.trials", 'run.figure("funnel")', 'run.export("model")', "run.forecast(data)"]

    def use_space(self, space: Any) -> None:
        """Say what builds the models; needed only for a space of the user's own.

        Args:
            space: as it was given to `tune`.

        Raises:
            UserError: when the run searched another space; every difference is named.
        """
        from .models.rebuilt import given_space

        self.given_space = given_space(self, space)

    def narrowing(self, trial: Trial) -> Narrowing | None:
        """Return what was measured of a trial's widths, None when nothing was.

            for boundary in run.narrowing(run.best).boundaries:
                print(boundary.verdict.sentence)

        Args:
            trial: one of `run.trials`.
        """
        return self.recorded_trial(trial).narrowing

    def export(
        self,
        dest: str | Path,
        *,
        trial: int | None = None,
        format: str = "savedmodel",
        ensemble: bool = False,
        level: float = 90.0,
        refit: str | None = None,
        force: bool = False,
        note: Callable[[str], None] = logger.warning,
    ) -> dict[str, Any]:
        """Write a trial's model to the folder `dest` and return what `narrows.json` says of it.

            run.export("model")
            model = tf.saved_model.load("model")
            model.serve({"values": past})["forecast"]

        It takes (batch, lookback, columns) and gives (batch, horizon, targets), both in raw units, and was
        proved in a process that cannot import this package.

        Args:
            dest: folder to make.
            trial: number of the trial; None is the best one.
            format: `savedmodel`, `keras`, `tflite` or `onnx`.
            ensemble: the mean of the best trial's networks with all its seeds, blended as the answer says.
            level: percent of what comes that its prediction interval is to hold, 50 to 99.9; where there are
                too few test windows it has none.
            refit: train the trial's network again, on `validation` too or on `all` rows; None does not.
            force: replace an earlier export at `dest`.
            note: is told in a sentence why there is no prediction interval, where there is none.

        Raises:
            UserError: when `dest` exists or cannot be written, the weights were not kept, or there is no
                ensemble of this trial.
            RuntimeError: when the model has another validation loss than its training recorded, or gives
                other numbers in a fresh process; nothing is left behind.
        """
        from .models.export import export

        return export(
            self,
            dest,
            trial=trial,
            format=format,
            ensemble=ensemble,
            level=level,
            refit=refit,
            force=force,
            note=note,
        )

    def forecast(
        self,
        source: Any,
        *,
        trial: int | None = None,
        ensemble: bool = False,
        level: float | None = None,
        origins: int | None = None,
        name: str | None = None,
        missing: str | None = None,
        missing_values: Any = None,
        day_first: bool | None = None,
        zone: str | None = None,
    ) -> Any:
        """Return the next horizon of each series in `source`, or past ones, as a data frame.

            run.forecast("sales.csv")
            run.forecast(frame, origins=10, name="LSTM")  # beside what came, as Nixtla's cross_validation

        Args:
            source: data with the columns that the run was given.
            trial: number of the trial; None is the best one.
            ensemble: the mean of the best trial's networks with all its seeds, blended as the answer says.
            level: percent of what comes that the interval is to hold, 50 to 99.9; None is 90.
            origins: forecast from so many past origins of each series, a horizon apart, beside what came.
            name: column of the forecast; None is the target's, with `origins` `narrows`.
            missing, missing_values, day_first, zone: as for `tune`, where these data are to be read
                otherwise; None reads them as the run was read.

        Returns:
            A frame of the kind that `source` is, polars' for a file: one row for each series, origin and step
            ahead, in raw units, with the columns id (when there is one), time or step, and for each target
            NAME, NAME-lo-90 and NAME-hi-90, the ends of its interval where there is one. With `origins` also
            cutoff, the time of the last row that a forecast knew, and TARGET, what came; with several targets
            the forecast of each is NAME-TARGET.

        Raises:
            UserError: when the data cannot be used, or no series is as long as the lookback.
        """
        from .models.forecast import forecast

        return forecast(
            self, source, trial=trial, ensemble=ensemble, level=level, origins=origins, name=name,
            missing=missing, missing_values=missing_values, day_first=day_first, zone=zone,
        )  # fmt: skip

    def to_optuna(self, storage: Any = None) -> optuna.Study:
        """Write the trials that have ended as an Optuna study of the run's name, and return it.

            run.to_optuna("sqlite:///trials.db")  # optuna-dashboard sqlite:///trials.db
            optuna.visualization.plot_slice(run.to_optuna())

        Trials keep their numbers; what is searched are their parameters. The value, to be minimised, is the
        validation loss in training standard deviations, with several folds the mean over them; intermediate
        values are those after each epoch, on the newest fold. A trial that was cut off is pruned; one that
        failed, or has not ended while later ones have, failed. `study.best_trial` is the best trial of the
        run: complete ones with no larger loss, which the run passed over, break a constraint of that name.
        User attributes are the fixed hyperparameters, profile, layers, bottleneck, parameters, the train
        loss of the best epoch, why the trial ended, its seed, and where it has them its losses with other
        seeds and on each fold.

        Args:
            storage: URL of a database, as `sqlite:///trials.db`, which takes about a tenth of a second a
                trial, or an Optuna storage; None is this process.

        Raises:
            UserError: when no trial has ended, the storage has a study of this name, or cannot be used.
        """
        from .optuna_study import to_study

        return to_study(self, storage)

    def check(self, *, repair: bool = True) -> Checked:
        """Look at everything in the folder and mend what can be made again.

            print(run.check(repair=False).summary)

        Args:
            repair: False changes nothing.

        Returns:
            What was found: `findings`, `is_well`, `summary`.

        Raises:
            UserError: when the folder is not a run, or another process writes it.
        """
        from .checking import check

        return check(self.folder, repair=repair, space=self.given_space)

    def figure(
        self, name: str, trial: int | None = None, study: str | None = None, *, dark: bool = False
    ) -> go.Figure:
        """Return a picture of this run as a plotly figure, which a notebook shows.

            run.figure("funnel")
            run.figure("learning", dark=True).write_html("learning.html")

        Args:
            name: `history`, `funnel`, `study_loss`, ...: one of `narrows.callbacks.figures.pictures()`.
            trial: number of the trial, for a picture of one trial; the best one when none is given.
            study: name of the study, `layer 2`, for a picture of one study; the newest when none is given.
            dark: for a dark page.

        Raises:
            UserError: for an unknown name, an unknown trial or study, or when there is nothing to show.
        """
        from ..callbacks import figures

        known = figures.pictures()
        if name not in known:
            raise UserError(f"there is no figure {name!r}{did_you_mean(name, known)}")
        search = self.recorded()
        one = search.trial(self.trial(trial).number) if known[name].view == "trial" else None
        named = search.study(study)
        if study is not None and named is None:
            names = [other.name for other in search.studies]
            raise UserError(f"there is no study {study!r} in {self.folder}{did_you_mean(study, names)}")
        try:
            with self.store.reading("measures"):
                return figures.draw(name, search, one, named, dark=dark, titled=True)
        except figures.NothingToShow as nothing:
            raise UserError(f"{self.folder} has no {name} to show: {nothing}") from None
