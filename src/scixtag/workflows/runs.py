"""A system's judged answers in a folder, to be compared with those of others later."""

import hashlib
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from scixtag.errors import InputError
from scixtag.evaluation.judgement_files import load_judgements, save_judgements
from scixtag.evaluation.judgements import Judgements

RUN_FILE = "run.json"
RUNS = "runs"
"""The folder of a benchmark's output that holds a run of each system."""

_FORMAT = "scixtag run"
_VERSION = 2
_SHOWN = 3


@dataclass(frozen=True)
class RunFacts:
    """What a system learned from.

    Attributes:
        source: Where the papers came from.
        training_papers: How many, on average over the splits.
        fingerprint: Of those of the first split.
    """

    source: str
    training_papers: int
    fingerprint: str


@dataclass(frozen=True, eq=False)
class Run:
    """What one system said of some papers, judged.

    Attributes:
        name: Of the system.
        papers: Their ids, in the order of the judgements.
        fingerprints: As of `paper_fingerprints`, for each.
        vocabulary: The fingerprint of the vocabulary.
        repeats: The same papers, judged once for each seed of the training.
        learned: What it learned from.
    """

    name: str
    papers: tuple[str, ...]
    fingerprints: tuple[str, ...]
    vocabulary: str
    repeats: tuple[Judgements, ...]
    learned: RunFacts

    def like(self, other: "Run") -> "Run":
        """The same papers in the order of another run.

        Raises:
            InputError: They are other papers, or have other texts or labels.
        """
        place = {paper: row for row, paper in enumerate(self.papers)}
        alone = [paper for paper in other.papers if paper not in place]
        if alone or len(place) != len(other.papers):
            example = f" (such as {', '.join(alone[:_SHOWN])})" if alone else ""
            raise InputError(
                f"'{self.name}' was judged on {len(self.papers):,} papers, not on the same {len(other.papers):,} as "
                f"'{other.name}'{example}; compare runs of the same papers"
            )
        rows = np.array([place[paper] for paper in other.papers])
        fingerprints = tuple(self.fingerprints[row] for row in rows)
        pairs = zip(other.papers, fingerprints, other.fingerprints, strict=True)
        if changed := [paper for paper, own, theirs in pairs if own != theirs]:
            raise InputError(
                f"'{self.name}' and '{other.name}' were judged on papers of the same ids, {len(changed):,} of which "
                f"have another text or other labels (such as {', '.join(changed[:_SHOWN])}); compare runs of the same "
                "papers"
            )
        repeats = tuple(one.take(rows) for one in self.repeats)
        return replace(self, papers=other.papers, fingerprints=fingerprints, repeats=repeats)


def folder_name(system: str) -> str:
    """A system's name without blanks."""
    return re.sub(r"\s+", "-", system)


def save_run(run: Run, folder: Path, place: int = 0) -> None:
    """Write into a folder that appears as a whole with what is around it.

    Args:
        run: What to write.
        folder: New.
        place: Among the runs of one benchmark.
    """
    folder.mkdir(parents=True)
    digests = []
    for number, judgements in enumerate(run.repeats):
        file = _file(folder, number)
        save_judgements(judgements, file)
        digests.append(_digest(file))
    document = {
        "format": _FORMAT,
        "version": _VERSION,
        "name": run.name,
        "place": place,
        "repeats": digests,
        "vocabulary": run.vocabulary,
        "learned": asdict(run.learned),
        "papers": run.papers,
        "fingerprints": run.fingerprints,
    }
    # Half a character in somebody's id is written as its escape, and read back as it was.
    (folder / RUN_FILE).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _file(folder: Path, number: int) -> Path:
    return folder / f"repeat-{number + 1}.npz"


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def find_runs(paths: Sequence[Path]) -> list[Path]:
    """The folders of runs that paths mean: each one run, or all of a benchmark's output.

    Raises:
        InputError: A path is neither, or a run would be there twice.
    """
    found = [folder for path in paths for folder in _runs_in(path)]
    places = [folder.resolve() for folder in found]
    for number, (folder, place) in enumerate(zip(found, places, strict=True)):
        if place in places[:number]:
            raise InputError(f"{folder}: named twice; a run does not differ from itself, so name it once")
    return found


def _runs_in(path: Path) -> list[Path]:
    if not path.is_dir():
        raise InputError(f"{path}: no such folder; name the --output of `scixtag benchmark`")
    if (path / RUN_FILE).is_file():
        return [path]
    found = sorted((file.parent for file in (path / RUNS).glob(f"*/{RUN_FILE}")), key=_place)
    if not found:
        raise InputError(
            f"{path}: no run; name the --output of `scixtag benchmark`, or a folder in its {RUNS}/, "
            f"such as {path / RUNS / 'ensemble'}"
        )
    return found


def _place(folder: Path) -> tuple[float, str]:
    """The order in which the benchmark named its systems; what cannot be read is told when it is loaded."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return float(json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))["place"]), folder.name
    return float("inf"), folder.name


def load_run(folder: Path) -> Run:
    """The inverse of `save_run`.

    Raises:
        InputError: It is damaged, or of another scixtag.
    """
    try:
        document = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
        if (document["format"], document["version"]) != (_FORMAT, _VERSION):
            raise InputError(
                f"{folder}: {document['format']} {document['version']}, and this scixtag reads {_FORMAT} {_VERSION}; "
                "run the benchmark again"
            )
        digests = document["repeats"]
        files = [_file(folder, number) for number in range(len(digests))]
        for file, digest in zip(files, digests, strict=True):
            if _digest(file) != digest:
                raise InputError(f"{file}: not the file that this run wrote; copy the folder again")
        run = Run(
            document["name"],
            tuple(document["papers"]),
            tuple(document["fingerprints"]),
            document["vocabulary"],
            tuple(map(load_judgements, files)),
            RunFacts(**document["learned"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder}: the run cannot be read ({error!r}); run the benchmark again") from error
    if not run.repeats or {len(run.papers)} != {len(run.fingerprints), *map(len, run.repeats)}:
        raise InputError(f"{folder}: the run is damaged: other papers are named than judged; run the benchmark again")
    return run
