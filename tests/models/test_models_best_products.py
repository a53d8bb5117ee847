import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array, random_array

from scixtag.models.best_products import BUCKETS, best_of, best_products
from scixtag.predictions.scores import Scores


@given(st.integers(0, 10_000), st.integers(1, 120), st.sampled_from([0.02, 0.3]), st.booleans())
def test_they_are_those_of_the_dense_product(seed, k, density, coarse):
    """To the last bit, with ties, negative products and products above 1."""
    random = np.random.default_rng(seed)
    how = {"density": density, "rng": random, "dtype": np.float32, "format": "csr"}
    vectors, weights = random_array((7, 60), **how), random_array((60, 150), **how)
    weights.data -= np.float32(0.3)
    if coarse:
        vectors.data, weights.data = np.round(vectors.data, 1), np.round(weights.data, 1)
    found, expected = best_products(vectors, weights, k), Scores.from_dense((vectors @ weights).toarray(), k=k)
    assert found.columns.tolist() == expected.columns.tolist()
    assert found.values.tolist() == expected.values.tolist()
    assert (found.columns.dtype, found.values.dtype) == (np.int32, np.float32)


def test_nothing_to_multiply():
    for shape in ((0, 5), (3, 5)):
        found = best_products(csr_array(shape, dtype=np.float32), csr_array((5, 4), dtype=np.float32))
        assert found.columns.tolist() == [[-1] * 4] * shape[0]
    assert best_products(csr_array((2, 5), dtype=np.float32), csr_array((5, 0), dtype=np.float32)).columns.shape == (
        2,
        0,
    )


@given(
    st.lists(
        st.floats(-2, 2, width=32) | st.sampled_from([0.0, 1e-45, 1e-40, 1.0, -0.0, np.nan, np.inf]),
        min_size=1,
        max_size=60,
    )
)
def test_the_smallest_numbers_count_and_zeros_do_not(values):
    dense, k = np.array(values, np.float32), 10
    cut = np.nan_to_num(np.clip(dense, 0, 1), nan=0)
    columns, found = np.full(k, -1, np.int32), np.zeros(k, np.float32)
    size = best_of(dense, np.empty(BUCKETS, np.int32), np.empty(len(values), np.uint64), columns, found)
    expected = sorted((i for i in range(len(values)) if cut[i] > 0), key=lambda i: (-cut[i], i))[:k]
    assert columns[:size].tolist() == expected
    assert found[:size].tolist() == [cut[i] for i in expected]
    assert (columns[size:] == -1).all()
