import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import httpx
import pytest

from scixtag.cli.main import call
from scixtag.corpus.sources import read_records
from service_process import begun, serving

BOMB = b"[" * 100_000


@pytest.fixture(scope="module")
def model(served_model, tmp_path_factory):
    """The tagger that all tests share, under a name of its own."""
    return shutil.copytree(served_model, tmp_path_factory.mktemp("served") / "uat-model")


@pytest.fixture(scope="module")
def running(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("service")
    environment = os.environ | {"SCIXTAG_SCIX_URL": "http://127.0.0.1:9", "ADS_API_TOKEN": "secret-token"}
    with serving(folder, model, f"other={model}", "--max-text", "5000", environment=environment) as service:
        yield service


@pytest.fixture(scope="module")
def client(running):
    with httpx.Client(base_url=running.url) as client:
        yield client


@pytest.fixture(scope="module")
def papers():
    return [
        {"id": record.id, "title": record.title, "abstract": record.abstract} for record in read_records("sample:test")
    ]


def problem(answer, status, kind):
    assert status != 422 or answer.json()["errors"]
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["type"] == f"urn:scixtag:problem:{kind}"
    assert told["status"] == status
    assert told["request_id"] == answer.headers["x-request-id"]
    for secret in ("Traceback", ".py", "/tmp", "/root", "/home", "secret-token"):
        assert secret not in answer.text
    return told["detail"]


@pytest.mark.parametrize("wanted", [{}, {"limit": 3}, {"threshold": 0.5}, {"hierarchy": "ancestors"}])
def test_suggestions_are_those_of_tag(client, model, papers, tmp_path, wanted):
    options = [str(part) for name, value in wanted.items() for part in (f"--{name}", value)]
    output = tmp_path / "t.jsonl"
    assert call(["tag", str(model), "sample:test", "--output", str(output), "--quiet", *options]) == 0
    expected = [json.loads(line) for line in output.read_text().splitlines()]
    several = client.post("/v1/suggest/batch", json={"papers": papers, **wanted}).json()
    assert several["results"] == expected
    assert several["model"] == "uat-model"
    for paper, line in zip(papers[:3], expected, strict=False):
        one = client.post("/v1/suggest", json={**paper, **wanted}).json()
        assert {key: one[key] for key in line} == line
        assert one["vocabulary"] == several["vocabulary"]


def test_explanations_point_into_the_text_that_was_read(client, papers):
    told = client.post("/v1/suggest", json={**papers[0], "title": "Stars &amp; <i>flares</i>", "explain": True}).json()
    assert told["text"]["title"] == "Stars & flares"
    evidence = [one for s in told["suggestions"] for one in s["explanation"]["evidence"]]
    assert evidence
    for one in evidence:
        span = one["spans"][0]
        assert told["text"][span["field"]][span["start"] : span["end"]] == one["words"]
    assert told["suggestions"][0]["explanation"]["path"]


def test_a_word_said_a_thousand_times_is_told_by_its_first_places(client):
    answer = client.post("/v1/suggest", json={"abstract": "Stellar flares " * 300, "explain": True})
    evidence = [one for s in answer.json()["suggestions"] for one in s["explanation"]["evidence"]]
    assert max(one["times"] for one in evidence) == 300
    assert max(len(one["spans"]) for one in evidence) == 20


def test_models(client):
    first, second = client.get("/v1/models").json()["models"]
    assert (first["name"], first["default"], second["name"], second["default"]) == ("uat-model", True, "other", False)
    assert first["training"]["papers"] == 197
    assert client.post("/v1/suggest", json={"title": "Quasars", "model": "other"}).json()["model"] == "other"


def test_concepts(client):
    found = client.get("/v1/concepts", params={"q": "stellar fl", "limit": 3}).json()["concepts"]
    assert found[0]["label"] == "Stellar flares"
    one = client.get(f"/v1/concepts/{found[0]['id']}").json()
    assert one["path"][-1] == "Stellar flares"
    assert one["parents"]
    parent = one["parents"][0]["id"]
    children = client.get(f"/v1/concepts/{parent}/children").json()["concepts"]
    assert one["id"] in [child["id"] for child in children]
    assert {child["id"] for child in children} <= {one["id"], *(other["id"] for other in one["siblings"])}
    above = client.get(f"/v1/concepts/{one['id']}/ancestors").json()["concepts"]
    assert parent in [concept["id"] for concept in above]


def test_keywords(client):
    names = [form["name"] for form in client.get("/v1/keywords").json()["forms"]]
    assert "aastex7" in names
    [flares] = client.get("/v1/concepts", params={"q": "Stellar flares", "limit": 1}).json()["concepts"]
    told = client.post("/v1/keywords", json={"concepts": [flares["id"]], "form": "aastex7"}).json()
    assert told["text"] == f"\\keywords{{\\uat{{Stellar flares}}{{{flares['id']}}}}}"
    none = client.post("/v1/keywords", json={"concepts": [], "form": "aastex7"})
    problem(none, 422, "cannot-be-said")
    assert none.json()["errors"][0]["where"] == "concepts"
    problem(client.post("/v1/keywords", json={"concepts": [0], "form": "text"}), 404, "unknown-concept")
    odd = client.post("/v1/keywords", json={"concepts": [flares["id"]], "form": "aastex8"})
    assert "aastex7" in problem(odd, 422, "cannot-be-said")
    assert odd.json()["errors"] == [{"where": "form", "what": odd.json()["detail"]}]


def test_scix_that_is_away(client):
    assert "paste title and abstract" in problem(client.get("/v1/papers/2018ApJS..236...24F"), 502, "scix")
    problem(client.get("/v1/papers/nonsense"), 422, "no-bibcode")


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("body", "headers", "status", "kind"),
    [
        (b"", JSON, 400, "no-json"),
        (b"{", JSON, 400, "no-json"),
        (b"\xff\xfe\x00", JSON, 400, "no-json"),
        (BOMB, JSON, 400, "no-json"),
        (b'{"title": "\\ud800"}', JSON, 400, "no-json"),
        (b"[]", JSON, 422, "invalid"),
        (b'{"title": 5}', JSON, 422, "invalid"),
        (b'{"title": "x", "limit": "5"}', JSON, 422, "invalid"),
        (b'{"title": "x", "limit": 0}', JSON, 422, "invalid"),
        (b'{"title": "x", "threshold": 2}', JSON, 422, "invalid"),
        (b'{"title": "x", "threshold": NaN}', JSON, 422, "invalid"),
        (b'{"titel": "x"}', JSON, 422, "invalid"),
        (b'{"title": "x", "hierarchy": "upwards"}', JSON, 422, "invalid"),
        (b'{"title": " ", "abstract": null}', JSON, 422, "no-text"),
        (b'{"title": "x", "model": "../../etc"}', JSON, 404, "unknown-model"),
        (b'{"title": "' + b"x" * 6000 + b'"}', JSON, 413, "too-long"),
        (b'{"title": "' + b"x" * 10_000_000 + b'"}', JSON, 413, "too-large"),
        (b"title=x", {"content-type": "application/x-www-form-urlencoded"}, 415, "wrong-media-type"),
        (b'{"title": "x"}', {"content-type": "text/plain"}, 415, "wrong-media-type"),
    ],
)
def test_bodies_that_are_refused(client, body, headers, status, kind):
    problem(client.post("/v1/suggest", content=body, headers=headers), status, kind)
    assert client.post("/v1/suggest", json={"title": "Quasars"}).status_code == 200


