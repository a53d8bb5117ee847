"""Whether the vocabulary at hand is the one that a tagger speaks."""

from collections.abc import Sequence

from scixtag.errors import InputError
from scixtag.vocabulary.concept import Concept, Vocabulary
from scixtag.vocabulary.releases import difference
from scixtag.workflows.preparation import named_vocabulary

_SHOWN = 3


def check_same_vocabulary(own: Vocabulary, name: str | None) -> None:
    """See that a vocabulary is a tagger's own, concept for concept; None: nothing is asked.

    Raises:
        InputError: It cannot be read, or it is another one; the message says what changed.
    """
    if name is None:
        return
    other = named_vocabulary(name)
    if other.fingerprint == own.fingerprint:
        return
    found = difference(own, other)
    renamed, moved = [now for _, now in found.renamed], [now for _, now in found.moved]
    groups = {"added": found.added, "removed": found.removed, "renamed": renamed, "deprecated": found.deprecated}
    changes = [_told(concepts, what) for what, concepts in (groups | {"moved": moved}).items() if concepts]
    raise InputError(
        f"{name}: not the vocabulary that the model was trained with ({own.title} "
        f"{own.release}, fingerprint {own.fingerprint}; this one has {other.fingerprint}): "
        f"{', '.join(changes) or 'other alternative names or definitions'}. Leave --vocabulary out to use the model as "
        "it is, or train again with it"
    )


def _told(concepts: Sequence[Concept], what: str) -> str:
    names = ", ".join(concept.name for concept in concepts[:_SHOWN])
    return f"{len(concepts):,} {what} ({names}{', …' if len(concepts) > _SHOWN else ''})"
