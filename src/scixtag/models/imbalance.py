"""What can be done for concepts that few papers carry, or none."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, vstack

from scixtag.corpus.examples import Examples
from scixtag.errors import ConfigError
from scixtag.evaluation.metrics.ranking import inverse_propensity
from scixtag.models.concept_text import concept_text
from scixtag.models.tfidf import TfIdf, TfIdfSettings

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ImbalanceSettings(TfIdfSettings):
    """What is done for concepts that few papers carry; by default, nothing.

    Attributes:
        oversampling: Above 0, a paper counts several times by its rarest label: a label that less than this share of
            the papers carries asks for sqrt(oversampling / share) copies (repeat factors, Gupta et al. 2019). No copies
            are made: a paper has the weight of so many, which need not be a whole number.
        most_copies: No paper counts more often.
        propensity: A paper that carries a concept counts for it as 1 / (the concept's propensity) papers, the more the
            rarer the concept: rare labels are those that annotators miss (Jain et al. 2016, A = .55, B = 1.5).
        label_text: Above 0, each concept that may be assigned is taught by its names as by one more paper that counts
            as this many. A concept that no paper carries is then learned too.
    """

    oversampling: float = 0.0
    most_copies: float = 10.0
    propensity: bool = False
    label_text: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.oversampling < 1:
            raise ConfigError(f"oversampling is {self.oversampling}; a share of the papers is meant")
        if not self.most_copies >= 1:
            raise ConfigError(f"most_copies is {self.most_copies}; it must be at least 1")
        if not self.label_text >= 0:
            raise ConfigError(f"label_text is {self.label_text}; it must not be negative")


class WeightedPapers(NamedTuple):
    """What a model learns from.

    Attributes:
        vectors: csr float64 (papers, columns).
        targets: csr float32 (papers, concepts of the vocabulary).
        weights: float64 (papers,), as how many papers each counts; above 0.
    """

    vectors: csr_array
    targets: csr_array
    weights: Floats


class Oversampling(Protocol):
    """The settings of `repeat_factors`."""

    @property
    def oversampling(self) -> float:
        """A share of the papers; at 0 all factors are 1."""

    @property
    def most_copies(self) -> float:
        """The largest factor."""


def weighted_papers(tfidf: TfIdf, vectors: csr_array, train: Examples, settings: ImbalanceSettings) -> WeightedPapers:
    """The training papers with the weights that the settings give them, and after them the concepts' own texts."""
    papers = WeightedPapers(
        csr_array(vectors, dtype=np.float64), train.targets, repeat_factors(train.targets, settings)
    )
    if settings.label_text == 0:
        return papers
    used = train.label_counts > 0
    texts = tfidf.transform(
        [concept_text(c, n or not c.deprecated) for c, n in zip(train.vocabulary, used, strict=True)]
    )
    concepts = np.flatnonzero(np.diff(texts.indptr))
    ones = np.ones(len(concepts), np.float32)
    shape = (len(concepts), train.targets.shape[1])
    own = csr_array((ones, concepts.astype(np.int32), np.arange(len(concepts) + 1)), shape=shape)
    return WeightedPapers(
        csr_array(vstack([papers.vectors, texts[concepts].astype(np.float64)])),
        csr_array(vstack([papers.targets, own])),
        np.concatenate([papers.weights, ones * settings.label_text]),
    )


def positive_weights(train: Examples, settings: ImbalanceSettings) -> Floats:
    """As how many papers one counts for a concept that it carries (concepts of the vocabulary,); 1 unless set."""
    counts = train.label_counts
    if not settings.propensity:
        return np.ones(len(counts))
    return inverse_propensity(counts, np.full(len(counts), len(train)))


def repeat_factors(targets: csr_array, settings: Oversampling) -> Floats:
    """As how many papers each one is to count: repeat factor sampling.

    Gupta et al. 2019 (LVIS, arXiv:1908.03195): a label that a share f of the papers carries asks for
    max(1, sqrt(t / f)) copies, and a paper gets the most that one of its labels asks for. Differs in the cut at
    `most_copies`.

    Args:
        targets: (papers, labels), not 0 where a paper has a label.
        settings: `oversampling` is t; at 0 all factors are 1.

    Returns:
        float64 (papers,), at least 1; 1 for a paper without labels.
    """
    papers, labels = targets.nonzero()
    shares = np.maximum(np.bincount(labels, minlength=targets.shape[1]), 1) / max(targets.shape[0], 1)
    factors = np.ones(targets.shape[0])
    np.maximum.at(factors, papers, np.sqrt(settings.oversampling / shares)[labels])
    return np.minimum(factors, settings.most_copies)
