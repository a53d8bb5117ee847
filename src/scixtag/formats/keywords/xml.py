"""Forms for XML: JATS, in which journals keep articles, and DataCite, in which DOIs are registered."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from scixtag.errors import InputError
from scixtag.formats.keywords.names import plain
from scixtag.formats.keywords.scheme import scheme_of
from scixtag.vocabulary.concept import Concept, Vocabulary


def jats(concepts: Sequence[Concept], vocabulary: Vocabulary) -> str:
    """JATS 1.2 or later: a `kwd-group` with a `compound-kwd` a concept, for `article-meta`.

    Title and parts are those that IOP Publishing asks for in articles of the AAS; `uat-code` is `code` in other
    vocabularies.

    Raises:
        InputError: No concept; a group must not be empty.
    """
    if not concepts:
        raise InputError("JATS needs at least one concept, and none was chosen")
    scheme = scheme_of(vocabulary)
    named = {"vocab": "uat" if scheme.is_uat else scheme.title, "vocab-identifier": scheme.base}
    title = "unified-astronomy-thesaurus" if scheme.is_uat else scheme.title
    lines = [_start("kwd-group", {"kwd-group-type": "author", **named})]
    if title:
        lines.append(f"  {_element('title', title, {'content-type': 'vocab'})}")
    for concept in concepts:
        code = "uat-code" if scheme.is_uat else "code"
        parts = {"vocab-term-identifier": concept.uri, "term": concept.name, code: str(concept.id)}
        inner = [_element("compound-kwd-part", text, {"content-type": kind}) for kind, text in parts.items()]
        lines += ["  <compound-kwd>", *(f"    {part}" for part in inner), "  </compound-kwd>"]
    return "\n".join([*lines, "</kwd-group>"])


def datacite(concepts: Sequence[Concept], vocabulary: Vocabulary) -> str:
    """DataCite 4.4 or later: the property `subjects`, with one `subject` a concept."""
    if not concepts:
        return "<subjects/>"
    scheme = scheme_of(vocabulary)
    named = {"subjectScheme": scheme.title, "schemeURI": scheme.base}
    lines = [
        f"  {_element('subject', one.name, {**named, 'valueURI': one.uri, 'classificationCode': str(one.id)})}"
        for one in concepts
    ]
    return "\n".join(["<subjects>", *lines, "</subjects>"])


def _element(name: str, text: str, attributes: dict[str, str]) -> str:
    return f"{_start(name, attributes)}{escape(plain(text))}</{name}>"


def _start(name: str, attributes: dict[str, str]) -> str:
    """A start tag; attributes without a value are left out."""
    said = [f" {key}={quoteattr(told)}" for key, value in attributes.items() if (told := plain(value))]
    return f"<{name}{''.join(said)}>"
