"""How long `scixtag --help` takes, as a ratio to starting Python, and how large the base install is.

The ratio can be compared between machines; the seconds only with themselves.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path


def median_seconds(command: list[str], runs: int = 7) -> float:
    """The median over some runs, after one that warms the disk cache."""
    times = []
    for _ in range(runs + 1):
        started = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times[1:])


def main() -> None:
    """Print the figures."""
    scixtag = str(Path(sys.executable).with_name("scixtag"))
    python = median_seconds([sys.executable, "-c", "pass"])
    for arguments in (["--help"], ["--version"], ["train", "--help"]):
        seconds = median_seconds([scixtag, *arguments])
        name = " ".join(["scixtag", *arguments])
        print(f"{name}: {seconds:.3f} s, {seconds / python:.1f} times an empty Python ({python:.3f} s)")
    packages = Path(sys.prefix)
    size = sum(f.stat().st_size for f in packages.rglob("*") if f.is_file() and not f.is_symlink())
    torch = any(packages.rglob("site-packages/torch"))
    print(f"environment: {size / 1e6:.0f} MB{', with torch' if torch else ', no torch'}")


if __name__ == "__main__":
    main()
