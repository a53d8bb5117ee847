"""The default model through the commands."""

import json

import pytest

from scixtag.models import registry
from scixtag.models.centroid import Centroid


class Broken(Centroid):
    """A member that cannot be fitted."""

    def fit_vectors(self, tfidf, vectors, train):
        raise MemoryError("cannot allocate 9 TiB")


def test_it_is_the_default(model):
    manifest = json.loads((model / "manifest.json").read_text())
    assert manifest["model"]["name"] == "ensemble"
    assert manifest["tuning"]["source"].endswith("scored by parts of the model that did not see them")
    assert manifest["settings"]["model"]["members"]["ridge"]["model"] == "ridge"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (
            "model.members.centrod.label_text=0.3",
            "members.centrod: no model is called 'centrod'; did you mean 'centroid'?",
        ),
        ("model.members.ridge.alhpa=1.0", "members.ridge: unknown setting 'alhpa'; did you mean 'alpha'?"),
        ("model.members.ridge.alpha=-1.0", "members.ridge: alpha is -1.0"),
        ("model.members.ridge=3", "members"),
        ("model.members.x.model=ensemble", "an ensemble is no member of an ensemble"),
        ("model.round=3", "unknown setting 'round'; did you mean 'rounds'?"),
    ],
)
def test_members_that_cannot_be_are_refused_before_anything_is_read(scixtag, tmp_path, setting, message):
    code, _, err = scixtag("train", "sample:train", "--set", setting, "--output", tmp_path / "m")
    assert code == 2
    assert message in err
    assert "reading" not in err
    assert not (tmp_path / "m").exists()


def test_a_member_that_fails_is_named_and_nothing_is_left(scixtag, tmp_path, monkeypatch):
    entry = registry.ModelEntry(f"{__name__}:Broken", "For tests.")
    monkeypatch.setattr(registry, "MODELS", dict(registry.MODELS) | {"broken": entry})
    code, _, err = scixtag("train", "sample:train", "--set", "model.members.broken={}", "--output", tmp_path / "m")
    assert code == 2
    assert "member 'broken' failed: MemoryError: cannot allocate 9 TiB" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("papers", [2, 3, 5, 12])
def test_a_handful_of_papers_is_enough_to_try(scixtag, tmp_path, papers):
    rows = [
        {"id": str(i), "title": f"Solar flares {i}", "abstract": "An eruption.", "labels": [1496]}
        for i in range(papers)
    ]
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, _, err = scixtag("train", tmp_path / "p.jsonl", "--vocabulary", "sample", "--output", tmp_path / "m")
    assert code == 0, err
    assert "too few for 10 folds" in err
    code, out, _ = scixtag("suggest", tmp_path / "m", "--title", "Solar flares", "--json")
    assert code == 0
    assert json.loads(out)[0]["label"] == "Solar flares"


def test_trained_twice_the_second_time_from_the_cache(scixtag, tmp_path):
    assert scixtag("train", "sample:train", "--set", "model.rounds=10", "--output", tmp_path / "one")[0] == 0
    fast = ("--set", "model.rounds=20")
    assert scixtag("train", "sample:train", *fast, "--output", tmp_path / "two")[0] == 0
    assert scixtag("train", "sample:train", *fast, "--set", "model.cache=false", "--output", tmp_path / "three")[0] == 0
    stored = [
        {str(f.relative_to(tmp_path / name)): f.read_bytes() for f in (tmp_path / name).rglob("*.npy")}
        for name in ("two", "three")
    ]
    assert stored[0] == stored[1]
