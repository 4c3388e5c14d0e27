"""The report: one file that asks nobody for anything, runs nothing it was not given, and tells all."""

import importlib.util
import json
import math
import re
import shutil
import subprocess
import sys
from dataclasses import asdict, fields, replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from narrows.callbacks import figures
from narrows.callbacks.recorded import Declared
from narrows.search_spaces.errors import UserError
from narrows.search_spaces.plain import to_json
from narrows.search_spaces.trial import Epoch, Trial
from narrows.tuning.cli import main
from narrows.tuning.job import Job
from narrows.tuning.report import report
from narrows.tuning.report.markup import Html, element
from narrows.tuning.run import Run
from narrows.tuning.runs.start import started

HOSTILE = "</script><img src=x onerror=alert(1)>\u2028&lt;b&gt;"
TAGS = """
a body code dd details div dl dt figure footer h1 h2 h3 h4 head header html li main meta nav noscript p script
section strong style summary table tbody td th thead title tr ul
"""


def beside(name):
    """A file of what pictures are tested with, as a module."""
    path = Path(__file__).parent / "callbacks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"{name}_for_reports", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


made_search = beside("conftest").made_search
studies = beside("made_studies")


def hostile(search):
    """The same search with texts, two studies among them, that would be run if they were not escaped."""
    trials = [
        replace(
            one,
            reason=one.reason and HOSTILE,
            values=one.values | {"scaling": HOSTILE, f"own {HOSTILE}": HOSTILE},
        )
        for one in search.trials
    ]
    shape = studies.shape_study()
    base, *arms = (replace(arm, label=HOSTILE + arm.label, profile=HOSTILE) for arm in shape.arms)
    texts = dict.fromkeys(("name", "title", "axis", "profile"), HOSTILE) | {"sentences": (HOSTILE,)}
    told = replace(shape, **texts, reference=base.label, arms=(base, *arms))
    known = (*search.hyperparameters, Declared(f"own {HOSTILE}", numeric=False))
    return replace(search, hyperparameters=known, trials=tuple(trials), studies=(told, studies.layer_study()))


def kept(folder, search, target="sold", answer=True, running=0, more=None, **options):
    """The run folder that a search of these trials would have left; nothing is trained."""
    data = {target: np.sin(np.arange(120.0)), **(more or {})}
    job = Job(data, target=target, lookback=8, trials=max(len(search.trials), 1), **options)
    prepared = job.prepare()
    with started(folder, job.describe(prepared), prepared.series) as run:
        run.store.set_meta("hyperparameters", [asdict(one) for one in search.hyperparameters])
        for trial in search.trials:
            known = Trial(**{field.name: getattr(trial, field.name) for field in fields(Trial)})
            run.store.begin(known, {})
            run.store.epoch(Epoch(trial.number, 1, 1.0, 1.0, 0.01, trial.secs))
            run.store.end(known, {})
            if trial.measured:
                told = {"summary": dict(trial.summary), "measured": trial.measured}
                run.store.set_narrowing(trial.number, json.dumps(told))
        for study in search.studies:
            run.store.set_study(study.name, to_json(study))
        for number in range(running):
            run.store.begin(Trial(len(search.trials) + number, {"num_layers": 1}, epochs=9), {})
        if answer and search.best:
            run.store.set_meta("answer", answered(search.best, target))
    return Run(folder)


def answered(best, target):
    scores = {"LSTM": 4.25, "last value": 8.5, "ridge autoregression": 6.125}
    metrics = {name: {target: {"MAE": None, "RMSE": score}} for name, score in scores.items()}
    return {
        "trial": best.number, "name": best.name, "parameters": best.parameters, "metric": "RMSE",
        "best_val_loss": best.best_val_loss, "linear_alone": False, "windows": 18, "scores": metrics,
        "by_series": {}, "forecasts": None, "units": None, "ensemble": None, "adds_nothing": False,
        "sentences": [f"The LSTM beats every floor for {target}, the nearest one by 31% of its RMSE."],
    }  # fmt: skip


