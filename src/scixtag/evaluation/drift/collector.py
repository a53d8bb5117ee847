"""New papers, batch by batch, to the aggregate numbers that are compared; no paper is kept."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from scixtag.corpus.text import Text
from scixtag.corpus.words import words_of
from scixtag.evaluation.drift.profile import Profile, answer_values, histograms, text_values
from scixtag.evaluation.drift.reference import HeldOutAnswers, Reference, cell_matrix, selection_matrix
from scixtag.evaluation.drift.resampling import ResampledCounts, Weights, paper_weights

MOST_NEW_WORDS = 200_000
"""With more new words, those that one paper holds are forgotten."""


class Collector:
    """Adds batches of new papers to a profile in terms of a reference."""

    def __init__(self, reference: Reference, seed: int = 0) -> None:
        words, concepts = len(reference.table), len(reference.profile.concepts) - 1
        self.profile = Profile.empty(words, concepts)
        self.new_words: Counter[str] = Counter()
        sizes = {"words": words + 1, "concepts": concepts + 1, "labels": concepts + 1}
        self._resampled = {name: ResampledCounts(cells) for name, cells in sizes.items()}
        self._lexicon = reference.lexicon
        self._seed = seed

    @property
    def resampled(self) -> dict[str, Weights]:
        """The profile's counts in bootstrap resamples of the papers, by name (cells, replicates)."""
        return {name: counts.counts for name, counts in self._resampled.items()}

    def add(
        self,
        texts: Sequence[Text],
        answers: HeldOutAnswers,
        labels: Sequence[tuple[Sequence[int], int] | None],
    ) -> None:
        """Add a batch.

        Args:
            texts: Of the papers.
            answers: Of a model that did not learn from them.
            labels: For each paper the columns of its labels, and how many more the vocabulary does not hold; None for
                papers without labels.
        """
        read = [self._lexicon.read(words_of(text.joined)) for text in texts]
        unseen = [len(new) for _, new in read]
        distinct = [len(places) for places, _ in read]
        for _, new in read:
            self.new_words.update(new)
        self._forget_some()
        cells = {name: len(counts.counts) for name, counts in self._resampled.items()}
        held = {
            "words": cell_matrix([places for places, _ in read], cells["words"]),
            "concepts": selection_matrix(answers, cells["concepts"] - 1),
            "labels": cell_matrix([_label_cells(given) for given in labels], cells["labels"]),
        }
        weights = paper_weights(texts, self._seed)
        for name, papers in held.items():
            self._resampled[name].add(papers, weights)
        counts = {name: np.asarray(papers.sum(axis=0)).astype(np.int64) for name, papers in held.items()}
        values = {
            **text_values(texts, distinct, unseen),
            **answer_values(answers.probabilities, answers.selected, answers.from_prior),
        }
        batch = Profile(
            papers=len(texts),
            predicted=len(texts),
            labelled=sum(given is not None for given in labels),
            histograms=histograms(values),
            **counts,
        )
        self.profile = self.profile.plus(batch)

    def _forget_some(self) -> None:
        if len(self.new_words) > MOST_NEW_WORDS:
            self.new_words = Counter({word: papers for word, papers in self.new_words.items() if papers > 1})


def _label_cells(given: tuple[Sequence[int], int] | None) -> list[int]:
    """Columns, and the last one for each label without any."""
    columns, outside = given or ((), 0)
    return [*columns, *[-1] * outside]
