import json
import socket
import threading
import time
import traceback
from contextlib import suppress
from email.utils import formatdate

import pytest

from scix_server import TOKEN, serving
from scixtag.corpus.record import Record
from scixtag.corpus.scix import UnknownBibcodesError, papers_by_bibcode, papers_by_query
from scixtag.corpus.scix_access import Patience, find_access, has_token
from scixtag.corpus.scix_api import ask
from scixtag.errors import ConfigError, InputError, RemoteError
from scixtag.progress import reporting_to

QUICK = Patience(seconds=5, attempts=3, first_wait=0.01, longest_wait=2)
FLARES, QUASARS = "2019ApJ...871L..17B", "2020A&A...641A...6P"


def many(count):
    return [f"2021MNRAS.500{number:05d}A" for number in range(count)]


@pytest.fixture
def user(tmp_path, monkeypatch):
    """Whoever has set nothing up."""
    for name in ("ADS_API_TOKEN", "ADS_DEV_KEY", "SCIX_API_TOKEN", "SCIXTAG_SCIX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path


@pytest.fixture
def scix(user, monkeypatch):
    monkeypatch.setenv("ADS_API_TOKEN", TOKEN)
    with serving() as server:
        monkeypatch.setenv("SCIXTAG_SCIX_URL", server.url + "/")
        yield server


@pytest.fixture
def access(scix):
    return find_access(patience=QUICK)


def refused(kind, access, **kwargs):
    """The message of the error that a question meets, after a look for the token in all that it could show."""
    with pytest.raises(kind) as caught:
        papers_by_query("flares", 5, access, **kwargs)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    assert TOKEN not in repr(access)
    return str(caught.value)


def test_papers_by_bibcode_in_the_order_asked_for(scix, access):
    scix.add(QUASARS, "Quasars", abstract="Far <i>away</i>.", uat_id=["1319", "594"])
    scix.add(FLARES, "Flares of $M$ dwarfs")
    assert papers_by_bibcode([FLARES, f" {QUASARS}\n", FLARES], access) == [
        Record(FLARES, "Flares of $M$ dwarfs", None, None),
        Record(QUASARS, "Quasars", "Far <i>away</i>.", ("1319", "594")),
    ]
    (asked,) = scix.asked
    assert (asked.method, asked.path) == ("GET", "/search/query")
    assert asked.headers["Authorization"] == f"Bearer {TOKEN}"


def test_the_user_s_own_access_is_the_default(scix):
    scix.add(FLARES)
    assert papers_by_bibcode([FLARES])[0].id == FLARES
    assert papers_by_query("flares", 1)[0].id == FLARES


def test_nothing_is_asked_for_no_bibcodes(user):
    assert papers_by_bibcode([]) == []


def test_many_bibcodes_are_posted_as_a_list(scix, access):
    names = many(2030)
    for name in reversed(names):
        scix.add(name)
    assert [record.id for record in papers_by_bibcode(names, access)] == names
    assert [(asked.method, asked.path) for asked in scix.asked] == [("POST", "/search/bigquery")] * 2
    assert [len(asked.body.split("\n")) for asked in scix.asked] == [2001, 31]


def test_a_server_that_gives_fewer_at_a_time_is_asked_for_the_rest(scix, access):
    scix.most_rows = 200
    for name in many(450):
        scix.add(name)
    assert [record.id for record in papers_by_bibcode(many(450), access)] == many(450)
    assert [asked.parameters["start"] for asked in scix.asked] == ["0", "200", "400"]


def test_the_bibcode_of_the_preprint_finds_the_paper_once(scix, access):
    scix.add(FLARES, identifier=[FLARES, "2018arXiv181200001B", "10.3847/2041-8213/aafb0e"])
    assert [record.id for record in papers_by_bibcode(["2018arXiv181200001B", FLARES], access)] == [FLARES]


def test_unknown_bibcodes_are_named_and_the_others_kept(scix, access):
    scix.add(QUASARS)
    with pytest.raises(UnknownBibcodesError, match=f"no paper {FLARES};") as caught:
        papers_by_bibcode([FLARES, QUASARS], access)
    assert caught.value.unknown == (FLARES,)
    assert [record.id for record in caught.value.found] == [QUASARS]
    with pytest.raises(UnknownBibcodesError, match="00004A and 25 more"):
        papers_by_bibcode(many(30), access)


@pytest.mark.parametrize(
    "odd", ["", "2019ApJ", "2019ApJ...871L..17", 'ApJ"2019...871L..17', '2019ApJ...871L..17"', "2019ApJ...871\n..17B"]
)
def test_what_is_no_bibcode_is_refused_before_anything_is_asked(scix, access, odd):
    with pytest.raises(InputError, match="no bibcode: those have 19 characters"):
        papers_by_bibcode([FLARES, odd], access)
    assert scix.asked == []


def test_papers_by_query_newest_first_up_to_the_limit(scix, access):
    scix.most_rows = 4
    for name in many(20):
        scix.add(name)
    query = 'uat:"Quasars" & abs:naïve +#% \ud800'
    assert [record.id for record in papers_by_query(query, 10, access)] == many(10)
    assert [(asked.parameters["start"], asked.parameters["rows"]) for asked in scix.asked] == [
        ("0", "10"),
        ("4", "6"),
        ("8", "2"),
    ]
    first = scix.asked[0].parameters
    assert first["q"] == 'uat:"Quasars" & abs:naïve +#% ?'
    assert first["sort"] == "date desc, bibcode desc"
    assert len(papers_by_query("all", 100, access)) == 20


def test_a_query_that_finds_nothing(scix, access):
    assert papers_by_query("nothing", 10, access) == []


def test_a_server_that_promises_more_than_it_gives_is_not_asked_for_ever(scix, access):
    scix.play(body=json.dumps({"response": {"numFound": 9, "docs": [{"bibcode": FLARES}]}}).encode())
    scix.play(body=json.dumps({"response": {"numFound": 9, "docs": []}}).encode())
    assert [record.id for record in papers_by_query("flares", 5, access)] == [FLARES]


@pytest.mark.parametrize(("query", "limit"), [(" ", 5), ("flares", 0)])
def test_queries_that_ask_for_nothing(scix, access, query, limit):
    with pytest.raises(InputError):
        papers_by_query(query, limit, access)
    assert scix.asked == []


@pytest.mark.parametrize("name", ["ADS_API_TOKEN", "ADS_DEV_KEY", "SCIX_API_TOKEN"])
def test_the_token_of_the_environment(user, monkeypatch, name):
    assert not has_token()
    monkeypatch.setenv(name, f" {TOKEN}\n")
    assert has_token()
    access = find_access()
    assert (access.token, access.origin, access.url) == (TOKEN, name, "https://api.adsabs.harvard.edu/v1")


def test_the_token_in_the_file_comes_after_the_environment(user, monkeypatch):
    (user / ".ads").mkdir()
    (user / ".ads" / "dev_key").write_text(f"{TOKEN}\n")
    assert has_token()
    assert (find_access().token, find_access().origin) == (TOKEN, "~/.ads/dev_key")
    monkeypatch.setenv("SCIX_API_TOKEN", "other")
    assert find_access().token == "other"


def test_no_token(user):
    with pytest.raises(ConfigError, match=r"no token for SciX; make one at https://\S+ and put it into ADS_API_TOKEN"):
        papers_by_query("flares", 5)


@pytest.mark.parametrize("odd", [f"{TOKEN}\nX-Odd: 1", f"{TOKEN} {TOKEN}", f"{TOKEN}é"])
def test_what_cannot_be_a_token_is_not_sent(scix, monkeypatch, odd):
    monkeypatch.setenv("ADS_API_TOKEN", odd)
    with pytest.raises(ConfigError, match="what stands in ADS_API_TOKEN is no token") as caught:
        papers_by_query("flares", 5)
    assert TOKEN not in str(caught.value)
    assert scix.asked == []


@pytest.mark.parametrize("url", ["http://api.example.org/v1", "file:///etc/passwd", "api.example.org", "http://[::1"])
def test_the_token_goes_over_nothing_but_https(scix, url):
    with pytest.raises(ConfigError, match="mend or unset SCIXTAG_SCIX_URL"):
        find_access(url)


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_refused_says_where_it_comes_from(scix, access, status):
    scix.play(status, body=b'{"error": "Unauthorized"}')
    assert f"refuses the token in ADS_API_TOKEN ({status})" in refused(ConfigError, access)
    assert len(scix.asked) == 1


def test_a_wrong_token(scix, monkeypatch):
    monkeypatch.setenv("ADS_API_TOKEN", "wrong")
    assert "make a new one" in refused(ConfigError, find_access(patience=QUICK))


def test_busy_for_a_moment(scix, access):
    scix.add(FLARES)
    scix.play(503)
    scix.play(499)
    assert papers_by_query("flares", 5, access)[0].id == FLARES
    assert len(scix.asked) == 3


def test_busy_for_long(scix, access):
    for _ in range(4):
        scix.play(502)
    assert "in trouble (502" in refused(RemoteError, access)
    assert len(scix.asked) == 3


def test_a_server_that_says_the_token_in_its_first_line(scix, access):
    def say(handler):
        handler.wfile.write(f"HTTP/1.0 404 {TOKEN}\r\n\r\n".encode())

    scix.play(write=say)
    with pytest.raises(RemoteError) as told:
        papers_by_query("flares", 5, access)
    assert TOKEN not in "".join(traceback.format_exception(told.value))


def test_too_many_requests_in_a_moment_are_asked_again(scix, access):
    scix.add(FLARES)
    tomorrow = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4864", "X-RateLimit-Reset": "4000000000"}
    scix.play(429, tomorrow)
    assert papers_by_query("flares", 5, access)[0].id == FLARES


def test_too_many_requests_a_day_say_when_the_next_is_allowed(scix, access):
    headers = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4000000000"}
    scix.play(429, headers)
    message = refused(RemoteError, access)
    assert "more often than the 5000 that it allows a day" in message
    assert "try again after 2096-10-02 07:06:40 UTC" in message
    assert len(scix.asked) == 1


def test_retry_after_is_waited_for_and_told(scix, access):
    scix.add(FLARES)
    notes = []

    class Notes:
        def note(self, message):
            notes.append(message)

    scix.play(429, {"Retry-After": "1"})
    began = time.monotonic()
    with reporting_to(Notes()):
        assert papers_by_query("flares", 5, access)[0].id == FLARES
    assert time.monotonic() - began >= 1
    assert notes == ["SciX is asked again in 1 s"]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("later", ["3600", formatdate(time.time() + 3600, usegmt=True)])
def test_retry_after_that_is_too_far_away_is_not_waited_for(scix, access, status, later):
    scix.play(status, {"Retry-After": later})
    refused(RemoteError, access)
    assert len(scix.asked) == 1


@pytest.mark.parametrize("odd", ["soon", "-1", "9" * 40, "Mon, 99 Foo 2024 00:00:00 GMT"])
def test_odd_headers_are_as_none(scix, access, odd):
    for _ in range(3):
        scix.play(429, {"Retry-After": odd, "X-RateLimit-Reset": odd, "X-RateLimit-Limit": odd})
    assert "try again" in refused(RemoteError, access)
    assert len(scix.asked) == 3


def test_a_query_that_is_not_understood(scix, access):
    said = {"error": {"msg": f"SyntaxError: cannot parse\n'flares' {TOKEN}", "code": 400}}
    scix.play(400, body=json.dumps(said).encode())
    assert "not understand the query: SyntaxError: cannot parse 'flares' …; see https://" in refused(InputError, access)
    scix.play(400, body=b"<html>")
    assert "it gives no reason" in refused(InputError, access)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Sign in to the network</html>",
        b"",
        b'{"response": {"numFound": 1, "docs": [{"bib',
        b"[" * 100_000,
        b"[]",
        b'{"response": 5}',
        b'{"response": {"docs": []}}',
        b'{"response": {"numFound": 1, "docs": [5]}}',
        b'{"response": {"numFound": 1, "docs": [{"title": ["no bibcode"]}]}}',
        b'{"response": {"numFound": 1, "docs": [{"bibcode": 5}]}}',
        b'{"response": {"numFound": 1, "docs": [{"bibcode": "2019ApJ...871L..17B", "title": {}}]}}',
        b'{"response": {"numFound": 1, "docs": [{"bibcode": "2019ApJ...871L..17B", "uat_id": [{}]}]}}',
        b'{"error": {"msg": "shard is down"}}',
        b"\xff\xfe\x00",
    ],
)
def test_answers_that_make_no_sense(scix, access, body):
    scix.play(body=body)
    assert "is not what was asked for" in refused(RemoteError, access)


