import numpy as np
import pytest

from scixtag.errors import InputError
from scixtag.workflows.preparation import Corpus, Fold, evaluation_examples, named_vocabulary, training_examples


@pytest.fixture(scope="module")
def vocabulary():
    return named_vocabulary("sample")


def test_folds_part_the_corpus_and_training_leaves_out_what_evaluation_takes(vocabulary):
    everything = set(training_examples(Corpus("sample"), vocabulary)[0].ids)
    taken = []
    for number in range(1, 6):
        corpus = Corpus("sample", fold=Fold(number, 5))
        inside = set(evaluation_examples(corpus, vocabulary)[0].ids)
        assert set(training_examples(corpus, vocabulary)[0].ids) == everything - inside
        taken += inside
    assert sorted(taken) == sorted(everything)


@pytest.mark.parametrize("text", ["0/5", "6/5", "1/1", "x/5", "1", "", "1/5/2"])
def test_a_fold_that_is_none(text):
    with pytest.raises(InputError, match="1/5"):
        Fold.parse(text)


def test_labels_outside_the_vocabulary_count_as_missed_in_an_evaluation(vocabulary, tmp_path):
    source = tmp_path / "p.jsonl"
    source.write_text(
        '{"id": "a", "title": "x y", "uat_ids": [1496, 424242]}\n{"id": "b", "title": "z", "uat_ids": [424242]}\n'
    )
    evaluated, _ = evaluation_examples(Corpus(str(source)), vocabulary)
    assert evaluated.ids == ("a", "b")
    assert evaluated.unknown.tolist() == [1, 1]
    trained, preparation = training_examples(Corpus(str(source)), vocabulary)
    assert trained.ids == ("a",)
    assert preparation.unresolved == 1
    assert np.diff(trained.targets.indptr).tolist() == [1]
