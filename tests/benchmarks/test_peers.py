"""`benchmarks/peers/run.py` with peers of its own that need no environment, so no network."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from scixtag.corpus.splits import stratified_split
from scixtag.errors import InputError
from scixtag.evaluation.bootstrap import paired_difference
from scixtag.evaluation.judgements import judge
from scixtag.evaluation.metrics.registry import get_metric
from scixtag.predictions.scores import Scores
from scixtag.vocabulary.load import load_vocabulary
from scixtag.workflows.evaluate import judge_tagger
from scixtag.workflows.preparation import Corpus, Fold, evaluation_examples, training_examples, vocabulary_for
from scixtag.workflows.settings import training_settings
from scixtag.workflows.train import train

PEERS = Path(__file__).parents[2] / "benchmarks" / "peers"
FOLD = Corpus("sample", fold=Fold(1, 5))

FREQUENT = """
import json
import re
from collections import Counter
from pathlib import Path
from worker import read_papers

def train(job):
    with Path(__file__).with_name("calls").open("a") as stream:
        stream.write(f"train {job.papers.name}\\n")
    papers = read_papers(job.papers)
    counts = Counter(uri for paper in papers for uri in paper["concepts"])
    (job.model / "counts.json").write_text(json.dumps([counts, len(papers)]))

def load(model):
    counts, total = json.loads((model / "counts.json").read_text())
    def suggest(papers):
        assert all(set(paper) == {"id", "title", "abstract"} for paper in papers), "labels of papers to be answered"
        return [{"scores": [[uri, count / total] for uri, count in counts.items()]} for _ in papers]
    return suggest
"""

BROKEN = """
def train(job):
    print("a word before")
    raise ValueError("no luck today")
