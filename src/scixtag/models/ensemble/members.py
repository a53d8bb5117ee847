"""The members of an ensemble: fitted on everything, and on all folds but one for scores of papers not seen."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag import progress, workspace
from scixtag.corpus.examples import Examples, fingerprint
from scixtag.corpus.text import Text
from scixtag.errors import ModelError, ScixtagError
from scixtag.models.base import Exportable, Model, ScoresNames
from scixtag.models.ensemble.cache import MemberCache, content_key
from scixtag.models.mentions import Mentions, NameFinder
from scixtag.models.tfidf import TfIdf, TfIdfSettings, tfidf_settings
from scixtag.models.tokens import ReadTexts, Tokens, read_texts
from scixtag.models.vector_model import VectorModel
from scixtag.predictions.scores import Scores

Members = Mapping[str, Model]
Rows = npt.NDArray[np.int64]


def fit_members(members: Members, train: Examples, validation: Examples | None, cache: MemberCache) -> dict[str, Model]:
    """Fit every member, or take it from the cache.

    Raises:
        ScixtagError: A member failed; the message names it.
    """
    content = (_content(train), _content(validation) if validation else "")
    keys = {name: content_key(model, "fitted", *content) for name, model in members.items()}
    fitted: dict[str, Model] = {}
    vectors = _SharedVectors(train)
    for name, model in progress.track(members.items(), "fitting members"):
        with _naming(name), workspace.part(name):
            kept = _cache_for(model, cache)
            found = kept.model(keys[name], type(model))
            fitted[name] = vectors.fit(model, validation) if found is None else found
            if found is None:
                kept.keep_model(keys[name], fitted[name])
    share_vectors(fitted)
    return fitted


def held_out_scores(
    build: Callable[[], Members], train: Examples, parts: Sequence[Rows], cache: MemberCache
) -> list[Scores]:
    """Each member's scores of papers that it did not learn from, part by part.

    Args:
        build: Makes unfitted members.
        train: All papers.
        parts: Rows of papers; those of a part are scored by members that were fitted on all other papers.
        cache: Scores kept from earlier times.

    Returns:
        For each member the scores of the papers of all parts, one part after the other.
    """
    scores: dict[str, list[Scores]] = {name: [] for name in build()}
    with progress.stage("members: held-out scores", len(parts) * len(scores)) as advance:
        for number, part in enumerate(parts, start=1):
            rest, held = train.take(np.setdiff1d(np.arange(len(train)), part)), train.take(part)
            content = (_content(rest), _content(held))
            vectors = _SharedVectors(rest)
            for name, model in build().items():
                key = content_key(model, "scores", *content)
                with _naming(name), workspace.part(f"fold-{number}"), workspace.part(name):
                    kept = _cache_for(model, cache)
                    found = kept.scores(key)
                    if found is None:
                        found = _checked(vectors.fit(model, None).scores(held.texts), len(held))
                        kept.keep_scores(key, found)
                scores[name].append(found)
                advance(1, name)
    return [Scores.concatenate(parts_of_member) for parts_of_member in scores.values()]


def fit_and_score(
    members: Members, train: Examples, parts: Sequence[Rows], finder: NameFinder, cache: MemberCache
) -> tuple[dict[str, Model], list[Scores]]:
    """Fit every member once, on all papers but some, and score these.

    Args:
        members: Unfitted.
        train: All papers.
        parts: Rows of the papers that are not learned from.
        finder: Finds names.
        cache: Members kept from earlier times.

    Returns:
        The fitted members, and for each the scores of the papers of all parts, one part after the other.
    """
    held = np.concatenate(parts)
    fitted = fit_members(members, train.take(np.setdiff1d(np.arange(len(train)), held)), None, cache)
    texts = train.take(held).texts
    return fitted, member_scores(fitted, texts, Reading.of(texts, finder))


class Reading(NamedTuple):
    """What was read from a batch of papers, once for all members and the ranker.

    Attributes:
        papers: Cut into words.
        finder: What found names in them.
        tokens: The words of names.
        mentions: The names.
    """

    papers: ReadTexts
    finder: NameFinder
    tokens: Tokens
    mentions: Mentions

    @classmethod
    def of(cls, texts: Sequence[Text], finder: NameFinder) -> Self:
        """Read a batch."""
        papers = read_texts(texts)
        tokens = finder.read(papers)
        return cls(papers, finder, tokens, finder.find_in(tokens))


def member_scores(members: Members, texts: Sequence[Text], reading: Reading) -> list[Scores]:
    """The scores of a batch by each member; equal vectors are made once, and the same names are looked for once.

    Args:
        members: By name.
        texts: The papers.
        reading: What was read from them.
    """
    made: dict[int, csr_array] = {}
    scores = []
    for name, model in members.items():
        with _naming(name):
            if isinstance(model, VectorModel) and (tfidf := model.tfidf_) is not None:
                if id(tfidf) not in made:
                    made[id(tfidf)] = tfidf.transform(reading.papers)
                scores.append(model.vector_scores(made[id(tfidf)]))
            elif isinstance(model, ScoresNames) and model.finder_ is reading.finder:
                scores.append(_checked(model.mention_scores(reading.mentions, len(texts)), len(texts)))
            else:
                scores.append(_checked(model.scores(texts), len(texts)))
    return scores


def share_names(members: Members, finder: NameFinder) -> None:
    """Let members that look for the names that `finder` looks for use it, too."""
    for model in members.values():
        if isinstance(model, ScoresNames) and model.finder_ is not None and model.finder_.equals(finder):
            model.finder_ = finder


def export_members(members: Members, *, int8: bool) -> dict[str, Model]:
    """The members for ONNX Runtime; those that have no network stay.

    Raises:
        ModelError: None has a network.
        ScixtagError: A member failed; the message names it.
    """
    if not any(isinstance(member, Exportable) for member in members.values()):
        raise ModelError(
            "no member of this ensemble has a network, so it needs neither torch nor an export; use its folder as it is"
        )
    exported = dict(members)
    for name, member in members.items():
        if isinstance(member, Exportable):
            with _naming(name):
                exported[name] = member.to_onnx(int8=int8)
    return exported


def save_members(members: Members, folder: Path) -> None:
    """Save each member in a folder of its own.

    Raises:
        ScixtagError: A member failed; the message names it.
    """
    for name, member in members.items():
        # A full disk is not the member's doing.
        with _naming(name, OSError):
            member.save(folder / name)


def _checked(scores: Scores, papers: int) -> Scores:
    """A member may be anybody's code."""
    if not isinstance(scores, Scores) or len(scores) != papers:
        what = f"{len(scores)} rows" if isinstance(scores, Scores) else type(scores).__name__
        raise ModelError(f"gives {what} for the scores of {papers} papers; see docs/add-a-model.md")
    return scores


