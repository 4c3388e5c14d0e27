"""The command `narrows`. Each file here is a few commands; this one puts them together.

Importing it imports neither NumPy nor TensorFlow, so `narrows --help` answers at once: commands
import what they need when they run.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import Annotated

import typer

from ... import __version__
from ...search_spaces.errors import UserError, ask_for_report
from . import check, series, show, study, tune, use
from .ending import heeded, leave
from .output import complain, quiet_again
from .system_errors import told_of_system

app = typer.Typer(
    name="narrows",
    help="Search how many units, how many layers and how narrow a layer a stacked LSTM needs.",
    epilog="Begin with:  narrows tune synthetic:narma10 --lookback 12 --trials 10 --epochs 40",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("tune")(tune.tune)
app.command("study")(study.study)
app.command("trials")(show.trials)
app.command("note")(show.note)
app.command("runs")(show.runs)
app.command("check")(check.check)
app.command("board")(use.board)
app.command("report")(use.report)
app.command("export")(use.export)
app.command("forecast")(use.forecast)
app.command("series")(series.series)


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"narrows {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Tell the version.", is_eager=True, callback=_tell_version)
    ] = False,
) -> None:
    """Options of `narrows` itself."""


def main() -> None:
    """Run the command line; a mistake the user can mend is one message and exit code 2.

    A signal that ends it gives the exit code that a shell tells of it: 130, 143 or 129 (`ending`).
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Importing TensorFlow makes very many objects, all of which stay: looking for garbage after each 700 of
    # them instead takes an eighth of the import.
    gc.set_threshold(50_000)
    with quiet_again(), heeded(goes_on=sys.argv[1:2] in (["tune"], ["study"])) as heard:
        try:
            code = _run()
        except Exception:
            # What breaks on the way out, such as a write to a terminal that is gone, is no news.
            if not heard.number:
                raise
            code = heard.exit_code
        if heard.number and heard.number != signal.SIGINT:
            code = heard.exit_code
    if heard.number:
        leave(code)
    sys.exit(code)


def _run() -> int | str | None:
    """Run the command; return the exit code."""
    try:
        app()
    except UserError as error:
        complain(str(error))
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of a pipe went away (`narrows trials RUN | head`): nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except SystemExit as leaving:
        return leaving.code
    except Exception as error:
        if not (told := told_of_system(error)):
            ask_for_report(error)
            raise
        complain(told)
        return 2
    return 0
