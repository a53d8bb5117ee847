"""The Ray engine and its cluster: how many workers, what is refused, what is lost."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest
from processes_below import descendants, gone
from ray_cases import Notes, finished
from ray_jobs import DiesAtStart, NoFolder, Squares

from scixtag import progress
from scixtag.engines.registry import engine_named
from scixtag.errors import ConfigError, ModelError, RemoteError, WorkerError

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'scixtag[ray]'")


def test_what_the_start_raises_comes_out_with_the_node(cluster):
    with engine_named("ray", workers=1, address=cluster.address).employ(NoFolder()) as workers:
        workers.submit(1)
        with pytest.raises(ModelError, match="no such folder") as told:
            workers.wait()
    assert f"raised on node {socket.gethostname()}" in told.value.__notes__[0]


def test_workers_that_die_at_their_start_end_with_an_error(cluster):
    with engine_named("ray", workers=1, address=cluster.address).employ(DiesAtStart()) as workers:
        workers.submit(1)
        with pytest.raises(WorkerError, match="4 workers in a row ended while they started"):
            workers.wait()


def test_another_version_there_is_refused(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr("scixtag.engines.ray.engine.__version__", "9.9.9")
    with engine_named("ray", workers=1, address=cluster.address).employ(Squares(tmp_path)) as workers:
        workers.submit(1)
        with pytest.raises(RemoteError, match=r"scixtag 0\.1\.0 there and 9\.9\.9 here; install the same"):
            workers.wait()
    assert not list(tmp_path.iterdir()), "nothing was started"


def test_more_workers_than_cpus_are_told_and_not_waited_for(cluster, tmp_path):
    notes = Notes()
    engine = engine_named("ray", workers=5, address=cluster.address)
    with progress.reporting_to(notes), engine.employ(Squares(tmp_path)) as workers:
        assert finished(workers, range(12))[0] == {task: task * task for task in range(12)}
        assert workers.most == 4
    assert "the cluster has 2 CPUs, so 2 workers instead of 5" in notes.told


def test_all_cpus_of_a_cluster_where_nobody_says_how_many(cluster, tmp_path):
    with engine_named("ray", workers=None, address=cluster.address).employ(Squares(tmp_path)) as workers:
        assert workers.most == 4


def test_no_free_cpu_is_an_error_in_the_end(cluster, tmp_path, monkeypatch):
    from scixtag.engines.ray import workers as module

    monkeypatch.setattr(module, "LOOKING", 0.5)
    monkeypatch.setattr(module, "PATIENCE", 2)
    other = subprocess.Popen(
        [sys.executable, "-c", OCCUPIER, cluster.address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout.readline() == "all taken\n"
        with engine_named("ray", workers=2, address=cluster.address).employ(Squares(tmp_path)) as workers:
            workers.submit(1)
            with pytest.raises(RemoteError, match=r"no place for a worker .* 2 CPUs, 0 of them free"):
                workers.wait()
    finally:
        other.communicate()


OCCUPIER = """
import sys, ray
ray.init(address=sys.argv[1], log_to_driver=False, logging_level=50)
class Idle:
    def there(self): return True
actor = ray.remote(num_cpus=2)(Idle).remote()
ray.get(actor.there.remote())
print("all taken", flush=True)
sys.stdin.read()
"""


def test_a_node_that_is_lost_takes_no_task_with_it(cluster, tmp_path):
    node = cluster.add_node(num_cpus=2)
    with engine_named("ray", workers=4, address=cluster.address).employ(Squares(tmp_path)) as workers:
        while len(list(tmp_path.iterdir())) < 4:
            finished(workers, [("nap", 0.2 + index / 1000) for index in range(8)])
        threading.Timer(0.5, lambda: cluster.remove_node(node, allow_graceful=False)).start()
        results, deaths = finished(workers, [("nap", 0.1 + index / 1000) for index in range(60)])
        assert len(results) == 60
        assert 1 <= len(deaths) <= 2, "those that the lost node's two workers were at"


OWN = """
import json, os, pathlib, signal, sys
from ray_jobs import Squares
from scixtag.engines.registry import engine_named
handler = signal.getsignal(signal.SIGTERM)
folder = pathlib.Path(sys.argv[1])
with engine_named("ray", workers=2, address=None).employ(Squares(folder)) as workers:
    for task in (*range(20), ("nap", 1), ("nap", 1.01)):
        workers.submit(task)
    ended = [workers.wait() for _ in range(22)]
