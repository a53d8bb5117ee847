"""Tagging one shard: what a worker does."""

import gzip
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from scixtag.corpus.readers.paths import read_piece
from scixtag.corpus.readers.piece import Piece, Rejected, excerpt
from scixtag.corpus.record import Record
from scixtag.errors import OutputError
from scixtag.workflows.tagging.target import Target, rejects_part
from scixtag.workflows.wanted import Wanted

if TYPE_CHECKING:
    from scixtag.workflows.tagging.answering import Answering

BATCH = 256
"""Papers that go through the model at once."""

PARTS = "parts"
REJECTS = "rejects"
AT = "at"
"""Folders in the one beside the output: finished parts, their rejected records, and who is at which record."""


@dataclass(frozen=True)
class Shard:
    """A shard to tag.

    Attributes:
        number: From 0, in the order of the input.
        piece: Its records.
        without: Records at which workers died, by their number in the piece, from 0, and how they died.
        careful: Tag one record at a time, and note each before.
    """

    number: int
    piece: Piece
    without: tuple[tuple[int, str], ...] = ()
    careful: bool = False


@dataclass(frozen=True)
class Outcome:
    """A shard that is tagged.

    Attributes:
        number: Which.
        papers: That were tagged.
        rejected: Records that could not be.
        unknown: Papers whose texts hold nothing that the model knows.
        checksum: Of what was read, a CRC-32.
        size: Of the part, in bytes.
        rejects_size: Of the rejected records' file; 0 where there is none.
        part_checksum: Of the part, a CRC-32.
        rejects_checksum: Of the rejected records' file.
        content: The part itself, where it is in no file.
        rejects: The rejected records, where they are in no file.
    """

    number: int
    papers: int
    rejected: int
    unknown: int
    checksum: int
    size: int
    rejects_size: int
    part_checksum: int
    rejects_checksum: int
    content: bytes = b""
    rejects: bytes = b""


@dataclass(frozen=True)
class TagJob:
    """What workers do with shards; see `scixtag.engines.base.Job`.

    Attributes:
        model: The tagger's folder.
        wanted: For each paper.
        target: In which form.
        folder: Where the parts go; None: into the outcomes.
    """

    model: Path
    wanted: Wanted
    target: Target
    folder: Path | None

    def start(self) -> "Tagging":
        """Load the tagger."""
        from scixtag.workflows.tagging.answering import Answering

        return Tagging(self, Answering(self.model, self.wanted, self.target.file_format, self.target.rows))


class Tagging:
    """Tags shards with a tagger that is loaded."""

    def __init__(self, job: TagJob, answering: "Answering") -> None:
        self._job = job
        self._answering = answering

    def __call__(self, shard: Shard) -> Outcome:
        """Tag a shard and write its part.

        Raises:
            OutputError: The part cannot be written.
        """
        items, checksum = read_shard(shard.piece)
        items = _without(items, shard.without)
        records = [item for _, item in items if isinstance(item, Record)]
        content, unknown = self._answering.rendered(self._batches(shard, items))
        rejected = [item for _, item in items if isinstance(item, Rejected)]
        told = b"".join(line_of(shard.piece.head.path.name, item) for item in rejected)
        if self._job.target.gzipped:
            content = gzip.compress(content, mtime=0)
        sizes, sums = (len(content), len(told)), (zlib.crc32(content), zlib.crc32(told))
        counts = (len(records), len(rejected), unknown, checksum)
        outcome = Outcome(shard.number, *counts, *sizes, *sums, content, told)
        return outcome if self._job.folder is None else self._written(outcome, self._job.folder)

    def _written(self, outcome: Outcome, folder: Path) -> Outcome:
        if outcome.rejects:
            _write(folder / REJECTS / rejects_part(outcome.number), outcome.rejects)
        _write(folder / PARTS / self._job.target.part(outcome.number), outcome.content)
        return replace(outcome, content=b"", rejects=b"")

    def _batches(self, shard: Shard, items: Sequence[tuple[int, Record | Rejected]]) -> Iterator[list[Record]]:
        if shard.careful and self._job.folder is not None:
            note = noted_at(self._job.folder, shard.number)
            for number, (_, item) in enumerate(items):
                if isinstance(item, Record):
                    note.write_text(str(number), encoding="ascii")
                    yield [item]
            note.unlink(missing_ok=True)
            return
        records = [item for _, item in items if isinstance(item, Record)]
        for start in range(0, len(records), BATCH):
            yield records[start : start + BATCH]


def noted_at(folder: Path, shard: int) -> Path:
    """The file that says at which record of a shard a careful worker is."""
    return folder / AT / f"{shard:06d}"


def read_shard(piece: Piece) -> tuple[list[tuple[int, Record | Rejected]], int]:
    """The records of a piece with the numbers of their rows, and a CRC-32 of what is to be tagged."""
    items = list(read_piece(piece))
    checksum = 0
    for _, item in items:
        parts = (
            (item.id, item.title, item.abstract or "")
            if isinstance(item, Record)
            else (item.place, item.reason, item.excerpt)
        )
        checksum = zlib.crc32("\0".join((*parts, "\n")).encode("utf-8", errors="surrogatepass"), checksum)
    return items, checksum


def _without(
    items: list[tuple[int, Record | Rejected]], without: tuple[tuple[int, str], ...]
) -> list[tuple[int, Record | Rejected]]:
    """With records that workers died of among the rejected ones."""
    for number, how in without:
        row, item = items[number]
        if isinstance(item, Record):
            shown = excerpt(" ".join(filter(None, (item.id, item.title, item.abstract))))
            items[number] = row, Rejected(row, f"the process ended while tagging it: {how}", shown)
    return items


def line_of(file: str, rejected: Rejected) -> bytes:
    """A line of a file with rejected records."""
    line = {} if rejected.line is None else {"line": rejected.line}
    told = {"file": file, "row": rejected.row, **line, "reason": rejected.reason, "excerpt": rejected.excerpt}
    return (json.dumps(told, ensure_ascii=False) + "\n").encode("utf-8", errors="backslashreplace")


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and on the disk before anybody says that it is done."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        # Another process raises it again, where its cause is no more.
        raise OutputError(error.strerror or str(error)) from error


def sync_folder(folder: Path) -> None:
    """See that the names of a folder's files are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
