"""Fine-tuned encoders side by side: recipes, or one recipe with each loss and sampling option under the same budget.

Every row is trained by the same workflow as `scixtag train --recipe` and judged as by `scixtag evaluate`. Rows that
stand in the JSON file already are kept, so that an interrupted run continues; remove the file to begin anew.

    python benchmarks/encoders.py papers.parquet --vocabulary UAT.rdf --fold 1/5 --losses minilm-offline \
        --output losses.md
    python benchmarks/encoders.py hf:adsabs/SciX_UAT_keywords:train --test hf:adsabs/SciX_UAT_keywords:val \
        --vocabulary uat:5.1.0 --recipes astrobert-paper,astrobert --seeds 0,1,2 --output official.md
"""

import argparse
import json
import time
from math import isnan
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from band_columns import band_columns
from scixtag.config import assign, parse_assignment
from scixtag.corpus.fields import ANY_FIELDS
from scixtag.evaluation.bootstrap import intervals
from scixtag.evaluation.metrics.registry import get_metric
from scixtag.workflows.evaluate import judge_tagger
from scixtag.workflows.preparation import Corpus, Fold, evaluation_examples, vocabulary_for
from scixtag.workflows.recipes import recipe_document
from scixtag.workflows.settings import training_settings
from scixtag.workflows.train import train

METRICS = ("p@1", "p@5", "r@5", "ndcg@10", "psp@5", "sample_f1@5", "micro_f1", "macro_f1", "sample_f1", "mean_set_size")
BANDS = (
    *("r@5, > 60", "r@5, 6–60", "r@5, 1–5", "macro_f1, > 60", "macro_f1, 6–60", "macro_f1, 1–5"),
    *("f1, head (> 500)", "f1, torso (50–500)", "f1, tail (< 50)"),
)
OPTIONS: dict[str, dict[str, Any]] = {
    "bce": {"model.loss": "bce"},
    "weighted-bce": {"model.loss": "weighted-bce", "model.weight_power": 0.3},
    "focal": {"model.loss": "focal"},
    "asymmetric": {"model.loss": "asymmetric"},
    "class-balanced": {"model.loss": "class-balanced"},
    "distribution-balanced": {"model.loss": "distribution-balanced"},
    "softmax+bce": {"model.loss": "softmax+bce"},
    "bce, label smoothing .02": {"model.loss": "bce", "model.label_smoothing": 0.02},
    "bce, oversampling .01": {"model.loss": "bce", "model.oversampling": 0.01},
    "bce, labels of >= 3 papers": {"model.loss": "bce", "minimum_label_count": 3},
    "bce, random start": {"model.loss": "bce", "model.initialisation": "random"},
}
"""What is compared, each a change to the recipe of `--losses`."""


def main() -> None:
    """Train what is missing, then write the table."""
    arguments = _arguments()
    rows = _rows(arguments)
    store = arguments.output.with_suffix(".json")
    results = json.loads(store.read_text(encoding="utf-8")) if store.is_file() else {}
    for name, document in rows.items():
        for seed in map(int, arguments.seeds.split(",")):
            key = f"{name}, seed {seed}"
            if key not in results:
                results[key] = run(document | {"seed": seed}, arguments)
                store.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
                print(f"{key}: {results[key]['metrics']['r@5']} in {results[key]['seconds']} s", flush=True)
    arguments.output.write_text(table(results), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("--vocabulary", required=True)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--recipes", help="names, with commas")
    what.add_argument("--losses", metavar="RECIPE", help="this recipe with every loss and sampling option")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--fold", help="I/N: train without fold I, evaluate on it")
    where.add_argument("--test", metavar="SOURCE", help="evaluate on these papers")
    parser.add_argument("--only", help="with --losses: these options, with commas between them")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="for all rows")
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--output", type=Path, required=True, help="a Markdown file; JSON goes beside it")
    return parser.parse_args()


def _rows(arguments: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """The configuration of every row by its name."""
    if arguments.recipes:
        documents = {name: recipe_document(name) for name in arguments.recipes.split(",")}
    else:
        chosen = arguments.only.split(";") if arguments.only else OPTIONS
        documents = {name: _changed(recipe_document(arguments.losses), OPTIONS[name]) for name in chosen}
    changes = [parse_assignment(text) for text in arguments.set]
    for document in documents.values():
        for keys, value in changes:
            assign(document, keys, value)
    return documents


def _changed(document: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    for key, value in changes.items():
        assign(document, key.split("."), value)
    return document


def run(document: dict[str, Any], arguments: argparse.Namespace) -> dict[str, Any]:
    """Train and judge one row."""
    vocabulary = vocabulary_for(arguments.source, arguments.vocabulary)
    fold = Fold.parse(arguments.fold) if arguments.fold else None
    started = time.perf_counter()
    tagger = train(
        Corpus(arguments.source, ANY_FIELDS, fold=fold), vocabulary, training_settings(document, "benchmark")
    )
    seconds = time.perf_counter() - started
    examples = evaluation_examples(Corpus(arguments.test or arguments.source, fold=fold), vocabulary)[0]
    evaluation = judge_tagger(tagger, examples)
    bands = {name: metric for name, metric in band_columns().items() if name in BANDS}
    found = intervals({n: get_metric(n) for n in METRICS} | bands, evaluation.judgements, seed=0)
    return {
        "metrics": {name: [round(float(x), 4) for x in (i.value, i.low, i.high)] for name, i in found.items()},
        "seconds": round(seconds),
        "papers_per_second": round(len(examples) / evaluation.seconds, 1),
        "papers": len(examples),
        "training_papers": tagger.manifest["training"]["papers"],
        "threshold": tagger.decision.threshold,
        "settings": tagger.manifest["settings"],
    }


def table(results: dict[str, Any]) -> str:
    """A row a system, seeds averaged; the small number is the 95 % interval, or the standard deviation of seeds."""
    systems: dict[str, list[dict[str, Any]]] = {}
    for key, result in results.items():
        systems.setdefault(key.rpartition(", seed")[0], []).append(result)
    names = list(next(iter(results.values()))["metrics"])
    lines = [f"| system | {' | '.join(names)} | train s |", "|---" * (len(names) + 2) + "|"]
    for name, runs in systems.items():
        cells = [_cell([run["metrics"][metric] for run in runs]) for metric in names]
        lines.append(f"| {name} | {' | '.join(cells)} | {mean(run['seconds'] for run in runs):.0f} |")
    return "\n".join(lines) + "\n"


def _cell(found: list[list[float]]) -> str:
    if len(found) == 1:
        value, low, high = found[0]
        return "–" if isnan(value) else f"{value:.3f} <small>{low:.3f}–{high:.3f}</small>"
    values = [value for value, _, _ in found]
    return f"{mean(values):.3f} <small>±{stdev(values):.3f}</small>"


if __name__ == "__main__":
    main()
