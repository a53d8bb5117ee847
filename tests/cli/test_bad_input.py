"""Bad input gets a message that says what, where and what to do; the exit code is 2; nothing is lost."""

import gzip
import io
import json
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

GOOD = '{"id": "a", "title": "Solar flares", "uat_ids": [1496]}\n'
TTL = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n@prefix x: <http://x/> .\n"


OLD = '{"id": "old", "suggestions": []}\n'
"""A line of an earlier tagging; a file that no tagging wrote would not be replaced anyway."""


def write(path, content):
    path.write_bytes(content) if isinstance(content, bytes) else path.write_text(content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("p.docx", "x", "docx"),
        ("p.parquet", "not parquet", "p.parquet"),
        ("p.jsonl", GOOD + '{"id": "b", "title": \n', "row 2"),
        ("p.jsonl", GOOD + "[1]\n", "row 2"),
        ("p.jsonl", b"\x00\xff\xfe\x80" * 50, "p.jsonl"),
        ("p.csv", b"id,title\n\xff\xfe\x00\x80,x\n", "p.csv"),
        ("p.csv", "id,name\n1,x\n", "id, name"),
        ("p.csv", "", "p.csv"),
        ("p.jsonl", "", "p.jsonl"),
        ("p.csv", "id,title\n1,Solar flares\n", "label"),
        ("p.csv", "id,title,uat_ids\n1,Solar flares,999999\n", "vocabulary"),
        ("p.csv.gz", gzip.compress(b"id,title,uat_ids\n" + b"1,Solar flares,1496\n" * 5000, mtime=0)[:-40], "p.csv.gz"),
    ],
    ids=str,
)
def test_bad_corpora(scixtag, tmp_path, name, content, message):
    source = write(tmp_path / name, content)
    code, out, err = scixtag("train", source, "--vocabulary", "sample", "--output", tmp_path / "m")
    assert code == 2
    assert out == ""
    last = err.strip().splitlines()[-1]
    assert last.startswith("error: ")
    assert message.lower() in last.lower()
    assert "Traceback" not in err
    assert not (tmp_path / "m").exists()


def test_a_missing_file(scixtag, tmp_path, model):
    for command in (("train", "--vocabulary", "sample", "--output", tmp_path / "m"), ("data",)):
        code, _, err = scixtag(command[0], tmp_path / "absent.parquet", *command[1:])
        assert code == 2
        assert "absent.parquet" in err
    assert scixtag("tag", model, tmp_path / "absent.csv", "--output", tmp_path / "t.jsonl")[0] == 2
    assert not (tmp_path / "t.jsonl").exists()


def test_a_named_column_that_is_missing(scixtag, tmp_path, model):
    source = write(tmp_path / "p.csv", "id,title\n1,x\n")
    code, _, err = scixtag("tag", model, source, "--title-field", "titel", "--output", tmp_path / "t.jsonl")
    assert code == 2
    assert "titel" in err
    assert "title" in err


def test_unknown_labels_are_counted_and_strict_stops(scixtag, tmp_path):
    source = write(tmp_path / "p.jsonl", GOOD + '{"id": "b", "title": "Quasars", "uat_ids": [1319, 424242]}\n')
    arguments = ("train", source, "--vocabulary", "sample", "--model", "prior", "--set", "tuning.folds=2")
    code, _, err = scixtag(*arguments, "--output", tmp_path / "m")
    assert code == 0
    assert "424242" in err
    code, _, err = scixtag(*arguments, "--strict", "--output", tmp_path / "n")
    assert code == 2
    assert "424242" in err


def test_duplicate_ids_are_counted(scixtag, tmp_path):
    source = write(tmp_path / "p.jsonl", GOOD + GOOD + GOOD.replace('"a"', '"b"'))
    arguments = ("train", source, "--vocabulary", "sample", "--model", "prior", "--set", "tuning.folds=2")
    code, _, err = scixtag(*arguments, "--output", tmp_path / "m")
    assert code == 0
    assert "duplicate" in err


def test_a_ten_megabyte_abstract(scixtag, tmp_path, model):
    abstract = "solar flares and their ribbons " * 340_000
    for name, content in (
        ("p.jsonl", json.dumps({"id": "a", "title": "t", "abstract": abstract})),
        ("p.csv", f"id,title,abstract\na,t,{abstract}\n"),
    ):
        source = write(tmp_path / name, content)
        assert scixtag("tag", model, source, "--output", tmp_path / "t.jsonl")[0] == 0
        line = json.loads((tmp_path / "t.jsonl").read_text())
        assert line["suggestions"][0]["label"] == "Solar flares"


