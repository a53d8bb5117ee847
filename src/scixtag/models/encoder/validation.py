"""Metrics by name on the validation papers, while a network is trained."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from scixtag.corpus.examples import Examples
from scixtag.errors import ConfigError
from scixtag.evaluation.judgements import judge
from scixtag.evaluation.metrics.registry import get_metric
from scixtag.predictions.closure import ancestor_matrix
from scixtag.predictions.decision import DecisionSettings
from scixtag.predictions.decision_fitting import fit_decision
from scixtag.predictions.scores import Scores, relevance

LOSS = "loss"
ALWAYS = ("p@1", "r@5", "micro_f1")
"""Logged after every epoch, beside the metric that decides."""


_NOT_BETTER_WHEN_HIGHER = ("hamming_loss", "mean_set_size", "empty_share", "brier", "ece")


def check_metric(name: str) -> None:
    """Refuse a metric that does not exist, or does not rise with quality, before any slow work.

    Raises:
        ConfigError: With the nearest known name, or what to choose.
    """
    if name.partition("@")[0] in _NOT_BETTER_WHEN_HIGHER:
        raise ConfigError(f"validation_metric = '{name}' is not better when it is higher; choose 'r@5' or 'micro_f1'")
    if name != LOSS:
        get_metric(name)


def validation_metrics(
    validation: Examples, train: Examples, columns: npt.NDArray[np.int32], name: str
) -> Callable[[npt.NDArray[np.integer], npt.NDArray[np.floating], npt.NDArray[np.integer]], dict[str, float]]:
    """A function from predictions to metrics.

    Sets for metrics such as micro_f1 are chosen by the one threshold that is best on the same papers: good enough to
    compare epochs, flattering as a number. Labels that training never showed stay in every denominator.

    Args:
        validation: The papers.
        train: The papers that are learned from; their counts make up bands and propensities.
        columns: The column of the vocabulary that each label of the network is.
        name: The metric that decides.

    Returns:
        Of (rows, probabilities, labels), the best labels of each row of `validation`, the metrics.
    """
    ancestors = ancestor_matrix(validation.vocabulary)
    names = list(dict.fromkeys(n for n in (*ALWAYS, name) if n != LOSS))

    def measure(
        rows: npt.NDArray[np.integer], probabilities: npt.NDArray[np.floating], labels: npt.NDArray[np.integer]
    ) -> dict[str, float]:
        # A paper whose labels are all too rare to be learned has nothing that could be found.
        labelled = np.flatnonzero(np.diff(validation.targets.indptr)[rows] + validation.unknown[rows])
        if not len(labelled):
            return dict.fromkeys(names, 0.0)
        scores = Scores(columns[labels[labelled]], probabilities[labelled].astype(np.float32))
        papers = validation.take(rows[labelled])
        relevant = relevance(scores, papers.targets)
        sizes = np.diff(papers.targets.indptr).astype(np.int64) + papers.unknown
        decision = fit_decision(DecisionSettings(), scores, relevant, sizes, papers.label_counts, train.label_counts)
        selected = decision.select(scores)
        counts = train.label_counts
        judged = judge(scores, selected, papers.targets, papers.unknown, counts, len(train), ancestors)
        once: Any = judged.unit_weights
        return {name: float(get_metric(name)(judged, once)[0]) for name in names}

    return measure
