import numpy as np
import pytest

from scixtag import workspace
from scixtag.corpus.text import Text
from scixtag.models.centroid import Centroid
from scixtag.predictions.calibration import Identity
from scixtag.predictions.scores import Scores, relevance
from scixtag.workflows.evaluate import evaluate
from scixtag.workflows.preparation import Corpus, named_vocabulary, training_examples
from scixtag.workflows.settings import TuningSettings, training_settings
from scixtag.workflows.train import describe_training, train
from scixtag.workflows.tune import fit_predictions, held_out_scores

UNTUNED = {
    "model": {"name": "centroid"},
    "tuning": {"scheme": "none"},
    "calibration": {"method": "none"},
    "decision": {"rule": "fixed", "threshold": 0.2, "at_least": 0, "at_most": 0},
}


class Memory:
    """Knows the labels of its training papers by heart and nothing else."""

    def fit(self, train, validation=None):
        self.known = dict(zip(train.texts, train.targets.toarray(), strict=True))
        self.width = train.targets.shape[1]
        return self

    def scores(self, texts: list[Text]) -> Scores:
        return Scores.from_dense(np.array([self.known.get(text, np.zeros(self.width)) for text in texts]))


@pytest.fixture(scope="module")
def examples():
    return training_examples(Corpus("sample:train"), named_vocabulary("sample"))[0]


@pytest.mark.parametrize("scheme", ["folds", "holdout"])
def test_no_paper_is_scored_by_a_model_that_saw_it(examples, scheme):
    held_out = held_out_scores(Memory, examples, TuningSettings(scheme=scheme), seed=0)
    assert held_out.scores.listed.sum() == 0
    assert len(held_out.rows) == (len(examples) if scheme == "folds" else len(held_out.scores))
    seen = Memory().fit(examples).scores(examples.texts)
    assert relevance(seen, examples.targets)[seen.listed].all()


def test_the_held_out_part_is_there_for_early_stopping(examples):
    seen = []

    class Watched(Memory):
        def fit(self, train, validation=None):
            seen.append((len(train), None if validation is None else validation.ids))
            return super().fit(train)

    held_out = held_out_scores(Watched, examples, TuningSettings(scheme="holdout"), seed=0)
    ids = tuple(examples.ids[row] for row in held_out.rows)
    assert seen == [(len(examples) - len(ids), ids)]
    assert held_out.kept is None
    held_out_scores(Watched, examples, TuningSettings(scheme="folds", folds=2), seed=0)
    assert [validation for _, validation in seen[1:]] == [None, None]


def test_the_model_without_the_held_out_part_can_be_the_one_that_is_kept(examples):
    tuning = TuningSettings(scheme="holdout", refit=False)
    held_out = held_out_scores(Memory, examples, tuning, seed=0)
    model, learned = held_out.kept
    held = {examples.ids[row] for row in held_out.rows}
    assert set(learned.ids) == set(examples.ids) - held
    assert model.scores(examples.take(held_out.rows).texts).listed.sum() == 0


def test_the_manifest_says_how_many_papers_the_kept_model_learned_from():
    document = {"model": {"name": "centroid"}, "tuning": {"scheme": "holdout", "fraction": 0.25, "refit": False}}
    tagger = train(Corpus("sample:train"), named_vocabulary("sample"), training_settings(document, "test"))
    training = tagger.manifest["training"]
    held = int(tagger.manifest["tuning"]["source"].split()[3])
    assert training["papers_learned"] == training["papers"] - held < training["papers"] == len(tagger.seen[0])
    assert describe_training(tagger)["of these, learned from"] == training["papers_learned"]
    assert training["assignments"] < tagger.label_counts.sum()


def test_without_tuning_the_model_is_fitted_once_on_all_papers(monkeypatch):
    fitted = []

    def fit(self, papers, validation=None):
        fitted.append(len(papers))
        return plain(self, papers, validation)

    plain = Centroid.fit
    monkeypatch.setattr(Centroid, "fit", fit)
    tagger = train(Corpus("sample:train"), named_vocabulary("sample"), training_settings(UNTUNED, "test"))
    assert fitted == [tagger.manifest["training"]["papers"]]
    assert tagger.manifest["training"]["papers_learned"] == fitted[0]
    assert tagger.manifest["tuning"] == {"source": "no papers: nothing was fitted on scores", "metrics": {}}
    assert tagger.decision.threshold == 0.2
    assert tagger.calibration == Identity()
    assert describe_training(tagger)["tuned on"] == "no papers: nothing was fitted on scores"


@pytest.mark.parametrize(
    ("tuning", "parts"),
    [
        ({"scheme": "folds", "folds": 2}, ["fold-1", "fold-2", "final"]),
        ({"scheme": "holdout"}, ["held-out", "final"]),
        ({"scheme": "holdout", "refit": False}, ["held-out"]),
        ({"scheme": "none"}, ["final"]),
    ],
    ids=str,
)
def test_each_fit_has_its_own_workspace(tmp_path, monkeypatch, tuning, parts):
    seen = []

    def fit(self, papers, validation=None):
        seen.append(workspace.current().folder.name)
        return plain(self, papers, validation)

    plain = Centroid.fit
    monkeypatch.setattr(Centroid, "fit", fit)
    with workspace.working_in(tmp_path / "w", resume=False):
        train(Corpus("sample:train"), named_vocabulary("sample"), training_settings(UNTUNED | {"tuning": tuning}, "x"))
    assert seen == parts


