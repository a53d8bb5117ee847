"""Bodies and paths that are nearly right: each problem names the place."""

import json

import httpx
import pytest
from pydantic import BaseModel

from scixtag.service.contract.bodies import body_from
from scixtag.service.contract.problems import Problem
from scixtag.service.contract.review_schemas import DecisionsRequest, ImportRequest
from scixtag.service.contract.schemas import KeywordsRequest, SuggestRequest

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


@pytest.mark.parametrize(("number", "taken"), [("2.0", 2), ("2e0", 2), ("20E-1", 2), ("-0.0", 0), ("1e15", 10**15)])
def test_whole_numbers_are_integers_however_they_are_written(number, taken):
    told = body_from(f'{{"concepts": ["a", {number}], "form": "text"}}'.encode(), KeywordsRequest)
    assert [(one, type(one)) for one in told.concepts] == [("a", str), (taken, int)]
    if taken == 2:
        assert body_from(f'{{"title": "Quasars", "limit": {number}}}'.encode(), SuggestRequest).limit == 2
        seen = f'{{"paper": "x", "expected_seq": {number}, "decisions": [{{"action": "undo", "undoes": {number}}}]}}'
        decisions = body_from(seen.encode(), DecisionsRequest)
        assert (decisions.expected_seq, decisions.decisions[0].undoes) == (2, 2)


def test_the_bounds_of_integers_are_documented():
    for body, member, bounds in (
        (SuggestRequest, "limit", (1, 100)),
        (ImportRequest, "limit", (1, None)),
        (DecisionsRequest, "expected_seq", (0, 2**31 - 1)),
    ):
        told = body.model_json_schema()["properties"][member]
        assert (told["type"], told["minimum"], told.get("maximum")) == ("integer", *bounds)


@pytest.mark.parametrize("number", ["2.5", '"2"', "true", "null", "[2]", "2.000000001", "1e999", "NaN", "1e300", "0.0"])
def test_what_is_no_integer_or_none_of_the_range_is_refused(number):
    with pytest.raises(Problem) as refused:
        body_from(f'{{"title": "Quasars", "limit": {number}}}'.encode(), SuggestRequest)
    assert [one["where"] for one in refused.value.more["errors"]] == ["limit"]


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
