import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scixtag.corpus.size import expected_papers
from scixtag.progress import Estimate


@pytest.mark.parametrize(
    ("name", "content", "papers"),
    [
        ("p.jsonl", b"{}\n{}\n{}\n", 3),
        ("p.jsonl", b"{}\n{}", 2),
        ("p.csv", b"id,title\n1,x\n2,y\n", 2),
        ("p.tsv", b"", 0),
        ("p.csv.gz", gzip.compress(b"id,title\n1,x\n", mtime=0), 1),
        ("p.jsonl.gz", gzip.compress(b"{}\n{}\n", mtime=0)[:-9], None),
        ("p.jsonl.gz", b"no gzip", None),
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
    (tmp_path / "c.csv.gz").write_bytes(b"no gzip")
    assert expected_papers(str(tmp_path)) is None


def test_a_long_text_file_is_estimated_packed_or_not(tmp_path):
    # Numbers, so that it packs as texts do.
    lines = "".join(f'{{"title": "{number * 7919 % 1_000_003}"}}\n' for number in range(600_000)).encode()
    (tmp_path / "p.jsonl").write_bytes(lines)
    (tmp_path / "p.jsonl.gz").write_bytes(gzip.compress(lines, 1))
    for name, close in (("p.jsonl", 0.001), ("p.jsonl.gz", 0.1)):
        found = expected_papers(str(tmp_path / name))
        assert found == pytest.approx(600_000, rel=close)
        assert isinstance(found, Estimate)
    (tmp_path / "short").mkdir()
    (tmp_path / "short" / "p.jsonl").write_bytes(lines[:100])
    assert not isinstance(expected_papers(str(tmp_path / "short")), Estimate)
    # What was counted and what was not are together not counted.
    assert isinstance(expected_papers(str(tmp_path)), Estimate)


@pytest.mark.parametrize(
    ("source", "papers"),
    [("sample", 264), ("sample:test", 53), ("sample:x", None), ("hf:a/b", None), ("absent.csv", None)],
)
def test_other_sources(source, papers):
    assert expected_papers(source) == papers
