import os

import pytest

import scix_server
from scixtag.cli.main import call
from scixtag.corpus.record import Record
from scixtag.corpus.sample import read_sample
from scixtag.review.queue import Queue
from scixtag.review.store.database import Database
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


@pytest.fixture(scope="module")
def store(served_model, tmp_path_factory):
    """The decisions on thirty papers and a hostile one."""
    pytest.importorskip("playwright")
    from desk_driver import HOSTILE, HOSTILE_ID, ODD, Store

    records = [record for record in read_sample("test") if record.abstract][:30]
    records.append(Record(HOSTILE_ID, f"Quasars and galaxies {HOSTILE}", f"{ODD} {HOSTILE} Galaxies.", None))
    return Store(tmp_path_factory.mktemp("desk") / "decisions.sqlite", served_model, records)


@pytest.fixture(scope="module")
def url(served_model, store, scix):
    """The address of a service with a desk."""
    environment = os.environ | {"SCIXTAG_SCIX_URL": scix.url, "ADS_API_TOKEN": scix_server.TOKEN}
    with serving(store.path.parent, served_model, "--database", store.path, environment=environment) as service:
        yield service.url


@pytest.fixture
def curators(browser, store):
    """Curators who are not at a desk yet."""
    from desk_driver import Curators

    curators = Curators(browser, store)
    yield curators
    curators.check()


@pytest.fixture
def desk(curators, url):
    """The same at the desk of `url`."""
    curators.url = url
    return curators


@pytest.fixture(scope="module")
def papers(store):
    """Ids of papers, each for one test."""
    from desk_driver import HOSTILE_ID

    with Database.open(str(store.path)) as database:
        ids = [paper.id for paper in Queue(database).list("date", 40) if paper.id != HOSTILE_ID]
    return iter(ids)


@pytest.fixture
def watched(browser, service):
    """Authors at the page of `service`, who see to it that it does nothing that no page may."""
    from author_page_driver import Watched

    watched = Watched(browser, service)
    yield watched
    watched.check()
