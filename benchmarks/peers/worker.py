"""What every peer is asked, in its own environment: train, answer, give a first answer. The standard library only.

A peer is a script that defines

    train(job: Job) -> None                  learn from `job.papers`, write everything into `job.model`
    load(model: Path) -> Suggest             a function: papers -> for each one {"scores": [[URI, score], ...]}

and perhaps `TRAINING_ONLY`, patterns of files in the model folder that only another training needs. Papers are
dictionaries of `id`, `title` and `abstract`; those to learn from have `concepts` too, a list of URIs. Scores lie in
[0, 1], at most 100 a paper; an answer may also say `selected`, the URIs that the peer's own rule chose.
"""

import argparse
import importlib.util
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

Paper = dict[str, Any]
Answer = dict[str, Any]
Suggest = Callable[[list[Paper]], list[Answer]]

BATCH = 128
SINGLES = 50


@dataclass(frozen=True)
class Job:
    """What a peer is given to learn.

    Attributes:
        name: The peer, where one script serves several.
        papers: JSONL of training papers.
        validation: JSONL of labelled papers to choose settings with, none of `papers`; None in the final training.
        chosen: Where settings that were chosen with `validation` are written, and read in the final training.
        vocabulary: A folder with `vocabulary.ttl` (SKOS), `vocabulary.tsv` and `concepts.jsonl`.
        model: The empty folder for the model.
        seed: Of whatever is random.
    """

    name: str
    papers: Path
    validation: Path | None
    chosen: Path
    vocabulary: Path
    model: Path
    seed: int


def read_papers(path: Path) -> list[Paper]:
    """The papers of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def text_of(paper: Paper) -> str:
    """Title and abstract as one text."""
    return f"{paper['title']}. {paper['abstract']}"


def main() -> None:
    """Do what run.py asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", type=Path, help="the peer's script")
    parser.add_argument("task", choices=("train", "answer", "first"))
    parser.add_argument("--name", required=True)
    for name in ("papers", "model"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name in ("validation", "chosen", "vocabulary", "answers", "costs"):
        parser.add_argument(f"--{name}", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    peer = _script(arguments.peer)
    {"train": _train, "answer": _answer, "first": _first}[arguments.task](peer, arguments)


def _script(path: Path) -> ModuleType:
    # Peers import this file by its name, and it is not on the path, where its neighbours could hide packages.
    sys.modules["worker"] = sys.modules["__main__"]
    specification = importlib.util.spec_from_file_location("peer", path)
    if specification is None or specification.loader is None:
        raise SystemExit(f"{path}: not a Python script")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def _train(peer: ModuleType, arguments: argparse.Namespace) -> None:
    arguments.model.mkdir(parents=True)
    peer.train(
        Job(
            arguments.name,
            arguments.papers,
            arguments.validation,
            arguments.chosen,
            arguments.vocabulary,
            arguments.model,
            arguments.seed,
        )
    )


def _answer(peer: ModuleType, arguments: argparse.Namespace) -> None:
    """Answer all papers, timed in a warm process; then some of them one by one."""
    papers = read_papers(arguments.papers)
    suggest: Suggest = peer.load(arguments.model)
    # What the first answer of a process takes is measured on its own.
    suggest(papers[:1])
    started, began = time.perf_counter(), time.process_time()
    answers = [a for start in range(0, len(papers), BATCH) for a in suggest(papers[start : start + BATCH])]
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - began
    with arguments.answers.open("w", encoding="utf-8") as stream:
        for paper, answer in zip(papers, answers, strict=True):
            stream.write(json.dumps({"id": paper["id"], **answer}) + "\n")
    alone = []
    for paper in papers[:SINGLES]:
        started = time.perf_counter()
        suggest([paper])
        alone.append(time.perf_counter() - started)
    unused = {path for pattern in getattr(peer, "TRAINING_ONLY", ()) for path in arguments.model.rglob(pattern)}
    files = [path for path in arguments.model.rglob("*") if path.is_file() and path not in unused]
    costs = {
        "seconds_a_paper": seconds / len(papers),
        "cpu_seconds_a_paper": cpu_seconds / len(papers),
        "alone": alone,
        "model_bytes": sum(path.stat().st_size for path in files),
    }
    arguments.costs.write_text(json.dumps(costs), encoding="utf-8")


def _first(peer: ModuleType, arguments: argparse.Namespace) -> None:
    """Load the model, answer one paper, say so at once."""
    suggest: Suggest = peer.load(arguments.model)
    answer = suggest(read_papers(arguments.papers)[:1])[0]
    print(f"answered with {len(answer['scores'])} concepts", flush=True)


if __name__ == "__main__":
    main()
