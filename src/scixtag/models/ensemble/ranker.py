"""The ranker: boosted trees that tell right candidates from wrong ones."""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

import numpy as np
import numpy.typing as npt

from scixtag import progress
from scixtag.errors import ConfigError, ModelError
from scixtag.models.ensemble.forest import Forest
from scixtag.models.ensemble.record import Record, RecordByGroup
from scixtag.models.ensemble.settings import RankerSettings

if TYPE_CHECKING:
    from lightgbm import Booster

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.integer]
T = TypeVar("T")
R = TypeVar("R")

_BINS = 127

# Of the trees that say what was to be expected of a concept. Three times the rate, a third of the trees: what comes of
# it was as good as with the ranker's own trees. Without a weight for rare concepts, for they are to be probabilities.
_FIRST_ROUNDS, _FIRST_RATE = 60, 0.15


class Lessons(NamedTuple):
    """Pairs of a paper and a candidate that a ranker learns from.

    Attributes:
        features: float32 (pairs, features).
        right: bool (pairs,), whether the paper carries the concept.
        concepts: int64 (pairs,), columns of the vocabulary.
        counts: int64 (pairs,), how many papers that the members had learned from carry the concept.
    """

    features: Floats
    right: npt.NDArray[np.bool_]
    concepts: Integers
    counts: Integers

    def where(self, chosen: npt.NDArray[np.bool_]) -> "Lessons":
        """Only the chosen pairs."""
        return Lessons(self.features[chosen], self.right[chosen], self.concepts[chosen], self.counts[chosen])

    @classmethod
    def concatenate(cls, parts: Sequence["Lessons"]) -> "Lessons":
        """One batch of pairs after the other."""
        return cls(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


class Ranker:
    """Several LightGBM boosters of different seeds, averaged (Ke et al. 2017; binary log loss).

    Each booster is grown by one thread, several at a time, so that the result does not depend on their number.

    Args:
        texts: Grown boosters in LightGBM's text format.
        record: How concepts fared among the papers that the boosters were grown on.
        forest: The boosters once more, laid out for speed; None: to be made when it is needed.
    """

    def __init__(self, texts: Sequence[str], record: Record, forest: Forest | None = None) -> None:
        self.texts, self.record = list(texts), record
        self._forest = forest

    @cached_property
    def forest(self) -> Forest | None:
        """The boosters laid out for speed; None if their trees are of another kind than `Forest` knows."""
        return self._forest or Forest.of(self.texts)

    @cached_property
    def boosters(self) -> list["Booster"]:
        """The boosters as LightGBM reads them.

        Raises:
            ModelError: They are of another LightGBM.
        """
        lightgbm = _lightgbm()
        try:
            return [lightgbm.Booster(model_str=text) for text in self.texts]
        except lightgbm.basic.LightGBMError as error:
            raise ModelError(f"the stored ranker is of another LightGBM ({error}); train it again") from error

    def probabilities(self, features: Floats, concepts: Integers) -> Floats:
        """The mean probability of each pair (pairs,).

        Args:
            features: float32 (pairs, features), without the record's.
            concepts: int (pairs,), columns of the vocabulary.
        """
        told = self._told(features, concepts)
        if self.forest is not None:
            return self.forest.probabilities(told)
        mean = np.zeros(len(told))
        for booster in self.boosters:
            # An empty batch is an error to LightGBM.
            mean += booster.predict(told, num_threads=1) if len(told) else 0.0
        return (mean / len(self.boosters)).astype(np.float32)

    def contributions(self, features: Floats, concepts: Integers) -> Floats:
        """What each feature adds to the log-odds of each pair: TreeSHAP (Lundberg et al. 2020).

        Args:
            features: As in `probabilities`.
            concepts: As in `probabilities`.

        Returns:
            float32 (pairs, features), those of the record last.
        """
        told = self._told(features, concepts)
        each = [booster.predict(told, pred_contrib=True, num_threads=1) for booster in self.boosters]
        mean: Floats = np.mean(each, axis=0)[:, :-1].astype(np.float32)
        return mean

    def _told(self, features: Floats, concepts: Integers) -> Floats:
        return np.column_stack([features, self.record.features(concepts)])

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The record, and the boosters in LightGBM's text format and laid out, for storage."""
        return self._stored() | self.record.arrays() | (self.forest.arrays() if self.forest else {})

    def digests(self) -> list[str]:
        """A hash of each booster's text, for storage."""
        return [_digest(text) for text in self._stored().values()]

    def _stored(self) -> dict[str, npt.NDArray[np.uint8]]:
        return {f"booster.{number}": np.frombuffer(text.encode(), np.uint8) for number, text in enumerate(self.texts)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], digests: Sequence[str]) -> Self:
        """The inverse of `arrays` and `digests`.

        Raises:
            ModelError: What is stored is no booster.
        """
        texts = [arrays[f"booster.{number}"] for number in range(len(digests))]
        # LightGBM ends the whole process over some damaged texts.
        if [_digest(text) for text in texts] != list(digests):
            raise ModelError("the stored ranker is damaged; train it again")
        spelt = [text.tobytes().decode() for text in texts]
        return cls(spelt, Record.from_arrays(arrays), Forest.from_arrays(arrays))


