"""Training papers from decisions: what curators accepted and added is in, what they rejected is out."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from scixtag import progress
from scixtag.corpus.examples import Examples
from scixtag.corpus.text import Text
from scixtag.errors import InputError
from scixtag.review.decisions import Standing
from scixtag.review.desk import ReviewPaper, all_papers
from scixtag.review.exchange_jsonl import event_document
from scixtag.review.store.database import Database
from scixtag.vocabulary.concept import Concept, Vocabulary
from scixtag.workflows.preparation import Corpus, training_part
from scixtag.workflows.settings import TrainingSettings
from scixtag.workflows.tagger import Tagger
from scixtag.workflows.train import train_on

_FEWEST = 2


@dataclass(frozen=True)
class Learned:
    """What decisions did to the training papers; a part of the model's manifest.

    Attributes:
        papers: Reviewed papers that are learned from.
        new: Of these, papers that SOURCE does not have, or not with labels.
        labels_added: Labels that papers of SOURCE have only now.
        labels_removed: Labels that papers of SOURCE have no longer.
        left_out: Reviewed papers that are not learned from, for they belong to the fold that is left out.
        unlabelled: Reviewed papers that are not learned from, for no label is left that the vocabulary holds.
        unknown: Labels of reviewed papers that the vocabulary does not hold.
        untouched: Labels of these that a model had selected and nobody spoke of; who said "done" let them stand.
        events: How many events stand behind all this.
        digest: Sixteen hexadecimal digits that change with any of them.
    """

    papers: int
    new: int
    labels_added: int
    labels_removed: int
    left_out: int
    unlabelled: int
    unknown: int
    untouched: int
    events: int
    digest: str

    def summary(self) -> str:
        """A line for people."""
        told = (
            f"decisions: {self.papers:,} reviewed papers are learned from, {self.new:,} of them new; papers of the "
            f"source gained {self.labels_added:,} labels and lost {self.labels_removed:,}"
        )
        others = (
            (self.untouched, "labels that a model had selected and nobody spoke of"),
            (self.left_out, "reviewed papers of the fold that is left out"),
            (self.unlabelled, "reviewed papers without a label"),
            (self.unknown, "labels that the vocabulary does not hold"),
        )
        return "; ".join([told, *(f"{what}: {count:,}" for count, what in others if count)])


def train_with_decisions(
    corpus: Corpus, vocabulary: Vocabulary, settings: TrainingSettings, database: Database
) -> Tagger:
    """Train on a corpus and on the papers of a database that curators have finished.

    Raises:
        InputError: The corpus cannot be read, or neither it nor the decisions bring labelled papers.
        ConfigError: The workspace is one to resume, of another training.
        ScixtagError: The database cannot be read; see `Database.open`.
    """
    part = training_part(corpus, vocabulary, may_lack_labels=True)
    gold, learned = amended(part.examples, part.left_out, all_papers(database, "done"))
    progress.note(learned.summary())
    if len(gold) < _FEWEST:
        raise _too_few(corpus, database, part.examples, gold)
    tagger = train_on(gold, settings, corpus, part.preparation.read)
    facts = {**tagger.manifest["training"], "review": asdict(learned)}
    return replace(tagger, manifest={**tagger.manifest, "training": facts})


def _too_few(corpus: Corpus, database: Database, before: Examples, after: Examples) -> InputError:
    return InputError(
        f"too few labelled papers to learn from: {corpus.source} has {len(before):,}, and with what was decided in "
        f"{database.name} there are {len(after):,}, where at least {_FEWEST} are needed; finish more papers at the "
        "desk, pass a SOURCE with labels, or name their column with --labels-field"
    )


def amended(gold: Examples, left_out: frozenset[str], papers: Iterable[ReviewPaper]) -> tuple[Examples, Learned]:
    """Training papers with what was decided.

    On a paper that the corpus has, decisions win over its labels, and labels that nobody decided on stay; who said
    "done" has seen what the model selected, and let it stand. A paper of the fold that is left out stays out, or the
    evaluation would ask for what was learned.

    Args:
        gold: Labelled papers.
        left_out: Ids of papers that must not be learned from.
        papers: Those that curators have finished.
    """
    merging = _Merging(gold, left_out)
    for paper in papers:
        merging.take(paper)
    return merging.examples(), merging.learned()


class _Merging:
    """Takes reviewed papers one by one."""

    def __init__(self, gold: Examples, left_out: frozenset[str]) -> None:
        self._gold = gold
        self._left_out = left_out
        self._rows = {paper: row for row, paper in enumerate(gold.ids)}
        self._labels = [set(_columns(gold.targets, row)) for row in range(len(gold))]
        self._new: list[tuple[str, Text, set[int]]] = []
        self._used: list[ReviewPaper] = []
        self._counts: Counter[str] = Counter()

    def take(self, paper: ReviewPaper) -> None:
        """Put it where it belongs, and count what that changes."""
        if paper.id in self._left_out:
            self._counts["left_out"] += 1
            return
        chosen, refused, unknown = decided_columns(paper, self._gold.vocabulary)
        self._counts["unknown"] += unknown
        row = self._rows.get(paper.id)
        if row is not None:
            self._change(row, chosen, refused)
        elif chosen and (text := paper.text).joined:
            self._new.append((paper.id, text, chosen))
        else:
            self._counts["unlabelled"] += 1
            return
        self._used.append(paper)
        self._counts["untouched"] += untouched(paper, self._gold.vocabulary)

    def _change(self, row: int, chosen: set[int], refused: set[int]) -> None:
        before = self._labels[row]
        after = (before - refused) | chosen
        self._counts["labels_added"] += len(after - before)
        self._counts["labels_removed"] += len(before - after)
        self._labels[row] = after

    def learned(self) -> Learned:
        """What was counted."""
        counts = {name: self._counts[name] for name in ("labels_added", "labels_removed", "left_out", "untouched")}
        emptied = sum(not columns for columns in self._labels)
        return Learned(
            papers=len(self._used) - emptied,
            new=len(self._new),
            unlabelled=self._counts["unlabelled"] + emptied,
            unknown=self._counts["unknown"],
            events=sum(len(paper.events) for paper in self._used),
            digest=events_digest(self._used),
            **counts,
        )

    def examples(self) -> Examples:
        """The training papers that have labels: those of the corpus in their order, then the new ones."""
        gold, new = self._gold, self._new
        rows = [sorted(columns) for columns in (*self._labels, *(columns for _, _, columns in new))]
        every = Examples(
            ids=gold.ids + tuple(paper for paper, _, _ in new),
            texts=gold.texts + tuple(text for _, text, _ in new),
            targets=_indicators(rows, gold.targets),
            unknown=np.concatenate([gold.unknown, np.zeros(len(new), np.int64)]),
            vocabulary=gold.vocabulary,
        )
        return every.take([row for row, columns in enumerate(rows) if columns])


def decided_columns(paper: ReviewPaper, vocabulary: Vocabulary) -> tuple[set[int], set[int], int]:
    """The columns of a paper's labels, those of what was refused, and how many labels the vocabulary does not hold."""
    chosen, refused = set(), set()
    unknown = 0
    for uri, standing in paper.state.standings.items():
        column = vocabulary.resolve(uri)
        if column is None:
            unknown += standing.counts
        elif _is_label(standing, vocabulary[column]):
            chosen.add(column)
        elif standing.status in ("rejected", "swapped"):
            refused.add(column)
    return chosen, refused, unknown