class Page(HTMLParser):
    """What a browser would make of a file or a text."""

    def __init__(self, written):
        super().__init__()
        self.elements, self.texts, self.scripts, self.inside = [], [], [], []
        self.feed(written if isinstance(written, str) else written.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.inside.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop()[0] != tag:
            pass

    def handle_data(self, text):
        tag, attributes = self.inside[-1] if self.inside else ("", {})
        if tag == "script":
            self.scripts.append((attributes, text))
        elif text.strip():
            self.texts.append(text)

    @property
    def ids(self):
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]

    def data(self, id):
        return json.loads(next(text for attributes, text in self.scripts if attributes.get("id") == id))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of 60 trials, every tenth failed, whose names and reasons want to be run."""
    feature, id = f"feature {HOSTILE}", f"id {HOSTILE}"
    more = {feature: np.cos(np.arange(120.0)), id: [f"{HOSTILE} {row // 60}" for row in range(120)]}
    search = hostile(made_search(60))
    folder = tmp_path_factory.mktemp("runs") / "<b>run"
    return kept(folder, search, target=HOSTILE, more=more, features=[feature], id=id)


@pytest.fixture(scope="module")
def written(run, tmp_path_factory):
    return report(run, tmp_path_factory.mktemp("reports") / "report.html")


@pytest.fixture(scope="module")
def page(written):
    return Page(written)


def test_a_report_refers_to_nothing_outside_itself(page):
    named = [attributes.get(name) for _, attributes in page.elements for name in ("src", "srcset", "action")]
    assert not any(named)
    links = {attributes["href"] for _, attributes in page.elements if "href" in attributes}
    assert links and links <= {f"#{id}" for id in page.ids}
    assert not {tag for tag, _ in page.elements} & {
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
    }
    style = next(text for text in page.texts if "prefers-color-scheme" in text)
    assert "url(" not in style and "@import" not in style


def test_a_report_takes_about_five_megabytes(written):
    assert 4e6 < written.stat().st_size < 7e6


def test_names_from_the_data_are_shown_and_never_run(page):
    assert {tag for tag, _ in page.elements} == set(TAGS.split())
    assert not {name for _, attributes in page.elements for name in attributes if name.startswith("on")}
    assert [attributes for attributes, _ in page.scripts if attributes.get("type") is None] == [{}, {}]
    said = [text for text in page.texts if HOSTILE in text]
    assert len(said) >= 3, "as target, in the answer, over its scores"
    assert any(f"feature {HOSTILE}" in text for text in said)
    assert "<b>run" in page.texts
    assert any("onerror=alert" in text for attributes, text in page.scripts if attributes)


def test_only_the_two_scripts_of_the_report_may_run(page):
    policy = next(a["content"] for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    scripts = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))
    assert "unsafe-inline" not in scripts and scripts.count("sha256-") == 2


def test_every_picture_is_there_as_it_is_drawn_elsewhere(page, run):
    search = run.recorded()
    nothing = [("", None, None)]
    trials = [(f"-{trial.number}", trial, None) for trial in search.ranked[:3]]
    made = [(f"-{number}", None, study) for number, study in enumerate(search.studies, start=1)]
    wanted = {
        f"{name}{end}": (name, trial, study)
        for name, kind in figures.pictures().items()
        for end, trial, study in {"trial": trials, "study": made}.get(kind.view, nothing)
    }
    assert wanted.keys() <= set(page.ids)
    drawn = 0
    for id, (name, trial, study) in wanted.items():
        try:
            figure = json.loads(figures.draw(name, search, trial, study).to_json())
        except figures.NothingToShow as nothing:
            assert str(nothing) in page.texts
            continue
        assert page.data(f"{id}-data") == figure
        drawn += 1
    assert drawn > len(wanted) // 2


def test_the_answer_stands_beside_the_floors_and_verdicts_are_in_words(page, run):
    best = run.recorded().ranked[:3]
    for text in (
        best[0].name,
        "ridge autoregression",
        "4.25",
        "6.125",
        "-",
        *(f"{i}. {b.name}" for i, b in enumerate(best, 1)),
    ):
        assert text in page.texts
    for trial in best:
        for boundary in trial.narrowing.boundaries:
            assert f" {boundary.verdict.sentence}" in page.texts


def test_studies_are_told_the_newest_first_with_their_arms(page):
    told = studies.layer_study()
    titles = [page.texts.index(title, page.texts.index("The studies") + 1) for title in (told.title, HOSTILE)]
    assert titles == sorted(titles), "in the contents and again in the chapter"
    for text in (
        *told.sentences,
        "units of layer 2",
        "+240 %",
        "too narrow",
        ": about 14 more seeds would decide",
    ):
        assert text in page.texts
    assert [id for id in page.ids if id.startswith("study-")] == ["study-2", "study-1"]


def test_a_run_without_a_study_has_no_chapter_on_it(tmp_path):
    page = Page(report(kept(tmp_path / "run", made_search(4)), tmp_path / "report.html"))
    assert "studies" not in page.ids and "The study" not in page.texts


def test_a_run_that_was_made_for_a_study_alone_is_told_without_a_search(tmp_path):
    search = replace(made_search(0), studies=(studies.layer_study(),))
    page = Page(report(kept(tmp_path / "run", search), tmp_path / "report.html"))
    assert "none: the run was made for its studies" in page.texts
    assert {"searched", "studies", "study-1"} <= set(page.ids)
    assert not {"answer", "search", "shapes", "best", "trials"} & set(page.ids)


def test_one_study_is_the_study(tmp_path):
    search = replace(made_search(4), studies=(studies.shape_study(),))
    page = Page(report(kept(tmp_path / "run", search), tmp_path / "report.html"))
    assert "The study" in page.texts and "study-1" in page.ids


def test_a_picture_of_a_study_is_the_newest_ones_unless_it_is_named(tmp_path):
    search = replace(made_search(4), studies=(studies.shape_study(), studies.layer_study()))
    run = kept(tmp_path / "run", search)
    assert "layer 2 of run" in run.figure("study_loss").layout.title.text
    assert "shape of run" in run.figure("study_loss", study="shape").layout.title.text
    with pytest.raises(UserError, match="no study 'shap' in .*run; did you mean 'shape'"):
        run.figure("study_loss", study="shap")
    with pytest.raises(UserError, match="has no study_memory to show: No memory was measured"):
        run.figure("study_memory", study="shape")
    none = kept(tmp_path / "none", made_search(4))
    with pytest.raises(UserError, match="no study_loss to show: There is no study of this run yet"):
        none.figure("study_loss")
    with pytest.raises(UserError, match="there is no study 'shape' in .*none$"):
        none.figure("study_loss", study="shape")


def test_what_was_searched_is_told(page):
    for text in (
        "dict given in Python: 120 rows, 2 series",
        "forecast the next row from the last 8 rows",
        "60 of 60: 54 completed, 6 failed",
        "tpe algorithm, fused engine, at most 300 epochs a trial, seed 0",
    ):
        assert text in page.texts


def rows(page):
    return [attributes["id"] for tag, attributes in page.elements if tag == "tr" and "id" in attributes]


def test_the_table_has_every_trial_the_best_first_and_the_failed_last(page, run):
    search = run.recorded()
    failed = [trial.number for trial in search.trials if trial.score is None]
    assert rows(page) == [f"row-{n}" for n in (*(trial.number for trial in search.ranked), *failed)]
    assert "All 60 trials that have ended, the best first." in page.texts


def test_the_table_begins_with_the_best_trial_also_where_another_scaling_has_a_lower_loss(tmp_path):
    kinds = [("standard", 0.97), ("last", 1.0), ("none", 0.96), ("last", 2.0)]
    search = made_search(3, full=0)
    one = search.trials[0]
    trials = [
        replace(one, number=number, values=one.values | {"scaling": scaling}, best_val_loss=loss)
        for number, (scaling, loss) in enumerate(kinds)
    ]
    run = kept(tmp_path / "run", replace(search, trials=tuple(trials)))
    page = Page(report(run, tmp_path / "report.html"))
    assert rows(page) == ["row-1", "row-2", "row-0", "row-3"]
    assert run.best.number == 1 and f"1. {run.best.name}" in page.texts


def test_a_long_table_is_cut_and_says_so(tmp_path):
    page = Page(report(kept(tmp_path / "run", made_search(210, full=3)), tmp_path / "report.html"))
    assert len(rows(page)) == 200
    assert any(text.startswith("The best 200 of 210 trials that have ended") for text in page.texts)


@pytest.mark.parametrize(
    ("search", "running", "said"),
    [
        (
            made_search(2),
            1,
            "The search has not ended, so there is no answer yet. Repeat its command to go on with it.",
        ),
        (
            replace(made_search(1), trials=(replace(made_search(4).trials[3], number=0),)),
            0,
            "No trial has a score, so there is no answer. The table of trials says why each one failed.",
        ),
    ],
    ids=["a search under way", "all trials failed"],
)  # fmt: skip
def test_a_search_without_an_answer_says_why(tmp_path, search, running, said):
    page = Page(report(kept(tmp_path / "run", search, answer=False, running=running), tmp_path / "r.html"))
    assert said in page.texts
    assert len(rows(page)) == len(search.trials)


def test_a_run_without_a_finished_trial_is_refused(tmp_path):
    run = kept(tmp_path / "run", made_search(0), running=1)
    with pytest.raises(UserError, match="run has nothing to report: none of its trials has ended yet"):
        report(run, tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def test_a_file_that_is_there_is_replaced_only_by_force(run, tmp_path):
    dest = tmp_path / "report.html"
    dest.write_text("mine")
    with pytest.raises(UserError, match="report.html exists; give another --out, or --force to replace it"):
        report(run, dest)
    assert dest.read_text() == "mine"
    assert report(run, dest, force=True) == dest
    assert dest.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


def test_a_place_that_is_no_file_is_refused(run, tmp_path):
    with pytest.raises(UserError, match="is a folder; give the name of a file, such as .*report.html"):
        report(run, tmp_path, force=True)
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written: "):
        report(run, tmp_path / "file" / "report.html")


def test_the_command_writes_beside_the_run_and_imports_neither_tensorflow_nor_keras(tmp_path):
    folder = kept(tmp_path / "run", made_search(12)).folder
    script = (
        "import sys; sys.argv = ['narrows', 'report', sys.argv[1]]\n"
        "from narrows.tuning.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "print(sorted({'tensorflow', 'keras', 'keras_tuner', 'tensorboard'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said, imported = done.stdout.splitlines()
    assert said == f"{folder / 'report.html'}: {said.split()[1]} MB, to be opened in any browser"
    assert imported == "[]"


def test_the_command_has_help_and_refuses_in_one_message(run, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["narrows", "report", "--help"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0 and "narrows report runs/fibonacci --out" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["narrows", "report", str(run.folder), "--out", str(tmp_path)])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2 and "is a folder" in capsys.readouterr().err


def test_text_becomes_html_only_when_it_is_said_to_be():
    assert element("p", "a < b", Html("<br>"), title='"x"') == '<p title="&quot;x&quot;">a &lt; b<br></p>'
    assert (
        element("th", "x", class_="number", data_figure="f", id=None)
        == '<th class="number" data-figure="f">x</th>'
    )


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CLICK = """number => {
  document.querySelector('.plot').emit('plotly_click', {points: [{customdata: number}]});
  return location.hash;
}"""
QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync --disable-component-update"


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed to look at the report with")
def test_a_browser_draws_every_figure_asks_for_nothing_and_leads_from_marks_to_trials(written, page, run):
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    asked, wrong = [], []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())
        tab = browser.new_page(viewport={"width": 800, "height": 900}, color_scheme="dark")
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        tab.on("dialog", lambda dialog: wrong.append(dialog.message))
        tab.goto(written.as_uri())
        tab.wait_for_selector("body[data-drawn]", timeout=60_000)
        places = tab.locator(".plot").count()
        drawn = tab.locator(".plot > .plot-container").count()
        buttons = tab.locator(".modebar-btn").count()
        width = tab.evaluate("document.documentElement.scrollWidth")
        tab.set_viewport_size({"width": 420, "height": 900})
        narrow = tab.evaluate("document.documentElement.scrollWidth")
        ranked = [trial.number for trial in run.recorded().ranked]
        led = [tab.evaluate(CLICK, number) for number in (ranked[2], ranked[3])]
        browser.close()
    assert not wrong
    assert led == [f"#trial-{ranked[2]}", f"#row-{ranked[3]}"], "a chapter where there is one, else a row"
    assert asked == [written.as_uri()]
    assert drawn == places == len(page.scripts) - 2
    assert not buttons, "plotly's own, which look like none of ours"
    assert width <= 800 and narrow <= 420, "nothing sticks out of the page"


CARD_TAGS = "circle code div h3 li p path strong svg table tbody td text th thead tr ul"


def test_a_notebook_shows_the_answer_the_best_trials_and_the_history_small_and_harmless(run):
    written = run._repr_html_()
    card = Page(written)
    assert {tag for tag, _ in card.elements} == set(CARD_TAGS.split()), "no script, no picture from elsewhere"
    assert not {name for _, attributes in card.elements for name in attributes if name.startswith("on")}
    assert len(written) < 20_000
    said = " ".join(card.texts)
    best = run.best
    assert said.count(HOSTILE) >= 2, "as target, in the answer, over its scores"
    for text in (
        "<b>run",
        best.name,
        "ridge autoregression",
        "validation loss (mse)",
        "least so far",
        "failed",
    ):
        assert text in said
    assert "60 of 60 trials have ended" in said and "The best 8:" in said
    assert len([tag for tag, _ in card.elements if tag == "tr"]) == 1 + 3 + 1 + 8


def test_the_history_of_a_notebook_has_each_point_where_its_number_is(run):
    """The ticks that the picture shows are a ruler, on which each loss has its point."""
    written = run._repr_html_()
    paths = [at["d"] for _, at in Page(written).elements if at.get("stroke-linecap")]
    points = {tuple(map(int, one.split())) for one in re.findall(r"M(\d+ \d+)h0", paths[0])}
    scored = [one for one in run.trials if one.score is not None]
    texts = re.findall(r'<text x="56" y="([\d.]+)" text-anchor="end">([^<]+)<', written)
    ticks = [(float(y) - 4, float(text)) for y, text in texts]
    (y0, low), (y1, high) = ticks[0], ticks[-1]
    for one in scored:
        share = (math.log(one.score) - math.log(low)) / (math.log(high) - math.log(low))
        assert any(abs(y - (y0 + share * (y1 - y0))) <= 2 for _, y in points), one
    assert len(points) == len(scored)


@pytest.mark.parametrize("count", [0, 1])
def test_a_run_says_how_far_it_is_and_what_to_type(tmp_path, count):
    run = kept(tmp_path / "run", made_search(count), answer=False, running=2)
    first, second = repr(run).split("\n")
    assert first.startswith(f"Run('{tmp_path / 'run'}'): {count} of {count + 2} trials have ended")
    assert first.endswith("validation loss of " + f"{run.best.score:.5g}" if count else ", none with a score")
    assert ('run.export("model")' in second) == bool(count)
    assert "trials have ended" in run._repr_html_()
    run.close()
    assert (repr(run), run._repr_html_()) == (f"{first.partition(':')[0]}, closed", None)


def test_a_space_with_losses_below_zero_has_a_history_too(tmp_path):
    search = made_search(6)
    trials = [replace(one, best_val_loss=-1.0 - one.number) for one in search.trials]
    run = kept(tmp_path / "run", replace(search, trials=tuple(trials)))
    assert run._repr_html_().count("h0") == 6
