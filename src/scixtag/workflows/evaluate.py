"""Evaluate a tagger on labelled papers."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from scixtag import progress
from scixtag.corpus.examples import Examples
from scixtag.evaluation.judgements import Judgements, judge
from scixtag.evaluation.report import Report
from scixtag.evaluation.report import evaluate as report_on
from scixtag.predictions.calibration import Identity
from scixtag.predictions.closure import SetForm
from scixtag.predictions.decision import UNFITTED_RULES, Decision, Mask
from scixtag.predictions.scores import Scores
from scixtag.workflows.evidence import concepts_to_explain, evidence_for
from scixtag.workflows.preparation import Corpus, evaluation_examples
from scixtag.workflows.tag import decision_at
from scixtag.workflows.tagger import Tagger
from scixtag.workflows.train import peak_memory_mb

BATCH = 512


@dataclass(frozen=True)
class Evaluation:
    """A tagger's answers on labelled papers.

    Attributes:
        judgements: Answers beside the truth.
        seconds: For scoring, without reading.
        overlap: How many of the papers were training papers, by id or by text.
    """

    judgements: Judgements
    seconds: float
    overlap: int


def answer_papers(tagger: Tagger, examples: Examples, decision: Decision | None = None) -> tuple[Scores, Mask]:
    """The tagger's probabilities and sets for all papers (papers, k), in batches."""
    starts = range(0, len(examples), BATCH)
    with progress.stage("scoring papers", len(examples)) as advance:
        parts, masks = [], []
        for start in starts:
            texts = examples.texts[start : start + BATCH]
            probabilities, selected, _ = tagger.answers(texts, decision)
            parts.append(probabilities)
            masks.append(selected)
            advance(len(texts))
    whole = Scores.concatenate(parts)
    selected = np.zeros(whole.columns.shape, dtype=np.bool_)
    for start, mask in zip(starts, masks, strict=True):
        selected[start : start + len(mask), : mask.shape[1]] = mask
    return whole, selected


def judge_tagger(tagger: Tagger, examples: Examples, decision: Decision | None = None) -> Evaluation:
    """Score labelled papers and hold the answers against their labels.

    Args:
        tagger: The system.
        examples: The papers.
        decision: Another rule than the tagger's own.
    """
    started = time.perf_counter()
    probabilities, selected = answer_papers(tagger, examples, decision)
    seconds = time.perf_counter() - started
    judgements = judge(
        probabilities,
        selected,
        examples.targets,
        examples.unknown,
        tagger.label_counts,
        tagger.manifest["training"]["papers"],
        tagger.ancestors,
    )
    return Evaluation(judgements, seconds, int(tagger.learned_from(examples.ids, examples.texts).sum()))


def evaluate(
    tagger: Tagger,
    corpus: Corpus,
    *,
    replicates: int = 1000,
    seed: int = 0,
    hierarchy: SetForm | None = None,
    explain: bool = False,
) -> Report:
    """Evaluate on the labelled papers of a corpus.

    Args:
        tagger: The system.
        corpus: Papers that it did not learn from.
        replicates: Bootstrap replicates for the intervals.
        seed: Of the bootstrap.
        hierarchy: In which form the sets are; None: the one that the tagger was trained for.
        explain: Say of the worst papers and of the first pairs of the audit why concepts are suggested, which takes
            some time for each.

    Raises:
        InputError: The corpus cannot be read, or holds no labelled paper.
    """
    examples, _ = evaluation_examples(corpus, tagger.vocabulary)
    decision = decision_at(tagger, None, hierarchy)
    evaluation = judge_tagger(tagger, examples, decision)
    if evaluation.overlap:
        progress.note(
            f"warning: {evaluation.overlap:,} of the {len(examples):,} papers were training papers of this model, "
            "so the numbers flatter it; evaluate on other papers, or on a fold that training left out (--fold)"
        )
    probabilities = tagger.calibration != Identity()
    wanted = concepts_to_explain(evaluation.judgements, examples, audited=probabilities) if explain else {}
    return report_on(
        evaluation.judgements,
        tagger.vocabulary,
        system=_system(tagger, corpus, decision, evaluation),
        probabilities=probabilities,
        thresholds=True,
        papers=examples,
        evidence=evidence_for(tagger, examples, wanted),
        replicates=replicates,
        seed=seed,
    )


def _system(tagger: Tagger, corpus: Corpus, decision: Decision, evaluation: Evaluation) -> dict[str, Any]:
    """What a report says of the tagger and of the circumstances."""
    manifest = tagger.manifest
    return {
        "model": manifest["model"]["name"],
        "source": corpus.source if corpus.fold is None else f"{corpus.source}, fold {corpus.fold.number}",
        "training_papers": manifest["training"]["papers"],
        "training_labels": manifest["training"]["labels"],
        "training_papers_in_this_set": evaluation.overlap,
        "decision": manifest["settings"]["decision"]["rule"],
        "threshold": round(decision.threshold, 4),
        "hierarchy": decision.hierarchy,
        "threshold_source": threshold_source(manifest),
        "seed": manifest["settings"]["seed"],
        "training_seconds": manifest["cost"]["seconds"],
        "papers_per_second": round(len(evaluation.judgements) / max(evaluation.seconds, 1e-9), 1),
        "peak_memory_mb": peak_memory_mb(),
    }


def threshold_source(manifest: dict[str, Any]) -> str:
    """On which papers the decision rule was fitted, in words."""
    rule = manifest["settings"]["decision"]["rule"]
    return "given by the configuration" if rule in UNFITTED_RULES else str(manifest["tuning"]["source"])
