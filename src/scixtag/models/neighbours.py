"""Nearest neighbours: the concepts of the most similar training papers."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.corpus.examples import Examples
from scixtag.errors import ConfigError
from scixtag.models.base import Neighbourhood
from scixtag.models.best_products import best_products
from scixtag.models.tfidf import TfIdf, TfIdfSettings
from scixtag.models.vector_model import Learned, VectorModel
from scixtag.predictions.scores import CANDIDATES, Scores


@dataclass(frozen=True)
class NeighboursSettings(TfIdfSettings):
    """How neighbours are found and weighed.

    Attributes:
        neighbours: How many training papers have a say.
        power: A neighbour's say is its cosine similarity to this power.
        pool: Of more training papers so many are drawn to look among, so that a paper's time has a bound.
    """

    neighbours: int = 30
    power: float = 2.0
    pool: int = 20_000

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.pool < 1:
            raise ConfigError(f"pool is {self.pool}; at least one paper is needed")
        if self.neighbours < 1:
            raise ConfigError(f"neighbours is {self.neighbours}; at least one is needed")
        if self.power < 0:
            raise ConfigError(f"power is {self.power}; it must not be negative")


class Neighbours(VectorModel[NeighboursSettings]):
    """k-NN on TF-IDF cosine: a concept's score is its neighbours' share of the weight (Yang 1999, weighted).

    It keeps the vectors of the training papers, not their texts.

    Attributes:
        tfidf_: Texts to vectors, or None before `fit`.
        papers_: csr float32 (columns of the vectors, papers of the pool).
        targets_: csr float32 (papers of the pool, concepts).
        rows_: int64 (papers of the pool,), which training papers these are.
    """

    Settings: ClassVar = NeighboursSettings
    papers_: csr_array
    targets_: csr_array
    rows_: npt.NDArray[np.integer]

    def _learn(self, tfidf: TfIdf, vectors: csr_array, train: Examples) -> None:
        size = min(self.settings.pool, len(train))
        self.rows_ = np.sort(np.random.default_rng(self.seed).choice(len(train), size, replace=False))
        self.papers_ = csr_array(vectors[self.rows_].T)
        self.targets_ = train.targets[self.rows_]

    def neighbourhood(self, vector: csr_array) -> Neighbourhood:
        """See `FindsSimilar.neighbourhood`: those whose concepts are counted for the scores."""
        self._check_fitted()
        nearest = self._nearest(vector)
        rows = nearest.columns[0][nearest.listed[0]]
        return Neighbourhood(self.rows_[rows], nearest.values[0][nearest.listed[0]], self.targets_[rows])

    def learned(self) -> Learned:
        """See `VectorModel.learned`."""
        self._check_fitted()
        return Learned({"rows": self.rows_}, {"papers": self.papers_, "targets": self.targets_})

    def _recall(self, learned: Learned) -> None:
        self.papers_, self.targets_ = learned.matrices["papers"], learned.matrices["targets"]
        self.rows_ = learned.arrays["rows"]

    def _width(self) -> int:
        return CANDIDATES

    def _nearest(self, vectors: csr_array) -> Scores:
        """The most similar papers are found as if papers were concepts."""
        return best_products(vectors, self.papers_, self.settings.neighbours)

    def _block_scores(self, vectors: csr_array) -> Scores:
        nearest = self._nearest(vectors)
        weights = nearest.values**self.settings.power
        totals = weights.sum(axis=1, keepdims=True)
        shares = np.divide(weights, totals, out=np.zeros_like(weights), where=totals > 0)
        rows, ranks = np.nonzero(nearest.listed)
        shape = (len(nearest), self.targets_.shape[0])
        votes = csr_array((shares[rows, ranks], (rows, nearest.columns[rows, ranks])), shape=shape)
        return Scores.from_sparse(votes @ self.targets_)