def test_an_existing_output_folder(scixtag, tmp_path):
    arguments = ("train", "sample", "--model", "prior", "--output", tmp_path / "m")
    assert scixtag(*arguments)[0] == 0
    before = (tmp_path / "m" / "manifest.json").read_bytes()
    code, _, err = scixtag(*arguments)
    assert code == 2
    assert "--overwrite" in err
    assert (tmp_path / "m" / "manifest.json").read_bytes() == before
    assert scixtag(*arguments, "--overwrite")[0] == 0


@pytest.mark.parametrize("spoil", ["truncated", "missing", "garbled"])
def test_a_damaged_model_folder(scixtag, tmp_path, model, spoil):
    copy = tmp_path / "copy"
    shutil.copytree(model, copy)
    victim = max((copy / "model").iterdir(), key=lambda f: f.stat().st_size)
    if spoil == "truncated":
        victim.write_bytes(victim.read_bytes()[:-10])
    elif spoil == "missing":
        victim.unlink()
    else:
        size = victim.stat().st_size
        victim.write_bytes(b"x" * size)
    code, _, err = scixtag("suggest", copy, "--title", "x")
    assert code == 2
    assert "copy" in err
    assert "train" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("name", "start", "garbage"),
    [
        ("label_counts.npy", 10, b"{'descr': (((("),  # the header is no Python
        ("model/members/centroid/tfidf.idf.npy", 10, b"{'descr': (((("),
        ("model/members/centroid/tfidf.stems.npy", 128, b"\xff\xfe\xb5"),  # the content is no UTF-8
    ],
)
def test_damaged_arrays_of_the_right_size(scixtag, tmp_path, model, name, start, garbage):
    copy = tmp_path / "copy"
    shutil.copytree(model, copy)
    content = bytearray((copy / name).read_bytes())
    content[start : start + len(garbage)] = garbage
    (copy / name).write_bytes(content)
    code, _, err = scixtag("suggest", copy, "--title", "x")
    assert code == 2
    assert "damaged" in err
    assert "train it again" in err


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "not a model folder"),
        ({"manifest.json": "{"}, "cannot be read"),
        ({"manifest.json": '{"format": "other"}'}, "another program"),
        ({"manifest.json": '{"format": "scixtag-model", "format_version": 99, "files": {}}'}, "version 99"),
    ],
)
def test_a_foreign_model_folder(scixtag, tmp_path, files, message):
    for name, content in files.items():
        write(tmp_path / name, content)
    code, _, err = scixtag("suggest", tmp_path, "--title", "x")
    assert code == 2
    assert message in err


def test_no_model_folder(scixtag, tmp_path):
    code, _, err = scixtag("suggest", tmp_path / "absent", "--title", "x")
    assert code == 2
    assert "scixtag train" in err
    code, _, err = scixtag("suggest", write(tmp_path / "papers.parquet", "x"), "--title", "x")
    assert code == 2
    assert "papers.parquet: a file; MODEL is a folder" in err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("v.ttl", TTL, "no skos:Concept"),
        ("v.ttl", TTL + "x:1 a skos:Concept ; skos:broader x:2 .\nx:2 a skos:Concept ; skos:broader x:1 .", "cycl"),
        ("v.ttl", "this is not turtle", "v.ttl"),
        ("v.rdf", "<rdf", "v.rdf"),
        ("v.json", "{", "v.json"),
        ("v.tsv", "no tabs here\n", "v.tsv"),
        ("v.doc", "x", "v.doc"),
    ],
    ids=str,
)
def test_bad_vocabularies(scixtag, tmp_path, name, content, message):
    vocabulary = write(tmp_path / name, content)
    source = write(tmp_path / "p.jsonl", GOOD)
    code, _, err = scixtag("train", source, "--vocabulary", vocabulary, "--output", tmp_path / "m")
    assert code == 2
    assert message in err
    assert not (tmp_path / "m").exists()


