import json
from dataclasses import replace
from pathlib import Path

import pytest

from scixtag.errors import InputError
from scixtag.vocabulary.concept import Concept
from scixtag.vocabulary.skos import read_skos
from scixtag.vocabulary.uat_json import read_uat_json


def uri(number: int) -> str:
    return f"http://astrothesaurus.org/uat/{number}"


def link(number: int) -> dict[str, str]:
    return {"name": "?", "uri": uri(number)}


def written(folder: Path, document: object) -> Path:
    path = folder / "list.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_every_field(tmp_path):
    entries = [
        {
            "uri": uri(20),
            "name": "Quasars ",
            "narrower": [link(3), link(999)],
            "broader": None,
            "altNames": ["QSO", "Quasi-stellar objects"],
            "related": [link(4)],
            "definition": " Bright. ",
            "scopeNotes": "Far.",
        },
        {"uri": uri(3), "name": "Blazars", "broader": [link(4)], "scopeNotes": "Pointed at us."},
        {"uri": uri(4), "name": "Galaxies", "altNames": None},
        {"uri": uri(5), "name": "Old quasars", "status": "deprecated", "useInstead": [uri(20), uri(4)]},
    ]
    assert read_uat_json(written(tmp_path, entries)).concepts == (
        Concept(3, uri(3), "Blazars", (), "Pointed at us.", broader=(4, 20)),
        Concept(4, uri(4), "Galaxies", related=(20,)),
        Concept(5, uri(5), "Old quasars", deprecated=True, successors=(4, 20)),
        Concept(20, uri(20), "Quasars", ("QSO", "Quasi-stellar objects"), "Bright.", related=(4,)),
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"children": []}, "not a list of concepts"),
        ([], "not a list of concepts"),
        (["a"], "not a list of concepts"),
        ([{"uri": uri(1), "name": "a"}, {"name": "b"}], "entry 2: no 'uri'"),
        ([{"uri": uri(1)}, {"uri": uri(1)}], f"entry 2: {uri(1)} is listed twice"),
        ([{"uri": 5}], "entry 1: 'uri' should be a text"),
        ([{"uri": uri(1), "altNames": "QSO"}], "entry 1: 'altNames' should be a list of texts"),
        ([{"uri": uri(1), "broader": [uri(2)]}], "entry 1: 'broader' should be a list of concepts"),
        ([{"uri": uri(1), "broader": [{"name": "x"}]}], "entry 1: 'broader' should be a list of concepts"),
        ([{"uri": uri(1), "narrower": [{"uri": 2}]}], "entry 1 narrower: 'uri' should be a text"),
    ],
)
def test_a_bad_entry_is_named(tmp_path, document, message):
    with pytest.raises(InputError, match=rf"list\.json:? {message}"):
        read_uat_json(written(tmp_path, document))


def test_a_truncated_file_is_refused(tmp_path):
    path = tmp_path / "list.json"
    path.write_text('[{"uri": "u')
    with pytest.raises(InputError, match=r"list\.json: not valid JSON"):
        read_uat_json(path)


def test_the_list_of_the_uat_agrees_with_its_rdf(shared):
    folder = shared / "data" / "uat"
    listed = read_uat_json(folder / "UAT_list.json")
    graph = read_skos(folder / "UAT.rdf", "xml")
    assert sum(not concept.deprecated for concept in listed) == 2275
    assert sum(concept.deprecated for concept in listed) == 97
    assert sum(bool(concept.successors) for concept in listed) == 93
    assert listed.title == graph.title
    pairs = list(zip(listed, graph, strict=True))
    # All fields agree but for the British preferred labels, which only the RDF has.
    assert [replace(one, alternatives=()) for one, _ in pairs] == [
        replace(other, alternatives=()) for _, other in pairs
    ]
    british = [set(other.alternatives) - set(one.alternatives) for one, other in pairs]
    assert all(set(one.alternatives) <= set(other.alternatives) for one, other in pairs)
    assert sum(map(len, british)) == sum(map(bool, british)) == 29
    assert {"Brown dwarves"} in british
