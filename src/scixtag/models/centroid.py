"""Nearest centroid: a concept is the mean of its papers, and of its names."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_array, diags_array

from scixtag.corpus.examples import Examples
from scixtag.corpus.text import Text
from scixtag.errors import ConfigError
from scixtag.models.blocks import blocks
from scixtag.models.storage import load_model, not_fitted, save_model
from scixtag.models.tfidf import TfIdf, TfIdfSettings, with_unit_rows
from scixtag.predictions.scores import Scores
from scixtag.vocabulary.concept import Concept


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


class Centroid:
    """Cosine of a paper's TF-IDF vector with each concept's centroid (Rocchio 1971, positive feedback only).

    To it comes, weighted, the cosine with the vector of the concept's names.

    Attributes:
        tfidf_: Texts to vectors.
        prototypes_: csr float32 (columns of the vectors, concepts), or None before `fit`.
    """

    Settings: ClassVar = CentroidSettings

    def __init__(self, settings: CentroidSettings | None = None, seed: int = 0) -> None:
        self.settings = settings or CentroidSettings()
        self.seed = seed
        self.prototypes_: csr_array | None = None

    def fit(self, train: Examples, validation: Examples | None = None) -> Self:
        """See `Model.fit`."""
        self.tfidf_ = TfIdf(self.settings)
        vectors = self.tfidf_.fit_transform(train.texts)
        centroids = with_unit_rows(csr_array(train.targets.T @ vectors))
        counts, weight = train.label_counts, self.settings.label_text
        if weight > 0:
            names = [_names(c, n > 0 or not c.deprecated) for c, n in zip(train.vocabulary, counts, strict=True)]
            # Not scaled to length one again: a concept without papers must not look as sure as one with many.
            centroids = (centroids + self.tfidf_.transform(names) * weight) / (1 + weight)
        scale = ((1 + counts) / (1 + counts.max(initial=0))) ** self.settings.count_power
        self.prototypes_ = csr_array((diags_array(scale) @ centroids).T, dtype=np.float32)
        return self

    def scores(self, texts: Sequence[Text]) -> Scores:
        """See `Model.scores`."""
        if self.prototypes_ is None:
            raise not_fitted(self)
        vectors = self.tfidf_.transform(texts)
        products = (vectors[block] @ self.prototypes_ for block in blocks(len(texts), self.prototypes_.shape[1]))
        return Scores.concatenate([Scores.from_dense(product.toarray()) for product in products])

    def save(self, folder: Path) -> None:
        """See `Model.save`."""
        if self.prototypes_ is None:
            raise not_fitted(self)
        save_model(folder, self, self.tfidf_.arrays(), {"prototypes": self.prototypes_})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `Model.load`."""
        model, _, arrays, matrices = load_model(cls, folder)
        model.tfidf_ = TfIdf.from_arrays(model.settings, arrays)
        model.prototypes_ = matrices["prototypes"]
        return model


def _names(concept: Concept, candidate: bool) -> Text:
    """A concept's names; none if it is not to be assigned.

    The preferred name stands twice: the pair that a one-word name then makes with itself is found in no paper, which
    keeps broad concepts such as "Galaxies" from being matched as surely as a long name.
    """
    return Text("", " ".join((concept.name, concept.name, *concept.alternatives)) if candidate else "")
