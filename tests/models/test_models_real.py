"""A floor under what the models reach on real papers: one fold of five, two points below what was measured."""

import json

import numpy as np
import pytest
from model_cases import examples

from scixtag.corpus.text import Text, clean
from scixtag.models.registry import model_class
from scixtag.vocabulary.concept import Concept, Vocabulary


def number(uri):
    return int(uri.rsplit("/", 1)[1])


@pytest.fixture(scope="module")
def fold(shared):
    import pyarrow.parquet as parquet

    listed = json.loads((shared / "data/uat/UAT_list.json").read_text(encoding="utf-8"))
    vocabulary = Vocabulary(
        Concept(
            number(entry["uri"]),
            entry["uri"],
            entry["name"].strip(),
            tuple(entry.get("altNames") or ()),
            deprecated=entry.get("status") == "deprecated" or bool(entry.get("useInstead")),
        )
        for entry in listed
    )
    papers = parquet.read_table(shared / "data/scix-uat/papers.parquet").to_pydict()
    pairs = zip(papers["title"], papers["abstract"], strict=True)
    texts = [Text(clean(title), clean(abstract or "")) for title, abstract in pairs]
    everything = examples(texts, [set(row) for row in papers["verified_uat_ids"]], vocabulary)
    order = np.random.default_rng(0).permutation(len(everything))
    return everything.take(order[481:]), everything.take(order[:481])


@pytest.mark.parametrize(
    ("name", "precision", "recall"),
    [
        ("lexical", 0.54, 0.31),
        ("neighbours", 0.54, 0.40),
        ("centroid", 0.61, 0.465),
        ("linear", 0.54, 0.415),
        ("ridge", 0.56, 0.41),
    ],
)
def test_reaches_its_floor(fold, name, precision, recall):
    train, test = fold
    scores = model_class(name)().fit(train).scores(test.texts)
    hits = np.take_along_axis(test.targets.toarray(), scores.columns[:, :5].astype(np.int64), axis=1)
    hits *= scores.columns[:, :5] >= 0
    assert hits[:, 0].mean() > precision
    assert (hits.sum(axis=1) / test.targets.sum(axis=1)).mean() > recall
