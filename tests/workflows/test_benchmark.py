import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from benchmark_cases import offer

from scixtag.corpus.text import Text
from scixtag.errors import ConfigError, InputError, OutputError, ScixtagError
from scixtag.evaluation.judgements import Judgements
from scixtag.evaluation.metrics.registry import get_metric
from scixtag.workflows.benchmark import benchmark as planning
from scixtag.workflows.benchmark import gathering, units
from scixtag.workflows.benchmark.benchmark import benchmark
from scixtag.workflows.benchmark.protocol import Protocol
from scixtag.workflows.benchmark.running import Failure
from scixtag.workflows.benchmark.splits import Split, check_splits, folds_of, overlap, part_of
from scixtag.workflows.benchmark.systems import parse_systems
from scixtag.workflows.evaluate import judge_tagger
from scixtag.workflows.preparation import Corpus, Fold, evaluation_examples, named_vocabulary, training_examples
from scixtag.workflows.settings import training_settings
from scixtag.workflows.train import train

VOCABULARY = named_vocabulary("sample")
SHARES = (0.25,)


def protocol(*names, described=(), **changes):
    systems = tuple(parse_systems(names, described, changes.get("seed", 0)))
    settings = {"folds": 2, "replicates": 50, **changes}
    return Protocol(corpus=Corpus("sample"), vocabulary=VOCABULARY, systems=systems, **settings)


@pytest.fixture
def odd(tmp_path, monkeypatch):
    """Models called killed, hungry, broken and counting; gives the file of traces of the last."""
    offer(tmp_path / "odd", monkeypatch)
    monkeypatch.setenv("SCIXTAG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TRACES", str(tmp_path / "traces"))
    return tmp_path / "traces"


