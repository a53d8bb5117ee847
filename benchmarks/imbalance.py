"""What the settings for rare concepts bring to the linear models; or any other settings.

Three folds inside the training papers of fold 1 of 5, so that the papers of fold 1 stay unseen. Each setting is
compared with the model's defaults on the same papers, by a paired bootstrap. Only the ranking is judged; nothing is
selected.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from scixtag.corpus.examples import Examples
from scixtag.corpus.splits import stratified_folds
from scixtag.evaluation.bands import SCHEMES, band_metrics
from scixtag.evaluation.bootstrap import paired_difference
from scixtag.evaluation.judgements import Judgements, judge
from scixtag.evaluation.metrics.registry import get_metric
from scixtag.evaluation.metrics.weighting import Metric
from scixtag.models.registry import model_class
from scixtag.models.tfidf import TfIdf
from scixtag.predictions.scores import Scores
from scixtag.workflows.preparation import Corpus, Fold, training_examples, vocabulary_for

WITHOUT_NAMES = (
    {},
    {"oversampling": 0.003},
    {"oversampling": 0.01},
    {"oversampling": 0.03},
    {"propensity": True},
)
WITH_NAMES = (
    {"label_text": 0.1},
    {"label_text": 0.3},
    {"label_text": 1.0},
    {"label_text": 0.3, "propensity": True},
)
CANDIDATES = {
    "ridge": (*WITHOUT_NAMES, *WITH_NAMES, {"label_text": 0.3, "oversampling": 0.01}),
    # With names there are three times as many concepts to fit; from fewer negatives that is bearable.
    "linear": (
        *WITHOUT_NAMES,
        {"class_weight": "balanced", "positive_weight": 1.0},
        {"positive_weight": 20.0},
        {"negatives": 500},
        *({**settings, "negatives": 500} for settings in WITH_NAMES),
        {"label_text": 0.3, "propensity": True},
    ),
}
METRICS = ("p@1", "r@5", "ndcg@10", "psp@5")
BANDS = ("1–5", "0 (never seen)")


def main() -> None:
    """Run the settings one after the other and write a Markdown table a model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("--vocabulary", required=True)
    parser.add_argument("--models", default=",".join(CANDIDATES))
    parser.add_argument("--settings", type=json.loads, nargs="+", help='these instead, each as JSON: {"alpha": 2.0}')
    parser.add_argument("--output", type=Path, required=True, help="a Markdown file")
    arguments = parser.parse_args()
    vocabulary = vocabulary_for(arguments.source, arguments.vocabulary)
    train = training_examples(Corpus(arguments.source, fold=Fold(1, 5)), vocabulary)[0]
    metrics = {name: get_metric(name) for name in METRICS} | rare_recall()
    lines: list[str] = []
    for name in arguments.models.split(","):
        lines += [f"| {name} | {' | '.join(metrics)} | fit s |", "|---" * (len(metrics) + 2) + "|"]
        default = None
        for settings in ({}, *arguments.settings) if arguments.settings else CANDIDATES[name]:
            found, seconds = judged(name, settings, train)
            default = default or found
            cells = [cell(metric, default, found) for metric in metrics.values()]
            shown = ", ".join(f"{key} {value}" for key, value in settings.items()) or "defaults"
            lines.append(f"| {shown} | {' | '.join(cells)} | {seconds:.1f} |")
            print(lines[-1], flush=True)
            arguments.output.write_text("\n".join(lines) + "\n", encoding="utf-8")
        lines.append("")


def rare_recall() -> dict[str, Metric]:
    """Recall in the top five of the labels that few training papers carry."""
    bands = {band.name: band for scheme in SCHEMES for band in scheme.bands}
    return {f"r@5, {name}": band_metrics(bands[name])["r@5"] for name in BANDS}


def judged(name: str, settings: dict[str, object], train: Examples) -> tuple[Judgements, float]:
    """The pooled judgements of three folds, and the mean seconds of a fit without the TF-IDF."""
    kind, folds, parts, seconds = model_class(name), stratified_folds(train.targets, 3, 0), [], 0.0
    for fold in range(3):
        rest, held = train.take(np.flatnonzero(folds != fold)), train.take(np.flatnonzero(folds == fold))
        tfidf = TfIdf()
        vectors = tfidf.fit_transform(rest.texts)
        started = time.perf_counter()
        model = kind(kind.Settings(**settings)).fit_vectors(tfidf, vectors, rest)
        seconds += time.perf_counter() - started
        parts.append(judge_ranking(model.scores(held.texts), rest, held))
    return Judgements.concatenate(parts), seconds / 3


def judge_ranking(scores: Scores, train: Examples, test: Examples) -> Judgements:
    """The ranking, judged; nothing is selected."""
    none = np.zeros(scores.columns.shape, dtype=bool)
    return judge(scores, none, test.targets, test.unknown, train.label_counts, len(train))


def cell(metric: Metric, default: Judgements, found: Judgements) -> str:
    """The value, and how far it is from the defaults' one with its 95 % interval."""
    value = float(metric(found, found.unit_weights)[0])
    if found is default:
        return f"{value:.4f}"
    difference = paired_difference(metric, found, default)
    return f"{value:.4f} ({difference.value:+.4f}: {difference.low:+.4f} to {difference.high:+.4f})"


if __name__ == "__main__":
    main()
