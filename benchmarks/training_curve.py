r"""Time and memory of fitting a model, against papers and against concepts, each fit in a process of its own.

    python benchmarks/training_curve.py titles.parquet --vocabulary yso-en.tsv --model linear --papers 31000,62000 \
        --set solver=descent --set C=1.0 --output curve.md

Papers are drawn without replacement; with `--concepts`, so many of the concepts in use are drawn, and the labels of all
others are taken away. Seconds are those of the fit, TF-IDF included; the peak is that of the whole process, with the
corpus in memory.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array, diags_array

from scixtag.config import structure
from scixtag.corpus.examples import Examples
from scixtag.files import check_new_file, writing
from scixtag.models.registry import model_class
from scixtag.workflows.preparation import Corpus, Fold, training_examples, vocabulary_for


def main() -> int:
    """Fit once, or start a process for each point of the curve."""
    arguments = _arguments()
    if arguments.point:
        print(json.dumps(_measured(arguments, *json.loads(arguments.point))))
        return 0
    check_new_file(arguments.output, ".md")
    rows = []
    for papers in map(int, arguments.papers.split(",")):
        for concepts in map(int, arguments.concepts.split(",")):
            command = [sys.executable, *sys.argv, "--point", json.dumps([papers, concepts])]
            said = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
            rows.append(json.loads(said.splitlines()[-1]))
            with writing(arguments.output) as stream:
                stream.write(_table(rows))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("--vocabulary")
    parser.add_argument("--model", required=True)
    parser.add_argument("--set", action="append", default=[], help="a setting of the model, NAME=JSON")
    parser.add_argument("--fold", help="left out, as in `scixtag train`")
    parser.add_argument("--papers", default="0", help="numbers of papers; 0: all")
    parser.add_argument("--concepts", default="0", help="numbers of concepts; 0: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--point", help=argparse.SUPPRESS)
    return parser.parse_args()


def _measured(arguments: argparse.Namespace, papers: int, concepts: int) -> dict[str, float]:
    vocabulary = vocabulary_for(arguments.source, arguments.vocabulary)
    fold = Fold.parse(arguments.fold) if arguments.fold else None
    train = _drawn(training_examples(Corpus(arguments.source, fold=fold), vocabulary)[0], papers, concepts, arguments)
    kind = model_class(arguments.model)
    said = dict(setting.split("=", 1) for setting in arguments.set)
    settings = structure({name: _value(value) for name, value in said.items()}, kind.Settings, arguments.model)
    # What is compiled at first use is not the fit's.
    kind(settings, 0).fit(train.take(np.arange(min(200, len(train)))))
    started, began = time.perf_counter(), time.process_time()
    kind(settings, 0).fit(train)
    return {
        "papers": len(train),
        "concepts": int((train.label_counts > 0).sum()),
        "assignments": int(train.targets.nnz),
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - began,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _drawn(train: Examples, papers: int, concepts: int, arguments: argparse.Namespace) -> Examples:
    random = np.random.default_rng(arguments.seed)
    if papers:
        train = train.take(np.sort(random.permutation(len(train))[:papers]))
    if not concepts:
        return train
    kept = np.zeros(len(train.vocabulary), np.float32)
    kept[random.permutation(np.flatnonzero(train.label_counts))[:concepts]] = 1
    targets = csr_array(train.targets @ diags_array(kept), dtype=np.float32)
    targets.eliminate_zeros()
    return replace(train, targets=targets)


def _table(rows: list[dict[str, float]]) -> str:
    lines = ["| papers | concepts | labels | s | CPU s | peak MB |", "|---|---|---|---|---|---|"]
    for row in rows:
        numbers = (row["papers"], row["concepts"], row["assignments"], row["seconds"], row["cpu"], row["peak"])
        lines.append("| " + " | ".join(f"{number:,.0f}" for number in numbers) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
