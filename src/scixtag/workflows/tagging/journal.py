"""The journal of a tagging: one line for everything that is on the disk and need not be done again."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from scixtag.corpus.readers.piece import Place
from scixtag.corpus.supply import Spot
from scixtag.workflows.tagging.shard import Outcome


class Entry(NamedTuple):
    """A finished shard, as `Outcome` tells it, and the spot of the input where it ends."""

    papers: int
    rejected: int
    unknown: int
    checksum: int
    size: int
    rejects_size: int
    part_checksum: int
    rejects_checksum: int
    end: Spot


class Assembled(NamedTuple):
    """How far the parts are put together: so many of them, in so many bytes."""

    parts: int = 0
    size: int = 0


class Journal:
    """What is done, in the order in which it was.

    Opening it drops a last line that is torn, as a power failure or a full disk leaves it.

    Args:
        path: The file; it need not be there.

    Attributes:
        entries: The finished shards by number.
        total: How many shards the input has; None until its end was met.
        assembled: How far each kind of parts is put together.
        placing: The output is complete and is being put in its place.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.entries: dict[int, Entry] = {}
        self.total: int | None = None
        self.assembled: dict[str, Assembled] = {}
        self.placing = False
        self._read()

    @property
    def prefix(self) -> int:
        """So many shards are finished from the first one on."""
        number = 0
        while number in self.entries:
            number += 1
        return number

    def start_of(self, shard: int) -> Spot:
        """Where a shard begins, if the one before it is finished."""
        return self.entries[shard - 1].end if shard else Spot()

    def sum_of(self, what: str) -> int:
        """The sum of a number over all finished shards."""
        return sum(getattr(entry, what) for entry in self.entries.values())

    def finished(self, outcome: Outcome, end: Spot) -> None:
        """A shard and its part are on the disk."""
        place = end.place or Place()
        self._append(
            {
                "shard": outcome.number,
                "papers": outcome.papers,
                "rejects": outcome.rejected,
                "unknown": outcome.unknown,
                "crc32": outcome.checksum,
                "bytes": outcome.size,
                "rejects_bytes": outcome.rejects_size,
                "part_crc32": outcome.part_checksum,
                "rejects_crc32": outcome.rejects_checksum,
                "end": [end.file, place.offset, place.row, place.line],
            }
        )

    def ended(self, total: int) -> None:
        """All shards are finished."""
        self._append({"total": total})

    def put_together(self, kind: str, assembled: Assembled) -> None:
        """Parts are in the whole, which is on the disk."""
        self._append({"assembled": kind, "parts": assembled.parts, "bytes": assembled.size})

    def place(self) -> None:
        """From now on the output is put in its place."""
        self._append({"placing": True})

    def forget(self, shard: int) -> None:
        """A part is not there, whatever the journal says."""
        del self.entries[shard]

    def _append(self, line: dict[str, Any]) -> None:
        with self._path.open("ab") as stream:
            stream.write(json.dumps(line).encode("ascii") + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        self._take(line)

    def _read(self) -> None:
        if not self._path.exists():
            return
        good = 0
        for line, size in _lines(self._path):
            self._take(line)
            good += size
        with self._path.open("r+b") as stream:
            stream.truncate(good)

    def _take(self, line: dict[str, Any]) -> None:
        if "shard" in line:
            file, offset, row, first = line["end"]
            self.entries[line["shard"]] = Entry(
                papers=line["papers"],
                rejected=line["rejects"],
                unknown=line["unknown"],
                checksum=line["crc32"],
                size=line["bytes"],
                rejects_size=line["rejects_bytes"],
                part_checksum=line["part_crc32"],
                rejects_checksum=line["rejects_crc32"],
                end=Spot(file, Place(offset, row, first)),
            )
        elif "total" in line:
            self.total = line["total"]
        elif "assembled" in line:
            self.assembled[line["assembled"]] = Assembled(line["parts"], line["bytes"])
        else:
            self.placing = line["placing"]


def _lines(path: Path) -> Iterator[tuple[dict[str, Any], int]]:
    """The whole lines up to the first that is not, and their sizes."""
    with path.open("rb") as stream:
        for line in stream:
            try:
                document = json.loads(line)
            except ValueError:
                return
            if not line.endswith(b"\n") or not isinstance(document, dict):
                return
            yield document, len(line)
