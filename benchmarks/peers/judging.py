"""Answers to judgements, and the rows of the table: quality, differences from the reference, costs."""

import statistics
from dataclasses import dataclass, field
from typing import Any

from catalogue import OWN, REFERENCE, TUNED, Peer
from exchange import read_answers
from trial import Outcome, Papers

from scixtag.evaluation.bootstrap import intervals, paired_difference
from scixtag.evaluation.judgements import Judgements, judge
from scixtag.evaluation.metrics.registry import get_metric
from scixtag.predictions.decision import fixed_decision

METRICS = ("p@1", "p@5", "r@5", "ndcg@10", "psp@5", "micro_f1", "macro_f1", "sample_f1", "mean_set_size")

Outcomes = dict[str, dict[str, Outcome]]
"""By peer, then by fold."""


@dataclass(frozen=True)
class Row:
    """A peer with one way to decide sets, over all folds.

    Attributes:
        system: Its name in the table.
        folds: Which folds it was run on.
        threshold: Where the sets come from.
        metrics: Value and ends of the interval, by metric.
        differences: From the reference on the same folds, in the same form; empty if it was not run on them.
        costs: Means over folds; the largest memory.
        failure: Why there are no numbers; empty if there are.
    """

    system: str
    folds: tuple[str, ...]
    threshold: str
    metrics: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    differences: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    costs: dict[str, float | None] = field(default_factory=dict)
    failure: str = ""


def rows_of(peers: list[Peer], folds: list[Papers], outcomes: Outcomes, seed: int) -> list[Row]:
    """All rows for which something is known by now, the reference first.

    Args:
        peers: In the order of the rows.
        folds: Those that are to be run.
        outcomes: What came back by now.
        seed: Of the bootstrap.
    """
    rows: list[Row] = []
    reference: dict[str, Judgements] = {}
    for peer in peers:
        known = outcomes.get(peer.name, {})
        done = [papers for papers in folds if papers.fold in known]
        names = tuple(papers.fold for papers in done)
        failures = [f"fold {name}: {known[name].failure}" for name in names if known[name].failure]
        for decision in peer.decisions if done else ():
            system = peer.name if decision == peer.decisions[0] else f"{peer.name}, one threshold"
            if failures:
                rows.append(Row(system, names, "", failure="; ".join(failures)))
                continue
            parts = {papers.fold: judged(papers, known[papers.fold], decision) for papers in done}
            pooled = Judgements.concatenate(list(parts.values()))
            first = peer.name == REFERENCE and decision == peer.decisions[0]
            reference = parts if first else reference
            costs = _costs([known[name].facts for name in names], decision)
            threshold = _threshold(decision, [known[name].facts for name in names])
            metrics = {m: (i.value, i.low, i.high) for m, i in intervals(_metrics(), pooled, seed=seed).items()}
            comparable = not first and all(name in reference for name in names)
            same = [reference[name] for name in names] if comparable else []
            against = _differences(pooled, Judgements.concatenate(same), seed) if same else {}
            rows.append(Row(system, names, threshold, metrics, against, costs))
    return rows


def judged(papers: Papers, outcome: Outcome, decision: str) -> Judgements:
    """The answers to a fold, beside its labels."""
    scores, chosen = read_answers(outcome.answers, papers.test)
    if decision == OWN:
        assert chosen is not None  # `attempt` has looked
        selected = chosen
    else:
        threshold = outcome.facts["threshold"] if decision == TUNED else float(decision)
        selected = fixed_decision(threshold, 0, 0).select(scores)
    test, train = papers.test, papers.train
    return judge(scores, selected, test.targets, test.unknown, train.label_counts, len(train))


def _metrics() -> dict[str, Any]:
    return {name: get_metric(name) for name in METRICS}


def _differences(pooled: Judgements, reference: Judgements, seed: int) -> dict[str, tuple[float, float, float]]:
    found = {name: paired_difference(metric, pooled, reference, seed=seed) for name, metric in _metrics().items()}
    return {name: (d.value, d.low, d.high) for name, d in found.items()}


def _threshold(decision: str, facts: list[dict[str, Any]]) -> str:
    if decision == OWN:
        return "its own rule"
    if decision != TUNED:
        return f"{decision}, as written"
    return f"tuned: {', '.join(format(fold['threshold'], '.4f') for fold in facts)}"


def _costs(facts: list[dict[str, Any]], decision: str) -> dict[str, float | None]:
    def mean(*path: str) -> float:
        values = []
        for fold in facts:
            value: Any = fold
            for name in path:
                value = value[name]
            values.append(value)
        return statistics.fmean(values)

    return {
        "tuning s": mean("tuning", "seconds") if decision == TUNED else None,
        "training s": mean("training", "seconds"),
        "training CPU s": mean("training", "cpu_seconds"),
        "memory, training MB": max(fold["training"]["peak_memory_mb"] for fold in facts),
        "memory, tagging MB": max(fold["answering"]["peak_memory_mb"] for fold in facts),
        "model MB": mean("answering", "model_bytes") / 1e6,
        "papers/s": 1 / mean("answering", "seconds_a_paper"),
        "CPU ms a paper": 1000 * mean("answering", "cpu_seconds_a_paper"),
        "start s": mean("start_seconds"),
        "one paper ms": 1000 * mean("answering", "alone_seconds"),
        "load before": mean("load"),
    }