def untouched(paper: ReviewPaper, vocabulary: Vocabulary) -> int:
    """How many of a paper's labels a model selected and nobody spoke of; without those that the vocabulary lacks."""
    suggested = {uri: one for uri, one in paper.state.standings.items() if one.status == "suggested"}
    columns = ((standing, vocabulary.resolve(uri)) for uri, standing in suggested.items())
    return sum(column is not None and _is_label(standing, vocabulary[column]) for standing, column in columns)


def _is_label(standing: Standing, concept: Concept) -> bool:
    """Whether it counts; the vocabulary at hand may have deprecated what was in use when the model suggested it."""
    return standing.counts and not (standing.status == "suggested" and concept.deprecated)


def events_digest(papers: Iterable[ReviewPaper]) -> str:
    """Sixteen hexadecimal digits that change with any event of these papers, in whatever order they come."""
    lines = sorted(json.dumps([p.id, [event_document(e) for e in p.events]], sort_keys=True) for p in papers)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _columns(targets: csr_array, row: int) -> list[int]:
    found: list[int] = targets.indices[targets.indptr[row] : targets.indptr[row + 1]].tolist()
    return found


def _indicators(rows: list[list[int]], like: csr_array) -> csr_array:
    """A binary matrix as `Examples` wants it."""
    ends = np.cumsum([0, *map(len, rows)]).astype(like.indptr.dtype)
    indices = np.fromiter((column for row in rows for column in row), like.indices.dtype, count=int(ends[-1]))
    return csr_array((np.ones(len(indices), like.dtype), indices, ends), shape=(len(rows), like.shape[1]))
