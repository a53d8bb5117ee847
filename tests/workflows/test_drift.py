import json
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from scixtag.corpus.sample import read_sample
from scixtag.corpus.text import Text, text_of
from scixtag.corpus.words import words_of
from scixtag.errors import InputError, ModelError
from scixtag.evaluation.drift import reference as reference_module
from scixtag.evaluation.drift.collector import Collector
from scixtag.evaluation.drift.distance import FEWEST
from scixtag.evaluation.drift.reference import HeldOutAnswers, reference_of
from scixtag.evaluation.drift.report import LEVELS
from scixtag.predictions.scores import Scores
from scixtag.workflows.drift import drift
from scixtag.workflows.preparation import Corpus, named_vocabulary, training_examples
from scixtag.workflows.reference import load_reference, save_reference
from scixtag.workflows.settings import training_settings
from scixtag.workflows.tagger import Tagger
from scixtag.workflows.train import train

QUICK = {"model": {"name": "centroid"}}


def write(path, records):
    lines = [
        json.dumps({"id": r.id, "title": r.title, "abstract": r.abstract, "labels": r.labels and list(r.labels)})
        for r in records
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def learned(source, **settings):
    return train(Corpus(source), named_vocabulary("sample"), training_settings(QUICK | settings, "test"))


@pytest.fixture(scope="module")
def tagger():
    return learned("sample:train")


@pytest.fixture(scope="module")
def examples():
    return training_examples(Corpus("sample:train"), named_vocabulary("sample"))[0]


def backwards(most=None):
    papers = list(read_sample("test"))[:most]
    return [replace(r, title=r.title[::-1], abstract=r.abstract and r.abstract[::-1]) for r in papers]


def nothing_said(papers):
    return HeldOutAnswers(Scores.empty(papers), np.zeros((papers, 0), np.bool_), np.ones(papers, np.bool_))


# What is kept


def test_the_reference_counts_what_the_papers_hold(tagger, examples):
    kept, papers = tagger.reference, [set(words_of(text.joined)) for text in examples.texts]
    found = {word: sum(word in paper for paper in papers) for word in set().union(*papers)}
    assert kept.table == tuple(sorted(word for word, count in found.items() if count >= FEWEST))
    assert kept.profile.words[:-1].tolist() == [found[word] for word in kept.table]
    assert kept.profile.words.sum() == sum(map(len, papers))
    unseen = [sum(found[word] == 1 for word in paper) / len(paper) for paper in papers]
    assert kept.profile.histograms["unseen_words"].mean == pytest.approx(np.mean(unseen), abs=0.0025)
    assert kept.profile.labels[:-1].tolist() == examples.label_counts.tolist()
    assert kept.profile.papers == kept.profile.predicted == len(examples)
    assert kept.profile.concepts.sum() == pytest.approx(
        kept.profile.histograms["set_size"].mean * kept.profile.predicted
    )


def test_predictions_are_those_of_models_that_did_not_see_the_papers(tagger, examples):
    """On papers that it learned from, the model is surer than on others."""
    answers = tagger.answers(examples.texts)
    own = float(answers.probabilities.values[:, 0].mean())
    assert tagger.reference.profile.histograms["top_probability"].mean < own - 0.1


def test_a_word_of_few_papers_is_kept_as_a_number_only(tagger, examples, tmp_path):
    save_reference(tagger.reference, tmp_path / "reference")
    held = " ".join(text.joined for text in examples.texts).casefold().split()
    rare = {word for word in held if word.isalpha() and len(word) > 6} - set(tagger.reference.table)
    assert len(rare) > 100
    arrays = b"".join(file.read_bytes() for file in (tmp_path / "reference").glob("*.npy"))
    plain = json.loads((tmp_path / "reference" / "state.json").read_text())
    strings = set(strings_in(plain)) - {"words", "concepts", "labels", "length"}
    assert set(tagger.reference.table) <= strings | {"length", "words"}
    assert not {word for word in rare if word.encode() in arrays}
    assert not {word for word in rare if word in strings}


def strings_in(value):
    """All values that are texts, however deep."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings_in(inner)


def test_it_comes_back_as_it_was_and_the_same_seed_gives_the_same_bytes(tagger, tmp_path):
    save_reference(tagger.reference, tmp_path / "a")
    save_reference(learned("sample:train").reference, tmp_path / "b")
    names = sorted(file.name for file in (tmp_path / "a").iterdir())
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in names)
    again = replace(tagger, reference=load_reference(tmp_path / "a"))
    one, other = (drift(each, "sample:test").to_document() for each in (again, tagger))
    for document in (one, other):
        del document["system"]["papers_per_second"]
    assert one == other


def test_it_stays_below_a_megabyte_whatever_the_corpus(examples, tmp_path):
    """More distinct words than can be kept: those of few papers are no longer known, before and after alike."""
    generator = np.random.default_rng(0)
    pool = ["".join(letters) for letters in product("abcdefghijklmnopqrstuvwxyz", repeat=4)][:300_000]
    chosen = np.minimum(generator.zipf(1.2, (4_000, 150)) - 1, len(pool) - 1)
    texts = tuple(Text(" ".join(pool[i] for i in row), "") for row in chosen)
    rows = np.arange(4_000) % len(examples)
    many = replace(examples.take(rows), texts=texts)
    kept = reference_of(many, nothing_said(0))
    save_reference(kept, tmp_path / "reference")
    assert sum(file.stat().st_size for file in (tmp_path / "reference").iterdir()) < 1_000_000
    assert len(kept.table) <= reference_module.MOST_WORDS
    assert 0 < len(kept.known) <= reference_module.MOST_KNOWN
    # The next papers of the same kind hold about as many unseen words as training papers do.
    collector = Collector(kept)
    fresh = np.minimum(generator.zipf(1.2, (500, 150)) - 1, len(pool) - 1)
    collector.add([Text(" ".join(pool[i] for i in row), "") for row in fresh], nothing_said(500), [None] * 500)
    before, after = (p.histograms["unseen_words"].mean for p in (kept.profile, collector.profile))
    assert after == pytest.approx(before, abs=0.01)


def test_without_held_out_papers_only_texts_are_compared():
    untuned = learned(
        "sample:train", tuning={"scheme": "none"}, calibration={"method": "none"}, decision={"rule": "fixed"}
    )
    report = drift(untuned, "sample:test")
    assert {change.name for change in report.comparison.quantities} == {"unseen_words", "length", "without_abstract"}
    assert [change.name for change in report.comparison.distributions] == ["words"]
    assert any("no training papers were held out" in note for note in report.notes)


# What is said


def test_batches_change_nothing(tagger, examples):
    texts = [text_of(record) for record in read_sample("test")]
    labels = [([1, 2], 1) if row % 2 else None for row in range(len(texts))]
    whole, parts = Collector(tagger.reference), Collector(tagger.reference)
    whole.add(texts, HeldOutAnswers(*tagger.answers(texts)), labels)
    for start in range(0, len(texts), 7):
        some = texts[start : start + 7]
        parts.add(some, HeldOutAnswers(*tagger.answers(some)), labels[start : start + 7])
    assert whole.new_words == parts.new_words
    for name in ("words", "concepts", "labels"):
        assert getattr(whole.profile, name).tolist() == getattr(parts.profile, name).tolist()
        assert (whole.resampled[name] == parts.resampled[name]).all()
        assert whole.resampled[name].mean(axis=1) == pytest.approx(getattr(whole.profile, name), rel=0.3, abs=1)
    for name, histogram in whole.profile.histograms.items():
        assert (
            np.trim_zeros(histogram.counts, "b").tolist()
            == np.trim_zeros(parts.profile.histograms[name].counts, "b").tolist()
        )


def test_random_halves_of_the_sample_raise_no_more_alarms_than_they_may(tmp_path):
    papers = [record for record in read_sample(None) if record.labels]
    runs, alarms, low = 8, 0, []
    for run in range(runs):
        order = np.random.default_rng(run).permutation(len(papers))
        one = write(tmp_path / "one.jsonl", [papers[i] for i in order[: len(papers) // 2]])
        other = write(tmp_path / "other.jsonl", [papers[i] for i in order[len(papers) // 2 :]])
        found = drift(learned(one), other, seed=run)
        alarms += found.level > 0
        changes = [*found.comparison.quantities, *found.comparison.distributions]
        low += [change.p <= 0.05 for change in changes]
    assert alarms <= 3  # at 5 %, more than that would happen once in a thousand times
    assert np.mean(low) <= 0.15


def test_papers_on_another_subject_are_noticed(tmp_path):
    """A model of papers without planets, and papers on them."""
    papers = [record for record in read_sample(None) if record.labels]
    about = [("planet" in f"{r.title} {r.abstract}".casefold()) for r in papers]
    one = write(tmp_path / "one.jsonl", [r for r, planets in zip(papers, about, strict=True) if not planets])
    other = write(tmp_path / "other.jsonl", [r for r, planets in zip(papers, about, strict=True) if planets])
    report = drift(learned(one), other)
    assert report.level == 2
    assert report.verdict.startswith("Strong drift: ")
    assert "then retrain" in report.verdict
    assert any(word.word.startswith("planet") for word in report.new_words)
    assert report.comparison.labels.p < 0.01
    assert report.comparison.labels.distance > report.comparison.labels.band
    for change in (*report.comparison.distributions, report.comparison.labels):
        assert change.interval.low < change.effect < change.interval.high
    assert {change.name for change in report.comparison.distributions if change.interval.low > 0} == {"concepts"}


def test_texts_that_the_model_cannot_read_are_noticed(tagger, tmp_path):
    report = drift(tagger, write(tmp_path / "reversed.jsonl", backwards()))
    changed = {change.name: change for change in report.comparison.quantities}
    assert report.level == 2
    assert changed["unseen_words"].level == changed["top_probability"].level == 2
    assert changed["from_prior"].new > changed["from_prior"].reference == 0
    assert changed["length"].level == 0


def test_another_field_is_noticed_in_real_data(tagger, tmp_path, shared):
    from pyarrow import parquet

    titles = parquet.read_table(shared / "data" / "yso-titles" / "titles.parquet").slice(0, 300)
    parquet.write_table(titles, tmp_path / "titles.parquet")
    report = drift(tagger, str(tmp_path / "titles.parquet"))
    changed = {change.name: change.level for change in report.comparison.quantities}
    assert report.level == 2
    assert changed["unseen_words"] == changed["top_probability"] == 2
    assert report.papers["labelled"] == 300


def test_labels_decide_nothing(tagger, tmp_path):
    papers = list(read_sample("test"))
    plain = drift(tagger, write(tmp_path / "a.jsonl", [replace(record, labels=None) for record in papers]))
    wrong = drift(tagger, write(tmp_path / "b.jsonl", [replace(record, labels=(1,)) for record in papers]))
    assert plain.comparison.labels is None
    assert wrong.comparison.labels.p < 1e-6
    assert wrong.comparison.labels.distance > 0.7
    for left, right in zip(plain.comparison.quantities, wrong.comparison.quantities, strict=True):
        assert left == right
    assert plain.verdict == wrong.verdict


def test_the_seed_decides_and_the_order_of_papers_does_not(tagger, tmp_path):
    papers = list(read_sample("test"))
    documents = [
        drift(tagger, write(tmp_path / "p.jsonl", order), seed=seed).to_document()
        for order, seed in ((papers, 1), (papers[::-1], 1), (papers, 2))
    ]
    for document in documents:
        del document["system"]["papers_per_second"], document["seed"]
    assert documents[0] == documents[1]
    assert documents[0] != documents[2]


def test_training_papers_repeats_and_papers_without_text_are_left_out(tagger, tmp_path):
    test, known = list(read_sample("test")), [record for record in read_sample("train") if record.labels]
    renamed = [replace(known[0], id="another-id"), replace(known[1], title="Another title")]
    empty = [replace(test[0], id=f"e{i}", title="", abstract=None) for i in range(3)]
    report = drift(tagger, write(tmp_path / "p.jsonl", [*test, *renamed, *empty, replace(test[1], id="again")]))
    assert report.papers == {
        "read": len(test) + 6,
        "compared": len(test),
        "without_text": 3,
        "training_papers": 2,
        "repeated": 1,
        "labelled": sum(bool(record.labels) for record in test),
    }
    clean = drift(tagger, "sample:test")
    assert report.comparison.quantities == clean.comparison.quantities
    assert any(note.startswith(f"2 of the {len(test) + 6} papers were training papers") for note in report.notes)


def test_a_handful_of_papers_is_told_how_little_it_says(tagger, tmp_path):
    report = drift(tagger, write(tmp_path / "p.jsonl", list(read_sample("test"))[:4]))
    assert report.level == 0
    assert "4 papers show only differences of about" in report.verdict
    assert report.comparison.smallest > 1.5
    assert drift(tagger, "sample:test").comparison.smallest < 0.7
    many = drift(tagger, write(tmp_path / "p.jsonl", backwards(40))).verdict
    few = drift(tagger, write(tmp_path / "p.jsonl", backwards(20)))
    assert few.level == 2
    assert many.endswith("Retrain with papers like these.")
    assert few.verdict.endswith("These are 20 papers: see whether more confirm it, then retrain.")
    assert any(note.startswith("20 papers show large differences only") for note in few.notes)
    one = drift(tagger, write(tmp_path / "p.jsonl", list(read_sample("test"))[:1]))
    assert LEVELS[one.level] == "none"
    assert one.comparison.distributions == []
    assert any(note.startswith("distances need 10 papers") for note in one.notes)


def test_papers_that_cannot_be_compared_are_refused(tagger, tmp_path):
    empty = [{"id": str(i), "title": "", "abstract": None} for i in range(5)]
    (tmp_path / "p.jsonl").write_text("\n".join(map(json.dumps, empty)))
    with pytest.raises(InputError, match="none of the 5 papers has a title or an abstract"):
        drift(tagger, str(tmp_path / "p.jsonl"))
    known = [record for record in read_sample("train") if record.labels][:20]
    with pytest.raises(InputError, match="of the 20 read, 20 are training papers"):
        drift(tagger, write(tmp_path / "p.jsonl", known))


def test_a_tagger_of_an_earlier_scixtag_says_so(tagger):
    with pytest.raises(ModelError, match="train it again"):
        drift(replace(tagger, reference=None), "sample:test")


def test_new_words_are_forgotten_before_they_fill_the_memory(tagger, monkeypatch):
    monkeypatch.setattr("scixtag.evaluation.drift.collector.MOST_NEW_WORDS", 5)
    collector = Collector(tagger.reference)
    texts = [Text(f"zyx{'abcdefgh'[i]} zyxcommon", "") for i in range(8)]
    for text in texts:
        collector.add([text], nothing_said(1), [None])
    assert collector.new_words["zyxcommon"] >= 3
    assert len(collector.new_words) <= 6


def test_a_folder_keeps_it_and_damage_is_told(tagger, tmp_path):
    tagger.save(tmp_path / "m")
    manifest = json.loads((tmp_path / "m" / "manifest.json").read_text())
    assert any(name.startswith("reference") for name in manifest["files"])
    before = drift(Tagger.load(tmp_path / "m"), "sample:test").to_document()
    assert before["quantities"] == drift(tagger, "sample:test").to_document()["quantities"]
    state = tmp_path / "m" / "reference" / "state.json"
    state.write_text("x" * state.stat().st_size)
    with pytest.raises(ModelError, match="train it again"):
        Tagger.load(tmp_path / "m")
