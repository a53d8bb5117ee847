"""Names of concepts found in the text, and how often such a match is right."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.corpus.examples import Examples
from scixtag.corpus.text import Text
from scixtag.errors import ConfigError
from scixtag.models.mentions import Mentions, NameFinder
from scixtag.models.storage import load_model, not_fitted, save_model
from scixtag.predictions.scores import Scores, assigned

_MOST_WORDS, _MOST_MENTIONS = 3, 3
_KINDS = (2, 2, _MOST_WORDS + 1, _MOST_MENTIONS + 1)

Integers = npt.NDArray[np.integer]


@dataclass(frozen=True)
class LexicalSettings:
    """How the share of right matches is smoothed.

    Attributes:
        kind_smoothing: Matches at the overall share that are added to those of each kind.
        concept_smoothing: Right matches, as many found as expected, that are added to those of each concept.
    """

    kind_smoothing: float = 10.0
    concept_smoothing: float = 0.5

    def __post_init__(self) -> None:
        if self.kind_smoothing <= 0 or self.concept_smoothing <= 0:
            raise ConfigError("kind_smoothing and concept_smoothing must be above 0")


class Lexical:
    """The estimated probability that a concept is assigned, given how its names occur in title and abstract.

    Names are compared by their stems; of overlapping names, one that lies inside another does not count. The share of
    right matches is estimated for each kind of match, and corrected for each concept by what its own matches tell, as
    far as there are any: for a concept never seen, its kinds decide.

    Attributes:
        finder_: Finds the names, or None before `fit`.
        kind_shares_: float32 (kinds,), the share of right matches.
        concept_factors_: float32 (concepts,), how much likelier than its kind a match of the concept is right.
    """

    Settings: ClassVar = LexicalSettings

    def __init__(self, settings: LexicalSettings | None = None, seed: int = 0) -> None:
        self.settings = settings or LexicalSettings()
        self.seed = seed
        self.finder_: NameFinder | None = None

    def fit(self, train: Examples, validation: Examples | None = None) -> Self:
        """See `Model.fit`."""
        self.finder_ = NameFinder.of(train.vocabulary, train.label_counts)
        found = self.finder_.find(train.texts)
        kinds, right = _kinds(found), assigned(found.papers, found.concepts, train.targets)
        number, smoothing = int(np.prod(_KINDS)), self.settings.kind_smoothing
        overall = right.mean() if len(right) else 0.0
        shares = (np.bincount(kinds, right, number) + smoothing * overall) / (
            np.bincount(kinds, minlength=number) + smoothing
        )
        observed = np.bincount(found.concepts, right, len(train.vocabulary))
        expected = np.bincount(found.concepts, shares[kinds], len(train.vocabulary))
        smoothing = self.settings.concept_smoothing
        self.concept_factors_ = ((observed + smoothing) / (expected + smoothing)).astype(np.float32)
        self.kind_shares_ = shares.astype(np.float32)
        return self

    def scores(self, texts: Sequence[Text]) -> Scores:
        """See `Model.scores`."""
        if self.finder_ is None:
            raise not_fitted(self)
        return self.mention_scores(self.finder_.find(texts), len(texts))

    def mention_scores(self, mentions: Mentions, papers: int) -> Scores:
        """See `ScoresNames.mention_scores`."""
        if self.finder_ is None:
            raise not_fitted(self)
        values = self.kind_shares_[_kinds(mentions)] * self.concept_factors_[mentions.concepts]
        starts = np.searchsorted(mentions.papers, np.arange(papers + 1))
        shape = (papers, len(self.concept_factors_))
        return Scores.from_sparse(csr_array((values, mentions.concepts, starts), shape=shape))

    def save(self, folder: Path) -> None:
        """See `Model.save`."""
        if self.finder_ is None:
            raise not_fitted(self)
        arrays = {"kind_shares": self.kind_shares_, "concept_factors": self.concept_factors_}
        save_model(folder, self, arrays | self.finder_.arrays(), {"names": self.finder_.names})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `Model.load`."""
        model, _, arrays, matrices = load_model(cls, folder)
        model.finder_ = NameFinder.from_arrays(arrays, matrices["names"])
        model.kind_shares_, model.concept_factors_ = arrays["kind_shares"], arrays["concept_factors"]
        return model


def _kinds(found: Mentions) -> Integers:
    """A number for each combination of how a concept is named, large ones cut off."""
    sizes = np.minimum(found.words, _MOST_WORDS), np.minimum(found.mentions, _MOST_MENTIONS)
    kinds: Integers = np.ravel_multi_index((found.in_title.astype(np.int64), found.preferred, *sizes), _KINDS)
    return kinds
