"""Cross-validate models on one corpus and print the table of docs/results.

Every fold is trained by the same workflow as `scixtag train --fold I/N` and judged as by `scixtag evaluate --fold I/N`;
the judgements of all folds are pooled, each with its own fold's training counts. One process a model, so that memory is
its own.
"""

import argparse
import json
import multiprocessing
import time
from pathlib import Path

from scixtag.evaluation.bands import SCHEMES, band_metrics
from scixtag.evaluation.bootstrap import intervals
from scixtag.evaluation.judgements import Judgements
from scixtag.evaluation.metrics.registry import get_metric
from scixtag.evaluation.metrics.weighting import Metric
from scixtag.models.registry import MODELS
from scixtag.workflows.evaluate import judge_tagger
from scixtag.workflows.preparation import Corpus, Fold, evaluation_examples, vocabulary_for
from scixtag.workflows.settings import training_settings
from scixtag.workflows.train import peak_memory_mb, train

COLUMNS = (
    *("p@1", "p@3", "p@5", "r@1", "r@3", "r@5", "ndcg@5", "ndcg@10", "psp@5", "sample_f1@5"),
    *("micro_f1", "macro_f1", "macro_f1_all", "sample_f1", "micro_precision", "micro_recall"),
    *("subset_accuracy", "mean_set_size", "ece", "ece@10", "brier", "brier@10"),
)


def main() -> None:
    """Run the models one after the other and write JSON and Markdown."""
    arguments = _arguments()
    spawn = multiprocessing.get_context("spawn")
    results = {}
    for name in arguments.models.split(","):
        with spawn.Pool(1) as pool:
            results[name] = pool.apply(run_model, (name, arguments))
        print(f"{name}: {results[name]['metrics']['p@1']} {results[name]['seconds']}", flush=True)
        arguments.output.with_suffix(".json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        arguments.output.write_text(table(results), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("--vocabulary", required=True)
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--only-fold", type=int, default=None, help="one fold instead of all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, required=True, help="a Markdown file; JSON goes beside it")
    return parser.parse_args()


def run_model(name: str, arguments: argparse.Namespace) -> dict[str, object]:
    """All folds of one model."""
    vocabulary = vocabulary_for(arguments.source, arguments.vocabulary)
    settings = training_settings({"seed": arguments.seed, "model": {"name": name}}, "benchmark")
    numbers = [arguments.only_fold] if arguments.only_fold else range(1, arguments.folds + 1)
    parts, train_seconds, score_seconds, papers = [], 0.0, 0.0, 0
    for number in numbers:
        corpus = Corpus(arguments.source, fold=Fold(number, arguments.folds))
        started = time.perf_counter()
        tagger = train(corpus, vocabulary, settings)
        train_seconds += time.perf_counter() - started
        evaluation = judge_tagger(tagger, evaluation_examples(corpus, vocabulary)[0])
        if evaluation.overlap:
            raise SystemExit(f"{name}: {evaluation.overlap} training papers among the test papers")
        parts.append(evaluation.judgements)
        score_seconds += evaluation.seconds
        papers += len(evaluation.judgements)
    pooled = Judgements.concatenate(parts)
    found = intervals({name: get_metric(name) for name in COLUMNS} | band_columns(), pooled, seed=arguments.seed)
    return {
        "metrics": {metric: [round(float(x), 4) for x in (i.value, i.low, i.high)] for metric, i in found.items()},
        "seconds": {
            "train_and_tune_per_fold": round(train_seconds / len(numbers), 1),
            "papers_per_second": round(papers / score_seconds),
        },
        "papers": papers,
        "peak_memory_mb": peak_memory_mb(),
    }


def band_columns() -> dict[str, Metric]:
    """Recall in the top five, micro and macro F1 of every band of both schemes."""
    columns = {}
    for scheme in SCHEMES:
        for band in scheme.bands:
            found = band_metrics(band)
            columns |= {f"{name}, {band.name}": found[name] for name in ("r@5", "f1", "macro_f1")}
    return columns


def table(results: dict[str, dict]) -> str:
    """Metrics as rows, models as columns, with intervals."""
    lines = [f"| metric | {' | '.join(results)} |", "|---" * (len(results) + 1) + "|"]
    for metric in next(iter(results.values()))["metrics"]:
        cells = []
        for result in results.values():
            value, low, high = result["metrics"][metric]
            cells.append(f"{value:.3f} ({low:.3f}–{high:.3f})")
        lines.append(f"| {metric} | {' | '.join(cells)} |")
    for cost in ("train_and_tune_per_fold", "papers_per_second"):
        lines.append(f"| {cost} | {' | '.join(str(result['seconds'][cost]) for result in results.values())} |")
    lines.append(f"| peak_memory_mb | {' | '.join(str(result['peak_memory_mb']) for result in results.values())} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
