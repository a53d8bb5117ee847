"""How new papers differ from the papers that a tagger learned from."""

import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from scixtag import progress
from scixtag.corpus.examples import stable_hash
from scixtag.corpus.fields import ANY_FIELDS, Fields
from scixtag.corpus.record import Record
from scixtag.corpus.sample import is_sample
from scixtag.corpus.size import expected_papers
from scixtag.corpus.sources import read_records
from scixtag.corpus.text import Text, text_of
from scixtag.errors import InputError, ModelError
from scixtag.evaluation.bootstrap import REPLICATES
from scixtag.evaluation.drift.collector import Collector
from scixtag.evaluation.drift.compare import compare
from scixtag.evaluation.drift.distance import SIZES
from scixtag.evaluation.drift.reference import HeldOutAnswers, Reference
from scixtag.evaluation.drift.report import (
    FEW,
    DriftReport,
    changed_concepts,
    changed_words,
    drawn_distributions,
    most_frequent,
)
from scixtag.vocabulary.concept import ConceptId
from scixtag.workflows.tagger import Tagger

BATCH = 256


def drift(
    tagger: Tagger, source: str, fields: Fields = ANY_FIELDS, *, replicates: int = REPLICATES, seed: int = 0
) -> DriftReport:
    """Compare the papers of a source with the tagger's training papers, one batch at a time.

    Papers without text, papers that repeat another one's text, and training papers are counted and left out.

    Args:
        tagger: Trained by a scixtag that keeps a reference.
        source: `sample`, a file, a folder, or `hf:…`; labelled or not.
        fields: Which columns hold what.
        replicates: Of the bootstrap.
        seed: Of bootstrap and permutations.

    Raises:
        ModelError: The tagger's folder keeps no reference.
        InputError: The source cannot be read, or no paper is left to compare.
    """
    reference = kept_reference(tagger)
    collector = Collector(reference, seed)
    started = time.perf_counter()
    counts = _collect(tagger, source, fields, collector)
    seconds = time.perf_counter() - started
    if not collector.profile.papers:
        raise InputError(f"{source}: {_nothing_left(counts)}")
    found = compare(reference, collector.profile, collector.resampled, replicates=replicates, seed=seed)
    papers = {
        "read": counts["read"],
        "compared": collector.profile.papers,
        "without_text": counts["without_text"],
        "training_papers": counts["training_papers"],
        "repeated": counts["repeated"],
        "labelled": collector.profile.labelled,
    }
    return DriftReport(
        system={
            "model": tagger.manifest["model"]["name"],
            "source": source if is_sample(source) or source.startswith("hf:") else Path(source).name,
            "training_papers": reference.profile.papers,
            "training_papers_with_held_out_predictions": reference.profile.predicted,
            "papers_per_second": round(counts["read"] / max(seconds, 1e-9), 1),
        },
        papers=papers,
        comparison=found,
        concepts=changed_concepts(found.concepts, tagger.vocabulary),
        words=changed_words(found.words, reference.table),
        new_words=most_frequent(collector.new_words),
        new_word_count=len(collector.new_words),
        drawn=drawn_distributions(reference.profile, collector.profile),
        notes=tuple(_notes(papers, reference)),
        replicates=replicates,
        seed=seed,
    )


def kept_reference(tagger: Tagger) -> Reference:
    """What the tagger keeps of its training papers.

    Raises:
        ModelError: Nothing.
    """
    if tagger.reference is None:
        raise ModelError(
            "this model folder keeps nothing of its training papers to compare new ones with, for an earlier scixtag "
            "wrote it; train it again (`scixtag train`)"
        )
    return tagger.reference


def _collect(tagger: Tagger, source: str, fields: Fields, collector: Collector) -> Counter[str]:
    """Read, choose, tag and add, batch by batch; what became of the papers, by name."""
    counts: Counter[str] = Counter()
    seen: set[bytes] = set()
    records = read_records(source, fields)
    started = time.perf_counter()
    with progress.stage("comparing papers", expected_papers(source)) as advance:
        while batch := list(islice(records, BATCH)):
            counts["read"] += len(batch)
            chosen = list(_chosen(tagger, batch, seen, counts))
            if chosen:
                texts = [text for _, text in chosen]
                labels = [_labels(tagger, record.labels) for record, _ in chosen]
                collector.add(texts, HeldOutAnswers(*tagger.answers(texts)), labels)
            rate = counts["read"] / max(time.perf_counter() - started, 1e-9)
            advance(len(batch), f"{rate:,.0f} papers/s")
    return counts


def _chosen(
    tagger: Tagger, batch: list[Record], seen: set[bytes], counts: Counter[str]
) -> Iterator[tuple[Record, Text]]:
    """The papers that are new; the others are counted."""
    texts = [text_of(record) for record in batch]
    learned = tagger.learned_from([record.id for record in batch], texts)
    for record, text, known in zip(batch, texts, learned.tolist(), strict=True):
        digest = stable_hash(text.joined)
        if not text.joined:
            counts["without_text"] += 1
        elif known:
            counts["training_papers"] += 1
        elif digest in seen:
            counts["repeated"] += 1
        else:
            seen.add(digest)
            yield record, text


def _labels(tagger: Tagger, labels: tuple[ConceptId, ...] | None) -> tuple[list[int], int] | None:
    """Columns, and how many labels have none; None without labels."""
    if not labels:
        return None
    columns = {tagger.vocabulary.resolve(label) for label in dict.fromkeys(labels)}
    known = sorted(column for column in columns if column is not None)
    outside = sum(tagger.vocabulary.resolve(label) is None for label in dict.fromkeys(labels))
    return known, outside


def _nothing_left(counts: Counter[str]) -> str:
    if not counts["read"]:
        return "no papers; is the file empty?"
    if counts["without_text"] == counts["read"]:
        return (
            f"none of the {counts['read']:,} papers has a title or an abstract; "
            "name the columns with --title-field and --abstract-field"
        )
    return (
        f"no new papers: of the {counts['read']:,} read, {counts['training_papers']:,} are training papers of this "
        f"model and {counts['without_text']:,} have no text; compare papers that came later"
    )


def _notes(papers: dict[str, int], reference: Reference) -> Iterator[str]:
    if papers["training_papers"]:
        yield (
            f"{papers['training_papers']:,} of the {papers['read']:,} papers were training papers of this model, by id "
            "or by text; they are left out"
        )
    if papers["without_text"]:
        yield f"{papers['without_text']:,} papers with neither title nor abstract are left out"
    if papers["repeated"]:
        yield f"{papers['repeated']:,} papers that repeat the text of another are left out"
    if papers["compared"] < FEW:
        yield f"{papers['compared']:,} papers show large differences only: what is not told may be there all the same"
    if papers["compared"] < SIZES[0]:
        yield f"distances need {SIZES[0]} papers; words and concepts as a whole are not compared"
    if not reference.profile.predicted:
        yield (
            'predictions are not compared, for no training papers were held out (tuning.scheme = "none"); '
            "words and lengths are"
        )
