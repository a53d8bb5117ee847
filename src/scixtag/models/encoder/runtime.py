"""What computes the logits of a trained encoder: torch, or ONNX Runtime."""

from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from scixtag.models.encoder.windows import Tokenizer, Windows


class Runtime(Protocol):
    """A trained network and its tokenizer.

    Attributes:
        kind: "torch" or "onnx".
        tokenizer: Texts to windows.
    """

    kind: ClassVar[str]
    tokenizer: Tokenizer

    def logits(self, windows: Windows) -> npt.NDArray[np.float32]:
        """The logit of every label (windows, labels)."""

    def save(self, folder: Path) -> None:
        """Write network and tokenizer into a folder."""
