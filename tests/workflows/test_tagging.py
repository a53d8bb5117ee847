"""Whole archives through the command line; the reference is one paper after the other."""

import errno
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scixtag.cli.main import call
from scixtag.corpus.sample import read_sample
from scixtag.workflows.tag import tagged
from scixtag.workflows.tagger import Tagger

GOOD = '{"id": "a", "title": "Solar flares", "abstract": "Ribbons."}\n'


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A quick tagger."""
    folder = tmp_path_factory.mktemp("quick") / "model"
    assert call(["train", "sample:train", "--model", "lexical", "--output", str(folder), "--quiet"]) == 0
    return folder


@pytest.fixture(scope="module")
def expected(model):
    """The lines of the embedded corpus, one paper at a time."""
    tagger = Tagger.load(model)
    return [
        json.dumps(tagged(record.id, tagger.suggest([record], 20)[0]), ensure_ascii=False) + "\n"
        for record in read_sample()
    ]


@pytest.fixture
def deadly(tmp_path_factory, monkeypatch, capsys):
    """A tagger at some of whose texts the process ends, from a package that is installed beside scixtag."""
    site = tmp_path_factory.mktemp("site")
    package = site / "deadly_models-1.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: deadly-models\nVersion: 1\n")
    (package / "entry_points.txt").write_text("[scixtag.models]\ndeadly = deadly_model:Deadly\n")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1]))
    folder = site / "model"
    assert call(["train", "sample:train", "--model", "deadly", "--output", str(folder), "--quiet"]) == 0
    capsys.readouterr()
    return folder


def papers_in(folder, name="p.jsonl", titles=()):
    path = folder / name
    path.write_text("".join(json.dumps({"id": f"p{i}", "title": title}) + "\n" for i, title in enumerate(titles)))
    return path


def ids_of(path):
    return [json.loads(line)["id"] for line in path.read_text().splitlines()]


def rejects_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("shard", [7, 2000])
def test_a_file_is_the_same_whatever_the_shards_and_workers(scixtag, model, expected, tmp_path, shard, workers):
    output = tmp_path / "t.jsonl"
    code, out, _ = scixtag("tag", model, "sample", "--output", output, "--shard", shard, "--workers", workers)
    assert code == 0
    assert out == f"264 papers: {output}\n"
    assert output.read_text() == "".join(expected)
    assert names_in(tmp_path) == ["t.jsonl"]


def test_all_forms_hold_the_same(scixtag, model, expected, tmp_path):
    common = ("tag", model, "sample", "--shard", 100, "--quiet", "--output")
    assert scixtag(*common, tmp_path / "t.jsonl.gz")[0] == 0
    assert gzip.decompress((tmp_path / "t.jsonl.gz").read_bytes()).decode() == "".join(expected)
    assert scixtag(*common, tmp_path / "lines", "--format", "jsonl")[0] == 0
    parts = sorted((tmp_path / "lines").iterdir())
    assert [part.name for part in parts] == [f"part-{i:06d}.jsonl" for i in range(3)]
    assert "".join(part.read_text() for part in parts) == "".join(expected)
    assert scixtag(*common, f"{tmp_path / 'table'}/")[0] == 0
    assert scixtag(*common, tmp_path / "flat", "--rows", "suggestion")[0] == 0
    documents = [json.loads(line) for line in expected]
    table = pq.read_table(tmp_path / "table").to_pylist()
    assert [row["id"] for row in table] == [one["id"] for one in documents]
    assert [row["concepts"] for row in table] == [[str(s["id"]) for s in one["suggestions"]] for one in documents]
    flat = pq.read_table(tmp_path / "flat").to_pylist()
    assert [(row["id"], row["rank"]) for row in flat] == [
        (one["id"], rank) for one in documents for rank in range(1, len(one["suggestions"]) + 1)
    ]


def test_the_same_command_writes_the_same_bytes(scixtag, model, tmp_path):
    for name in ("t.jsonl.gz", "table"):
        found = []
        for folder in ("a", "b"):
            scixtag("tag", model, "sample:test", "--shard", 20, "--output", tmp_path / folder / name)
            found.append([one.read_bytes() for one in sorted((tmp_path / folder).rglob("*")) if one.is_file()])
        assert found[0] == found[1]


def write_kind(folder, kind):
    """The embedded corpus as a source of a kind."""
    records = list(read_sample())
    rows = [{"id": one.id, "title": one.title, "abstract": one.abstract} for one in records]
    folder.mkdir(exist_ok=True)
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), folder / "p.parquet", row_group_size=70)
    elif kind == "csv":
        import csv

        with (folder / "p.csv").open("w", newline="") as stream:
            csv.writer(stream).writerows([("id", "title", "abstract"), *([*row.values()] for row in rows)])
    else:
        lines = [json.dumps(row) + "\n" for row in rows]
        (folder / "a.jsonl").write_text("".join(lines[:100]))
        (folder / "b.jsonl.gz").write_bytes(gzip.compress("".join(lines[100:]).encode()))
    return folder


@pytest.mark.parametrize("kind", ["parquet", "csv", "folder of lines"])
def test_sources_of_all_kinds_give_the_same(scixtag, model, expected, tmp_path, kind):
    source = write_kind(tmp_path / "in", kind)
    assert scixtag("tag", model, source, "--output", tmp_path / "t.jsonl", "--shard", 50)[0] == 0
    assert (tmp_path / "t.jsonl").read_text() == "".join(expected)


def test_records_that_cannot_be_read_are_told_and_the_others_tagged(scixtag, model, tmp_path):
    lines = [
        GOOD,
        "{\n",
        "\n",
        b'{"title": "\xff"}\n',
        '{"id": "b", "title": {}}\n',
        "[1]\n",
        GOOD.replace('"a"', '"c"'),
    ]
    source = tmp_path / "p.jsonl"
    source.write_bytes(b"".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    code, out, err = scixtag("tag", model, source, "--output", tmp_path / "t.jsonl")
    assert code == 0
    assert "2 papers" in out
    assert "records that could not be tagged: 4; " in err
    assert str(tmp_path / "t.jsonl.rejects.jsonl") in err
    assert ids_of(tmp_path / "t.jsonl") == ["a", "c"]
    rejects = rejects_of(tmp_path / "t.jsonl.rejects.jsonl")
    assert [(one["file"], one["row"]) for one in rejects] == [("p.jsonl", row) for row in (2, 4, 5, 6)]
    for one, reason in zip(
        rejects, ("not JSON", "not UTF-8", "title is an object", "object was expected"), strict=True
    ):
        assert reason in one["reason"]
    assert rejects[2]["excerpt"].startswith('{"id": "b"')
    # What was rejected once is not when it is mended, and the file is no more.
    source.write_text(GOOD)
    assert scixtag("tag", model, source, "--output", tmp_path / "t.jsonl")[0] == 0
    assert names_in(tmp_path) == ["p.jsonl", "t.jsonl"]


def test_onto_a_stream_no_foreign_file_is_replaced_either(scixtag, model, tmp_path):
    mine = tmp_path / "mine.jsonl"
    mine.write_text("mine\n")
    for rejects, why in ((mine, "without rejected records"), (tmp_path / "r.csv", "ends in .jsonl")):
        code, out, err = scixtag("tag", model, "sample:test", "--output", "-", "--rejects", rejects)
        assert (code, out) == (2, "")
        assert why in err
    assert mine.read_text() == "mine\n"


@pytest.mark.parametrize("option", [("--workers", 2), ("--engine", "ray"), ("--address", "x")])
def test_onto_a_stream_nobody_else_works(scixtag, model, option):
    code, out, err = scixtag("tag", model, "sample:test", "--output", "-", *option)
    assert (code, out) == (2, "")
    assert "onto a stream one process tags" in err


def test_a_terminal_that_is_closed_is_an_interruption_unless_told_otherwise(model, tmp_path):
    source = write_kind(tmp_path / "in", "csv") / "p.csv"
    arguments = ["tag", model, source, "--output", tmp_path / "t.jsonl", "--shard", 2]
    # Whoever starts the tests under nohup hands that on.
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        code, errors = interrupted(arguments, 3, signal.SIGHUP)
        assert code == 130
        assert "keeps the papers that are tagged" in errors
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        assert interrupted(arguments, 10, signal.SIGHUP)[0] == 0
    finally:
        signal.signal(signal.SIGHUP, before)
    assert names_in(tmp_path) == ["in", "t.jsonl"]


def test_a_gzip_file_that_is_cut_short_says_that_it_cannot_be_mended_on_the_way(scixtag, model, tmp_path):
    whole = gzip.compress(GOOD.encode() * 20_000, mtime=0)
    source = tmp_path / "p.jsonl.gz"
    source.write_bytes(whole[: len(whole) // 2])
    arguments = ("tag", model, source, "--output", tmp_path / "t.jsonl", "--shard", 100)
    code, _, err = scixtag(*arguments)
    assert code == 2
    assert "cut short" in err
    assert "if the input is mended first, it has to start anew" in err
    source.write_bytes(whole)
    code, _, err = scixtag(*arguments)
    assert code == 2
    assert "Pass --overwrite to start anew" in err
    assert scixtag(*arguments, "--overwrite")[0] == 0


def test_rejects_go_where_they_are_wanted(scixtag, model, tmp_path):
    source = tmp_path / "p.jsonl"
    source.write_text(GOOD + "{\n")
    elsewhere = tmp_path / "sub" / "bad.jsonl"
    assert scixtag("tag", model, source, "--output", tmp_path / "t.jsonl", "--rejects", elsewhere)[0] == 0
    assert rejects_of(elsewhere)[0]["row"] == 2
    code, out, err = scixtag("tag", model, source, "--output", "-")
    assert (code, len(out.splitlines())) == (0, 1)
    assert "not tagged: " in err
    assert '"row": 2' in err


def test_nothing_that_can_be_read(scixtag, model, tmp_path):
    source = tmp_path / "p.jsonl"
    source.write_text('{"title": {}}\n')
    code, _, err = scixtag("tag", model, source, "--output", tmp_path / "t.jsonl")
    assert code == 2
    assert "no record can be tagged (1 rejected); the first, p.jsonl row 1: the title is an object" in err
    assert names_in(tmp_path) == ["p.jsonl"]


def test_labels_cannot_be_wrong_when_nobody_needs_them(scixtag, model, tmp_path):
    source = tmp_path / "p.jsonl"
    source.write_text(GOOD.replace("}", ', "labels": [{}]}'))
    assert scixtag("tag", model, source, "--output", tmp_path / "t.jsonl")[0] == 0


def test_mixed_columns_in_a_folder(scixtag, model, tmp_path):
    (tmp_path / "in").mkdir()
    for name, column in (("a", "abstract"), ("b", "abstract"), ("c", "summary")):
        (tmp_path / "in" / f"{name}.jsonl").write_text(GOOD.replace("abstract", column))
    code, _, err = scixtag("tag", model, tmp_path / "in", "--output", tmp_path / "t.jsonl")
    assert code == 2
    assert "abstract: abstract in a.jsonl, b.jsonl" in err
    assert "abstract: summary in c.jsonl" in err
    (tmp_path / "in" / "c.jsonl").write_text('{"id": "a", "name": "x"}\n')
    code, _, err = scixtag("tag", model, tmp_path / "in", "--output", tmp_path / "t.jsonl")
    assert code == 2
    assert "c.jsonl: no column of titles" in err
    assert names_in(tmp_path) == ["in"]


@pytest.mark.parametrize(
    ("output", "options", "message"),
    [
        ("t.jsonl", ("--format", "parquet"), "writes a folder"),
        ("t.parquet", (), "a folder for several files, such as t/"),
        ("t.jsonl", ("--engine", "lokal"), "did you mean 'local'"),
        ("t.jsonl", ("--address", "x"), "--address"),
        ("t.jsonl", ("--threshold", "2"), "between 0 and 1"),
        ("t", ("--explain",), "--explain writes JSON Lines"),
        ("t.jsonl", ("--rejects", "t.jsonl"), "--rejects is the output"),
    ],
)
def test_options_that_do_not_fit(scixtag, model, tmp_path, monkeypatch, output, options, message):
    monkeypatch.chdir(tmp_path)
    code, _, err = scixtag("tag", model, "sample", "--output", output, *options)
    assert code == 2
    assert message in err
    assert names_in(tmp_path) == []


def test_an_output_folder_is_replaced_only_if_told_and_ours(scixtag, model, tmp_path):
    arguments = ("tag", model, "sample:test", "--output", tmp_path / "out")
    assert scixtag(*arguments)[0] == 0
    code, _, err = scixtag(*arguments)
    assert code == 2
    assert "--overwrite" in err
    assert scixtag(*arguments, "--shard", 10, "--overwrite")[0] == 0
    assert len(names_in(tmp_path / "out")) == 6
    (tmp_path / "out" / "thesis.tex").write_text("years of work")
    code, _, err = scixtag(*arguments, "--overwrite")
    assert code == 2
    assert "thesis.tex, which no tagging wrote" in err
    assert names_in(tmp_path) == ["out"]


def interrupted(arguments, after, number=signal.SIGTERM):
    """Run the real command and stop it after some finished shards; gives exit code and standard error."""
    command = [sys.executable, "-m", "scixtag", *(str(one) for one in arguments)]
    output = Path(str(arguments[arguments.index("--output") + 1]))
    journal = output.with_name(f"{output.name}.tagging") / "journal.jsonl"
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            if journal.is_file() and journal.read_bytes().count(b"\n") >= after:
                process.send_signal(number)
                break
            time.sleep(0.001)
        _, errors = process.communicate(timeout=60)
    return process.returncode, errors


@pytest.fixture
def begun(model, tmp_path):
    """An unfinished tagging of a file of the embedded corpus: its command and its source."""
    source = write_kind(tmp_path / "in", "csv") / "p.csv"
    arguments = ["tag", model, source, "--output", tmp_path / "t.jsonl", "--shard", 2]
    code, errors = interrupted(arguments, 3)
    assert code == 130, errors
    assert "error: interrupted\n" in errors
    assert "t.jsonl.tagging keeps the papers that are tagged: the same command goes on from there" in errors
    assert names_in(tmp_path) == ["in", "t.jsonl.tagging"]
    return arguments, source


def test_an_interrupted_run_is_continued(scixtag, expected, tmp_path, begun):
    arguments, _ = begun
    code, out, err = scixtag(*arguments)
    assert code == 0
    assert "; going on with the rest" in err
    assert out.startswith("264 papers")
    done = int(err.split("papers that are tagged already: ")[1].split(";")[0])
    assert f"tagging papers: {264 - done} in" in err  # the rate is of this run alone
    assert (tmp_path / "t.jsonl").read_text() == "".join(expected)
    assert names_in(tmp_path) == ["in", "t.jsonl"]


def test_workers_and_engine_may_change_on_the_way(scixtag, expected, tmp_path, begun):
    assert scixtag(*begun[0], "--workers", 2)[0] == 0
    assert (tmp_path / "t.jsonl").read_text() == "".join(expected)


def test_other_options_another_model_and_another_version_are_refused(scixtag, begun, tmp_path, capsys):
    arguments, _ = begun
    other = tmp_path / "other"
    call(["train", "sample:train", "--model", "prior", "--output", str(other), "--quiet"])
    capsys.readouterr()
    for changed, message in (
        ([*arguments, "--limit", 3], "--limit was 20 and is 3"),
        ([*arguments[:-1], 5], "--shard was 2 and is 5"),
        (["tag", other, *arguments[2:]], "the model is another one: lexical"),
    ):
        code, _, err = scixtag(*changed)
        assert code == 2
        assert message in err
        assert "--overwrite" in err
    path = tmp_path / "t.jsonl.tagging" / "job.json"
    path.write_text(path.read_text().replace('"scixtag": "', '"scixtag": "0'))
    code, _, err = scixtag(*arguments)
    assert code == 2
    assert "it was begun by scixtag 0" in err
    path.write_text("{")
    assert "cannot be read" in scixtag(*arguments)[2]
    assert not (tmp_path / "t.jsonl").exists()
    assert scixtag(*arguments, "--overwrite", "--limit", 3)[0] == 0
    assert names_in(tmp_path) == ["in", "other", "t.jsonl"]


def test_an_input_that_was_changed_is_refused(scixtag, expected, begun, tmp_path):
    arguments, source = begun
    before = source.read_bytes()
    source.write_bytes(before + b"x,y,z\n")
    code, _, err = scixtag(*arguments)
    assert code == 2
    assert f"input changed: p.csv ({len(before):,} bytes before, {len(before) + 6:,} now)" in err
    first = next(read_sample()).title.encode()
    source.write_bytes(before.replace(first, first.swapcase(), 1))
    code, _, err = scixtag(*arguments)
    assert code == 2
    assert "p.csv: was changed since its papers were tagged, first in rows 1 to 2" in err
    source.write_bytes(before)  # touched, but the same
    code, _, err = scixtag(*arguments)
    assert code == 0
    assert "reading again" in err
    assert (tmp_path / "t.jsonl").read_text() == "".join(expected)


def test_files_that_came_and_went(scixtag, model, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.jsonl").write_text(GOOD * 40)
    arguments = ["tag", model, folder, "--output", tmp_path / "t.jsonl", "--shard", 2]
    assert interrupted(arguments, 2)[0] == 130
    (folder / "c.jsonl").rename(folder / "d.jsonl")
    code, _, err = scixtag(*arguments)
    assert code == 2
    assert "input added: d.jsonl; input removed: c.jsonl" in err


def test_a_torn_journal_and_lost_parts(scixtag, expected, begun, tmp_path):
    work = tmp_path / "t.jsonl.tagging"
    parts = sorted((work / "parts").glob("part-*"))
    parts[0].unlink()
    parts[1].write_bytes(parts[1].read_bytes()[:-1])
    with (work / "journal.jsonl").open("ab") as journal:
        journal.write(b'{"shard": 99, "pap')
    assert scixtag(*begun[0])[0] == 0
    assert (tmp_path / "t.jsonl").read_text() == "".join(expected)


def test_two_runs_at_once(scixtag, begun, tmp_path):
    import fcntl

    with (tmp_path / "t.jsonl.tagging" / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, _, err = scixtag(*begun[0])
        assert code == 2
        assert "another scixtag is writing this output" in err
    assert scixtag(*begun[0])[0] == 0


def test_a_folder_in_the_way(scixtag, model, tmp_path):
    (tmp_path / "t.jsonl.tagging").mkdir()
    (tmp_path / "t.jsonl.tagging" / "thesis.tex").write_text("years of work")
    code, _, err = scixtag("tag", model, "sample", "--output", tmp_path / "t.jsonl", "--overwrite")
    assert code == 2
    assert "thesis.tex" in err
    assert names_in(tmp_path / "t.jsonl.tagging") == ["thesis.tex"]


def test_a_full_disk_in_the_middle(scixtag, model, expected, tmp_path, monkeypatch):
    """Whatever is written fails from some moment on; later there is room."""
    arguments = ("tag", model, "sample", "--output", tmp_path / "t.jsonl", "--shard", 20)
    real, calls = os.fsync, []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) > 5:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr("os.fsync", full)
    code, _, err = scixtag(*arguments)
    assert code == 1
    assert "t.jsonl: cannot be written (No space left on device)" in err
    assert "the same command goes on once there is room" in err
    assert names_in(tmp_path) == ["t.jsonl.tagging"]
    monkeypatch.setattr("os.fsync", real)
    code, _, err = scixtag(*arguments)
    assert code == 0
    assert "tagged already" in err
    assert (tmp_path / "t.jsonl").read_text() == "".join(expected)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_disk_that_is_really_full(scixtag, model, expected, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "none", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        arguments = ("tag", model, "sample", "--output", disk / "t.jsonl", "--shard", 5)
        code, _, err = scixtag(*arguments)
        assert code == 1
        assert "t.jsonl: cannot be written (No space left on device)" in err
        assert names_in(disk) == ["t.jsonl.tagging"]
        subprocess.run(["mount", "-o", "remount,size=8m", disk], check=True)
        assert scixtag(*arguments)[0] == 0
        assert (disk / "t.jsonl").read_text() == "".join(expected)
        assert names_in(disk) == ["t.jsonl"]
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize(("word", "how"), [("deadly", "killed by signal 9"), ("fleeing", "ended with exit code 7")])
def test_a_record_at_which_workers_die_goes_to_the_rejects(scixtag, deadly, tmp_path, word, how):
    titles = [f"star {i}" for i in range(30)]
    titles[4], titles[21], titles[22] = (f"{word} star" for _ in range(3))
    source = papers_in(tmp_path, titles=titles)
    code, out, err = scixtag("tag", deadly, source, "--output", tmp_path / "t.jsonl", "--shard", 10, "--workers", 2)
    assert code == 0, err
    assert "27 papers" in out
    assert ids_of(tmp_path / "t.jsonl") == [f"p{i}" for i in range(30) if i not in (4, 21, 22)]
    rejects = rejects_of(tmp_path / "t.jsonl.rejects.jsonl")
    assert [one["row"] for one in rejects] == [5, 22, 23]
    assert all(one["reason"] == f"the process ended while tagging it: {how}" for one in rejects)
    assert all(f"{word} star" in one["excerpt"] for one in rejects)
    assert names_in(tmp_path) == ["p.jsonl", "t.jsonl", "t.jsonl.rejects.jsonl"]


def test_an_error_of_the_model_says_where_it_was(scixtag, deadly, tmp_path):
    source = papers_in(tmp_path, titles=["star", "failing star"])
    with pytest.raises(ValueError, match="no such star"):
        scixtag("tag", deadly, source, "--output", tmp_path / "t.jsonl")
    assert names_in(tmp_path) == ["p.jsonl"]


def test_workers_that_cannot_start(scixtag, deadly, tmp_path, monkeypatch):
    monkeypatch.setenv("DEADLY_START", "1")
    source = papers_in(tmp_path, titles=["star"])
    code, _, err = scixtag("tag", deadly, source, "--output", tmp_path / "t.jsonl")
    assert code == 1
    assert "the worker process ends while it starts (ended with exit code 9)" in err
    assert names_in(tmp_path) == ["p.jsonl"]
