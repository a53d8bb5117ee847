"""An exported encoder gives the scores of the one that was trained, and needs less to do so."""

import subprocess
import sys
from importlib import util

import numpy as np
import pytest
import torch

from encoder_cases import ARCHITECTURES, quick_settings, write_encoder
from scixtag import extras
from scixtag.corpus.text import Text
from scixtag.errors import ConfigError, ModelError
from scixtag.models.encoder import onnx_export
from scixtag.models.encoder.encoder import Encoder
from scixtag.models.encoder.onnx_runtime import OnnxRuntime, processors
from scixtag.models.encoder.windows import Windows, padded

TEXTS = [
    Text("A transit of an extrasolar planet", "Its radius, its orbit and its atmosphere; the host is a quiet star."),
    Text("", ""),
    Text("Solar flares", "sunspots and x-ray light " * 100),
]


@pytest.fixture(scope="module")
def trained(tiny_encoder, corpus):
    return Encoder(quick_settings(tiny_encoder, windows=3, window_overlap=8)).fit(corpus)


@pytest.fixture(scope="module")
def plain(trained):
    return trained.to_onnx(int8=False)


@pytest.fixture(scope="module")
def small(trained):
    return trained.to_onnx(int8=True)


@pytest.fixture(params=["plain", "small"])
def exported(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def folder(exported, tmp_path):
    exported.save(tmp_path / "exported")
    return tmp_path / "exported"


def windows_of(encoder, texts):
    return encoder._runtime.tokenizer.windows([text.joined for text in texts])


def logits(encoder, texts):
    return encoder._runtime.logits(windows_of(encoder, texts))


@pytest.mark.parametrize(
    ("architecture", "head"), [*((name, "cls") for name in ARCHITECTURES), ("bert", "mean"), ("bert", "attention")]
)
def test_every_architecture_and_every_head_keeps_its_logits(architecture, head, corpus, tmp_path):
    settings = quick_settings(write_encoder(tmp_path, architecture), head=head, max_length=120, max_steps=1)
    trained = Encoder(settings).fit(corpus.take(range(20)))
    with torch.no_grad():
        for weights in trained._runtime.network.parameters():
            # As drawn, the first token hardly depends on the others.
            weights.mul_(8 if weights.ndim > 1 else 1)
    wanted = logits(trained, TEXTS)
    assert wanted.std(axis=0).max() > 0.02
    np.testing.assert_allclose(logits(trained.to_onnx(int8=False), TEXTS), wanted, atol=1e-4)


def test_scores_are_those_of_the_trained_model(trained, plain, corpus):
    wanted, found = trained.scores(corpus.texts), plain.scores(corpus.texts)
    np.testing.assert_allclose(found.values, wanted.values, atol=1e-4)
    np.testing.assert_array_equal(found.columns[:, 0], wanted.columns[:, 0])


def test_eight_bits_give_nearly_the_same_order(trained, small, corpus):
    wanted, found = trained.scores(corpus.texts), small.scores(corpus.texts)
    assert not np.array_equal(found.values, wanted.values)
    np.testing.assert_allclose(found.values[:, 0], wanted.values[:, 0], atol=0.02)
    same = [len(set(a) & set(b)) for a, b in zip(found.columns[:, :3], wanted.columns[:, :3], strict=True)]
    assert np.mean(same) > 2.8


def test_a_paper_alone_scores_exactly_as_in_a_batch(exported, corpus):
    batch = logits(exported, [*corpus.texts, *TEXTS])
    alone = np.concatenate([logits(exported, [text]) for text in [*corpus.texts, *TEXTS]])
    np.testing.assert_array_equal(alone, batch)


def test_the_graph_takes_batches_with_padding(plain, corpus):
    windows = windows_of(plain, corpus.texts[:4])
    session = plain._runtime._session
    numbers, mask = padded(windows.tokens, plain._runtime.tokenizer.padding)
    (found,) = session.run(["logits"], {"input_ids": numbers, "attention_mask": mask})
    np.testing.assert_allclose(found, plain._runtime.logits(windows), atol=1e-5)


def test_nothing_to_read_gives_nothing(exported):
    assert len(exported.scores([])) == 0
    assert exported._runtime.logits(Windows([], np.zeros(1, np.int64))).shape[0] == 0


def test_a_stored_export_gives_equal_scores(exported, folder, tmp_path):
    loaded = Encoder.load(folder)
    assert loaded.settings == exported.settings
    np.testing.assert_array_equal(logits(loaded, TEXTS), logits(exported, TEXTS))
    loaded.save(tmp_path / "again")
    again = Encoder.load(tmp_path / "again")
    np.testing.assert_array_equal(again.scores(TEXTS).values, exported.scores(TEXTS).values)


def test_an_export_in_eight_bits_is_smaller(plain, small, tmp_path):
    for name, encoder in (("plain", plain), ("small", small)):
        encoder.save(tmp_path / name)
    sizes = [(tmp_path / name / "model.onnx").stat().st_size for name in ("plain", "small")]
    assert sizes[1] < sizes[0]


def test_the_same_model_gives_the_same_file_without_traces_of_the_machine(trained, small):
    again = trained.to_onnx(int8=True)._runtime._network
    assert again == small._runtime._network
    assert b"site-packages" not in again
    assert b".py" not in again


def test_the_trained_model_stays_as_it_is(trained, plain, corpus):
    assert trained._runtime.kind == "torch"
    assert plain.settings is trained.settings
    assert not trained._runtime.network.training


def test_neither_torch_nor_transformers_is_needed(folder, exported):
    code = f"""
import sys
from pathlib import Path
from scixtag.corpus.text import Text
from scixtag.models.encoder.encoder import Encoder
scores = Encoder.load(Path({str(folder)!r})).scores([Text({TEXTS[0].title!r}, {TEXTS[0].abstract!r})])
print(scores.columns[0].tolist())
sys.exit(bool({{"torch", "transformers", "onnx", "onnxscript"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == str(exported.scores(TEXTS[:1]).columns[0].tolist())


@pytest.mark.parametrize(("package", "extra"), [("onnxscript", "export"), ("onnxruntime", "onnx")])
def test_without_the_extra_the_message_names_it(trained, small, package, extra, tmp_path, monkeypatch):
    small.save(tmp_path)
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == package else util.find_spec(name))
    with pytest.raises(ConfigError, match=rf"needs {package}.*pip install 'scixtag\[{extra}\]'"):
        trained.to_onnx(int8=True) if extra == "export" else Encoder.load(tmp_path)


def test_an_export_is_not_exported_again(small):
    with pytest.raises(ModelError, match="exported one already"):
        small.to_onnx(int8=False)


def test_an_unfitted_model_is_not_exported(tiny_encoder):
    with pytest.raises(ModelError, match="not fitted"):
        Encoder(quick_settings(tiny_encoder)).to_onnx(int8=False)


def test_a_network_that_is_too_large_for_one_file_is_refused_at_once(trained, monkeypatch):
    monkeypatch.setattr(onnx_export, "_LARGEST", 1_000)
    monkeypatch.setattr(onnx_export, "_exported", lambda _: pytest.fail("exported"))
    with pytest.raises(ModelError, match="at most 2 GB"):
        trained.to_onnx(int8=False)


def test_a_network_that_torch_cannot_translate_is_named(trained, monkeypatch):
    def untranslatable(*_arguments, **_options):
        raise torch.onnx.OnnxExporterError("no such operator\nand a long story")

    monkeypatch.setattr(torch.onnx, "export", untranslatable)
    with pytest.raises(ModelError, match=r"ScixtagForSequenceClassification cannot be exported.*\(no such operator\)"):
        trained.to_onnx(int8=False)


@pytest.mark.parametrize("wrong", [1.0, np.nan])
def test_a_graph_that_gives_other_scores_is_not_given_away(trained, plain, wrong, monkeypatch):
    monkeypatch.setattr(onnx_export, "_exported", lambda _: onnx_export.onnx.load_from_string(plain._runtime._network))
    right = OnnxRuntime.logits
    monkeypatch.setattr(OnnxRuntime, "logits", lambda runtime, windows: right(runtime, windows) + wrong)
    with pytest.raises(ModelError, match="other probabilities"):
        trained.to_onnx(int8=False)


def test_a_folder_without_one_of_its_files_or_with_half_of_it_is_refused(folder):
    for file in sorted(folder.iterdir()):
        content = file.read_bytes()
        for part in (None, b"", content[: len(content) // 2], content[:-1]):
            file.unlink() if part is None else file.write_bytes(part)
            with pytest.raises(ModelError):
                Encoder.load(folder)
        file.write_bytes(content)
    assert len(Encoder.load(folder).scores(TEXTS)) == len(TEXTS)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_spoilt_file_of_the_right_size_is_refused(folder, name):
    file = folder / name
    file.write_bytes(b"x" * file.stat().st_size)
    with pytest.raises(ModelError, match=rf"{folder}.*{name}.*again"):
        Encoder.load(folder)


@pytest.mark.parametrize(("told", "count"), [("3", 3), ("0", None), ("many", None), ("", None)])
def test_processors_can_be_limited(told, count, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", told)
    assert processors() == count or (count is None and processors() >= 1)