def fit_rankers(
    lessons: Lessons, groups: Integers, size: int, settings: RankerSettings, seed: int, threads: int
) -> tuple[Ranker, list[Ranker]]:
    """A ranker of all pairs, and for each group of pairs one that did not see it.

    Args:
        lessons: The pairs.
        groups: int (pairs,), the group of each pair, from 0.
        size: The number of concepts in the vocabulary.
        settings: How boosters are grown.
        seed: Of the first booster; the others follow.
        threads: How many boosters are grown at once.
    """
    number = int(groups.max()) + 1
    records = _records(lessons, groups, (number, size), settings, seed, threads)
    work = [(left_out, seed + k) for left_out in range(number + 1) for k in range(settings.seeds)]

    def grow(task: tuple[int, int]) -> str:
        left_out, own_seed = task
        told = records[left_out].elsewhere(groups, lessons.concepts)
        return _grown(lessons, told, groups != left_out, settings, own_seed).model_to_string()

    texts = _side_by_side(grow, work, "growing trees", threads)
    each = [texts[i : i + settings.seeds] for i in range(0, len(texts), settings.seeds)]
    rankers = [Ranker(own, record.whole()) for own, record in zip(each, records, strict=True)]
    return rankers[-1], rankers[:-1]


def _records(
    lessons: Lessons, groups: Integers, shape: tuple[int, int], settings: RankerSettings, seed: int, threads: int
) -> list[RecordByGroup]:
    """For each group the record without it, and at last that of all groups; with fewer than three nobody has any."""
    if shape[0] < 3 or not settings.record:
        return [RecordByGroup.unknown(shape)] * (shape[0] + 1)
    records = []
    for left_out, expected in enumerate(_expected(lessons, groups, shape[0], settings, seed, threads)):
        # The last row leaves out none: no group has this number.
        seen = groups != left_out
        records.append(RecordByGroup(groups[seen], lessons.concepts[seen], lessons.right[seen], expected[seen], shape))
    return records


def _expected(
    lessons: Lessons, groups: Integers, number: int, settings: RankerSettings, seed: int, threads: int
) -> Floats:
    """The probability of each pair by trees that know no record and saw neither its group nor the one left out.

    Returns:
        float32 (groups + 1, pairs): a row for each group that is left out, of whose own pairs nothing is said, and at
        last one for none. Without a right pair in the others nothing is expected.
    """
    quick = replace(settings, rounds=_FIRST_ROUNDS, learning_rate=_FIRST_RATE, rare_weight=0.0)
    expected = np.zeros((number + 1, len(groups)), np.float32)
    work = [left_out for some in (1, 2) for left_out in combinations(range(number), some)]
    nothing = np.empty((len(groups), 0), np.float32)

    def predict(left_out: tuple[int, ...]) -> Floats:
        hidden = np.isin(groups, left_out)
        if not lessons.right[~hidden].any():
            return np.zeros(int(hidden.sum()), np.float32)
        booster = _grown(lessons, nothing, ~hidden, quick, seed)
        return np.asarray(booster.predict(lessons.features[hidden], num_threads=1), np.float32)

    for left_out, found in zip(work, _side_by_side(predict, work, "growing first trees", threads), strict=True):
        hidden = np.flatnonzero(np.isin(groups, left_out))
        for row in left_out if len(left_out) > 1 else (number,):
            own = groups[hidden] != row
            expected[row, hidden[own]] = found[own]
    return expected


def _side_by_side(do: Callable[[T], R], work: Sequence[T], name: str, threads: int) -> list[R]:
    """The results in the order of the work; several at a time, and no more are begun once one has failed."""
    results = []
    with ThreadPoolExecutor(threads) as pool:
        try:
            for result in progress.track(pool.map(do, work), name, len(work)):
                results.append(result)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return results


def _grown(
    lessons: Lessons, told: Floats, wanted: npt.NDArray[np.bool_], settings: RankerSettings, seed: int
) -> "Booster":
    """A booster of the wanted pairs; `told` (pairs, features) is what it learns of them beside the lessons."""
    lightgbm = _lightgbm()
    drawn = np.random.default_rng(seed).random(len(lessons.right)) < settings.negative_share
    chosen = wanted & (lessons.right | drawn)
    seen = lessons.where(chosen)
    positive = 1 + settings.rare_weight / np.sqrt(1 + seen.counts)
    weights = np.where(seen.right, positive, 1 / settings.negative_share)
    columns = np.column_stack([seen.features, told[chosen]])
    data = lightgbm.Dataset(columns, seen.right.astype(np.float32), weight=weights, params={"verbose": -1})
    booster: Booster = lightgbm.train(_parameters(settings, seed), data, settings.rounds)
    return booster


def _digest(text: npt.NDArray[Any]) -> str:
    return hashlib.sha256(text.tobytes()).hexdigest()


def _lightgbm() -> Any:
    """The package, whose messages go to Python's logging; by itself it writes them among the results on stdout."""
    try:
        import lightgbm
    except OSError as error:
        raise ConfigError(
            f"LightGBM cannot be loaded ({error}); it needs the OpenMP runtime: install libgomp1 (Debian, Ubuntu), "
            "libgomp (Fedora) or libomp (macOS, Homebrew), or choose another model with --model"
        ) from error
    lightgbm.register_logger(logging.getLogger("lightgbm"))
    return lightgbm


def _parameters(settings: RankerSettings, seed: int) -> dict[str, Any]:
    return {
        "objective": "binary",
        "learning_rate": settings.learning_rate,
        "num_leaves": settings.leaves,
        "min_data_in_leaf": settings.leaf_pairs,
        "feature_fraction": settings.feature_share,
        "bagging_fraction": settings.pair_share,
        "bagging_freq": 1,
        "lambda_l2": settings.l2,
        "max_bin": _BINS,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbose": -1,
    }
