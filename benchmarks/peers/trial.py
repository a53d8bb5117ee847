"""One peer on one fold: hand over papers, train, ask, measure; keep what came back."""

import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from catalogue import HERE, OWN, TUNED, Peer
from environments import EnvironmentFailedError, clean_environment, python_of, requirements_of
from exchange import read_answers, write_papers, write_vocabulary

import scixtag
from scixtag.corpus.examples import Examples, fingerprint
from scixtag.corpus.splits import stratified_split
from scixtag.errors import ScixtagError
from scixtag.files import write_json
from scixtag.predictions.decision import DecisionSettings
from scixtag.predictions.decision_fitting import fit_decision
from scixtag.predictions.scores import relevance

HELD_OUT = 0.1
STARTS = 3

Say = Callable[[str], None]


@dataclass(frozen=True)
class Papers:
    """One fold: what a peer learns from, and what it is asked."""

    fold: str
    train: Examples
    test: Examples


@dataclass(frozen=True)
class Places:
    """Where things lie.

    Attributes:
        work: Everything of this benchmark but the table.
        environments: Virtual environments.
    """

    work: Path
    environments: Path


@dataclass(frozen=True)
class Outcome:
    """What is known of a peer on a fold; `failure` is empty unless something went wrong.

    Attributes:
        answers: The file of answers to the test papers.
        facts: Costs, and the tuned threshold.
        failure: The last line of what was said.
    """

    answers: Path
    facts: dict[str, Any]
    failure: str = ""


class _StepError(Exception):
    """A step of a peer went wrong; the message is for the table."""


def attempt(peer: Peer, papers: Papers, seed: int, places: Places, say: Say) -> Outcome:
    """The kept outcome if there is one, or a new one. A failure is an outcome, too, but it is not kept."""
    kept = places.work / "results" / f"{peer.name}-{papers.fold.replace('/', '-of-')}-{_key(peer, papers, seed)}"
    answers, facts = kept / "answers.jsonl", kept / "facts.json"
    if facts.is_file():
        say("kept from before")
        return Outcome(answers, json.loads(facts.read_text(encoding="utf-8")))
    logs = places.work / "logs" / kept.name
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    draft = places.work / "unfinished" / kept.name
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        found = _Trial(peer, papers, seed, draft, logs, say).run(places.environments)
        if read_answers(draft / "answers.jsonl", papers.test)[1] is None and OWN in peer.decisions:
            raise _StepError("the answers do not say what is selected")
    except (_StepError, ScixtagError) as failure:
        return Outcome(answers, {}, str(failure))
    kept.mkdir(parents=True, exist_ok=True)
    (draft / "answers.jsonl").replace(answers)
    write_json(facts, found)
    shutil.rmtree(draft)
    return Outcome(answers, found)


def _key(peer: Peer, papers: Papers, seed: int) -> str:
    """Changes with whatever could change the answers."""
    parts = [peer.name, str(peer.decisions), str(seed), papers.train.vocabulary.fingerprint, requirements_of(peer)]
    parts += [fingerprint(papers.train), fingerprint(papers.test)]
    parts += [path.read_text(encoding="utf-8") for path in (peer.script, HERE / "worker.py", HERE / "measured.py")]
    if not requirements_of(peer):  # it may use scixtag and all packages as they are here
        package = Path(scixtag.__file__).parent
        files = sorted([*package.rglob("*.py"), *package.rglob("*.toml")])
        parts += [path.read_text(encoding="utf-8") for path in files]
        parts += sorted(f"{found.name} {found.version}" for found in distributions() if found.name != "scixtag")
    return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:16]