def test_a_body_whose_length_is_not_told_is_counted(client):
    chunks = (b"x" * 100_000 for _ in range(30))
    problem(client.post("/v1/suggest", content=chunks, headers=JSON), 413, "too-large")


def test_a_client_that_leaves_before_its_body_has_come_is_no_failure(running):
    with socket.create_connection(running.address) as connection:
        head = "POST /v1/suggest HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: left\r\nContent-Type: application/json"
        connection.sendall(f"{head}\r\nContent-Length: 100\r\n\r\n{{".encode())
    until = time.monotonic() + 10
    while not (found := [line for line in running.said() if line.get("request_id") == "left"]):
        assert time.monotonic() < until
        time.sleep(0.01)
    assert [(line["event"], line["status"]) for line in found] == [("request", 499)]


def test_batches_that_are_refused(client, papers):
    problem(client.post("/v1/suggest/batch", json={"papers": []}), 422, "invalid")
    for body in ({"papers": [papers[0]] * 201}, {"papers": papers[:21], "explain": True}):
        problem(client.post("/v1/suggest/batch", json=body), 413, "too-many-papers")
    empty = client.post("/v1/suggest/batch", json={"papers": [papers[0], {"id": "x"}, papers[1], {"title": " "}]})
    detail = problem(empty, 422, "no-text")
    assert detail.startswith("papers.1: ")
    assert detail.endswith("(and 1 more)")
    assert [error["where"] for error in empty.json()["errors"]] == ["papers.1", "papers.3"]


