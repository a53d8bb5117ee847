"""Ridge regression of all concepts at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, diags_array, hstack
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scixtag.corpus.examples import Examples
from scixtag.errors import ConfigError
from scixtag.models.best_products import best_products
from scixtag.models.blocks import blocks
from scixtag.models.imbalance import ImbalanceSettings, WeightedPapers, positive_weights, weighted_papers
from scixtag.models.tfidf import TfIdf
from scixtag.models.vector_model import Integers, Learned, VectorModel, contributions_of, places_of
from scixtag.predictions.scores import CANDIDATES, Scores
from scixtag.progress import stage

# What is added to a kernel matrix that may be singular, as two papers of the same text make it, relative to its
# largest entry.
_JITTER = 1e-10

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RidgeSettings(ImbalanceSettings):
    """How the regression is fitted.

    Attributes:
        alpha: The weight of the squared weights against the squared errors.
        landmarks: Up to so many papers, and names that `label_text` makes papers, the solution is exact. Of more, so
            many are drawn, and the weights are a combination of their vectors: time grows with the papers times the
            square of this, memory with its square alone.
        pruning: Weights smaller than this are dropped.
    """

    alpha: float = 0.5
    landmarks: int = 4_000
    pruning: float = 0.015

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.alpha > 0:
            raise ConfigError(f"alpha is {self.alpha}; it must be above 0")
        if self.landmarks < 1:
            raise ConfigError(f"landmarks is {self.landmarks}; at least one is needed")
        if not self.pruning >= 0:
            raise ConfigError(f"pruning is {self.pruning}; it must not be negative")


class Ridge(VectorModel[RidgeSettings]):
    """Least squares on TF-IDF with a penalty on the weights (Hoerl & Kennard 1970), to 1 where a concept is carried.

    All concepts share one system of equations, so that a fit costs little more for many than for one. It is solved in
    the dual, whose size is that of the papers; beyond `landmarks` papers, by a subset of regressors (Williams & Seeger
    2001). As in DiSMEC (Babbar & Schölkopf 2017), small weights are dropped. There is no intercept: it changed nothing
    that was measured, and without it a paper of unknown words has no score.

    With `propensity`, the target of a positive is 1 / propensity: of the squared error that is the unbiased estimate
    under labels that annotators missed (Jain et al. 2016), and scales a concept's scores. They are divided by the
    largest of these targets. A weight of a concept's positives alone is not offered: it would need a system of
    equations for each concept.

    Attributes:
        tfidf_: Texts to vectors, or None before `fit`.
        weights_: csr float32 (columns of the vectors, concepts with papers).
        concepts_: int32, the column of the vocabulary that each of them is.
    """

    Settings: ClassVar = RidgeSettings
    weights_: csr_array
    concepts_: npt.NDArray[np.int32]

    def _learn(self, tfidf: TfIdf, vectors: csr_array, train: Examples) -> None:
        papers = weighted_papers(tfidf, vectors, train, self.settings)
        self.concepts_ = np.unique(papers.targets.indices).astype(np.int32)
        learned = papers._replace(targets=csr_array(papers.targets[:, self.concepts_], dtype=np.float64))
        heights = positive_weights(train, self.settings)[self.concepts_]
        # Sums that are divided among threads are rounded by how many there are.
        with threadpool_limits(1, user_api="blas"):
            basis, coefficients = _solve(learned, self.settings, self.seed)
            weights = _primal(basis, coefficients, self.settings.pruning)
        self.weights_ = csr_array(weights @ diags_array(heights / heights.max(initial=1)), dtype=np.float32)

    def contributions(self, vector: csr_array, concepts: Integers) -> csr_array:
        """See `Attributes.contributions`; their sum is the score."""
        self._check_fitted()
        return contributions_of(self.weights_, vector, places_of(concepts, self.concepts_))

    def learned(self) -> Learned:
        """See `VectorModel.learned`."""
        self._check_fitted()
        return Learned({"concepts": self.concepts_}, {"weights": self.weights_})

    def _recall(self, learned: Learned) -> None:
        self.weights_ = learned.matrices["weights"]
        self.concepts_ = learned.arrays["concepts"]

    def _width(self) -> int:
        return CANDIDATES

    def _block_scores(self, vectors: csr_array) -> Scores:
        return best_products(vectors, self.weights_).renamed(self.concepts_)


def _solve(papers: WeightedPapers, settings: RidgeSettings, seed: int) -> tuple[csr_array, Floats]:
    """The papers of which the weights are a combination, and how much of each (papers, concepts).

    Args:
        papers: With the targets of the learned concepts only.
        settings: The penalty, and how many papers are solved for exactly.
        seed: For the choice of papers beyond these.
    """
    vectors, targets, n = papers.vectors, papers.targets, len(papers.weights)
    if n <= settings.landmarks:
        kernel = (vectors @ vectors.T).toarray()
        kernel[np.diag_indices(n)] += settings.alpha / papers.weights
        return vectors, _solution(kernel, targets.toarray())
    chosen = np.sort(np.random.default_rng(seed).choice(n, settings.landmarks, replace=False))
    basis = vectors[chosen]
    system, answers = settings.alpha * (basis @ basis.T).toarray(), np.zeros((len(chosen), targets.shape[1]))
    with stage("fitting papers", n) as advance:
        for part in blocks(n, len(chosen)):
            root = np.sqrt(papers.weights[part])
            kernel = (diags_array(root) @ vectors[part] @ basis.T).toarray()
            system += kernel.T @ kernel
            answers += ((diags_array(root) @ targets[part]).T @ kernel).T
            advance(part.stop - part.start)
    system[np.diag_indices(len(chosen))] += _JITTER * max(float(system.max(initial=0)), 1.0)
    return basis, _solution(system, answers)


def _solution(system: Floats, answers: Floats) -> Floats:
    # Takes long to load, and who only tags needs it not.
    from scipy.linalg import cho_factor, cho_solve

    solution: Floats = cho_solve(cho_factor(system, lower=True, overwrite_a=True, check_finite=False), answers)
    return solution


def _primal(basis: csr_array, coefficients: Floats, pruning: float) -> csr_array:
    """The weights of the vectors' columns: csr float32 (columns, concepts), without small ones."""
    parts = [csr_array((basis.shape[1], 0), dtype=np.float32), *_few_concepts(basis, coefficients, pruning)]
    return hstack(parts, format="csr")


def _few_concepts(basis: csr_array, coefficients: Floats, pruning: float) -> Iterator[csr_array]:
    """The weights of a few concepts at a time (columns, concepts)."""
    columns = csr_array(basis.T)
    for part in blocks(coefficients.shape[1], basis.shape[1]):
        weights = columns @ coefficients[:, part]
        weights[np.abs(weights) < pruning] = 0
        yield csr_array(weights, dtype=np.float32)
