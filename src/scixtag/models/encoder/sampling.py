"""Which papers an epoch shows, and in which order."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from torch.utils.data import Sampler

from scixtag.models.encoder.settings import SamplingSettings

_BATCHES_SORTED_TOGETHER = 50
"""The more, the less padding; the fewer, the less alike are the batches of two epochs."""

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.integer]


class PaperSampler(Sampler[int]):
    """The papers of an epoch, in an order that depends on nothing but the seed and the epoch.

    A paper is shown as often as its factor says, rounded down, and once more with a chance of what is left over. How
    many are shown once more is the same in all epochs (the sum of what is left over, rounded down), so all epochs are
    equally long. Each takes the next run of `batch_size` papers as a batch; only the last may be shorter.

    With `length_buckets`, papers are shuffled, 50 batches of them at a time are sorted by length and cut into batches,
    and the batches are shuffled. Inside a batch lengths rise, so that parts of a batch save padding as well.

    Args:
        factors: float64 (papers,), at least 1, from `repeat_factors`.
        lengths: Integers (papers,), in tokens or any unit; read only for `length_buckets`.
        batch_size: Papers of an update, over all devices and accumulation steps.
        settings: Only `length_buckets` is read.
        seed: At least 0.
    """

    def __init__(
        self, factors: Floats, lengths: Integers, batch_size: int, settings: SamplingSettings, seed: int
    ) -> None:
        super().__init__()
        self.lengths = np.asarray(lengths)
        self.batch_size = batch_size
        self.bucketed = settings.length_buckets
        self.seed = seed
        self.epoch = 0
        self._copies = np.floor(factors).astype(np.int64)
        self._chances = factors - self._copies
        # The small term: fractions such as 0.1 add up to a little less than the whole number that they mean.
        self._extra = int(self._chances.sum() + 1e-6)

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch, from 0, comes next."""
        self.epoch = epoch

    def __len__(self) -> int:
        return int(self._copies.sum()) + self._extra

    def __iter__(self) -> Iterator[int]:
        chance = np.random.default_rng([self.seed, self.epoch])
        shown = np.concatenate([np.repeat(np.arange(len(self._copies)), self._copies), self._drawn(chance)])
        order = chance.permutation(shown)
        return iter((self._buckets(order, chance) if self.bucketed else order).tolist())

    def _drawn(self, chance: np.random.Generator) -> Integers:
        """`_extra` different papers, each with a chance in proportion to its own.

        Systematic sampling (Madow 1949): chances in random order end to end on a line, and a comb of as many teeth as
        papers are wanted. Independent draws would change the number from epoch to epoch.
        """
        papers: Integers = chance.permutation(np.flatnonzero(self._chances))
        ends = np.cumsum(self._chances[papers])
        teeth = (chance.random() + np.arange(self._extra)) / max(self._extra, 1)
        struck = np.searchsorted(ends, teeth * ends[-1:], side="right")
        chosen: Integers = papers[np.minimum(struck, len(papers) - 1)]  # rounding may strike behind the last end
        return chosen

    def _buckets(self, order: Integers, chance: np.random.Generator) -> Integers:
        span = _BATCHES_SORTED_TOGETHER * self.batch_size
        parts = [order[start : start + span] for start in range(0, len(order), span)]
        by_length = np.concatenate(
            [order[:0], *(part[np.argsort(self.lengths[part], kind="stable")] for part in parts)]
        )
        whole = len(order) - len(order) % self.batch_size
        batches = by_length[:whole].reshape(-1, self.batch_size)
        return np.concatenate([chance.permutation(batches).ravel(), by_length[whole:]])
