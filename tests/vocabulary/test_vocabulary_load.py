import json
import subprocess
import sys
from pathlib import Path

import pytest

from scixtag.errors import InputError, OutputError
from scixtag.vocabulary import load
from scixtag.vocabulary.concept import Concept, Vocabulary
from scixtag.vocabulary.load import load_vocabulary

TURTLE = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<http://example.org/1> skos:prefLabel "Stars"@en, "Sterne"@de .
<http://example.org/2> skos:prefLabel "Dwarfs"@en ; skos:broader <http://example.org/1> .
"""
XML = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xmlns:skos="http://www.w3.org/2004/02/skos/core#">
<skos:Concept rdf:about="http://example.org/1"><skos:prefLabel xml:lang="en">Stars</skos:prefLabel></skos:Concept>
<skos:Concept rdf:about="http://example.org/2"><skos:prefLabel xml:lang="en">Dwarfs</skos:prefLabel>
<skos:broader rdf:resource="http://example.org/1"/></skos:Concept></rdf:RDF>"""
NT = """<http://example.org/1> <http://www.w3.org/2004/02/skos/core#prefLabel> "Stars"@en .
<http://example.org/2> <http://www.w3.org/2004/02/skos/core#prefLabel> "Dwarfs"@en .
<http://example.org/2> <http://www.w3.org/2004/02/skos/core#broader> <http://example.org/1> .
"""
SKOS = "http://www.w3.org/2004/02/skos/core#"
LINKED = [
    {"@id": "http://example.org/1", f"{SKOS}prefLabel": [{"@value": "Stars", "@language": "en"}]},
    {
        "@id": "http://example.org/2",
        f"{SKOS}prefLabel": [{"@value": "Dwarfs", "@language": "en"}],
        f"{SKOS}broader": [{"@id": "http://example.org/1"}],
    },
]
LISTED = [
    {"uri": "http://example.org/1", "name": "Stars"},
    {"uri": "http://example.org/2", "name": "Dwarfs", "broader": [{"uri": "http://example.org/1", "name": "Stars"}]},
]
CONCEPTS = (
    Concept(1, "http://example.org/1", "Stars"),
    Concept(2, "http://example.org/2", "Dwarfs", broader=(1,)),
)
DOCUMENT = Vocabulary(CONCEPTS, "Mine", "3").to_document()
CYCLE = TURTLE + "<http://example.org/1> skos:broader <http://example.org/2> ."


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def entries(cache: Path) -> list[Path]:
    return sorted((cache / "vocabularies").glob("*"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("v.rdf", XML),
        ("v.xml", XML),
        ("v.owl", XML),
        ("v.RDF", XML),
        ("v.ttl", TURTLE),
        ("v.nt", NT),
        ("v.jsonld", json.dumps({"@graph": LINKED})),
        ("v.json", json.dumps({"@graph": LINKED})),
        ("v.json", json.dumps(LINKED)),
        ("v.json", json.dumps(LISTED)),
        ("v.json", json.dumps(DOCUMENT)),
    ],
)
def test_every_format_gives_the_same_concepts_and_again_from_the_cache(tmp_path, name, content):
    path = written(tmp_path, name, content)
    assert load_vocabulary(path).concepts == load_vocabulary(str(path)).concepts == CONCEPTS


def test_a_tsv_and_a_saved_vocabulary_keep_title_and_release(tmp_path):
    words = load_vocabulary(written(tmp_path, "words.tsv", "<http://example.org/1>\tStars\n"))
    assert (words.concepts, words.title) == (CONCEPTS[:1], "words")
    saved = load_vocabulary(written(tmp_path, "v.json", json.dumps(DOCUMENT)))
    assert (saved.title, saved.release) == ("Mine", "3")


def test_the_second_load_does_not_parse(tmp_path, cache, monkeypatch):
    path = written(tmp_path, "v.ttl", TURTLE)
    first = load_vocabulary(path)
    assert len(entries(cache)) == 1
    monkeypatch.setattr(load, "_read", None)
    assert load_vocabulary(path).fingerprint == first.fingerprint
    assert load_vocabulary(written(tmp_path, "copy.ttl", TURTLE)).fingerprint == first.fingerprint


