"""The contract of every model."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol, Self, runtime_checkable

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.corpus.examples import Examples
from scixtag.corpus.text import Text
from scixtag.models.mentions import Mentions, NameFinder
from scixtag.models.tfidf import TfIdf
from scixtag.predictions.explanation import Explanation
from scixtag.predictions.scores import Scores


class Model(Protocol):
    """Text to scores.

    `Settings` is a frozen dataclass whose fields all have defaults; the constructor keeps it untouched in `settings`.
    Attributes that end in an underscore are learned by `fit`. A model returns scores only: choosing labels belongs to
    `predictions`, so that every model is compared the same way.
    """

    Settings: ClassVar[type[Any]]
    settings: Any
    seed: int

    def __init__(self, settings: Any = None, seed: int = 0) -> None:
        """Keep the settings (None: the defaults) and the seed; check nothing else and do no work."""

    def fit(self, train: Examples, validation: Examples | None = None) -> Self:
        """Learn from labelled papers.

        Args:
            train: Papers whose concepts it may learn. A concept without any positive is allowed.
            validation: Papers for early stopping; models that do not stop early ignore it.
        """

    def scores(self, texts: Sequence[Text]) -> Scores:
        """Score a batch of papers.

        Returns:
            At most `CANDIDATES` concepts a paper, in [0, 1], 0 meaning no evidence; the scale differs between
            models, the order is what counts.

        Raises:
            ModelError: The model is not fitted.
        """

    def save(self, folder: Path) -> None:
        """Write all that `scores` needs, without the training papers, into an empty folder.

        Raises:
            ModelError: The model is not fitted.
        """

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The inverse of `save`: equal scores.

        Raises:
            ModelError: The folder is not what `save` wrote.
        """


@runtime_checkable
class Exportable(Protocol):
    """What a model offers beside `Model` if it can be had for another runtime."""

    def to_onnx(self, *, int8: bool) -> Model:
        """The same model for ONNX Runtime.

        Args:
            int8: Matrix products in eight bits: faster, and not quite the same scores.

        Raises:
            ModelError: Not fitted, exported already, or not to be exported.
            ConfigError: A package is missing.
        """


@runtime_checkable
class Attributes(Protocol):
    """What a model offers beside `Model` if its score of a concept is a sum over the columns of a vector.

    The scores of such a model can be explained by words.
    """

    tfidf_: TfIdf | None

    def contributions(self, vector: csr_array, concepts: npt.NDArray[np.integer]) -> csr_array:
        """What each column of a paper's vector adds to the score of each concept, before anything is clipped.

        Args:
            vector: (1, columns), what `tfidf_` makes of the paper.
            concepts: Columns of the vocabulary.

        Returns:
            csr float32 (concepts, columns), in the order of `concepts`; an empty row for a concept that is not learned.

        Raises:
            ModelError: The model is not fitted.
        """


class Neighbourhood(NamedTuple):
    """The training papers that are most similar to a paper.

    Attributes:
        rows: int (papers,), their rows among the training papers, the most similar one first.
        similarities: float32 (papers,), the cosines with the paper, above 0.
        targets: csr (papers, concepts), what they carry.
    """

    rows: npt.NDArray[np.integer]
    similarities: npt.NDArray[np.float32]
    targets: csr_array


@runtime_checkable
class FindsSimilar(Protocol):
    """What a model offers beside `Model` if it looks for training papers that are similar to a paper."""

    tfidf_: TfIdf | None

    def neighbourhood(self, vector: csr_array) -> Neighbourhood:
        """The training papers that have a say in the scores of a paper.

        Args:
            vector: (1, columns), what `tfidf_` makes of the paper.

        Raises:
            ModelError: The model is not fitted.
        """


@runtime_checkable
class FindsNames(Protocol):
    """What a model offers beside `Model` if it looks for the names of concepts."""

    finder_: NameFinder | None


@runtime_checkable
class ScoresNames(Protocol):
    """What a model offers beside `FindsNames` if the names that it finds are all that its scores are made of.

    Several models that look for the same names then look for them once.
    """

    finder_: NameFinder | None

    def mention_scores(self, mentions: Mentions, papers: int) -> Scores:
        """What `Model.scores` gives, from what `finder_` has found.

        Args:
            mentions: The names that stand in a batch of papers.
            papers: The size of the batch.

        Raises:
            ModelError: The model is not fitted.
        """


@runtime_checkable
class Explains(Protocol):
    """What a model offers beside `Model` if it explains its scores in a way of its own."""

    def explain(self, text: Text, concepts: npt.NDArray[np.integer]) -> list[Explanation]:
        """Why each of some concepts was scored as it was; paths are not told here.

        Args:
            text: A paper.
            concepts: Columns of the vocabulary; those without evidence get an empty explanation.

        Raises:
            ModelError: The model is not fitted.
        """


class CrossFitted(NamedTuple):
    """Scores of training papers as if they had not been training papers.

    Attributes:
        rows: int64 (n,), which training papers.
        scores: Of these papers, in this order.
    """

    rows: npt.NDArray[np.int64]
    scores: Scores


@runtime_checkable
class CrossFits(Protocol):
    """What a model offers beside `Model` if it scores papers that it did not see on the way of its own fit.

    Calibration and decision rule are then fitted on these scores, and the model need not be fitted again for folds.
    """

    def cross_fit(self, train: Examples, validation: Examples | None = None) -> CrossFitted:
        """Fit as `fit` does, and give the scores of training papers by what did not see them.

        No rows if there were too few papers.
        """
