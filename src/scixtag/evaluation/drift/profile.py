"""A set of papers in aggregate numbers: what is compared, and all that is kept of the training papers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from scixtag.corpus.text import Text
from scixtag.evaluation.drift.histogram import Histogram
from scixtag.predictions.scores import Scores

Counts = npt.NDArray[np.int64]
Values = Mapping[str, npt.NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that every paper has.

    Attributes:
        title: For people.
        meaning: What it is, and of which unit.
        step: The grid on which it is kept.
        share: Its mean is a share of papers.
        about: What it is taken from.
    """

    title: str
    meaning: str
    step: float
    about: Literal["text", "predictions"]
    share: bool = False


QUANTITIES = {
    "unseen_words": Quantity(
        "words never seen", "share of a paper's words that no (other) training paper holds", 0.005, "text"
    ),
    "length": Quantity("length", "words of title and abstract", 5, "text"),
    "without_abstract": Quantity("without abstract", "share of papers without an abstract", 1, "text", share=True),
    "from_prior": Quantity(
        "nothing known",
        "share of papers with nothing in the text that the model knows",
        1,
        "predictions",
        share=True,
    ),
    "set_size": Quantity("set size", "concepts selected for a paper", 1, "predictions"),
    "top_probability": Quantity("top probability", "probability of a paper's best concept", 0.005, "predictions"),
    "set_probability": Quantity(
        "set probability",
        "mean probability of the concepts selected for a paper, where there are any",
        0.005,
        "predictions",
    ),
}


@dataclass(frozen=True, eq=False)
class Profile:
    """Papers in aggregate numbers. Each array of counts ends with one for whatever has no cell of its own.

    Attributes:
        papers: With text.
        predicted: Those among them with predictions.
        labelled: Those among them whose labels are known.
        histograms: By the names of `QUANTITIES`.
        words: int64 (words of the reference's table + 1,): how many papers hold each.
        concepts: int64 (concepts + 1,): for how many papers each is selected.
        labels: int64 (concepts + 1,): how many papers carry each; the last, labels outside the vocabulary.
    """

    papers: int
    predicted: int
    labelled: int
    histograms: Mapping[str, Histogram]
    words: Counts
    concepts: Counts
    labels: Counts

    @classmethod
    def empty(cls, words: int, concepts: int) -> "Profile":
        """No paper; for a table of so many words, and so many concepts."""
        nothing = {name: Histogram.of([], quantity.step) for name, quantity in QUANTITIES.items()}
        zeros = np.zeros(concepts + 1, np.int64)
        return cls(0, 0, 0, nothing, np.zeros(words + 1, np.int64), zeros, zeros)

    def plus(self, other: "Profile") -> "Profile":
        """Both together."""
        return Profile(
            self.papers + other.papers,
            self.predicted + other.predicted,
            self.labelled + other.labelled,
            {name: histogram.plus(other.histograms[name]) for name, histogram in self.histograms.items()},
            self.words + other.words,
            self.concepts + other.concepts,
            self.labels + other.labels,
        )


def histograms(values: Values) -> dict[str, Histogram]:
    """One for each of `QUANTITIES`; empty for those without values."""
    return {name: Histogram.of(values.get(name, []), quantity.step) for name, quantity in QUANTITIES.items()}


def text_values(texts: Sequence[Text], words: npt.ArrayLike, unseen: npt.ArrayLike) -> Values:
    """What the texts of papers say.

    Args:
        texts: Of the papers.
        words: (papers,) how many distinct words each has.
        unseen: (papers,) how many of these no other training paper holds.
    """
    distinct = np.asarray(words, np.float64)
    with np.errstate(invalid="ignore"):
        shares = np.asarray(unseen, np.float64) / distinct
    return {
        "unseen_words": np.asarray(shares, np.float64),
        "length": np.array([len(text.joined.split()) for text in texts], np.float64),
        "without_abstract": np.array([not text.abstract for text in texts], np.float64),
    }


def answer_values(probabilities: Scores, selected: npt.NDArray[np.bool_], from_prior: npt.NDArray[np.bool_]) -> Values:
    """What a tagger's answers say; as in `workflows.tagger.Answers`, (papers, k), (papers, k) and (papers,)."""
    sizes = selected.sum(axis=1)
    with np.errstate(invalid="ignore"):
        means = np.where(selected, probabilities.values, 0).sum(axis=1, dtype=np.float64) / sizes
    return {
        "from_prior": from_prior.astype(np.float64),
        "set_size": sizes.astype(np.float64),
        "top_probability": probabilities.values.max(axis=1, initial=0).astype(np.float64),
        "set_probability": means,
    }


def selected_counts(probabilities: Scores, selected: npt.NDArray[np.bool_], concepts: int) -> Counts:
    """For how many papers each concept is selected (concepts + 1,)."""
    return np.bincount(probabilities.columns[selected], minlength=concepts + 1).astype(np.int64)
