"""One paper, as its source gave it."""

from dataclasses import dataclass

from scixtag.vocabulary.concept import ConceptId


@dataclass(frozen=True, slots=True)
class Record:
    """One paper.

    Attributes:
        id: Bibcode, DOI or any other identifier; the place in the file where the source has none.
        title: As in the source, markup included; may be empty.
        abstract: As in the source; None where the paper has none.
        labels: Concepts as the source names them (ids, URIs or names). None means that nobody has labelled the paper;
            an empty tuple, that somebody did and chose nothing.
    """

    id: str
    title: str
    abstract: str | None
    labels: tuple[ConceptId, ...] | None