@pytest.mark.parametrize(
    ("path", "place", "words"),
    [
        ("/v1/concepts/1603?modell=uat", "modell", "did you mean 'model'?"),
        ("/v1/concepts?q=star&q=galaxy", "q", "stands twice"),
        ("/v1/models?x=1", "x", "it takes none"),
        ("/v1/review/queue?limt=3", "limt", "did you mean 'limit'?"),
    ],
)
def test_parameters_that_a_path_does_not_know(client, path, place, words):
    answer = client.get(path)
    assert words in problem(answer, 422, "invalid")
    assert [error["where"] for error in answer.json()["errors"]] == [place]


def test_a_body_that_is_compressed(client):
    content = gzip.compress(b'{"title": "Quasars"}')
    for encoding, status in (("gzip", 415), ("identity", 400)):
        headers = {"content-type": "application/json", "content-encoding": encoding}
        assert client.post("/v1/suggest", content=content, headers=headers).status_code == status


@pytest.mark.parametrize("path", ["/v1/nothing", "/static/..%2f..%2fapp.py", "/static/app.py", "/docs", "/.env"])
def test_paths_that_are_not_there(client, path):
    problem(client.get(path), 404, "unknown-path")


def test_other_refusals(client):
    problem(client.get("/v1/suggest"), 405, "wrong-method")
    problem(client.get("/v1/concepts"), 422, "invalid")
    problem(client.get("/v1/concepts/99999999"), 404, "unknown-concept")
    problem(client.get("/v1/models", headers={"host": "evil.example"}), 421, "wrong-host")
    for host in ("localhost:80", "127.0.0.1", "[::1]:8000"):
        assert client.get("/v1/models", headers={"host": host}).status_code == 200


def test_hostile_texts_come_back_as_data(client):
    hostile = '</script><script>alert(1)</script>\u202e\u0000\x07 "quotes" \\ 🚀'
    told = client.post("/v1/suggest", json={"id": hostile, "title": f"Quasars {hostile}", "explain": True})
    assert told.status_code == 200
    assert told.json()["id"] == hostile
    assert told.headers["content-type"] == "application/json"


def test_every_answer_keeps_browsers_strict_and_has_an_id(client):
    for answer in (client.get("/"), client.get("/v1/models"), client.get("/none")):
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers
        assert "server" not in answer.headers
    assert client.get("/healthz", headers={"x-request-id": "mine-1"}).headers["x-request-id"] == "mine-1"
    assert client.get("/healthz", headers={"x-request-id": "x y!"}).headers["x-request-id"] != "x y!"


def test_numbers_and_log(client, running):
    client.post("/v1/suggest", json={"title": "Quasars"}, headers={"x-request-id": "look-for-me"})
    text = client.get("/metrics").text
    assert 'scixtag_requests_total{method="POST",route="/v1/suggest",status="200"}' in text
    assert "scixtag_batch_papers_bucket" in text
    [line] = [line for line in running.said() if line.get("request_id") == "look-for-me"]
    assert (line["route"], line["status"]) == ("/v1/suggest", 200)
    assert client.get("/readyz").json() == {"status": "ok"}


def test_the_document_describes_bodies_and_problems(client):
    document = client.get("/openapi.json").json()
    body = document["paths"]["/v1/suggest"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/SuggestRequest"}
    schemas = document["components"]["schemas"]
    assert schemas["Paper"]["properties"]["title"]["examples"]
    for reference in json.dumps(document).split('"#/components/schemas/')[1:]:
        assert reference.partition('"')[0] in schemas


@pytest.mark.parametrize("path", ["/", "/healthz", "/v1/models"])
def test_heads_are_answered_without_bodies(client, path):
    head, whole = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]


def test_a_page_is_asked_for_again_only_if_it_changed(client):
    first = client.get("/")
    assert first.headers["content-type"] == "text/html; charset=utf-8"
    assert client.get("/", headers={"if-none-match": first.headers["etag"]}).status_code == 304


def test_a_model_is_replaced_without_dropping_a_request(model, tmp_path, papers):
    folder = tmp_path / "m"
    shutil.copytree(model, folder)
    with serving(tmp_path, folder) as service:
        created, failures, ended = set(), [], threading.Event()

        def ask():
            with httpx.Client(base_url=service.url) as client:
                for place in range(100_000):
                    if ended.is_set():
                        return
                    answer = client.post("/v1/suggest", json=papers[place % len(papers)])
                    if answer.status_code != 200:
                        failures.append(answer.text)
                    created.add(answer.json().get("created"))

        clients = [threading.Thread(target=ask) for _ in range(3)]
        for client in clients:
            client.start()
        try:
            train = ["train", "sample:train", "--model", "lexical", "--output", str(folder), "--quiet", "--overwrite"]
            time.sleep(1)  # another time of creation
            assert call(train) == 0
            service.wait_for("model replaced")
            until = time.monotonic() + 10
            while len(created) < 2 and time.monotonic() < until:
                time.sleep(0.01)
            # A damaged one does not take its place.
            (folder / "manifest.json").write_text("{")
            service.wait_for("model not replaced")
        finally:
            ended.set()
            for client in clients:
                client.join()
        assert not failures
        assert len(created) == 2
        kind = httpx.get(f"{service.url}/v1/models").json()["models"][0]["kind"]
        assert kind == "lexical"


