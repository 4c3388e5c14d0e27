"""Run: what one job did, for the user: its trials, its answer, its figures, its model."""

from __future__ import annotations

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


class Run(RunFolder):
    """A run folder, opened to read.

    Args:
        folder: of the run.

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

        Raises:
            UserError: when the run searched another space; every difference is named.
        """
        from .models.rebuilt import given_space

        self.given_space = given_space(self, space)

    def narrowing(self, trial: Trial) -> Narrowing | None:
        """Return what was measured of a trial's widths, None when nothing was."""
        return self.recorded_trial(trial).narrowing

    def export(self, dest: str | Path, **options: Any) -> dict[str, Any]:
        """Write a trial's model, the best one's by default; see `tuning.models.export.export`."""
        from .models.export import export

        return export(self, dest, **options)

    def forecast(self, source: Any, trial: int | None = None, level: float | None = None) -> str:
        """Return what comes after the last row of `source` as CSV text; see `tuning.models.forecast`."""
        from .models.forecast import forecast

        return forecast(self, source, trial=trial, level=level)

    def to_optuna(self, storage: Any = None) -> optuna.Study:
        """Write the trials that have ended as an Optuna study of the run's name, and return it.

            run.to_optuna("sqlite:///trials.db")        # then: optuna-dashboard sqlite:///trials.db
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
            storage: URL of a database, as `sqlite:///trials.db`, or an Optuna storage; None is this process.

        Raises:
            UserError: when no trial has ended, the storage has a study of this name, or cannot be used.
        """
        from .optuna_study import to_study

        return to_study(self, storage)

    def check(self, *, repair: bool = True) -> Checked:
        """Look at everything in the folder and mend what can be made again; see `tuning.checking.check`."""
        from .checking import check

        return check(self.folder, repair=repair, space=self.given_space)

    def figure(
        self, name: str, trial: int | None = None, study: str | None = None, *, dark: bool = False
    ) -> go.Figure:
        """Return a picture of this run as a plotly figure, which a notebook shows.

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
            raise UserError(
                f"there is no figure {name!r}{did_you_mean(name, known)}; there are: {', '.join(known)}"
            )
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
