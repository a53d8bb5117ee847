import pytest

from scixtag.cli.main import call
from service_process import serving


@pytest.fixture(scope="session")
def served_model(tmp_path_factory):
    """A tagger that is fast to train and tells evidence, in a folder."""
    folder = tmp_path_factory.mktemp("served") / "model"
    assert call(["train", "sample:train", "--model", "centroid", "--output", str(folder), "--quiet"]) == 0
    return folder


@pytest.fixture(scope="session")
def service(served_model, tmp_path_factory):
    """The address of a service that all tests may ask: http://127.0.0.1:PORT."""
    with serving(tmp_path_factory.mktemp("service"), served_model) as running:
        yield running.url
