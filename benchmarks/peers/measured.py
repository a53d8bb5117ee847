"""Run a command and write what it cost: `measured.py COSTS.json COMMAND ...`.

A process of its own between the benchmark and the peer: a child's peak memory begins with that of the process that
starts it, and this one is small. Seconds of the processor include all processes that the command waited for; memory is
that of the largest one.
"""

import json
import os
import sys
import time
from pathlib import Path


def main() -> None:
    """Run, wait, write; exit as the command did."""
    started = time.perf_counter()
    process = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
    _, status, usage = os.wait4(process, 0)
    costs = {
        "seconds": time.perf_counter() - started,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_memory_mb": usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10),
    }
    Path(sys.argv[1]).write_text(json.dumps(costs), encoding="utf-8")
    code = os.waitstatus_to_exitcode(status)
    sys.exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
