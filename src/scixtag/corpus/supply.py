"""The papers of a source in pieces, for work that is dealt out and can be continued."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scixtag.corpus.fields import ANY_FIELDS, Fields
from scixtag.corpus.readers.paths import known_reader
from scixtag.corpus.readers.piece import Head, Piece, Place
from scixtag.corpus.sample import is_sample
from scixtag.corpus.sources import files_of
from scixtag.errors import InputError

_SHOWN = 5
_EVERYTHING = 1 << 30


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in a source a piece begins: in which of its files, and where in that one."""

    file: int = 0
    place: Place | None = None


@dataclass(frozen=True)
class Supply:
    """A source whose files were all looked at.

    Attributes:
        source: As users write it.
        heads: Of its files, in order; files without rows included.
        part: Of the embedded corpus, the part that is wanted; else empty.
    """

    source: str
    heads: tuple[Head, ...]
    part: str = ""

    @property
    def files(self) -> list[Path]:
        """In order."""
        return [head.path for head in self.heads]

    def cut(self, size: int, start: Spot = Spot()) -> Iterator[tuple[Piece, Spot]]:
        """The papers from a spot on, in pieces of at most `size` rows of one file, with the spots where they end.

        From where a piece of the same size ended, the same pieces come as without a start.

        Raises:
            InputError: A file cannot be read.
        """
        if self.part:
            yield from _cut_part(self.heads[0], self.part, size, start.place or Place())
            return
        for number, head in enumerate(self.heads[start.file :], start.file):
            if head.columns is None:
                continue
            place = start.place if number == start.file and start.place is not None else head.start
            for piece in known_reader(head.path).cut(head, size, place):
                yield piece, Spot(number, piece.end)


def supply_of(source: str, fields: Fields = ANY_FIELDS, *, labels: bool = True) -> Supply:
    """Look at the files of a source.

    Args:
        source: `sample`, a file, a folder, or `hf:…`.
        fields: Columns with unusual names.
        labels: Whether labels are of interest; if not, none can be wrong.

    Raises:
        InputError: The source does not exist, a file cannot be read or has no titles, or the files' columns differ.
        RemoteError: The hub did not answer.
    """
    files = files_of(source, fields)
    heads = [known_reader(path).look(path, fields) for path in files]
    _refuse_mixed(source, heads)
    part = source.partition(":")[2] if is_sample(source) else ""
    return Supply(source, tuple(head if labels else head.without_labels() for head in heads), part)


def _refuse_mixed(source: str, heads: list[Head]) -> None:
    """Files of one folder that keep ids, titles or abstracts in different columns are not of one kind."""
    kinds: dict[tuple[str, ...], list[Head]] = {}
    for head in heads:
        if head.columns is not None:
            kinds.setdefault(tuple((name or "").casefold() for name in head.names()[:3]), []).append(head)
    if len(kinds) < 2:
        return
    told = []
    for alike in kinds.values():
        identifier, title, abstract, _ = alike[0].names()
        files = ", ".join(head.path.name for head in alike[:_SHOWN])
        more = f" and {len(alike) - _SHOWN:,} more" if len(alike) > _SHOWN else ""
        columns = {"id": identifier, "title": title, "abstract": abstract}
        told.append(", ".join(f"{role}: {name or 'none'}" for role, name in columns.items()) + f" in {files}{more}")
    raise InputError(
        f"{source}: its files differ in their columns: {'; '.join(told)}. Rename columns so that all have the same, "
        "or tag the files one by one"
    )


def _cut_part(head: Head, part: str, size: int, start: Place) -> Iterator[tuple[Piece, Spot]]:
    """The papers of one part of the embedded corpus, which is small; places count them."""
    whole = next(known_reader(head.path).cut(head, _EVERYTHING, Place()))
    lines = [line for line in whole.content if isinstance(line, bytes) and json.loads(line)["part"] == part]
    for first in range(start.offset, len(lines), size):
        chosen = tuple(lines[first : first + size])
        begin, end = (Place(count, count + 1, count + 1) for count in (first, first + len(chosen)))
        yield Piece(head, begin, end, chosen), Spot(0, end)
