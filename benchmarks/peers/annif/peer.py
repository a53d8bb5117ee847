"""Annif, used as its tutorial does: a project file, `annif load-vocab`, `annif train`, `annif hyperopt`.

Its analyzers need NLTK's sentence model punkt_tab, which NLTK fetches from GitHub; here it comes from a package of the
index that ships it (no-deps.txt), so that the analyzer that Annif's documentation recommends for English works.
"""

import csv
import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from worker import Answer, Job, Paper, Suggest, read_papers, text_of

TRAINING_ONLY = ("mllm-train.gz", "omikuji-train.txt", "papers.csv", "validation.csv")

MEMBERS = {
    "annif-bonsai": ("bonsai",),
    "annif-mllm": ("mllm",),
    "annif-ensemble": ("bonsai", "mllm"),
}
SNOWBALL = "language=en\nanalyzer=snowball(english)\nvocab=concepts\nlimit=100\n"
PROJECTS = {
    "bonsai": f"[bonsai]\nname=bonsai\nbackend=omikuji\n{SNOWBALL}cluster_balanced=False\ncluster_k=100\nmax_depth=3\n",
    "mllm": f"[mllm]\nname=mllm\nbackend=mllm\n{SNOWBALL}",
}
TRIALS = "100"
"""Of `annif hyperopt`; its default are 10, too few for two weights."""


def train(job: Job) -> None:
    """Load the vocabulary, train the projects; in tuning, choose the ensemble's weights on the held-out papers."""
    members = MEMBERS[job.name]
    weights = json.loads(job.chosen.read_text()) if job.chosen.is_file() else ",".join(f"{m}:1" for m in members)
    _write_projects(job.model, members, weights)
    _annif(job.model, "load-vocab", "concepts", str(job.vocabulary / "vocabulary.ttl"))
    _write_documents(read_papers(job.papers), job.model / "papers.csv")
    for member in members:
        _annif(job.model, "train", member, "papers.csv")
    if job.validation is not None and len(members) > 1:
        _write_documents(read_papers(job.validation), job.model / "validation.csv")
        report = _annif(job.model, "hyperopt", "ensemble", "--trials", TRIALS, "validation.csv")
        found = re.search(r"^sources=(.+)$", report, re.MULTILINE)
        if found is None:
            raise SystemExit(f"annif hyperopt recommended no weights: {report[-200:]}")
        job.chosen.write_text(json.dumps(found[1]))
        _write_projects(job.model, members, found[1])


def load(model: Path) -> Suggest:
    """The project in this process, without Annif's command line or server."""
    _set_environment(model)
    import annif
    import annif.registry
    from annif.corpus import Document

    application = annif.create_flask_app("annif.default_config.Config")
    application.config.update(PROJECTS_CONFIG_PATH=str(model / "projects.cfg"), DATADIR=str(model / "data"))
    context = application.app_context()
    context.push()
    annif.registry.initialize_projects(application)
    sections = re.findall(r"^\[(.+)\]$", (model / "projects.cfg").read_text(), re.MULTILINE)
    project = annif.registry.get_project(sections[-1])
    project.initialize()

    def suggest(papers: list[Paper]) -> list[Answer]:
        results = project.suggest([Document(text=text_of(paper)) for paper in papers])
        subjects = project.subjects
        return [{"scores": [[subjects[s.subject_id].uri, s.score] for s in result]} for result in results]

    return suggest


def _write_projects(model: Path, members: tuple[str, ...], weights: str) -> None:
    sections = [PROJECTS[member] for member in members]
    if len(members) > 1:
        sections.append(
            f"[ensemble]\nname=ensemble\nlanguage=en\nbackend=ensemble\nsources={weights}\nvocab=concepts\nlimit=100\n"
        )
    (model / "projects.cfg").write_text("\n".join(sections), encoding="utf-8")


def _write_documents(papers: list[Paper], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("text", "subject_uris"))
        writer.writerows((text_of(paper), " ".join(f"<{uri}>" for uri in paper["concepts"])) for paper in papers)


def _annif(model: Path, *command: str) -> str:
    _set_environment(model)
    program = Path(sys.executable).with_name("annif")
    done = subprocess.run([program, *command], cwd=model, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"annif {command[0]} ended with {done.returncode}: {done.stdout.strip()[-300:]}")
    return done.stdout


def _set_environment(model: Path) -> None:
    # find_spec does not import the package: only its data are installed, without what it depends on.
    package = find_spec("llama_index")
    for folder in (package and package.submodule_search_locations) or ():
        os.environ["NLTK_DATA"] = str(Path(folder) / "core" / "_static" / "nltk_cache")
    os.environ["ANNIF_DATADIR"] = str(model / "data")
    os.environ["ANNIF_PROJECTS"] = str(model / "projects.cfg")
