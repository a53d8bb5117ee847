"""The recipe for large corpora, on a small one."""

import dataclasses
import json

import numpy as np
import pytest
from model_cases import examples

from scixtag import progress
from scixtag.cli.main import call
from scixtag.corpus.text import Text
from scixtag.errors import ConfigError
from scixtag.models.centroid import Centroid
from scixtag.models.ensemble import settings as settings_module
from scixtag.models.ensemble.ensemble import Ensemble
from scixtag.models.ensemble.settings import EnsembleSettings
from scixtag.predictions.scores import relevance

QUICK = EnsembleSettings(seeds=2, rounds=60, leaf_pairs=5, cache=False)
LARGE_ONES = ["centroid", "names", "lexical", "linear", "label-tree"]


@pytest.fixture
def notes():
    told = []

    class Listener:
        def start(self, name, total):
            return 0

        def advance(self, handle, steps, detail): ...

        def finish(self, handle, *, complete): ...

        def note(self, message):
            if not message.startswith("compiling for this machine"):
                told.append(message)

    with progress.reporting_to(Listener()):
        yield told


@pytest.fixture
def sixty_are_many(monkeypatch):
    monkeypatch.setattr(settings_module, "LARGE", 60 * 7 - 1)


@pytest.mark.usefixtures("sixty_are_many")
def test_is_taken_by_itself_and_told(corpus, notes):
    model = Ensemble(QUICK).fit(corpus)
    assert list(model.members_) == LARGE_ONES
    assert model.settings.recipe == "large"
    assert not model.ranker_.record.right.any()
    assert len(notes) == 1
    assert notes[0].startswith("60 papers with 7 concepts: the recipe for large corpora. Its members, centroid, names,")
    assert "without 12 papers" in notes[0]
    assert 'model.recipe = "small"' in notes[0]


def test_is_not_taken_below_the_size(corpus, monkeypatch):
    monkeypatch.setattr(settings_module, "LARGE", 60 * 7)
    model = Ensemble(dataclasses.replace(QUICK, folds=4)).fit(corpus)
    assert model.settings == dataclasses.replace(QUICK, folds=4)
    assert "ridge" in model.members_
    assert "linear" not in model.members_


@pytest.mark.usefixtures("sixty_are_many")
def test_the_other_recipe_can_be_asked_for(corpus):
    model = Ensemble(dataclasses.replace(QUICK, recipe="small", folds=4)).fit(corpus)
    assert "ridge" in model.members_


def test_can_be_asked_for_itself(corpus):
    assert list(Ensemble(dataclasses.replace(QUICK, recipe="large")).fit(corpus).members_) == LARGE_ONES


def test_what_was_said_of_members_stays(corpus):
    said = {"ridge": {"alpha": 2.0}, "lexical": False, "linear": {"C": 0.25}}
    settings = EnsembleSettings(members=said, recipe="large").for_corpus(60, 7)
    members = dict(settings.taking_part())
    assert list(members) == ["centroid", "names", "ridge", "linear", "label-tree"]
    assert members["ridge"]["alpha"] == 2.0
    assert members["linear"]["C"] == 0.25
    assert members["linear"]["solver"] == "liblinear"


def test_a_saved_one_is_the_same(corpus, tmp_path):
    model = Ensemble(dataclasses.replace(QUICK, recipe="large")).fit(corpus)
    model.save(tmp_path / "model")
    loaded = Ensemble.load(tmp_path / "model")
    assert loaded.settings == model.settings
    assert list(loaded.members_) == LARGE_ONES
    one, other = model.scores(corpus.texts), loaded.scores(corpus.texts)
    np.testing.assert_array_equal(one.columns, other.columns)
    np.testing.assert_array_equal(one.values, other.values)


@pytest.mark.usefixtures("sixty_are_many")
def test_fitted_again_on_fewer_papers_it_asks_again(corpus):
    model = Ensemble(dataclasses.replace(QUICK, folds=4)).fit(corpus)
    assert "linear" in model.members_
    assert "linear" not in model.fit(corpus.take(range(50))).members_


@pytest.mark.usefixtures("sixty_are_many")
def test_members_are_fitted_once_without_the_papers_of_the_ranker(corpus, monkeypatch):
    fitted = []
    monkeypatch.setattr(Centroid, "fit_vectors", _watched(Centroid.fit_vectors, fitted))
    rows = Ensemble(dataclasses.replace(QUICK, ranker_papers=10)).cross_fit(corpus).rows
    assert len(set(rows.tolist())) == len(rows) == 10
    held = {corpus.ids[row] for row in rows}
    assert len(fitted) == 2  # centroid and names
    for ids in fitted:
        assert set(ids) == set(corpus.ids) - held


def test_the_papers_of_the_ranker_are_drawn_by_lot(vocabulary):
    # In equal shares of every concept, all six concepts of ten papers each would have two of twelve.
    texts = [Text(f"paper {i} of dust and gas", "") for i in range(60)]
    papers = examples(texts, [{1 + i % 6} for i in range(60)], vocabulary)
    rows = Ensemble(dataclasses.replace(QUICK, recipe="large")).cross_fit(papers).rows
    held = papers.take(rows).label_counts[:6]
    assert held.sum() == 12
    assert len(set(held.tolist())) > 1


def _watched(fit, fitted):
    def fit_vectors(self, tfidf, vectors, train):
        fitted.append(train.ids)
        return fit(self, tfidf, vectors, train)

    return fit_vectors


def test_held_out_scores_do_not_know_the_paper(vocabulary):
    # Labels are drawn by lot and each text is of its own words: a member remembers what it saw, and knows nothing else.
    random = np.random.default_rng(0)
    texts = [Text(f"qa{i} qb{i}", f"qc{i} qd{i} qa{i} qb{i} dust gas") for i in range(100)]
    papers = examples(texts, [{int(random.integers(1, 7))} for _ in texts], vocabulary)
    members = {"centroid": {"min_df": 1}, "names": False, "linear": False, "label-tree": False}
    rows, scores = Ensemble(dataclasses.replace(QUICK, recipe="large", members=members)).cross_fit(papers)
    assert len(rows) == 20
    assert relevance(scores, papers.take(rows).targets)[:, 0].mean() < 0.5


@pytest.mark.parametrize("papers", [1, 2, 9, 10, 12])
def test_few_papers_end_in_no_error(corpus, papers):
    few = corpus.take(range(papers))
    model = Ensemble(dataclasses.replace(QUICK, recipe="large"))
    rows, scores = model.cross_fit(few)
    assert len(rows) == len(scores)
    assert len(model.scores(few.texts)) == papers


def test_an_unknown_recipe_is_an_error():
    with pytest.raises(ConfigError, match="recipe is 'huge'"):
        EnsembleSettings(recipe="huge")


def test_the_manifest_says_what_was_chosen(tmp_path, monkeypatch):
    monkeypatch.setattr(settings_module, "LARGE", 1_000)
    quick = ["--set", "model.seeds=1", "--set", "model.rounds=20", "--set", "model.cache=false", "--quiet"]
    assert call(["train", "sample:train", "--output", str(tmp_path / "large"), *quick]) == 0
    manifest = json.loads((tmp_path / "large" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["model"]["chosen_settings"]["recipe"] == "large"
    assert manifest["model"]["chosen_settings"]["members"]["ridge"] is False
    assert manifest["settings"]["model"]["recipe"] == "auto"
    assert call(["train", "sample:train", "--model", "prior", "--output", str(tmp_path / "prior"), "--quiet"]) == 0
    manifest = json.loads((tmp_path / "prior" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["model"] == {"name": "prior"}
