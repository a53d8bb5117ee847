"""Train a tagger: tune on out-of-fold scores, fit on everything, save."""

import datetime
import platform
import sys
import time
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from scixtag import __version__, progress, workspace
from scixtag.corpus.examples import Examples, fingerprint, id_hashes, text_hashes, with_minimum_count
from scixtag.corpus.sample import is_sample
from scixtag.errors import InputError
from scixtag.evaluation.drift.reference import HeldOutAnswers, reference_of
from scixtag.evaluation.judgements import judge
from scixtag.evaluation.metrics.registry import get_metric
from scixtag.models.base import Model
from scixtag.models.registry import model_class
from scixtag.predictions.calibration import Calibration
from scixtag.predictions.closure import ancestor_matrix, in_form
from scixtag.predictions.decision import Decision
from scixtag.vocabulary.concept import Vocabulary
from scixtag.workflows.kept_papers import KeptPapers
from scixtag.workflows.preparation import Corpus, training_examples
from scixtag.workflows.settings import TrainingSettings
from scixtag.workflows.tagger import Tagger
from scixtag.workflows.tune import BuildModel, HeldOut, calibrated, fit_predictions, held_out_scores
from scixtag.workflows.unfinished import begin

TUNING_METRICS = ("p@1", "p@5", "r@5", "ndcg@10", "sample_f1@5", "micro_f1", "macro_f1", "mean_set_size")

_PACKAGES = ("numpy", "scipy", "scikit-learn", "lightgbm", "PyStemmer")
"""Those that decide what the models of the base installation learn and how they read a text."""


def train(corpus: Corpus, vocabulary: Vocabulary, settings: TrainingSettings) -> Tagger:
    """Train on the labelled papers of a corpus.

    Raises:
        InputError: The corpus cannot be read, or holds no labelled paper.
        ConfigError: The workspace is one to resume, of another training.
    """
    gold, preparation = training_examples(corpus, vocabulary)
    return train_on(gold, settings, corpus, preparation.read)


def train_on(gold: Examples, settings: TrainingSettings, corpus: Corpus, papers_read: int) -> Tagger:
    """Train on papers that are there.

    Args:
        gold: Labelled papers.
        settings: All of them.
        corpus: Where the papers come from, for messages and the manifest.
        papers_read: How many papers were read to find these.

    Raises:
        InputError: Too few papers, or none with a label that may be learned.
        ConfigError: The workspace is one to resume, of another training.
    """
    started = time.perf_counter()
    learnable = with_minimum_count(gold, settings.minimum_label_count)
    _check_learnable(corpus, gold, learnable, settings)
    begin(gold, settings)

    def build() -> Model:
        return model_class(settings.model)(settings.model_settings, settings.seed)

    held_out = held_out_scores(build, learnable, settings.tuning, settings.seed)
    calibration, decision = fit_predictions(held_out, gold, settings)
    model, learned = held_out.kept or (_fitted(build, settings.model, learnable), learnable)
    manifest = {
        "scixtag": __version__,
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "settings": settings.to_document(),
        "model": _model_facts(model, settings),
        "vocabulary": _vocabulary_facts(gold.vocabulary),
        "training": _training_facts(corpus, gold, learned, papers_read),
        "tuning": {"source": held_out.source, "metrics": _tuning_metrics(held_out, gold, calibration, decision)},
        "versions": {name: version(name) for name in _PACKAGES} | {"python": platform.python_version()},
    }
    seen = np.stack([np.sort(id_hashes(gold)), np.sort(text_hashes(gold))])
    papers = KeptPapers.of(learned) if settings.keep_papers else None
    tagger = Tagger(model, gold.vocabulary, calibration, decision, manifest, gold.label_counts, seen, papers)
    described = _with_reference(tagger, held_out, gold, settings.seed)
    manifest["cost"] = {"seconds": round(time.perf_counter() - started, 2), "peak_memory_mb": peak_memory_mb()}
    return described


def _with_reference(tagger: Tagger, held_out: HeldOut, gold: Examples, seed: int) -> Tagger:
    """What new papers will be compared with: predictions on training papers by models that saw them are too sure."""
    texts = gold.take(held_out.rows).texts
    with progress.stage("describing the training papers, for `scixtag drift`", 1) as advance:
        answers = tagger.answers_from(calibrated(held_out.scores, tagger.calibration), texts)
        reference = reference_of(gold, HeldOutAnswers(*answers), seed)
        advance(1)
    return replace(tagger, reference=reference)


