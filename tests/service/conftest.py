import os

import pytest

import scix_server
from scixtag.cli.main import call
from service_process import serving


@pytest.fixture(scope="session")
def served_model(tmp_path_factory):
    """A tagger that is fast to train and tells evidence, in a folder."""
    folder = tmp_path_factory.mktemp("served") / "model"
    assert call(["train", "sample:train", "--model", "centroid", "--output", str(folder), "--quiet"]) == 0
    return folder


@pytest.fixture(scope="session")
def scix():
    """A server that answers as SciX does; papers can be added to it."""
    with scix_server.serving() as scix:
        yield scix


@pytest.fixture(scope="session")
def service(served_model, scix, tmp_path_factory):
    """The address of a service that all tests may ask: http://127.0.0.1:PORT."""
    environment = os.environ | {"SCIXTAG_SCIX_URL": scix.url, "ADS_API_TOKEN": scix_server.TOKEN}
    with serving(tmp_path_factory.mktemp("service"), served_model, environment=environment) as running:
        yield running.url


@pytest.fixture(scope="module")
def browser(chromium):
    """The Chromium of the system."""
    playwright = pytest.importorskip("playwright.sync_api")
    flags = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking"
    flags += " --disable-component-update --disable-sync"
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=flags.split())
        yield browser
        browser.close()
