import pytest

from scixtag.cli.main import call


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """A tagger trained on the embedded corpus."""
    folder = tmp_path_factory.mktemp("trained") / "model"
    assert call(["train", "sample:train", "--output", str(folder), "--quiet"]) == 0
    return folder
