"""New papers, batch by batch, to the aggregate numbers that are compared; no paper is kept."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scixtag.corpus.text import Text
from scixtag.corpus.words import words_of
from scixtag.evaluation.drift.profile import Profile, answer_values, histograms, selected_counts, text_values
from scixtag.evaluation.drift.reference import HeldOutAnswers, Reference

MOST_NEW_WORDS = 200_000
"""With more new words, those that one paper holds are forgotten."""


class Collector:
    """Adds batches of new papers to a profile in terms of a reference."""

    def __init__(self, reference: Reference) -> None:
        concepts = len(reference.profile.concepts) - 1
        self.profile = Profile.empty(len(reference.table), concepts)
        self.new_words: Counter[str] = Counter()
        self._lexicon = reference.lexicon
        self._words, self._concepts = len(reference.table), concepts

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
        distinct, unseen, words = [], [], np.zeros(self._words + 1, np.int64)
        for text in texts:
            places, new = self._lexicon.read(words_of(text.joined))
            distinct.append(len(places))
            unseen.append(len(new))
            self.new_words.update(new)
            np.add.at(words, places, 1)  # -1 is the last one
        self._forget_some()
        known = [given for given in labels if given is not None]
        values = {
            **text_values(texts, distinct, unseen),
            **answer_values(answers.probabilities, answers.selected, answers.from_prior),
        }
        batch = Profile(
            papers=len(texts),
            predicted=len(texts),
            labelled=len(known),
            histograms=histograms(values),
            words=words,
            concepts=selected_counts(answers.probabilities, answers.selected, self._concepts),
            labels=_label_counts(known, self._concepts),
        )
        self.profile = self.profile.plus(batch)

    def _forget_some(self) -> None:
        if len(self.new_words) > MOST_NEW_WORDS:
            self.new_words = Counter({word: papers for word, papers in self.new_words.items() if papers > 1})


def _label_counts(known: Sequence[tuple[Sequence[int], int]], concepts: int) -> npt.NDArray[np.int64]:
    columns = [column for given, _ in known for column in given]
    counts = np.bincount(np.array(columns, np.int64), minlength=concepts + 1)
    counts[-1] += sum(outside for _, outside in known)
    return counts.astype(np.int64)
