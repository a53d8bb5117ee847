"""Files in pieces: nothing is lost or read twice wherever a piece begins, and bad rows harm nobody else."""

import csv
import gzip
import io
import json
import pickle
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scixtag.corpus.fields import Fields
from scixtag.corpus.readers import lines
from scixtag.corpus.readers.paths import known_reader, read_piece
from scixtag.corpus.readers.piece import Rejected
from scixtag.corpus.record import Record
from scixtag.corpus.sample import read_sample
from scixtag.corpus.sources import read_records
from scixtag.corpus.supply import Spot, supply_of
from scixtag.errors import InputError

ROWS = [
    {"id": f"p{i}", "title": f"Title {i}, with 'quotes'", "abstract": 'Two\nlines "quoted" — ü' if i % 3 else None}
    for i in range(23)
]


def as_csv(delimiter=","):
    text = io.StringIO()
    writer = csv.DictWriter(text, ["id", "title", "abstract"], delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(ROWS)
    return text.getvalue().replace("p7", "\n\np7").encode()


def as_lines():
    return "".join(json.dumps(row) + ("\n\n" if row["id"] == "p5" else "\n") for row in ROWS).encode()


def as_parquet(**options):
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), sink, **options)
    return sink.getvalue()


def contents():
    return {
        "p.jsonl": as_lines(),
        "bom.jsonl": b"\xef\xbb\xbf" + as_lines(),
        "p.ndjson.gz": gzip.compress(as_lines()),
        "p.csv": as_csv(),
        "bom.csv.gz": gzip.compress(b"\xef\xbb\xbf" + as_csv()),
        "p.tsv": as_csv("\t"),
        "p.parquet": as_parquet(row_group_size=5),
        "one.parquet": as_parquet(),
        "annif.tsv": b"".join(f"{row['title']}\t<http://x/1>\n".encode() for row in ROWS),
    }


@pytest.mark.parametrize("name", contents())
@pytest.mark.parametrize("size", [1, 4, 7, 23, 100])
def test_pieces_hold_what_the_file_holds_from_wherever_they_begin(tmp_path, name, size):
    path = tmp_path / name
    path.write_bytes(contents()[name])
    whole = list(read_records(path))
    assert [record.title for record in whole] == [row["title"] for row in ROWS]
    supply = supply_of(str(path))
    cut = list(supply.cut(size))
    assert [item for piece, _ in cut for _, item in read_piece(piece)] == whole
    assert all(len(list(read_piece(piece))) <= size for piece, _ in cut)
    for number, (_, end) in enumerate(cut):
        assert list(supply.cut(size, end)) == cut[number + 1 :]
    assert pickle.loads(pickle.dumps(cut)) == cut


def test_pieces_of_a_folder_are_of_one_file_each_and_in_order(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(as_lines())
    (tmp_path / "b.csv").write_bytes(as_csv())
    (tmp_path / "c.jsonl").write_bytes(b"")
    (tmp_path / "d.parquet").write_bytes(as_parquet(row_group_size=9))
    supply = supply_of(str(tmp_path))
    cut = list(supply.cut(10))
    assert [item for piece, _ in cut for _, item in read_piece(piece)] == list(read_records(tmp_path))
    assert [spot.file for _, spot in cut] == [0, 0, 0, 1, 1, 1, 3, 3, 3]
    for number, (_, end) in enumerate(cut):
        assert list(supply.cut(10, end)) == cut[number + 1 :]


@pytest.mark.parametrize("part", ["", ":train", ":test"])
def test_the_embedded_corpus(part):
    supply = supply_of(f"sample{part}")
    cut = list(supply.cut(20))
    assert [item for piece, _ in cut for _, item in read_piece(piece)] == list(read_sample(part[1:] or None))
    assert list(supply.cut(20, cut[1][1])) == cut[2:]
    assert list(supply.cut(20, Spot())) == cut


def test_without_labels_none_is_read(tmp_path):
    (tmp_path / "p.csv").write_text("id,title,labels\n1,x,594\n")
    for labels, expected in ((True, ("594",)), (False, None)):
        ((piece, _),) = supply_of(str(tmp_path / "p.csv"), labels=labels).cut(5)
        ((_, record),) = read_piece(piece)
        assert record.labels == expected


def items(path, size=1000):
    return [item for piece, _ in supply_of(str(path)).cut(size) for _, item in read_piece(piece)]


def told(path, size=1000):
    """Titles, and places of rejected rows."""
    return [item.title if isinstance(item, Record) else item.place for item in items(path, size)]


@pytest.mark.parametrize("size", [1, 2, 1000])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('id,title\n1,a\n2,"b\n3,c\n4,d\n', ["a", "row 2 (line 3)", "c", "d"]),  # never closed
        ('id,title\n1,a\n2,"b" x\n3,c\n', ["a", "row 2 (line 3)", "c"]),
        ('id,title\n1,a\n2,"b\n3,"c"\n4,d\n', ["a", "row 2 (line 3)", "d"]),  # closed by the next one's quote
        ("id,title\n1,a\n2,b,c,d\n\n3,e\n", ["a", "row 2 (line 3)", "e"]),
        (b"id,title\n1,a\n2,\xff\n3,\x00\n4,d\n", ["a", "row 2 (line 3)", "row 3 (line 4)", "d"]),
        ('id,title\n1,"a\nb"\n2,"c\n', ["a\nb", "row 2 (line 4)"]),
        ('id,title\n1,"a\n2,"b\n3,"c\n4,"d\n', None),
    ],
)
def test_bad_rows_of_a_table(tmp_path, text, expected, size):
    path = tmp_path / "p.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    if expected is None:
        expected = told(path)
        assert expected
        assert all(one.startswith("row") for one in expected)
    assert told(path, size) == expected
    with pytest.raises(InputError, match=r"p\.csv row"):
        list(read_records(path))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.sampled_from(['"', "a", ",", "\n", "\r", "ü", "x,y\n", 'z,"q"\n']), max_size=40).map("".join))