@pytest.fixture(scope="module")
def done():
    """Two systems with repeats and a learning curve."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (planning, gathering):
            patch.setattr(module, "LEARNING_SHARES", SHARES)
        return benchmark(protocol("prior", "lexical", repeats=2, learning_curve=True, metrics=("p@2",)))


def test_numbers_are_those_of_training_and_evaluating_by_hand(done):
    parts = []
    for number in (1, 2):
        corpus = Corpus("sample", fold=Fold(number, 2))
        tagger = train(corpus, VOCABULARY, training_settings({"model": {"name": "lexical"}}, "hand"))
        parts.append(judge_tagger(tagger, evaluation_examples(corpus, VOCABULARY)[0]).judgements)
    pooled = Judgements.concatenate(parts)
    repeats = done.runs["lexical"].repeats
    for name in ("p@1", "ndcg@10", "micro_f1", "macro_f1", "p@2"):
        by_hand = get_metric(name)(pooled, pooled.unit_weights).item()
        values = [get_metric(name)(one, one.unit_weights).item() for one in repeats]
        assert values[0] == pytest.approx(by_hand, abs=1e-12)
        assert done.systems[1].metrics[name].value == pytest.approx(np.mean(values), abs=1e-12)
    assert done.reports["lexical"].metrics["micro_f1"].value == pytest.approx(
        get_metric("micro_f1")(pooled, pooled.unit_weights).item()
    )


def test_every_paper_is_judged_once_and_named(done):
    train_papers = training_examples(Corpus("sample"), VOCABULARY)[0]
    run = done.runs["prior"]
    assert sorted(run.papers) == sorted(train_papers.ids)
    assert [len(one) for one in run.repeats] == [len(run.papers)] * 2
    sizes = dict(zip(train_papers.ids, np.diff(train_papers.targets.indptr), strict=True))
    assert run.repeats[0].gold_sizes.tolist() == [sizes[paper] for paper in run.papers]


def test_differences_are_against_the_first_system(done):
    prior, lexical = done.systems
    assert done.against == "prior"
    assert prior.differences == {}
    found = lexical.differences["p@1"]
    assert found.value == pytest.approx(lexical.metrics["p@1"].value - prior.metrics["p@1"].value)
    assert found.low > 0
    assert found.detectable > 0


def test_repeats_have_a_spread_and_cost_is_told(done):
    for one in done.systems:
        assert one.spread["p@1"] == pytest.approx(0)  # neither model draws
        assert one.cost["training_seconds"] > 0
        assert one.cost["peak_memory_mb"] > 20
        assert one.decisions["threshold source"]


def test_the_learning_curve_ends_with_all_papers(done):
    lexical = done.systems[1]
    sizes = [point.training_papers for point in lexical.learning]
    whole = sizes[-1]
    assert sizes[:-1] == pytest.approx([whole * share for share in SHARES], abs=1)
    assert lexical.learning[-1].metrics["r@5"].value == pytest.approx(lexical.metrics["r@5"].value)
    assert lexical.learning[0].metrics["r@5"].value < lexical.learning[-1].metrics["r@5"].value


def test_what_is_finished_is_not_run_again(odd):
    wanted = protocol("counting", processes=1)
    first = benchmark(wanted)
    assert len(odd.read_text().split("\n")) - 1 == 2 * 6  # five tuning folds and the whole, for each fold
    odd.unlink()
    assert benchmark(wanted).systems[0].metrics == first.systems[0].metrics
    assert not odd.exists()
    benchmark(replace(wanted, repeats=2))  # the first repeat is kept, whatever the seed of the second
    assert {line.split()[0] for line in odd.read_text().splitlines()} == {"1"}


def test_a_kept_training_that_is_damaged_is_run_again(odd, tmp_path):
    wanted = protocol("counting", processes=1)
    first = benchmark(wanted)
    odd.unlink()
    for place in (tmp_path / "cache" / "benchmark").iterdir():
        file = place / "judgements.npz"
        file.write_bytes(file.read_bytes()[:100])
    assert benchmark(wanted).systems[0].metrics == first.systems[0].metrics
    assert odd.exists()


def test_times_are_of_whole_trainings_unless_parts_of_earlier_ones_may_be_used(odd, tmp_path):
    small = protocol(described=["small: model.seeds=1 model.rounds=5"], test=Corpus("sample:test"))
    small = replace(small, corpus=Corpus("sample:train"))
    parts = tmp_path / "cache" / "members"
    whole = benchmark(small)
    assert not parts.exists()
    assert whole.protocol["times"] == "of whole trainings"
    shortened = benchmark(replace(small, reuse=True))
    assert parts.is_dir()
    assert shortened.protocol["times"].startswith("shortened")
    assert shortened.systems[0].metrics == whole.systems[0].metrics


def test_nothing_is_trained_where_nothing_can_be_kept(odd, tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(OutputError, match="set SCIXTAG_CACHE to another folder"):
        benchmark(protocol("counting"))
    assert not odd.exists()


def test_the_least_used_results_make_room(odd, tmp_path, monkeypatch):
    old = tmp_path / "cache" / "benchmark" / "old"
    old.mkdir(parents=True)
    (old / "judgements.npz").write_bytes(b"x" * 10_000)
    os.utime(old, (0, 0))
    monkeypatch.setattr(units, "MOST_BYTES", 9_000)
    benchmark(protocol("prior"))
    assert not old.exists()


def test_a_system_that_fails_does_not_stop_the_others(odd):
    result = benchmark(
        protocol("broken", "prior", "killed", "hungry", described=["never: prior minimum_label_count=10000"])
    )
    rows = {one.name: one for one in result.systems}
    assert [one.name for one in result.finished] == ["prior"]
    assert rows["broken"].failures == ("all 2 trainings: ZeroDivisionError: of all things",)
    assert "code -9; was it killed for lack of memory?" in rows["killed"].failures[0]
    assert "out of memory; run fewer at a time" in rows["hungry"].failures[0]
    assert "minimum_label_count = 10000" in rows["never"].failures[0]
    assert result.against == "prior"
    assert result.remarks[0] == "broken has no numbers, so differences are taken against prior."
    assert rows["prior"].differences == {}
    json.dumps(result.to_document())


def test_a_reason_is_told_once_with_the_trainings_that_it_ended():
    examples = training_examples(Corpus("sample"), VOCABULARY)[0]
    (system,) = parse_systems(["prior"], [], 0)
    units_of = [
        units.Unit("prior", system.settings, f"fold {fold} of 3", 0, share, examples, examples, "sample")
        for share in (1.0, 0.5)
        for fold in (1, 2, 3)
    ]
    ended = dict.fromkeys(units_of, units.Outcome(None, {})) | dict.fromkeys(units_of[3:], Failure("too few", ""))
    ended[units_of[1]] = Failure("a bad day", "")
    row = gathering.gathered(system, [], units_of, ended, protocol("prior"))
    assert row.failures == (
        "fold 2 of 3: a bad day",
        "fold 1 of 3, 50% of the papers and 2 more of 6 trainings: too few",
    )


def test_if_all_fail_it_is_an_error(odd):
    with pytest.raises(ScixtagError, match="every system failed: broken: all 2 trainings: ZeroDivisionError"):
        benchmark(protocol("broken"))


def test_processes_do_not_change_the_numbers(tmp_path, monkeypatch):
    found = []
    for processes in (1, 2):
        monkeypatch.setenv("SCIXTAG_CACHE", str(tmp_path / str(processes)))
        found.append(benchmark(protocol("centroid", processes=processes)).systems[0].metrics)
    assert found[0] == found[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill -9"])
def test_an_interrupted_run_goes_on(number, tmp_path, monkeypatch):
    monkeypatch.setenv("SCIXTAG_CACHE", str(tmp_path / "cache"))
    command = [sys.executable, "-m", "scixtag", "benchmark", "sample", "--systems", "prior,lexical"]
    command += ["--folds", "2", "--processes", "1", "--replicates", "20", "--output", str(tmp_path / "out")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    kept = tmp_path / "cache" / "benchmark"
    while not (kept.is_dir() and any(place.name[0] != "." for place in kept.iterdir())):
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.02)
    process.send_signal(number)
    _, told = process.communicate()
    assert process.returncode == (-9 if number == signal.SIGKILL else 130), told
    assert not (tmp_path / "out").exists()
    if number != signal.SIGKILL:
        assert not [place for place in kept.iterdir() if place.name[0] == "."], "nothing half-written"
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "trainings are kept from an earlier run" in again.stderr
    assert (tmp_path / "out" / "report.html").is_file()


# Splits.


def test_folds_are_those_of_train():
    papers = training_examples(Corpus("sample"), VOCABULARY)[0]
    for number, split in enumerate(folds_of(papers, 3), start=1):
        corpus = Corpus("sample", fold=Fold(number, 3))
        assert split.train.ids == training_examples(corpus, VOCABULARY)[0].ids
        assert split.test.ids == evaluation_examples(corpus, VOCABULARY)[0].ids
        assert overlap(split.train, split.test) == []


def test_parts_of_the_training_papers_lie_within_one_another():
    papers = training_examples(Corpus("sample"), VOCABULARY)[0]
    split = folds_of(papers, 2)[0]
    quarter, half = (part_of(split, share, 5) for share in (0.25, 0.5))
    assert set(quarter.ids) < set(half.ids) < set(split.train.ids)
    assert part_of(split, 1.0, 5) is split.train


def test_training_papers_among_the_judged_ones_are_refused_by_id_and_by_text():
    papers = training_examples(Corpus("sample"), VOCABULARY)[0]
    train_papers, test = papers.take(range(100)), papers.take(range(98, 120))
    renamed = replace(test, ids=tuple(f"new {i}" for i in range(len(test))))
    other_text = replace(test, texts=papers.take(range(120, 142)).texts)
    shouted = [Text(text.title.upper() + "!", text.abstract) for text in renamed.texts]
    for same in (test, renamed, other_text, replace(renamed, texts=tuple(shouted))):
        split = Split("test", train_papers, same)
        with pytest.raises(InputError, match=r"also training papers, by id or by text: 2 .*--allow-overlap"):
            check_splits([split], allow_overlap=False)
        assert check_splits([split], allow_overlap=True) == 2


def test_judged_papers_without_a_label_of_the_vocabulary_are_refused():
    papers = training_examples(Corpus("sample"), VOCABULARY)[0]
    test = papers.take(range(10))
    bare = replace(test, targets=test.targets * 0, unknown=test.unknown + 1)
    bare.targets.eliminate_zeros()
    with pytest.raises(InputError, match="nothing to score"):
        check_splits([Split("test", papers.take(range(50, 90)), bare)], allow_overlap=False)


@pytest.mark.parametrize(
    ("papers", "folds", "message"),
    [
        (60, 1, "--folds 1; at least 2"),
        (60, 200, "labelled papers: 60, too few for 200 folds; pass --folds 30 at most"),
        (3, 2, "at least 4 are needed, or --test SOURCE2"),
    ],
)
def test_folds_that_cannot_be_cut(papers, folds, message):
    examples = training_examples(Corpus("sample"), VOCABULARY)[0]
    with pytest.raises((ConfigError, InputError), match=message):
        folds_of(examples.take(range(papers)), folds)


def test_a_learning_curve_of_too_few_papers_is_refused(tmp_path):
    lines = (json.dumps({"id": str(i), "title": f"Galaxy {i}", "labels": ["Galaxies"]}) for i in range(20))
    (tmp_path / "few.jsonl").write_text("\n".join(lines))
    few = replace(protocol("prior", learning_curve=True), corpus=Corpus(str(tmp_path / "few.jsonl")))
    with pytest.raises(InputError, match="--learning-curve needs 16 training papers, and there are 10"):
        benchmark(few)


# Systems and protocol.


def test_systems_by_name_recipe_file_and_change(tmp_path):
    (tmp_path / "mine.toml").write_text('[model]\nname = "linear"\nC = 3.0\n')
    systems = parse_systems(
        ["centroid", "seed-bert", str(tmp_path / "mine.toml")],
        [
            "wide: model.candidates=50",
            f"mine, again: {tmp_path / 'mine.toml'} model.C=4.0".replace(",", " "),
            "k: prior decision.rule=top-k",
        ],
        7,
    )
    assert [one.name for one in systems] == ["centroid", "seed-bert", "mine", "wide", "mine  again", "k"]
    assert [one.settings.model for one in systems] == ["centroid", "encoder", "linear", "ensemble", "linear", "prior"]
    assert systems[2].settings.model_settings.C == 3.0
    assert systems[3].settings.model_settings.candidates == 50
    assert systems[4].settings.model_settings.C == 4.0
    assert {one.settings.seed for one in systems} == {7}


@pytest.mark.parametrize(
    ("names", "described", "message"),
    [
        ([], [], "no system"),
        (["centriod"], [], "did you mean 'centroid'"),
        (["prior", "prior"], [], "two systems are called 'prior'"),
        (["prior"], ["prior: linear"], "two systems are called 'prior'"),
        ([], ["no colon"], "write 'NAME: MODEL KEY=VALUE"),
        ([], ["../up: prior"], "write 'NAME: MODEL KEY=VALUE"),
        ([], ["a b: prior", "a-b: linear"], "'a-b' and 'a b' would share the folder a-b"),
        ([], [f"{'x' * 61}: prior"], "at most 60 letters"),
        ([], ["x: prior linear"], "prior and linear were both given"),
        ([], ["x: linear model.c=1"], "system 'x'.*unknown setting 'c'"),
        ([], ["x: linear C=1"], "system 'x'.*unknown setting 'C'; the model 'linear' has it: write model.C"),
    ],
)
def test_systems_that_cannot_be(names, described, message):
    with pytest.raises(ConfigError, match=message):
        parse_systems(names, described, 0)


def test_the_protocol_is_checked_before_any_work():
    with pytest.raises(ConfigError, match=r"did you mean 'ndcg@10'.*any whole number for k: p@k"):
        protocol("prior", metrics=("ndgc@10",))
    with pytest.raises(ConfigError, match="--against priro: no such system here; did you mean 'prior'"):
        protocol("prior", against="priro")
    with pytest.raises(ConfigError, match="at least 1"):
        protocol("prior", repeats=0)


def test_environment_is_left_as_it_was(done):
    assert "OPENBLAS_NUM_THREADS" not in os.environ
