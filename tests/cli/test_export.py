"""`scixtag export`: an exported tagger is a tagger as any other."""

import json

import pytest

from encoder_cases import write_encoder
from scixtag.corpus.sample import read_sample


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A tagger with a tiny encoder that has seen the embedded corpus for a moment."""
    from scixtag.cli.main import call

    folder = tmp_path_factory.mktemp("encoder")
    words = {word for paper in read_sample() for word in paper.title.lower().split()}
    encoder = write_encoder(folder / "tiny", words=words)
    settings = ["head=mean", "max_steps=40", "learning_rate=0.005", "batch_size=16", "max_length=64", "device=cpu"]
    assignments = [part for setting in settings for part in ("--set", f"model.{setting}")]
    arguments = ["train", "sample:train", "--model", "encoder", "--set", f"model.encoder={encoder}", *assignments]
    assert call([*arguments, "--set", "tuning.folds=2", "--output", str(folder / "model"), "--quiet"]) == 0
    return folder / "model"


def suggestions(scixtag, folder):
    code, out, err = scixtag("suggest", folder, "--title", "Solar flares and sunspots", "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


@pytest.mark.parametrize("options", [(), ("--int8",)], ids=str)
def test_an_exported_tagger_is_used_as_any_other_but_not_exported_again(scixtag, trained, tmp_path, options):
    output = tmp_path / "exported"
    code, out, err = scixtag("export", trained, "--onnx", *options, "--output", output)
    assert (code, out) == (0, f"model folder: {output}\n")
    assert "warning" not in err.lower()
    before, after = (json.loads((folder / "manifest.json").read_text()) for folder in (trained, output))
    about = after.pop("exported")
    assert (about["format"], about["int8"], about["from"]) == ("onnx", bool(options), before["created"])
    for manifest in (before, after):
        manifest.pop("files")
    assert after == before
    for name in ("vocabulary.json", "calibration.json", "decision.json", "seen.npy", "label_counts.npy"):
        assert (output / name).read_bytes() == (trained / name).read_bytes()
    assert {file.name for file in (output / "model").iterdir()} >= {"model.onnx", "tokenizer.json", "state.json"}
    assert not list((output / "model").glob("*.safetensors"))
    wanted, found = suggestions(scixtag, trained), suggestions(scixtag, output)
    assert len(found) == len(wanted)
    probabilities = [[entry["probability"] for entry in entries] for entries in (found, wanted)]
    assert probabilities[0] == pytest.approx(probabilities[1], abs=0.02 if options else 1e-4)
    assert scixtag("tag", output, "sample:test", "--output", tmp_path / "t.jsonl", "--quiet")[0] == 0
    code, out, _ = scixtag("evaluate", output, "sample:test", "--replicates", 10, "--json", "-", "--quiet")
    assert code == 0
    assert json.loads(out)["system"]["model"] == "encoder"
    code, _, err = scixtag("export", output, "--onnx", "--int8", "--output", tmp_path / "twice")
    assert code == 2
    assert "exported one already" in err
    assert not (tmp_path / "twice").exists()


def test_a_format_has_to_be_named(scixtag, trained, tmp_path):
    code, _, err = scixtag("export", trained, "--int8", "--output", tmp_path / "e")
    assert code == 2
    assert "--onnx" in err


def test_only_networks_can_be_exported(scixtag, model, tmp_path):
    code, _, err = scixtag("export", model, "--onnx", "--output", tmp_path / "e")
    assert code == 2
    assert "no member of this ensemble has a network" in err
    scixtag("train", "sample:train", "--model", "centroid", "--output", tmp_path / "c")
    code, _, err = scixtag("export", tmp_path / "c", "--onnx", "--output", tmp_path / "e")
    assert code == 2
    assert "only models with a network can be exported, and this one is 'centroid'" in err
    assert not (tmp_path / "e").exists()


def test_an_existing_folder_is_kept_without_overwrite(scixtag, trained, model, tmp_path):
    code, _, err = scixtag("export", trained, "--onnx", "--output", model)
    assert code == 2
    assert "--overwrite" in err
    assert scixtag("suggest", model, "--title", "x")[0] == 0


def test_the_trained_model_is_never_replaced_by_its_export(scixtag, trained):
    code, _, err = scixtag("export", trained, "--onnx", "--overwrite", "--output", trained)
    assert code == 2
    assert "is the model itself" in err
    assert list((trained / "model").glob("*.safetensors"))
