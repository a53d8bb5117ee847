import json
from dataclasses import replace

import numpy as np
import pytest

from scixtag.errors import ConfigError, InputError
from scixtag.workflows.benchmark.benchmark import benchmark
from scixtag.workflows.benchmark.files import write_benchmark
from scixtag.workflows.benchmark.protocol import Protocol
from scixtag.workflows.benchmark.systems import parse_systems
from scixtag.workflows.compare import compare, unlike_names
from scixtag.workflows.preparation import Corpus, named_vocabulary
from scixtag.workflows.runs import find_runs, load_run


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    folder = tmp_path_factory.mktemp("benchmark") / "out"
    systems = tuple(parse_systems(["prior"], ["by names: lexical"], 0))
    protocol = Protocol(Corpus("sample"), named_vocabulary("sample"), systems, folds=2, replicates=30)
    write_benchmark(benchmark(protocol), folder)
    return folder


@pytest.fixture
def runs(output):
    return [load_run(output / "runs" / name) for name in ("prior", "by-names")]


def test_differences_are_those_of_the_benchmark(output, runs):
    document = json.loads((output / "benchmark.json").read_text())
    found = compare(runs, ["p@1", "macro_f1"], replicates=30)
    told = document["systems"][1]["differences"]
    rows = {row.metric: row.difference for row in found.rows if row.difference}
    for metric in ("p@1", "macro_f1"):
        assert rows[metric].value == pytest.approx(told[metric]["value"])
        assert (rows[metric].low, rows[metric].high) == pytest.approx((told[metric]["low"], told[metric]["high"]))
    assert found.runs == ("prior", "by names")
    assert json.loads(json.dumps(found.to_document()))["papers"] == len(runs[0].papers)


def test_papers_in_another_order_are_put_in_order(runs):
    prior, names = runs
    order = np.random.default_rng(0).permutation(len(names.papers))
    reordered = replace(prior, papers=tuple(prior.papers[i] for i in order))
    reordered = replace(reordered, fingerprints=tuple(prior.fingerprints[i] for i in order))
    shuffled = names.like(reordered)
    assert shuffled.papers == reordered.papers != names.papers
    one, other = (compare([prior, second], ["p@1", "psp@5"], replicates=30) for second in (names, shuffled))
    assert [row.difference for row in one.rows] == [row.difference for row in other.rows]


def test_a_run_does_not_differ_from_itself(runs):
    found = compare([runs[0], runs[0]], ["micro_f1"], replicates=20)
    assert found.runs == ("prior", "prior (2)")
    assert found.rows[1].difference.value == found.rows[1].difference.detectable == 0


def test_other_papers_and_other_vocabularies_are_refused(runs):
    prior, names = runs
    rest = names.repeats[0].take(np.arange(len(names.papers) - 1))
    fewer = replace(names, papers=names.papers[:-1], fingerprints=names.fingerprints[:-1], repeats=(rest,))
    with pytest.raises(InputError, match=r"not on the same .* as 'prior'"):
        compare([prior, fewer])
    other = replace(names, vocabulary="another")
    with pytest.raises(InputError, match="other vocabularies"):
        compare([prior, other])
    relabelled = replace(names, fingerprints=("0" * 16, *names.fingerprints[1:]))
    with pytest.raises(InputError, match=rf"the same ids, 1 of which have .* \(such as {names.papers[0]}\)"):
        compare([prior, relabelled])
    with pytest.raises(InputError, match="one run alone"):
        compare([prior])
    with pytest.raises(ConfigError, match="did you mean 'micro_f1'"):
        compare(runs, ["mikro_f1"])


def test_runs_are_found(output, tmp_path):
    prior, names = output / "runs" / "prior", output / "runs" / "by-names"
    assert find_runs([output]) == [prior, names], "as they were named"
    assert find_runs([names, prior]) == [names, prior]
    with pytest.raises(InputError, match="no run; name the --output"):
        find_runs([tmp_path])
    with pytest.raises(InputError, match="no such folder"):
        find_runs([tmp_path / "absent"])
    with pytest.raises(InputError, match="prior: named twice"):
        find_runs([output, output / "systems" / ".." / "runs" / "prior"])


def test_runs_that_learned_from_other_papers_are_told(runs):
    prior, names = runs
    assert compare(runs, ["p@1"], replicates=20).notes == ()
    learned = replace(names.learned, training_papers=17, fingerprint="another")
    (note,) = compare([prior, replace(names, learned=learned)], ["p@1"], replicates=20).notes
    assert "'by names' and 'prior' learned from other papers (17 of" in note


@pytest.mark.parametrize("harm", ["json", "version", "papers", "arrays", "swapped"])
def test_a_damaged_run_is_told(harm, output, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    for file in (output / "runs" / "prior").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    document = json.loads((folder / "run.json").read_text())
    if harm == "json":
        (folder / "run.json").write_text("{")
    elif harm == "arrays":
        (folder / "repeat-1.npz").unlink()
    elif harm == "swapped":
        (folder / "repeat-1.npz").write_bytes((output / "runs" / "by-names" / "repeat-1.npz").read_bytes())
    else:
        change = {"version": 99} if harm == "version" else {"papers": document["papers"][1:]}
        (folder / "run.json").write_text(json.dumps(document | change))
    with pytest.raises(InputError, match=r"run the benchmark again|not the file that this run wrote"):
        load_run(folder)


def test_names_are_told_apart():
    assert unlike_names(["a", "b", "a", "a"]) == ["a", "b", "a (2)", "a (3)"]
