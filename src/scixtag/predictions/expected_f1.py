"""How many concepts a paper should get: the size of set with the best expected F1."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_PAPERS = 512
"""How many papers are computed at once, which bounds the memory."""


def best_sizes(
    probabilities: npt.NDArray[np.floating], unlisted: float, at_least: int, at_most: int
) -> npt.NDArray[np.int64]:
    """The size k of each paper's set whose first k concepts have the best expected F1; the smallest of equals.

    Labels count as independent. Then the best set of a size holds the most probable concepts (Lewis 1995).

    Args:
        probabilities: (papers, candidates) falling along each row; 0 where no candidate stands.
        unlisted: Mean number of true labels of a paper that are not among its candidates.
        at_least: Smallest size.
        at_most: Largest size.

    Returns:
        (papers,) between `at_least` and `at_most`.
    """
    sizes = np.full(len(probabilities), at_least, dtype=np.int64)
    if at_most == 0:
        return sizes
    for start in range(0, len(probabilities), _PAPERS):
        expected = expected_f1(probabilities[start : start + _PAPERS], unlisted, at_most)
        # Sums in another order differ in the last digits, and the same paper must get the same set in any batch.
        sizes[start : start + _PAPERS] += np.round(expected[:, at_least:], 12).argmax(axis=1)
    return sizes


def expected_f1(probabilities: npt.NDArray[np.floating], unlisted: float, at_most: int) -> Array:
    """The expected F1 of the first 0, 1, ... `at_most` concepts of each paper (papers, at_most + 1).

    F1 is 2 hits / (k + true labels), and 0 of an empty set. The dynamic programme of Ye, Chai, Lee & Chieu (2012,
    "Optimizing F-measure: a tale of two approaches", algorithm 1), exact for independent labels, over all papers at
    once: candidates x candidates steps a paper. True labels that are not listed are Poisson distributed, as a sum of
    many rare ones is, and stand in the denominator only.

    Args:
        probabilities: (papers, candidates).
        unlisted: The mean of the Poisson distribution.
        at_most: Largest size; beyond the candidates, further concepts are wrong.
    """
    missing = max(0, at_most - probabilities.shape[1])
    rows = np.pad(probabilities.astype(np.float64), ((0, 0), (0, missing))).T  # concept by concept, papers side by side
    inverse = _tail(rows[at_most:], unlisted, 2 * at_most)
    result = np.zeros((at_most + 1, rows.shape[1]))
    # inverse[d - 1] is the mean of 1 / (d + true labels beyond the first k); hits[h] is the chance of h hits in them.
    hits = _hits(rows[:at_most])
    for k in range(at_most, 0, -1):
        result[k] = (2 * np.arange(1, k + 1)[:, None] * hits[k][1:] * inverse[k : 2 * k]).sum(axis=0)
        inverse = _with(rows[k - 1], inverse)
    return result.T


def _hits(rows: Array) -> list[Array]:
    """The chances of 0, 1, ... k hits among the first k concepts (k + 1, papers), for every k."""
    chances = [np.ones((1, rows.shape[1]))]
    for row in rows:
        before = chances[-1]
        after = np.zeros((len(before) + 1, rows.shape[1]))
        after[:-1] = before * (1 - row)
        after[1:] += before * row
        chances.append(after)
    return chances


def _tail(rows: Array, unlisted: float, width: int) -> Array:
    """The mean of 1 / (d + true labels among `rows` and the unlisted ones), for d = 1, 2, ... `width`."""
    inverse = _inverse_poisson(unlisted, width + len(rows))[:, None].repeat(rows.shape[1], axis=1)
    for row in rows[::-1]:
        inverse = _with(row, inverse)
    return inverse


def _with(row: Array, inverse: Array) -> Array:
    """The means with one more label, true with the chances in `row`; the last d is lost."""
    step = inverse[1:] - inverse[:-1]
    step *= row
    step += inverse[:-1]
    return step


def _inverse_poisson(mean: float, width: int) -> Array:
    """The mean of 1 / (d + U), U Poisson distributed, for d = 1, 2, ... `width`."""
    from scipy.special import gammaln, xlogy

    counts = np.arange(int(mean + 12 * np.sqrt(mean)) + 20)
    chances = np.exp(xlogy(counts, mean) - mean - gammaln(counts + 1))
    result: Array = (chances / (np.arange(1, width + 1)[:, None] + counts)).sum(axis=1)
    return result
