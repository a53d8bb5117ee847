"""A server that answers as the API of SciX does, with papers of its own, and plays what can go wrong."""

import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TOKEN = "Secret0123456789Token"


@dataclass
class Asked:
    method: str
    path: str
    parameters: dict
    headers: dict
    body: str


@dataclass
class Played:
    """An answer that comes before all others: status, headers, body; a function writes what it wants by itself."""

    status: int = 200
    headers: dict = field(default_factory=dict)
    body: bytes = b"{}"
    write: object = None


class FakeSciX:
    def __init__(self):
        self.papers, self.played, self.asked, self.most_rows = [], [], [], 2000
        self.url = ""

    def add(self, bibcode, title="A title", **fields):
        self.papers.append({"bibcode": bibcode, "identifier": [bibcode], "title": [title], **fields})

    def play(self, *args, **kwargs):
        self.played.append(Played(*args, **kwargs))

    def found(self, asked):
        query = asked.parameters["q"]
        if asked.path == "/search/bigquery":
            first, *names = asked.body.split("\n")
            assert (first, query, asked.parameters["fq"]) == ("bibcode", "*:*", "{!bitset}")
            assert asked.headers["Content-Type"] == "big-query/csv"
        elif match := re.fullmatch(r"identifier:\((.*)\)", query):
            names = re.findall(r'"(.*?)"', match[1])
        else:
            return self.papers
        return [paper for paper in self.papers if set(paper["identifier"]) & set(names)]

    def answer(self, asked):
        found = self.found(asked)
        start = int(asked.parameters["start"])
        rows = min(int(asked.parameters["rows"]), self.most_rows)
        fields = asked.parameters["fl"].split(",")
        documents = [{k: v for k, v in paper.items() if k in fields} for paper in found[start : start + rows]]
        return {"responseHeader": {}, "response": {"numFound": len(found), "start": start, "docs": documents}}


@contextmanager
def serving():
    scix = FakeSciX()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            address = urlsplit(self.path)
            parameters = {key: value for key, (value,) in parse_qs(address.query).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            asked = Asked(self.command, address.path, parameters, dict(self.headers), body)
            scix.asked.append(asked)
            if scix.played:
                self.send(scix.played.pop(0))
            elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
                self.send(Played(401, body=b'{"error": "Unauthorized"}'))
            else:
                self.send(Played(body=json.dumps(scix.answer(asked)).encode()))

        do_POST = do_GET  # noqa: N815

        def send(self, played):
            if played.write:
                played.write(self)
                return
            self.send_response(played.status)
            for name, value in {"Content-Length": str(len(played.body)), **played.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(played.body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    scix.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield scix
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
