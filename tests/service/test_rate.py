"""Clients that send more than they may, and those beside them."""

import re
import threading
import time

import httpx
import pytest

from scixtag.service.contract.problems import Problem
from scixtag.service.rate import Rate, client_of
from service_process import serving

PAPER = {"title": "Quasars", "abstract": "Flares of red dwarfs in several bands. " * 50}


def from_address(url, address):
    """A client that comes from an address of this machine; all of 127.0.0.0/8 are."""
    return httpx.Client(base_url=url, transport=httpx.HTTPTransport(local_address=address), timeout=30)


def test_others_are_answered_while_some_send_far_too_much(served_model, tmp_path):
    with serving(tmp_path, served_model, "--rate", "2") as service:
        refused = {number: [] for number in range(2, 5)}
        bodies = {2: {"papers": [PAPER] * 200}, 3: {"papers": [PAPER] * 5, "explain": True}, 4: {"papers": [PAPER]}}
        states = set()

        def attack(number):
            with from_address(service.url, f"127.0.0.{number}") as client:
                while len(refused[number]) < 40:
                    answer = client.post("/v1/suggest/batch", json=bodies[number])
                    states.add(answer.status_code)
                    refused[number] += [answer] if answer.status_code == 429 else []
                states.add(client.get("/healthz").status_code)

        attacks = [threading.Thread(target=attack, args=(number,)) for number in refused]
        for one in attacks:
            one.start()
        with from_address(service.url, "127.0.0.9") as client:
            for _ in range(10):
                assert client.post("/v1/suggest", json=PAPER).status_code == 200
                assert client.get("/healthz").status_code == 200
        for one in attacks:
            one.join()
        assert states == {200, 429}
        for number, answers in refused.items():
            assert answers[0].headers["content-type"] == "application/problem+json"
            assert answers[0].json()["type"] == "urn:scixtag:problem:too-many-requests"
            assert {answer.headers["retry-after"] for answer in answers} == {"1"}
            told = [line for line in service.said() if line.get("status") == 429 and line["client"][-1] == str(number)]
            assert 1 <= len(told) < len(answers)
        # Who comes again when told so is answered.
        with from_address(service.url, "127.0.0.4") as client:
            time.sleep(1)
            assert client.post("/v1/suggest", json=PAPER).status_code == 200


def test_pages_are_read_by_many_behind_one_address_while_their_requests_are_limited(served_model, tmp_path):
    with serving(tmp_path, served_model, "--rate", "0.1") as service, httpx.Client(base_url=service.url) as client:
        parts = ["/", *re.findall(r'(?:src|href)="(/static/[^"]+)"', client.get("/").text)]
        assert len(parts) > 2
        assert {client.get(part).status_code for _ in range(20) for part in parts} == {200}
        assert client.head("/").status_code == 200
        assert client.get("/desk").status_code == 200
        # One request of the API is the whole burst; what else is asked of the files counts.
        asked = [client.get("/v1/models"), client.get("/v1/models"), client.post("/static/app.js"), client.get("/none")]
        assert [answer.status_code for answer in asked] == [200, 429, 429, 429]
        assert client.get("/").status_code == 200


def test_who_comes_again_when_told_so_is_not_refused(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("scixtag.service.rate.time.monotonic", lambda: now[0])
    for per_second in (0.1, 0.7, 3, 20):
        rate = Rate(per_second)
        with pytest.raises(Problem) as told:
            for _ in range(1000):
                rate.count("a")
        rate.count("b")
        now[0] += int(told.value.headers["Retry-After"])
        rate.count("a")


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("no:address", "no:address"),
        ("x" * 1000, "x" * 64),
    ],
)
def test_whose_a_request_is(address, client):
    assert client_of({"client": (address, 1)}) == client
    assert client_of({"client": None}) == ""
