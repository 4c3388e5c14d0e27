"""`narrows board`, `report`, `export` and `forecast`: what a finished run is good for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from ...search_spaces.errors import UserError
from ...search_spaces.quiet import load_tensorflow
from . import forecast_file
from .complete import FORMATS, MISSING, REFITS, one_of
from .output import Verbose, note, say


def board(
    run: Annotated[str, Argument(help="Run folder, or a folder of runs.")],
    port: Annotated[int, Option(help="Port on localhost; 0 is any free one.")] = 6006,
    open_browser: Annotated[bool, Option("--open", help="Open the page in a browser.")] = False,
    allow_host: Annotated[
        list[str] | None,
        Option(help="A name that it answers to beside localhost, as behind a proxy; repeat for several."),
    ] = None,
) -> None:
    """Browse the trials of a run in TensorBoard, on localhost. Ctrl-C ends it.

    Examples:

      narrows board runs/fibonacci

      narrows board runs/fibonacci --port 0 --open

      narrows board runs
    """
    from .. import board as boards

    server = boards.browse(run, port=port, open_browser=open_browser, allow_host=allow_host or ())
    if server.port != port and port:
        note(f"port {port} is in use, so it is {server.port}")
    say(f"TensorBoard with the trials of {run} (Ctrl-C ends it):\n  {server.link}")
    try:
        server.wait()
    except KeyboardInterrupt:
        server.stop()


def report(
    run: Annotated[str, Argument(help="Run folder.")],
    out: Annotated[
        str | None, Option("--out", "-o", help="HTML file to write.", show_default="report.html in the run")
    ] = None,
    force: Annotated[bool, Option("--force", help="Replace an earlier report.")] = False,
    open_browser: Annotated[bool, Option("--open", help="Open the report in a browser.")] = False,
    verbose: Verbose = False,
) -> None:
    """Write the answer and the figures of a run as one HTML file that can be sent to anyone.

    Examples:

      narrows report runs/fibonacci

      narrows report runs/fibonacci --out fibonacci.html --open
    """
    from ..report import report as write
    from ..run import Run

    opened = Run(run)
    written = write(opened, opened.paths.report if out is None else out, force=force)
    say(f"{written}: {written.stat().st_size / 1e6:.1f} MB, to be opened in any browser")
    if open_browser:
        import webbrowser

        webbrowser.open(written.resolve().as_uri())


def export(
    run: Annotated[str, Argument(help="Run folder.")],
    dest: Annotated[str, Argument(help="Folder to make for the model.")],
    trial: Annotated[int | None, Option(help="Number of the trial.", show_default="the best")] = None,
    format: Annotated[
        str, Option(help="savedmodel, keras, tflite or onnx.", autocompletion=one_of(FORMATS))
    ] = "savedmodel",
    ensemble: Annotated[
        bool, Option("--ensemble", help="The mean of the best trial's seeds, blended as the answer says.")
    ] = False,
    level: Annotated[float, Option(help="Percent of what comes that lower and upper are to hold.")] = 90.0,
    refit: Annotated[
        str | None,
        Option(
            help="Train it again for as many epochs: validation (on train and validation) or all rows.",
            show_default="as it was trained",
            autocompletion=one_of(REFITS),
        ),
    ] = None,
    force: Annotated[bool, Option("--force", help="Replace an earlier export.")] = False,
    verbose: Verbose = False,
) -> None:
    """Export a trial as a model that takes raw values and gives raw values.

    Before the folder appears, a fresh process without narrows must give the same test forecasts.

    Examples:

      narrows export runs/fibonacci model

      narrows export runs/fibonacci model-3 --trial 3 --format keras

      narrows export runs/sales model --ensemble

      narrows export runs/sales phone --format tflite

      narrows export runs/sales model --refit all
    """
    from ..run import Run

    opened = Run(run)
    opened.trial(trial)
    load_tensorflow()
    from ..models.export import export as write

    about = write(
        opened,
        dest,
        trial=trial,
        format=format,
        ensemble=ensemble,
        level=level,
        refit=refit,
        force=force,
        note=note,
    )
    checked = about["checked"]
    seeds = f", mean of {about['ensemble']['members']} seeds" if ensemble else ""
    say(
        f"{dest}: {about['trial']}, {about['parameters']:,} parameters{seeds}, as {about['format']}\n"
        f"reloaded without narrows: {checked['windows']:,} test forecasts, largest relative difference "
        f"{checked['worst_relative_difference']:.1e}"
    )
    for name, spec in (about["inputs"] | about["outputs"]).items():
        say(f"  {name}  {spec['dtype']}  {spec['shape']}".replace("None", "batch"))


def forecast(
    model: Annotated[str, Argument(help="Run folder, or the folder of an export.")],
    data: Annotated[str, Argument(help="Data with the columns the model was trained on.")],
    out: Annotated[
        str | None, Option("--out", "-o", help="CSV or .parquet file to write.", show_default="print")
    ] = None,
    origins: Annotated[
        int | None,
        Option(help="Forecast from so many past moments, a horizon apart, beside what came."),
    ] = None,
    name: Annotated[
        str | None,
        Option(help="Column of the forecast.", show_default="the target's; with --origins narrows"),
    ] = None,
    ensemble: Annotated[
        bool, Option("--ensemble", help="Of a run: the mean of the best trial's seeds, as for export.")
    ] = False,
    level: Annotated[
        float | None,
        Option(help="Of a run: percent of what comes that the interval is to hold.", show_default="90"),
    ] = None,
    trial: Annotated[
        int | None, Option(help="Of a run: number of the trial.", show_default="the best")
    ] = None,
    missing: Annotated[
        str | None,
        Option(
            help="Missing values and gaps: error, ffill, interpolate or drop.",
            show_default="as in training",
            autocompletion=one_of(MISSING),
        ),
    ] = None,
    missing_values: Annotated[
        str | None,
        Option(help="What else stands for a missing value: -200.", show_default="as in training"),
    ] = None,
    day_first: Annotated[
        bool | None,
        Option(
            "--day-first/--month-first",
            help="Whether 1/2/2020 is in February or in January.",
            show_default="as in training",
        ),
    ] = None,
    zone: Annotated[
        str | None, Option(help="Time zone of a local clock.", show_default="as in training")
    ] = None,
    force: Annotated[
        bool, Option("--force", help="Replace a file that is not an earlier forecast of the same kind.")
    ] = False,
    trust: Annotated[
        bool,
        Option("--trust", help="Load an export that you did not make on this machine: a model is code."),
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Forecast what comes after the last measured row of the data, or what came, as a table with times.

    Examples:

      narrows forecast model sales.csv

      narrows forecast runs/sales sales.csv --out next-week.csv

      narrows forecast runs/sales sales.csv --origins 10 --name LSTM --out past.parquet
    """
    if not Path(model).is_dir():
        raise UserError(f"{model} is neither a run nor an exported model: there is no such folder")
    if out is not None:
        forecast_file.refuse(out, data)
    load_tensorflow()
    from ..models.forecast import forecast as compute

    table = compute(
        model, data, trial=trial, ensemble=ensemble, level=level, origins=origins, name=name, trust=trust,
        note=note, missing=missing, missing_values=missing_values, day_first=day_first, zone=zone,
    )  # fmt: skip
    if out is None:
        say(forecast_file.csv_of(table).rstrip("\n"))
        return
    forecast_file.write(out, table, force=force)
    note(f"{out}: {len(table)} row{'s' * (len(table) != 1)}")
