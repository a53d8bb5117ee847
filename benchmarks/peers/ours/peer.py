"""scixtag itself, by its command line: the default ensemble, and the described baseline on MiniLM.

No environment of its own: it runs where the benchmark runs.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from worker import Answer, Job, Paper, Suggest

OPTIONS = {"scixtag": [], "seed-minilm": ["--recipe", "minilm-seed"]}


def train(job: Job) -> None:
    """`scixtag train`, with nothing kept from an earlier training."""
    command = [sys.executable, "-m", "scixtag", "train", str(job.papers), "--labels-field", "concepts", "--quiet"]
    command += ["--vocabulary", str(job.vocabulary / "vocabulary.ttl"), "--output", str(job.model / "tagger")]
    command += ["--seed", str(job.seed), *OPTIONS[job.name]]
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(command, env=os.environ | {"SCIXTAG_CACHE": cache}, check=False)
    if done.returncode:
        raise SystemExit(f"scixtag train ended with {done.returncode}")


def load(model: Path) -> Suggest:
    """The tagger, and the sets that its own rule chooses."""
    from scixtag.corpus.text import Text
    from scixtag.workflows.tagger import Tagger

    tagger = Tagger.load(model / "tagger")
    uris = [concept.uri for concept in tagger.vocabulary]

    def suggest(papers: list[Paper]) -> list[Answer]:
        texts = [Text(paper["title"], paper["abstract"]) for paper in papers]
        scores, selected, _ = tagger.answers(texts)
        return [
            {
                "scores": [[uris[c], float(v)] for c, v in zip(columns, values, strict=True) if c >= 0],
                "selected": [uris[c] for c in columns[chosen]],
            }
            for columns, values, chosen in zip(scores.columns, scores.values, selected, strict=True)
        ]

    return suggest
