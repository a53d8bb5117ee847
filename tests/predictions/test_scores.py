import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array

from scixtag.predictions.scores import Scores, assigned, relevance

MATRIX = np.array([[0.0, 0.5, 0.2, 0.5], [0.9, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])


@pytest.mark.parametrize("build", [Scores.from_dense, lambda m, k=100: Scores.from_sparse(csr_array(m), k)])
def test_rows_fall_and_ties_stand_by_column(build):
    scores = build(MATRIX)
    assert scores.columns[0, :3].tolist() == [1, 3, 2]
    assert scores.values[0, :3].tolist() == pytest.approx([0.5, 0.5, 0.2])
    assert scores.columns[1, 0] == 0
    assert scores.listed.sum(axis=1).tolist() == [3, 1, 0]
    assert scores.values.dtype == np.float32
    assert scores.columns.dtype == np.int32


def test_only_the_best_k_are_kept_and_ties_at_the_border_go_by_column():
    scores = Scores.from_dense(np.array([[0.5, 0.5, 0.5, 0.9]]), k=2)
    assert scores.columns.tolist() == [[3, 0]]


def test_columns_can_be_named():
    scores = Scores.from_dense(np.array([[0.1, 0.3]]), columns=np.array([7, 9]))
    assert scores.columns.tolist() == [[9, 7]]


def test_values_above_one_are_cut():
    assert Scores.from_dense(np.array([[1.5]])).values.tolist() == [[1.0]]


@given(
    arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 9)), elements=st.sampled_from([0, 0.1, 0.25, 1])),
    st.integers(1, 9),
)
def test_dense_and_sparse_agree(matrix, k):
    dense, sparse = Scores.from_dense(matrix, k=k), Scores.from_sparse(csr_array(matrix), k)
    width = max(dense.columns.shape[1], sparse.columns.shape[1])
    a, b = dense.widened(width), sparse.widened(width)
    assert a.columns.tolist() == b.columns.tolist()
    assert a.values.tolist() == b.values.tolist()


def test_concatenate_pads_to_the_widest():
    joined = Scores.concatenate([Scores.from_dense(MATRIX[:1]), Scores.empty(1), Scores.from_dense(MATRIX[1:2, :1])])
    assert len(joined) == 3
    assert joined.columns[1].tolist() == [-1] * 4
    assert joined.columns[2].tolist() == [0, -1, -1, -1]
    assert len(Scores.concatenate([])) == 0


def test_take_and_best():
    scores = Scores.from_dense(MATRIX)
    assert scores.take([1, 0]).columns[:, 0].tolist() == [0, 1]
    assert scores.best(1).columns.tolist() == [[1], [0], [-1]]


def test_relevance_against_a_slow_reference():
    rng = np.random.default_rng(3)
    targets = csr_array((rng.random((20, 12)) < 0.2).astype(np.float32))
    scores = Scores.from_dense(rng.random((20, 12)) * (rng.random((20, 12)) < 0.5), k=6)
    expected = [
        [column >= 0 and targets[row, column] == 1 for column in columns]
        for row, columns in enumerate(scores.columns.tolist())
    ]
    assert relevance(scores, targets).tolist() == expected


@given(
    arrays(np.bool_, st.tuples(st.integers(1, 5), st.integers(1, 7))),
    st.lists(st.tuples(st.integers(0, 4), st.integers(-1, 6)), max_size=20),
    st.sampled_from([np.int32, np.int64]),
)
def test_assigned_against_a_slow_reference(matrix, pairs, kind):
    papers, concepts = matrix.shape
    pairs = [(row % papers, min(column, concepts - 1)) for row, column in pairs]
    rows, columns = np.array(pairs, kind).reshape(-1, 2).T
    expected = [column >= 0 and bool(matrix[row, column]) for row, column in pairs]
    assert assigned(rows, columns, csr_array(matrix.astype(np.float32))).tolist() == expected


def test_assigned_pairs_are_told_apart_in_a_matrix_of_more_cells_than_32_bits_count():
    targets = csr_array((np.ones(1), ([99_999], [5])), shape=(100_000, 50_000))
    rows, columns = np.array([99_999, 99_999, 14_099], np.int32), np.array([5, 6, 32_709], np.int32)
    assert assigned(rows, columns, targets).tolist() == [True, False, False]
