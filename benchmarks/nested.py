"""Were the models' default settings flattered by the papers on which they were chosen?

For every outer fold, each model's settings are chosen among a few candidates by cross-validation inside the training
papers, and the chosen model is scored on the fold; the defaults are scored on the same folds. Settings differ only in
the ranking, so only ranking metrics are reported, each with a paired bootstrap of the difference (defaults less nested
choice).
"""

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np

from scixtag.corpus.examples import Examples
from scixtag.corpus.splits import stratified_folds
from scixtag.evaluation.bootstrap import paired_difference
from scixtag.evaluation.judgements import Judgements, judge
from scixtag.evaluation.metrics.registry import get_metric
from scixtag.models.registry import model_class
from scixtag.predictions.scores import Scores
from scixtag.workflows.preparation import Corpus, Fold, evaluation_examples, training_examples, vocabulary_for

CANDIDATES = {
    "centroid": [{"label_text": w, "count_power": p} for w in (0.0, 0.3, 0.5, 0.7) for p in (0.0, 0.05, 0.1)],
    "neighbours": [{"neighbours": k, "power": p} for k in (10, 20, 30, 40) for p in (1.0, 2.0)],
    "lexical": [{"concept_smoothing": s} for s in (0.25, 1.0, 4.0)],
    "linear": [
        {"C": 0.5, "positive_weight": 5.0},
        {"C": 1.0, "positive_weight": 5.0},
        {"C": 0.7, "positive_weight": 3.0},
    ],
    "ridge": [{"alpha": a, "pruning": p} for a in (0.3, 0.5, 1.0) for p in (0.01, 0.015, 0.02)],
}
CHOSEN_BY = "sample_f1@5"
REPORTED = ("p@1", "p@5", "r@5", "ndcg@10", "sample_f1@5")


def main() -> None:
    """Run the models one after the other and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("--vocabulary", required=True)
    parser.add_argument("--models", default=",".join(CANDIDATES))
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    results = {}
    for name in arguments.models.split(","):
        results[name] = nested(name, arguments.source, arguments.vocabulary, arguments.folds)
        print(name, results[name], flush=True)
        arguments.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def nested(name: str, source: str, vocabulary_name: str, folds: int) -> dict[str, object]:
    """Compare the defaults with a choice inside the training papers."""
    vocabulary = vocabulary_for(source, vocabulary_name)
    chosen, defaults, choices = [], [], []
    for number in range(1, folds + 1):
        corpus = Corpus(source, fold=Fold(number, folds))
        train, test = training_examples(corpus, vocabulary)[0], evaluation_examples(corpus, vocabulary)[0]
        best = choose(name, train)
        choices.append(json.dumps(best))
        chosen.append(judged(fitted_scores(name, best, train, test), train, test))
        defaults.append(judged(fitted_scores(name, {}, train, test), train, test))
    pooled, default = Judgements.concatenate(chosen), Judgements.concatenate(defaults)
    result: dict[str, object] = {"choices": Counter(choices)}
    for metric in REPORTED:
        difference = paired_difference(get_metric(metric), default, pooled)
        value = float(get_metric(metric)(pooled, pooled.unit_weights)[0])
        ends = (difference.value, difference.low, difference.high)
        result[metric] = {"nested": round(value, 4), "defaults_less_nested": [round(float(x), 4) for x in ends]}
    return result


def choose(name: str, train: Examples) -> dict[str, float]:
    """The candidate with the best mean over three folds of the training papers."""
    folds = stratified_folds(train.targets, 3, 0)
    gains = []
    for candidate in CANDIDATES[name]:
        parts = []
        for fold in range(3):
            rest, held = train.take(np.flatnonzero(folds != fold)), train.take(np.flatnonzero(folds == fold))
            parts.append(judged(fitted_scores(name, candidate, rest, held), rest, held))
        pooled = Judgements.concatenate(parts)
        gains.append(float(get_metric(CHOSEN_BY)(pooled, pooled.unit_weights)[0]))
    return CANDIDATES[name][int(np.argmax(gains))]


def fitted_scores(name: str, settings: dict[str, float], train: Examples, test: Examples) -> Scores:
    """Scores of the test papers by a model of these settings."""
    kind = model_class(name)
    return kind(kind.Settings(**settings)).fit(train).scores(test.texts)


def judged(scores: Scores, train: Examples, test: Examples) -> Judgements:
    """The ranking, judged; nothing is selected."""
    none = np.zeros(scores.columns.shape, dtype=bool)
    return judge(scores, none, test.targets, test.unknown, train.label_counts, len(train))


if __name__ == "__main__":
    main()
