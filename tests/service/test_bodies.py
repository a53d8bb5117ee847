"""Bodies and paths that are nearly right: each problem names the place."""

import json

import httpx
import pytest
from pydantic import BaseModel

from scixtag.service.contract.bodies import body_from
from scixtag.service.contract.problems import Problem

INVISIBLE = "\u200b\u2060\ufeff\u3164\u2800\u115f\ufe0f \u00ad"


class Inner(BaseModel):
    n: float = 0


class Outer(BaseModel):
    title: str = ""
    papers: list[Inner] = []


@pytest.mark.parametrize(
    ("content", "status", "kind", "words"),
    [
        (b"\xef\xbb\xbf{}", 400, "no-json", "byte order mark"),
        ("{}".encode("utf-16"), 400, "no-json", "UTF-8"),
        (b'{"title": "a\\ud800"}', 400, "no-json", "column 19"),
        (b'{"title": "a\xed\xa0\x80"}', 400, "no-json", "column"),
        (b'{"title": "a"} {}', 400, "no-json", "column 16"),
        (b'{"title": NaN}', 422, "invalid", "title: "),
        (b'{"title": "a", "title": "b"}', 422, "invalid", "title: it stands twice"),
        (b'{"papers": [{"n": 1}, {"n": 1, "n": 2}]}', 422, "invalid", "n: it stands twice"),
        (b'{"t\\u0069tle": "a", "title": "b"}', 422, "invalid", "title: it stands twice"),
    ],
)
def test_what_is_nearly_json(content, status, kind, words):
    with pytest.raises(Problem) as refused:
        body_from(content, Outer)
    assert (refused.value.status, refused.value.kind) == (status, kind)
    assert words in refused.value.detail


def test_a_body_that_is_right():
    body = body_from(b'{"title": "\\ud83d\\ude80", "papers": [{"n": 1}, {"n": 1}]}', Outer)
    assert (body.title, len(body.papers)) == ("🚀", 2)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused_with_their_place(service, number):
    body = f'{{"title": "Quasars", "threshold": {number}}}'
    answer = httpx.post(f"{service}/v1/suggest", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (422, "threshold")


@pytest.mark.parametrize("explain", [False, True])
@pytest.mark.parametrize("title", ["", " \t\n", INVISIBLE, "<b></b>", "&nbsp;&#8203;"])
def test_a_text_that_nobody_can_read_is_none(service, title, explain):
    paper = {"title": title, "abstract": INVISIBLE}
    answer = httpx.post(f"{service}/v1/suggest", json={**paper, "explain": explain})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:scixtag:problem:no-text")
    body = {"papers": [{"title": "Quasars"}, paper], "explain": explain}
    answer = httpx.post(f"{service}/v1/suggest/batch", json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:scixtag:problem:no-text")
    assert answer.json()["detail"].startswith("papers.1: ")


@pytest.mark.parametrize("path", ["/v1/suggest", "/v1/suggest/batch", "/v1/keywords", "/healthz"])
def test_a_slash_too_many_is_told_and_leads_nowhere(service, path):
    answer = httpx.post(f"{service}{path}/?a=b", json={"title": "Quasars"})
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:scixtag:problem:unknown-path")
    assert answer.json()["detail"].endswith(f"without the slash at its end it is {path}")
    assert "slash" not in httpx.get(f"{service}/v1/nothing/").json()["detail"]


def test_one_paper_that_is_too_large_is_not_told_to_send_fewer(service):
    body = json.dumps({"title": "x" * 2_000_000})
    told = httpx.post(f"{service}/v1/suggest", content=body, headers={"content-type": "application/json"}).json()
    assert "send title and abstract alone" in told["detail"]


def test_keywords_stand_once_in_their_first_order(service):
    flares = "http://astrothesaurus.org/uat/1603"
    body = {"concepts": [1603, 982, "1603", flares, 982], "form": "aastex63"}
    told = httpx.post(f"{service}/v1/keywords", json=body).json()
    assert told["text"] == r"\keywords{Stellar flares (1603) --- M dwarf stars (982)}"


def test_all_methods_of_a_path_are_named(service):
    for path, methods in (("keywords", "GET, HEAD, POST"), ("suggest", "POST"), ("models", "GET, HEAD")):
        answer = httpx.delete(f"{service}/v1/{path}")
        assert (answer.status_code, answer.headers["allow"]) == (405, methods)
        assert answer.json()["type"] == "urn:scixtag:problem:wrong-method"
