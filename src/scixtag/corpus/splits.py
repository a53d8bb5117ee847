"""Seeded splits and folds that share out every label, not only the papers.

Iterative stratification: K. Sechidis, G. Tsoumakas, I. Vlahavas, "On the stratification of multi-label data", ECML PKDD
2011. The rarest label is shared out first, its papers one by one to the fold that lacks it most. Here a fold is full
when it has its share of papers, so that sizes are exact.
"""

import heapq
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.errors import InputError

Rows = npt.NDArray[np.int64]


def stratified_folds(targets: csr_array, folds: int, seed: int) -> Rows:
    """Share out papers among folds of equal size (to one paper) and nearly equal shares of every label.

    Args:
        targets: Binary indicator matrix (papers x labels); papers without labels are allowed.
        folds: How many, at least 2.
        seed: The same seed gives the same folds, whatever else draws random numbers.

    Returns:
        The fold of each paper, from 0 (papers,).

    Raises:
        InputError: Fewer than two folds, or fewer papers than folds.
    """
    papers = targets.shape[0]
    if folds < 2:
        raise InputError(f"{folds} folds: at least two are needed")
    if papers < folds:
        raise InputError(f"{folds} folds need at least as many papers; there are {papers}")
    sizes = [papers // folds + (fold < papers % folds) for fold in range(folds)]
    return _share_out(targets, [1 / folds] * folds, sizes, seed)


def stratified_split(targets: csr_array, fraction: float, seed: int) -> tuple[Rows, Rows]:
    """Hold out a fraction of the papers, and nearly that fraction of every label.

    A label of one paper stays with the rest, unless the fraction is over one half.

    Args:
        targets: Binary indicator matrix (papers x labels).
        fraction: In (0, 1); the number of papers is rounded, and at least one on either side.
        seed: As in `stratified_folds`.

    Returns:
        The rows of the rest and of the held-out papers, both rising.

    Raises:
        InputError: The fraction is out of range, or there are fewer than two papers.
    """
    papers = targets.shape[0]
    if not 0 < fraction < 1:
        raise InputError(f"a held-out fraction of {fraction}: it must lie between 0 and 1")
    if papers < 2:
        raise InputError(f"at least two papers are needed to hold some out; there are {papers}")
    held_out = min(max(round(papers * fraction), 1), papers - 1)
    parts = _share_out(targets, [1 - fraction, fraction], [papers - held_out, held_out], seed)
    return np.flatnonzero(parts == 0), np.flatnonzero(parts == 1)


def _share_out(targets: csr_array, shares: Sequence[float], sizes: Sequence[int], seed: int) -> Rows:
    """The part of each paper; `sizes` adds up to the papers."""
    random = np.random.default_rng(seed)
    papers, labels = targets.shape
    order = random.permutation(papers)
    shuffled = targets[order]
    by_label = shuffled.tocsc()
    sharing = _Sharing(
        labels_of=np.split(shuffled.indices, shuffled.indptr[1:-1]),
        counts=np.diff(by_label.indptr),
        shares=shares,
        sizes=sizes,
        ties=random.random(papers).tolist(),
    )
    priority = random.permutation(labels).tolist()
    queue = [(count, priority[label], label) for label, count in enumerate(sharing.remaining) if count]
    heapq.heapify(queue)
    while queue:
        count, _, label = heapq.heappop(queue)
        if count != sharing.remaining[label]:
            continue  # an entry from before some of its papers went
        start, end = by_label.indptr[label : label + 2]
        for changed in sharing.place(by_label.indices[start:end].tolist(), label):
            if sharing.remaining[changed]:
                heapq.heappush(queue, (sharing.remaining[changed], priority[changed], changed))
    sharing.place_unlabelled(random)
    parts = np.empty(papers, np.int64)
    parts[order] = sharing.part_of
    return parts


class _Sharing:
    """Who went where, and what each part still lacks."""

    def __init__(
        self,
        labels_of: Sequence[npt.NDArray[np.integer]],
        counts: npt.NDArray[np.integer],
        shares: Sequence[float],
        sizes: Sequence[int],
        ties: Sequence[float],
    ) -> None:
        self.remaining: list[int] = counts.tolist()
        self.part_of = [-1] * len(labels_of)
        self._labels_of = [labels.tolist() for labels in labels_of]
        self._lacking: list[list[float]] = np.outer(counts, shares).tolist()
        self._room = list(sizes)
        self._ties = ties

    def place(self, papers: Sequence[int], label: int) -> set[int]:
        """Share out the papers of a label that are still free; returns the labels that have fewer left."""
        changed: set[int] = set()
        for paper in papers:
            if self.part_of[paper] >= 0:
                continue
            part = self._neediest(self._lacking[label], self._ties[paper])
            self.part_of[paper] = part
            self._room[part] -= 1
            for carried in self._labels_of[paper]:
                self._lacking[carried][part] -= 1
                self.remaining[carried] -= 1
            changed.update(self._labels_of[paper])
        return changed

    def place_unlabelled(self, random: np.random.Generator) -> None:
        """Fill the room that is left with the papers that are left."""
        free = [paper for paper, part in enumerate(self.part_of) if part < 0]
        seats = random.permutation(np.repeat(np.arange(len(self._room)), self._room)).tolist()
        for paper, part in zip(free, seats, strict=True):
            self.part_of[paper] = part

    def _neediest(self, lacking: Sequence[float], tie: float) -> int:
        """The part with room that lacks the label most; then the one with most room; then any."""
        keys = [(lack, room) if room else (-np.inf, 0) for lack, room in zip(lacking, self._room, strict=True)]
        best = max(keys)
        equal = [part for part, key in enumerate(keys) if key == best]
        return equal[int(tie * len(equal))]
