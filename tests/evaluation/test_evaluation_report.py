import csv
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from evaluation_cases import examples_of, hand_case, random_case

from scixtag.errors import ConfigError, InputError
from scixtag.evaluation.bands import FINE
from scixtag.evaluation.bootstrap import interval
from scixtag.evaluation.judgements import Judgements
from scixtag.evaluation.metrics.registry import METRICS, RELIABILITY, get_metric
from scixtag.evaluation.report import Denominators, evaluate
from scixtag.evaluation.report_files import AUDIT_COLUMNS, write_report
from scixtag.evaluation.report_markdown import markdown
from scixtag.evaluation.report_page import page as page_of
from scixtag.vocabulary.concept import Concept, Vocabulary

SYSTEM = {"model": "a <b>ranker</b>", "papers": 1923, "training time (s)": 41.25, "release": None}


def vocabulary(size):
    return Vocabulary(Concept(id=1000 + i, uri=f"u:{i}", name=f"Stars | {i} & <i>") for i in range(size))


@pytest.fixture(scope="module")
def case():
    return random_case(1, papers=60, concepts=30, unknown=True)


@pytest.fixture(scope="module")
def judged(case):
    return case.judged()


@pytest.fixture(scope="module")
def papers(case):
    return examples_of(case, vocabulary(30))


@pytest.fixture(scope="module")
def report(judged, papers):
    return evaluate(judged, vocabulary(30), system=SYSTEM, probabilities=True, papers=papers, replicates=40, seed=3)


def test_denominators_by_hand():
    report = evaluate(hand_case().judged(), vocabulary(5), system={}, replicates=2)
    assert report.denominators == Denominators(
        papers=3,
        train_papers=(200, 200),
        concepts=5,
        train_concepts=4,
        scoreable_concepts=4,
        seen_concepts=5,
        gold=6,
        never_seen=1,
        outside=1,
        selected=4,
    )


def test_every_metric_has_its_interval(report, judged):
    assert list(report.metrics) == [*METRICS, *RELIABILITY]
    for name in ("p@5", "psp@3", "macro_f1_all", "ece", "brier@10"):
        assert report.metrics[name] == interval(get_metric(name), judged, replicates=40, seed=3)


def test_a_band_without_true_labels_has_no_metrics():
    case = hand_case()
    case.unknown[:] = 0
    case.targets[2, 3] = 0
    scheme = evaluate(case.judged(), vocabulary(5), system={}, replicates=2, schemes=(FINE,)).schemes[0]
    assert [band.size.gold for band in scheme.bands] == [1, 2, 1, 0]
    assert set(scheme.bands[3].metrics.values()) == {None}
    assert scheme.bands[1].metrics["f1"].value == pytest.approx(1 / 2)
    assert scheme.delta == {"f1": None, "macro_f1": None}


def test_delta_is_the_first_band_less_the_last(report):
    for scheme in report.schemes:
        first, last = scheme.bands[0].metrics["macro_f1"], scheme.bands[-1].metrics["macro_f1"]
        assert scheme.delta["macro_f1"].value == pytest.approx(first.value - last.value)


def test_folds_say_the_range_of_their_training_papers():
    parts = [random_case(i).judged() for i in range(2)]
    parts[1].train_papers[:] = 950
    report = evaluate(Judgements.concatenate(parts), vocabulary(12), system={}, replicates=2)
    assert report.denominators.train_papers == (900, 950)
    assert "trained on 900 to 950 papers" in " ".join(markdown(report).split())


