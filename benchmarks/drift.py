"""How often `scixtag drift` sees a drift where there is none, and whether it sees one where there is.

Where there is none: the papers are cut in random halves, run after run; a model learns from one half, and papers of the
other, few and many, are compared with it. Where there may be one: a model of the papers before a year, and those of
that year; a model of papers without a subject, and papers of which more and more are on it; and any other sources.
"""

import argparse
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from scixtag.corpus.fields import ANY_FIELDS, Fields
from scixtag.evaluation.drift.compare import ALPHA
from scixtag.evaluation.drift.report import DriftReport
from scixtag.vocabulary.concept import Vocabulary
from scixtag.vocabulary.hierarchy import Hierarchy
from scixtag.workflows.drift import drift
from scixtag.workflows.preparation import Corpus, vocabulary_for
from scixtag.workflows.settings import training_settings
from scixtag.workflows.tagger import Tagger
from scixtag.workflows.train import train


def main() -> None:
    """Run, and write Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="a Parquet file")
    parser.add_argument("--vocabulary", required=True)
    parser.add_argument("--model", default="centroid")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--sizes", type=int, nargs="+", default=[15, 50, 200, 600, 1200])
    parser.add_argument("--year", default="", help="compare papers whose id begins with it with earlier ones")
    parser.add_argument("--subject", help="a concept; papers with it or one below it are kept from a model")
    parser.add_argument("--others", nargs="*", default=[], help="sources to compare with a model of all papers")
    parser.add_argument("--output", type=Path, required=True, help="a Markdown file")
    arguments = parser.parse_args()
    vocabulary = vocabulary_for(str(arguments.source), arguments.vocabulary)
    papers = pq.read_table(arguments.source)
    lines = halves(papers, vocabulary, arguments.model, arguments.runs, arguments.sizes) if arguments.runs else []
    lines += ["| training papers | new papers | verdict |", "|---|---|---|"]
    if arguments.year:
        years = np.array([identifier[:4] for identifier in papers["bibcode"].to_pylist()])
        tagger = learned(papers.filter(pa.array(years < arguments.year)), vocabulary, arguments.model)
        told = compared(tagger, papers.filter(pa.array(years == arguments.year)))
        lines.append(f"| before {arguments.year} | {arguments.year} | {told.verdict} |")
    if arguments.subject:
        lines += mixtures(papers, vocabulary, arguments.model, arguments.subject)
    if arguments.others:
        tagger = learned(papers, vocabulary, arguments.model)
        for other in arguments.others:
            told = drift(tagger, other)
            lines.append(f"| all | {Path(other).name}, {told.papers['compared']:,} | {told.verdict} |")
    arguments.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def halves(papers: pa.Table, vocabulary: Vocabulary, model: str, runs: int, sizes: list[int]) -> list[str]:
    """A table: for each number of new papers, in how many runs what was said."""
    counts: dict[int, Counter[str]] = {size: Counter() for size in sizes}
    for run in range(runs):
        order = np.random.default_rng(run).permutation(papers.num_rows)
        middle = papers.num_rows // 2
        tagger = learned(papers.take(order[:middle]), vocabulary, model)
        for size in sizes:
            told = compared(tagger, papers.take(order[middle : middle + size]), seed=run)
            found = [*told.comparison.quantities, *told.comparison.distributions]
            counts[size]["alarm"] += told.level > 0
            counts[size]["strong"] += told.level > 1
            counts[size]["significant"] += any(change.p_adjusted <= ALPHA for change in found)
            counts[size]["concepts listed"] += bool(told.concepts)
            counts[size]["words listed"] += bool(told.words)
            counts[size].update(f"p of {change.name}" for change in found if change.p <= ALPHA)
        print(run, {size: dict(count) for size, count in counts.items()}, flush=True)
    names = list(dict.fromkeys(["alarm", "strong", "significant", "concepts listed", "words listed"]))
    names += sorted({name for count in counts.values() for name in count} - set(names))
    rows = [f"| {size} | " + " | ".join(str(counts[size][name]) for name in names) + " |" for size in sizes]
    return [
        f"{model}, {runs} runs",
        "",
        f"| new papers | {' | '.join(names)} |",
        "|---" * (len(names) + 1) + "|",
        *rows,
        "",
    ]


def mixtures(papers: pa.Table, vocabulary: Vocabulary, model: str, subject: str) -> list[str]:
    """Rows: 300 papers of which some are on a subject that none of 1,000 training papers was on."""
    top = vocabulary.resolve(subject)
    if top is None:
        raise SystemExit(f"no concept {subject}")
    hierarchy = Hierarchy(vocabulary)
    below = {top} | {column for column in range(len(vocabulary)) if top in hierarchy.ancestors(column)}
    labels = papers["verified_uat_ids"].to_pylist()
    on_it = np.array([any(vocabulary.resolve(label) in below for label in given) for given in labels])
    generator = np.random.default_rng(0)
    rest, those = generator.permutation(np.flatnonzero(~on_it)), generator.permutation(np.flatnonzero(on_it))
    tagger = learned(papers.take(rest[:1000]), vocabulary, model)
    rows = []
    for share in (0, 0.1, 0.2, 0.3, 0.5, 1):
        count = round(300 * share)
        told = compared(tagger, papers.take(np.concatenate([those[:count], rest[1000 : 1300 - count]])))
        rows.append(f"| 1,000 without {vocabulary[top].name} | 300, {share:.0%} of them on it | {told.verdict} |")
    return rows


def learned(papers: pa.Table, vocabulary: Vocabulary, model: str) -> Tagger:
    """A model of these papers."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "papers.parquet"
        pq.write_table(papers, path)
        return train(Corpus(str(path)), vocabulary, training_settings({"model": {"name": model}}, "benchmark"))


def compared(tagger: Tagger, papers: pa.Table, fields: Fields = ANY_FIELDS, seed: int = 0) -> DriftReport:
    """The report on these papers."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "papers.parquet"
        pq.write_table(papers, path)
        return drift(tagger, str(path), fields, seed=seed)


if __name__ == "__main__":
    main()
