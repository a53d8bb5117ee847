from pathlib import Path

import pytest

from scixtag.errors import InputError
from scixtag.vocabulary.annif_tsv import read_annif_tsv
from scixtag.vocabulary.concept import Concept


def written(folder: Path, content: bytes) -> Path:
    path = folder / "words.tsv"
    path.write_bytes(content)
    return path


def test_rows_become_concepts(tmp_path):
    path = written(
        tmp_path,
        b"\xef\xbb\xbf<http://example.org/p10>\tthermal conductivity \r\n"
        b"\n"
        b"<http://example.org/p2>\t\xc3\xa9toile\xc2\x85s\t52.1\n"
        b"<http://example.org/p3>\tno notation\t",
    )
    vocabulary = read_annif_tsv(path)
    assert vocabulary.concepts == (
        Concept(2, "http://example.org/p2", "étoile s"),
        Concept(3, "http://example.org/p3", "no notation"),
        Concept(10, "http://example.org/p10", "thermal conductivity"),
    )
    assert vocabulary.title == "words"


@pytest.mark.parametrize(
    "row",
    [
        b"<http://example.org/2> name",
        b"<http://example.org/2>",
        b"<http://example.org/2>\t",
        b"<http://example.org/2>\t  \tnotation",
        b"http://example.org/2\tname",
        b"<>\tname",
        b"<http://example.org/2>\tname\tnotation\tmore",
        b"uri\tname",
        b"<http://example.org/2>\t\xff\xfe",
        b"<http://example.org/1>\tagain",
    ],
)
def test_a_bad_row_is_named(tmp_path, row):
    path = written(tmp_path, b"<http://example.org/1>\tfirst\n\n" + row + b"\n")
    with pytest.raises(InputError, match=r"words\.tsv row 3: "):
        read_annif_tsv(path)


def test_a_duplicate_names_both_rows(tmp_path):
    path = written(tmp_path, b"<u:1>\ta\n<u:2>\tb\n<u:1>\tc\n")
    with pytest.raises(InputError, match="row 3: <u:1> stands in row 1 already"):
        read_annif_tsv(path)


def test_no_rows_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"words\.tsv: no rows"):
        read_annif_tsv(written(tmp_path, b"\n\n"))


def test_the_english_yso(shared):
    vocabulary = read_annif_tsv(shared / "data" / "yso-titles" / "yso-en.tsv")
    assert len(vocabulary) == 27754
    assert vocabulary[vocabulary.column(10)].name == "environmental awareness"
    assert vocabulary[0].id == 3