print(json.dumps({
    "results": sorted(one.result for one in ended if isinstance(one.task, int)),
    "handler": signal.getsignal(signal.SIGTERM) is handler,
    "mode": os.environ.get("RAY_AUTH_MODE"),
}))
"""


def test_a_cluster_of_its_own_ends_with_the_work(tmp_path):
    """In a process of its own: Ray then asks for a token, and would not join the other clusters of these tests."""
    paths = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    command = [sys.executable, "-W", "error::ResourceWarning:scixtag", "-c", OWN, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": paths})
    told = json.loads(done.stdout)
    assert told["results"] == [task * task for task in range(20)]
    assert told["handler"], "SIGTERM is the command line's"
    assert told["mode"] is None, "clusters without a token would refuse whatever is started afterwards"
    assert done.stderr == ""
    pids = [int(path.name.split("-")[0]) for path in tmp_path.iterdir()]
    assert len(pids) == 2
    assert gone(pids)


def test_a_head_that_is_lost_is_told(tmp_path, monkeypatch):
    from ray.cluster_utils import Cluster

    from scixtag.engines.ray import workers as module

    monkeypatch.setattr(module, "LOOKING", 0.5)
    before = descendants(os.getpid())
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    with engine_named("ray", workers=1, address=cluster.address).employ(Squares(tmp_path)) as workers:
        assert finished(workers, [1]) == ({1: 1}, [])
        started = descendants(os.getpid()).keys() - before.keys()
        (head,) = cluster.head_node.all_processes["gcs_server"]
        head.process.kill()
        workers.submit(("nap", 60))
        with pytest.raises(RemoteError, match="the head of the Ray cluster is gone"):
            workers.wait()
    cluster.shutdown()
    for pid in started:  # without a head some need a minute to see it
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("place", ["closed", "mute"])
def test_an_address_without_a_cluster_is_told_soon(place, tmp_path, monkeypatch):
    monkeypatch.setattr("scixtag.engines.ray.cluster.CONNECTING", 5)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if place == "mute":
            listener.listen()
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        began = time.monotonic()
        with (
            pytest.raises(RemoteError, match=rf"Ray cluster at {address}: no.*answer.*`ray start --address {address}`"),
            engine_named("ray", workers=1, address=address).employ(Squares(tmp_path)),
        ):
            pass
        assert time.monotonic() - began < 10


@pytest.mark.parametrize("address", ["cluster", "ray://head:10001", ":6379", "head:", "head:99999"])
def test_what_is_no_address_is_told_before_anything_starts(address):
    with pytest.raises(ConfigError, match="not HOST:PORT"):
        engine_named("ray", workers=1, address=address)


def test_no_workers_are_none_to_wait_for():
    with pytest.raises(ConfigError, match="--workers 0: at least one"):
        engine_named("ray", workers=0, address=None)


def test_where_ray_is_missing_the_extra_is_named(tmp_path):
    """In a process that finds no Ray, as if it were not installed."""
    script = (
        "import sys\nfrom importlib.machinery import PathFinder\n"
        "class Without(PathFinder):\n"
        "    @classmethod\n"
        "    def find_spec(cls, name, path=None, target=None):\n"
        "        return None if name.split('.')[0] == 'ray' else super().find_spec(name, path, target)\n"
        "sys.meta_path[sys.meta_path.index(PathFinder)] = Without\n"
        "from scixtag.engines.registry import engine_named\n"
        "engine_named('ray', workers=1, address=None)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "ConfigError: --engine ray: Ray is missing; install the extra: pip install 'scixtag[ray]'" in done.stderr
