"""Processes of this machine; everything with real ones."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from scixtag import processes
from scixtag.engines.base import Died, Finished
from scixtag.engines.registry import engine_named, known_engines
from scixtag.errors import ConfigError, InputError, WorkerError


@dataclass
class Does:
    """Does what a task says."""

    start_with: str = ""

    def start(self):
        if self.start_with:
            do(self.start_with)
        return do


def do(task):
    kind, _, what = str(task).partition(" ")
    if kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "exit":
        os._exit(int(what))
    if kind == "refuse":
        raise InputError(what)
    if kind == "break":
        raise ZeroDivisionError(what)
    if kind == "unportable":
        raise type("Strange", (Exception,), {})(what)
    if kind == "print":
        print(what)
        os.write(1, b"raw")
    if kind == "sleep":
        time.sleep(float(what))
    if kind == "cores":
        return processes.cores(), os.environ["OMP_NUM_THREADS"]
    if kind == "wait":
        while not Path(what).exists():
            time.sleep(0.01)
    return what, os.getpid()


def results(workers, tasks):
    for task in tasks:
        workers.submit(task)
    return [workers.wait() for _ in tasks]


def test_known_engines():
    assert "local" in known_engines()
    assert not {"base", "registry", "local_worker"} & set(known_engines())
    with pytest.raises(ConfigError, match="--engine lokal: no such engine; did you mean 'local'"):
        engine_named("lokal")


@pytest.mark.parametrize(("settings", "message"), [({"address": "x:1"}, "--address"), ({"workers": 0}, "--workers 0")])
def test_settings_that_do_not_fit(settings, message):
    with pytest.raises(ConfigError, match=message):
        engine_named("local", **settings)


def test_tasks_are_done_by_as_many_other_processes(tmp_path):
    with engine_named("local", workers=2).employ(Does()) as workers:
        assert workers.most >= 2
        workers.submit(f"wait {tmp_path / 'go'}")
        workers.submit("echo b")
        first = workers.wait()
        assert (first.task, first.result[0]) == ("echo b", "b")  # though the other began earlier
        (tmp_path / "go").touch()
        second = workers.wait()
        assert len({first.result[1], second.result[1], os.getpid()}) == 3
        assert {one.result[0] for one in results(workers, [f"echo {i}" for i in range(4)])} == set("0123")


def test_a_big_task_and_a_big_result():
    big = "echo " + "x" * 20_000_000
    with engine_named("local", workers=2).employ(Does()) as workers:
        assert all(len(one.result[0]) == 20_000_000 for one in results(workers, [big] * 3))


@pytest.mark.parametrize(("task", "reason"), [("kill", "killed by signal 9"), ("exit 7", "ended with exit code 7")])
def test_a_worker_that_dies_is_told_and_replaced(task, reason):
    with engine_named("local").employ(Does()) as workers:
        (before,) = results(workers, ["echo a"])
        assert results(workers, [task]) == [Died(task, reason)]
        (after,) = results(workers, ["echo b"])
        assert after.result[0] == "b"
        assert after.result[1] != before.result[1]


def test_a_worker_that_is_killed_while_it_waits_is_replaced():
    with engine_named("local").employ(Does()) as workers:
        (before,) = results(workers, ["echo a"])
        os.kill(before.result[1], signal.SIGKILL)
        time.sleep(0.1)
        (after,) = results(workers, ["echo b"])
        assert isinstance(after, Finished)
        assert after.result[1] != before.result[1]


def test_errors_come_out_as_they_were_raised():
    for task, kind in (("refuse bad row", InputError), ("break it", ZeroDivisionError)):
        with (
            pytest.raises(kind, match=task.partition(" ")[2]) as caught,
            engine_named("local").employ(Does()) as workers,
        ):
            results(workers, [task])
        assert ("test_local.py" in "".join(getattr(caught.value, "__notes__", ()))) == (kind is ZeroDivisionError)


def test_an_error_that_cannot_be_sent_is_told_in_words():
    with pytest.raises(RuntimeError, match="Strange: words"), engine_named("local").employ(Does()) as workers:
        results(workers, ["unportable words"])


def test_a_job_that_cannot_start():
    with (
        pytest.raises(InputError, match="no model"),
        engine_named("local").employ(Does("refuse no model")) as workers,
    ):
        results(workers, ["echo a"])


def test_workers_that_die_at_once_are_not_replaced_for_ever():
    with (
        pytest.raises(WorkerError, match=r"exit code 9.*3 times"),
        engine_named("local", workers=2).employ(Does("exit 9")) as workers,
    ):
        results(workers, ["echo a", "echo b"])


def test_what_a_task_prints_is_no_result(capfd):
    with engine_named("local").employ(Does()) as workers:
        assert results(workers, ["print hello"])[0].result[0] == "hello"
    assert capfd.readouterr().out == ""


def test_several_workers_share_the_cores(monkeypatch):
    monkeypatch.setattr(processes, "cores", lambda: 6)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with engine_named("local", workers=3).employ(Does()) as workers:
        (ended,) = results(workers, ["cores"])
    assert ended.result == (min(2, len(os.sched_getaffinity(0))), "2")


def test_workers_end_with_the_context():
    with engine_named("local", workers=2).employ(Does()) as workers:
        (ended,) = results(workers, ["echo a"])
        workers.submit("sleep 60")
    with pytest.raises(ProcessLookupError):
        os.kill(ended.result[1], 0)
