"""What a vocabulary is called where its concepts are cited."""

from collections.abc import Sequence
from dataclasses import dataclass

from scixtag.errors import InputError
from scixtag.vocabulary.concept import Concept, Vocabulary
from scixtag.vocabulary.identifiers import common_base

UAT = "http://astrothesaurus.org/uat/"
"""What the URIs of the Unified Astronomy Thesaurus begin with."""


@dataclass(frozen=True)
class Scheme:
    """A vocabulary, cited.

    Attributes:
        title: Its name; empty if it has none.
        base: What all its URIs begin with, up to a `/`, `#` or `:`; empty if they have nothing in common.
        is_uat: It is the Unified Astronomy Thesaurus, or a part of it.
    """

    title: str
    base: str
    is_uat: bool


def scheme_of(vocabulary: Vocabulary) -> Scheme:
    """How a vocabulary is cited; the UAT by its own name, whatever the file at hand calls itself."""
    if all(is_of_uat(concept) for concept in vocabulary):
        return Scheme("Unified Astronomy Thesaurus", UAT, True)
    return Scheme(vocabulary.title, common_base(concept.uri for concept in vocabulary), False)


def is_of_uat(concept: Concept) -> bool:
    """Whether a concept is one of the Unified Astronomy Thesaurus."""
    return isinstance(concept.id, int) and concept.uri.startswith(UAT)


def check_uat(concepts: Sequence[Concept], form: str) -> None:
    """See that there are concepts, and all are of the UAT.

    Args:
        concepts: Those of one paper.
        form: What needs them to be, for messages.

    Raises:
        InputError: None, or one that is not.
    """
    if not concepts:
        raise InputError(f"{form} needs at least one concept, and none was chosen")
    foreign = next((concept for concept in concepts if not is_of_uat(concept)), None)
    if foreign is not None:
        raise InputError(
            f"{form} takes concepts of the Unified Astronomy Thesaurus ({UAT}…), and '{foreign.name}' "
            f"<{foreign.uri}> is none; use another form, such as datacite"
        )
