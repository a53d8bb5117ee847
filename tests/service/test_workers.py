"""Several processes: one dies, the first one dies, all are told to end."""

import os
import signal
import socket
import time
from multiprocessing import Pipe
from types import SimpleNamespace

import httpx
import pytest
import uvicorn

from scixtag.errors import ModelError
from scixtag.service.listening import workers
from service_process import begun, serving


def until(holds, seconds=20):
    """Wait for something."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def refused(address):
    try:
        socket.create_connection(address, timeout=5).close()
    except ConnectionError:
        return True
    return False


def test_workers_count_together_and_end_together(served_model, tmp_path):
    with serving(tmp_path, served_model, workers=2) as service:
        for _ in range(20):  # each by a connection of its own
            assert httpx.post(f"{service.url}/v1/suggest", json={"title": "Quasars"}).status_code == 200
        text = httpx.get(f"{service.url}/metrics").text
        assert 'scixtag_requests_total{method="POST",route="/v1/suggest",status="200"} 20.0' in text
        # At the end what was begun is answered, and nobody else waits for ever.
        asking = begun(service, "/v1/suggest", {"title": "Quasars"})
        service.process.terminate()
        until(lambda: refused(service.address))
        assert service.process.poll() is None
        assert asking().startswith(b"HTTP/1.1 200")


def test_processes_that_are_killed(served_model, tmp_path):
    environment = os.environ | {"TMPDIR": str(tmp_path)}

    def gauges():
        return {int(file.stem.rpartition("_")[2]) for file in tmp_path.glob("scixtag-metrics-*/gauge_livesum_*.db")}

    with serving(tmp_path, served_model, workers=2, environment=environment) as service:
        first, second = (line["process"] for line in service.wait_for("ready", 2))
        assert gauges() == {first, second}
        os.kill(first, signal.SIGKILL)
        [died] = service.wait_for("worker died")
        third = died["started"]
        assert (died["worker"], died["ended"]) == (first, "SIGKILL")
        assert {line["process"] for line in service.wait_for("ready", 3)} == {first, second, third}
        assert gauges() == {second, third}
        service.kill()
        assert {line["process"] for line in service.wait_for("stopped", 2)} == {second, third}
        until(lambda: refused(service.address))
        assert list(tmp_path.glob("scixtag-metrics-*")) == []  # although the first process could not remove them


def test_a_process_that_is_slow_is_no_dead_one(served_model, tmp_path):
    """It keeps nobody from seeing that another has died, and lives on."""
    with serving(tmp_path, served_model, workers=2) as service:
        slow, other = (line["process"] for line in service.wait_for("ready", 2))
        os.kill(slow, signal.SIGSTOP)
        time.sleep(1)  # it is asked meanwhile
        os.kill(other, signal.SIGKILL)
        third = service.wait_for("worker died")[0]["started"]
        assert {line["process"] for line in service.wait_for("ready", 3)} == {slow, other, third}
        os.kill(slow, signal.SIGCONT)
    assert [line["worker"] for line in service.said() if line["event"] == "worker died"] == [other]
    assert {line["process"] for line in service.said() if line["event"] == "stopped"} == {slow, third}


def test_nobody_is_replaced_at_the_end(served_model, tmp_path):
    """Ctrl-C in a terminal reaches all processes at once."""
    with serving(tmp_path, served_model, workers=2) as service:
        others = [line["process"] for line in service.wait_for("ready", 2)]
        for process in (service.process.pid, *others):
            os.kill(process, signal.SIGINT)
        assert {line["process"] for line in service.wait_for("stopped", 2)} == set(others)
        assert service.process.wait(20) == 0
    assert [line for line in service.said() if line["event"] == "worker died"] == []


def test_when_a_process_hangs(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(workers, "time", SimpleNamespace(monotonic=lambda: now[0]))
    first = object.__new__(workers.Workers)  # its signal handlers would stay with us
    first._asked = {}
    ours, its = Pipe()
    process = workers.Process(uvicorn.Config("none"), [])
    process.parent_conn = ours  # of a process that is not started
    for moment in (0, 30, 59):
        now[0] = moment
        assert not first._hangs(process)
    assert its.recv() == b"ping"
    its.send(False)  # not ready, but alive
    now[0] = 61  # and looked after late
    assert not first._hangs(process)
    now[0] = 120
    assert not first._hangs(process)
    now[0] = 122
    assert first._hangs(process)


def test_a_worker_that_cannot_start_says_why_and_ends(caplog, monkeypatch):
    def fails():
        raise ModelError("the model folder is damaged")

    monkeypatch.setattr(workers, "_PAUSE", 0)
    with pytest.raises(SystemExit) as ended:
        workers.started(fails)
    assert ended.value.code == 1  # another code would end the service
    [record] = caplog.records
    assert record.told == {"reason": "the model folder is damaged"}
