import pytest

from scixtag.errors import ConfigError
from scixtag.workflows.recipes import recipe_comment, recipe_document, recipe_names
from scixtag.workflows.settings import training_settings

NAMES = recipe_names()


def settings(name):
    return training_settings(recipe_document(name), name)


@pytest.mark.parametrize("name", NAMES)
def test_every_recipe_is_a_valid_configuration_and_says_what_it_is(name):
    assert settings(name).model == ("ensemble" if name.startswith("ensemble") else "encoder")
    summary = recipe_comment(name)[0]
    assert len(summary) > 20
    assert summary.endswith(".")


def test_the_ensemble_with_an_encoder_is_the_default_and_one_member_more():
    members = settings("ensemble-minilm").model_settings.members
    assert members.pop("embedding")["model"] == "embedding"
    assert members == training_settings({}, "default").model_settings.members


def test_the_baseline_is_as_described():
    baseline = settings("seed-bert")
    model = baseline.model_settings
    assert (model.encoder, model.max_length, model.windows, model.head) == ("bert-base-uncased", 128, 1, "cls")
    assert (model.loss, model.reduction, model.label_smoothing) == ("bce", "mean", 0.0)
    assert (model.initialisation, model.normalised, model.lora_rank) == ("random", False, 0)
    assert (model.learning_rate, model.head_learning_rate, model.weight_decay) == (1e-5, 0.0, 0.01)
    assert (model.layer_decay, model.schedule, model.warmup, model.clip_norm) == (1.0, "constant", 0.0, 0.0)
    assert (model.batch_size, model.accumulation, model.epochs, model.max_steps) == (8, 1, 1, 0)
    assert (model.precision, model.oversampling, model.early_stopping) == ("float32", 0.0, 0)
    assert (baseline.tuning.scheme, baseline.calibration.method) == ("none", "none")
    decision = baseline.decision
    assert (decision.rule, decision.threshold, decision.at_least, decision.at_most) == ("fixed", 0.2, 0, 0)
    assert baseline.minimum_label_count == 1


def test_a_recipe_that_extends_another_changes_only_what_it_names():
    baseline, longer = settings("seed-bert").to_document(), settings("distilbert-long").to_document()
    changed = {key for key in baseline["model"] if baseline["model"][key] != longer["model"][key]}
    assert changed == {"encoder", "max_length", "epochs"}
    assert {key for key in baseline if baseline[key] != longer[key]} == {"model"}


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("-paper")])
def test_the_published_settings(name):
    model = settings(name).model_settings
    assert (model.max_length, model.batch_size, model.learning_rate, model.epochs) == (512, 8, 2e-5, 8)
    assert (model.loss, model.head, model.schedule, model.warmup) == ("bce", "cls", "linear", 0.1)


def test_each_encoder_has_its_recipes():
    encoders = {
        "scibert": "allenai/scibert_scivocab_uncased",
        "astrobert": "adsabs/astroBERT",
        "indus": "nasa-impact/nasa-smd-ibm-v0.1",
        "modernbert": "answerdotai/ModernBERT-base",
    }
    for name, encoder in encoders.items():
        assert {settings(n).model_settings.encoder for n in (name, f"{name}-paper")} == {encoder}


def test_an_unknown_recipe_is_met_with_the_nearest():
    with pytest.raises(ConfigError, match="did you mean 'seed-bert'"):
        recipe_document("sed-bert")
