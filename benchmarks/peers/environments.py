"""A virtual environment for each set of pinned requirements, made once."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from catalogue import Peer


class EnvironmentFailedError(Exception):
    """The environment of a peer could not be made."""


def requirements_of(peer: Peer) -> str:
    """Everything that decides what is installed; empty for a peer that needs no environment of its own."""
    files = [path for path in (peer.requirements, peer.data_packages) if path.is_file()]
    return "\n".join(text for path in files if (text := path.read_text(encoding="utf-8").strip()))


def python_of(peer: Peer, folder: Path, log: Path) -> str:
    """The interpreter of the peer's environment, which is made if it is not there.

    Args:
        peer: The peer.
        folder: Where environments are kept.
        log: What the installation says.

    Raises:
        EnvironmentFailedError: The packages cannot be installed.
    """
    wanted = requirements_of(peer)
    if not wanted:
        return sys.executable
    digest = hashlib.sha256(f"{sys.version}\n{wanted}".encode()).hexdigest()[:12]
    place = folder.resolve() / f"{peer.script.parent.name}-{digest}"
    python, done = place / "bin" / "python", place / ".complete"
    if done.is_file():
        return str(python)
    shutil.rmtree(place, ignore_errors=True)
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    steps = [[sys.executable, "-m", "venv", place], [*install, "--requirement", peer.requirements]]
    if peer.data_packages.is_file():
        steps.append([*install, "--no-deps", "--requirement", peer.data_packages])
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as stream:
        for step in steps:
            if subprocess.run(step, stdout=stream, stderr=stream, env=clean_environment(), check=False).returncode:
                raise EnvironmentFailedError(log)
    done.write_text(wanted, encoding="utf-8")
    return str(python)


def clean_environment() -> dict[str, str]:
    """This process's variables without those that would lead a peer to our packages."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
