"""`scixtag tag --engine ray`: to the byte what processes of this machine write, whoever is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from importlib.util import find_spec

import pytest
from processes_below import descendants, gone

from scixtag.cli.main import call
from scixtag.corpus.sample import PAPERS

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'scixtag[ray]'")

COPIES = 20
SHARD = 25


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a model, papers, and what one process of this machine writes for them."""
    folder = tmp_path_factory.mktemp("tagging")
    assert call(["train", "sample:train", "--model", "lexical", "--output", str(folder / "model"), "--quiet"]) == 0
    papers = [json.loads(line) for line in PAPERS.read_text(encoding="utf-8").splitlines()]
    lines = [json.dumps(paper | {"id": f"{paper['id']}/{copy}"}) for copy in range(COPIES) for paper in papers]
    lines[100:100] = ["{", "[1]"]
    (folder / "papers.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert tag(folder, "local.jsonl", "--engine", "local").wait() == 0
    return folder


def tag(folder, output, *options, **settings):
    """The command as typed in a folder, in a process of its own."""
    command = [sys.executable, "-m", "scixtag", "tag", "model", "papers.jsonl", "--output", output]
    return subprocess.Popen([*command, "--shard", str(SHARD), "--quiet", *options], cwd=folder, **settings)


def same(folder, output):
    pairs = [(folder / f"local{suffix}", folder / f"{output}{suffix}") for suffix in (".jsonl", ".jsonl.rejects.jsonl")]
    return all(one.read_bytes() == other.read_bytes() for one, other in pairs)


def finished_shards(folder, output, count):
    """Wait until so many shards are finished."""
    journal = folder / f"{output}.tagging" / "journal.jsonl"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if journal.exists() and journal.read_bytes().count(b"\n") >= count:
            return
        time.sleep(0.01)
    raise TimeoutError(f"{output}: not {count} shards in a minute")


def kill_one_at_work():
    """Kill the first worker of a cluster of ours that is seen with a task."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for pid, name in descendants(os.getpid()).items():
            if name == "ray::Worker.do":
                os.kill(pid, signal.SIGKILL)
                return
    raise TimeoutError("no worker at work in a minute")


def test_the_same_bytes_though_a_worker_is_killed_in_the_middle(place, cluster):
    options = ("--engine", "ray", "--address", cluster.address, "--workers", "2")
    running = tag(place, "killed.jsonl", *options, stdout=subprocess.PIPE)
    finished_shards(place, "killed.jsonl", 20)
    kill_one_at_work()
    said, _ = running.communicate()
    assert running.returncode == 0
    assert same(place, "killed")
    assert said == b"", "Ray tells the driver's standard output of a dead worker"


def test_after_a_kill_of_the_driver_nothing_is_left_and_any_engine_goes_on(place):
    running = tag(place, "resumed.jsonl", "--engine", "ray", "--workers", "2", start_new_session=True)
    finished_shards(place, "resumed.jsonl", 20)
    cluster = descendants(running.pid)
    agents = [pid for pid, name in cluster.items() if name.endswith("Agent")]
    assert sum(name.startswith("ray::Worker") for name in cluster.values()) == 2
    running.kill()
    running.wait()
    assert gone(cluster.keys() - set(agents))
    for pid in agents:  # these do no work, and need a minute to see that their cluster is no more
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert not (place / "resumed.jsonl").exists()
    kept = (place / "resumed.jsonl.tagging" / "journal.jsonl").read_bytes().splitlines()
    assert 20 <= len(kept) < 264 * COPIES // SHARD
    assert tag(place, "resumed.jsonl", "--engine", "local").wait() == 0
    assert same(place, "resumed")