def test_the_files(report, tmp_path):
    write_report(report, tmp_path / "report")
    assert {p.name for p in (tmp_path / "report").iterdir()} == {
        "report.json",
        "report.md",
        "report.html",
        "audit.csv",
        "labels.csv",
        "labels.txt",
    }
    document = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    assert document == json.loads(json.dumps(report.to_document()))
    assert document["metrics"]["micro_f1"]["value"] == report.metrics["micro_f1"].value
    assert document["system"] == SYSTEM
    with (tmp_path / "report" / "labels.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["id"] for row in rows] == [str(row.id) for row in report.labels]
    assert float(rows[0]["f1"]) == report.labels[0].f1


def test_json_holds_no_numbers_that_json_lacks(report):
    json.dumps(report.to_document(), allow_nan=False)


def test_markdown_tables_are_whole(report):
    lines = markdown(report).splitlines()
    assert lines[0] == "# Evaluation of a <b>ranker</b>"
    cells = [line.replace("\\|", "").count("|") for line in lines if line.startswith("|")]
    assert min(cells) >= 3
    value = report.metrics["micro_f1"]
    row = next(line for line in lines if line.startswith("| `micro_f1`"))
    assert f"{value.value:.3f} [{value.low:.3f}, {value.high:.3f}]" in row
    assert any("Stars \\| " in line for line in lines)


def test_the_page_shows_everything_escaped(report):
    page = page_of(report)
    assert "<b>ranker</b>" not in page
    assert "Evaluation of a &lt;b&gt;ranker&lt;/b&gt;" in page
    assert page.count("<svg ") == 6
    assert page.count("<table ") == 12 + len(report.worst)
    assert "&lt;i&gt;" in page
    assert all(f">{name}<" in page for name in report.metrics)
    assert ">1029<" in page  # ids are names: no thousands separator


def test_without_probabilities_there_is_no_calibration(judged):
    report = evaluate(judged, vocabulary(30), system={}, replicates=2)
    assert report.by_threshold == report.reliability == ()
    assert report.to_document()["calibration_error"] is None
    assert page_of(report).count("<svg ") == 3
    assert list(report.metrics) == list(METRICS)
    shown = (page_of(report) + markdown(report)).lower()
    assert not any(word in shown for word in ("brier", "calibration error", "ece@10"))


def test_the_probabilities_have_their_own_section(report):
    text = markdown(report)
    section = text[text.index("## The probabilities") : text.index("## By training frequency")]
    for name in RELIABILITY:
        found = report.metrics[name]
        assert f"| `{name}` | {found.value:.4f} [{found.low:.4f}, {found.high:.4f}] |" in section
    assert "the best ten of each paper" in section
    assert report.to_document()["calibration_error"] == pytest.approx(report.metrics["ece"].value)


def test_one_threshold_may_mean_something_without_probabilities(judged, report):
    other = evaluate(judged, vocabulary(30), system={}, thresholds=True, replicates=2)
    assert other.by_threshold == report.by_threshold
    assert other.reliability == ()
    assert list(other.metrics) == list(METRICS)


def test_same_seed_same_files(judged, papers, report):
    again = evaluate(judged, vocabulary(30), system=SYSTEM, probabilities=True, papers=papers, replicates=40, seed=3)
    assert again.to_document() == report.to_document()
    assert page_of(again) == page_of(report)


def test_the_wrong_vocabulary_is_refused(judged):
    with pytest.raises(InputError, match="31 concepts and the judgements 30"):
        evaluate(judged, vocabulary(31), system={})


def test_wrong_settings_are_refused(judged):
    with pytest.raises(ConfigError, match="at least 1, not 0"):
        evaluate(judged, vocabulary(30), system={}, replicates=0)


def test_metrics_do_not_bring_in_the_heavy_packages():
    code = (
        "import scixtag.evaluation.report, sys;"
        "print({'matplotlib', 'jinja2', 'sklearn', 'pyarrow', 'rdflib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_system_that_says_nothing_can_be_reported():
    from scixtag.predictions.scores import Scores

    case = hand_case()
    from scipy.sparse import csr_array

    from scixtag.evaluation.judgements import judge

    judged = judge(Scores.empty(3), np.zeros((3, 0), bool), csr_array(case.targets), case.unknown, case.train_counts, 0)
    report = evaluate(judged, vocabulary(5), system={}, probabilities=True, replicates=5)
    assert report.metrics["empty_share"].value == 1
    assert "<svg " in page_of(report)
    assert markdown(report)


def test_the_audit_is_a_table_for_a_curator(report, tmp_path):
    write_report(report, tmp_path / "report")
    with (tmp_path / "report" / "audit.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == AUDIT_COLUMNS
    assert [row["paper"] for row in rows] == [row.paper for row in report.audit.rows]
    assert {row["decision"] for row in rows} == {""}
    assert rows[0]["probability"] == f"{report.audit.rows[0].probability:.4f}"
    assert rows[0]["labels"] == "; ".join(report.audit.rows[0].labels)


def test_no_cell_of_the_audit_is_a_formula(report, tmp_path):
    first, *others = report.audit.rows
    odd = replace(first, title="=HYPERLINK(1)", paper="@id", labels=("-x", "y"), evidence="1 = 1")
    write_report(replace(report, audit=replace(report.audit, rows=(odd, *others))), tmp_path / "report")
    with (tmp_path / "report" / "audit.csv").open(encoding="utf-8", newline="") as stream:
        row = next(csv.DictReader(stream))
    assert (row["title"], row["paper"], row["labels"]) == ("'=HYPERLINK(1)", "'@id", "'-x; y")
    assert (row["evidence"], row["name"]) == ("1 = 1", first.name)


def test_a_curators_decisions_are_not_lost(report, tmp_path):
    folder = tmp_path / "report"
    write_report(report, folder)
    write_report(report, folder)
    file = folder / "audit.csv"
    written = file.read_text("utf-8").splitlines()
    decided = "\n".join([written[0], written[1] + "accept", written[2] + "reject", *written[3:]])
    file.write_text(decided, "utf-8")
    with pytest.raises(
        InputError, match=r"its audit.csv holds 2 decisions of a curator, so the folder is not replaced"
    ):
        write_report(report, folder)
    assert file.read_text("utf-8") == decided
    file.write_text("\n".join(line.replace(",", ";") for line in written), "utf-8")
    with pytest.raises(InputError, match=r"somebody has changed its audit.csv"):
        write_report(report, folder)


def test_an_audit_that_a_spreadsheet_only_opened_may_be_replaced(report, tmp_path):
    folder = tmp_path / "report"
    write_report(report, folder)
    text = (folder / "audit.csv").read_text("utf-8")
    (folder / "audit.csv").write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    write_report(report, folder)
    assert (folder / "audit.csv").read_text("utf-8") == text


def test_errors_are_in_all_files(report):
    document = report.to_document()
    assert document["errors"]["missed"] == report.errors.missed > 0
    assert document["coverage"]["points"][-1]["coverage"] == 1
    assert len(document["worst"]) == 20
    assert len(document["audit"]["rows"]) == len(report.audit.rows) > 50
    page, text = page_of(report), markdown(report)
    for heading in ("Risk against coverage", "The papers with the worst scores", "Label audit"):
        assert f">{heading}</h2>" in page
        assert f"## {heading}" in text
    assert f"{report.errors.missed:,} true labels are missed" in text
    for paper in report.worst:
        assert f"({paper.id})</summary>" in page
        assert paper.abstract in page


def test_without_the_papers_their_parts_are_left_out_and_said_to_be(judged, tmp_path):
    report = evaluate(judged, vocabulary(30), system=SYSTEM, probabilities=True, replicates=2)
    assert report.worst is None is report.audit
    assert page_of(report).count("made without the papers") == 2
    assert "Label audit" not in markdown(report)
    write_report(report, tmp_path / "report")
    assert not (tmp_path / "report" / "audit.csv").exists()


def test_without_probabilities_there_is_no_audit(judged, papers):
    report = evaluate(judged, vocabulary(30), system=SYSTEM, papers=papers, replicates=2)
    assert report.audit is None is report.coverage
    assert len(report.worst) == 20
    assert "The scores are no calibrated probabilities" in page_of(report)
    assert "## Risk against coverage" not in markdown(report)
    assert evaluate(judged, vocabulary(30), system={}, thresholds=True, replicates=2).coverage is not None


def test_other_papers_are_refused(judged, papers):
    with pytest.raises(InputError, match="not the 60 judged ones"):
        evaluate(judged, vocabulary(30), system={}, papers=papers.take(range(59)), replicates=2)


@pytest.mark.parametrize(("known", "warned"), [(0, False), (3, True)])
def test_training_papers_among_the_judged_ones_are_warned_of(judged, known, warned):
    facts = SYSTEM | {"training_papers_in_this_set": known}
    report = evaluate(judged, vocabulary(30), system=facts, replicates=2)
    warning = "Warning: 3 of the 60 papers judged here were training papers of this model"
    assert (warning in page_of(report)) == warned
    assert ('class="warning"' in page_of(report)) == warned
    assert (f"\n**{warning}" in markdown(report)) == warned


def test_a_system_without_errors_can_be_reported():
    case = random_case(2, k=12)
    case.targets[:] = case.dense_selected
    case = case.take(np.flatnonzero(case.targets.any(axis=1)))
    papers = examples_of(case, vocabulary(12))
    report = evaluate(case.judged(), vocabulary(12), system={}, probabilities=True, papers=papers, replicates=2)
    assert report.coverage.wrong_area.value == report.coverage.lost_f1_area.value == 0
    assert page_of(report).count("Every set is right.") == 2
    assert "No concept was selected wrongly." in page_of(report)
    assert "0 true labels are missed" in markdown(report)
