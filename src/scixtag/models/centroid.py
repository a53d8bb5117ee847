"""Nearest centroid: a concept is the mean of its papers, and of its names."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.sparse import csr_array, diags_array

from scixtag.corpus.examples import Examples
from scixtag.errors import ConfigError
from scixtag.models.best_products import best_products
from scixtag.models.concept_text import concept_text
from scixtag.models.tfidf import TfIdf, TfIdfSettings, with_unit_rows
from scixtag.models.vector_model import Integers, Learned, VectorModel, contributions_of
from scixtag.predictions.scores import CANDIDATES, Scores


@dataclass(frozen=True)
class CentroidSettings(TfIdfSettings):
    """How centroids are made.

    Attributes:
        label_text: The weight of the vector of a concept's names beside its papers' weight of one. Above zero, a
            concept without any paper can be found too.
        count_power: Scores are multiplied by ((1 + papers of the concept) / (1 + papers of the most frequent one)) to
            this power; above zero, frequent concepts are preferred.
    """

    label_text: float = 0.5
    count_power: float = 0.05

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.label_text < 0:
            raise ConfigError(f"label_text is {self.label_text}; it must not be negative")


class Centroid(VectorModel[CentroidSettings]):
    """Cosine of a paper's TF-IDF vector with each concept's centroid (Rocchio 1971, positive feedback only).

    To it comes, weighted, the cosine with the vector of the concept's names.

    Attributes:
        tfidf_: Texts to vectors, or None before `fit`.
        prototypes_: csr float32 (columns of the vectors, concepts).
    """

    Settings: ClassVar = CentroidSettings
    prototypes_: csr_array

    def _learn(self, tfidf: TfIdf, vectors: csr_array, train: Examples) -> None:
        centroids = with_unit_rows(csr_array(train.targets.T @ vectors))
        counts, weight = train.label_counts, self.settings.label_text
        if weight > 0:
            names = [concept_text(c, n > 0 or not c.deprecated) for c, n in zip(train.vocabulary, counts, strict=True)]
            # Not scaled to length one again: a concept without papers must not look as sure as one with many.
            centroids = (centroids + tfidf.transform(names) * weight) / (1 + weight)
        scale = ((1 + counts) / (1 + counts.max(initial=0))) ** self.settings.count_power
        self.prototypes_ = csr_array((diags_array(scale) @ centroids).T, dtype=np.float32)

    def contributions(self, vector: csr_array, concepts: Integers) -> csr_array:
        """See `Attributes.contributions`."""
        self._check_fitted()
        return contributions_of(self.prototypes_, vector, concepts)

    def learned(self) -> Learned:
        """See `VectorModel.learned`."""
        self._check_fitted()
        return Learned({}, {"prototypes": self.prototypes_})

    def _recall(self, learned: Learned) -> None:
        self.prototypes_ = learned.matrices["prototypes"]

    def _width(self) -> int:
        return CANDIDATES

    def _block_scores(self, vectors: csr_array) -> Scores:
        return best_products(vectors, self.prototypes_)
