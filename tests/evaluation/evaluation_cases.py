"""Judgements for tests: one small enough to count by hand, and random ones of any shape."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from scixtag.corpus.examples import Examples
from scixtag.corpus.text import Text
from scixtag.evaluation.judgements import Judgements, judge
from scixtag.predictions.scores import Scores
from scixtag.vocabulary.concept import Vocabulary


@dataclass(frozen=True)
class Case:
    """The arguments of `judge`, with the selection also as a dense matrix."""

    scores: Scores
    selected: np.ndarray
    targets: np.ndarray
    unknown: np.ndarray
    train_counts: np.ndarray
    train_papers: int

    def judged(self, ancestors: csr_array | None = None) -> Judgements:
        return judge(
            self.scores,
            self.selected,
            csr_array(self.targets),
            self.unknown,
            self.train_counts,
            self.train_papers,
            ancestors,
        )

    @property
    def dense_scores(self) -> np.ndarray:
        return dense(self.scores, self.scores.values, self.targets.shape)

    @property
    def dense_selected(self) -> np.ndarray:
        return dense(self.scores, self.selected, self.targets.shape).astype(int)

    def take(self, rows: np.ndarray) -> "Case":
        return Case(
            self.scores.take(rows),
            self.selected[rows],
            self.targets[rows],
            self.unknown[rows],
            self.train_counts,
            self.train_papers,
        )

    def permuted(self, order: np.ndarray) -> "Case":
        """Column `j` becomes column `order[j]`."""
        columns = np.where(self.scores.listed, order[self.scores.columns], -1).astype(np.int32)
        back = np.argsort(order)
        return Case(
            Scores(columns, self.scores.values),
            self.selected,
            self.targets[:, back],
            self.unknown,
            self.train_counts[back],
            self.train_papers,
        )


def dense(scores: Scores, values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    matrix = np.zeros(shape)
    rows, places = np.nonzero(scores.listed)
    matrix[rows, scores.columns[rows, places]] = values[rows, places]
    return matrix


def random_case(
    seed: int, papers: int = 40, concepts: int = 12, k: int = 6, *, ties: bool = False, unknown: bool = False
) -> Case:
    generator = np.random.default_rng(seed)
    targets = (generator.random((papers, concepts)) < generator.random(concepts) * 0.5).astype(np.float32)
    targets[np.arange(papers), generator.integers(0, concepts, papers)] = 1
    raw = 0.3 * targets + generator.random((papers, concepts)) * 0.7
    raw[generator.random((papers, concepts)) < 0.3] = 0
    if ties:
        raw = np.round(raw, 1)
    scores = Scores.from_dense(raw, k=k)
    selected = scores.listed & (scores.values > 0.45)
    missing = generator.integers(0, 3, papers) if unknown else np.zeros(papers, int)
    return Case(scores, selected, targets, missing, generator.choice([0, 1, 3, 20, 70, 600], concepts), 900)


def hand_case() -> Case:
    """Three papers, five concepts, three candidates; paper 2 has an empty set and a label outside the vocabulary.

    gold: 0 {0, 1}; 1 {2}; 2 {1, 3} and one unknown
    ranked: 0 [1, 4, 0]; 1 [0, 2]; 2 [4]
    selected: 0 {1, 4}; 1 {0, 2}; 2 {}
    """
    columns = np.array([[1, 4, 0], [0, 2, -1], [4, -1, -1]], np.int32)
    values = np.array([[0.9, 0.6, 0.2], [0.8, 0.5, 0], [0.3, 0, 0]], np.float32)
    selected = np.array([[True, True, False], [True, True, False], [False, False, False]])
    targets = np.array([[1, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 1, 0, 1, 0]], np.float32)
    counts = np.array([100, 10, 2, 0, 7])
    return Case(Scores(columns, values), selected, targets, np.array([0, 0, 1]), counts, 200)


def examples_of(case: Case, vocabulary: Vocabulary, names: Sequence[int] | None = None) -> Examples:
    """The papers of a case with ids and texts: `names` numbers them, by default by their rows."""
    numbers = range(len(case.scores)) if names is None else names
    return Examples(
        ids=tuple(f"paper {number:03}" for number in numbers),
        texts=tuple(Text(f"Title & <i> {number}", f"Abstract {number}.") for number in numbers),
        targets=csr_array(case.targets),
        unknown=case.unknown,
        vocabulary=vocabulary,
    )