def test_a_corpus_needs_a_vocabulary(scixtag, tmp_path):
    source = write(tmp_path / "p.jsonl", GOOD)
    code, _, err = scixtag("train", source, "--output", tmp_path / "m")
    assert code == 2
    assert "--vocabulary" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--model", "centriod"), "did you mean 'centroid'"),
        (("--set", "decision.rul=x"), "did you mean 'rule'"),
        (("--set", "decision.rule=best"), "decision.rule"),
        (("--set", "minimum_label_count=0"), "minimum_label_count"),
        (("--set", "tuning.folds=1"), "folds"),
        (("--set", "model=3"), "[model]"),
        (("--fold", "6/5"), "1/5"),
        (("--fold", "x"), "1/5"),
        (("--no-such-option",), "--no-such-option"),
    ],
    ids=str,
)
def test_usage_errors_come_before_any_work(scixtag, tmp_path, arguments, message):
    code, out, err = scixtag("train", "sample", *arguments, "--output", tmp_path / "m")
    assert code == 2
    assert message in err
    assert "reading" not in err
    assert out == ""


def test_a_threshold_out_of_range(scixtag, model):
    code, _, err = scixtag("suggest", model, "--title", "x", "--threshold", "7")
    assert code == 2
    assert "between 0 and 1" in err


@pytest.mark.parametrize("title", [" ", "\u200b\u3164\ufe0f", "<b></b>&nbsp;"])
def test_no_text(scixtag, model, title):
    code, _, err = scixtag("suggest", model, "--title", title, "--abstract", "")
    assert code == 2
    assert "no text" in err


def test_an_interrupted_tag_keeps_the_old_file(tmp_path, model):
    output = write(tmp_path / "t.jsonl", OLD)
    command = [sys.executable, "-m", "scixtag", "tag", model, "sample", "--output", output]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while not (tmp_path / "t.jsonl.tagging" / "job.json").exists():
            assert process.poll() is None
            time.sleep(0.001)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
        assert "interrupted" in process.stderr.read()
    assert output.read_text() == OLD
    assert [p.name for p in tmp_path.iterdir()] == ["t.jsonl"]


def test_a_full_disk_keeps_the_old_file(scixtag, tmp_path, model, monkeypatch):
    output = write(tmp_path / "t.jsonl", OLD)

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    code, _, err = scixtag("tag", model, "sample", "--output", output)
    assert code == 1
    assert "No space left" in err
    assert output.read_text() == OLD
    assert [p.name for p in tmp_path.iterdir()] == ["t.jsonl"]
    assert "t.jsonl: cannot be written" in err


def test_the_input_is_never_the_output(scixtag, tmp_path, model):
    (tmp_path / "papers").mkdir()
    source = write(tmp_path / "papers" / "p.jsonl", GOOD)
    for papers in (source, tmp_path / "papers"):
        code, _, err = scixtag("tag", model, papers, "--output", source)
        assert code == 2
        assert "is the input" in err
    assert source.read_text() == GOOD


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("tag", "sample", "--output"), "papers.parquet"),
        (("evaluate", "sample:test", "--json"), "papers.parquet"),
        (("data", "--report"), "notes.txt"),
        (("evaluate", "sample:test", "--json"), "catalogue.json"),
        (("drift", "sample:test", "--json"), "catalogue.json"),
        (("data", "--report"), "thesis.html"),
    ],
    ids=str,
)
def test_a_file_of_another_kind_or_hand_is_not_replaced(scixtag, tmp_path, model, command, name):
    precious = write(tmp_path / name, "years of work")
    first = (command[0], "sample") if command[0] == "data" else (command[0], model)
    code, _, err = scixtag(*first, *command[1:], precious)
    assert code == 2
    assert "is not replaced" in err
    assert precious.read_text() == "years of work"


@pytest.mark.parametrize("command", ["train", "evaluate", "demo"])
def test_somebody_elses_folder_is_not_replaced(scixtag, tmp_path, model, command):
    write(tmp_path / "manifest.json", '{"name": "my browser extension"}')
    arguments = {
        "train": ("train", "sample", "--model", "prior", "--overwrite", "--output"),
        "evaluate": ("evaluate", model, "sample:test", "--report"),
        "demo": ("demo", "--output"),
    }
    code, _, err = scixtag(*arguments[command], tmp_path)
    assert code == 2
    assert "not replaced" in err
    assert [p.name for p in tmp_path.iterdir()] == ["manifest.json"]


def test_a_model_folder_with_notes_in_it_is_not_replaced(scixtag, tmp_path, model):
    copy = tmp_path / "copy"
    shutil.copytree(model, copy)
    write(copy / "NOTES.txt", "years of work")
    code, _, err = scixtag("train", "sample", "--model", "prior", "--overwrite", "--output", copy)
    assert code == 2
    assert "NOTES.txt" in err
    assert (copy / "NOTES.txt").is_file()


