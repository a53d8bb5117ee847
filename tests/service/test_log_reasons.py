"""The log says why something was not answered, and clients are told what to do."""

import os
import socket
import sqlite3
from contextlib import closing
from itertools import pairwise

import httpx
import pytest

import scix_server
from scixtag.errors import OutputError
from scixtag.review.store.database import Database
from scixtag.service.contract.problems import Problem
from scixtag.service.logs import reason_of
from service_process import serving

PAPER = "/v1/papers/2018ApJS..236...24F"
_CHILDREN = "/v1/concepts/{concept_id:path}/children"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("reasons") / "decisions.sqlite"
    Database.open(str(path)).close()
    return path


@pytest.fixture(scope="module")
def running(served_model, scix, path):
    environment = os.environ | {"SCIXTAG_SCIX_URL": scix.url, "ADS_API_TOKEN": scix_server.TOKEN}
    options = ("--database", path, "--max-body", "10000", "--timeout", "3")
    with serving(path.parent, served_model, *options, environment=environment) as running:
        yield running


def line_of(running, answer):
    line = running.line_of(answer.headers["x-request-id"])
    assert scix_server.TOKEN not in str(line)
    return line


def hang_up(handler):
    handler.connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("plays", "kind", "reasons"),
    [
        ([(401,)], "no-scix-token", ("SciX refuses the token in ADS_API_TOKEN (401)",)),
        ([(429,), (429,)], "scix-limit", ("SciX was asked more often than it allows",)),
        ([(500,), (500,)], "scix", ("SciX is in trouble (500 at {url})", "HTTPError: ")),
        ([(200, {}, b"<html>")], "scix", ("the answer of SciX at {url} is not what", "JSONDecodeError: ")),
        ([(200, {}, b"{}", hang_up)] * 2, "scix", ("SciX cannot be reached at {url}", "Remote end closed")),
    ],
)
def test_why_scix_was_no_help(running, scix, plays, kind, reasons):
    for play in plays:
        scix.play(*play)
    answer = httpx.get(f"{running.url}{PAPER}")
    line = line_of(running, answer)
    assert (line["event"], line["status"], line["problem"]) == ("request", answer.status_code, kind)
    for reason in reasons:
        assert reason.format(url=scix.url) in line["reason"]


def test_why_there_was_no_database(running, path):
    away = path.rename(path.with_name("away.sqlite"))
    try:
        for asked in ("/readyz", "/v1/review/queue"):
            line = line_of(running, httpx.get(f"{running.url}{asked}"))
            assert (line["status"], line["problem"], line["route"]) == (503, "no-database", asked)
            assert line["reason"].startswith(f"{path}: the database is gone")
    finally:
        away.rename(path)
    line = line_of(running, httpx.get(f"{running.url}/v1/review/queue"))
    assert line["status"] == 200
    assert not {"problem", "reason"} & line.keys()


def test_something_else_in_the_place_of_the_database_is_no_mistake_of_the_client(running, path):
    away = path.rename(path.with_name("away.sqlite"))
    try:
        for content, reason in (("CREATE TABLE photos (id)", "replaced by another one"), ("", "no SQLite database")):
            if content:
                with closing(sqlite3.connect(path)) as other:
                    other.execute(content)
            else:
                path.unlink()
                path.write_bytes(b"no database at all " * 100)
            answer = httpx.get(f"{running.url}/v1/review/queue")
            assert (answer.status_code, answer.json()["type"]) == (503, "urn:scixtag:problem:no-database")
            assert str(path) not in answer.text
            assert reason in line_of(running, answer)["reason"]
    finally:
        path.unlink()
        away.rename(path)
    assert httpx.get(f"{running.url}/v1/review/queue").status_code == 200


def test_a_request_that_is_not_let_in_is_told_of_its_route(served_model, tmp_path):
    with serving(tmp_path, served_model, "--rate", "0.2", "--max-body", "100") as running:
        with httpx.Client(base_url=running.url) as client:
            client.get("/v1/models")
            asked = [
                (client.post("/v1/suggest", json={"title": "x" * 200}), 413, "/v1/suggest"),
                (client.get("/v1/concepts/1/children", headers={"host": "evil.example"}), 421, _CHILDREN),
                (client.get("/static/app.js", headers={"host": "evil.example"}), 421, "/static/{name}"),
                (client.get("/openapi.json"), 429, "/openapi.json"),
                (client.get("/nothing", headers={"host": "evil.example"}), 421, "none"),
                (client.get("/nothing/..%2f"), 429, "none"),
            ]
            numbers = client.get("/metrics").text
        for answer, status, route in asked:
            assert answer.status_code == status
            assert f'route="{route}",status="{status}"' in numbers
        # Of refusals of one second a single one is told, which is the fourth.
        assert [line_of(running, answer)["route"] for answer, _, _ in asked[:5]] == [route for _, _, route in asked[:5]]


def caused(*errors):
    """The first of some errors, each of which is caused by the next one."""
    for error, cause in pairwise(errors):
        error.__cause__ = cause
    return errors[0]


def test_reasons_are_those_of_causes_and_repeat_nothing_that_is_secret():
    driver = sqlite3.OperationalError("disk I/O error\nDETAIL: the row (Unpublished words)")
    told = OutputError("postgresql://ann:a@b:c@host/x and https://who:hush@host: cannot be written")
    reason = reason_of(caused(Problem(503, "no-database", "try again"), told, KeyError(), driver))
    shown = "postgresql://ann:…@host/x and https://who:…@host: cannot be written"
    assert reason == f"{shown}; KeyError; OperationalError: disk I/O error"
    assert reason_of(Problem(503, "too-slow", "not answered within 3 s")) == "not answered within 3 s"
    assert len(reason_of(caused(Problem(502, "scix", ""), ValueError("x" * 10_000)))) < 400
    first, second = ValueError("first"), ValueError("second")
    assert reason_of(caused(first, second, first)) == "ValueError: second; first"
