import re
import sqlite3
import threading
from contextlib import contextmanager

import httpx
import pytest

from scixtag.cli.main import call
from scixtag.corpus.sources import read_records
from scixtag.review.desk import Desk
from scixtag.review.queue import Queue
from scixtag.review.store.database import Database
from scixtag.review.tokens import Tokens
from scixtag.workflows.preparation import vocabulary_for
from scixtag.workflows.tagger import Tagger
from service_process import serving


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served") / "uat-model"
    assert call(["train", "sample:train", "--model", "lexical", "--output", str(folder), "--quiet"]) == 0
    return folder


class Curators:
    """A service with a desk, its database, and clients by name."""

    def __init__(self, service, path, secrets):
        self.service, self.path, self._secrets = service, path, secrets
        self.clients = {}

    def __getitem__(self, name):
        if name not in self.clients:
            headers = {"authorization": f"Bearer {self._secrets[name]}"} if name in self._secrets else {}
            self.clients[name] = httpx.Client(base_url=self.service.url, headers=headers, timeout=20)
        return self.clients[name]


@pytest.fixture
def desk(model, tmp_path):
    with desk_on(str(tmp_path / "decisions.sqlite"), model, tmp_path) as curators:
        yield curators


@contextmanager
def desk_on(path, model, logs):
    with Database.open(path) as database:
        Queue(database).import_papers(read_records("sample:test"), Tagger.load(model), "sample", "uat-model")
        tokens = Tokens(database)
        secrets = {role: tokens.create(role, role)[0] for role in ("reader", "curator", "admin")}
        secrets |= {name: tokens.create(name, "curator")[0] for name in ("other", "gone")}
        tokens.revoke("gone")
    with serving(logs, model, "--database", path) as service:
        curators = Curators(service, path, secrets)
        yield curators
        for client in curators.clients.values():
            client.close()


def kind(answer):
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    for secret in ("Traceback", ".py", ".sqlite", "/tmp", "sxt_"):
        assert secret not in answer.text
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


def reason(curators, answer):
    """Why a request was not answered, as the log says."""
    told = answer.json()
    line = curators.service.line_of(told["request_id"])
    assert line["problem"] == told["type"].rpartition(":")[2]
    assert "hush" not in str(line)
    return line["reason"]


def where(answer):
    """The places that a problem names."""
    return [error["where"] for error in answer.json().get("errors", ())]


def decide(client, paper, *decisions, seq=None, key=None):
    body = {"paper": paper["id"], "expected_seq": paper["seq"] if seq is None else seq, "decisions": list(decisions)}
    return client.post("/v1/review/decisions", json=body | ({"key": key} if key else {}))


