"""The forms by name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scixtag.errors import InputError, nearest
from scixtag.formats.keywords import latex, lists, xml
from scixtag.vocabulary.concept import Concept, Vocabulary


@dataclass(frozen=True)
class Form:
    """A way to write the concepts of one paper.

    Attributes:
        title: What people call it.
        write: Chosen concepts, in the order in which they shall stand, and their vocabulary → the text, without a line
            break at its end. Raises InputError where the form cannot say this.
    """

    title: str
    write: Callable[[Sequence[Concept], Vocabulary], str]


FORMS: Mapping[str, Form] = {
    "aastex7": Form("AASTeX 7", latex.aastex7),
    "aastex63": Form("AASTeX 6.3", latex.aastex63),
    "jats": Form("JATS", xml.jats),
    "datacite": Form("DataCite", xml.datacite),
    "bibtex": Form("BibTeX", latex.bibtex),
    "json": Form("JSON", lists.as_json),
    "text": Form("Plain text", lists.text),
}


def keywords_as(form: str, concepts: Sequence[Concept], vocabulary: Vocabulary) -> str:
    """Chosen concepts as text to paste.

    Args:
        form: One of `FORMS`.
        concepts: Of one paper, in the order in which they shall stand; one that comes twice stands at its first place.
        vocabulary: Theirs.

    Raises:
        InputError: No such form, or it cannot say this.
    """
    if form not in FORMS:
        raise InputError(f"no form of keywords is called '{form}'; {nearest(form, FORMS)}")
    return FORMS[form].write(list(dict.fromkeys(concepts)), vocabulary)
