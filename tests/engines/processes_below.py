"""Processes that a process has started, for tests that kill some and see that all end."""

import time
from contextlib import suppress
from pathlib import Path


def descendants(pid):
    """All processes below one, with what they call themselves."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            for child in map(int, (task / "children").read_text().split()):
                found[child] = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")[0].decode().rstrip()
                found |= descendants(child)
    return found


def gone(pids, seconds=20):
    """Whether all end; those that only nobody has asked for yet do not count."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(map(_alive, pids)):
            return True
        time.sleep(0.1)
    return False


def _alive(pid):
    with suppress(OSError):
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    return False