def test_a_paper_from_the_queue_to_done(desk):
    client = desk["curator"]
    assert client.get("/v1/review/me").json() == {"name": "curator", "role": "curator", "expires_at": None}
    page = client.get("/v1/review/queue", params={"order": "expected-gain", "limit": 3}).json()
    assert page["counts"]["open"] == 53
    sought = {"order": "expected-gain", "q": page["papers"][1]["title"][:25].upper(), "progress": "all"}
    found = client.get("/v1/review/queue", params=sought).json()
    assert page["papers"][1] in found["papers"]
    assert len(found["papers"]) < 53
    assert found["counts"] == page["counts"]
    assert kind(client.get("/v1/review/queue", params={"q": "x" * 201})) == (422, "invalid")
    gains = [paper["expected_gain"] for paper in page["papers"]]
    assert gains == sorted(gains, reverse=True)
    told = client.post("/v1/review/next", json={"order": "expected-gain"}).json()
    paper = told["paper"]
    assert paper["id"] == page["papers"][0]["id"]
    assert paper["seq"] == 0
    assert (paper["claimed_by"], paper["claimed_until"] > paper["imported_at"]) == ("curator", True)
    assert desk["nobody"].get(f"/v1/review/papers/{paper['id']}").json() == paper
    first, second, third = (one["id"] for one in paper["standings"][:3])
    [star] = client.get("/v1/concepts", params={"q": "Stellar flares", "limit": 1}).json()["concepts"]
    saved = decide(
        client,
        paper,
        {"action": "accept", "concept": first},
        {"action": "reject", "concept": second, "text": "too general"},
        {"action": "swap", "concept": third, "other": star["uri"]},
        {"action": "note", "text": "<script>alert(1)</script> ‮ see the figures"},
    )
    assert saved.status_code == 200, saved.text
    now = saved.json()["paper"]
    assert [event["seq"] for event in saved.json()["events"]] == [1, 2, 3, 4]
    statuses = {one["id"]: one["status"] for one in now["standings"]}
    assert (statuses[first], statuses[second], statuses[third]) == ("accepted", "rejected", "swapped")
    undone = decide(client, now, {"action": "undo", "undoes": 2}).json()["paper"]
    assert {one["id"]: one["status"] for one in undone["standings"]}[second] == "suggested"
    assert [event["undone"] for event in undone["events"]] == [False, True, False, False, False]
    done = decide(client, undone, {"action": "done"}).json()["paper"]
    assert (done["progress"], done["done_by"]) == ("done", ["curator"])
    assert now["claimed_by"] == "curator"
    assert (done["claimed_by"], done["claimed_until"]) == (None, None)
    assert client.get(f"/v1/review/papers/{paper['id']}").json() == done
    following = client.post("/v1/review/next", json={"order": "expected-gain"}).json()
    assert following["paper"]["id"] != paper["id"]
    assert following["counts"]["done"] == 1
    assert client.get("/v1/review/agreement").json()["weeks"][0]["papers"] == 1
    with Database.open(str(desk.path)) as database:
        assert [event.who for event in Desk(database).events(paper["id"])] == ["curator"] * 6


def test_two_curators_get_other_papers_and_overwrite_nobody(desk):
    one, other = desk["curator"], desk["other"]
    mine = one.post("/v1/review/next", json={}).json()["paper"]
    theirs = other.post("/v1/review/next", json={}).json()["paper"]
    assert mine["id"] != theirs["id"]
    concept = mine["standings"][0]["id"]
    assert decide(one, mine, {"action": "accept", "concept": concept}).status_code == 200
    stale = decide(other, mine, {"action": "reject", "concept": concept})
    assert kind(stale) == (409, "stale")
    assert stale.json()["seq"] == 1
    assert [(event["who"], event["action"]) for event in stale.json()["events"]] == [("curator", "accept")]
    assert decide(other, mine, {"action": "reject", "concept": concept}, seq=1).status_code == 200


def test_what_is_sent_twice_happens_once(desk):
    client = desk["curator"]
    paper = client.post("/v1/review/next", json={}).json()["paper"]
    decision = {"action": "accept", "concept": paper["standings"][0]["id"]}
    answers = []

    def send():
        with httpx.Client(base_url=client.base_url, headers=client.headers, timeout=20) as own:
            answers.append(decide(own, paper, decision, key="once"))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 6
    assert len(client.get(f"/v1/review/papers/{paper['id']}").json()["events"]) == 1
    assert kind(decide(client, paper, {"action": "done"}, key="once")) == (422, "invalid")


def test_who_may_what(desk):
    nobody, reader = desk["nobody"], desk["reader"]
    paper = nobody.get("/v1/review/queue").json()["papers"][0]
    for client, expected in (
        (nobody, (401, "no-token")),
        (desk["gone"], (401, "token-revoked")),
        (reader, (403, "not-allowed")),
    ):
        assert kind(decide(client, paper, {"action": "done"})) == expected
        assert kind(client.post("/v1/review/next", json={})) == expected
        assert kind(client.post("/v1/review/import", json={"query": "x"})) == expected
    assert nobody.get("/v1/review/me").headers["www-authenticate"].startswith("Bearer")
    forged = nobody.get("/v1/review/me", headers={"authorization": "Bearer sxt_nonsense"})
    assert kind(forged) == (401, "unknown-token")
    assert reader.get("/v1/review/me").json()["role"] == "reader"


