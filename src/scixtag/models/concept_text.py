"""The text by which a concept itself is read as if it were a paper."""

from scixtag.corpus.text import Text
from scixtag.vocabulary.concept import Concept


def concept_text(concept: Concept, candidate: bool) -> Text:
    """A concept's names; none if it is not to be assigned.

    The preferred name stands twice: the pair that a one-word name then makes with itself is found in no paper, which
    keeps broad concepts such as "Galaxies" from being matched as surely as a long name. Definitions are left out: with
    them, both the centroids and the linear models were a little worse.
    """
    return Text("", " ".join((concept.name, concept.name, *concept.alternatives)) if candidate else "")
