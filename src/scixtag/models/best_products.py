"""The best products of sparse vectors with the columns of a sparse matrix, without a dense matrix of all."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.models.compiled import Sparse, compiled, sparse
from scixtag.predictions.scores import CANDIDATES, Scores

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.integer]

# Values in (0, 1] as bits rise as they do as numbers. Their upper bits, of which so many are left when the others are
# shifted out, sort them into buckets: 32 for each power of two.
_SHIFT = np.uint32(18)
BUCKETS = (0x3F800000 >> 18) + 1


def best_products(vectors: csr_array, weights: csr_array, k: int = CANDIDATES) -> Scores:
    """What `Scores.from_dense((vectors @ weights).toarray(), k=k)` is, to the last bit.

    Args:
        vectors: csr float32 (papers, columns).
        weights: csr float32 (columns, concepts).
        k: How many are kept.
    """
    k = min(k, weights.shape[1])
    columns = np.full((vectors.shape[0], k), -1, np.int32)
    values = np.zeros((vectors.shape[0], k), np.float32)
    _multiply(sparse(vectors), sparse(weights), weights.shape[1], columns, values)
    return Scores(columns, values)


@compiled
def best_of(dense: Floats, counts: Integers, keys: npt.NDArray[np.uint64], columns: Integers, values: Floats) -> int:
    """Find the largest of some values in (0, 1], in falling order, ties by place; larger ones count as 1.

    Args:
        dense: float32 (n,); values that are not above 0 are none. Those outside of [0, 1] are set to its ends.
        counts: int32 (BUCKETS,), scratch.
        keys: uint64 (n,), scratch.
        columns: int32 (k,), where places are written.
        values: float32 (k,), where values are written.

    Returns:
        How many there are, k at most.
    """
    bits = dense.view(np.uint32)
    counts[:] = 0
    found = 0
    for j in range(len(dense)):
        # In this form neither -0 nor a NaN is left, whose bits belong to no bucket.
        value = dense[j] if dense[j] > 0 else np.float32(0)
        dense[j] = value if value < 1 else np.float32(1)
        counts[bits[j] >> _SHIFT] += 1
        found += dense[j] > 0
    wanted = min(len(columns), found)
    bucket, above = BUCKETS, 0
    while above < wanted:
        bucket -= 1
        above += counts[bucket]
    # Of zeros nothing is wanted, even where the smallest numbers are in their bucket.
    least = max(np.uint32(bucket << 18), np.uint32(1))
    size = 0
    for j in range(len(dense)):
        if bits[j] >= least:
            keys[size] = (np.uint64(0xFFFFFFFF) - np.uint64(bits[j])) << np.uint64(32) | np.uint64(j)
            size += 1
    first = np.sort(keys[:size])
    for i in range(wanted):
        place = np.int64(first[i] & np.uint64(0xFFFFFFFF))
        columns[i] = place
        values[i] = dense[place]
    return wanted


@compiled
def _multiply(vectors: Sparse, weights: Sparse, width: int, columns: Integers, values: Floats) -> None:
    dense = np.empty(width, np.float32)
    counts = np.empty(BUCKETS, np.int32)
    keys = np.empty(width, np.uint64)
    for row in range(len(vectors.starts) - 1):
        dense[:] = 0
        for place in range(vectors.starts[row], vectors.starts[row + 1]):
            value, column = vectors.data[place], vectors.indices[place]
            for other in range(weights.starts[column], weights.starts[column + 1]):
                dense[weights.indices[other]] += value * weights.data[other]
        best_of(dense, counts, keys, columns[row], values[row])