def test_an_admin_gives_and_takes_tokens(desk):
    admin, path = desk["admin"], "/v1/review/tokens"
    for name, expected in (("nobody", (401, "no-token")), ("curator", (403, "not-allowed"))):
        assert kind(desk[name].get(path)) == expected
        assert kind(desk[name].post(path, json={"name": "new", "role": "admin"})) == expected
        assert kind(desk[name].post(f"{path}/revoke", json={"name": "admin"})) == expected
    made = admin.post(path, json={"name": "new", "role": "curator", "days": 30})
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    secret, token = made.json()["secret"], made.json()["token"]
    assert (token["name"], token["role"], token["state"]) == ("new", "curator", "valid")
    new = {"authorization": f"Bearer {secret}"}
    assert desk["nobody"].post("/v1/review/next", json={}, headers=new).status_code == 200
    assert kind(admin.post(path, json={"name": "new", "role": "reader"})) == (409, "taken-name")
    odd = admin.post(path, json={"name": "x\n", "role": "reader"})
    assert (kind(odd), where(odd)) == ((422, "invalid"), ["name"])
    assert kind(admin.post(path, json={"name": "x", "role": "king"})) == (422, "invalid")
    assert admin.post(f"{path}/revoke", json={"name": "new"}).json() == {"status": "ok"}
    assert kind(desk["nobody"].get("/v1/review/me", headers=new)) == (401, "token-revoked")
    assert kind(admin.post(f"{path}/revoke", json={"name": "new"})) == (404, "unknown-name")
    listed = admin.get(path)
    states = {token["name"]: token["state"] for token in listed.json()["tokens"]}
    ended = ("gone", "new")
    assert states == dict.fromkeys(("reader", "curator", "admin", "other"), "valid") | dict.fromkeys(ended, "revoked")
    with Database.open(desk.path) as database:
        assert {token.name: token.state for token in Tokens(database).list()} == states
    told = [(line["event"], line["who"], line["token"]) for line in desk.service.said() if "token" in line]
    assert told == [("token created", "admin", "new"), ("token revoked", "admin", "new")]
    assert secret not in f"{desk.service.said()} {listed.text}"


def test_bad_decisions_record_nothing(desk):
    client = desk["curator"]
    paper = client.post("/v1/review/next", json={}).json()["paper"]
    good = {"action": "accept", "concept": paper["standings"][0]["id"]}
    for decisions, expected, places in (
        ([good, {"action": "accept", "concept": 99_999_999}], (404, "unknown-concept"), []),
        ([good, {"action": "accept"}], (422, "invalid"), ["decisions.1"]),
        ([good, {"action": "undo", "undoes": 17}], (422, "invalid"), [""]),
        ([good, {"action": "burn"}], (422, "invalid"), ["decisions.1.action"]),
        ([], (422, "invalid"), ["decisions"]),
    ):
        answer = decide(client, paper, *decisions)
        assert (kind(answer), where(answer)) == (expected, places)
    assert where(decide(client, paper, good, key=" ")) == ["key"]
    assert kind(decide(client, paper | {"id": "none"}, good)) == (404, "unknown-paper")
    assert kind(client.get("/v1/review/papers/none")) == (404, "unknown-paper")
    assert client.get(f"/v1/review/papers/{paper['id']}").json()["seq"] == 0


def test_a_deprecated_concept_names_its_successor(desk):
    client = desk["curator"]
    paper = client.post("/v1/review/next", json={}).json()["paper"]
    vocabulary = vocabulary_for("sample", None)
    old = next(one for one in vocabulary if one.deprecated and one.successors)
    answer = decide(client, paper, {"action": "add", "concept": old.id})
    assert kind(answer) == (422, "deprecated-concept")
    assert f"({old.successors[0]})" in answer.json()["detail"]
    assert where(answer) == ["decisions.0.concept"]


def test_papers_come_in_over_http(desk):
    client = desk["curator"]
    papers = [{"id": "10.1/a/b", "title": "Quasars <i>and</i> flares"}, {"id": "empty", "title": " "}]
    came = client.post("/v1/review/import", json={"papers": papers}).json()
    assert came == {"added": 1, "known": 0, "empty": 1, "unknown": []}
    assert client.get("/v1/review/papers/10.1/a/b").json()["title"] == "Quasars and flares"
    for body, places in (
        ({}, [""]),
        ({"papers": papers, "query": "x"}, ["papers", "query"]),
        ({"papers": [*papers, {"id": "a\tb"}]}, ["papers.2.id"]),
        ({"bibcodes": ["2018ApJS..236...24F", "2018ApJS"]}, ["bibcodes.1"]),
    ):
        answer = client.post("/v1/review/import", json=body)
        assert (answer.status_code, where(answer)) == (422, places)
    unseen = client.post("/v1/review/import", json={"papers": [{"id": "10.1/a/b\u200b", "title": "Quasars"}]})
    assert unseen.status_code == 422
    assert "the character U+200B, which nobody sees" in unseen.json()["detail"]


