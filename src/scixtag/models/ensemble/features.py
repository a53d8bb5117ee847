"""What the ranker is told about each pair of a paper and a candidate concept."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.models.ensemble.candidates import Candidates
from scixtag.models.ensemble.concepts import Usage
from scixtag.models.ensemble.kin import kin_columns
from scixtag.models.ensemble.knowledge import Knowledge
from scixtag.models.ensemble.ragged import Ragged
from scixtag.models.mentions import Mentions
from scixtag.models.tokens import Tokens
from scixtag.predictions.scores import Scores

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.integer]

_COMPANIONS = 6
_UNRANKED = 200.0


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
    """The features of all pairs: float32 (pairs, features); dense only in papers x concepts of the batch."""
    pairs, concepts = len(candidates), candidates.concepts
    columns: list[npt.NDArray[np.generic]] = []
    listed, leading = np.zeros(pairs, np.float32), np.zeros(pairs, np.float32)
    for scores in evidence.members:
        values, ranks = _looked_up(scores, candidates)
        best = scores.values[:, 0] if scores.values.shape[1] else np.zeros(len(scores), np.float32)
        best = best[candidates.papers]
        columns += [values, values / np.maximum(best, 1e-9), ranks, best]
        listed += ranks < _UNRANKED
        leading += ranks < 10
    blend = _blend(evidence.members, candidates.shape)
    mixed = Scores.from_dense(blend)
    values, ranks = _looked_up(mixed, candidates)
    columns += [values, ranks, listed, leading]
    columns += _mention_columns(candidates, evidence.mentions)
    columns += knowledge.names.overlaps(candidates, evidence.tokens)
    columns.append(_text_lengths(evidence.tokens)[candidates.papers])
    columns += kin_columns(candidates, blend, evidence.mentions, knowledge.places)
    columns += _company_columns(candidates, mixed, knowledge.usage)
    places = knowledge.places
    columns += [np.log1p(knowledge.usage.counts)[concepts], places.depths[concepts], places.children.lengths[concepts]]
    columns += [places.names[concepts], places.words[concepts]]
    return np.stack([np.asarray(column, dtype=np.float32) for column in columns], axis=1)


def _looked_up(scores: Scores, candidates: Candidates) -> tuple[Floats, Floats]:
    """The value and the rank of each pair in a member's scores; 0 and `_UNRANKED` where it is not listed."""
    width = scores.columns.shape[1]
    rows, places = np.nonzero(scores.listed)
    dense = np.full(candidates.shape, width, np.int32)
    dense[rows, scores.columns[rows, places]] = places
    ranks = dense[candidates.papers, candidates.concepts]
    values = np.append(scores.values, np.zeros((len(scores), 1), np.float32), axis=1)[candidates.papers, ranks]
    return values, np.where(ranks < width, ranks, _UNRANKED).astype(np.float32)


def _blend(members: Sequence[Scores], shape: tuple[int, int]) -> Floats:
    blend = np.zeros(shape, np.float32)
    for scores in members:
        rows, places = np.nonzero(scores.listed)
        relative = scores.values[rows, places] / scores.values[rows, 0] if len(rows) else 0
        blend[rows, scores.columns[rows, places]] += relative / np.float32(len(members))
    return blend


def _mention_columns(candidates: Candidates, mentions: Mentions) -> list[npt.NDArray[np.generic]]:
    width = candidates.shape[1]
    keys, wanted = mentions.papers * width + mentions.concepts, candidates.papers * width + candidates.concepts
    places = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    found = keys[places] == wanted if len(keys) else np.zeros(len(wanted), bool)

    def at(values: npt.NDArray[np.generic], absent: float) -> Floats:
        result = np.full(len(wanted), absent, np.float32)
        result[found] = values[places[found]]
        return result

    named = np.bincount(mentions.papers, minlength=candidates.shape[0])[candidates.papers]
    fields = [(mentions.in_title, 0), (mentions.preferred, 0), (mentions.words, 0), (mentions.mentions, 0)]
    return [*(at(*field) for field in fields), at(mentions.place, 2), at(mentions.rivals, -1), named]


def _company_columns(candidates: Candidates, mixed: Scores, usage: Usage) -> list[npt.NDArray[np.generic]]:
    """How often candidates go with the best few of the paper: weighed by their blend, and the closest one."""
    best = mixed.best(_COMPANIONS)
    rows, places = np.nonzero(best.listed)
    weights = csr_array((best.values[rows, places], (rows, best.columns[rows, places])), shape=candidates.shape)
    together = np.zeros(candidates.shape, np.float32)
    product = csr_array(weights @ usage.company)
    owners = np.repeat(np.arange(candidates.shape[0]), np.diff(product.indptr))
    together[owners, product.indices] = product.data
    company = Ragged(usage.company.indptr, np.arange(usage.company.nnz)).take(best.columns[rows, places])
    papers, others = rows[company.owners], usage.company.indices[company.items]
    closest = np.zeros(candidates.shape, np.float32)
    np.maximum.at(closest, (papers, others), usage.company.data[company.items])
    return [values[candidates.papers, candidates.concepts] for values in (together, closest)]


def _text_lengths(tokens: Tokens) -> Floats:
    papers = (len(tokens.offsets) - 1) // 2
    lengths = np.diff(tokens.offsets)
    words: Floats = np.log1p(lengths[:papers] + lengths[papers:]).astype(np.float32)
    return words
