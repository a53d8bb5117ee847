"""What decisions changed: two taggers on the reviewed papers, beside what curators left there."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from scixtag.corpus.text import Text
from scixtag.review.desk import ReviewPaper
from scixtag.workflows.tagger import Tagger

_BATCH = 256


@dataclass(frozen=True)
class Against:
    """A tagger's sets beside the labels that curators left.

    Attributes:
        papers: How many.
        selected: Concepts in the tagger's sets.
        right: Of these, labels.
        labels: All that curators left.
    """

    papers: int = 0
    selected: int = 0
    right: int = 0
    labels: int = 0

    @property
    def f1(self) -> float | None:
        """2 right / (selected + labels), over all papers; None where there is neither."""
        both = self.selected + self.labels
        return 2 * self.right / both if both else None

    def with_paper(self, selected: frozenset[str], labels: frozenset[str]) -> "Against":
        """One paper more."""
        return Against(
            self.papers + 1,
            self.selected + len(selected),
            self.right + len(selected & labels),
            self.labels + len(labels),
        )


@dataclass(frozen=True)
class Change:
    """How the sets of two taggers differ in one concept.

    Attributes:
        uri: The concept.
        label: Its name in the second tagger's vocabulary, or else in the first one's.
        gained: Papers for which only the second selects it.
        lost: Papers for which only the first does.
        better: How many of these changes agree with the curators.
    """

    uri: str
    label: str
    gained: int
    lost: int
    better: int


@dataclass(frozen=True)
class Effect:
    """Two taggers on the same reviewed papers.

    Attributes:
        before: The first on all papers.
        after: The second on all papers.
        before_unseen: The first on the papers that neither has learned from.
        after_unseen: The second on these.
        learned_before: How many papers the first has learned from.
        learned_after: How many the second has; on these it is asked for what it was told.
        changes: Concepts, the most changed first.
    """

    before: Against
    after: Against
    before_unseen: Against
    after_unseen: Against
    learned_before: int
    learned_after: int
    changes: tuple[Change, ...]


def effect(papers: Iterable[ReviewPaper], before: Tagger, after: Tagger, most: int = 20) -> Effect:
    """Compare two taggers on papers that curators have finished.

    Args:
        papers: Of `desk.all_papers`.
        before: The one.
        after: The other.
        most: How many concepts to list.
    """
    found = Effect(Against(), Against(), Against(), Against(), 0, 0, ())
    gained: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    better: Counter[str] = Counter()
    for batch in _batches(papers):
        ids, texts = [paper.id for paper in batch], [paper.text for paper in batch]
        sets = [_sets(texts, tagger) for tagger in (before, after)]
        seen = [tagger.learned_from(ids, texts).tolist() for tagger in (before, after)]
        for row, paper in enumerate(batch):
            labels = frozenset(concept.uri for concept in paper.state.labels)
            one, other = sets[0][row], sets[1][row]
            found = _with(found, one, other, labels, (seen[0][row], seen[1][row]))
            gained.update(other - one)
            lost.update(one - other)
            better.update(((other - one) & labels) | ((one - other) - labels))
    names = {c.uri: c.name for tagger in (before, after) for c in tagger.vocabulary}
    order = sorted(gained.keys() | lost.keys(), key=lambda uri: (-gained[uri] - lost[uri], uri))
    changes = (Change(uri, names[uri], gained[uri], lost[uri], better[uri]) for uri in order[:most])
    return replace(found, changes=tuple(changes))


def _with(
    found: Effect, one: frozenset[str], other: frozenset[str], labels: frozenset[str], seen: tuple[bool, bool]
) -> Effect:
    unseen = not any(seen)
    return replace(
        found,
        before=found.before.with_paper(one, labels),
        after=found.after.with_paper(other, labels),
        before_unseen=found.before_unseen.with_paper(one, labels) if unseen else found.before_unseen,
        after_unseen=found.after_unseen.with_paper(other, labels) if unseen else found.after_unseen,
        learned_before=found.learned_before + seen[0],
        learned_after=found.learned_after + seen[1],
    )


def _batches(papers: Iterable[ReviewPaper]) -> Iterator[list[ReviewPaper]]:
    waiting = iter(papers)
    while batch := list(islice(waiting, _BATCH)):
        yield batch


def _sets(texts: Sequence[Text], tagger: Tagger) -> list[frozenset[str]]:
    answers = tagger.answers(texts)
    columns, selected = answers.probabilities.columns, answers.selected
    return [
        frozenset(tagger.vocabulary[column].uri for column in row[chosen].tolist())
        for row, chosen in zip(columns, selected, strict=True)
    ]
