"""The same job on Ray Data as on our engine of Ray's actors: papers/s, a worker killed once, a shard that always kills.

    pip install 'ray[data]'
    python benchmarks/ray_data.py MODEL --papers 20000

Both tag the same shards of the embedded corpus, repeated, with two workers on a cluster that the run starts, and write
the same parts; times begin with the call and end with the last part, so a cluster's start is in neither.
"""

import argparse
import logging
import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import ray

from kill import write_papers
from scixtag.corpus.fields import ANY_FIELDS
from scixtag.corpus.supply import supply_of
from scixtag.engines.base import Died
from scixtag.engines.ray.workers import ClusterWorkers
from scixtag.workflows.tagging.shard import PARTS, REJECTS, Shard, TagJob
from scixtag.workflows.tagging.target import target_of
from scixtag.workflows.wanted import Wanted

WORKERS = 2


@dataclass(frozen=True)
class Trial:
    """A tag job that notes each shard it begins, and dies as it is told.

    Attributes:
        job: The real one.
        notes: A folder; one file for each time that a shard was begun.
        deadly: The number of the shard that kills; None: none does.
        always: Each time, or only the first.
    """

    job: TagJob
    notes: Path
    deadly: int | None = None
    always: bool = False

    def start(self) -> "Trial":
        """Load the tagger."""
        object.__setattr__(self, "tagging", self.job.start())
        return self

    def __call__(self, shard: Shard) -> int:
        """Tag a shard; returns the number of papers."""
        begun = len(list(self.notes.glob(f"{shard.number}-*")))
        (self.notes / f"{shard.number}-{begun}-{os.getpid()}").touch()
        if shard.number == self.deadly and (self.always or not begun):
            os.kill(os.getpid(), signal.SIGKILL)
        papers: int = self.tagging(shard).papers  # type: ignore[attr-defined]
        return papers


class OnRayData:
    """What Ray Data makes an actor of."""

    def __init__(self, trial: Trial) -> None:
        self._do = trial.start()

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Tag a batch of one shard."""
        return {"papers": [self._do(ray.cloudpickle.loads(shard)) for shard in batch["shard"]]}


def with_ray_data(trial: Trial, shards: list[Shard]) -> int:
    """The number of papers that Ray Data tagged."""
    import ray.data

    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    items = [{"shard": ray.cloudpickle.dumps(shard)} for shard in shards]
    pool = ray.data.ActorPoolStrategy(size=WORKERS)
    tagged = ray.data.from_items(items, override_num_blocks=len(items)).map_batches(
        OnRayData,
        fn_constructor_args=(trial,),
        batch_size=1,
        compute=pool,
        num_cpus=1,
    )
    return sum(row["papers"] for row in tagged.iter_rows())


def with_actors(trial: Trial, shards: list[Shard]) -> int:
    """The number of papers that our engine's workers tagged; a shard that killed three is left out."""
    workers = ClusterWorkers(trial, WORKERS, {}, elsewhere=False)
    coming, under_way, papers, deaths = iter(shards), 0, 0, 0
    while True:
        for shard in islice(coming, workers.most - under_way):
            workers.submit(shard)
            under_way += 1
        if not under_way:
            workers.dismiss()
            return papers
        ended = workers.wait()
        if isinstance(ended, Died):
            deaths += 1
            if deaths < 3:
                workers.submit(ended.task)
                continue
        else:
            papers += ended.result
        under_way -= 1


def trials(model: Path, papers: int, shard: int, limit: float) -> Iterator[str]:
    """One line for each system and each way to die."""
    ways: tuple[tuple[str, dict[str, Any]], ...] = (
        ("undisturbed", {}),
        ("a worker killed once", {"deadly": 2}),
        ("a shard that always kills", {"deadly": 2, "always": True}),
    )
    with tempfile.TemporaryDirectory() as place:
        source = Path(place, "papers.jsonl")
        write_papers(source, -(-papers // 264))
        pieces = supply_of(str(source), ANY_FIELDS, labels=False).cut(shard)
        shards = [Shard(number, piece) for number, (piece, _) in enumerate(pieces)]
        for (way, dying), run in ((way, run) for way in ways for run in (with_actors, with_ray_data)):
            folder = Path(tempfile.mkdtemp(dir=place))
            for name in (PARTS, REJECTS, "notes"):
                (folder / name).mkdir()
            job = TagJob(model.resolve(), Wanted(), target_of(str(folder / "o.jsonl"), None, "paper", None), folder)
            trial = Trial(job, folder / "notes", **dying)
            yield f"{run.__name__}, {way}: {measured(run, trial, shards, limit)}"


def measured(run: Any, trial: Trial, shards: list[Shard], limit: float) -> str:
    """Papers a second, and how often shards were begun; or that it had not ended when time was over."""
    told: list[int] = []
    began = time.perf_counter()
    thread = threading.Thread(target=lambda: told.append(run(trial, shards)), daemon=True)
    thread.start()
    thread.join(limit)
    seconds = time.perf_counter() - began
    begun = [len(list(trial.notes.glob(f"{shard.number}-*"))) for shard in shards]
    again = {number: count for number, count in enumerate(begun) if count > 1}
    if not told:
        count = sum(map(bool, begun))
        return f"not ended after {limit:.0f} s; {count} of {len(shards)} shards begun, more than once: {again}"
    return f"{told[0]:,} papers in {seconds:.1f} s, {told[0] / seconds:,.0f} papers/s; begun more than once: {again}"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--papers", type=int, default=20_000)
    parser.add_argument("--shard", type=int, default=1_000)
    parser.add_argument("--limit", type=float, default=120, help="seconds that a trial may take")
    told = parser.parse_args()
    ray.init("local", num_cpus=WORKERS, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    for line in trials(told.model, told.papers, told.shard, told.limit):
        print(line, flush=True)
    ray.shutdown()
    os._exit(0)  # what has not ended would keep the process


if __name__ == "__main__":
    main()