def test_what_was_begun_is_answered_before_the_end(model, tmp_path, papers):
    with serving(tmp_path, model) as service:
        asking = begun(service, "/v1/suggest/batch", {"papers": papers[:20], "explain": True, "limit": 100})
        service.process.send_signal(signal.SIGTERM)
        head, _, body = asking().partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert len(json.loads(body)["results"]) == 20


def test_a_limit_of_time(model, tmp_path, papers):
    with serving(tmp_path, model, "--timeout", "0.1") as service:
        body = {"papers": papers[:20], "explain": True, "limit": 100}
        slow = httpx.post(f"{service.url}/v1/suggest/batch", json=body)
        problem(slow, 503, "too-slow")
        assert slow.headers["retry-after"]


def test_a_limit_of_rate_and_names_of_the_host(model, tmp_path):
    options = ("--rate", "2", "--name", "Keywords.example.org")
    with serving(tmp_path, model, *options) as service, httpx.Client(base_url=service.url) as client:
        assert client.get("/healthz", headers={"host": "keywords.example.org"}).status_code == 200
        problem(client.get("/healthz", headers={"host": "evil.example"}), 421, "wrong-host")
        answers = [client.get("/v1/models") for _ in range(15)]
        assert [answer.status_code for answer in answers[:5]] == [200] * 5
        problem(answers[-1], 429, "too-many-requests")
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert client.get("/healthz").status_code == 200


def run(*arguments):
    command = [sys.executable, "-m", "scixtag", "serve", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_what_cannot_be_served_is_told_at_once(model, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run(model, "--port", taken.getsockname()[1])
    assert done.returncode == 2
    assert "cannot listen there" in done.stderr
    (tmp_path / "empty").mkdir()
    for arguments, message in (
        ((tmp_path / "none",), "no such model folder"),
        ((tmp_path / "empty", "--workers", 2), "not a model folder"),
        ((model, model), "two models are named 'uat-model'"),
    ):
        done = run(*arguments, "--port", 0)
        assert done.returncode == 2
        assert message in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["m", "--workers", "100000"], "--workers 100,000: this machine can use"),
        (["m", "--rate", "nan"], "'nan' is not a finite number"),
        (["m", "--timeout", "inf"], "'inf' is not a finite number"),
        (["m", "--port", "99999"], "99999 is not in the range"),
        (["=m"], "MODEL '=m': write a model's folder, or NAME=FOLDER"),
        (["m="], "MODEL 'm=': write a model's folder, or NAME=FOLDER"),
        ([""], "MODEL '': write a model's folder"),
        (["m", "--host", ""], "--host: the address is empty"),
        (["m", "--name", "http://x"], "--name http://x: not the name of a host"),
        (["m", "--name", "x.org:80"], "--name x.org:80: not the name of a host"),
        (["m", "--database", ""], "--database: the address is empty"),
        (["m", "--closed"], "--closed: there is no desk"),
    ],
)
def test_options_without_meaning(capsys, monkeypatch, arguments, message):
    monkeypatch.setattr("scixtag.service.server.serve", lambda options: pytest.fail("it would serve"))
    assert call(["serve", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_names_of_hosts(monkeypatch):
    served = []
    monkeypatch.setattr("scixtag.service.server.serve", served.append)
    names = ("keywords.example.org", "xn--bcher-kva.example", "tagger_1", "192.0.2.7", "2001:db8::1")
    assert call(["serve", "m", *(part for name in names for part in ("--name", name))]) == 0
    assert served[0].names == names


@pytest.mark.parametrize("workers", [1, 2])
def test_a_database_that_is_not_there_is_not_made(model, tmp_path, workers):
    for path in (tmp_path / "mistyped.sqlite", tmp_path / "none" / "d.sqlite"):
        options = ["--database", str(path), "--port", "0", "--workers", str(workers)]
        done = run(model, *options)
        assert done.returncode == 2
        assert f"scixtag token create NAME --role curator --database {path}" in done.stderr
        assert not path.exists()


def test_a_missing_package_is_named(capsys, monkeypatch):
    monkeypatch.setattr("scixtag.extras.find_spec", lambda name: None if name == "fastapi" else object())
    assert call(["serve", "model"]) == 2
    assert "pip install 'scixtag[serve]'" in capsys.readouterr().err
