"""How far curators agree with one another, and with the model as time goes by."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from scixtag.review.decisions import Event, fold
from scixtag.review.desk import ReviewPaper

Verdicts = Mapping[str, frozenset[str]]
"""By curator: the URIs of the labels that a paper should have."""


@dataclass(frozen=True)
class PairAgreement:
    """Two curators on the papers that both have finished.

    Attributes:
        first: The one.
        second: The other.
        papers: How many.
        concepts: How many decisions on a concept of a paper both made.
        observed: The share of these that are alike.
        kappa: Cohen's kappa of these (Cohen 1960, "A coefficient of agreement for nominal scales"); None where both
            always said the same of everything, which chance would do, too.
        mean_f1: The mean F1 of the two sets of labels; 1 where both are empty.
    """

    first: str
    second: str
    papers: int
    concepts: int
    observed: float
    kappa: float | None
    mean_f1: float


@dataclass(frozen=True)
class CuratorAgreement:
    """All curators on the papers that at least two have finished.

    Attributes:
        papers: How many.
        concepts: How many concepts of papers.
        alpha: Krippendorff's alpha for nominal data with missing values (Krippendorff 2011, "Computing Krippendorff's
            alpha-reliability", section C); None where nothing varies.
        pairs: By name.
    """

    papers: int
    concepts: int
    alpha: float | None
    pairs: tuple[PairAgreement, ...]


@dataclass(frozen=True)
class ModelWeek:
    """A model's suggestions on the papers that were finished in one week.

    Attributes:
        week: ISO 8601, such as "2026-W48".
        model: Its name.
        digest: Of its manifest.
        papers: How many were finished.
        selected: How many concepts its rule took.
        kept: How many of these are labels now.
        labels: How many labels the papers have now.
    """

    week: str
    model: str
    digest: str
    papers: int
    selected: int
    kept: int
    labels: int

    @property
    def precision(self) -> float | None:
        """The share of the selected concepts that curators kept."""
        return self.kept / self.selected if self.selected else None

    @property
    def added_per_paper(self) -> float:
        """How many labels a paper has that the model did not select."""
        return (self.labels - self.kept) / self.papers

    def to_document(self) -> dict[str, Any]:
        """Plain values for JSON, shares included."""
        return {**asdict(self), "precision": self.precision, "added_per_paper": self.added_per_paper}


def verdicts(paper: ReviewPaper) -> dict[str, frozenset[str]]:
    """What each curator who said "done" left on the paper: its labels after the last thing that they did.

    Notes do not count, nor what they took back themselves: it is as if it had never been. Whoever comes second sees
    what the first decided, so that agreement is what it is after a look at the other's work, and higher than that of
    people who do not know of one another.
    """
    return {
        who: frozenset(concept.uri for concept in fold(_left_by(who, paper.events), paper.suggestions).labels)
        for who in paper.state.done_by
    }


def _left_by(who: str, events: Sequence[Event]) -> list[Event]:
    """The events up to the last one of a curator, and what that curator took back of them later."""
    taken = {event.undoes: event for event in events if event.who == who and event.action == "undo"}
    own = (e.seq for e in events if e.who == who and e.action not in ("note", "undo") and e.seq not in taken)
    last = max(own)
    until = [event for event in events if event.seq <= last]
    return until + [undo for undo in taken.values() if undo.seq > last and (undo.undoes or 0) <= last]


def curator_agreement(papers: Iterable[ReviewPaper]) -> CuratorAgreement:
    """Agreement on what a paper's labels are.

    A decision is a yes or no to a concept that the model suggested or that one of the curators chose. Of what neither
    the model nor anybody else brought up, nobody decided anything, and counting it would make all agree.
    """
    decided: list[tuple[Verdicts, frozenset[str]]] = []
    for paper in papers:
        judged = verdicts(paper)
        if len(judged) > 1:
            listed = frozenset(suggestion.uri for suggestion in paper.suggestions)
            decided.append((judged, listed.union(*judged.values())))
    names = sorted({who for judged, _ in decided for who in judged})
    pairs = (_pair(first, second, decided) for first, second in combinations(names, 2))
    units = [[uri in chosen for chosen in judged.values()] for judged, concepts in decided for uri in concepts]
    return CuratorAgreement(len(decided), len(units), krippendorff_alpha(units), tuple(p for p in pairs if p.papers))


def _pair(first: str, second: str, decided: Iterable[tuple[Verdicts, frozenset[str]]]) -> PairAgreement:
    both = [(v[first], v[second]) for v, _ in decided if first in v and second in v]
    said = [(u in v[first], u in v[second]) for v, concepts in decided if first in v and second in v for u in concepts]
    observed = sum(one == other for one, other in said) / len(said) if said else 1.0
    mean_f1 = sum(set_f1(*sets) for sets in both) / len(both) if both else 1.0
    return PairAgreement(first, second, len(both), len(said), observed, cohen_kappa(said), mean_f1)


def set_f1(one: frozenset[str], other: frozenset[str]) -> float:
    """Twice the common members over all members of both sets; 1 if both are empty."""
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 1.0


def cohen_kappa(said: Sequence[tuple[bool, bool]]) -> float | None:
    """(observed - expected) / (1 - expected), expected by chance from how often each says yes.

    Args:
        said: What two people said of the same things.

    Returns:
        None if there is nothing, or if chance alone would make them agree.
    """
    if not said:
        return None
    count = len(said)
    first, second = (sum(pair[side] for pair in said) / count for side in (0, 1))
    expected = first * second + (1 - first) * (1 - second)
    observed = sum(one == other for one, other in said) / count
    return None if expected == 1 else (observed - expected) / (1 - expected)


def krippendorff_alpha(units: Iterable[Sequence[bool]]) -> float | None:
    """1 - observed / expected disagreement, of yes and no.

    Each ordered pair of values that different people gave to a unit counts 1 / (values of the unit - 1).

    Args:
        units: What was said of each thing, by however many; units with fewer than two values say nothing.

    Returns:
        None if all said the same of everything, or there is nothing.
    """
    yes = no = apart = 0.0
    for values in units:
        if len(values) < 2:
            continue
        agreed = sum(values)
        yes += agreed
        no += len(values) - agreed
        apart += 2 * agreed * (len(values) - agreed) / (len(values) - 1)
    if not yes or not no:
        return None
    total = yes + no
    return 1 - (total - 1) * apart / (2 * yes * no)


def model_weeks(papers: Iterable[ReviewPaper]) -> list[ModelWeek]:
    """How the suggestions of each model fared, by the week in which papers were finished last."""
    counts: dict[tuple[str, str, str], list[int]] = {}
    for paper in papers:
        if paper.state.progress != "done" or paper.origin is None:
            continue
        labels = {concept.uri for concept in paper.state.labels}
        selected = {suggestion.uri for suggestion in paper.suggestions if suggestion.selected}
        key = (_week(paper), paper.origin.model, paper.origin.digest)
        row = counts.setdefault(key, [0, 0, 0, 0])
        for place, more in enumerate((1, len(selected), len(selected & labels), len(labels))):
            row[place] += more
    return [ModelWeek(*key, *row) for key, row in sorted(counts.items())]


def _week(paper: ReviewPaper) -> str:
    done = [e.at for e in paper.events if e.action == "done" and e.seq not in paper.state.undone]
    year, week, _ = datetime.datetime.fromisoformat(done[-1]).isocalendar()
    return f"{year}-W{week:02}"
