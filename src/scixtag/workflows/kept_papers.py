"""Ids and titles of training papers, which a tagger keeps only if it was told to."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from scixtag.corpus.examples import Examples
from scixtag.errors import ModelError


@dataclass(frozen=True, eq=False)
class KeptPapers:
    """Training papers in the order in which the model saw them; a file is read when the first one is asked for.

    Attributes:
        source: A file that `save` wrote, or the papers' ids and titles.
    """

    source: Path | tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, train: Examples) -> "KeptPapers":
        """The papers that a model is fitted on."""
        return cls(tuple((paper, text.title) for paper, text in zip(train.ids, train.texts, strict=True)))

    def __getitem__(self, row: int) -> tuple[str, str]:
        """Id and title of a training paper.

        Raises:
            ModelError: The file is damaged.
        """
        try:
            return self._papers[row]
        except IndexError as error:
            raise self._damaged(error) from error

    def save(self, path: Path) -> None:
        """Write JSON: the ids, and the titles."""
        document = {"ids": [paper for paper, _ in self._papers], "titles": [title for _, title in self._papers]}
        path.write_text(json.dumps(document, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")

    @cached_property
    def _papers(self) -> tuple[tuple[str, str], ...]:
        if not isinstance(self.source, Path):
            return self.source
        try:
            document = json.loads(self.source.read_text(encoding="utf-8"))
            return tuple(
                (str(paper), str(title)) for paper, title in zip(document["ids"], document["titles"], strict=True)
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> ModelError:
        return ModelError(f"{self.source}: the kept training papers are damaged ({error!r}); train the model again")
