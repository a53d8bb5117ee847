"""Explanations of any model that offers something to explain it by."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.corpus.text import Text
from scixtag.models.base import Attributes, Explains, FindsNames, FindsSimilar, Model, Neighbourhood
from scixtag.models.evidence import Marks, evidence
from scixtag.models.mentions import NameFinder
from scixtag.models.tfidf import ColumnPlaces, TfIdf
from scixtag.predictions.explanation import Explanation, SimilarPaper, SimilarPapers

MOST_PAPERS = 3
"""So many of the similar papers are told one by one."""

Integers = npt.NDArray[np.integer]


def can_explain(model: Model) -> bool:
    """Whether a model offers anything to explain its scores by."""
    return isinstance(model, Explains | Attributes | FindsSimilar | FindsNames)


def explain(model: Model, text: Text, concepts: Integers) -> list[Explanation]:
    """As `Explains.explain`, for any model; explanations are empty if it offers nothing."""
    if isinstance(model, Explains):
        return model.explain(text, concepts)
    return explain_by([model], text, concepts, getattr(model, "finder_", None))


def explain_by(
    models: Iterable[Model], text: Text, concepts: Integers, finder: NameFinder | None = None
) -> list[Explanation]:
    """Explain by all that several models offer.

    Args:
        models: Fitted; their evidence weighs the same, as far as they have any for a concept.
        text: A paper.
        concepts: Columns of the vocabulary.
        finder: Finds names, which are one more voice; None: names do not count.
    """
    read = _Reader(text)
    parts = [] if finder is None else [Marks.of_names(finder, text, concepts)]
    around: Neighbourhood | None = None
    for model in models:
        tfidf = getattr(model, "tfidf_", None)
        if not isinstance(tfidf, TfIdf):
            continue
        vector, places = read.by(tfidf)
        if isinstance(model, Attributes):
            parts.append(Marks.of_words(places, model.contributions(vector, concepts)))
        if isinstance(model, FindsSimilar):
            around = model.neighbourhood(vector)
    words = evidence(parts, text) if parts else [()] * len(concepts)
    papers = [None] * len(concepts) if around is None else _similar(around, concepts)
    return [Explanation(evidence=one, similar=other) for one, other in zip(words, papers, strict=True)]


class _Reader:
    """A text as each TF-IDF reads it; models that share one share what it made."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._made: dict[int, tuple[csr_array, ColumnPlaces]] = {}

    def by(self, tfidf: TfIdf) -> tuple[csr_array, ColumnPlaces]:
        """The vector, and where its columns stand."""
        if id(tfidf) not in self._made:
            self._made[id(tfidf)] = tfidf.transform([self._text]), tfidf.locate(self._text)
        return self._made[id(tfidf)]


def _similar(around: Neighbourhood, concepts: Integers) -> list[SimilarPapers]:
    carries = around.targets[:, np.asarray(concepts)].toarray() > 0
    pairs = list(zip(around.rows.tolist(), around.similarities.tolist(), strict=True))
    found = []
    for column in carries.T:
        closest = tuple(SimilarPaper(*pairs[place]) for place in np.flatnonzero(column)[:MOST_PAPERS])
        found.append(SimilarPapers(len(pairs), int(column.sum()), closest))
    return found
