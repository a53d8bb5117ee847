import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from scixtag.errors import ConfigError
from scixtag.models import registry
from scixtag.models.centroid import Centroid
from scixtag.models.registry import MODELS, known_models, model_class


def offer(monkeypatch, **points):
    offered = [EntryPoint(name, value, registry.ENTRY_POINTS) for name, value in points.items()]
    monkeypatch.setattr(registry, "entry_points", lambda group: offered if group == "scixtag.models" else [])


def test_a_model_by_name():
    assert model_class("centroid") is Centroid


def test_an_unknown_name_offers_the_nearest():
    with pytest.raises(ConfigError, match=r"no model is called 'centriod'; did you mean 'centroid'\? known: "):
        model_class("centriod")


def test_every_model_has_one_line_of_summary():
    for entry in MODELS.values():
        assert entry.summary.endswith(".")
        assert "\n" not in entry.summary
        assert len(entry.summary) < 80


def test_models_of_other_packages(monkeypatch):
    offer(monkeypatch, theirs="scixtag.models.centroid:Centroid", centroid="somewhere.else:Thing")
    assert model_class("theirs") is Centroid
    assert model_class("centroid") is Centroid
    assert set(known_models()) == {"theirs", *MODELS}
    assert known_models()["theirs"].summary == "From scixtag.models.centroid:Centroid."
    assert known_models()["centroid"] == MODELS["centroid"]


@pytest.mark.parametrize("value", ["no.such.module:Thing", "scixtag.models.centroid:Nothing"])
def test_a_model_that_cannot_be_imported(monkeypatch, value):
    offer(monkeypatch, theirs=value)
    with pytest.raises(ConfigError, match=f"'theirs' cannot be imported from {value}"):
        model_class("theirs")


def test_listing_the_models_imports_nothing_heavy():
    code = (
        "import sys; from scixtag.models.registry import known_models; known_models(); "
        "print(sorted({'numpy', 'scipy', 'sklearn', 'Stemmer'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
