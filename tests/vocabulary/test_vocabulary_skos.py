from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scixtag.errors import InputError
from scixtag.vocabulary.concept import Concept, Vocabulary
from scixtag.vocabulary.skos import read_skos

PREFIXES = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xl: <http://www.w3.org/2008/05/skos-xl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix : <http://example.org/> .
"""


def turtle(folder: Path, body: str, language: str = "en") -> Vocabulary:
    path = folder / "v.ttl"
    path.write_text(PREFIXES + body, encoding="utf-8")
    return read_skos(path, "turtle", language)


def only(folder: Path, body: str, language: str = "en") -> Concept:
    vocabulary = turtle(folder, body, language)
    assert len(vocabulary) == 1
    return vocabulary[0]


def test_every_field(tmp_path):
    vocabulary = turtle(
        tmp_path,
        """
        :scheme a skos:ConceptScheme ; dcterms:title "Sterne"@de, "Stars and more"@en ; owl:versionInfo "2.1" .
        :1 a skos:Concept ; skos:prefLabel " Stars "@en ; skos:altLabel "Suns"@en ; skos:hiddenLabel "Strars"@en ;
           skos:definition "Balls of plasma."@en ; skos:scopeNote "Not the film kind."@en ; skos:related :3 .
        :2 a skos:Concept ; skos:prefLabel "Dwarfs"@en ; skos:broader :1 ; skos:scopeNote "Small ones."@en .
        :3 a skos:Concept ; skos:prefLabel "Planets"@en ; skos:broaderTransitive :1 .
        :4 a skos:Concept ; rdfs:label "Suns"@en ; owl:deprecated true ; dcterms:isReplacedBy :1 .
        """,
    )
    assert vocabulary.concepts == (
        Concept(1, "http://example.org/1", "Stars", ("Strars", "Suns"), "Balls of plasma.", related=(3,)),
        Concept(2, "http://example.org/2", "Dwarfs", (), "Small ones.", broader=(1,)),
        Concept(3, "http://example.org/3", "Planets", related=(1,)),
        Concept(4, "http://example.org/4", "Suns", deprecated=True, successors=(1,)),
    )
    assert (vocabulary.title, vocabulary.release) == ("Stars and more", "2.1")


def test_narrower_means_broader(tmp_path):
    vocabulary = turtle(
        tmp_path,
        """
        :1 skos:prefLabel "a" ; skos:narrower :2, :3 .
        :2 skos:prefLabel "b" ; skos:narrower :3, :77 .
        :3 skos:prefLabel "c" ; skos:broader :1 .
        """,
    )
    assert [concept.broader for concept in vocabulary] == [(), (1,), (1, 2)]


def test_what_looks_like_a_concept_needs_no_type(tmp_path):
    vocabulary = turtle(
        tmp_path,
        """
        :s a skos:ConceptScheme ; skos:prefLabel "scheme" ; skos:hasTopConcept :90 .
        :c a skos:Collection ; skos:prefLabel "collection" ; skos:inScheme :s ; skos:member :91 .
        :l a xl:Label ; xl:literalForm "label" .
        [] a skos:Concept ; skos:prefLabel "blank" .
        :1 skos:prefLabel "a" .
        :2 skos:inScheme :s .
        :3 skos:broader :1 .
        :4 skos:narrower :3 .
        :5 a skos:Concept .
        """,
    )
    assert [concept.id for concept in vocabulary] == [1, 2, 3, 4, 5]
    assert [concept.name for concept in vocabulary] == ["a", "2", "3", "4", "5"]
    assert vocabulary.title == "scheme"


def test_a_broader_concept_outside_of_the_file_is_dropped_and_counted(tmp_path, notes):
    vocabulary = turtle(tmp_path, ':1 skos:prefLabel "a" ; skos:broader :2, <http://elsewhere.org/3> .')
    assert vocabulary[0].broader == ()
    assert notes == ["2 'broader' links to concepts outside of the file were dropped"]


LABELS = ':1 skos:prefLabel "tähti"@fi, "colour"@en-GB, "color"@en, "untagged", "Farbe"@de .'


@pytest.mark.parametrize(
    ("body", "language", "name", "alternatives"),
    [
        (LABELS, "en", "color", ("colour", "untagged")),
        (LABELS, "EN-gb", "colour", ("color", "untagged")),
        (LABELS, "en-US", "color", ("colour", "untagged")),
        (LABELS, "fi", "tähti", ("untagged",)),
        (LABELS, "sv", "untagged", ()),
        (':1 skos:prefLabel "b"@fi, "a"@sv ; skos:altLabel "c"@fi, "d"@sv .', "en", "b", ("c",)),
        (
            ':1 skos:prefLabel "a"@en ; skos:altLabel "b"@en, "c"@en-GB, "d", "e"@fi, "a"@en .',
            "en",
            "a",
            ("b", "c", "d"),
        ),
        (':1 skos:prefLabel "  "@en, "a"@fi .', "en", "a", ()),
        (':1 a skos:Concept ; rdfs:label "b"@en ; skos:prefLabel "a"@fi .', "en", "a", ()),
        (':1 a skos:Concept ; skos:altLabel "b"@en .', "en", "1", ("b",)),
        (":1 skos:prefLabel 'two\\n  lines'@en .", "en", "two lines", ()),
    ],
)
def test_names_by_language(tmp_path, body, language, name, alternatives):
    concept = only(tmp_path, body, language)
    assert (concept.name, concept.alternatives) == (name, alternatives)


@pytest.mark.parametrize(
    ("body", "definition"),
    [
        ('skos:definition "suomeksi"@fi ; skos:scopeNote "note"@en', "note"),
        ('skos:definition "b", "a"@en', "a"),
        ('skos:definition [ rdf:value "structured" ]', ""),
    ],
)
def test_definitions_by_language(tmp_path, body, definition):
    assert only(tmp_path, f':1 skos:prefLabel "n"@en ; {body} .').definition == definition


@pytest.mark.parametrize(
    ("flag", "deprecated"), [("true", True), ('"true"', True), ('"1"', True), ("false", False), ('"no"', False)]
)
def test_deprecated(tmp_path, flag, deprecated):
    assert only(tmp_path, f':1 skos:prefLabel "n" ; owl:deprecated {flag} .').deprecated is deprecated


def test_the_uats_way_of_naming_successors(tmp_path):
    note = 'skos:changeNote [ dcterms:title "Use instead" ; rdfs:comment "{}" ]'
    vocabulary = turtle(
        tmp_path,
        f"""
        :1 rdfs:label "old" ; a skos:Concept ; owl:deprecated true ;
           {note.format("http://example.org/3")} ; {note.format(" http://example.org/2; see there")} ;
           skos:changeNote [ dcterms:title "Name change" ; rdfs:comment "http://example.org/4" ] .
        :2 skos:prefLabel "b" ; {note.format("http://example.org/3")} .
        :3 skos:prefLabel "c" .
        :4 skos:prefLabel "d" .
        """,
    )
    assert [concept.successors for concept in vocabulary] == [(2, 3), (), (), ()]


def test_the_extension_for_labels(tmp_path):
    concept = only(
        tmp_path,
        """
        :1 xl:prefLabel :l1 ; xl:altLabel [ xl:literalForm "Suns"@en ] .
        :l1 a xl:Label ; xl:literalForm "Stars"@en .
        """,
    )
    assert (concept.name, concept.alternatives) == ("Stars", ("Suns",))


SAME = {
    "xml": """<?xml version="1.0"?>
        <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
                 xmlns:skos="http://www.w3.org/2004/02/skos/core#">
          <rdf:Description rdf:about="http://example.org/2"><skos:broader rdf:resource="http://example.org/1"/>
          </rdf:Description>
          <skos:Concept rdf:about="http://example.org/1"><skos:prefLabel xml:lang="en">É</skos:prefLabel></skos:Concept>
          <rdf:Description rdf:about="http://example.org/2"><skos:prefLabel xml:lang="en">b</skos:prefLabel>
          </rdf:Description>
        </rdf:RDF>""",
    "turtle": PREFIXES + ':1 skos:prefLabel "É"@en . :2 skos:prefLabel "b"@en . :2 skos:broader :1 .',
    "nt": '<http://example.org/1> <http://www.w3.org/2004/02/skos/core#prefLabel> "\\u00C9"@en .\n'
    '<http://example.org/2> <http://www.w3.org/2004/02/skos/core#prefLabel> "b"@en .\n'
    "<http://example.org/2> <http://www.w3.org/2004/02/skos/core#broader> <http://example.org/1> .\n",
    "json-ld": """{"@context": {"skos": "http://www.w3.org/2004/02/skos/core#"}, "@graph": [
        {"@id": "http://example.org/1", "skos:prefLabel": {"@value": "É", "@language": "en"}},
        {"@id": "http://example.org/2", "skos:prefLabel": {"@value": "b", "@language": "en"},
         "skos:broader": {"@id": "http://example.org/1"}}]}""",
}


@pytest.mark.parametrize("syntax", SAME)
def test_every_syntax_says_the_same(tmp_path, syntax):
    path = tmp_path / "v"
    path.write_text(SAME[syntax], encoding="utf-8")
    assert read_skos(path, syntax).concepts == (
        Concept(1, "http://example.org/1", "É"),
        Concept(2, "http://example.org/2", "b", broader=(1,)),
    )


def test_malformed_dates_are_nobodys_business(tmp_path, capfd, caplog):
    body = ':1 skos:prefLabel "a" ; dcterms:created "yesterday"^^<http://www.w3.org/2001/XMLSchema#date> .'
    assert only(tmp_path, body).name == "a"
    assert caplog.text == capfd.readouterr().err == ""


def test_relative_uris_do_not_depend_on_the_folder(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b c#").mkdir()
    body = '<#1> skos:prefLabel "a" .'
    assert only(tmp_path / "a", body) == only(tmp_path / "b c#", body) == Concept(1, "file:///#1", "a")


@pytest.mark.parametrize("syntax", SAME)
@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\x00\x00", b"<html><p>Not found</html>", b"\xff\xfe\x00", b"{}"]
)
def test_what_is_no_skos_is_refused_with_the_files_name(tmp_path, syntax, content):
    path = tmp_path / "garbage"
    path.write_bytes(content)
    with pytest.raises(InputError, match="garbage: "):
        read_skos(path, syntax)


@pytest.mark.parametrize(
    ("syntax", "content"), [("xml", b"<TEI><p>Other XML</p></TEI>"), ("turtle", b"<u:a> <u:b> <u:c> .")]
)
def test_other_data_has_no_concepts(tmp_path, syntax, content):
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"other: no skos:Concept in the file"):
        read_skos(path, syntax)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.sampled_from(sorted(SAME)), st.data())
def test_a_damaged_file_gives_a_vocabulary_or_an_input_error(tmp_path, syntax, data):
    content = bytearray(SAME[syntax].encode())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged"
    path.write_bytes(bytes(content[: data.draw(st.integers(0, len(content)))]))
    try:
        vocabulary = read_skos(path, syntax)
    except InputError:
        return
    assert len(vocabulary) > 0


def test_the_uat(shared, notes):
    uat = read_skos(shared / "data" / "uat" / "UAT.rdf", "xml")
    assert sum(not concept.deprecated for concept in uat) == 2275
    assert sum(concept.deprecated for concept in uat) == 97
    assert uat.title == "The Unified Astronomy Thesaurus"
    assert uat[uat.column(594)].name == "Galaxy evolution"
    molecules = uat[uat.column(2076)]
    assert (molecules.name, molecules.deprecated, molecules.successors) == ("Molecule formation", True, ())
    assert all(concept.name == concept.name.strip() for concept in uat)
    assert notes == []


def test_the_uat_in_british_english(shared):
    path = shared / "data" / "uat" / "UAT.rdf"
    british = read_skos(path, "xml", "en-GB")
    assert british[british.column(1383)].name == "Reionisation"
    assert "Reionization" in british[british.column(1383)].alternatives
    assert british[british.column(594)].name == "Galaxy evolution"
