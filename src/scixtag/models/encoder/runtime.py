"""What computes the logits of a trained encoder: torch, or ONNX Runtime."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from scixtag import progress
from scixtag.models.encoder.windows import Tokenizer, Windows

_SHOWN_FROM = 200


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


@contextmanager
def reading(windows: int) -> Iterator[Callable[[int], None]]:
    """Report the reading of so many windows if it takes long enough to be shown; gives what counts them."""
    if windows < _SHOWN_FROM:
        yield lambda _: None
        return
    with progress.stage("reading with the encoder", windows) as advance:
        yield advance
