"""Linear SVMs by dual coordinate descent, compiled: for vocabularies of many concepts."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.models.compiled import compiled, constant, sparse
from scixtag.models.separator import Separator

Integers = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float32]

_MOST_ROUNDS = 200
"""Over the papers, for one concept; ten to twenty are usual."""

_FREQUENT = 5_000
"""A column that more papers hold tells little of which are similar, and following it would take most of the time."""


class IndexedPapers(NamedTuple):
    """Papers' vectors by paper and by column.

    Attributes:
        rows: csr float32 (papers, columns).
        columns: csr float32 (columns, papers), the same transposed.
        weights: float64 (papers,), as how many papers each counts.
    """

    rows: csr_array
    columns: csr_array
    weights: npt.NDArray[np.float64]

    @classmethod
    def of(cls, vectors: csr_array, weights: npt.NDArray[np.float64]) -> Self:
        """Transpose once for all concepts."""
        rows = csr_array(vectors, dtype=np.float32)
        return cls(rows, csr_array(rows.T), weights)


class Task(NamedTuple):
    """What one concept is told apart by.

    Attributes:
        C: The weight of the training error of one paper.
        positive_weight: A paper with the concept counts as this many.
        hardest: So many papers without it, the most similar ones.
        random: And so many of all.
        tolerance: The projected gradients' range at which the solver stops (liblinear's dual `tol`).
        pruning: Weights smaller than this are dropped.
        seed: Draws the random papers, and the order of the steps.
    """

    C: float
    positive_weight: float
    hardest: int
    random: int
    tolerance: float
    pruning: float
    seed: int


class Scratch(NamedTuple):
    """Arrays that the fits of a batch of concepts share; each fit leaves them as they were.

    Attributes:
        similarity: float32 (papers,), all 0.
        seen: bool (papers,), all False.
        used: bool (papers,), all False.
        touched: int32 (papers,), anything.
        chosen: int32 (papers,), anything.
        places: int32 (columns,), all -1.
        columns: int32 (columns,), anything.
    """

    similarity: Floats
    seen: npt.NDArray[np.bool_]
    used: npt.NDArray[np.bool_]
    touched: Integers
    chosen: Integers
    places: Integers
    columns: Integers

    @classmethod
    def of(cls, papers: int, columns: int) -> Self:
        """For so many papers and columns."""
        return cls(
            np.zeros(papers, np.float32),
            np.zeros(papers, np.bool_),
            np.zeros(papers, np.bool_),
            np.empty(papers, np.int32),
            np.empty(papers, np.int32),
            np.full(columns, -1, np.int32),
            np.empty(columns, np.int32),
        )


def separate(papers: IndexedPapers, positives: Integers, task: Task, scratch: Scratch) -> Separator:
    """One concept's SVM with the squared hinge, told from its hardest negatives and from random ones.

    Dual coordinate descent with shrinking (Hsieh et al. 2008), as in liblinear, whose intercept is penalised too. The
    hardest negatives alone would say nothing of the papers that are like none of them, and the intercept would be any.

    Args:
        papers: All of them.
        positives: int32 (papers with the concept,), some but not all.
        task: How.
        scratch: For this thread alone.
    """
    number = _choose(
        sparse(papers.rows),
        sparse(papers.columns),
        constant(positives, np.int32),
        (task.hardest, task.random),
        np.uint64(task.seed),
        tuple(scratch),
    )
    chosen, own = scratch.chosen[:number], np.zeros(number, np.bool_)
    own[: len(positives)] = True
    compact = _gathered(sparse(papers.rows), constant(chosen, np.int32), scratch.places, scratch.columns)
    return _separated(compact, own, papers.weights[chosen], task, scratch)


def separate_among(
    papers: IndexedPapers, rows: Integers, positives: Sequence[Integers], task: Task, scratch: Scratch
) -> list[Separator]:
    """Several concepts' SVMs, each told from the same papers.

    Args:
        papers: All of them.
        rows: int32 (n,), rising, those to look at.
        positives: For each concept its papers, all of them among `rows`.
        task: How; the negatives are those at `rows`.
        scratch: For this thread alone.
    """
    compact = _gathered(sparse(papers.rows), constant(rows, np.int32), scratch.places, scratch.columns)
    found = []
    for one in positives:
        own = np.zeros(len(rows), np.bool_)
        own[np.searchsorted(rows, one)] = True
        found.append(_separated(compact, own, papers.weights[rows], task, scratch))
    return found


def _separated(
    compact: Any, own: npt.NDArray[np.bool_], counts: npt.NDArray[np.float64], task: Task, scratch: Scratch
) -> Separator:
    cost = task.C * counts * np.where(own, task.positive_weight, 1.0)
    weights = _solve(compact, np.where(own, 1.0, -1.0), cost, task.tolerance, np.uint64(task.seed))
    columns = scratch.columns[: compact[3]].copy()
    return Separator(columns, weights[:-1].astype(np.float32), float(weights[-1])).pruned(task.pruning)


@compiled
def _next_random(state: Any) -> Any:
    """Xorshift (Marsaglia 2003)."""
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    state ^= state << np.uint64(17)
    return state


@compiled
def _started(seed: Any) -> Any:
    """The state of a seed; never 0, which xorshift would not leave."""
    return (seed + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15) | np.uint64(1)


@compiled
def _gathered(matrix: Any, rows: Any, places: Any, columns: Any) -> Any:
    """Some rows with columns numbered from 0, so that they lie close in memory; `columns` gets what the numbers mean.

    Returns:
        The rows as starts, columns and values, and the number of columns.
    """
    starts, indices, values = matrix
    ends = np.zeros(len(rows) + 1, np.int64)
    for i in range(len(rows)):
        ends[i + 1] = ends[i] + starts[rows[i] + 1] - starts[rows[i]]
    numbered, own = np.empty(ends[-1], np.int32), np.empty(ends[-1], np.float32)
    at, number = 0, 0
    for i in range(len(rows)):
        for j in range(starts[rows[i]], starts[rows[i] + 1]):
            column = indices[j]
            if places[column] < 0:
                places[column] = number
                columns[number] = column
                number += 1
            numbered[at], own[at] = places[column], values[j]
            at += 1
    for k in range(number):
        places[columns[k]] = -1
    return ends, numbered, own, number


@compiled
def _spread(by_column: Any, columns: Any, mean: Any, scratch: Any) -> Any:
    """Add to `similarity` what each paper has in common with a mean; returns how many papers were `touched`."""
    starts, rows, values = by_column
    similarity, seen, _, touched = scratch[0], scratch[1], scratch[2], scratch[3]
    number = 0
    for k in range(len(mean)):
        begin, end = starts[columns[k]], starts[columns[k] + 1]
        if end - begin > _FREQUENT:
            continue
        for j in range(begin, end):
            row = rows[j]
            if not seen[row]:
                seen[row] = True
                touched[number] = row
                number += 1
            similarity[row] += mean[k] * values[j]
    return number


@compiled
def _least_of(most: Any, touched: Any, similarity: Any, used: Any) -> Any:
    """The similarity of the last of the `most` most similar papers that are not used; 0 if there are not as many."""
    free = np.empty(len(touched), np.float32)
    number = 0
    for row in touched:
        if not used[row]:
            free[number] = similarity[row]
            number += 1
    if most == 0 or number <= most:
        return np.float32(0)
    return np.partition(free[:number], number - most)[number - most]


@compiled
def _choose(by_row: Any, by_column: Any, positives: Any, sizes: Any, seed: Any, scratch: Any) -> Any:
    """Write into `chosen` the positives, the papers most similar to them, and random ones; returns how many."""
    similarity, seen, used, touched, chosen, places, columns = scratch
    _, numbered, values, distinct = _gathered(by_row, positives, places, columns)
    mean = np.zeros(distinct, np.float32)
    for j in range(len(numbered)):
        mean[numbered[j]] += values[j]
    number = len(positives)
    for i in range(number):
        chosen[i] = positives[i]
        used[positives[i]] = True
    near = touched[: _spread(by_column, columns, mean, scratch) if sizes[0] else 0]
    least, most = _least_of(sizes[0], near, similarity, used), number + sizes[0]
    for row in near:
        if number < most and not used[row] and similarity[row] >= least:
            chosen[number] = row
            used[row] = True
            number += 1
        similarity[row] = 0
        seen[row] = False
    state, everything = _started(seed), sizes[1] >= len(used)
    for k in range(min(sizes[1], len(used))):
        state = _next_random(state)
        row = k if everything else np.int64((state >> np.uint64(33)) % np.uint64(len(used)))
        if not used[row]:
            chosen[number] = row
            used[row] = True
            number += 1
    for i in range(number):
        used[chosen[i]] = False
    return number


@compiled
def _solve(rows: Any, signs: Any, cost: Any, tolerance: Any, seed: Any) -> Any:
    """The weights of the columns, float64, and the intercept as the last; `signs` are 1 or -1 (rows,)."""
    n, weights = len(cost), np.zeros(rows[3] + 1)
    alpha, order = np.zeros(n), np.arange(n)
    squares = np.ones(n)
    for i in range(n):
        for j in range(rows[0][i], rows[0][i + 1]):
            squares[i] += rows[2][j] * rows[2][j]
    active, bound, state = n, np.inf, _started(seed)
    for _ in range(_MOST_ROUNDS):
        for i in range(active):
            state = _next_random(state)
            k = i + np.int64((state >> np.uint64(33)) % np.uint64(active - i))
            order[i], order[k] = order[k], order[i]
        active, highest, lowest = _round(rows, signs, cost, squares, alpha, weights, order, active, bound)
        if highest - lowest <= tolerance:
            if active == n:
                break
            # What was left out may have become wrong since.
            active, bound = n, np.inf
        else:
            bound = highest if highest > 0 else np.inf
    return weights


@compiled
def _round(
    rows: Any,
    signs: Any,
    cost: Any,
    squares: Any,
    alpha: Any,
    weights: Any,
    order: Any,
    active: Any,
    bound: Any,
) -> Any:
    """A step for each active row; returns how many stay active, and the range of the projected gradients."""
    starts, columns, values, last = rows
    highest, lowest, at = -np.inf, np.inf, 0
    while at < active:
        i = order[at]
        sign, diagonal = signs[i], 0.5 / cost[i]
        margin = weights[last]
        for j in range(starts[i], starts[i + 1]):
            margin += weights[columns[j]] * values[j]
        gradient = margin * sign - 1 + alpha[i] * diagonal
        if alpha[i] == 0 and gradient > bound:
            active -= 1
            order[at], order[active] = order[active], order[at]
            continue
        projected = min(gradient, 0.0) if alpha[i] == 0 else gradient
        highest, lowest = max(highest, projected), min(lowest, projected)
        if abs(projected) > 1e-12:
            before = alpha[i]
            alpha[i] = max(before - gradient / (squares[i] + diagonal), 0.0)
            step = (alpha[i] - before) * sign
            for j in range(starts[i], starts[i + 1]):
                weights[columns[j]] += step * values[j]
            weights[last] += step
        at += 1
    return active, highest, lowest