def test_a_minimum_count_that_leaves_no_concept(scixtag, tmp_path):
    code, _, err = scixtag("train", "sample", "--set", "minimum_label_count=1000", "--output", tmp_path / "m")
    assert code == 2
    assert "the most frequent concept has 21 papers" in err


def test_a_single_paper(scixtag, tmp_path):
    source = write(tmp_path / "p.jsonl", GOOD)
    code, _, err = scixtag("train", source, "--vocabulary", "sample", "--output", tmp_path / "m")
    assert code == 2
    assert "at least 2 are needed" in err


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"title\0more"])
def test_binary_data_on_standard_input(scixtag, model, monkeypatch, content):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    code, _, err = scixtag("suggest", model)
    assert code == 2
    assert "standard input" in err


@pytest.mark.parametrize("name", ["lexical", "centroid", "neighbours", "linear", "ridge", "ensemble"])
def test_a_text_that_says_nothing_gets_the_prior_and_a_flag(scixtag, tmp_path, name):
    fast = ("--set", "model.rounds=20") if name == "ensemble" else ("--set", "tuning.folds=2")
    scixtag("train", "sample", "--model", name, *fast, "--output", tmp_path / "m")
    papers = write(
        tmp_path / "p.jsonl", '{"title": "the of and"}\n{"title": "量子力学 🚀"}\n{"title": "Solar flares"}\n'
    )
    code, _, err = scixtag("tag", tmp_path / "m", papers, "--output", tmp_path / "t.jsonl")
    assert code == 0
    assert "papers whose text holds nothing that the model knows: 2;" in err
    lines = (tmp_path / "t.jsonl").read_text().splitlines()
    nothing, foreign, known = (json.loads(line)["suggestions"] for line in lines)
    assert nothing == foreign
    assert len(nothing) == 20
    assert all(one["from_prior"] and not one["selected"] for one in nothing)
    counts = np.load(tmp_path / "m" / "label_counts.npy")
    papers = json.loads((tmp_path / "m" / "manifest.json").read_text())["training"]["papers"]
    assert nothing[0]["probability"] == pytest.approx(counts.max() / papers, abs=1e-4)
    assert known
    assert not any("from_prior" in one for one in known)
    told = scixtag("suggest", tmp_path / "m", "--title", "the of and")[1]
    assert told.startswith("The text holds nothing that the model knows; the most frequent concepts are")


def test_a_paper_without_text_gets_the_prior_even_of_a_model_that_always_answers(scixtag, tmp_path):
    folder = tmp_path / "m"
    scixtag("train", "sample", "--model", "prior", "--set", "calibration.method=platt", "--output", folder, "--quiet")
    papers = write(tmp_path / "p.csv", "id,title,abstract\n0,,\n1,Solar flares,\n2,<p> </p>,&nbsp;\n3,,Solar flares\n")
    for form in ("as-is", "ancestors"):
        arguments = ("--output", "-", "--threshold", "0", "--hierarchy", form)
        code, out, err = scixtag("tag", folder, papers, *arguments)
        assert code == 0
        assert "papers whose text holds nothing that the model knows: 2;" in err
        empty, known, markup, abstract = (json.loads(line)["suggestions"] for line in out.splitlines())
        for paper in (empty, markup):
            assert all(one["from_prior"] and not one["selected"] for one in paper)
            assert paper == empty
        for paper in (known, abstract):
            assert all(one["selected"] and "from_prior" not in one for one in paper)
        counts = np.load(folder / "label_counts.npy")
        share = counts.max() / json.loads((folder / "manifest.json").read_text())["training"]["papers"]
        assert empty[0]["probability"] == pytest.approx(share, abs=1e-4)


def test_another_vocabulary_than_the_models_is_refused(scixtag, model, tmp_path):
    document = json.loads((model / "vocabulary.json").read_text())
    same, other = tmp_path / "same.json", tmp_path / "other.json"
    same.write_text(json.dumps(document))
    document["concepts"][3]["name"] += " and the like"
    document["concepts"].append({"id": 99_999, "uri": "http://astrothesaurus.org/uat/99999", "name": "Lunar cheese"})
    other.write_text(json.dumps(document))
    tag = ("tag", model, "sample:test", "--output", tmp_path / "t.jsonl")
    for command in (
        ("evaluate", model, "sample:test", "--replicates", "1"),
        tag,
        ("suggest", model, "--title", "Stars"),
    ):
        assert scixtag(*command, "--vocabulary", same)[0] == 0
        code, _, err = scixtag(*command, "--vocabulary", other)
        assert code == 2
        assert "not the vocabulary that the model was trained with" in err
        assert "1 added (Lunar cheese), 1 renamed (" in err
        assert "train again with it" in err


