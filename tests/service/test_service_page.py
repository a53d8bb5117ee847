"""What docs/service.md says of calling the service works as typed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scixtag.corpus.sources import read_records
from scixtag.review.queue import Queue
from scixtag.review.store.database import Database
from scixtag.review.tokens import Tokens
from service_process import serving

PAGE = (Path(__file__).parents[2] / "docs" / "service.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8000"


def blocks(fence):
    return re.findall(rf"^```{fence}\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def run(served_model, tmp_path_factory):
    """Runs what the page says against a service with a desk; what it prints."""
    folder = tmp_path_factory.mktemp("page")
    path = str(folder / "decisions.sqlite")
    with Database.open(path) as database:
        Queue(database).import_papers(read_records("sample:test"), None, "sample")
        secret, _ = Tokens(database).create("ann", "curator")
    with serving(folder, served_model, "--database", path) as service:

        def run(*command):
            done = subprocess.run(
                [*command[:-1], command[-1].replace(ADDRESS, service.url)],
                env=os.environ | {"TOKEN": secret},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            return done.stdout

        yield run


def test_calls_by_curl(run):
    one, claimed = (json.loads(run("bash", "-c", command)) for command in blocks("sh call"))
    assert len(one["suggestions"]) >= 5
    assert claimed["paper"]["progress"] == "open"


def test_a_problem_reads_as_shown(run):
    (command,), (shown,) = blocks("sh wrong"), blocks("json wrong")
    told, expected = json.loads(run("bash", "-c", command)), json.loads(shown)
    assert list(told) == list(expected)
    assert told | {"request_id": ""} == expected | {"request_id": ""}


def test_calls_in_python(run):
    keywords, many, queue = (run(sys.executable, "-c", program) for program in blocks("python call"))
    assert r"\uat{Stellar flares}{1603}" in keywords
    lines = many.splitlines()
    assert (len(lines), lines[-1].partition(" ")[0]) == (300, "paper-300")
    assert "Stellar flares" in lines[0]
    ids = [line.partition(" ")[0] for line in queue.splitlines()]
    assert (len(ids), len(set(ids))) == (53, 53)
