"""A selected set in the hierarchy: with all ancestors, or without those that something more specific implies."""

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.errors import ConfigError, nearest
from scixtag.predictions.scores import CANDIDATES, Scores
from scixtag.vocabulary.concept import Vocabulary
from scixtag.vocabulary.hierarchy import Hierarchy

SetForm = Literal["as-is", "ancestors", "most-specific"]
"""As the rule chose it; with all ancestors; without the ancestors of what is selected as well."""

Mask = npt.NDArray[np.bool_]
Pairs = npt.NDArray[np.int64]
"""A paper and a concept as one number: row * concepts + column."""

_ONE = int(np.float32(1).view(np.int32))
"""The bits of a value of 1; smaller values that are not negative have smaller bits."""
_VALUE, _COLUMN = 2**30 - 1, 2**31 - 1
_NOTHING = 2**62
"""Sorts behind every pair."""


def ancestor_matrix(vocabulary: Vocabulary) -> csr_array:
    """Ones where a row's concept has a column's concept above it, directly or through others (concepts x concepts).

    float64, with sorted indices; empty for a vocabulary without a hierarchy.

    Raises:
        InputError: The hierarchy has a cycle, or a broader concept does not exist.
    """
    hierarchy = Hierarchy(vocabulary)
    above = [hierarchy.ancestors(column) for column in range(len(vocabulary))]
    starts = np.concatenate([[0], np.cumsum([len(columns) for columns in above])])
    indices = np.array([column for columns in above for column in columns], dtype=np.int64)
    return csr_array((np.ones(len(indices)), indices, starts), shape=(len(vocabulary), len(vocabulary)))


def in_form(form: SetForm, probabilities: Scores, selected: Mask, ancestors: csr_array) -> tuple[Scores, Mask]:
    """The same answers with their sets in another form.

    Args:
        form: Which one.
        probabilities: (papers, k).
        selected: (papers, k) True where the decision rule takes a listed concept.
        ancestors: As `ancestor_matrix` gives it.

    Raises:
        ConfigError: No such form.
    """
    if form == "ancestors":
        return with_ancestors(probabilities, selected, ancestors)
    if form == "most-specific":
        return probabilities, most_specific(probabilities, selected, ancestors)
    if form != "as-is":
        raise ConfigError(f"decision: unknown hierarchy '{form}'; {nearest(form, get_args(SetForm))}")
    return probabilities, selected


def most_specific(probabilities: Scores, selected: Mask, ancestors: csr_array) -> Mask:
    """The selection (papers, k) without concepts that have a selected descendant."""
    pairs, _ = _above(probabilities, selected, ancestors)
    _, implied = _find(_pairs(probabilities, ancestors), pairs)
    return selected & ~implied


def with_ancestors(probabilities: Scores, selected: Mask, ancestors: csr_array) -> tuple[Scores, Mask]:
    """The answers with every ancestor of a selected concept selected.

    An ancestor applies at least as surely as what is below it: its probability is the largest of its own and those of
    the selected concepts below, of which some may be selected only now. Where a paper then has more than `CANDIDATES`
    concepts, the least probable ones that are not selected go first; what remains of a set always holds its ancestors.
    """
    listed = _pairs(probabilities, ancestors)
    selected = selected | _find(listed, _above(probabilities, selected, ancestors)[0])[1]
    pairs, values = _above(probabilities, selected, ancestors)
    position, found = _find(listed, pairs)
    raised = probabilities.values.copy()
    raised[found] = np.maximum(raised[found], values[position[found]])
    fresh = np.ones(len(pairs), np.bool_)
    fresh[position[found]] = False
    rows, columns = np.divmod(pairs[fresh], ancestors.shape[1])
    sizes = np.bincount(rows, minlength=len(probabilities))
    added = np.arange(sizes.max(initial=0)) < sizes[:, None]  # (papers, most that a paper is to get)
    # Pairs rise by row, so that they fill the added places in order.
    more_columns, more_values = np.full(added.shape, -1, np.int32), np.zeros(added.shape, np.float32)
    more_columns[added], more_values[added] = columns, values[fresh]
    return _ordered(
        np.hstack([probabilities.columns, more_columns]),
        np.hstack([raised, more_values]),
        np.hstack([selected, added]),
        ancestors,
    )


def _above(probabilities: Scores, selected: Mask, ancestors: csr_array) -> tuple[Pairs, npt.NDArray[np.float32]]:
    """The ancestors of what each paper has selected, as rising pairs, with the largest probability below each."""
    rows, places = np.nonzero(selected)
    above = ancestors[probabilities.columns[rows, places]]
    counts = np.diff(above.indptr)
    pairs, pair = np.unique(np.repeat(rows, counts) * ancestors.shape[1] + above.indices, return_inverse=True)
    values = np.zeros(len(pairs), np.float32)
    np.maximum.at(values, pair, np.repeat(probabilities.values[rows, places], counts))
    return pairs, values


def _pairs(probabilities: Scores, ancestors: csr_array) -> Pairs:
    """One number for each paper and concept (papers, k); -1 where none is listed."""
    rows = np.arange(len(probabilities), dtype=np.int64)[:, None]
    return np.where(probabilities.listed, rows * ancestors.shape[1] + probabilities.columns, -1)


def _find(wanted: Pairs, rising: Pairs) -> tuple[Pairs, Mask]:
    """Where each wanted pair stands among the rising ones, and whether it does."""
    if not len(rising):
        return np.zeros(wanted.shape, np.int64), np.zeros(wanted.shape, np.bool_)
    position = np.minimum(np.searchsorted(rising, wanted), len(rising) - 1)
    return position, rising[position] == wanted


def _ordered(
    columns: npt.NDArray[np.int32], values: npt.NDArray[np.float32], selected: Mask, ancestors: csr_array
) -> tuple[Scores, Mask]:
    """The best `CANDIDATES` of each row, in order; -1 for column and 0 for value where there is none.

    Single whole numbers sort several times as fast as several keys. The first one ranks what to keep: 1 bit for what is
    not selected, 30 for the falling value, 31 for a place among the concepts in which ancestors stand before
    descendants. The second one is the order of `Scores`: value, column, and the first one's bit.
    """
    ancestors_first = np.argsort(np.diff(ancestors.indptr), kind="stable")
    place = np.argsort(ancestors_first)
    falling = _ONE - (values + np.float32(0)).view(np.int32).astype(np.int64)  # + 0, for -0 has other bits than 0
    keep = (~selected).astype(np.int64) << 61 | falling << 31 | place[columns]
    keep[columns < 0] = _NOTHING
    keep = np.sort(keep, axis=1)[:, :CANDIDATES]
    nothing = keep == _NOTHING
    column = ancestors_first[np.where(nothing, 0, keep & _COLUMN)]
    order = (keep >> 31 & _VALUE) << 32 | column << 1 | keep >> 61
    order[nothing] = _NOTHING
    return _unpacked(np.sort(order, axis=1))


def _unpacked(order: npt.NDArray[np.int64]) -> tuple[Scores, Mask]:
    """Rows of value, column and a bit for what is not selected, without what is empty in all."""
    order = order[:, : int((order != _NOTHING).sum(axis=1).max(initial=0))]
    nothing = order == _NOTHING
    columns = np.where(nothing, -1, order >> 1 & _COLUMN).astype(np.int32)
    values = np.where(nothing, 0, _ONE - (order >> 32)).astype(np.int32).view(np.float32)
    return Scores(columns, values), ~nothing & (order & 1 == 0)
