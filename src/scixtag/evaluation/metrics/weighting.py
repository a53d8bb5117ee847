"""Averages over weighted papers, all replicates at once.

Every metric takes `weights` (papers, replicates): how often each paper counts in each replicate. A column of ones gives
the point estimate, multinomial draws give the bootstrap. Wherever a denominator is zero the result is 0, as with
`zero_division=0` in scikit-learn.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from scixtag.evaluation.judgements import Judgements

Array = npt.NDArray[np.float64]
Metric = Callable[[Judgements, Array], Array]
"""Judgements and weights (papers, replicates) to one value for each replicate (replicates,)."""


def divide(numerator: Array, denominator: Array) -> Array:
    """Elementwise quotient; 0 where the denominator is not above zero."""
    result = np.zeros(np.broadcast_shapes(numerator.shape, denominator.shape))
    return np.divide(numerator, denominator, out=result, where=denominator > 0)


def mean(per_paper: Array, weights: Array) -> Array:
    """The weighted mean of a value of each paper (papers,) in each replicate (replicates,)."""
    return divide(per_paper @ weights, weights.sum(axis=0))


def ratio(numerator: Array, denominator: Array, weights: Array) -> Array:
    """The quotient of two weighted sums over papers in each replicate (replicates,)."""
    return divide(numerator @ weights, denominator @ weights)
