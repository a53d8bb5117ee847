import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scixtag.corpus.size import expected_papers


@pytest.mark.parametrize(
    ("name", "content", "papers"),
    [
        ("p.jsonl", b"{}\n{}\n{}\n", 3),
        ("p.jsonl", b"{}\n{}", 2),
        ("p.csv", b"id,title\n1,x\n2,y\n", 2),
        ("p.tsv", b"", 0),
        ("p.csv.gz", gzip.compress(b"id,title\n1,x\n", mtime=0), None),
        ("p.parquet", b"no parquet", None),
        ("p.docx", b"x", None),
    ],
)
def test_files(tmp_path, name, content, papers):
    (tmp_path / name).write_bytes(content)
    assert expected_papers(str(tmp_path / name)) == papers


def test_a_folder_is_the_sum_and_unknown_if_one_is(tmp_path):
    pq.write_table(pa.table({"title": ["a", "b"]}), tmp_path / "a.parquet")
    (tmp_path / "b.jsonl").write_text("{}\n" * 5)
    assert expected_papers(str(tmp_path)) == 7
    (tmp_path / "c.csv.gz").write_bytes(gzip.compress(b"title\n", mtime=0))
    assert expected_papers(str(tmp_path)) is None


def test_a_long_text_file_is_estimated(tmp_path):
    (tmp_path / "p.jsonl").write_text('{"title": "x"}\n' * 600_000)
    assert expected_papers(str(tmp_path / "p.jsonl")) == pytest.approx(600_000, rel=0.001)


@pytest.mark.parametrize(
    ("source", "papers"),
    [("sample", 264), ("sample:test", 53), ("sample:x", None), ("hf:a/b", None), ("absent.csv", None)],
)
def test_other_sources(source, papers):
    assert expected_papers(source) == papers
