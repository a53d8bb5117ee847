"""Several models together: the candidates of all of them, ordered by what all of them say."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from scixtag import progress
from scixtag.corpus.examples import Examples
from scixtag.corpus.splits import stratified_folds
from scixtag.corpus.text import Text
from scixtag.errors import ModelError
from scixtag.models.base import CrossFitted, Model
from scixtag.models.ensemble.cache import MemberCache
from scixtag.models.ensemble.candidates import Candidates, unite
from scixtag.models.ensemble.features import Evidence, blended, feature_names, feature_topics, features
from scixtag.models.ensemble.knowledge import Knowledge
from scixtag.models.ensemble.members import (
    Reading,
    export_members,
    fit_and_score,
    fit_members,
    held_out_scores,
    member_scores,
    save_members,
    share_names,
    share_vectors,
)
from scixtag.models.ensemble.ranker import Lessons, Ranker, fit_rankers
from scixtag.models.ensemble.reasons import reasons
from scixtag.models.ensemble.record import RECORD_FEATURES
from scixtag.models.ensemble.settings import EnsembleSettings
from scixtag.models.explaining import explain_by
from scixtag.models.registry import model_class
from scixtag.models.storage import load_model, not_fitted, save_model
from scixtag.predictions.explanation import Explanation
from scixtag.predictions.scores import Scores
from scixtag.processes import cores

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

_MEMBERS = "members"

_FEWEST_A_FOLD = 2
_GROUPS = 5
_MOST_HELD_OUT = 0.2
_PAPERS_AT_ONCE = 512


class Ensemble:
    """Stacking (Wolpert 1992): members find candidates, and a ranker that saw their held-out scores orders these.

    The ranker is told of every pair of a paper and a candidate what each member says, how the concept's names stand in
    the text, what is said of the concepts around it, and how training papers use it. With too few papers for a ranker,
    the members' scores are averaged.

    Of a large corpus the settings become those that it was fitted with (`EnsembleSettings.for_corpus`).

    Attributes:
        members_: The fitted members by name, or None before `fit`.
        knowledge_: What is known of the concepts.
        ranker_: Orders candidates; None if there were too few papers to grow one.
    """

    Settings: ClassVar = EnsembleSettings

    def __init__(self, settings: EnsembleSettings | None = None, seed: int = 0) -> None:
        self.settings = self._asked = settings or EnsembleSettings()
        self.seed = seed
        self.members_: dict[str, Model] | None = None
        self.ranker_: Ranker | None = None

    def fit(self, train: Examples, validation: Examples | None = None) -> Self:
        """See `Model.fit`.

        Raises:
            ScixtagError: A member failed; the message names it.
        """
        self.cross_fit(train, validation)
        return self

    def cross_fit(self, train: Examples, validation: Examples | None = None) -> CrossFitted:
        """See `CrossFits.cross_fit`: members and ranker saw neither the paper's text nor its labels."""
        self.settings = self._asked.for_corpus(len(train), int((train.label_counts > 0).sum()))
        cache = MemberCache.of_user() if self.settings.cache else MemberCache.off()
        once = self.settings.recipe == "large"
        knowledge, parts = Knowledge.of(train), self._held_out(train) if once else self._parts(train)
        members: dict[str, Model] = {}
        if once and parts:
            members, scores = fit_and_score(self._build(), train, parts, knowledge.finder, cache)
        else:
            scores = held_out_scores(self._build, train, parts, cache)
        ranker, held_out = self._learn_to_rank(train, knowledge, parts, scores)
        self.members_ = members or fit_members(self._build(), train, validation, cache)
        self.knowledge_, self.ranker_ = knowledge, ranker
        share_names(self.members_, knowledge.finder)
        cache.make_room()
        return CrossFitted(np.concatenate([np.empty(0, np.int64), *parts]), held_out)

    @property
    def _threads(self) -> int:
        return min(self.settings.threads or cores(), cores())

    def _build(self) -> dict[str, Model]:
        return self.settings.build(self.seed)

    def _parts(self, train: Examples) -> list[Rows]:
        """The papers of the folds that the ranker learns from; none if there are too few papers for two folds."""
        folds = min(self.settings.folds, len(train) // _FEWEST_A_FOLD)
        if folds < self.settings.folds:
            least = self.settings.folds * _FEWEST_A_FOLD
            what = f"{folds} folds instead of {self.settings.folds}" if folds > 1 else "no ranker; members are averaged"
            papers = f"{len(train):,} papers are" if len(train) > 1 else "1 paper is"
            progress.note(f"{papers} too few for {self.settings.folds} folds (at least {least}): {what}")
        if folds < 2 or not train.targets.nnz:
            return []
        numbers = stratified_folds(train.targets, folds, self.seed)
        used = min(folds, max(2, math.ceil(self.settings.ranker_papers * folds / len(train))))
        most, random = max(1, self.settings.ranker_papers // used), np.random.default_rng(self.seed)
        parts = [np.flatnonzero(numbers == fold) for fold in range(used)]
        return [np.sort(random.choice(part, min(most, len(part)), replace=False)) for part in parts]

    def _held_out(self, train: Examples) -> list[Rows]:
        """Papers that no member is fitted on, drawn by lot, in as many parts as groups.

        Not in equal shares of every concept: a concept of few papers would have none among them, and the ranker would
        learn that such are never right; and of how often one is right in the other parts it would learn what is left
        for a paper.
        """
        members = ", ".join(dict(self.settings.taking_part()))
        if len(train) < _FEWEST_A_FOLD * _GROUPS or not train.targets.nnz:
            progress.note(f"the recipe for large corpora: {members}; no ranker for so few papers, members are averaged")
            return []
        number = min(self.settings.ranker_papers, int(len(train) * _MOST_HELD_OUT))
        progress.note(
            f"{len(train):,} papers with {(train.label_counts > 0).sum():,} concepts: the recipe for large corpora. "
            f"Its members, {members}, are fitted once, without {number:,} papers, from which the ranker "
            'learns; model.recipe = "small" is the other one'
        )
        drawn = np.random.default_rng(self.seed).permutation(len(train))[:number]
        return [np.sort(part) for part in np.array_split(drawn, _GROUPS) if len(part)]

    def _learn_to_rank(
        self, train: Examples, knowledge: Knowledge, parts: Sequence[Rows], scores: Sequence[Scores]
    ) -> tuple[Ranker | None, Scores]:
        """Grow the ranker, and order the papers of all parts by rankers that did not see them."""
        if not parts:
            return None, Scores.empty(0)
        lessons, candidates = self._lessons(train, knowledge, parts, scores)
        groups = (np.repeat(np.arange(len(parts)), [len(part) for part in parts]) % _GROUPS)[candidates.papers]
        right, fewest = np.bincount(groups[lessons.right], minlength=2), self.settings.leaf_pairs
        if right.sum() < fewest or right.max() == right.sum():
            # Trees of a single leaf would rank every candidate alike.
            progress.note(
                f"{right.sum():,} right candidates are too few to rank by (at least {fewest}, not all in one "
                "group of folds); members are averaged"
            )
            return None, blended(scores, len(train.vocabulary))
        size, threads = len(train.vocabulary), self._threads
        ranker, others = fit_rankers(lessons, groups, size, self.settings, self.seed, threads)
        values = np.zeros(len(candidates), np.float32)
        for group, other in enumerate(others):
            own = lessons.where(groups == group)
            values[groups == group] = other.probabilities(own.features, own.concepts)
        return ranker, candidates.scores(values)

    def _lessons(
        self, train: Examples, knowledge: Knowledge, parts: Sequence[Rows], scores: Sequence[Scores]
    ) -> tuple[Lessons, Candidates]:
        """What can be learned from each part, as seen by members and counts that do not know it."""
        lessons, candidates, start = [], [], 0
        for part in progress.track(parts, "what members say of papers that they did not see"):
            papers = train.take(part)
            known = knowledge.as_of(train, np.setdiff1d(np.arange(len(train)), part))
            own = [one.take(slice(start, start + len(part))) for one in scores]
            for block in _batches(len(part)):
                reading = Reading.of(papers.texts[block], known.finder)
                found, columns = self._look(reading, [one.take(block) for one in own], known)
                right = found.assigned(papers.targets[block])
                lessons.append(Lessons(columns, right, found.concepts, known.usage.counts[found.concepts]))
                candidates.append(found.shifted(start + block.start))
            start += len(part)
        return Lessons.concatenate(lessons), Candidates.concatenate(candidates, start)

    def _look(self, reading: Reading, scores: Sequence[Scores], knowledge: Knowledge) -> tuple[Candidates, Floats]:
        """The candidates of a batch, and their features."""
        candidates = unite(scores, self.settings.candidates, len(knowledge.usage.counts))
        return candidates, features(candidates, Evidence(scores, reading.mentions, reading.tokens), knowledge)

    def scores(self, texts: Sequence[Text]) -> Scores:
        """See `Model.scores`."""
        if self.members_ is None:
            raise not_fitted(self)
        return Scores.concatenate([self._batch(texts[block]) for block in _batches(len(texts))])

    def _batch(self, texts: Sequence[Text]) -> Scores:
        reading = Reading.of(texts, self.knowledge_.finder)
        scores = member_scores(self.members_ or {}, texts, reading)
        if self.ranker_ is None:
            return blended(scores, len(self.knowledge_.usage.counts))
        candidates, columns = self._look(reading, scores, self.knowledge_)
        return candidates.scores(self.ranker_.probabilities(columns, candidates.concepts))

    def explain(self, text: Text, concepts: npt.NDArray[np.integer]) -> list[Explanation]:
        """See `Explains.explain`: by what members offer, the names in the text, and the ranker's reasons."""
        if self.members_ is None:
            raise not_fitted(self)
        found = explain_by(self.members_.values(), text, concepts, self.knowledge_.finder)
        if self.ranker_ is None:
            return found
        reading = Reading.of([text], self.knowledge_.finder)
        scores = member_scores(self.members_, [text], reading)
        candidates, columns = self._look(reading, scores, self.knowledge_)
        topics = [*feature_topics([self.settings.model_of(name) for name in self.members_]), *RECORD_FEATURES.values()]
        why = reasons(self.ranker_, topics, candidates, columns, concepts)
        return [replace(one, reasons=own) for one, own in zip(found, why, strict=True)]

    def to_onnx(self, *, int8: bool) -> Self:
        """See `Exportable.to_onnx`: members that can be exported are, all else stays as it is.

        The ranker has learned from scores of the original members; in eight bits they say nearly the same.

        Raises:
            ModelError: Not fitted, or no member can be exported; a member's error names it.
        """
        if self.members_ is None:
            raise not_fitted(self)
        other = type(self)(self.settings, self.seed)
        other.knowledge_, other.ranker_ = self.knowledge_, self.ranker_
        other.members_ = export_members(self.members_, int8=int8)
        return other

    def save(self, folder: Path) -> None:
        """See `Model.save`."""
        if self.members_ is None:
            raise not_fitted(self)
        arrays = self.knowledge_.arrays() | (self.ranker_.arrays() if self.ranker_ else {})
        state = {
            "members": list(self.members_),
            "features": _told(self.members_),
            "boosters": self.ranker_.digests() if self.ranker_ else [],
        }
        save_model(folder, self, arrays, self.knowledge_.matrices(), **state)
        save_members(self.members_, folder / _MEMBERS)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `Model.load`."""
        model, state, arrays, matrices = load_model(cls, folder)
        model.knowledge_ = Knowledge.from_stored(arrays, matrices)
        model.ranker_ = Ranker.from_arrays(arrays, state["boosters"]) if state["boosters"] else None
        said = dict(model.settings.taking_part())
        # Not those that a later scixtag has by default.
        model.members_ = {
            name: model_class(said[name]["model"]).load(folder / _MEMBERS / name) for name in state["members"]
        }
        if _told(model.members_) != state["features"]:
            raise ModelError(f"{folder}: its ranker was told of other features than this scixtag knows; train it again")
        share_vectors(model.members_)
        share_names(model.members_, model.knowledge_.finder)
        return model


def _batches(papers: int) -> Iterator[slice]:
    for start in range(0, papers, _PAPERS_AT_ONCE):
        yield slice(start, min(start + _PAPERS_AT_ONCE, papers))


def _told(members: Iterable[str]) -> list[str]:
    """All that the ranker is told of a pair."""
    return [*feature_names(list(members)), *RECORD_FEATURES]
