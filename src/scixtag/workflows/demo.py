"""The tour: train, evaluate and tag with the embedded corpus."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from scixtag.corpus.record import Record
from scixtag.corpus.sample import read_sample
from scixtag.evaluation.report import Report
from scixtag.evaluation.report_files import write_report
from scixtag.files import check_new_folder, strangers
from scixtag.predictions.suggestion import Suggestion
from scixtag.workflows.evaluate import evaluate
from scixtag.workflows.preparation import Corpus, named_vocabulary
from scixtag.workflows.settings import training_settings
from scixtag.workflows.tagging.order import Order
from scixtag.workflows.tagging.run import tag
from scixtag.workflows.tagging.target import target_of
from scixtag.workflows.train import train

_SHOWN = 3
_CONTENT = ("demo-model", "demo-report", "demo-tags.jsonl")


@dataclass(frozen=True)
class Demo:
    """What the tour made, and where it lies."""

    model: Path
    page: Path
    tags: Path
    report: Report
    tagged: list[tuple[Record, list[Suggestion]]]


def run_demo(output: Path) -> Demo:
    """Train on `sample:train`, evaluate on `sample:test`, tag the latter; an earlier demo's files are replaced.

    Raises:
        InputError: The folder holds something else than an earlier demo.
    """
    check_new_folder(output, foreign=_foreign_content, overwrite=True)
    tagger = train(Corpus("sample:train"), named_vocabulary("sample"), training_settings({}, "demo"))
    demo_model, report_folder, tags = (output / name for name in _CONTENT)
    tagger.save(demo_model, overwrite=True)
    report = evaluate(tagger, Corpus("sample:test"), explain=True)
    write_report(report, report_folder)
    tag(Order(demo_model, "sample:test", target_of(str(tags), "jsonl", "paper", None), overwrite=True))
    shown = list(islice(read_sample("test"), _SHOWN))
    tagged = list(zip(shown, tagger.suggest(shown, limit=5), strict=True))
    return Demo(demo_model, report_folder / "report.html", tags, report, tagged)


def _foreign_content(folder: Path) -> str:
    strange = strangers(folder, _CONTENT)
    return f"it holds {strange}, which no demo made" if strange else ""