"""

STRANGER = FREQUENT.replace("[uri, count / total]", '["http://example.org/" + uri, count / total]')

OURS = f"""
import importlib.util
specification = importlib.util.spec_from_file_location("ours", {str(PEERS / "ours" / "peer.py")!r})
ours = importlib.util.module_from_spec(specification)
specification.loader.exec_module(ours)
ours.OPTIONS["centroid"] = ["--model", "centroid"]
train, load = ours.train, ours.load
"""


def a_peer(folder, name, script):
    place = folder / name
    place.mkdir()
    (place / "peer.py").write_text(script)
    (place / "requirements.txt").touch()
    return f"{name}={place / 'peer.py'}"


def run(output, *peers, options=("--only-fold", "1")):
    command = [sys.executable, str(PEERS / "run.py"), "sample", "--output", str(output), "--peers", ",".join(peers)]
    return subprocess.run([*command, *options], capture_output=True, text=True, check=False)


def rows(output):
    return {row["system"]: row for row in json.loads(output.with_suffix(".json").read_text())}


@pytest.fixture(scope="module")
def fold():
    vocabulary = vocabulary_for("sample", None)
    return training_examples(FOLD, vocabulary)[0], evaluation_examples(FOLD, vocabulary)[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("peers")


@pytest.fixture(scope="module")
def peers(folder):
    scripts = {"frequent": FREQUENT, "broken": BROKEN, "stranger": STRANGER, "centroid": OURS}
    return [a_peer(folder, name, script) for name, script in scripts.items()]


@pytest.fixture(scope="module")
def output(folder, peers):
    path = folder / "peers.md"
    done = run(path, *peers)
    assert done.returncode == 0, done.stderr
    return path


def by_frequency(learned, asked):
    shares = learned.label_counts / len(learned)
    return Scores.from_dense(np.tile(shares, (len(asked), 1)))


def values(judgements, names):
    return {name: float(get_metric(name)(judgements, judgements.unit_weights)[0]) for name in names}


def test_the_numbers_are_those_of_a_direct_evaluation(output, fold):
    learned, asked = fold
    row = rows(output)["frequent"]
    scores = by_frequency(learned, asked)
    threshold = float(row["threshold"].removeprefix("tuned: "))
    judgements = judge(
        scores, scores.values >= threshold, asked.targets, asked.unknown, learned.label_counts, len(learned)
    )
    found = {name: value for name, (value, _, _) in row["metrics"].items()}
    assert found == pytest.approx(values(judgements, found))
    assert all(low <= value <= high for value, low, high in row["metrics"].values())


def test_the_threshold_is_the_best_on_a_held_out_tenth_of_the_training_papers(output, fold):
    learned, _ = fold
    rest, held_out = (learned.take(part) for part in stratified_split(learned.targets, 0.1, 0))
    shares = (rest.label_counts / len(rest)).astype(np.float32)
    gold = held_out.targets.toarray() > 0

    def micro_f1(threshold):
        selected = np.broadcast_to(shares >= threshold, gold.shape)
        return 2 * (selected & gold).sum() / (selected.sum() + gold.sum() + held_out.unknown.sum())

    threshold = float(rows(output)["frequent"]["threshold"].removeprefix("tuned: "))
    assert micro_f1(threshold) == pytest.approx(max(micro_f1(share) for share in shares[shares > 0]))


def test_scixtag_scores_by_files_as_it_does_directly(output, fold):
    vocabulary = vocabulary_for("sample", None)
    tagger = train(FOLD, vocabulary, training_settings({"model": {"name": "centroid"}}, "test"))
    names = ("p@1", "p@5", "r@5", "ndcg@10", "psp@5")
    direct = values(judge_tagger(tagger, fold[1]).judgements, names)
    found = {name: rows(output)["centroid"]["metrics"][name][0] for name in names}
    assert found == pytest.approx(direct, abs=1e-6)


def test_costs_are_measured(output):
    costs = rows(output)["centroid"]["costs"]
    assert all(value > 0 for name, value in costs.items() if name != "load before")
    assert costs["training CPU s"] > 0.1  # the training is a grandchild
    assert 20 < costs["memory, training MB"] < 4000
    assert costs["start s"] * 1000 > costs["one paper ms"]


def test_a_peer_that_fails_stops_no_other_and_its_row_says_why(output):
    found = rows(output)
    assert not found["broken"]["metrics"]
    assert found["broken"]["failure"] == "fold 1/5: ValueError: no luck today"
    assert "http://example.org/" in found["stranger"]["failure"]
    assert "| broken | fold 1/5: ValueError: no luck today |" in output.read_text()
    logs = list(output.with_suffix(".work").glob("logs/broken-*/tune.log"))
    assert len(logs) == 1
    assert "a word before" in logs[0].read_text()


def test_a_second_run_takes_what_is_there_and_tries_failures_again(output, folder, peers):
    before, table = (folder / "frequent" / "calls").read_text(), output.read_text()
    assert before.split() == ["train", "rest.jsonl", "train", "train.jsonl"]
    (folder / "broken" / "peer.py").write_text(FREQUENT)
    done = run(output, *peers[:2])
    assert done.returncode == 0, done.stderr
    assert "frequent, fold 1/5: kept from before" in done.stderr
    assert (folder / "frequent" / "calls").read_text() == before
    assert rows(output)["broken"]["metrics"] == rows(output)["frequent"]["metrics"]
    kept = [line for line in table.splitlines() if line.startswith("| frequent")]
    assert kept == [line for line in output.read_text().splitlines() if line.startswith("| frequent")]


def test_another_seed_or_script_runs_again(output, folder, peers):
    calls = folder / "frequent" / "calls"
    before = len(calls.read_text().splitlines())
    assert run(output, peers[0], options=("--only-fold", "1", "--seed", "1")).returncode == 0
    assert len(calls.read_text().splitlines()) == before + 2
    (folder / "frequent" / "peer.py").write_text(FREQUENT + "\n# changed\n")
    assert run(output, peers[0]).returncode == 0
    assert len(calls.read_text().splitlines()) == before + 4


def test_differences_are_paired_with_the_reference(tmp_path, fold):
    reference = a_peer(tmp_path, "scixtag", FREQUENT)
    other = a_peer(tmp_path, "other", OURS.replace('OPTIONS["centroid"]', 'OPTIONS["other"]'))
    path = tmp_path / "peers.md"
    done = run(path, other, reference)
    assert done.returncode == 0, done.stderr
    learned, asked = fold
    tagger = train(FOLD, vocabulary_for("sample", None), training_settings({"model": {"name": "centroid"}}, "test"))
    theirs = judge_tagger(tagger, asked).judgements
    scores = by_frequency(learned, asked)
    ours = judge(scores, scores.listed, asked.targets, asked.unknown, learned.label_counts, len(learned))
    expected = paired_difference(get_metric("r@5"), theirs, ours)
    found = rows(path)["other"]["differences"]["r@5"]
    assert found == pytest.approx([expected.value, expected.low, expected.high], abs=1e-6)
    assert rows(path)["scixtag"]["differences"] == {}


@pytest.mark.parametrize(
    ("peers", "message"),
    [
        (["omikujy"], "unknown peer 'omikujy'; did you mean 'omikuji'?"),
        (["omikuji", "omikuji"], "stands there twice"),
        (["mine=nowhere/peer.py"], "does not exist"),
    ],
)
def test_wrong_names_are_refused_before_any_work(tmp_path, peers, message):
    done = run(tmp_path / "peers.md", *peers)
    assert done.returncode == 2
    assert message in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_vocabulary_comes_through(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(PEERS)
    from exchange import write_vocabulary

    vocabulary = vocabulary_for("sample", None)
    write_vocabulary(tmp_path, vocabulary)
    found = load_vocabulary(tmp_path / "vocabulary.ttl")
    assert [(c.id, c.uri, c.name, set(c.alternatives), set(c.broader), set(c.related)) for c in found] == [
        (c.id, c.uri, c.name, set(c.alternatives), set(c.broader), set(c.related)) for c in vocabulary
    ]
    assert [c.name for c in load_vocabulary(tmp_path / "vocabulary.tsv")] == [c.name for c in vocabulary]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scores": [["{uri}", 1.5]]}, "they must lie in [0, 1]"),
        ({"scores": [["{uri}", None]]}, "they must lie in [0, 1]"),
        ({"scores": [["{uri}", 0.5], ["{uri}", 0.4]]}, "stands twice"),
        ({"scores": [["{uri}", 0.5]], "selected": ["{other}"]}, "selected that are not among"),
        ({"scores": ["{uri}"]}, "not the form"),
        ({"scores": [], "id": "another paper"}, "not one for each of the"),
    ],
)
def test_answers_that_cannot_be_judged_are_refused(monkeypatch, tmp_path, fold, change, message):
    monkeypatch.syspath_prepend(PEERS)
    from exchange import read_answers

    papers = fold[1].take([0, 1])
    uri, other = papers.vocabulary[0].uri, papers.vocabulary[1].uri
    spoilt = json.loads(json.dumps(change).replace("{uri}", uri).replace("{other}", other))
    answers = [{"scores": [[other, 0.2]], "selected": []} | {"id": name} for name in papers.ids]
    path = tmp_path / "answers.jsonl"
    path.write_text("".join(json.dumps(answer) + "\n" for answer in answers))
    scores, selected = read_answers(path, papers)
    assert scores.columns.tolist() == [[1], [1]]
    assert not selected.any()
    answers[1] |= spoilt
    path.write_text("".join(json.dumps(answer) + "\n" for answer in answers))
    with pytest.raises(InputError, match=re.escape(message)):
        read_answers(path, papers)
