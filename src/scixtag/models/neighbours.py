"""Nearest neighbours: the concepts of the most similar training papers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_array

from scixtag.corpus.examples import Examples
from scixtag.corpus.text import Text
from scixtag.errors import ConfigError
from scixtag.models.blocks import blocks
from scixtag.models.storage import load_model, not_fitted, save_model
from scixtag.models.tfidf import TfIdf, TfIdfSettings
from scixtag.predictions.scores import Scores


@dataclass(frozen=True)
class NeighboursSettings(TfIdfSettings):
    """How neighbours are found and weighed.

    Attributes:
        neighbours: How many training papers have a say.
        power: A neighbour's say is its cosine similarity to this power.
    """

    neighbours: int = 30
    power: float = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.neighbours < 1:
            raise ConfigError(f"neighbours is {self.neighbours}; at least one is needed")
        if self.power < 0:
            raise ConfigError(f"power is {self.power}; it must not be negative")


class Neighbours:
    """k-NN on TF-IDF cosine: a concept's score is its neighbours' share of the weight (Yang 1999, weighted).

    It keeps the vectors of the training papers, not their texts.

    Attributes:
        tfidf_: Texts to vectors.
        papers_: csr float32 (columns of the vectors, training papers), or None before `fit`.
        targets_: csr float32 (training papers, concepts).
    """

    Settings: ClassVar = NeighboursSettings

    def __init__(self, settings: NeighboursSettings | None = None, seed: int = 0) -> None:
        self.settings = settings or NeighboursSettings()
        self.seed = seed
        self.papers_: csr_array | None = None

    def fit(self, train: Examples, validation: Examples | None = None) -> Self:
        """See `Model.fit`."""
        self.tfidf_ = TfIdf(self.settings)
        self.papers_ = csr_array(self.tfidf_.fit_transform(train.texts).T)
        self.targets_ = train.targets
        return self

    def scores(self, texts: Sequence[Text]) -> Scores:
        """See `Model.scores`."""
        if self.papers_ is None:
            raise not_fitted(self)
        vectors = self.tfidf_.transform(texts)
        widest = max(self.papers_.shape[1], self.targets_.shape[1])
        return Scores.concatenate([self._block(vectors[block]) for block in blocks(len(texts), widest)])

    def _block(self, vectors: csr_array) -> Scores:
        """Score one block; the most similar papers are found as if papers were concepts."""
        nearest = Scores.from_dense((vectors @ self.papers_).toarray(), k=self.settings.neighbours)
        weights = nearest.values**self.settings.power
        totals = weights.sum(axis=1, keepdims=True)
        shares = np.divide(weights, totals, out=np.zeros_like(weights), where=totals > 0)
        rows, ranks = np.nonzero(nearest.listed)
        shape = (len(nearest), self.targets_.shape[0])
        votes = csr_array((shares[rows, ranks], (rows, nearest.columns[rows, ranks])), shape=shape)
        return Scores.from_sparse(votes @ self.targets_)

    def save(self, folder: Path) -> None:
        """See `Model.save`."""
        if self.papers_ is None:
            raise not_fitted(self)
        save_model(folder, self, self.tfidf_.arrays(), {"papers": self.papers_, "targets": self.targets_})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `Model.load`."""
        model, _, arrays, matrices = load_model(cls, folder)
        model.tfidf_ = TfIdf.from_arrays(model.settings, arrays)
        model.papers_, model.targets_ = matrices["papers"], matrices["targets"]
        return model