def test_the_embedded_corpus_has_its_own_columns(scixtag):
    code, _, err = scixtag("data", "sample", "--title-field", "headline")
    assert code == 2
    assert "its own columns" in err


def test_semicolons_are_recognised(scixtag, tmp_path):
    code, _, err = scixtag("data", write(tmp_path / "p.csv", "id;title;labels\n1;x;594\n"))
    assert code == 2
    assert "separated by semicolons" in err


def test_a_reader_that_leaves_early_is_no_error(model):
    command = f"{sys.executable} -m scixtag tag {model} sample --output - --quiet | head -1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["id"] == "sample-001"
    assert done.stderr == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_training_that_is_stopped_stops_soon_and_leaves_nothing(tmp_path, number):
    papers = tmp_path / "p.jsonl"
    with papers.open("w") as stream:
        for i in range(3000):
            words = " ".join(f"w{i * j % 997}" for j in range(1, 120))
            stream.write(
                json.dumps({"id": str(i), "title": f"t{i % 500}", "abstract": words, "labels": [1496, 16]}) + "\n"
            )
    command = [sys.executable, "-m", "scixtag", "train", papers, "--vocabulary", "sample", "--model", "linear"]
    with subprocess.Popen([*command, "--output", tmp_path / "m"], stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if "papers repeat" in line or "kept" in line or line.startswith("reading"):
                break
        process.send_signal(number)
        assert process.wait(timeout=60) == 130
        assert "interrupted" in process.stderr.read()
    assert [p.name for p in tmp_path.iterdir()] == ["p.jsonl"]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("model.title_weight=0", "title_weight"),
        ("model.count_power=nan", "nan"),
        ("decision.shrinkage=inf", "nan and inf"),
    ],
)
def test_meaningless_numbers(scixtag, tmp_path, setting, message):
    code, _, err = scixtag("train", "sample", "--model", "centroid", "--set", setting, "--output", tmp_path / "m")
    assert code == 2
    assert message in err


@pytest.mark.parametrize("name", ["lexical", "centroid", "neighbours", "linear", "ridge"])
def test_papers_that_share_no_word(scixtag, tmp_path, name):
    papers = "".join(json.dumps({"title": f"w{i}", "labels": [1496]}) + "\n" for i in range(6))
    source = write(tmp_path / "p.jsonl", papers)
    arguments = ("train", source, "--vocabulary", "sample", "--model", name, "--output", tmp_path / "m")
    assert scixtag(*arguments)[0] == 0


def test_a_negative_seed(scixtag, tmp_path):
    assert scixtag("train", "sample", "--seed", "-1", "--output", tmp_path / "m")[0] == 2


def test_papers_without_ids_of_two_files_are_not_taken_for_the_same(scixtag, tmp_path):
    for folder, first in (("a", 0), ("b", 100)):
        (tmp_path / folder).mkdir()
        rows = ({"title": f"Solar flares and word{i}", "labels": [1496]} for i in range(first, first + 20))
        write(tmp_path / folder / "p.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    scixtag("train", tmp_path / "a" / "p.jsonl", "--vocabulary", "sample", "--output", tmp_path / "m")
    for folder, warned in (("b", False), ("a", True)):
        _, _, err = scixtag("evaluate", tmp_path / "m", tmp_path / folder / "p.jsonl", "--replicates", 5)
        assert ("were training papers" in err) == warned


def test_names_that_look_like_markup_are_shown_as_they_are(scixtag, tmp_path):
    source = write(tmp_path / "p.jsonl", json.dumps({"title": "x", "labels": ["[/x] thing", "[alpha/fe] ratio"]}))
    code, out, _ = scixtag("data", source)
    assert code == 0
    assert "[/x] thing" in out
    assert "[alpha/fe] ratio" in out


def test_the_first_output_does_not_become_input(scixtag, tmp_path, model):
    (tmp_path / "papers").mkdir()
    write(tmp_path / "papers" / "p.jsonl", GOOD)
    code, _, err = scixtag("tag", model, tmp_path / "papers", "--output", tmp_path / "papers" / "tags.jsonl")
    assert code == 2
    assert "part of it" in err
    assert [p.name for p in (tmp_path / "papers").iterdir()] == ["p.jsonl"]
