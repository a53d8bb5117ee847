"""`benchmarks/simulate.py` makes a corpus that scixtag reads."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest

from scixtag.corpus.splits import stratified_folds
from scixtag.models.centroid import Centroid
from scixtag.workflows.preparation import Corpus, training_examples, vocabulary_for

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "simulate.py"
PAPERS = 700


def simulate(output, *options):
    command = [sys.executable, str(SCRIPT), "sample", "--papers", str(PAPERS), "--output", str(output), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    path = tmp_path_factory.mktemp("simulated") / "big.parquet"
    done = simulate(path, "--seed", "3")
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="module")
def real():
    return training_examples(Corpus("sample"), vocabulary_for("sample", None))[0]


def test_scixtag_reads_it_whole(simulated, real):
    examples, preparation = training_examples(Corpus(str(simulated)), real.vocabulary)
    assert len(examples) == preparation.read == PAPERS
    assert not preparation.repeated_texts
    assert not preparation.unknown
    assert len(set(examples.texts)) == PAPERS
    assert not set(examples.texts) & set(real.texts)


def test_columns_are_those_of_the_real_corpus(simulated):
    columns = ["bibcode", "title", "abstract", "verified_uat_ids", "verified_uat_labels"]
    table = parquet.read_table(simulated)
    assert table.column_names == columns
    for row in table.to_pylist():
        assert len(row["verified_uat_ids"]) == len(row["verified_uat_labels"]) > 0


def test_labels_and_words_are_spread_as_in_the_real_corpus(simulated, real):
    examples = training_examples(Corpus(str(simulated)), real.vocabulary)[0]
    assert examples.targets.sum() / PAPERS == pytest.approx(real.targets.sum() / len(real), rel=0.1)
    expected = np.mean([len(text.joined.split()) for text in real.texts]) * 0.85
    assert np.mean([len(text.joined.split()) for text in examples.texts]) == pytest.approx(expected, rel=0.05)
    shares = real.label_counts / len(real)
    assert np.corrcoef(examples.label_counts / PAPERS, shares)[0, 1] > 0.9
    # A model that learned from the real papers still knows what the others are about.
    scores = Centroid().fit(real).scores(examples.texts)
    assert examples.targets.toarray()[np.arange(PAPERS), scores.columns[:, 0]].mean() > 0.8
    assert np.bincount(stratified_folds(examples.targets, 5, 0)).tolist() == [140] * 5


def test_the_seed_makes_the_corpus(simulated, tmp_path):
    for seed in ("3", "4"):
        assert simulate(tmp_path / seed, "--seed", seed).returncode == 0
    assert parquet.read_table(tmp_path / "3").equals(parquet.read_table(simulated))
    assert not parquet.read_table(tmp_path / "4").equals(parquet.read_table(simulated))


def test_more_texts_than_there_can_be(tmp_path):
    done = simulate(tmp_path / "none", "--drop-words", "0", "--replace-words", "0")
    assert done.returncode != 0
    assert "--drop-words" in done.stderr
    assert not (tmp_path / "none").exists()