def share_vectors(members: Members) -> None:
    """Let members that were fitted on the same papers, and make vectors in the same way, share what makes them."""
    made: list[TfIdf] = []
    for model in members.values():
        if isinstance(model, VectorModel) and model.tfidf_ is not None:
            model.tfidf_ = next((one for one in made if _equal(one, model.tfidf_)), model.tfidf_)
            made.append(model.tfidf_)


def _equal(one: TfIdf, other: TfIdf) -> bool:
    if tfidf_settings(one.settings) != tfidf_settings(other.settings):
        return False
    mine, yours = one.arrays(), other.arrays()
    return all(np.array_equal(mine[name], yours[name]) for name in mine)


class _SharedVectors:
    """The vectors of some papers, made once for all members that read them in the same way."""

    def __init__(self, train: Examples) -> None:
        self._train = train
        self._made: dict[TfIdfSettings, tuple[TfIdf, csr_array]] = {}

    def fit(self, model: Model, validation: Examples | None) -> Model:
        if not isinstance(model, VectorModel):
            return model.fit(self._train, validation)
        how = tfidf_settings(model.settings)
        if how not in self._made:
            tfidf = TfIdf(how)
            self._made[how] = tfidf, tfidf.fit_transform(self._train.texts)
        return model.fit_vectors(*self._made[how], self._train)


def _cache_for(model: Model, cache: MemberCache) -> MemberCache:
    """None for a model that starts from weights in a file or on a hub, which its settings only name."""
    return MemberCache.off() if hasattr(model.settings, "encoder") else cache


def _content(examples: Examples) -> str:
    return f"{fingerprint(examples)} {examples.vocabulary.fingerprint}"


@contextmanager
def _naming(member: str, passing: type[Exception] | tuple[()] = ()) -> Iterator[None]:
    """Say which member failed, which may be anybody's code; only our own errors, and `passing`, come out as such."""
    try:
        yield
    except ScixtagError as error:
        raise type(error)(f"member '{member}': {error}") from error
    except passing:
        raise
    except Exception as error:
        raise ModelError(f"member '{member}' failed: {type(error).__name__}: {error}") from error
