"""One linear classifier for each concept."""

import os
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scixtag.corpus.examples import Examples
from scixtag.errors import ConfigError
from scixtag.models.imbalance import ImbalanceSettings, WeightedPapers, positive_weights, weighted_papers
from scixtag.models.separator import EVERYWHERE, Separator, weights_of
from scixtag.models.side_by_side import side_by_side
from scixtag.models.tfidf import TfIdf
from scixtag.models.vector_model import Integers, Learned, VectorModel, contributions_of, places_of
from scixtag.predictions.scores import Scores
from scixtag.progress import stage

if TYPE_CHECKING:
    from scixtag.models.descent import IndexedPapers

# Of the compiled solver more, for each batch brings arrays as long as the papers and the columns.
_CONCEPTS_AT_ONCE = {"liblinear": 8, "descent": 128}
# Negatives below these margins need not be looked at: at -1 the squared hinge is zero (a little above, it hardly
# counts), and at -3 the logistic loss is small.
_SAFE_MARGINS = {"svm": -0.9, "logistic": -3.0}


@dataclass(frozen=True)
class LinearSettings(ImbalanceSettings):
    """How the classifiers are fitted.

    Attributes:
        loss: "svm" (squared hinge) or "logistic".
        C: The weight of the training error against the size of the weights.
        class_weight: "none", or "balanced": the positives and the negatives of a concept weigh the same in all.
        positive_weight: A positive counts as this many papers, on top of `class_weight`.
        solver: "liblinear", or "descent": compiled here, for the SVM alone, and many times as fast with many concepts.
            Each concept is told from `negatives` and `random_negatives` papers without it, and from no others.
        negatives: A concept is first told from this many papers without it, those most similar to its own, and then
            from those that the result gets wrong as well; 0: from all papers at once, which takes longer where there
            are many. With "descent", so many and no more; 0: none of these.
        random_negatives: With "descent", a concept is told from this many papers that are drawn from all.
        tolerance: When the solver stops (`tol` of liblinear: of its primal solver, or of its dual with "descent").
        pruning: Weights smaller than this are dropped.
        threads: How many concepts are fitted at once; 0: as many as there are cores, or as a joblib backend has that
            the caller has set. The result is the same.
    """

    loss: Literal["svm", "logistic"] = "svm"
    C: float = 0.5
    class_weight: Literal["balanced", "none"] = "none"
    positive_weight: float = 5.0
    solver: Literal["liblinear", "descent"] = "liblinear"
    negatives: int = 2_000
    random_negatives: int = 0
    tolerance: float = 0.1
    pruning: float = 0.05
    threads: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.loss not in ("svm", "logistic"):
            raise ConfigError(f"loss is '{self.loss}'; choose 'svm' or 'logistic'")
        if self.class_weight not in ("balanced", "none"):
            raise ConfigError(f"class_weight is '{self.class_weight}'; choose 'balanced' or 'none'")
        if not (self.C > 0 and self.positive_weight > 0 and self.tolerance > 0):
            raise ConfigError("C, positive_weight and tolerance must be above 0")
        if min(self.negatives, self.random_negatives, self.threads, self.pruning) < 0:
            raise ConfigError("negatives, random_negatives, threads and pruning must not be negative")
        if self.solver not in _CONCEPTS_AT_ONCE:
            raise ConfigError(f"solver is '{self.solver}'; choose 'liblinear' or 'descent'")
        if self.solver == "descent" and self.loss != "svm":
            raise ConfigError(
                f"the solver 'descent' has no loss '{self.loss}'; choose 'svm', or the solver 'liblinear'"
            )
        if self.solver == "descent" and self.negatives + self.random_negatives == 0:
            raise ConfigError("the solver 'descent' needs negatives or random_negatives above 0")


