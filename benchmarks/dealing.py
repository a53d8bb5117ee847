"""The driver's ceiling: papers/s that one process can cut, deal out, take back and note, if workers do nothing.

    python benchmarks/dealing.py papers.jsonl papers.parquet --engines local,ray --workers 2

What `scixtag tag` does beside tagging is done here by the same functions: cutting the input, sending pieces to workers,
a line in the journal for each shard, on the disk before the next. Only the job is empty.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scixtag.corpus.fields import ANY_FIELDS
from scixtag.corpus.size import expected_papers
from scixtag.corpus.supply import supply_of
from scixtag.engines.registry import engine_named
from scixtag.workflows.tagging.folder import working_in
from scixtag.workflows.tagging.run import _outcomes, _Shards
from scixtag.workflows.tagging.shard import Outcome, Shard
from scixtag.workflows.tagging.target import target_of
from scixtag.workflows.tagging.trouble import Troubles


@dataclass(frozen=True)
class Nothing:
    """A job whose tasks are done before they are begun."""

    def start(self) -> Callable[[Shard], Outcome]:
        """There is nothing to load."""
        return self.work

    def work(self, shard: Shard) -> Outcome:
        """Say that it is done."""
        return Outcome(shard.number, 0, 0, 0, 0, 0, 0)


def dealt(source: Path, engine: str, workers: int, shard: int) -> tuple[int, float]:
    """The number of papers, and the seconds from the first shard that came back to the last."""
    papers = expected_papers(str(source)) or 0
    with tempfile.TemporaryDirectory() as place:
        target = target_of(str(Path(place, "tags.jsonl")), None, "paper", None)
        supply = supply_of(str(source), ANY_FIELDS, labels=False)
        with working_in(target) as work, engine_named(engine, workers=workers, address=None).employ(Nothing()) as busy:
            work.begin({})
            shards = _Shards(supply, shard, work)
            began, first = 0.0, True
            for outcome in _outcomes(shards, busy, Troubles(work.path)):
                work.journal.finished(outcome, shards.ends.pop(outcome.number))
                if first:
                    began, first = time.perf_counter(), False
            return papers - shard, time.perf_counter() - began


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", type=Path, nargs="+")
    parser.add_argument("--engines", default="local,ray")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--shard", type=int, default=2000)
    told = parser.parse_args()
    for source in told.sources:
        for engine in told.engines.split(","):
            papers, seconds = dealt(source, engine, told.workers, told.shard)
            print(f"{source.name}, {engine}: {papers / seconds:,.0f} papers/s dealt out, {seconds:.1f} s", flush=True)


if __name__ == "__main__":
    import dealing  # under its own name, by which workers find the job

    dealing.main()