def test_another_content_language_or_format_version_is_another_entry(tmp_path, cache, monkeypatch):
    path = written(tmp_path, "v.ttl", TURTLE)
    assert load_vocabulary(path)[0].name == "Stars"
    assert load_vocabulary(path, "de")[0].name == "Sterne"
    path.write_text(TURTLE.replace("Stars", "Suns"))
    assert load_vocabulary(path)[0].name == "Suns"
    assert len(entries(cache)) == 3
    monkeypatch.setattr(load, "CACHE_FORMAT", load.CACHE_FORMAT + 1)
    load_vocabulary(path)
    assert len(entries(cache)) == 4


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"\xff\xfe", b"[]", b"{}", b"null", b'{"title": "", "release": "", "concepts": []}',
     b'{"title": "", "release": "", "concepts": [{"id": 1, "colour": 2}]}',
     b'{"title": "", "release": "", "concepts": [{"id": [], "uri": "", "name": ""}]}'],
)  # fmt: skip
def test_a_damaged_entry_is_rebuilt_silently(tmp_path, cache, notes, damage):
    path = written(tmp_path, "v.ttl", TURTLE)
    load_vocabulary(path)
    [entry] = entries(cache)
    whole = entry.read_bytes()
    entry.write_bytes(damage)
    assert load_vocabulary(path).concepts == CONCEPTS
    assert entries(cache) == [entry]
    assert entry.read_bytes() == whole
    assert notes == []


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    path = written(tmp_path, "v.ttl", TURTLE)
    monkeypatch.setenv("SCIXTAG_CACHE", str(written(tmp_path, "file", "not a folder")))
    assert load_vocabulary(path).concepts == CONCEPTS

    def full(*_: object) -> None:
        raise OutputError("No space left on device")

    monkeypatch.setattr(load, "write_json", full)
    assert load_vocabulary(path).concepts == CONCEPTS


def test_an_unreadable_entry_is_no_error(tmp_path, cache):
    path = written(tmp_path, "v.ttl", TURTLE)
    load_vocabulary(path)
    [entry] = entries(cache)
    entry.unlink()
    entry.mkdir()
    assert load_vocabulary(path).concepts == CONCEPTS


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("v.ttl", "", r"v\.ttl: the file is empty.*Formats: SKOS"),
        ("v.json", " \n", r"v\.json: the file is empty"),
        ("v.docx", "x", r"v\.docx: files ending in '\.docx' are not known.*Formats: SKOS"),
        ("v", "x", r"v: files ending in '' are not known"),
        ("v.rdf", b"\x00\x01\x02\xff", r"v\.rdf: cannot be read as RDF \(xml\)"),
        ("v.xml", "<TEI><p>Text</p></TEI>", r"v\.xml: no skos:Concept"),
        ("v.rdf", XML[:300], r"v\.rdf: cannot be read as RDF"),
        ("v.ttl", "@prefix a: <u:> .", r"v\.ttl: no skos:Concept"),
        ("v.json", "{", r"v\.json: not valid JSON"),
        ("v.json", b"\xff\xff", r"v\.json: not valid JSON"),
        ("v.json", "[" * 100_000, r"v\.json: not valid JSON"),
        ("v.json", '{"children": [{"uri": "u:1", "name": "a"}]}', r"v\.json: JSON, but none.*take UAT"),
        ("v.json", "[]", r"v\.json: JSON, but none"),
        ("v.json", "5", r"v\.json: JSON, but none"),
        ("v.json", '{"concepts": 5}', r"v\.json: not a vocabulary saved by scixtag"),
        ("v.json", '{"concepts": [5]}', r"v\.json: not a vocabulary saved by scixtag"),
        ("v.json", '{"concepts": [{"id": 1}]}', r"v\.json: not a vocabulary saved by scixtag"),
        ("v.json", '{"concepts": []}', r"v\.json: the vocabulary has no concepts"),
        ("v.json", '{"concepts": [{"id": 1, "uri": "u", "name": "a", "broader": [2]}]}', r"v\.json: .*not in the"),
        ("v.tsv", b"\x89PNG", r"v\.tsv row 1: not UTF-8"),
        ("v.ttl", CYCLE, r"v\.ttl: the hierarchy has a cycle: Stars \(1\) → Dwarfs \(2\) → Stars \(1\)"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_vocabulary_is_refused(tmp_path, cache, name, content, message):
    path = written(tmp_path, name, content)
    with pytest.raises(InputError, match=message):
        load_vocabulary(path)
    assert entries(cache) == []


def test_missing_files_and_folders_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"absent\.ttl: cannot be read \(No such file or directory\)\. Formats"):
        load_vocabulary(tmp_path / "absent.ttl")
    with pytest.raises(InputError, match=r"yso: no such file\. Formats: .*a release \(uat, uat:5\.1\.0\)"):
        load_vocabulary("yso")
    (tmp_path / "folder.ttl").mkdir()
    with pytest.raises(InputError, match=r"folder\.ttl: a folder, not a vocabulary"):
        load_vocabulary(tmp_path / "folder.ttl")


def test_the_uat_from_the_cache_needs_no_parser(shared):
    path = shared / "data" / "uat" / "UAT.rdf"
    first = load_vocabulary(path)
    code = (
        "import sys; from pathlib import Path; from scixtag.vocabulary.load import load_vocabulary\n"
        "v = load_vocabulary(Path(sys.argv[1]))\n"
        "print(v.fingerprint, v.release, [m for m in ('rdflib', 'numpy', 'urllib.request') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == f"{first.fingerprint} 5.1.0 []"
