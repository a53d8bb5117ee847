"""Connections to a cluster: one that is there, or one on this machine that ends with the connection."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from scixtag import progress
from scixtag.errors import ConfigError, RemoteError

NAMESPACE = "scixtag"
STORE = 128 * 1024 * 1024  # bytes of shared memory; pieces of input rest here until a worker takes them
STORE_A_WORKER = 32 * 1024 * 1024
CONNECTING = 60.0  # seconds until a cluster has answered, or is held to be unreachable
_ADVICE = (
    "is the cluster up (`ray status --address {0}`), is this machine one of its nodes (`ray start --address {0}`), and "
    "do all have the same versions of Ray and Python?"
)
_MODE = "RAY_AUTH_MODE"
_TOKEN = f"it asks for a token: put the head's ~/.ray/auth_token on this machine, and `export {_MODE}=token`"
# A connection to an address where no cluster is would try for minutes and then end the process.
_TRIAL = "import sys, ray; ray.init(address=sys.argv[1], log_to_driver=False, logging_level=50, namespace=sys.argv[2])"


def check_address(address: str) -> None:
    """Only a form that Ray takes for a driver beside its cluster.

    Raises:
        ConfigError: It is of another form.
    """
    host, colon, port = address.rpartition(":")
    if address != "auto" and not (colon and host and "/" not in host and port.isdecimal() and int(port) < 2**16):
        raise ConfigError(
            f"a Ray cluster at '{address}' (--address, or RAY_ADDRESS): not HOST:PORT, as `ray start --head` names it, "
            "nor 'auto'; for a cluster elsewhere, run scixtag on one of its nodes"
        )


@contextmanager
def own_cluster(cpus: int) -> Iterator[None]:
    """A cluster on this machine with so many CPUs, whatever it has.

    It asks for a token, and this process will do so, too: it cannot join clusters without one afterwards.

    Raises:
        RemoteError: It does not start.
    """
    with _connected(
        f"a Ray cluster on this machine, with {cpus} CPUs, does not start",
        address="local",
        num_cpus=cpus,
        num_gpus=0,
        include_dashboard=False,
        object_store_memory=STORE + cpus * STORE_A_WORKER,
    ):
        yield


@contextmanager
def joined_cluster(address: str) -> Iterator[None]:
    """The cluster at an address.

    Raises:
        RemoteError: It cannot be reached, or not from this machine, or with these versions.
    """
    _try(address)
    with _connected(f"Ray cluster at {address}: no connection; {_ADVICE.format(address)}", address=address):
        yield


def cpus() -> tuple[int, int]:
    """How many CPUs the cluster has, and how many of these are free."""
    ray = _ray()
    return int(ray.cluster_resources().get("CPU", 0)), int(ray.available_resources().get("CPU", 0))


def head_answers() -> bool:
    """Whether the cluster's head can still be reached."""
    host, _, port = _ray().get_runtime_context().gcs_address.rpartition(":")
    return _answers(host.strip("[]"), int(port))


def _try(address: str) -> None:
    host, _, port = address.rpartition(":")
    if address != "auto" and not _answers(host.strip("[]"), int(port)):
        raise RemoteError(f"Ray cluster at {address}: nothing answers there; {_ADVICE.format(address)}")
    command = [sys.executable, "-c", _TRIAL, address, NAMESPACE]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=CONNECTING, check=False)
    except subprocess.TimeoutExpired as error:
        raise RemoteError(
            f"Ray cluster at {address}: no answer as of one in {CONNECTING:.0f} s; {_ADVICE.format(address)}"
        ) from error
    if "InvalidAuthToken" in done.stderr:
        raise RemoteError(f"Ray cluster at {address}: {_TOKEN}")
    if done.returncode:
        said = (done.stderr.strip() or "no word").splitlines()[-1]
        raise RemoteError(f"Ray cluster at {address}: no connection: {said}; {_ADVICE.format(address)}")


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=5):
            return True
    except OSError:
        return False


@contextmanager
def _connected(failure: str, **settings: Any) -> Iterator[None]:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    ray = _ray()
    if ray.is_initialized():
        raise ConfigError("this process is connected to a Ray cluster already; call ray.shutdown() first")
    handler = signal.getsignal(signal.SIGTERM)
    mode = os.environ.get(_MODE)
    try:
        ray.init(log_to_driver=False, logging_level=logging.ERROR, namespace=NAMESPACE, **settings)
    except Exception as error:  # what Ray raises here is of many types, from all its layers
        raise RemoteError(f"{failure}: {error}") from error
    finally:
        # Ray takes SIGTERM for itself, and the command line has an answer to it.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, handler)
    # It prints news of dead workers to standard output, where the tags may go; the same news come with `Died`.
    ray._private.worker._worker_logs_enabled = False
    try:
        progress.note(f"connected to a Ray cluster: {_size()}")
        yield
    finally:
        ray.shutdown()
        # A cluster of one's own asks for a token, and Ray tells this to all that is started afterwards.
        if mode is None:
            os.environ.pop(_MODE, None)


def _size() -> str:
    nodes = sum(node["Alive"] for node in _ray().nodes())
    total, free = cpus()
    return f"{nodes} node{'s' * (nodes != 1)}, {total} CPUs, {free} of them free"


def _ray() -> Any:
    import ray

    return ray
