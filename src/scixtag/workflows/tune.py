"""Calibration and decision rule, fitted on training papers that the scoring model did not see."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scixtag import progress, workspace
from scixtag.corpus.examples import Examples
from scixtag.corpus.splits import stratified_folds, stratified_split
from scixtag.models.base import CrossFits, Model
from scixtag.predictions.calibration import Calibration, fit_calibration
from scixtag.predictions.decision import Decision
from scixtag.predictions.decision_fitting import fit_decision
from scixtag.predictions.scores import Scores, relevance
from scixtag.workflows.settings import TrainingSettings, TuningSettings

_FOLDS_UP_TO = 20_000
_HOLDOUT_UP_TO = 5_000

BuildModel = Callable[[], Model]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class HeldOut:
    """Scores of training papers by models that did not see them.

    Attributes:
        rows: (n,) which training papers; none if nothing was held out.
        scores: Of these papers.
        source: How they came about, for people and for the manifest.
        kept: The model that scored them and the papers that it learned from, if it is to be the saved one.
    """

    rows: Rows
    scores: Scores
    source: str
    kept: tuple[Model, Examples] | None = None


def held_out_scores(build: BuildModel, train: Examples, tuning: TuningSettings, seed: int) -> HeldOut:
    """Score training papers with models that were fitted without them.

    Args:
        build: Makes an unfitted model.
        train: The papers to learn from; their rare labels may be blanked.
        tuning: Folds, a held-out part, or nothing.
        seed: Cuts them.
    """
    model = build()
    # A model with its own held-out scores is fitted once; with too few papers it has none.
    if tuning.scheme == "auto" and isinstance(model, CrossFits):
        with workspace.part("final"):
            rows, scores = model.cross_fit(train)
        if len(rows):
            source = f"{len(rows):,} training papers, scored by parts of the model that did not see them"
            return HeldOut(rows, scores, source, (model, train))
    if tuning.scheme == "none":
        return HeldOut(np.array([], dtype=np.int64), Scores.empty(0), "no papers: nothing was fitted on scores")
    if tuning.scheme == "folds" or (tuning.scheme == "auto" and len(train) <= _FOLDS_UP_TO):
        return _by_folds(build, train, tuning.folds, seed)
    return _by_part(build, train, tuning, seed)


def _by_folds(build: BuildModel, train: Examples, count: int, seed: int) -> HeldOut:
    folds = stratified_folds(train.targets, min(count, len(train)), seed)
    numbers = range(int(folds.max()) + 1)
    parts, rows = [], []
    for fold in progress.track(numbers, "tuning: out-of-fold scores"):
        inside = np.flatnonzero(folds == fold)
        with workspace.part(f"fold-{fold + 1}"):
            model = build().fit(train.take(np.flatnonzero(folds != fold)))
        parts.append(model.scores(train.take(inside).texts))
        rows.append(inside)
    order = np.argsort(np.concatenate(rows))
    scores = Scores.concatenate(parts).take(order)
    return HeldOut(np.arange(len(train)), scores, f"{len(numbers)}-fold cross-validation of the training papers")


def _by_part(build: BuildModel, train: Examples, tuning: TuningSettings, seed: int) -> HeldOut:
    size = min(tuning.fraction, _HOLDOUT_UP_TO / len(train))
    rest, held = stratified_split(train.targets, size, seed)
    learned, papers = train.take(rest), train.take(held)
    with progress.stage("tuning: held-out part", 1) as advance:
        with workspace.part("held-out"):
            model = build().fit(learned, papers)
        scores = model.scores(papers.texts)
        advance(1)
    source = f"held-out part of {len(held):,} training papers"
    return HeldOut(held, scores, source, None if tuning.refit else (model, learned))


def fit_predictions(held_out: HeldOut, gold: Examples, settings: TrainingSettings) -> tuple[Calibration, Decision]:
    """Fit calibration, then the decision rule on the calibrated probabilities.

    Args:
        held_out: Scores to tune on.
        gold: All training papers with all their labels, rare ones too.
        settings: The methods.
    """
    papers = gold.take(held_out.rows)
    relevant = relevance(held_out.scores, papers.targets)
    calibration = fit_calibration(settings.calibration, held_out.scores, relevant)
    probabilities = calibrated(held_out.scores, calibration)
    gold_sizes = np.diff(papers.targets.indptr).astype(np.int64) + papers.unknown
    counts = papers.label_counts, gold.label_counts
    decision = fit_decision(settings.decision, probabilities, relevant, gold_sizes, *counts)
    return calibration, replace(decision, hierarchy=settings.decision.hierarchy)


def calibrated(scores: Scores, calibration: Calibration) -> Scores:
    """The same concepts in the same order, with probabilities for scores."""
    values = np.where(scores.listed, calibration.probabilities(scores.values), 0).astype(np.float32)
    return Scores(scores.columns, values)
