import json
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scixtag.errors import InputError
from scixtag.formats.keywords.latex import escaped
from scixtag.formats.keywords.names import plain
from scixtag.formats.keywords.registry import FORMS, keywords_as
from scixtag.vocabulary.concept import Concept, Vocabulary

UAT = "http://astrothesaurus.org/uat/"
GALAXIES, QUASARS = Concept(594, UAT + "594", "Galaxy evolution"), Concept(1319, UAT + "1319", "Quasars")
THESAURUS = Vocabulary([GALAXIES, QUASARS], "The Unified Astronomy Thesaurus", "5.1.0")
CHOSEN = [QUASARS, GALAXIES]
HERONS = Concept("p1", "https://example.org/birds#p1", "Herons, egrets & <bitterns>")
STORKS = Concept("p2", "https://example.org/birds#p2", 'Storks "of" 100 % {water}_\\ ^~$#')
BIRDS = Vocabulary([HERONS, STORKS], 'Birds & "others"')
ANYTHING = st.text(st.characters(codec=None, categories=None), max_size=20)


def parsed(form, concepts, vocabulary):
    return ElementTree.fromstring(keywords_as(form, concepts, vocabulary))


def named(name):
    concept = Concept(1, UAT + "1", name)
    return [concept], Vocabulary([concept])


def typeset(latex):
    """What LaTeX would show of escaped text; fails at anything that it would take for a command or a group."""
    shown = {r"\textbackslash{}": "\\", r"\textbraceleft{}": "{", r"\textbraceright{}": "}"}
    shown |= {r"\textasciicircum{}": "^", r"\textasciitilde{}": "~", r"\textless{}": "<", r"\textgreater{}": ">"}
    shown |= {r"\textbar{}": "|", "-{}": "-"} | {f"\\{one}": one for one in "#$%&_"}
    pieces = re.findall(r"\\[a-z]+\{\}|\\.|-\{\}|[^\\{}#$%&_^~<>|]|.", latex, flags=re.DOTALL)
    return "".join(shown.get(piece) or ordinary(piece) for piece in pieces)


def ordinary(piece):
    assert re.fullmatch(r"[^\\{}#$%&_^~<>|]", piece, flags=re.DOTALL), piece
    return piece


def test_every_form_by_name():
    assert list(FORMS) == ["aastex7", "aastex63", "jats", "datacite", "bibtex", "json", "text"]
    with pytest.raises(InputError, match="did you mean 'aastex7'"):
        keywords_as("AASTeX-7", CHOSEN, THESAURUS)


def test_aastex():
    assert (
        keywords_as("aastex7", CHOSEN, THESAURUS) == r"\keywords{\uat{Quasars}{1319} --- \uat{Galaxy evolution}{594}}"
    )
    assert keywords_as("aastex63", CHOSEN, THESAURUS) == r"\keywords{Quasars (1319) --- Galaxy evolution (594)}"


@pytest.mark.parametrize("form", ["aastex7", "aastex63"])
@pytest.mark.parametrize(
    "foreign", [HERONS, Concept(594, "http://example.org/594", "Galaxies"), Concept("x1", UAT + "x1", "Odd")]
)
def test_aastex_takes_concepts_of_the_uat_alone(form, foreign):
    with pytest.raises(InputError, match=r"Unified Astronomy Thesaurus .*use another form"):
        keywords_as(form, [GALAXIES, foreign], Vocabulary([GALAXIES, foreign]) if foreign.id != 594 else BIRDS)


@pytest.mark.parametrize("form", ["aastex7", "aastex63", "jats"])
def test_what_must_not_be_empty(form):
    with pytest.raises(InputError, match="at least one concept"):
        keywords_as(form, [], THESAURUS)


@pytest.mark.parametrize(
    ("form", "nothing"), [("datacite", "<subjects/>"), ("bibtex", "keywords = {},"), ("json", "[]"), ("text", "")]
)
def test_what_may_be_empty(form, nothing):
    assert keywords_as(form, [], THESAURUS) == nothing


def test_jats_as_the_publisher_of_the_aas_asks_for():
    group = parsed("jats", CHOSEN, THESAURUS)
    assert group.tag == "kwd-group"
    assert group.attrib == {"kwd-group-type": "author", "vocab": "uat", "vocab-identifier": UAT}
    title, *keywords = group
    assert (title.tag, title.attrib, title.text) == ("title", {"content-type": "vocab"}, "unified-astronomy-thesaurus")
    assert [one.tag for one in keywords] == ["compound-kwd"] * 2
    parts = [[(part.tag, part.get("content-type"), part.text) for part in one] for one in keywords]
    assert parts[0] == [
        ("compound-kwd-part", "vocab-term-identifier", UAT + "1319"),
        ("compound-kwd-part", "term", "Quasars"),
        ("compound-kwd-part", "uat-code", "1319"),
    ]


