"""A tree of concepts: first the group, then the concept among those of the group."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.corpus.examples import Examples
from scixtag.errors import ConfigError
from scixtag.models.separator import EVERYWHERE, Separator, weights_of
from scixtag.models.side_by_side import side_by_side
from scixtag.models.tfidf import TfIdf, TfIdfSettings, with_unit_rows
from scixtag.models.vector_model import Integers, Learned, VectorModel, contributions_of, places_of
from scixtag.predictions.scores import Scores
from scixtag.progress import stage

if TYPE_CHECKING:
    from scixtag.models.descent import IndexedPapers

Floats = npt.NDArray[np.float32]

_ROUNDS = 8
_GROUPS_AT_ONCE = 4


@dataclass(frozen=True)
class LabelTreeSettings(TfIdfSettings):
    """How trees are grown.

    Attributes:
        trees: How many, each from groups of its own; their scores are averaged.
        groups: Of concepts in each tree; 0: the square root of the concepts with papers.
        C: The weight of the training error against the size of the weights.
        group_negatives: A group is told from this many papers of other groups, drawn from all; a concept is told from
            all papers of its group.
        tolerance: When the solver stops (the dual `tol` of liblinear).
        pruning: Weights smaller than this are dropped.
        threads: How many groups are fitted at once; 0: as many as there are cores, or as a joblib backend has that the
            caller has set. The result is the same.
    """

    trees: int = 2
    groups: int = 0
    C: float = 1.0
    group_negatives: int = 100_000
    tolerance: float = 0.1
    pruning: float = 0.05
    threads: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.C > 0 and self.tolerance > 0):
            raise ConfigError("C and tolerance must be above 0")
        if min(self.trees, self.group_negatives) < 1:
            raise ConfigError("trees and group_negatives must be at least 1")
        if min(self.groups, self.threads, self.pruning) < 0:
            raise ConfigError("groups, threads and pruning must not be negative")


class _Tree(NamedTuple):
    """One tree as it is stored.

    Attributes:
        groups: int32 (concepts with papers,), the group of each.
        group_weights: csr float32 (columns of the vectors, groups).
        group_intercepts: float32 (groups,).
        weights: csr float32 (columns of the vectors, concepts with papers).
        intercepts: float32 (concepts with papers,).
    """

    groups: Integers
    group_weights: csr_array
    group_intercepts: Floats
    weights: csr_array
    intercepts: Floats


class LabelTree(VectorModel[LabelTreeSettings]):
    """Linear SVMs in shallow trees of concepts, for vocabularies that are too large for one-vs-rest.

    After Parabel (Prabhu et al. 2018) and Bonsai (Khandagale et al. 2019): concepts whose papers are similar are
    grouped by spherical k-means, without balance; an SVM tells the papers of a group from others, and one tells the
    papers of a concept from the group's other papers. A concept's score is the product of exp(-max(0, 1 - margin)²)
    along its path. Differs in its two levels, in groups by words without pairs, in negatives that are drawn for
    groups, and in that all paths are looked at, not the best few.

    Attributes:
        tfidf_: Texts to vectors, or None before `fit`.
        trees_: What each tree learned.
        concepts_: int32, the column of the vocabulary that each concept with papers is.
    """

    Settings: ClassVar = LabelTreeSettings
    trees_: Sequence[_Tree]
    concepts_: npt.NDArray[np.int32]

    def _learn(self, tfidf: TfIdf, vectors: csr_array, train: Examples) -> None:
        from scixtag.models.descent import IndexedPapers

        carriers = csr_array(train.targets.T)
        self.concepts_ = np.flatnonzero(np.diff(carriers.indptr)).astype(np.int32)
        carriers = csr_array(carriers[self.concepts_])
        papers = IndexedPapers.of(vectors, np.ones(len(train)))
        # Groups by words alone: of pairs there are ten times as many, and means of groups are dense.
        centroids = with_unit_rows(csr_array((carriers @ papers.rows)[:, : len(tfidf.stems_)]))
        wanted = self.settings.groups or round(len(self.concepts_) ** 0.5)
        self.trees_ = []
        for number in range(self.settings.trees if len(self.concepts_) else 0):
            random = np.random.default_rng([self.seed, number])
            groups = _grouped(centroids, min(wanted, len(self.concepts_)), random)
            self.trees_.append(_grown(papers, carriers, groups, self.settings, self.seed + number))

    def contributions(self, vector: csr_array, concepts: Integers) -> csr_array:
        """See `Attributes.contributions`; what tells a concept from others of its group, as the mean of the trees."""
        self._check_fitted()
        places = places_of(concepts, self.concepts_)
        mean = csr_array((len(concepts), vector.shape[1]), dtype=np.float32)
        for tree in self.trees_:
            mean = mean + contributions_of(tree.weights, vector, places) / len(self.trees_)
        return csr_array(mean, dtype=np.float32)

    def learned(self) -> Learned:
        """See `VectorModel.learned`."""
        self._check_fitted()
        arrays: dict[str, npt.NDArray[Any]] = {"concepts": self.concepts_}
        matrices: dict[str, csr_array] = {}
        for number, tree in enumerate(self.trees_):
            arrays |= {f"{name}.{number}": getattr(tree, name) for name in _ARRAYS}
            matrices |= {f"{name}.{number}": getattr(tree, name) for name in _MATRICES}
        return Learned(arrays, matrices)

    def _recall(self, learned: Learned) -> None:
        self.concepts_ = learned.arrays["concepts"]
        self.trees_ = [
            _Tree(
                **{name: learned.arrays[f"{name}.{number}"] for name in _ARRAYS},
                **{name: learned.matrices[f"{name}.{number}"] for name in _MATRICES},
            )
            for number in range(self.settings.trees if len(self.concepts_) else 0)
        ]

    def _width(self) -> int:
        return len(self.concepts_)

    def _block_scores(self, vectors: csr_array) -> Scores:
        scores = np.zeros((vectors.shape[0], len(self.concepts_)), np.float32)
        for tree in self.trees_:
            above = _likelihoods(vectors, tree.group_weights, tree.group_intercepts)
            scores += above[:, tree.groups] * _likelihoods(vectors, tree.weights, tree.intercepts)
        # Without a known word the intercepts would be the only evidence.
        scores[np.diff(vectors.indptr) == 0] = 0
        return Scores.from_dense(scores / max(len(self.trees_), 1), columns=self.concepts_)


_ARRAYS = ("groups", "group_intercepts", "intercepts")
_MATRICES = ("group_weights", "weights")


def _likelihoods(vectors: csr_array, weights: csr_array, intercepts: Floats) -> Floats:
    margins = (vectors @ weights).toarray() + intercepts
    likelihoods: Floats = np.exp(-np.square(np.maximum(1 - margins, 0)))
    return likelihoods


def _grouped(centroids: csr_array, wanted: int, random: np.random.Generator) -> Integers:
    """Spherical k-means (Dhillon & Modha 2001) from centroids that are drawn; returns groups without gaps."""
    concepts = centroids.shape[0]
    means = centroids[np.sort(random.choice(concepts, wanted, replace=False))].toarray()
    groups = np.zeros(concepts, np.int64)
    for _ in range(_ROUNDS):
        groups = np.argmax(centroids @ means.T, axis=1)
        ones = np.ones(concepts, np.float32)
        members = csr_array((ones, (groups, np.arange(concepts))), shape=(wanted, concepts))
        means = with_unit_rows(csr_array(members @ centroids)).toarray()
    return np.unique(groups, return_inverse=True)[1].astype(np.int32)


def _grown(
    papers: "IndexedPapers", carriers: csr_array, groups: Integers, settings: LabelTreeSettings, seed: int
) -> _Tree:
    concepts, number = len(groups), int(groups.max()) + 1
    members = csr_array((np.ones(concepts, np.float32), (groups, np.arange(concepts))), shape=(number, concepts))
    above = csr_array(members @ carriers)
    above.sort_indices()
    batches = [range(i, min(i + _GROUPS_AT_ONCE, number)) for i in range(0, number, _GROUPS_AT_ONCE)]
    tops: list[Separator] = []
    leaves: list[Separator] = [EVERYWHERE] * concepts
    with stage("growing a tree of concepts", number) as advance:
        shared = (papers, carriers, above, groups, settings, seed)
        for batch, found in zip(batches, side_by_side(_fit_groups, batches, settings.threads, *shared), strict=True):
            for top, own in found:
                tops.append(top)
                for concept, leaf in own.items():
                    leaves[concept] = leaf
            advance(len(batch))
    columns = papers.rows.shape[1]
    return _Tree(groups, weights_of(tops, columns), _intercepts(tops), weights_of(leaves, columns), _intercepts(leaves))


def _fit_groups(
    batch: Sequence[int],
    papers: "IndexedPapers",
    carriers: csr_array,
    above: csr_array,
    groups: Integers,
    settings: LabelTreeSettings,
    seed: int,
) -> list[tuple[Separator, dict[int, Separator]]]:
    """For each group what tells it from others, and for each of its concepts what tells that one within the group."""
    from scixtag.models.descent import Scratch, Task, separate, separate_among

    scratch, found = Scratch.of(*papers.rows.shape), []
    for group in batch:
        task = Task(
            settings.C, 1.0, 0, settings.group_negatives, settings.tolerance, settings.pruning, (seed << 32) + group
        )
        rows = _row(above, group)
        everywhere = len(rows) == len(papers.weights) or not papers.rows.nnz
        top = EVERYWHERE if everywhere else separate(papers, rows, task, scratch)
        concepts = np.flatnonzero(groups == group).tolist()
        # A concept that all papers of the group carry is not told apart in it.
        told = [c for c in concepts if len(_row(carriers, c)) < len(rows) and papers.rows.nnz]
        leaves = separate_among(papers, rows, [_row(carriers, c) for c in told], task, scratch)
        found.append((top, dict(zip(told, leaves, strict=True))))
    return found


def _row(matrix: csr_array, row: int) -> Integers:
    columns: Integers = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
    return columns


def _intercepts(separators: Sequence[Separator]) -> Floats:
    return np.array([one.intercept for one in separators], dtype=np.float32)