def test_scores_stand_in_the_order_of_the_papers(examples):
    class Echo:
        """Scores column 0 by the length of the text."""

        def fit(self, train, validation=None):
            return self

        def scores(self, texts):
            return Scores.from_dense(np.array([[len(text.joined) / 10_000] for text in texts]))

    held_out = held_out_scores(Echo, examples, TuningSettings(), seed=3)
    expected = [np.float32(len(text.joined) / 10_000) for text in examples.texts]
    assert held_out.scores.values[:, 0].tolist() == expected


def test_rare_labels_that_are_not_learned_stay_in_the_denominator():
    vocabulary = named_vocabulary("sample")
    centroid = {"model": {"name": "centroid"}}
    few = training_settings(centroid | {"minimum_label_count": 8}, "test")
    tagger = train(Corpus("sample:train"), vocabulary, few)
    everything = train(Corpus("sample:train"), vocabulary, training_settings(centroid, "test"))
    assert tagger.manifest["training"]["labels"] < everything.manifest["training"]["labels"] == 131
    assert tagger.label_counts.tolist() == everything.label_counts.tolist()
    assert tagger.manifest["tuning"]["metrics"]["r@5"] < everything.manifest["tuning"]["metrics"]["r@5"]


@pytest.mark.parametrize("discount", [0.0, 0.3])
def test_the_threshold_is_the_best_on_the_tuning_papers(examples, discount):
    decision = {"rule": "global", "at_least": 0, "rare_discount": discount}
    settings = training_settings({"decision": decision}, "test")
    held_out = held_out_scores(Centroid, examples, settings.tuning, 0)
    calibration, decision = fit_predictions(held_out, examples, settings)
    relevant = relevance(held_out.scores, examples.targets)
    probabilities = calibration.probabilities(held_out.scores.values)
    shares = (1 - discount / np.sqrt(1 + examples.label_counts))[held_out.scores.columns]

    def f1(threshold):
        chosen = (probabilities >= threshold * shares) & held_out.scores.listed
        chosen &= np.cumsum(chosen, axis=1) <= 12
        return 2 * (chosen & relevant).sum() / (chosen.sum() + examples.targets.nnz)

    assert f1(decision.threshold) >= max(f1(t) for t in np.linspace(0.01, 0.9, 90)) - 0.002


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        ({"rule": "top-k", "k": 4}, {"concepts a paper"}),
        ({"rule": "global", "rare_discount": 0.0}, {"threshold"}),
        ({"rule": "global", "rare_discount": 0.5}, {"threshold", "the lowest of a concept"}),
    ],
)
def test_people_are_told_of_thresholds(decision, told):
    document = {"model": {"name": "centroid"}, "decision": decision}
    tagger = train(Corpus("sample:train"), named_vocabulary("sample"), training_settings(document, "test"))
    described = describe_training(tagger)
    assert {"concepts a paper", "threshold", "the lowest of a concept"} & described.keys() == told
    if "the lowest of a concept" in told:
        # No training paper carries it.
        assert described["the lowest of a concept"] == pytest.approx(described["threshold"] / 2, abs=1e-4)


def test_people_are_told_what_can_be_accepted_unread():
    document = {"decision": {"rule": "precision", "precision": 0.6}}
    tagger = train(Corpus("sample:train"), named_vocabulary("sample"), training_settings(document, "test"))
    told, seen = describe_training(tagger), tagger.decision.seen
    assert seen["precision_bound"] >= 0.6
    assert f"{seen['precision']:.1%}" in told["selected are right"]
    assert f"{seen['precision_bound']:.1%}" in told["selected are right"]
    assert told["true labels selected"] == f"{seen['recall']:.1%}"
    assert told["papers with any"] == f"{seen['papers_with_any']:.1%}"
    assert told["selected a paper"] == tagger.manifest["tuning"]["metrics"]["mean_set_size"] > 1
    document["decision"]["precision"] = 0.99
    tagger = train(Corpus("sample:train"), named_vocabulary("sample"), training_settings(document, "test"))
    assert describe_training(tagger)["threshold"] == "none is good enough: nothing will be selected"


def test_what_people_are_told_of_expected_f1():
    settings = training_settings({"decision": {"rule": "expected-f1"}}, "test")
    told = describe_training(train(Corpus("sample:train"), named_vocabulary("sample"), settings))
    assert "threshold" not in told
    assert 0 < told["true labels beside the candidates, a paper"] < 1


def test_reliability_is_measured_where_there_is_calibration():
    vocabulary = named_vocabulary("sample")
    for document, names in (({}, {"ece", "ece@10", "brier", "brier@10"}), (UNTUNED, set())):
        tagger = train(Corpus("sample:train"), vocabulary, training_settings(document, "test"))
        report = evaluate(tagger, Corpus("sample:test"), replicates=2)
        assert {name for name in report.metrics if name.startswith(("ece", "brier"))} == names
        assert bool(report.reliability) == bool(names)
        assert report.by_threshold
