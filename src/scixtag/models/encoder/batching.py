"""Papers to batches for the trainer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor
from torch.utils.data import Dataset

from scixtag.models.encoder.windows import Windows, padded


@dataclass(frozen=True, eq=False)
class Papers(Dataset[int]):
    """Papers as the trainer sees them: an item is its own number, and `Collator` looks the rest up.

    Attributes:
        windows: Their tokens.
        targets: Their labels (papers, labels of the network).
    """

    windows: Windows
    targets: csr_array

    def __len__(self) -> int:
        return len(self.windows)

    def __getitem__(self, row: int) -> int:
        return int(row)


@dataclass(frozen=True, eq=False)
class Collator:
    """Row numbers to tensors.

    The keys of a batch: `rows` (papers,), `targets` float32 (papers, labels), `sizes` (papers,) how many windows each
    paper has, `input_ids` and `attention_mask` (windows, longest). `rows` comes first, for the trainer takes the number
    of papers from the first tensor.
    """

    papers: Papers
    padding: int

    def __call__(self, rows: Sequence[int]) -> dict[str, Tensor]:
        """One batch."""
        windows = [self.papers.windows.of(row) for row in rows]
        numbers, mask = padded([window for each in windows for window in each], self.padding)
        targets = np.asarray(self.papers.targets[list(rows)].toarray(), dtype=np.float32)
        return {
            "rows": torch.tensor(list(rows)),
            "targets": torch.from_numpy(targets),
            "sizes": torch.tensor([len(each) for each in windows]),
            "input_ids": torch.from_numpy(numbers),
            "attention_mask": torch.from_numpy(mask),
        }
