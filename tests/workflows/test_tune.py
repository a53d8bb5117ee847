import numpy as np
import pytest

from scixtag.corpus.text import Text
from scixtag.predictions.scores import Scores, relevance
from scixtag.workflows.preparation import Corpus, named_vocabulary, training_examples
from scixtag.workflows.settings import TuningSettings, training_settings
from scixtag.workflows.train import train
from scixtag.workflows.tune import fit_predictions, held_out_scores


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
    tagger = train(Corpus("sample:train"), vocabulary, training_settings({"minimum_label_count": 8}, "test"))
    everything = train(Corpus("sample:train"), vocabulary, training_settings({}, "test"))
    assert tagger.manifest["training"]["labels"] < everything.manifest["training"]["labels"] == 131
    assert tagger.label_counts.tolist() == everything.label_counts.tolist()
    assert tagger.manifest["tuning"]["metrics"]["r@5"] < everything.manifest["tuning"]["metrics"]["r@5"]


def test_the_threshold_is_the_best_on_the_tuning_papers(examples):
    settings = training_settings({"decision": {"rule": "global", "at_least": 0}}, "test")
    from scixtag.models.centroid import Centroid

    held_out = held_out_scores(Centroid, examples, settings.tuning, 0)
    calibration, decision = fit_predictions(held_out, examples, settings)
    relevant = relevance(held_out.scores, examples.targets)
    probabilities = calibration.probabilities(held_out.scores.values)

    def f1(threshold):
        chosen = (probabilities >= threshold) & held_out.scores.listed
        chosen &= np.cumsum(chosen, axis=1) <= 12
        return 2 * (chosen & relevant).sum() / (chosen.sum() + examples.targets.nnz)

    assert f1(decision.threshold) >= max(f1(t) for t in np.linspace(0.01, 0.9, 90)) - 0.002
