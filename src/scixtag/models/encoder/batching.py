"""Papers to batches for the trainer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from scipy.sparse import csr_array
from torch import Tensor
from torch.utils.data import Dataset

from scixtag.models.encoder.windows import Windows, padded


class Paper(NamedTuple):
    """One paper.

    Attributes:
        row: Its number.
        windows: Token numbers of each of its windows.
        labels: The numbers of its labels.
    """

    row: int
    windows: list[list[int]]
    labels: npt.NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Papers(Dataset[Paper]):
    """Papers as the trainer sees them.

    Attributes:
        windows: Their tokens.
        targets: Their labels (papers, labels of the network).
    """

    windows: Windows
    targets: csr_array

    def __len__(self) -> int:
        return len(self.windows)

    def __getitem__(self, row: int) -> Paper:
        labels = self.targets.indices[self.targets.indptr[row] : self.targets.indptr[row + 1]]
        return Paper(row, self.windows.of(row), labels)


@dataclass(frozen=True)
class Collator:
    """Papers to tensors.

    The keys of a batch: `rows` (papers,), `targets` float32 (papers, labels), `sizes` (papers,) how many windows each
    paper has, `input_ids` and `attention_mask` (windows, longest). `rows` comes first, for the trainer takes the number
    of papers from the first tensor.

    Attributes:
        labels: How many labels the network has.
        padding: The padding token.
    """

    labels: int
    padding: int

    def __call__(self, papers: Sequence[Paper]) -> dict[str, Tensor]:
        """One batch."""
        numbers, mask = padded([window for paper in papers for window in paper.windows], self.padding)
        targets = torch.zeros(len(papers), self.labels)
        for place, paper in enumerate(papers):
            targets[place, torch.from_numpy(paper.labels.astype(np.int64))] = 1
        return {
            "rows": torch.tensor([paper.row for paper in papers]),
            "targets": targets,
            "sizes": torch.tensor([len(paper.windows) for paper in papers]),
            "input_ids": torch.from_numpy(numbers),
            "attention_mask": torch.from_numpy(mask),
        }