class Linear(VectorModel[LinearSettings]):
    """One-vs-rest linear SVM or logistic regression on TF-IDF, by liblinear (Fan et al. 2008).

    As in DiSMEC (Babbar & Schölkopf 2017), concepts are fitted side by side and small weights are dropped; joblib runs
    them, so that a backend set by `joblib.parallel_config` does it elsewhere. The solver is the primal one, a trust
    region Newton method: it draws no random numbers, where liblinear's dual solver draws from a generator that all
    threads share. For many concepts there is a compiled dual solver, which draws by the seed and the concept. Scores
    are the sigmoid of the margin.

    Attributes:
        tfidf_: Texts to vectors, or None before `fit`.
        weights_: csr float32 (columns of the vectors, concepts with papers).
        intercepts_: float32 (concepts with papers,).
        concepts_: int32, the column of the vocabulary that each of them is.
    """

    Settings: ClassVar = LinearSettings
    weights_: csr_array
    intercepts_: npt.NDArray[np.float32]
    concepts_: npt.NDArray[np.int32]

    def _learn(self, tfidf: TfIdf, vectors: csr_array, train: Examples) -> None:
        papers = weighted_papers(tfidf, vectors, train, self.settings)
        carriers, worth = csr_array(papers.targets.T), positive_weights(train, self.settings)
        self.concepts_ = np.flatnonzero(np.diff(carriers.indptr)).astype(np.int32)
        sides = [
            _Positives(int(c), carriers.indices[carriers.indptr[c] : carriers.indptr[c + 1]], float(worth[c]))
            for c in self.concepts_
        ]
        fitted = list(_fit_all(papers, sides, self.settings, self.seed))
        self.intercepts_ = np.array([one.intercept for one in fitted], dtype=np.float32)
        self.weights_ = weights_of(fitted, vectors.shape[1])

    def contributions(self, vector: csr_array, concepts: Integers) -> csr_array:
        """See `Attributes.contributions`; the margin is their sum and the concept's intercept."""
        self._check_fitted()
        return contributions_of(self.weights_, vector, places_of(concepts, self.concepts_))

    def learned(self) -> Learned:
        """See `VectorModel.learned`."""
        self._check_fitted()
        return Learned({"intercepts": self.intercepts_, "concepts": self.concepts_}, {"weights": self.weights_})

    def _recall(self, learned: Learned) -> None:
        self.weights_ = learned.matrices["weights"]
        self.intercepts_, self.concepts_ = learned.arrays["intercepts"], learned.arrays["concepts"]

    def _width(self) -> int:
        return len(self.concepts_)

    def _block_scores(self, vectors: csr_array) -> Scores:
        margins = (vectors @ self.weights_).toarray() + self.intercepts_
        # Without a known word the intercepts would be the only evidence.
        margins[np.diff(vectors.indptr) == 0] = -np.inf
        return Scores.from_dense(1 / (1 + np.exp(-margins)), columns=self.concepts_)


class _Positives(NamedTuple):
    concept: int
    papers: Integers
    weight: float


def _fit_all(
    papers: WeightedPapers, positives: list[_Positives], settings: LinearSettings, seed: int
) -> Iterator[Separator]:
    """Fit all concepts, in order; both solvers run without the interpreter's lock, so threads are enough."""
    import sklearn.svm  # noqa: F401  (loads the BLAS that is limited next)

    size = _CONCEPTS_AT_ONCE[settings.solver]
    batches = [positives[i : i + size] for i in range(0, len(positives), size)]
    shared: tuple[Any, ...] = (papers, settings, os.getpid())
    fit: Any = _fit_batch
    if settings.solver == "descent":
        from scixtag.models.descent import IndexedPapers

        shared, fit = (IndexedPapers.of(papers.vectors, papers.weights), settings, seed), _descend_batch
    with threadpool_limits(1, user_api="blas"), stage("fitting concepts", len(positives)) as advance:
        for batch in side_by_side(fit, batches, settings.threads, *shared):
            yield from batch
            advance(len(batch))


def _fit_batch(
    batch: Sequence[_Positives], papers: WeightedPapers, settings: LinearSettings, parent: int
) -> list[Separator]:
    # The BLAS below liblinear would divide each short sum among threads of its own, which takes far longer and rounds
    # differently on another machine. In the parent it is limited already, and its threads would undo it for each other.
    with nullcontext() if os.getpid() == parent else threadpool_limits(1, user_api="blas"):
        return [_fit_one(papers, one, settings) for one in batch]


