"""Records and a vocabulary to examples: texts and a binary indicator matrix in the vocabulary's order."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.corpus.record import Record
from scixtag.corpus.text import Text
from scixtag.vocabulary.concept import ConceptId, Vocabulary


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled papers, ready for a model.

    Attributes:
        ids: The papers' identifiers.
        texts: Their cleaned texts.
        targets: Binary indicator matrix (papers x concepts of the vocabulary), float32, sorted column indices.
        unknown: For each paper, how many of its labels the vocabulary does not hold (int64). They can never be
            predicted, and stay in the denominators of recall.
        vocabulary: What the columns mean.
    """

    ids: tuple[str, ...]
    texts: tuple[Text, ...]
    targets: csr_array
    unknown: npt.NDArray[np.int64]
    vocabulary: Vocabulary

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: Sequence[int] | npt.NDArray[np.integer]) -> "Examples":
        """The papers at `rows`, in that order."""
        chosen = np.asarray(rows, dtype=np.int64)
        return Examples(
            ids=tuple(self.ids[i] for i in chosen),
            texts=tuple(self.texts[i] for i in chosen),
            targets=self.targets[chosen],
            unknown=self.unknown[chosen],
            vocabulary=self.vocabulary,
        )

    @property
    def label_counts(self) -> npt.NDArray[np.int64]:
        """The number of papers that carry each concept (concepts,)."""
        return np.bincount(self.targets.indices, minlength=len(self.vocabulary)).astype(np.int64)


@dataclass
class Preparation:
    """What happened on the way from records to examples; every dropped thing is counted here."""

    read: int = 0
    unlabelled: int = 0
    empty: int = 0
    duplicates: int = 0
    kept: int = 0
    unknown: Counter[ConceptId] = field(default_factory=Counter)
    deprecated: Counter[ConceptId] = field(default_factory=Counter)


def build_examples(
    records: Iterable[Record], vocabulary: Vocabulary, *, strict: bool = False
) -> tuple[Examples, Preparation]:
    """Keep the papers with at least one label, clean their texts, and binarise their labels by concept id."""
    raise NotImplementedError


def with_minimum_count(examples: Examples, minimum: int) -> Examples:
    """Blank the concepts that fewer than `minimum` papers carry: they get no positives (the papers stay)."""
    raise NotImplementedError
