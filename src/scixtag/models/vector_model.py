"""What the models share that read a paper as its TF-IDF vector."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, NamedTuple, Self, TypeVar

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.corpus.examples import Examples
from scixtag.corpus.text import Text
from scixtag.errors import ConfigError
from scixtag.models.blocks import blocks
from scixtag.models.storage import load_model, not_fitted, save_model
from scixtag.models.tfidf import TfIdf, TfIdfSettings, tfidf_settings
from scixtag.models.tokens import ReadTexts
from scixtag.predictions.scores import Scores

Integers = npt.NDArray[np.integer]

S = TypeVar("S", bound=TfIdfSettings)


class Learned(NamedTuple):
    """What a model has learned beside its TF-IDF.

    Attributes:
        arrays: By name.
        matrices: By name.
    """

    arrays: Mapping[str, npt.NDArray[Any]]
    matrices: Mapping[str, csr_array]


class VectorModel(ABC, Generic[S]):
    """A model of TF-IDF vectors.

    Several of them can share one TF-IDF of the same papers: fit it once, and give it with its vectors to each model's
    `fit_vectors`, and the vectors of new papers to each one's `vector_scores`. The result is that of `fit` and
    `scores`, to the last bit.

    A subclass learns in `_learn`, gives what it learned in `learned`, and takes it back in `_recall`.

    Attributes:
        tfidf_: Texts to vectors, or None before `fit`.
    """

    Settings: ClassVar[type[Any]]

    def __init__(self, settings: S | None = None, seed: int = 0) -> None:
        self.settings: S = settings or self.Settings()
        self.seed = seed
        self.tfidf_: TfIdf | None = None

    def fit(self, train: Examples, validation: Examples | None = None) -> Self:
        """See `Model.fit`."""
        tfidf = TfIdf(self.settings)
        return self.fit_vectors(tfidf, tfidf.fit_transform(train.texts), train)

    def fit_vectors(self, tfidf: TfIdf, vectors: csr_array, train: Examples) -> Self:
        """Learn from papers whose vectors are there; nothing that is handed in is changed.

        Args:
            tfidf: Fitted on the training papers or on others, with this model's `title_weight` and `min_df`.
            vectors: float32 (papers, columns), what `tfidf` makes of the training papers.
            train: The training papers; their texts are not read.

        Raises:
            ConfigError: The TF-IDF has other settings than this model, which would read new papers in another way.
        """
        if tfidf_settings(tfidf.settings) != tfidf_settings(self.settings):
            raise ConfigError(
                f"{type(self).__name__} has {tfidf_settings(self.settings)}, and its vectors were made with "
                f"{tfidf_settings(tfidf.settings)}; give both the same"
            )
        self.tfidf_ = None
        self._learn(tfidf, vectors, train)
        self.tfidf_ = tfidf
        return self

    def scores(self, texts: Sequence[Text] | ReadTexts) -> Scores:
        """See `Model.scores`; papers that are cut into words already need not be cut again."""
        if self.tfidf_ is None:
            raise not_fitted(self)
        return self.vector_scores(self.tfidf_.transform(texts))

    def vector_scores(self, vectors: csr_array) -> Scores:
        """Score papers by their vectors.

        Args:
            vectors: float32 (papers, columns), what `tfidf_` makes of the papers.

        Raises:
            ModelError: The model is not fitted.
        """
        self._check_fitted()
        parts = blocks(vectors.shape[0], self._width())
        return Scores.concatenate([self._block_scores(vectors[part]) for part in parts])

    @abstractmethod
    def learned(self) -> Learned:
        """What was learned beside the TF-IDF, for storage.

        Raises:
            ModelError: The model is not fitted.
        """

    def recall(self, tfidf: TfIdf, learned: Learned) -> Self:
        """The inverse of `learned`."""
        self._recall(learned)
        self.tfidf_ = tfidf
        return self

    def save(self, folder: Path) -> None:
        """See `Model.save`."""
        if self.tfidf_ is None:
            raise not_fitted(self)
        arrays, matrices = self.learned()
        save_model(folder, self, {**self.tfidf_.arrays(), **arrays}, matrices)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `Model.load`."""
        model, _, arrays, matrices = load_model(cls, folder)
        return model.recall(TfIdf.from_arrays(model.settings, arrays), Learned(arrays, matrices))

    def _check_fitted(self) -> None:
        if self.tfidf_ is None:
            raise not_fitted(self)

    @abstractmethod
    def _learn(self, tfidf: TfIdf, vectors: csr_array, train: Examples) -> None:
        """Learn from the training papers' vectors (papers, columns)."""

    @abstractmethod
    def _recall(self, learned: Learned) -> None:
        """Take back what `learned` gave."""

    @abstractmethod
    def _width(self) -> int:
        """How many numbers of each paper `_block_scores` holds at once."""

    @abstractmethod
    def _block_scores(self, vectors: csr_array) -> Scores:
        """Score a block of papers, whose dense results fit into memory."""


def contributions_of(weights: csr_array, vector: csr_array, columns: Integers) -> csr_array:
    """What each column of one paper's vector adds to linear scores.

    Args:
        weights: (columns of the vectors, scores).
        vector: (1, columns of the vectors).
        columns: Of `weights`, one for each row that is wanted; -1: a row without contributions.

    Returns:
        csr float32 (rows, columns of the vectors); a row's sum is the product of the vector and those weights.
    """
    known = np.flatnonzero(columns >= 0)
    # Only the paper's own columns: the whole matrix may hold millions of weights.
    own = weights[vector.indices][:, columns[known]].toarray()
    added = np.zeros((len(columns), vector.nnz), np.float32)
    added[known] = (own * vector.data[:, None]).T
    sparse = csr_array(added)
    return csr_array(
        (sparse.data, vector.indices[sparse.indices], sparse.indptr), shape=(len(columns), vector.shape[1])
    )


def places_of(wanted: Integers, rising: Integers) -> npt.NDArray[np.int64]:
    """Where each of `wanted` stands in `rising`, whose values are distinct and rise; -1 where it does not."""
    places = np.searchsorted(rising, wanted)
    known = places < len(rising)
    known[known] = rising[places[known]] == wanted[known]
    return np.where(known, places, -1)