def _descend_batch(
    batch: Sequence[_Positives], papers: "IndexedPapers", settings: LinearSettings, seed: int
) -> list[Separator]:
    from scixtag.models.descent import Scratch, Task, separate

    scratch, found = Scratch.of(*papers.rows.shape), []
    for one in batch:
        if len(one.papers) == len(papers.weights) or not papers.rows.nnz:
            found.append(EVERYWHERE)
            continue
        weight = _positive_weight(papers.weights, one, settings)
        drawn = settings.negatives, settings.random_negatives
        # Drawn by the concept, so that neither batches nor threads change anything.
        own_seed = (seed << 32) + one.concept
        task = Task(settings.C, weight, *drawn, settings.tolerance, settings.pruning, own_seed)
        found.append(separate(papers, one.papers, task, scratch))
    return found


def _positive_weight(weights: npt.NDArray[np.float64], positives: _Positives, settings: LinearSettings) -> float:
    weight = settings.positive_weight * positives.weight
    if settings.class_weight == "balanced":
        carried = float(weights[positives.papers].sum())
        weight *= (float(weights.sum()) - carried) / carried
    return weight


def _fit_one(papers: WeightedPapers, positives: _Positives, settings: LinearSettings) -> Separator:
    n = len(papers.weights)
    if len(positives.papers) == n or not papers.vectors.nnz:
        return EVERYWHERE
    carries = np.zeros(n, bool)
    carries[positives.papers] = True
    weight = settings.positive_weight * positives.weight
    if settings.class_weight == "balanced":
        weight *= float(papers.weights[~carries].sum() / papers.weights[carries].sum())
    weights, intercept = _fit_working_set(papers, carries, _solver(settings, weight), settings)
    kept = np.flatnonzero(np.abs(weights) >= settings.pruning)
    return Separator(kept.astype(np.int32), weights[kept].astype(np.float32), intercept)


def _fit_working_set(
    papers: WeightedPapers, carries: npt.NDArray[np.bool_], solver: Any, settings: LinearSettings
) -> tuple[npt.NDArray[np.float64], float]:
    """Fit on the hardest papers, then on those too that this leaves on the wrong side of their margin, until none is.

    A paper beyond its margin has no part in the SVM's solution, so the result is nearly that of a fit on all papers
    (the logistic loss never ends, and there it is an approximation).
    """
    vectors = papers.vectors
    used = _hardest(vectors, carries, settings.negatives)
    weights = np.zeros(vectors.shape[1])
    while True:
        rows = np.flatnonzero(used)
        chosen = vectors[rows]
        # The solver's time grows with the columns, and in few papers most are empty.
        columns = np.flatnonzero(np.bincount(chosen.indices, minlength=vectors.shape[1]))
        solver.fit(chosen[:, columns], carries[rows], papers.weights[rows])
        weights[:] = 0
        weights[columns] = solver.coef_[0]
        intercept = float(solver.intercept_[0])
        if used.all():
            return weights, intercept
        wrong = ~used & (vectors @ weights + intercept > _SAFE_MARGINS[settings.loss])
        if not wrong.any():
            return weights, intercept
        used |= wrong


def _hardest(vectors: csr_array, carries: npt.NDArray[np.bool_], negatives: int) -> npt.NDArray[np.bool_]:
    """The papers with the concept, and those without it that are most similar to their mean."""
    number = negatives + int(carries.sum())
    if negatives == 0 or number >= len(carries):
        return np.ones(len(carries), bool)
    similarity = vectors @ (carries.astype(np.float64) @ vectors)
    similarity[carries] = np.inf
    hardest = np.zeros(len(carries), bool)
    hardest[np.argpartition(-similarity, number - 1)[:number]] = True
    return hardest


def _solver(settings: LinearSettings, weight: float) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    # The primal solver draws nothing, but without a seed scikit-learn would draw one from the global generator.
    common: dict[str, Any] = {"C": settings.C, "dual": False, "tol": settings.tolerance, "max_iter": 1_000}
    common |= {"class_weight": {False: 1.0, True: weight}, "random_state": 0}
    if settings.loss == "svm":
        return LinearSVC(**common)
    return LogisticRegression(solver="liblinear", **common)
