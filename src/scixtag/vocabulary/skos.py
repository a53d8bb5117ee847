"""Read SKOS from RDF/XML, Turtle, N-Triples or JSON-LD."""

import logging
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DC, DCTERMS, OWL, RDF, RDFS, SKOS
from rdflib.term import Node

from scixtag import progress
from scixtag.errors import InputError
from scixtag.vocabulary.concept import Vocabulary
from scixtag.vocabulary.description import Description, build_vocabulary

_SKOSXL = Namespace("http://www.w3.org/2008/05/skos-xl#")
_MARKS = (SKOS.prefLabel, SKOS.inScheme, SKOS.topConceptOf, SKOS.broader, SKOS.narrower, _SKOSXL.prefLabel)
_OTHER_KINDS = (SKOS.ConceptScheme, SKOS.Collection, SKOS.OrderedCollection)


def read_skos(path: Path, syntax: str, language: str = "en") -> Vocabulary:
    """The vocabulary in an RDF file.

    A name is taken in `language`, else in a regional variant of it, else without a language tag, else in any language.
    Labels in a regional variant (`en-GB` beside `en`) become alternative names.

    Args:
        path: The file.
        syntax: As rdflib names it: `xml`, `turtle`, `nt` or `json-ld`.
        language: A BCP 47 tag such as `en` or `pt-BR`.

    Raises:
        InputError: The file is not of this syntax, or holds no concepts.
    """
    with progress.stage(f"Reading {path.name}"):
        graph = _parse(path, syntax)
        descriptions = {str(concept): _describe(graph, concept, language) for concept in _concepts(graph)}
        if not descriptions:
            raise InputError(f"{path}: no skos:Concept in the file; is it the SKOS export of a vocabulary?")
        for parent, child in graph.subject_objects(SKOS.narrower):
            if str(child) in descriptions and str(parent) in descriptions:
                descriptions[str(child)].broader.add(str(parent))
    title, release = _scheme(graph, language)
    return build_vocabulary(descriptions, title, release)


def _parse(path: Path, syntax: str) -> Graph:
    graph = Graph()
    try:
        with _quiet():
            # A fixed base keeps relative URIs from depending on where the file lies.
            graph.parse(data=path.read_bytes(), format=syntax, publicID="file:///")
    except Exception as error:  # rdflib's parsers raise whatever their own machinery raises
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: cannot be read as RDF ({syntax}): {reason}; is the file whole?") from error
    return graph


@contextmanager
def _quiet() -> Iterator[None]:
    """Without rdflib's tracebacks for malformed dates, which no concept needs, and its warnings about itself."""
    logger = logging.getLogger("rdflib.term")
    before, logger.disabled = logger.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=DeprecationWarning)
            yield
    finally:
        logger.disabled = before


def _concepts(graph: Graph) -> list[URIRef]:
    """Typed concepts, and what has the properties of one but no type; a blank node has no lasting identifier."""
    typed = set(graph.subjects(RDF.type, SKOS.Concept))
    marked = {subject for mark in _MARKS for subject in graph.subjects(mark)}
    others = {subject for kind in _OTHER_KINDS for subject in graph.subjects(RDF.type, kind)}
    return sorted(subject for subject in typed | (marked - others) if isinstance(subject, URIRef))


def _describe(graph: Graph, concept: URIRef, language: str) -> Description:
    preferred = _labels(graph, concept, "prefLabel")
    name = _best(preferred or _texts(graph, concept, RDFS.label), language)
    others = [*preferred, *_labels(graph, concept, "altLabel"), *_labels(graph, concept, "hiddenLabel")]
    definitions = _texts(graph, concept, SKOS.definition), _texts(graph, concept, SKOS.scopeNote)
    readable = [_best(_understood(texts, name, language), language) for texts in definitions]
    deprecated = any(str(flag).lower() in ("true", "1") for flag in graph.objects(concept, OWL.deprecated))
    return Description(
        name=str(name or ""),
        alternatives=[str(label) for label in _understood(others, name, language)],
        definition=str(readable[0] or readable[1] or ""),
        broader={str(parent) for parent in graph.objects(concept, SKOS.broader)},
        related={str(other) for other in graph.objects(concept, SKOS.related)},
        deprecated=deprecated,
        successors=_successors(graph, concept, deprecated),
    )


def _labels(graph: Graph, concept: URIRef, kind: str) -> list[Literal]:
    """Plain labels, and those of the SKOS-XL extension, where a label is a node with a literal form."""
    extended = [
        literal
        for node in graph.objects(concept, _SKOSXL[kind])
        for literal in _texts(graph, node, _SKOSXL.literalForm)
    ]
    return _texts(graph, concept, SKOS[kind]) + extended


def _texts(graph: Graph, subject: Node, predicate: URIRef) -> list[Literal]:
    return [text for text in graph.objects(subject, predicate) if isinstance(text, Literal) and text.strip()]


def _best(texts: Iterable[Literal], language: str) -> Literal | None:
    return min(texts, key=lambda text: (_distance(text, language), text.language or "", str(text)), default=None)


def _understood(texts: Iterable[Literal], name: Literal | None, language: str) -> list[Literal]:
    """The texts in the language that was asked for, in that of the name, or in none."""
    own = name.language if name is not None else None
    return [text for text in texts if _distance(text, language) < 3 or text.language == own]


def _distance(text: Literal, language: str) -> int:
    """0: the language itself, 1: a regional variant, 2: untagged, 3: another language."""
    tag, wanted = (text.language or "").lower(), language.lower()
    if tag == wanted:
        return 0
    if not tag:
        return 2
    return 1 if tag.split("-")[0] == wanted.split("-")[0] else 3


def _successors(graph: Graph, concept: URIRef, deprecated: bool) -> set[str]:
    """What replaces the concept, by `dcterms:isReplacedBy` or by the UAT's change notes titled "Use instead"."""
    successors = {str(other) for other in graph.objects(concept, DCTERMS.isReplacedBy)}
    for note in graph.objects(concept, SKOS.changeNote) if deprecated else ():
        if any(str(title).strip().lower() == "use instead" for title in graph.objects(note, DCTERMS.title)):
            for comment in graph.objects(note, RDFS.comment):
                successors.update(re.findall(r"https?://[^\s<>\",;]+", str(comment)))
    return successors


def _scheme(graph: Graph, language: str) -> tuple[str, str]:
    """Title and version of the first concept scheme that has a title, in the order of the URIs."""
    found = []
    for scheme in sorted(graph.subjects(RDF.type, SKOS.ConceptScheme), key=str):
        properties = (DCTERMS.title, DC.title, SKOS.prefLabel, RDFS.label)
        titles = [title for known in properties if (title := _best(_texts(graph, scheme, known), language)) is not None]
        versions = sorted(str(version) for version in graph.objects(scheme, OWL.versionInfo))
        found.append((str(titles[0]) if titles else "", versions[-1] if versions else ""))
    return next((scheme for scheme in found if scheme[0]), found[0] if found else ("", ""))
