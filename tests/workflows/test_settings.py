import pytest

from scixtag.errors import ConfigError
from scixtag.models.registry import MODELS
from scixtag.workflows.settings import DEFAULT_MODEL, training_settings


@pytest.mark.parametrize("name", MODELS)
def test_a_document_gives_the_settings_back(name):
    settings = training_settings({"seed": 7, "model": {"name": name}, "decision": {"rule": "per-label"}}, "x")
    assert training_settings(settings.to_document(), "x") == settings


@pytest.mark.parametrize("rule", ["fixed", "top-k"])
def test_what_fits_nothing_needs_no_tuning_papers(rule):
    document = {"tuning": {"scheme": "none"}, "calibration": {"method": "none"}, "decision": {"rule": rule}}
    assert training_settings(document, "x").tuning.scheme == "none"


def test_nothing_is_the_default_model():
    assert training_settings({}, "x").model == DEFAULT_MODEL


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"model": "linear"}, r"\[model\] is a section"),
        ({"model": {"name": 3}}, r"\[model\] is a section"),
        ({"model": {"name": "linaer"}}, "did you mean 'linear'"),
        ({"model": {"name": "linear", "c": 1.0}}, "did you mean 'C'"),
        ({"model": {"name": "linear", "loss": "hinge"}}, "loss"),
        ({"tuning": {"fraction": 1.5}}, "fraction"),
        ({"tuning": {"refit": False}}, r"x\.toml: .*scheme is 'auto'; set scheme = \"holdout\""),
        ({"tuning": {"scheme": "none"}}, r"x\.toml: .*calibration 'isotonic' and decision rule 'global'"),
        ({"tuning": {"scheme": "none"}, "calibration": {"method": "none"}}, "decision rule 'global'"),
        ({"tuning": {"scheme": "none"}, "decision": {"rule": "fixed"}}, "calibration 'isotonic'"),
        ({"minimum_label_count": 0}, r"x\.toml: minimum_label_count"),
        ({"seed": -1}, r"x\.toml: seed = -1"),
        ({"model": {"name": "linear", "C": -1.0}}, r"x\.toml, \[model\] linear: C"),
    ],
)
def test_wrong_documents_are_named(document, message):
    with pytest.raises(ConfigError, match=message):
        training_settings(document, "x.toml")
