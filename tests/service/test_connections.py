"""What comes over a connection and is no request, or comes too slowly."""

import json
import socket
import time

import httpx
import pytest

from service_process import serving


@pytest.fixture(scope="module")
def running(served_model, tmp_path_factory):
    with serving(tmp_path_factory.mktemp("service"), served_model, "--timeout", "1") as service:
        yield service


@pytest.fixture
def connect(running):
    opened = []

    def connected(*, small=False):
        connection = socket.socket()
        opened.append(connection)
        if small:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
        connection.settimeout(20)
        connection.connect(running.address)
        return connection

    yield connected
    for connection in opened:
        connection.close()


def all_of(connection, pause=0):
    """All that comes until the service ends the connection, read with pauses of some seconds."""
    got = b""
    while part := connection.recv(1 << 16):
        got += part
        time.sleep(pause)
    return got


def answers(connection):
    """The only answer that comes until the service ends the connection: status, headers, body."""
    got = all_of(connection)
    head, _, body = got.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return int(first.split()[1]) if got else None, dict(line.lower().split(": ", 1) for line in lines), body


def problem(connection, status, kind):
    got, headers, body = answers(connection)
    assert got == status, body
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    assert "default-src 'none'" in headers["content-security-policy"]
    told = json.loads(body)
    assert told["type"] == f"urn:scixtag:problem:{kind}"
    assert told["request_id"] == headers["x-request-id"]


START = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /v1/suggest HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        START + b"X: " + b"x" * 70_000 + b"\r\n\r\n",
        START + b"X: xx\r\n" * 20_000 + b"\r\n",
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",
    ],
)
def test_a_head_that_is_too_long(connect, sent):
    connection = connect()
    connection.sendall(sent)
    problem(connection, 431, "head-too-large")


def test_a_header_that_does_not_end(connect):
    connection = connect()
    connection.sendall(START + b"X: " + b"x" * 5_000_000)
    problem(connection, 431, "head-too-large")


def test_a_long_head_that_is_allowed(connect):
    connection = connect()
    connection.sendall(START + b"X: " + b"x" * 60_000 + b"\r\nConnection: close\r\n\r\n")
    assert answers(connection)[0] == 200


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"hello\r\n\r\n", b"GET / HTTP/9\r\n\r\n"]
)
def test_what_is_no_http(connect, sent):
    connection = connect()
    connection.sendall(sent)
    problem(connection, 400, "no-http")


def test_a_request_that_names_two_hosts(connect):
    connection = connect()
    connection.sendall(START + b"Host: evil.example\r\nConnection: close\r\n\r\n")
    problem(connection, 400, "no-http")


def test_a_silent_connection_is_closed(connect):
    assert answers(connect()) == (None, {}, b"")


def test_a_body_that_is_longer_than_a_head_may_be(running):
    paper = {"title": "Quasars", "abstract": "x" * 2_000}
    for _ in range(3):
        assert httpx.post(f"{running.url}/v1/suggest/batch", json={"papers": [paper] * 100}).status_code == 200


@pytest.mark.parametrize("first", [b"", START + b"\r\n"])
def test_a_head_that_comes_too_slowly(connect, first):
    connection = connect()
    if first:
        connection.sendall(first)
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200")
    connection.settimeout(0.1)
    for letter in START[:30] * 20:
        connection.send(bytes([letter]))
        try:
            told = connection.recv(1 << 16, socket.MSG_PEEK)
            break
        except TimeoutError:
            pass
    assert told
    connection.settimeout(20)
    problem(connection, 408, "too-late")


def test_a_body_that_comes_too_slowly(connect, running):
    connection = connect()
    connection.sendall(POST + b"Content-Length: 100\r\n\r\n{")
    problem(connection, 408, "too-late")
    assert httpx.post(f"{running.url}/v1/suggest", json={"title": "Quasars"}).status_code == 200


@pytest.fixture
def long_answers(connect):
    """A connection over which two answers come, more than the system keeps for a client that does not read."""
    body = json.dumps({"papers": [{"title": "Quasars", "abstract": "stars " * 100}] * 200, "limit": 100}).encode()
    head = POST.replace(b"suggest", b"suggest/batch") + b"Content-Length: %d\r\n" % len(body)
    connection = connect(small=True)
    connection.sendall(head + b"\r\n" + body + head + b"Connection: close\r\n\r\n" + body)
    return connection


def test_answers_that_nobody_reads(long_answers, running):
    [told] = running.wait_for("not read")
    assert told["client"] == "127.0.0.1"
    assert told["bytes"] > 0
    assert all_of(long_answers).count(b'"suggestions"') < 400


def test_answers_that_are_read_slowly(long_answers, running):
    """They take longer than the limit, but something is read all the time."""
    began = time.monotonic()
    got = all_of(long_answers, pause=0.02)
    assert time.monotonic() - began > 2
    assert got.count(b"HTTP/1.1 200") == 2
    assert got.count(b'"suggestions"') == 400


def test_an_upgrade_that_is_not_offered_is_a_request_as_any_other(connect):
    connection = connect()
    upgrade = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n"
    connection.sendall(START + upgrade)
    assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200")


def test_an_upgrade_with_a_body_is_refused(connect):
    connection = connect()
    connection.sendall(
        POST + b"Upgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 19\r\n\r\n" + b'{"title": "Quasars"}'
    )
    problem(connection, 400, "no-upgrade")
