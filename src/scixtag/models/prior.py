"""The floor that every model must clear: how often each concept is used, the same for every paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from scixtag.corpus.examples import Examples
from scixtag.corpus.text import Text
from scixtag.models.storage import load_model, not_fitted, save_model
from scixtag.predictions.scores import Scores


@dataclass(frozen=True)
class PriorSettings:
    """Nothing to set."""


class Prior:
    """The share of training papers that carry a concept.

    Attributes:
        shares_: float32 (concepts,), or None before `fit`.
    """

    Settings: ClassVar = PriorSettings

    def __init__(self, settings: PriorSettings | None = None, seed: int = 0) -> None:
        self.settings = settings or PriorSettings()
        self.seed = seed
        self.shares_: np.ndarray[tuple[int], np.dtype[np.float32]] | None = None

    def fit(self, train: Examples, validation: Examples | None = None) -> Self:
        """Count. See `Model.fit`."""
        self.shares_ = (train.label_counts / max(len(train), 1)).astype(np.float32)
        return self

    def scores(self, texts: Sequence[Text]) -> Scores:
        """See `Model.scores`."""
        if self.shares_ is None:
            raise not_fitted(self)
        best = Scores.from_dense(self.shares_[None, :])
        return best.take(np.zeros(len(texts), np.int64))

    def save(self, folder: Path) -> None:
        """See `Model.save`."""
        if self.shares_ is None:
            raise not_fitted(self)
        save_model(folder, self, {"shares": self.shares_})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `Model.load`."""
        model, _, arrays, _ = load_model(cls, folder)
        model.shares_ = arrays["shares"]
        return model