def test_a_database_that_is_locked_says_so_and_recovers(desk):
    client = desk["curator"]
    paper = client.post("/v1/review/next", json={}).json()["paper"]
    lock = sqlite3.connect(desk.path, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    answer = decide(client, paper, {"action": "done"})
    assert kind(answer) == (503, "no-database")
    assert "nothing was saved" in answer.json()["detail"]
    assert "another program holds the database" in reason(desk, answer)
    assert reason(desk, answer).endswith("database is locked")
    assert client.post("/v1/suggest", json={"title": "Quasars"}).status_code == 200
    lock.execute("ROLLBACK")
    lock.close()
    assert decide(client, paper, {"action": "done"}).status_code == 200


def test_a_server_that_goes_away_and_comes_back(postgres, model, tmp_path):
    with desk_on(postgres.fresh().replace("@", ":hush@"), model, tmp_path) as desk:
        client = desk["curator"]
        paper = client.post("/v1/review/next", json={"order": "expected-gain"}).json()["paper"]
        concept = paper["standings"][0]["id"]
        now = decide(client, paper, {"action": "accept", "concept": concept}, key="one").json()["paper"]
        assert kind(decide(client, paper, {"action": "done"})) == (409, "stale")
        postgres.stop()
        answer = decide(client, now, {"action": "done"}, key="two")
        assert kind(answer) == (503, "no-database")
        assert "postgresql" not in answer.text
        assert re.search(
            r"^postgresql://curator@127[^;]* the server does not answer as it should", reason(desk, answer)
        )
        assert kind(client.get("/readyz")) == (503, "no-database")
        assert client.post("/v1/suggest", json={"title": "Quasars"}).status_code == 200
        postgres.start()
        done = decide(client, now, {"action": "done"}, key="two").json()["paper"]
        assert (done["progress"], done["seq"]) == ("done", 2)


def test_what_is_answered_is_on_the_disk(model, tmp_path):
    """The service is killed the moment an answer is there."""
    path = tmp_path / "d.sqlite"
    with Database.open(str(path)) as database:
        Queue(database).import_papers(read_records("sample:test"), Tagger.load(model), "sample")
        secret, _ = Tokens(database).create("c", "curator")
    saved = {}
    for _ in range(3):
        with serving(tmp_path, model, "--database", path) as service:
            headers = {"authorization": f"Bearer {secret}"}
            with httpx.Client(base_url=service.url, headers=headers) as client:
                for paper in client.get("/v1/review/queue").json()["papers"][:5]:
                    answer = decide(client, paper, {"action": "done"})
                    assert answer.status_code == 200
                    saved[paper["id"]] = answer.json()["paper"]["seq"]
            service.kill()
    assert len(saved) == 15
    with Database.open(str(path)) as database:
        assert {paper: Desk(database).paper(paper).state.seq for paper in saved} == saved


def test_a_closed_desk_and_none_at_all(model, tmp_path):
    path = tmp_path / "d.sqlite"
    Database.open(str(path)).close()
    with serving(tmp_path, model, "--database", path, "--closed") as service:
        assert kind(httpx.get(f"{service.url}/v1/review/queue")) == (401, "no-token")
        assert httpx.get(f"{service.url}/readyz").status_code == 200
        told = httpx.get(f"{service.url}/openapi.json").json()["paths"]["/v1/review/queue"]["get"]
        assert told["security"] == [{"token": ["reader"]}]
        assert {"401", "403"} <= set(told["responses"])
    with serving(tmp_path, model) as service:
        assert kind(httpx.get(f"{service.url}/v1/review/queue")) == (404, "no-desk")
