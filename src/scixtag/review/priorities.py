"""What makes a paper worth a curator's time: how unsure the model is, and how much it would be corrected."""

import numpy as np
import numpy.typing as npt

from scixtag.workflows.tagger import Answers

NEAR = 5
"""So many concepts on either side of the border of the set count as near to it."""

Array = npt.NDArray[np.float64]


def uncertainty(answers: Answers) -> Array:
    """The mean entropy of the concepts at the border of each paper's set, in bits (papers,); 0 without concepts.

    At the border are the five selected concepts with the lowest probabilities and the five others with the highest.
    Only there can a decision change: a mean over all candidates would be ruled by the tail, whose entropies are all
    but zero, and a sum by how long the list is. Entropy as a measure of what a label would teach: Settles (2009,
    "Active learning literature survey", section 2.1).

    Args:
        answers: Calibrated probabilities (papers, k) and which of them are selected.
    """
    probabilities, selected = answers.probabilities, answers.selected
    others = probabilities.listed & ~selected
    # Rows fall, so that the last selected and the first others are next to the border.
    last = np.cumsum(selected[:, ::-1], axis=1)[:, ::-1] <= NEAR
    near = (selected & last) | (others & (np.cumsum(others, axis=1) <= NEAR))
    entropies = np.where(near, entropy(probabilities.values.astype(np.float64)), 0.0)
    result: Array = entropies.sum(axis=1) / np.maximum(near.sum(axis=1), 1)
    return result


def expected_gain(answers: Answers, unlisted: float) -> Array:
    """How many corrections a curator is expected to make (papers,).

    A selected concept is removed with the chance 1 - p, another one added with the chance p: the expected Hamming
    loss of the set under calibrated probabilities (Dembczyński, Waegeman, Cheng & Hüllermeier 2012, "On label
    dependence and loss minimization in multi-label classification"), and `unlisted` labels more, which the model does
    not list. With a threshold of one half, each concept counts as min(p, 1 - p).

    Args:
        answers: Calibrated probabilities (papers, k) and which of them are selected.
        unlisted: The mean number of true labels of a paper that are not among its candidates.
    """
    values = answers.probabilities.values.astype(np.float64)
    wrong = np.where(answers.selected, 1 - values, values)
    result: Array = np.where(answers.probabilities.listed, wrong, 0.0).sum(axis=1) + unlisted
    return result


def entropy(probabilities: Array) -> Array:
    """Of a yes or no with this chance of yes, in bits; of the same shape."""
    from scipy.special import xlogy

    result: Array = -(xlogy(probabilities, probabilities) + xlogy(1 - probabilities, 1 - probabilities)) / np.log(2)
    return result
