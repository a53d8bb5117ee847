"""How fast `scixtag serve` answers: one client, many clients, memory over many requests. Bounded: it ends by itself.

    python benchmarks/serving.py                                           # the embedded corpus, a minute
    python benchmarks/serving.py --model uat-model --papers papers.parquet --requests 100000

Service and clients share the machine, so requests a second are fewer than another machine's clients would see. Each
client has one connection and asks again as soon as it is answered. Papers are different ones, in turn.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

from scixtag.corpus.sources import read_records
from tagging import family


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="A trained model; else the default one of the embedded corpus.")
    parser.add_argument("--papers", default="sample", help="Any SOURCE.")
    parser.add_argument("--requests", type=int, default=3_000, help="Of many clients together.")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--workers", type=int, default=1, help="Processes of the service.")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        model = told.model or trained(Path(name) / "model")
        bodies = requests_of(told.papers)
        began = time.perf_counter()
        with service(model, told.workers) as (url, process):
            asyncio.run(load(url, bodies, 1, 1))
            print(f"ready {time.perf_counter() - began:.2f} s after the start, first answer included")
            # In its first second it makes explanations ready, beside the answers.
            for when in ("just started", "later"):
                alone = asyncio.run(load(url, bodies, 1, 500))
                print(f"one client, {when}: {told_of(alone)}")
            for part in range(1, 5):
                started = time.perf_counter()
                many = asyncio.run(load(url, bodies, told.clients, told.requests // 4))
                rate = len(many) / (time.perf_counter() - started)
                held = ", ".join(f"{held_by(pid):.0f}" for pid in family(process.pid))
                print(f"{told.clients} clients, part {part} of 4: {rate:,.0f} requests/s, {told_of(many)}; MB: {held}")


def trained(folder: Path) -> Path:
    """The default model."""
    command = [sys.executable, "-m", "scixtag", "train", "sample:train", "--quiet", "--output", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder


def requests_of(source: str) -> list[bytes]:
    """Whole requests, as they go over the wire."""
    requests = []
    for record in read_records(source):
        body = json.dumps({"id": record.id, "title": record.title, "abstract": record.abstract}).encode()
        head = ["POST /v1/suggest HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
        lines = [*head, f"Content-Length: {len(body)}", "", ""]
        requests.append("\r\n".join(lines).encode() + body)
    return requests


@contextmanager
def service(model: Path, workers: int) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The real command, on any free port; its log is read to its end by another process."""
    command = [sys.executable, "-m", "scixtag", "serve", str(model), "--port", "0", "--workers", str(workers)]
    with tempfile.NamedTemporaryFile("w+", suffix=".log") as log:
        process = subprocess.Popen(command, stderr=log, text=True)
        try:
            while True:
                lines = [json.loads(line) for line in Path(log.name).read_text().splitlines() if line.startswith("{")]
                listening = [line["url"] for line in lines if line["event"] == "listening"]
                if listening and sum(line["event"] == "ready" for line in lines) == workers:
                    break
                if process.poll() is not None:
                    raise SystemExit(Path(log.name).read_text())
                time.sleep(0.01)
            yield listening[0], process
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(60)
            if code:
                raise SystemExit(f"the service ended with {code}")


async def load(url: str, requests: list[bytes], clients: int, count: int) -> list[float]:
    """Seconds of each answer; any other than 200 ends it all."""
    address = urlsplit(url)
    waiting = cycle(requests)
    left = iter(range(count))
    seconds: list[float] = []

    async def client() -> None:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        for _ in left:
            started = time.perf_counter()
            writer.write(next(waiting))
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"an answer that is an error: {head.decode()}")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r")[0])
            await reader.readexactly(length)
            seconds.append(time.perf_counter() - started)
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return seconds


def told_of(seconds: list[float]) -> str:
    """Percentiles, in milliseconds."""
    cuts = statistics.quantiles(seconds, n=100)
    return f"p50 {cuts[49] * 1e3:.1f} ms, p99 {cuts[98] * 1e3:.1f} ms, longest {max(seconds) * 1e3:.0f} ms"


def held_by(process: int) -> float:
    """MB that a process holds now."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