@dataclass(frozen=True)
class _Trial:
    peer: Peer
    papers: Papers
    seed: int
    draft: Path
    logs: Path
    say: Say

    def run(self, environments: Path) -> dict[str, Any]:
        """The costs and thresholds; the answers to the test papers lie in the draft."""
        try:
            python = python_of(self.peer, environments, self.logs / "install.log")
        except EnvironmentFailedError as error:
            raise _StepError(_last_line(self.logs / "install.log")) from error
        write_vocabulary(self.draft / "vocabulary", self.papers.train.vocabulary)
        write_papers(self.draft / "train.jsonl", self.papers.train, labelled=True)
        write_papers(self.draft / "test.jsonl", self.papers.test, labelled=False)
        facts: dict[str, Any] = {"tuning": None, "threshold": None, "load": os.getloadavg()[0]}
        if TUNED in self.peer.decisions:
            facts |= self._tune(python)
        model = self.draft / "model"
        facts["training"] = self._step(
            python, "train", model, "train.jsonl", f"--vocabulary={self.draft / 'vocabulary'}"
        )
        facts["answering"] = self._ask(python, model, "test.jsonl", "answers.jsonl")
        facts["start_seconds"] = self._starts(python, model)
        return facts

    def _tune(self, python: str) -> dict[str, Any]:
        """Learn from nine tenths of the training papers; choose settings and one threshold with the rest."""
        started = time.perf_counter()
        rest, held_out = (self.papers.train.take(r) for r in stratified_split(self.papers.train.targets, HELD_OUT, 0))
        write_papers(self.draft / "rest.jsonl", rest, labelled=True)
        write_papers(self.draft / "validation.jsonl", held_out, labelled=True)
        write_papers(self.draft / "held_out.jsonl", held_out, labelled=False)
        model = self.draft / "tuning-model"
        options = [f"--vocabulary={self.draft / 'vocabulary'}", f"--validation={self.draft / 'validation.jsonl'}"]
        self._step(python, "train", model, "rest.jsonl", *options, log="tune")
        self._ask(python, model, "held_out.jsonl", "held_out-answers.jsonl", log="tune-answer")
        scores, _ = read_answers(self.draft / "held_out-answers.jsonl", held_out)
        sizes = held_out.label_counts
        gold = held_out.targets.sum(axis=1).astype(int) + held_out.unknown
        settings = DecisionSettings(rule="global", metric="micro_f1", rare_discount=0.0, at_least=0, at_most=0)
        decision = fit_decision(settings, scores, relevance(scores, held_out.targets), gold, sizes, rest.label_counts)
        shutil.rmtree(model)
        return {"threshold": decision.threshold, "tuning": {"seconds": time.perf_counter() - started}}

    def _ask(self, python: str, model: Path, papers: str, answers: str, log: str = "answer") -> dict[str, Any]:
        costs = self.draft / "answering.json"
        options = [f"--answers={self.draft / answers}", f"--costs={costs}"]
        process = self._step(python, "answer", model, papers, *options, log=log)
        found = json.loads(costs.read_text(encoding="utf-8"))
        alone = found.pop("alone")
        return found | {"alone_seconds": statistics.median(alone), "peak_memory_mb": process["peak_memory_mb"]}

    def _step(self, python: str, task: str, model: Path, papers: str, *options: str, log: str = "") -> dict[str, Any]:
        """One task of worker.py, measured."""
        name = log or task
        costs, path = self.draft / f"{name}-costs.json", self.logs / f"{name}.log"
        command = [sys.executable, "-S", "-P", str(HERE / "measured.py"), str(costs)]
        command += [*self._worker(python, task, model, papers), *options]
        started = time.perf_counter()
        with path.open("w", encoding="utf-8") as stream:
            environment = self._environment(python)
            code = subprocess.run(command, stdout=stream, stderr=stream, env=environment, check=False).returncode
        self.say(f"{name} {'done' if not code else 'failed'}, {time.perf_counter() - started:.1f} s")
        if code:
            raise _StepError(f"killed by signal {code - 128}" if code > 128 else _last_line(path))
        return dict(json.loads(costs.read_text(encoding="utf-8")))

    def _starts(self, python: str, model: Path) -> float:
        """Median seconds from the start of a process to its first answer."""
        seconds = []
        for _ in range(STARTS):
            started = time.perf_counter()
            with (self.logs / "first.log").open("w", encoding="utf-8") as stream:
                process = subprocess.Popen(
                    self._worker(python, "first", model, "test.jsonl"),
                    stdout=subprocess.PIPE,
                    stderr=stream,
                    env=self._environment(python),
                    text=True,
                )
                assert process.stdout is not None
                said = process.stdout.readline()
                seconds.append(time.perf_counter() - started)
                process.communicate()
            if process.returncode or not said:
                raise _StepError(_last_line(self.logs / "first.log"))
        return statistics.median(seconds)

    def _worker(self, python: str, task: str, model: Path, papers: str) -> list[str]:
        """-P: the neighbours of worker.py must not hide packages of the same name."""
        command = [python, "-P", str(HERE / "worker.py"), str(self.peer.script), task, "--name", self.peer.name]
        command += [f"--papers={self.draft / papers}", f"--model={model}", f"--seed={self.seed}"]
        return [*command, f"--chosen={self.draft / 'chosen.json'}"]

    def _environment(self, python: str) -> dict[str, str] | None:
        """Only a peer that runs where we run keeps what leads to our packages."""
        return None if python == sys.executable else clean_environment()


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1][:200] if lines else f"failed without a word (exit code only; see {log.name})"
