"""What `scixtag tag` takes for many papers: memory of the first process and of a worker, seconds to the first result.

    python benchmarks/archive.py --papers 5000 50000 --line-mb 200
    python benchmarks/archive.py --papers 10000 1000000 --line-mb 1000
    python benchmarks/archive.py --papers 10000 1000000 --model uat-model --source papers.parquet

By itself the embedded corpus, repeated, is tagged with `prior`, so that reading, dealing out and writing are what takes
time and memory. Memory is the most that a process held, as the kernel counts it.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

from scixtag.corpus.sources import read_records
from tagging import peak


class Cost(NamedTuple):
    """Of one command: seconds, and MB of the first process and of the largest worker."""

    seconds: float
    first: float
    worker: float


def write_papers(source: str, path: Path, papers: int) -> None:
    """JSON Lines."""
    with path.open("w", encoding="utf-8") as stream:
        for number, record in enumerate(islice(cycle(list(read_records(source))), papers)):
            row = {"id": str(number), "title": record.title, "abstract": record.abstract}
            stream.write(json.dumps(row) + "\n")


def write_long_line(path: Path, megabytes: int) -> None:
    """Two papers, and between them one line of so many MB."""
    with path.open("wb") as stream:
        stream.write(b'{"id": "a", "title": "Solar flares"}\n{"title": "')
        for _ in range(megabytes):
            stream.write(b"x" * 1_000_000)
        stream.write(b'"}\n{"id": "b", "title": "Quasars"}\n')


def cost(model: Path, source: Path, folder: Path) -> Cost:
    """Run the real command and watch it."""
    command = [sys.executable, "-m", "scixtag", "tag", str(model), str(source), "--quiet"]
    began = time.perf_counter()
    first = worker = 0.0
    with subprocess.Popen([*command, "--output", str(folder / "tags.jsonl")]) as process:
        while process.poll() is None:
            first = max(first, peak(process.pid))
            with suppress(OSError):
                children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
                worker = max(worker, *map(peak, map(int, children.split())), 0)
            time.sleep(0.01)
    if process.returncode:
        raise SystemExit(f"scixtag tag ended with {process.returncode}")
    return Cost(time.perf_counter() - began, first, worker)


def main() -> None:
    """Print one line a source."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--papers", type=int, nargs="+", default=[5_000, 50_000])
    parser.add_argument("--line-mb", type=int, default=200)
    parser.add_argument("--model", type=Path, help="A trained model instead.")
    parser.add_argument("--source", default="sample", help="Papers to repeat instead of the embedded corpus.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scixtag-archive-") as scratch:
        folder = Path(scratch)
        model = options.model or folder / "model"
        if options.model is None:
            train = [sys.executable, "-m", "scixtag", "train", "sample:train", "--model", "prior", "--quiet"]
            subprocess.run([*train, "--output", str(model)], check=True, stdout=subprocess.DEVNULL)
        source = folder / "papers.jsonl"
        for papers in (1, *options.papers):
            write_papers(options.source, source, papers)
            told = cost(model, source, folder)
            print(f"{papers:>9,} papers: {told.seconds:7.2f} s, {memory(told)}")
        write_long_line(source, options.line_mb)
        print(f"one line of {options.line_mb:,} MB: {memory(cost(model, source, folder))}")


def memory(told: Cost) -> str:
    """In words."""
    return f"first process {told.first:.0f} MB, worker {told.worker:.0f} MB"


if __name__ == "__main__":
    main()
