"""What goes wrong between the service and SciX is told in one way, whoever asks."""

import os
import re
import threading
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import httpx
import pytest

import scix_server
from scixtag.review.store.database import Database
from scixtag.review.tokens import Tokens
from scixtag.service.scix import patience_of
from service_process import serving

KNOWN, UNKNOWN = "2018ApJS..236...24F", "2018ApJS..236...25F"


@contextmanager
def ways(folder, model, url, *options):
    """Two ways to ask for a paper by its bibcode: to read it, and to put it into the queue; and that by query."""
    path = str(folder / "decisions.sqlite")
    with Database.open(path) as database:
        secret, _ = Tokens(database).create("ann", "curator")
    environment = os.environ | {"SCIXTAG_SCIX_URL": url, "ADS_API_TOKEN": scix_server.TOKEN}
    with (
        serving(folder, model, "--database", path, *options, environment=environment) as service,
        httpx.Client(base_url=service.url, headers={"authorization": f"Bearer {secret}"}, timeout=30) as client,
    ):
        yield (
            lambda bibcode: client.get(f"/v1/papers/{bibcode}"),
            lambda bibcode: client.post("/v1/review/import", json={"bibcodes": [bibcode]}),
            lambda query: client.post("/v1/review/import", json={"query": query}),
        )


@pytest.fixture(scope="module")
def asking(served_model, scix, tmp_path_factory):
    """The ways to ask the server that answers as SciX does."""
    with ways(tmp_path_factory.mktemp("scix"), served_model, scix.url) as asking:
        yield asking


@pytest.mark.parametrize(
    ("plays", "bibcode", "status", "kind", "wait", "words"),
    [
        ([], "2018ApJS", 422, "no-bibcode", None, "is no bibcode"),
        ([], UNKNOWN, 404, "unknown-paper", None, "SciX knows no paper"),
        ([(401,)], KNOWN, 503, "no-scix-token", None, "whoever runs it"),
        ([(429, {"Retry-After": "90"})], KNOWN, 503, "scix-limit", "90", "no more requests"),
        ([(429,), (429,)], KNOWN, 503, "scix-limit", "60", "no more requests"),
        ([(500,), (500,)], KNOWN, 502, "scix", None, "SciX is in trouble"),
        ([(200, {}, b"<html>")], KNOWN, 502, "scix", None, "not what was asked for"),
        ([(400, {}, b'{"error": "syntax"}')], KNOWN, 422, "not-understood", None, "does not understand"),
    ],
)
def test_both_ways_tell_the_same(asking, scix, plays, bibcode, status, kind, wait, words):
    told = []
    for ask in asking[:2]:
        for play in plays:
            scix.play(*play)
        answer = ask(bibcode)
        assert not scix.played
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
        assert answer.headers.get("retry-after") == wait
        problem = answer.json()
        assert problem["type"] == f"urn:scixtag:problem:{kind}"
        assert words in problem["detail"]
        assert scix_server.TOKEN not in answer.text
        # Where SciX is, is for whoever runs the service.
        assert urlsplit(scix.url).netloc not in answer.text
        if status == 422:
            told_at = ("bibcode", "bibcodes.0", "bibcodes")
            assert [error["where"] in told_at for error in problem["errors"]] == [True]
        told.append(re.split("[,;] or (?:paste|import) ", problem["detail"])[0])
    assert told[0] == told[1]


def test_a_query_that_scix_does_not_understand(asking, scix):
    scix.play(400, {}, b'{"error": {"msg": "undefined field yaer"}}')
    answer = asking[2]("yaer:2026")
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:scixtag:problem:not-understood")
    assert "undefined field yaer" in answer.json()["detail"]
    assert answer.json()["errors"] == [{"where": "query", "what": answer.json()["detail"]}]


@pytest.mark.parametrize("silent", [True, False])
def test_scix_that_is_too_slow_is_given_up_before_the_request_is(served_model, scix, tmp_path, silent):
    over = threading.Event()

    def hang(handler):
        handler.wfile.write(b"HTTP/1.0 200 OK\r\n")
        while not over.wait(0.05):
            if not silent:
                # Each byte would be waited for anew.
                with suppress(OSError):
                    handler.wfile.write(b"X-More: x\r\n")

    with ways(tmp_path, served_model, scix.url, "--timeout", "3") as asking:
        try:
            for ask in asking[:2]:
                for _ in range(2):
                    scix.play(write=hang)
                answer = ask(KNOWN)
                problem = answer.json()
                assert (answer.status_code, problem["type"]) == (502, "urn:scixtag:problem:scix"), problem
                assert problem["detail"].startswith("SciX did not answer in time; try again later, or ")
                scix.played.clear()
        finally:
            over.set()


@pytest.mark.parametrize(("seconds", "most"), [(24, 8), (24, 15), (0.8, 8), (80, 15)])
def test_all_attempts_and_waits_fit_into_what_a_request_may_take(seconds, most):
    patience = patience_of(seconds, most)
    assert patience.attempts * patience.seconds + patience.longest_wait <= seconds
    assert 0 < patience.seconds <= most
    assert patience.first_wait <= patience.longest_wait