def test_no_table_stops_the_reading_and_any_cut_gives_the_same(tmp_path, body):
    path = tmp_path / "p.csv"
    path.write_text(f"id,title\n{body}", newline="")
    whole = items(path)
    assert items(path, 1) == whole
    supply = supply_of(str(path))
    cut = list(supply.cut(2))
    for number, (_, end) in enumerate(cut):
        assert list(supply.cut(2, end)) == cut[number + 1 :]


def test_bad_lines_keep_their_numbers_and_show_how_they_begin(tmp_path):
    path = tmp_path / "p.jsonl"
    path.write_bytes(b'{"title": "a"}\n\n{"title": \n"x"\n{"title": "b"}\n\xff' + b"y" * 500 + b'\n{"title": "c"}')
    assert told(path) == ["a", "row 3", "row 4", "b", "row 6", "c"]
    bad = [item for item in items(path) if isinstance(item, Rejected)]
    assert bad[0].excerpt == '{"title":'
    assert len(bad[2].excerpt) == 200


def test_carriage_returns_alone_do_not_end_rows(tmp_path):
    path = tmp_path / "p.csv"
    path.write_bytes(b"id,title\n1,a\rb\n2,c\n")
    assert told(path) == ["row 1 (line 2)", "c"]
    assert "carriage return" in next(item for item in items(path) if isinstance(item, Rejected)).reason
    path.write_bytes(b"id,title\r1,a\r2,b\r")
    with pytest.raises(InputError, match="line 1: a carriage return that no line feed follows; save the file"):
        items(path)


def test_a_cell_of_parquet_that_is_no_text(tmp_path):
    titles = pa.StringArray.from_buffers(
        3, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0"), pa.py_buffer(b"a\xffc"), None
    )
    pq.write_table(pa.table({"id": ["1", "2", "3"], "title": titles}), tmp_path / "p.parquet")
    assert told(tmp_path / "p.parquet") == ["a", "row 2", "c"]
    with pytest.raises(InputError, match="row 2: not UTF-8 text"):
        list(read_records(tmp_path / "p.parquet"))


@pytest.mark.parametrize("name", ["p.jsonl", "p.jsonl.gz", "p.csv"])
def test_a_line_that_is_too_long(tmp_path, monkeypatch, name):
    monkeypatch.setattr(lines, "LONGEST", 1000)
    monkeypatch.setattr(lines, "_SKIPPED_AT_ONCE", 300)
    monkeypatch.setattr("scixtag.corpus.readers.table_rows.LONGEST", 1000)
    row = "1,{}\n" if name == "p.csv" else '{{"title": "{}"}}\n'
    text = ("id,title\n" if name == "p.csv" else "") + "".join(row.format(t) for t in ("a", "x" * 5000, "b"))
    data = text.encode()
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    assert told(tmp_path / name) == ["a", "row 2 (line 3)" if name == "p.csv" else "row 2", "b"]
    assert told(tmp_path / name, 1) == told(tmp_path / name)
    (bad,) = (item for item in items(tmp_path / name) if isinstance(item, Rejected))
    assert "longer than" in bad.reason
    assert len(bad.excerpt) == 200


def test_a_long_line_is_never_held(tmp_path):
    """300 MB in one line, all of which would be held by a reader that asks for lines."""
    path = tmp_path / "p.jsonl"
    with path.open("wb") as stream:
        stream.write(b'{"title": "a"}\n{"title": "')
        for _ in range(300):
            stream.write(b"x" * 1_000_000)
        stream.write(b'"}\n{"title": "b"}\n')
    code = f"""
import resource
from scixtag.corpus.supply import supply_of
from scixtag.corpus.readers.paths import read_piece
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
told = [getattr(item, "title", None) for piece, _ in supply_of({str(path)!r}).cut(2) for _, item in read_piece(piece)]
assert told == ["a", None, "b"], told
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 80_000  # kB


def test_a_piece_is_not_heavier_than_memory_allows(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "HEAVIEST", 500)
    monkeypatch.setattr("scixtag.corpus.readers.delimited.HEAVIEST", 500)
    for name in ("p.jsonl", "p.csv"):
        (tmp_path / name).write_bytes(contents()[name])
        pieces = [piece for piece, _ in supply_of(str(tmp_path / name)).cut(1000)]
        assert len(pieces) > 2
        assert [item for piece in pieces for _, item in read_piece(piece)] == list(read_records(tmp_path / name))


def test_a_named_column_counts_for_all_files(tmp_path):
    for name, column in (("a", "titel"), ("b", "title")):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps({"id": 1, column: "x"}) + "\n")
    with pytest.raises(InputError, match=r"a\.jsonl: no column of titles"):
        supply_of(str(tmp_path))
    with pytest.raises(InputError, match=r"b\.jsonl: no column 'titel'"):
        supply_of(str(tmp_path), Fields(title="titel"))


def test_a_file_without_one_good_row(tmp_path):
    (tmp_path / "p.jsonl").write_text("{\n[1]\n")
    with pytest.raises(InputError, match=r"p\.jsonl row 1: not JSON"):
        known_reader(tmp_path / "p.jsonl").look(tmp_path / "p.jsonl", Fields())
