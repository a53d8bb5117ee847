"""One linear classifier for each concept."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.corpus.examples import Examples
from scixtag.errors import ConfigError
from scixtag.models.imbalance import ImbalanceSettings, WeightedPapers, positive_weights, weighted_papers
from scixtag.models.tfidf import TfIdf
from scixtag.models.vector_model import Integers, Learned, VectorModel, contributions_of, places_of
from scixtag.predictions.scores import Scores
from scixtag.processes import cores
from scixtag.progress import stage

_CONCEPTS_AT_ONCE = 8
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
        negatives: A concept is first told from this many papers without it, those most similar to its own, and then
            from those that the result gets wrong as well; 0: from all papers at once, which takes longer where there
            are many.
        tolerance: When the solver stops (liblinear's primal `tol`).
        pruning: Weights smaller than this are dropped.
        threads: How many concepts are fitted at once; 0: as many as there are cores. The result is the same.
    """

    loss: Literal["svm", "logistic"] = "svm"
    C: float = 0.5
    class_weight: Literal["balanced", "none"] = "none"
    positive_weight: float = 5.0
    negatives: int = 2_000
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
        if min(self.negatives, self.threads, self.pruning) < 0:
            raise ConfigError("negatives, threads and pruning must not be negative")


class Linear(VectorModel[LinearSettings]):
    """One-vs-rest linear SVM or logistic regression on TF-IDF, by liblinear (Fan et al. 2008).

    As in DiSMEC (Babbar & Schölkopf 2017), concepts are fitted side by side and small weights are dropped. The solver
    is the primal one, a trust region Newton method: it draws no random numbers, where liblinear's dual solver draws
    from a generator that all threads share. Scores are the sigmoid of the margin.

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
            _Positives(carriers.indices[carriers.indptr[c] : carriers.indptr[c + 1]], float(worth[c]))
            for c in self.concepts_
        ]
        fitted = list(_fit_all(papers, sides, self.settings))
        self.intercepts_ = np.array([one.intercept for one in fitted], dtype=np.float32)
        ends = np.cumsum([0, *(len(one.columns) for one in fitted)])
        values = np.concatenate([np.empty(0, np.float32), *(one.weights for one in fitted)])
        columns = np.concatenate([np.empty(0, np.int32), *(one.columns for one in fitted)])
        by_concept = csr_array((values, columns, ends), shape=(len(fitted), vectors.shape[1]))
        self.weights_ = csr_array(by_concept.T)

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
    papers: Integers
    weight: float


class _Classifier(NamedTuple):
    columns: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]
    intercept: float


def _fit_all(papers: WeightedPapers, positives: list[_Positives], settings: LinearSettings) -> Iterator[_Classifier]:
    """Fit all concepts, in order; liblinear runs without the interpreter's lock, so threads are enough."""
    import sklearn.svm  # noqa: F401  (loads the BLAS that is limited next)
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    groups = [positives[i : i + _CONCEPTS_AT_ONCE] for i in range(0, len(positives), _CONCEPTS_AT_ONCE)]
    # The BLAS below liblinear would divide each short sum among threads of its own, which takes far longer and rounds
    # differently on another machine.
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(settings.threads or cores()) as pool:
        work = pool.map(lambda group: [_fit_one(papers, one, settings) for one in group], groups)
        try:
            with stage("fitting concepts", len(positives)) as advance:
                for group in work:
                    yield from group
                    advance(len(group))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _fit_one(papers: WeightedPapers, positives: _Positives, settings: LinearSettings) -> _Classifier:
    n = len(papers.weights)
    if len(positives.papers) == n or not papers.vectors.nnz:
        return _Classifier(np.empty(0, np.int32), np.empty(0, np.float32), 1.0)
    carries = np.zeros(n, bool)
    carries[positives.papers] = True
    weight = settings.positive_weight * positives.weight
    if settings.class_weight == "balanced":
        weight *= float(papers.weights[~carries].sum() / papers.weights[carries].sum())
    weights, intercept = _fit_working_set(papers, carries, _solver(settings, weight), settings)
    kept = np.flatnonzero(np.abs(weights) >= settings.pruning)
    return _Classifier(kept.astype(np.int32), weights[kept].astype(np.float32), intercept)


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
