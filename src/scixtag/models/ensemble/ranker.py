"""The ranker: boosted trees that tell right candidates from wrong ones."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from scixtag import progress
from scixtag.errors import ConfigError, ModelError
from scixtag.models.ensemble.settings import RankerSettings
from scixtag.processes import cores

if TYPE_CHECKING:
    from lightgbm import Booster

Floats = npt.NDArray[np.float32]

_BINS = 127


class Lessons(NamedTuple):
    """Pairs of a paper and a candidate that a ranker learns from.

    Attributes:
        features: float32 (pairs, features).
        right: bool (pairs,), whether the paper carries the concept.
        counts: int64 (pairs,), how many papers that the members had learned from carry the concept.
    """

    features: Floats
    right: npt.NDArray[np.bool_]
    counts: npt.NDArray[np.integer]

    def where(self, chosen: npt.NDArray[np.bool_]) -> "Lessons":
        """Only the chosen pairs."""
        return Lessons(self.features[chosen], self.right[chosen], self.counts[chosen])

    @classmethod
    def concatenate(cls, parts: Sequence["Lessons"]) -> "Lessons":
        """One batch of pairs after the other."""
        return cls(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


class Ranker:
    """Several LightGBM boosters of different seeds, averaged (Ke et al. 2017; binary log loss).

    Each booster is grown by one thread, several at a time, so that the result does not depend on their number.

    Args:
        boosters: Grown boosters.
    """

    def __init__(self, boosters: Sequence["Booster"]) -> None:
        self.boosters = list(boosters)

    def probabilities(self, features: Floats, threads: int) -> Floats:
        """The mean probability of each pair (pairs,)."""
        mean = np.zeros(len(features))
        for booster in self.boosters:
            # An empty batch is an error to LightGBM.
            mean += booster.predict(features, num_threads=threads) if len(features) else 0.0
        return (mean / len(self.boosters)).astype(np.float32)

    def contributions(self, features: Floats) -> Floats:
        """What each feature adds to the log-odds of each pair (pairs, features): TreeSHAP (Lundberg et al. 2020)."""
        each = [booster.predict(features, pred_contrib=True, num_threads=1) for booster in self.boosters]
        mean: Floats = np.mean(each, axis=0)[:, :-1].astype(np.float32)
        return mean

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The boosters in LightGBM's text format, for storage."""
        texts = [booster.model_to_string().encode() for booster in self.boosters]
        return {f"booster.{number}": np.frombuffer(text, np.uint8) for number, text in enumerate(texts)}

    def digests(self) -> list[str]:
        """A hash of each booster's text, for storage."""
        return [_digest(text) for text in self.arrays().values()]

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
        lightgbm = _lightgbm()
        try:
            return cls([lightgbm.Booster(model_str=text.tobytes().decode()) for text in texts])
        except lightgbm.basic.LightGBMError as error:
            raise ModelError(f"the stored ranker is of another LightGBM ({error}); train it again") from error


def fit_rankers(
    lessons: Lessons, groups: npt.NDArray[np.integer], settings: RankerSettings, seed: int, threads: int
) -> tuple[Ranker, list[Ranker]]:
    """A ranker of all pairs, and for each group of pairs one that did not see it.

    Args:
        lessons: The pairs.
        groups: int (pairs,), the group of each pair, from 0.
        settings: How boosters are grown.
        seed: Of the first booster; the others follow.
        threads: How many boosters are grown at once.
    """
    number = int(groups.max()) + 1
    # No group has the number -1: the first ranker sees all pairs.
    work = [(left_out, seed + k) for left_out in (-1, *range(number)) for k in range(settings.seeds)]

    def grow(task: tuple[int, int]) -> "Booster":
        left_out, own_seed = task
        return _grown(lessons, groups != left_out, settings, own_seed)

    boosters = []
    with ThreadPoolExecutor(threads or cores()) as pool:
        try:
            for booster in progress.track(pool.map(grow, work), "growing trees", len(work)):
                boosters.append(booster)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    rankers = [Ranker(boosters[i : i + settings.seeds]) for i in range(0, len(boosters), settings.seeds)]
    return rankers[0], rankers[1:]


def _grown(lessons: Lessons, wanted: npt.NDArray[np.bool_], settings: RankerSettings, seed: int) -> "Booster":
    lightgbm = _lightgbm()
    drawn = np.random.default_rng(seed).random(len(lessons.right)) < settings.negative_share
    seen = lessons.where(wanted & (lessons.right | drawn))
    positive = 1 + settings.rare_weight / np.sqrt(1 + seen.counts)
    weights = np.where(seen.right, positive, 1 / settings.negative_share)
    data = lightgbm.Dataset(seen.features, seen.right.astype(np.float32), weight=weights, params={"verbose": -1})
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