def _fitted(build: BuildModel, name: str, papers: Examples) -> Model:
    with progress.stage(f"fitting {name} on {len(papers):,} papers", 1) as advance, workspace.part("final"):
        model = build().fit(papers)
        advance(1)
    return model


def _model_facts(model: Model, settings: TrainingSettings) -> dict[str, Any]:
    """The model's name, and the settings that it chose for this corpus where they are not those that were asked for."""
    chosen = {} if model.settings == settings.model_settings else {"chosen_settings": asdict(model.settings)}
    return {"name": settings.model, **chosen}


def _vocabulary_facts(vocabulary: Vocabulary) -> dict[str, Any]:
    return {
        "title": vocabulary.title,
        "release": vocabulary.release,
        "fingerprint": vocabulary.fingerprint,
        "concepts": len(vocabulary),
    }


def _training_facts(corpus: Corpus, gold: Examples, learned: Examples, papers_read: int) -> dict[str, Any]:
    return {
        "source": source_name(corpus.source),
        "fold_left_out": f"{corpus.fold.number}/{corpus.fold.count}" if corpus.fold else None,
        "papers": len(gold),
        "papers_learned": len(learned),
        "labels": int((learned.label_counts > 0).sum()),
        "assignments": int(learned.targets.nnz),
        "fingerprint": fingerprint(gold),
        "papers_read": papers_read,
    }


def source_name(source: str) -> str:
    """Without the folders of the machine that trained it."""
    return source if is_sample(source) or source.startswith("hf:") else Path(source).name


def _check_learnable(corpus: Corpus, gold: Examples, learnable: Examples, settings: TrainingSettings) -> None:
    if len(gold) < 2:
        raise InputError(f"{corpus.source}: {len(gold)} labelled paper to train on; at least 2 are needed")
    if not learnable.label_counts.any():
        raise InputError(
            f"{corpus.source}: minimum_label_count = {settings.minimum_label_count}, but the most frequent concept "
            f"has {gold.label_counts.max()} papers; lower it"
        )


def _tuning_metrics(
    held_out: HeldOut, gold: Examples, calibration: Calibration, decision: Decision
) -> dict[str, float]:
    """What the tuning papers say; the set metrics are slightly flattered, for the rule was tuned on the same papers."""
    if not len(held_out.rows):
        return {}
    papers = gold.take(held_out.rows)
    probabilities = calibrated(held_out.scores, calibration)
    ancestors = ancestor_matrix(gold.vocabulary)
    answered, selected = in_form(decision.hierarchy, probabilities, decision.select(probabilities), ancestors)
    judgements = judge(
        answered,
        selected,
        papers.targets,
        papers.unknown,
        gold.label_counts,
        len(gold),
        ancestors,
    )
    once = judgements.unit_weights
    return {name: round(float(get_metric(name)(judgements, once)[0]), 4) for name in TUNING_METRICS}


def peak_memory_mb() -> int:
    """The largest resident size of this process so far, in MB; 0 where the system does not say (Windows)."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10))


def describe_training(tagger: Tagger) -> dict[str, Any]:
    """What to tell a person about a finished training."""
    training, tuning = tagger.manifest["training"], tagger.manifest["tuning"]
    learned = training["papers_learned"]
    return {
        "papers": training["papers"],
        **({} if learned == training["papers"] else {"of these, learned from": learned}),
        "labels": training["labels"],
        "tuned on": tuning["source"],
        "decision": tagger.manifest["settings"]["decision"]["rule"],
        **_describe_decision(tagger.decision),
        **tuning["metrics"],
    }


def _describe_decision(decision: Decision) -> dict[str, Any]:
    if decision.rule == "expected-f1":
        return {"true labels beside the candidates, a paper": round(decision.unlisted, 4)}
    if decision.rule == "top-k":
        return {"concepts a paper": decision.at_most}
    if decision.rule != "precision":
        own = (
            {}
            if decision.thresholds is None
            else {"the lowest of a concept": round(float(decision.thresholds.min()), 4)}
        )
        return {"threshold": round(decision.threshold, 4), **own}
    seen = decision.seen
    if "precision" not in seen:
        return {"threshold": "none is good enough: nothing will be selected"}
    return {
        "threshold": round(decision.threshold, 4),
        "selected are right": f"{seen['precision']:.1%} on the tuning papers, at least {seen['precision_bound']:.1%}",
        "true labels selected": f"{seen['recall']:.1%}",
        "papers with any": f"{seen['papers_with_any']:.1%}",
        "selected a paper": round(seen["mean_selected"], 4),
    }
