"""A concept, and the vocabulary: an ordered set of concepts in which a column is a concept."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from scixtag.errors import InputError

ConceptId = int | str
"""Short identifier: the number in the concept's URI where every concept has a distinct one, else a string."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept of a controlled vocabulary.

    Attributes:
        id: Short identifier, unique in the vocabulary (594 for `http://astrothesaurus.org/uat/594`).
        uri: The full identifier.
        name: The preferred name, without surrounding blanks.
        alternatives: Other names.
        definition: What it means; empty if the vocabulary does not say.
        broader: The ids of its parents; several, for the hierarchy is a directed acyclic graph.
        related: The ids of concepts that are near, but neither above nor below.
        deprecated: No longer to be assigned.
        successors: The ids to use instead of a deprecated concept, where the vocabulary names them.
    """

    id: ConceptId
    uri: str
    name: str
    alternatives: tuple[str, ...] = ()
    definition: str = ""
    broader: tuple[ConceptId, ...] = ()
    related: tuple[ConceptId, ...] = ()
    deprecated: bool = False
    successors: tuple[ConceptId, ...] = ()


class Vocabulary:
    """Concepts in a fixed order (by id), so that column `j` of every matrix means `vocabulary[j]`.

    Args:
        concepts: At least one, with unique ids and URIs.
        title: The name of the vocabulary, for people.
        release: Its version, if known.

    Raises:
        InputError: No concept, or an id or a URI twice.
    """

    def __init__(self, concepts: Iterable[Concept], title: str = "", release: str = "") -> None:
        self.concepts = tuple(sorted(concepts, key=_order))
        self.title = title
        self.release = release
        if not self.concepts:
            raise InputError("the vocabulary has no concepts; is it a SKOS file with skos:Concept entries?")
        self._columns = {concept.id: column for column, concept in enumerate(self.concepts)}
        self._uris = {concept.uri: column for column, concept in enumerate(self.concepts)}
        for unique, what in ((self._columns, "id"), (self._uris, "URI")):
            if len(unique) < len(self.concepts):
                raise InputError(f"the vocabulary has two concepts with the same {what}; identifiers must be unique")

    def __len__(self) -> int:
        return len(self.concepts)

    def __iter__(self) -> Iterator[Concept]:
        return iter(self.concepts)

    def __getitem__(self, column: int) -> Concept:
        return self.concepts[column]

    def column(self, concept_id: ConceptId) -> int:
        """The column of a concept.

        Raises:
            KeyError: No such concept.
        """
        return self._columns[concept_id]

    def resolve(self, reference: ConceptId) -> int | None:
        """The column that an id, a URI or a preferred name refers to, or None.

        Ids may be written as strings ("594"), URIs with http or https. Names are compared without regard to case and
        outer blanks; a name that two concepts share (a deprecated one beside its successor) means the one in use, or
        nothing.
        """
        if reference in self._columns:
            return self._columns[reference]
        if not isinstance(reference, str):
            return self._columns.get(str(reference))
        text = reference.strip()
        scheme, separator, rest = text.partition("://")
        other = {"http": "https", "https": "http"}.get(scheme, scheme)
        for uri in (text, other + separator + rest):
            if uri in self._uris:
                return self._uris[uri]
        if text.isdecimal() and len(text) < 19 and int(text) in self._columns:
            return self._columns[int(text)]
        if text in self._columns:
            return self._columns[text]
        return self._names.get(text.casefold())

    @cached_property
    def _names(self) -> dict[str, int]:
        names: dict[str, list[int]] = {}
        for column, concept in enumerate(self.concepts):
            names.setdefault(concept.name.casefold(), []).append(column)
        chosen = {name: [c for c in columns if not self[c].deprecated] or columns for name, columns in names.items()}
        return {name: columns[0] for name, columns in chosen.items() if len(columns) == 1}

    @cached_property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that change with any concept's content."""
        canonical = json.dumps([asdict(c) for c in self.concepts], ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def to_document(self) -> dict[str, Any]:
        """As plain lists and dictionaries for JSON; empty fields are left out."""
        concepts = [{k: v for k, v in asdict(c).items() if v or k == "id"} for c in self.concepts]
        return {"title": self.title, "release": self.release, "concepts": concepts}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Vocabulary":
        """The inverse of `to_document`."""
        listed = ("alternatives", "broader", "related", "successors")
        concepts = []
        for entry in document["concepts"]:
            fields: dict[str, Any] = {k: tuple(v) if k in listed else v for k, v in entry.items()}
            concepts.append(Concept(**fields))
        return cls(concepts, document["title"], document["release"])


def _order(concept: Concept) -> tuple[int, int, str]:
    """Numbers by value, before strings by spelling."""
    if isinstance(concept.id, int):
        return (0, concept.id, "")
    return (1, 0, concept.id)
