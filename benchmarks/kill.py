"""Kill `scixtag tag` at random moments until it has finished, again and again, and compare with a run in peace.

    python benchmarks/kill.py --kills 100 --seed 0

Every kill is a SIGKILL: of all its processes at once, of the first one alone, or of one worker. Moments are spread over
its whole life: any time after the start; after a random line of the journal; while parts are put together; while the
output is put in its place. After each the same command goes on. Output, rejected records and everything else in the
folder must then be what the run in peace left, byte for byte.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

from scixtag.corpus.sample import PAPERS

FORMS = (
    ("tags.jsonl",),
    ("tags.jsonl.gz",),
    # A command that was killed right after it was done is done again, for which it has to be allowed to.
    ("tags", "--format", "parquet", "--overwrite"),
    ("tags", "--rows", "suggestion", "--overwrite"),
)
SHARD = 4
"""Papers in a shard, so that there are many."""
MOMENTS = ("time", "journal", "assembly", "placing")
VICTIMS = ("all", "first", "worker")


def write_papers(path: Path, copies: int) -> None:
    """The embedded corpus several times over, with rows that cannot be read in between."""
    lines = [line for copy in range(copies) for line in _copied(copy)]
    lines[10:10] = ["{", "[1]"]
    lines[200:200] = ['{"id": "x", "title": {}}', ""]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _copied(copy: int) -> list[str]:
    papers = map(json.loads, PAPERS.read_text(encoding="utf-8").splitlines())
    return [json.dumps(paper | {"id": f"{paper['id']}/{copy}"}) for paper in papers]


def command(model: Path, papers: Path, folder: Path, form: tuple[str, ...], shard: int, workers: int) -> list[str]:
    """The real command, as a user types it."""
    output, *options = form
    fixed = ["--output", str(folder / output), "--shard", str(shard), "--workers", str(workers), "--quiet"]
    return [sys.executable, "-m", "scixtag", "tag", str(model), str(papers), *fixed, *options]


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


class Killer:
    """Starts a command and kills it at random moments.

    Args:
        arguments: The command.
        folder: Where its output goes.
        seconds: About how long it takes in peace.
        chance: Where moments and victims come from.

    Attributes:
        kills: How often what was killed when.
    """

    def __init__(self, arguments: list[str], folder: Path, seconds: float, chance: random.Random) -> None:
        self._arguments = arguments
        self._folder = folder
        self._seconds = seconds
        self._chance = chance
        self.kills: Counter[tuple[str, str]] = Counter()

    def run(self) -> bool:
        """Start once and kill once, if there is time; True if the command finished.

        Raises:
            RuntimeError: It ended with an error.
        """
        moment = self._chance.choice(MOMENTS)
        # Workers have ended when parts are put together.
        victim = self._chance.choice(VICTIMS if moment in ("time", "journal") else VICTIMS[:2])
        with subprocess.Popen(
            self._arguments, start_new_session=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            self._wait(process, moment)
            if process.poll() is None and _kill(process, victim, self._chance):
                self.kills[moment, victim] += 1
            _, errors = process.communicate(timeout=120)
        for _ in range(20):
            if not _alive(process.pid):
                break
            time.sleep(0.1)
        else:
            raise RuntimeError("workers outlive the process that started them")
        if process.returncode not in (0, -signal.SIGKILL):
            raise RuntimeError(f"ended with {process.returncode}: {errors}")
        return process.returncode == 0

    def _wait(self, process: "subprocess.Popen[str]", moment: str) -> None:
        """Until the moment to kill has come, or the command has ended."""
        if moment == "time":
            with suppress(subprocess.TimeoutExpired):
                process.wait(self._chance.uniform(0, self._seconds))
            return
        begun = self._lines()
        wanted = begun + self._chance.randint(1, 60)
        while process.poll() is None:
            reached = {
                "journal": self._lines() >= wanted or self._found("*.tagging/whole"),
                "assembly": self._found("*.tagging/whole*") or self._journal().endswith(b'"placing": true}\n'),
                "placing": self._journal().endswith(b'"placing": true}\n'),
            }
            if reached[moment]:
                break
            time.sleep(0.002)
        time.sleep(self._chance.uniform(0, 0.003))

    def _journal(self) -> bytes:
        for path in self._folder.glob("*.tagging/journal.jsonl"):
            with suppress(FileNotFoundError):
                return path.read_bytes()
        return b""

    def _lines(self) -> int:
        return self._journal().count(b"\n")

    def _found(self, pattern: str) -> bool:
        return any(self._folder.glob(pattern))


def _kill(process: "subprocess.Popen[str]", victim: str, chance: random.Random) -> bool:
    with suppress(ProcessLookupError):
        if victim == "all":
            os.killpg(process.pid, signal.SIGKILL)
        elif victim == "first":
            process.kill()
        else:
            workers = _children(process.pid)
            if not workers:
                return False
            os.kill(chance.choice(workers), signal.SIGKILL)
        return True
    return False


def _alive(session: int) -> bool:
    """Whether a process of a session runs; those that only nobody has asked for yet do not."""
    found = subprocess.run(["ps", "-o", "stat=", "-s", str(session)], capture_output=True, text=True, check=False)
    return any(not state.startswith("Z") for state in found.stdout.split())


def _children(parent: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split()]


def kill_often(
    model: Path, folder: Path, kills: int, seed: int, forms: Sequence[tuple[str, ...]] = FORMS, workers: int = 2
) -> Counter[tuple[str, str]]:
    """Kill the command so many times, in all forms of output, and see that nothing is lost.

    Returns:
        How often what was killed when.

    Raises:
        RuntimeError: The command failed, or left something else than a run in peace.
    """
    papers = folder / "papers.jsonl"
    write_papers(papers, copies=1)
    chance = random.Random(seed)
    told: Counter[tuple[str, str]] = Counter()
    for number in count():
        form = forms[number % len(forms)]
        peace, cut = (folder / f"{name}{number}" for name in ("peace", "cut"))
        peace.mkdir(), cut.mkdir()
        began = time.monotonic()
        subprocess.run(command(model, papers, peace, form, SHARD, workers), check=True, stdout=subprocess.DEVNULL)
        arguments = command(model, papers, cut, form, SHARD, workers)
        killer = Killer(arguments, cut, time.monotonic() - began, chance)
        while not killer.run():
            if told.total() + killer.kills.total() >= kills:
                subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
                break
        told += killer.kills
        if contents(peace) != contents(cut):
            raise RuntimeError(f"{form}: {cut} differs from {peace} after {dict(killer.kills)}")
        if told.total() >= kills:
            break
    return told


def main() -> None:
    """Print what was killed when."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scixtag-kill-") as scratch:
        model = Path(scratch) / "model"
        train = [sys.executable, "-m", "scixtag", "train", "sample:train", "--model", "lexical", "--output", str(model)]
        subprocess.run([*train, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        began = time.monotonic()
        told = kill_often(model, Path(scratch), options.kills, options.seed)
        seconds = time.monotonic() - began
    for (moment, victim), times in sorted(told.items()):
        print(f"{moment:9} {victim:7} {times}")
    print(f"{told.total()} kills in {seconds:.0f} s; every output equals that of a run in peace")


if __name__ == "__main__":
    main()