def test_jats_of_another_vocabulary_has_its_title_and_base():
    group = parsed("jats", [STORKS], BIRDS)
    assert group.attrib == {
        "kwd-group-type": "author",
        "vocab": 'Birds & "others"',
        "vocab-identifier": "https://example.org/birds#",
    }
    assert [(part.get("content-type"), part.text) for part in group[1]] == [
        ("vocab-term-identifier", STORKS.uri),
        ("term", STORKS.name),
        ("code", "p2"),
    ]


def test_a_vocabulary_without_title_and_common_base_is_not_named():
    mixed = [Concept("a", "http://one.org/a", "A"), Concept("b", "http://two.org/b", "B")]
    assert parsed("jats", mixed, Vocabulary(mixed)).attrib == {"kwd-group-type": "author"}
    assert parsed("datacite", mixed[:1], Vocabulary(mixed))[0].attrib == {
        "valueURI": "http://one.org/a",
        "classificationCode": "a",
    }


def test_datacite():
    first, second = parsed("datacite", CHOSEN, THESAURUS)
    assert (first.text, second.text) == ("Quasars", "Galaxy evolution")
    assert second.attrib == {
        "subjectScheme": "Unified Astronomy Thesaurus",
        "schemeURI": UAT,
        "valueURI": UAT + "594",
        "classificationCode": "594",
    }
    heron = parsed("datacite", [HERONS], BIRDS)[0]
    assert (heron.text, heron.get("subjectScheme")) == (HERONS.name, BIRDS.title)


def test_bibtex_and_text():
    assert keywords_as("bibtex", CHOSEN, THESAURUS) == "keywords = {Quasars, Galaxy evolution},"
    assert keywords_as("text", CHOSEN, THESAURUS) == "Quasars, Galaxy evolution"


def test_names_that_hold_a_comma_are_separated_by_semicolons():
    assert keywords_as("text", [HERONS, STORKS], BIRDS) == f"{HERONS.name}; {STORKS.name}"
    assert r"egrets \& \textless{}bitterns\textgreater{}; Storks" in keywords_as("bibtex", [HERONS, STORKS], BIRDS)


def test_json_has_names_as_they_are():
    odd = Concept("o", "http://x/o", "half a character \ud800\n")
    told = keywords_as("json", [odd, GALAXIES], Vocabulary([odd, GALAXIES]))
    assert json.loads(told) == [
        {"id": "o", "uri": "http://x/o", "label": "half a character \ud800\n"},
        {"id": 594, "uri": UAT + "594", "label": "Galaxy evolution"},
    ]
    told.encode()


@given(ANYTHING)
def test_any_name_is_well_formed_xml_that_says_the_name(name):
    chosen, vocabulary = named(name)
    assert (parsed("datacite", chosen, vocabulary)[0].text or "") == plain(name)
    assert (parsed("jats", chosen, vocabulary)[1][1].text or "") == plain(name)
    titled = Vocabulary([Concept("a", "http://x/a", name)], name)
    assert parsed("datacite", [titled[0]], titled)[0].get("subjectScheme", "") == plain(name)


@given(ANYTHING)
def test_any_name_is_latex_that_says_the_name(name):
    chosen, vocabulary = named(name)
    assert typeset(escaped(plain(name))) == plain(name)
    bib = keywords_as("bibtex", chosen, vocabulary)
    assert bib.count("{") == bib.count("}")
    assert "\n" not in bib
    assert keywords_as("aastex7", chosen, vocabulary).count("---") == 0


@pytest.mark.parametrize("name", ["a---b", "}\\input{/etc/passwd}", "50 % of $x_1^2$ & ~#{", "a--", "\\"])
def test_hostile_names_in_latex(name):
    assert typeset(escaped(name)) == name
    chosen, vocabulary = named(name)
    for form in ("aastex7", "aastex63", "bibtex"):
        written = keywords_as(form, chosen, vocabulary)
        assert "\\input" not in written
        assert not re.search(r"(?<!\\)%", written)


def test_names_are_on_one_line_and_read_as_they_look():
    assert plain(" Stars\r\n\u2028in\tthe\x00 \u202esky\u2066\ud800\ufffe ") == "Stars in the sky"
    assert plain("Nordström, שמש and 𝛼") == "Nordström, שמש and 𝛼"


@pytest.mark.parametrize("form", FORMS)
def test_a_concept_that_comes_twice_stands_once(form):
    once = keywords_as(form, CHOSEN, THESAURUS)
    assert keywords_as(form, [QUASARS, GALAXIES, QUASARS, GALAXIES], THESAURUS) == once
