"""Variants of a configuration side by side, each with a paired bootstrap against the first.

Every fold is trained by the same workflow as `scixtag train --fold I/N`, so that all that is tuned is tuned on its
training papers; the folds' judgements are pooled. Fitted members are cached by content, so that variants of the ranker
cost little. A variant is a name and changes to the defaults, or a configuration file with changes:

    python benchmarks/ensembles.py papers.parquet --vocabulary UAT.rdf --output candidates.md \
        --variant "as it is" --variant "wider candidates: model.candidates=50" --variant "with it: wider.toml"

`--choose sample_f1@5` adds the nested choice: in every fold the variant that is best by the held-out scores of its
training papers (the manifest's tuning metrics).
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any, NamedTuple

from band_columns import band_columns
from scixtag.config import assign, parse_assignment, read_toml
from scixtag.evaluation.bootstrap import intervals, paired_difference
from scixtag.evaluation.curves import calibration_error, reliability
from scixtag.evaluation.judgements import Judgements
from scixtag.evaluation.metrics.registry import get_metric
from scixtag.workflows.evaluate import judge_tagger
from scixtag.workflows.preparation import Corpus, Fold, evaluation_examples, vocabulary_for
from scixtag.workflows.settings import training_settings
from scixtag.workflows.train import train

RANKING = ("p@1", "p@3", "p@5", "r@5", "sample_f1@5", "ndcg@10", "psp@5")
SETS = ("micro_f1", "macro_f1", "sample_f1", "micro_precision", "micro_recall", "mean_set_size")
BANDS = ("r@5, > 60", "r@5, 6–60", "r@5, 1–5", "macro_f1, 1–5")


def main() -> None:
    """Run the variants one after the other; write the table after each."""
    arguments = _arguments()
    metrics = {name: get_metric(name) for name in (*RANKING, *SETS)}
    metrics |= {name: metric for name, metric in band_columns().items() if name in BANDS}
    first, rows, folds = None, [], {}
    chosen = [("chosen in the training papers", None)] if arguments.choose else []
    for name, document in [*arguments.variant, *chosen]:
        started = time.perf_counter()
        if document is None:
            parts = best_by(arguments.choose, folds)
        else:
            parts = folds[name] = run(document | {"seed": arguments.seed}, arguments)
        pooled = Judgements.concatenate([part.judgements for part in parts])
        first = first or pooled
        found = intervals(metrics, pooled)
        against = {metric: paired_difference(metrics[metric], pooled, first) for metric in metrics}
        rows.append(
            {
                "variant": name,
                "metrics": {metric: [i.value, i.low, i.high] for metric, i in found.items()},
                "less the first": {metric: [d.value, d.low, d.high] for metric, d in against.items()},
                "calibration_error": calibration_error(reliability(pooled)),
                "papers": len(pooled),
                "seconds": round(time.perf_counter() - started, 1),
            }
        )
        print(name, {metric: round(found[metric].value, 4) for metric in metrics}, rows[-1]["seconds"], flush=True)
        arguments.output.with_suffix(".json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
        arguments.output.write_text(table(rows), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("--vocabulary", required=True)
    parser.add_argument(
        "--variant", type=variant, action="append", required=True, metavar="'NAME: [FILE.toml] KEY=VALUE ...'"
    )
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--only-fold", type=int, default=None, help="one fold instead of all")
    parser.add_argument("--choose", metavar="METRIC", help="a metric of the manifest's tuning metrics, such as ndcg@10")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, required=True, help="a Markdown file; JSON goes beside it")
    return parser.parse_args()


def variant(text: str) -> tuple[str, dict[str, Any]]:
    """`wider: model.candidates=50` to the name and the configuration."""
    name, _, changes = text.partition(":")
    document: dict[str, Any] = {}
    for change in changes.split():
        if change.endswith(".toml"):
            document |= read_toml(Path(change))
        else:
            assign(document, *parse_assignment(change))
    return name.strip(), document


class FoldResult(NamedTuple):
    """One variant on one fold: its answers on the fold, and its metrics on held-out scores of the training papers."""

    judgements: Judgements
    tuning: dict[str, float]


def run(document: dict[str, Any], arguments: argparse.Namespace) -> list[FoldResult]:
    """Train on each fold's training papers and judge on its papers."""
    vocabulary = vocabulary_for(arguments.source, arguments.vocabulary)
    settings = training_settings(document, "variant")
    numbers = [arguments.only_fold] if arguments.only_fold else range(1, arguments.folds + 1)
    parts = []
    for number in numbers:
        corpus = Corpus(arguments.source, fold=Fold(number, arguments.folds))
        tagger = train(corpus, vocabulary, settings)
        judged = judge_tagger(tagger, evaluation_examples(corpus, vocabulary)[0]).judgements
        parts.append(FoldResult(judged, tagger.manifest["tuning"]["metrics"]))
    return parts


def best_by(metric: str, folds: dict[str, list[FoldResult]]) -> list[FoldResult]:
    """For each fold the result of the variant that is best by a tuning metric; of equal ones the first."""
    best = [max(same_fold, key=lambda result: result.tuning[metric]) for same_fold in zip(*folds.values(), strict=True)]
    names = [next(name for name, results in folds.items() if results[i] is one) for i, one in enumerate(best)]
    print(f"chosen by {metric}: {', '.join(names)}", flush=True)
    return best


def table(rows: list[dict[str, Any]]) -> str:
    """Metrics as rows, variants as columns; below each variant's value its difference from the first, with interval."""
    lines = [f"| metric | {' | '.join(row['variant'] for row in rows)} |", "|---" * (len(rows) + 1) + "|"]
    for metric in rows[0]["metrics"]:
        lines.append(f"| {metric} | {' | '.join(_cell(row, metric, row is rows[0]) for row in rows)} |")
    lines.append(f"| calibration error | {' | '.join(format(row['calibration_error'], '.4f') for row in rows)} |")
    return "\n".join(lines) + "\n"


def _cell(row: dict[str, Any], metric: str, is_first: bool) -> str:
    value, low, high = row["metrics"][metric]
    if is_first:
        return f"{value:.3f} ({low:.3f}–{high:.3f})"
    change, least, most = row["less the first"][metric]
    return f"{value:.3f} [{change:+.3f}: {least:+.3f} to {most:+.3f}]"


if __name__ == "__main__":
    main()
