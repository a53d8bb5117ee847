import numpy as np
import pytest
from evaluation_cases import hand_case, random_case
from scipy.sparse import csr_array

from scixtag.errors import InputError
from scixtag.evaluation.judgements import UNLISTED, Judgements, judge
from scixtag.predictions.scores import Scores


def test_judge_by_hand():
    judged = hand_case().judged()
    assert judged.relevant.tolist() == [[True, False, True], [False, True, False], [False, False, False]]
    assert judged.gold_sizes.tolist() == [2, 1, 3]
    assert judged.unknown.tolist() == [0, 0, 1]
    assert list(zip(judged.gold.papers, judged.gold.concepts, strict=True)) == [(0, 0), (0, 1), (1, 2), (2, 1), (2, 3)]
    assert judged.gold.ranks.tolist() == [2, 0, 1, UNLISTED, UNLISTED]
    assert judged.gold.shared.tolist() == [False, True, True, False, False]
    assert judged.gold.train_counts.tolist() == [100, 10, 2, 10, 0]
    selected = judged.selected
    assert list(zip(selected.papers, selected.concepts, strict=True)) == [(0, 1), (0, 4), (1, 0), (1, 2)]
    assert selected.ranks.tolist() == [0, 1, 0, 1]
    assert selected.shared.tolist() == [True, False, False, True]
    assert selected.train_counts.tolist() == [10, 7, 100, 2]
    assert judged.train_papers.tolist() == [200, 200, 200]


def test_stored_zeros_and_duplicates_are_not_labels():
    case = hand_case()
    rows, columns = np.nonzero(case.targets)
    messy = csr_array(
        (np.r_[np.ones(len(rows)), 0, 1], (np.r_[rows, 0, 0], np.r_[columns, 3, 0])), shape=case.targets.shape
    )
    judged = judge(case.scores, case.selected, messy, case.unknown, case.train_counts, 200)
    assert judged.gold.concepts.tolist() == case.judged().gold.concepts.tolist()
    assert judged.gold.matrix.data.tolist() == [1.0] * 5


def test_where_keeps_the_chosen_pairs():
    gold = hand_case().judged().gold.where(np.array([False, True, False, True, True]))
    assert gold.papers.tolist() == [0, 2, 2]
    assert gold.concepts.tolist() == [1, 1, 3]
    assert gold.train_counts.tolist() == [10, 10, 0]
    assert gold.per_paper().tolist() == [1, 0, 2]


def test_no_candidates_at_all():
    case = hand_case()
    judged = judge(Scores.empty(3), np.zeros((3, 0), bool), csr_array(case.targets), case.unknown, case.train_counts, 1)
    assert judged.gold.ranks.tolist() == [UNLISTED] * 5
    assert len(judged.selected) == 0


def test_a_paper_whose_labels_are_all_outside_the_vocabulary_is_judged():
    judged = judge(Scores.empty(1), np.zeros((1, 0), bool), csr_array((1, 4)), np.array([2]), np.ones(4, int), 1)
    assert judged.gold_sizes.tolist() == [2]
    assert len(judged.gold) == 0


def test_concatenate_keeps_each_folds_training_counts():
    first, second = random_case(1, papers=10, k=3), random_case(2, papers=30, k=6)
    parts = [first.judged(), second.judged()]
    whole = Judgements.concatenate(parts)
    assert len(whole) == 40
    assert whole.scores.columns.shape == whole.relevant.shape == (40, 6)
    for name in ("train_counts", "ranks", "shared"):
        joined = np.concatenate([getattr(part.gold, name) for part in parts])
        assert getattr(whole.gold, name).tolist() == joined.tolist()
    assert whole.selected.papers.tolist() == [*parts[0].selected.papers, *(parts[1].selected.papers + 10)]
    assert whole.train_counts == pytest.approx(0.25 * first.train_counts + 0.75 * second.train_counts)


def test_concatenate_refuses_different_vocabularies():
    with pytest.raises(InputError, match=r"\[11, 12\] concepts"):
        Judgements.concatenate([random_case(1, concepts=11).judged(), random_case(1, concepts=12).judged()])
    with pytest.raises(InputError, match="no concepts"):
        Judgements.concatenate([])


def judge_with(**changes):
    case = hand_case()
    given = {
        "scores": case.scores,
        "selected": case.selected,
        "targets": csr_array(case.targets),
        "unknown": case.unknown,
        "train_counts": case.train_counts,
        "train_papers": 200,
    }
    return judge(**(given | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"targets": csr_array((3, 5)), "unknown": np.array([1, 0, 1])}, "1 of 3 papers have no true label .* row 1"),
        ({"unknown": np.array([0, 0])}, "'unknown': 2"),
        ({"scores": Scores.empty(2)}, "'scores': 2"),
        ({"train_counts": np.ones(4, int)}, "5 concepts, training counts 4, scores at least 5"),
        ({"targets": csr_array((3, 4)), "train_counts": np.ones(4, int)}, "scores at least 5"),
        ({"selected": np.ones((3, 3), bool)}, "must mark candidates"),
        ({"selected": np.zeros((3, 2), bool)}, "must mark candidates"),
        (
            {"scores": Scores.empty(0), "targets": csr_array((0, 5)), "unknown": np.zeros(0, int)},
            "no papers to judge",
        ),
    ],
)
def test_judge_refuses(changes, message):
    with pytest.raises(InputError, match=message):
        judge_with(**changes)
