"""Texts to windows of token numbers, and windows to batches without much padding."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scixtag.corpus.text import Text
from scixtag.errors import ModelError
from scixtag.models.encoder.settings import NetworkSettings

TOKENIZER_FILE = "tokenizer.json"
_TOKENS_AT_ONCE = 8_192

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Windows:
    """The windows of some texts, text by text.

    Attributes:
        tokens: Token numbers of each window, special tokens included.
        starts: int64 (texts + 1,): the windows of text i are `tokens[starts[i]:starts[i + 1]]`; at least one each.
    """

    tokens: list[list[int]]
    starts: Integers

    def __len__(self) -> int:
        return len(self.starts) - 1

    def of(self, text: int) -> list[list[int]]:
        """The windows of one text."""
        return self.tokens[self.starts[text] : self.starts[text + 1]]

    def firsts(self, texts: Iterable[int]) -> "Windows":
        """Of these texts the first window alone."""
        tokens = [self.of(text)[0] for text in texts]
        return Windows(tokens, np.arange(len(tokens) + 1))

    @property
    def lengths(self) -> Integers:
        """Of each text the length of its longest window (texts,)."""
        sizes = np.array([len(window) for window in self.tokens], dtype=np.int64)
        return np.maximum.reduceat(sizes, self.starts[:-1]) if len(self) else sizes

    def highest(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Of values (windows, labels) the highest over each text's windows (texts, labels)."""
        highest: npt.NDArray[np.float32] = np.maximum.reduceat(values, self.starts[:-1], axis=0)
        return highest


class Tokenizer:
    """Cuts texts into windows with a tokenizer of the `tokenizers` library; needs neither torch nor transformers.

    Args:
        backend: A `tokenizers.Tokenizer`; its truncation and padding are set anew.
        settings: Length, number and overlap of windows.
        padding: The number of the padding token.
    """

    def __init__(self, backend: Any, settings: NetworkSettings, padding: int) -> None:
        self._backend = backend
        self._most = settings.windows
        self.padding = padding
        backend.no_padding()
        stride = settings.window_overlap if settings.windows > 1 else 0
        backend.enable_truncation(settings.max_length, stride=stride)

    @classmethod
    def from_folder(cls, folder: Path, settings: NetworkSettings, padding: int) -> "Tokenizer":
        """From a folder with tokenizer.json.

        Raises:
            ModelError: The file is damaged.
        """
        from tokenizers import Tokenizer as Backend

        try:
            backend = Backend.from_file(str(folder / TOKENIZER_FILE))
        except Exception as error:  # the library raises nothing more special
            raise ModelError(f"{folder}: {TOKENIZER_FILE} is damaged ({error}); train the model again") from error
        return cls(backend, settings, padding)

    @property
    def description(self) -> str:
        """All that decides about the tokens of a text."""
        return f"{self._backend.to_str()} {self._most} {self.padding}"

    def save(self, folder: Path) -> None:
        """Write what `from_folder` reads."""
        self._backend.save(str(folder / TOKENIZER_FILE))

    def windows(self, texts: Sequence[str]) -> Windows:
        """The windows of each text; a text that is too long for them loses its end."""
        tokens: list[list[int]] = []
        starts = [0]
        for first in self._backend.encode_batch(list(texts)):
            for window in [first, *first.overflowing][: self._most]:
                # An encoder without special tokens has nothing at all to read in an empty text.
                tokens.append(window.ids or [self.padding])
            starts.append(len(tokens))
        return Windows(tokens, np.array(starts, dtype=np.int64))


def joined(texts: Sequence[Text]) -> list[str]:
    """Title and abstract of each paper as one sequence."""
    return [text.joined for text in texts]


def padded(windows: Sequence[Sequence[int]], padding: int) -> tuple[Integers, Integers]:
    """Token numbers and attention mask (windows, longest)."""
    width = max(map(len, windows), default=0)
    numbers = np.full((len(windows), width), padding, dtype=np.int64)
    mask = np.zeros((len(windows), width), dtype=np.int64)
    for row, window in enumerate(windows):
        numbers[row, : len(window)] = window
        mask[row, : len(window)] = 1
    return numbers, mask


def batches(windows: Windows) -> Iterator[Integers]:
    """The windows' places, in batches of similar length and about the same number of tokens."""
    lengths = np.array([len(window) for window in windows.tokens], dtype=np.int64)
    order = np.argsort(lengths, kind="stable")
    start = 0
    while start < len(order):
        size = 1
        while start + size < len(order) and lengths[order[start + size]] * (size + 1) <= _TOKENS_AT_ONCE:
            size += 1
        yield order[start : start + size]
        start += size
