"""What the ranker is told about each pair of a paper and a candidate concept."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scixtag.models.compiled import constant
from scixtag.models.ensemble.candidates import Candidates
from scixtag.models.ensemble.columns import Named, Pairs, Read, Said, fill_features
from scixtag.models.ensemble.knowledge import Knowledge
from scixtag.models.mentions import Mentions
from scixtag.models.tokens import Tokens
from scixtag.predictions.scores import Scores

Floats = npt.NDArray[np.float32]

TITLE, NAMES = "its name in the title", "its names in the text"
PAPERS, WORDS = "similar papers", "words of its papers"
SENSE = "the sense of the text"
CLOSE = "concepts close to it"
AGREEMENT, USE = "agreement of the models", "how often it is used"
PLACE, TEXT = "its place in the vocabulary", "the length of the text"

_MODEL_TOPICS = {"lexical": NAMES, "neighbours": PAPERS, "prior": USE, "embedding": SENSE, "encoder": SENSE}
"""What the scores of a member are about, by its model; those of all others are about words."""
_OF_MEMBERS = ("score", "share of its best", "rank", "best")
_OTHERS = {
    **dict.fromkeys(("blend: score", "blend: rank", "listed by", "in top 10 of"), AGREEMENT),
    "title names it": TITLE,
    **dict.fromkeys(("by preferred name", "words named", "mentions", "first place", "rivals"), NAMES),
    "names in text": TEXT,
    "name overlap": NAMES,
    "name overlap in title": TITLE,
    "text length": TEXT,
    **dict.fromkeys((f"best of {kin}" for kin in ("parents", "children", "siblings", "related")), CLOSE),
    **dict.fromkeys((f"named: {kin}" for kin in ("parents", "children", "siblings")), CLOSE),
    **dict.fromkeys(("company of the best", "company: closest"), CLOSE),
    "training papers": USE,
    **dict.fromkeys(("depth", "children", "names", "words of name"), PLACE),
}
"""The features that are of no member, in order, and what each is about."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that was read from a batch of papers.

    Attributes:
        members: Each member's scores.
        mentions: The names that stand in the texts.
        tokens: The words of names in the texts, titles first.
    """

    members: Sequence[Scores]
    mentions: Mentions
    tokens: Tokens


def feature_names(members: Sequence[str]) -> list[str]:
    """The columns of `features`, in order."""
    return [f"{member}: {what}" for member in members for what in _OF_MEMBERS] + list(_OTHERS)


def feature_topics(models: Sequence[str]) -> list[str]:
    """What each column of `features` is about, in words for people.

    Args:
        models: The registered model that each member is.
    """
    of_members = [_MODEL_TOPICS.get(model, WORDS) for model in models for _ in _OF_MEMBERS]
    return of_members + list(_OTHERS.values())


def blended(members: Sequence[Scores], concepts: int) -> Scores:
    """The mean of all members' scores, each relative to the best one of its paper."""
    return Scores.from_dense(_blend(members, (len(members[0]), concepts)))


def features(candidates: Candidates, evidence: Evidence, knowledge: Knowledge) -> Floats:
    """The features of all pairs: float32 (pairs, features)."""
    papers, found = candidates.shape[0], evidence.mentions
    values = np.empty((len(candidates), len(_OF_MEMBERS) * len(evidence.members) + len(_OTHERS)), np.float32)
    pairs = Pairs(constant(candidates.starts, np.int64), constant(candidates.concepts, np.int64))
    named = Named(
        constant(np.searchsorted(found.papers, np.arange(papers + 1)), np.int64),
        constant(found.concepts, np.int64),
        constant(found.in_title, np.bool_),
        constant(found.preferred, np.bool_),
        constant(found.words, np.int64),
        constant(found.mentions, np.int64),
        constant(found.place, np.float32),
        constant(found.rivals, np.int64),
    )
    tokens = evidence.tokens
    ids, offsets = constant(tokens.ids, np.int32), constant(tokens.offsets, np.int64)
    read = Read(ids, offsets, constant(_text_lengths(tokens), np.float32))
    fill_features(pairs, _said(evidence.members), named, read, knowledge.known, values)
    return values


def _said(members: Sequence[Scores]) -> Said:
    width = max(scores.columns.shape[1] for scores in members)
    wide = [scores.widened(width) for scores in members]
    columns, values = np.stack([scores.columns for scores in wide]), np.stack([scores.values for scores in wide])
    return Said(constant(columns, np.int32), constant(values, np.float32))


def _blend(members: Sequence[Scores], shape: tuple[int, int]) -> Floats:
    blend = np.zeros(shape, np.float32)
    for scores in members:
        rows, places = np.nonzero(scores.listed)
        relative = scores.values[rows, places] / scores.values[rows, 0] if len(rows) else 0
        blend[rows, scores.columns[rows, places]] += relative / np.float32(len(members))
    return blend


def _text_lengths(tokens: Tokens) -> Floats:
    papers = (len(tokens.offsets) - 1) // 2
    lengths = np.diff(tokens.offsets)
    words: Floats = np.log1p(lengths[:papers] + lengths[papers:]).astype(np.float32)
    return words
