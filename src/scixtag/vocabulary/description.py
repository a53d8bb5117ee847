"""Concepts as a file describes them, by URI, and how they become a vocabulary."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from scixtag import progress
from scixtag.vocabulary.concept import Concept, ConceptId, Vocabulary
from scixtag.vocabulary.identifiers import assign_ids, local_name


@dataclass(slots=True)
class Description:
    """What a file says about one concept; other concepts are named by URI, inside of the file or not."""

    name: str = ""
    alternatives: list[str] = field(default_factory=list)
    definition: str = ""
    broader: set[str] = field(default_factory=set)
    related: set[str] = field(default_factory=set)
    deprecated: bool = False
    successors: set[str] = field(default_factory=set)


def build_vocabulary(descriptions: Mapping[str, Description], title: str = "", release: str = "") -> Vocabulary:
    """The vocabulary of all described concepts, by URI.

    Ids are assigned, blanks in names are tidied, a nameless concept takes its local name, alternative names are
    sorted, `related` is made symmetric. Links to concepts outside of `descriptions` are dropped and counted in a note.

    Raises:
        InputError: There is no concept.
    """
    ids = assign_ids(descriptions)
    places = {uri: place for place, uri in enumerate(ids)}
    _note_dropped(descriptions)
    related = _both_ways(descriptions)

    def in_order(uris: set[str]) -> tuple[ConceptId, ...]:
        return tuple(ids[uri] for uri in sorted((uri for uri in uris if uri in ids), key=places.__getitem__))

    def concept(uri: str, description: Description) -> Concept:
        name = tidy(description.name) or local_name(uri) or uri
        return Concept(
            id=ids[uri],
            uri=uri,
            name=name,
            alternatives=_other_names(name, description.alternatives),
            definition=tidy(description.definition),
            broader=in_order(description.broader),
            related=in_order(related[uri]),
            deprecated=description.deprecated,
            successors=in_order(description.successors),
        )

    return Vocabulary([concept(*item) for item in descriptions.items()], tidy(title), tidy(release))


def tidy(text: str) -> str:
    """Without outer blanks, and with one blank where there were several or a line break."""
    return " ".join(text.split())


def _other_names(name: str, alternatives: Iterable[str]) -> tuple[str, ...]:
    others = {tidy(alternative) for alternative in alternatives} - {name, ""}
    return tuple(sorted(others, key=lambda other: (other.casefold(), other)))


def _both_ways(descriptions: Mapping[str, Description]) -> dict[str, set[str]]:
    related: dict[str, set[str]] = {uri: set() for uri in descriptions}
    for uri, description in descriptions.items():
        for other in description.related:
            if other in related and other != uri:
                related[uri].add(other)
                related[other].add(uri)
    return related


def _note_dropped(descriptions: Mapping[str, Description]) -> None:
    for kind in ("broader", "related", "successors"):
        links = (uri for description in descriptions.values() for uri in getattr(description, kind))
        count = sum(uri not in descriptions for uri in links)
        if count:
            progress.note(f"{count} '{kind}' links to concepts outside of the file were dropped")