def test_an_answer_that_is_cut_off(scix, access):
    scix.play(headers={"Content-Length": "100"}, body=b'{"response":')
    assert "cut off" in refused(RemoteError, access)


@pytest.mark.parametrize("status", [301, 302, 307, 404, 418])
def test_redirections_are_not_followed_with_the_token(scix, access, status):
    scix.play(status, {"Location": f"{scix.url}/elsewhere"})
    assert f"its status is {status}" in refused(RemoteError, access)
    assert len(scix.asked) == 1


def test_no_server(scix, user):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    message = refused(RemoteError, find_access(url, QUICK))
    assert f"cannot be reached at {url} (" in message
    assert "refused" in message


def test_a_server_that_hangs_up_or_speaks_no_http(scix, access):
    def hang_up(handler):
        handler.connection.shutdown(socket.SHUT_RDWR)

    def mumble(handler):
        handler.wfile.write(b"mumble " + TOKEN.encode() + b"\r\n\r\n")

    for write in (hang_up, mumble, mumble):
        scix.play(write=write)
    assert "cannot be reached" in refused(RemoteError, access)


@pytest.mark.parametrize("silent", [True, False])
def test_a_server_that_is_too_slow(scix, silent):
    over = threading.Event()

    def drip(handler):
        handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
        while not over.wait(0.05):
            if not silent:
                with suppress(OSError):
                    handler.wfile.write(b" ")

    scix.play(write=drip)
    try:
        access = find_access(patience=Patience(seconds=0.3, attempts=1))
        assert "cannot be reached" in refused(RemoteError, access)
    finally:
        over.set()


def test_no_attempt_is_told(scix):
    with pytest.raises(RemoteError, match="attempts"):
        ask(find_access(patience=Patience(attempts=0)), "/search/query", {})
